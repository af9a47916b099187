//! Nodes that wait for people.
mod approval;

pub use approval::{APPROVAL, ApprovalNode};
