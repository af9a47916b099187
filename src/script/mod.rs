//! JavaScript in a sandbox: scripts, expressions, and the `{{ … }}` templates made of them.
mod engine;
mod globals;
mod problem;
mod sandbox;
pub mod template;
mod weight;

pub use globals::{Globals, Group, Variable};
pub use problem::{Problem, ProblemKind};
pub use sandbox::{Limits, Ran, Sandbox};
pub use template::{ParseProblem, Template};
pub use weight::{held, held_once_parsed, weight};

#[cfg(test)]
mod tests;
