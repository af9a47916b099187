//! Widgets that run queries and workflows.
mod button;
mod field;
mod form;
mod workflow_runs;

pub use button::Button;
pub use field::FieldChoices;
pub use form::Form;
pub use workflow_runs::WorkflowRuns;
