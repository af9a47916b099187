//! Inserts many rows with `copy`.
use super::{
    PgSession, quoted_name,
    values::{Encoded, ValueUse},
};
use crate::store::sql::{SqlParams, SqlResult};
use std::pin::Pin;
use tokio_postgres::{binary_copy::BinaryCopyInWriter, types::Type};

/// A table to which rows are added.
pub struct PgCopy<'s> {
    session: &'s PgSession,
    types: Vec<Type>,
    writer: Pin<Box<BinaryCopyInWriter>>,
}

impl PgSession {
    /// Begins to insert rows. No other statement may be executed until the end.
    ///
    /// # Errors
    /// If the server refuses it.
    pub fn copy_in<'n>(&self, table: &str, columns: impl Iterator<Item = &'n str>) -> SqlResult<PgCopy<'_>> {
        let columns = columns.map(quoted_name).collect::<Vec<_>>().join(", ");
        // the types of the columns
        let rows = self.run(self.client.prepare(&format!("select {columns} from {table}")))?;
        let types: Vec<Type> = rows.columns().iter().map(|column| column.type_().clone()).collect();
        let sink = self.run(self.client.copy_in(&format!("copy {table} ({columns}) from stdin (format binary)")))?;
        Ok(PgCopy { session: self, writer: Box::pin(BinaryCopyInWriter::new(sink, &types)), types })
    }
}

impl PgCopy<'_> {
    /// Adds a row.
    ///
    /// # Errors
    /// If the connection is lost, or a value cannot be stored.
    pub fn add(&mut self, row: impl SqlParams) -> SqlResult<()> {
        let encoded = Encoded::of(&self.types, ValueUse::Store, row)?;
        let writer = &mut self.writer;
        self.session.run(async { writer.as_mut().write_raw(encoded.values()).await })
    }

    /// Stores all rows.
    ///
    /// # Errors
    /// If the server refuses one of them.
    pub fn end(mut self) -> SqlResult<u64> {
        let writer = &mut self.writer;
        self.session.run(async { writer.as_mut().finish().await })
    }
}
