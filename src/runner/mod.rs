//! The workflow runner: durable runs in one process, truly parallel.
pub mod engine;
