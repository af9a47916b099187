//! The database of runs: runs of workflows with their journals and approvals, and the history of queries.
mod deletion;
pub mod instances;
pub mod journal;
pub mod lists;
mod packed;
pub mod query_history;
pub mod tasks;
pub mod unfinished;
