//! How the store runs statements: their texts, parameters, rows and errors, whatever engine is below. Only `sqlite.rs`
//! knows the engine.
mod error;
mod param;
mod row;
mod sqlite;
#[cfg(test)]
mod tests;
mod text;

pub use error::{OptionalExtension, SqlError, SqlResult};
pub use param::{Param, SqlParams, ToParam, Value};
pub use row::{Row, SqlColumn};
pub use sqlite::Connection;
pub(super) use text::sql;
pub use text::{Sql, joined, length};
