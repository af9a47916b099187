//! A database file: connections, batches of writes, and what all queries share.
mod close;
pub mod column;
pub mod counters;
pub mod db;
pub mod errors;
pub mod ledger;
pub mod page;
pub mod portions;
pub mod readers;
pub mod series;
mod writer;
