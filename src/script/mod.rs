//! JavaScript in a sandbox: scripts, expressions, and the `{{ … }}` templates made of them.
#[cfg(unix)]
mod confine;
mod engine;
mod globals;
mod link;
mod pool;
mod problem;
mod sandbox;
mod task;
pub mod template;
mod wire;
pub mod worker;

pub use globals::{Globals, Group, Variable};
pub use link::ARGUMENT;
pub use problem::{Problem, ProblemKind};
pub use sandbox::{Limits, Ran, Sandbox};
pub use template::{ParseProblem, Template};

#[cfg(test)]
mod tests;
