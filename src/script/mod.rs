//! JavaScript in a sandbox: scripts, expressions, and the `{{ … }}` templates made of them.
mod globals;
mod path;
pub mod pattern;
mod problem;
mod sandbox;
pub mod template;
pub mod worker;

pub use globals::{Globals, Group, Variable};
pub use problem::{Problem, ProblemKind};
pub use sandbox::{LONGEST, Limits, Ran, Sandbox};
pub use template::{ParseProblem, Template};
pub use worker::link::ARGUMENT;

#[cfg(test)]
mod tests;
