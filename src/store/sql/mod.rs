//! How the store runs statements: their texts, parameters, rows and errors, the same on SQLite and on PostgreSQL.
mod column;
mod connection;
mod error;
mod param;
pub(super) mod postgres;
mod row;
mod sqlite;
#[cfg(test)]
mod tests;
mod text;

pub use column::SqlColumn;
pub use connection::Connection;
pub use error::{OptionalExtension, SqlError, SqlResult};
pub use param::{Param, SqlParams, ToParam, Value};
pub use row::Row;
pub(super) use text::sql;
pub use text::{Sql, joined, length};
