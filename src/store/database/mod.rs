//! Databases: connections, transactions, and what all queries share. A database is a file, or on a PostgreSQL server.
pub mod column;
pub mod counters;
pub mod db;
mod file;
pub mod jobs;
pub mod ledger;
pub mod page;
pub mod portions;
mod postgres;
pub mod series;
mod session;
mod signals;
mod tallies;

pub use file::errors;
pub(in crate::store) use postgres::PgSchema;
pub use postgres::{LEASE_MILLIS, PostgresLimits};
pub use session::{Durability, Session};
pub use tallies::{add_up, has_tallies, tallied_table};
