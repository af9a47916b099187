//! The formats of files, each read as tables.
mod csv;
mod dialect;
mod encoding;
mod json;
mod records;
mod shape;
mod tables;
mod xlsx;

pub(super) use dialect::suggestion;
pub(super) use tables::{DetectedFormat, OpenFile, TableNames};
