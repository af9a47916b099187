//! Nodes that decide where and when a run continues.
mod conditions;
mod delay;
mod end;
mod join;
mod looping;
mod respond;
mod start;
mod sub_workflow;

pub use conditions::{Condition, Switch};
pub use delay::{Delay, duration, parse_duration};
pub use end::End;
pub use join::Join;
pub use looping::Loop;
pub use respond::{RESPOND, Respond, status};
pub use start::Start;
pub use sub_workflow::{SUB_WORKFLOW, SubWorkflow};
