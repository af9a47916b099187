//! Where the data comes from: datasources, queries and uploaded files.
pub mod changes;
pub mod content;
pub mod data_queries;
pub mod datasources;
pub mod files;
pub mod ranges;
pub mod tables;
