//! Nodes that choose between branches, and the operators that they compare values with.
mod branches;
mod condition;
mod decimal;
mod operators;
mod switch;

pub use condition::ConditionNode;
pub use switch::SwitchNode;
