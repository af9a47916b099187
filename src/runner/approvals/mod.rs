//! Approvals: who may answer, and how an answer reaches its run.
mod answers;
mod approvers;

pub use answers::ApprovalAnswer;
