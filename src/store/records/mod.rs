//! What tenants build: records of every kind, with their versions, links, triggers and limits.
pub mod belonging;
mod counts;
pub mod deletion;
pub mod files;
mod forms;
pub mod objects;
pub mod parts;
pub mod revival;
pub mod trash;
pub mod triggers;
pub mod versions;
