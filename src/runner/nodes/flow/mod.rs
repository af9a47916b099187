//! Nodes that decide where and when a run continues.
mod conditions;
mod delay;
mod end;
mod join;
mod looping;
mod respond;
mod start;
mod sub_workflow;

pub use conditions::{ConditionNode, SwitchNode};
pub use delay::{DelayNode, duration, parse_duration};
pub use end::EndNode;
pub use join::JoinNode;
pub use looping::LoopNode;
pub use respond::{RESPOND, RespondNode, status};
pub use start::StartNode;
pub use sub_workflow::{SUB_WORKFLOW, SubWorkflowNode};
