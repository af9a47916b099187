//! JavaScript in a sandbox: scripts, expressions, and the `{{ … }}` templates made of them.
mod globals;
mod path;
pub mod pattern;
mod problem;
mod sandbox;
pub mod template;
pub mod worker;

pub use globals::{GlobalValue, Globals, Group};
pub use problem::{ScriptProblem, ScriptProblemKind};
pub use sandbox::{LONGEST, Sandbox, ScriptLimits, ScriptResult};
pub use template::{ParseProblem, Template};
pub use worker::link::ARGUMENT;

#[cfg(test)]
mod tests;
