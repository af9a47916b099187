//! Statements on SQLite. Everything here is what `rusqlite` does for its own parameters and rows.
use super::{Param, Row, Sql, SqlError, SqlParams, SqlResult};
use rusqlite::types::{ToSqlOutput, ValueRef};
use uuid::Uuid;

/// A connection in a transaction.
#[derive(Clone, Copy)]
pub struct Connection<'c>(&'c rusqlite::Connection);

/// A statement that the connection keeps prepared.
pub struct Prepared<'c>(rusqlite::CachedStatement<'c>);

/// The rows of a result.
pub struct SqlRows<'s>(rusqlite::Rows<'s>);

/// The rows of a result, converted one at a time.
pub struct MappedRows<'s, F> {
    rows: rusqlite::Rows<'s>,
    read: F,
}

impl<'c> Connection<'c> {
    pub const fn of(db: &'c rusqlite::Connection) -> Self {
        Self(db)
    }

    /// Prepares a statement, unless the connection has done so already.
    ///
    /// # Errors
    /// If the engine refuses it.
    #[inline]
    pub fn prepare(self, sql: Sql<'_>) -> SqlResult<Prepared<'c>> {
        Ok(Prepared(self.0.prepare_cached(sql.text())?))
    }

    /// Sets whether deleted data is overwritten in the file.
    ///
    /// # Errors
    /// If the engine refuses it.
    pub fn overwrite_deleted(self, on: bool) -> SqlResult<()> {
        Ok(self.0.pragma_update(None, "secure_delete", on)?)
    }

    /// Returns how many bytes the data takes, without free space.
    ///
    /// # Errors
    /// If the file cannot be read.
    pub fn used_bytes(self) -> SqlResult<u64> {
        let used = self.pragma("page_count")?.saturating_sub(self.pragma("freelist_count")?);
        Ok(used * self.pragma("page_size")?)
    }

    /// Returns up to this many free pages to the file system. Returns whether there were any.
    ///
    /// # Errors
    /// If the file cannot be written.
    pub fn give_back(self, pages: u32) -> SqlResult<bool> {
        let before = self.pragma("freelist_count")?;
        if before > 0 {
            self.0.execute_batch(&format!("pragma incremental_vacuum({pages})"))?;
        }
        // some files cannot shrink
        Ok(self.pragma("freelist_count")? < before)
    }

    fn pragma(self, name: &str) -> SqlResult<u64> {
        Ok(self.0.pragma_query_value(None, name, |row| row.get(0))?)
    }

    /// Creates a database in memory.
    #[cfg(test)]
    #[allow(clippy::unwrap_used)]
    pub fn in_memory(schema: &str) -> rusqlite::Connection {
        let db = rusqlite::Connection::open_in_memory().unwrap();
        db.execute_batch(schema).unwrap();
        db
    }

    /// Executes several statements without parameters.
    #[cfg(test)]
    pub fn execute_batch(self, sql: &str) -> SqlResult<()> {
        Ok(self.0.execute_batch(sql)?)
    }
}

impl Prepared<'_> {
    /// Executes the statement, which must return no rows. Returns how many rows it has changed.
    ///
    /// # Errors
    /// If the engine refuses it.
    #[inline]
    pub fn execute(&mut self, params: impl SqlParams) -> SqlResult<usize> {
        self.bind(params)?;
        Ok(self.0.raw_execute()?)
    }

    /// Executes the statement once for each set of parameters. Returns how many rows have changed in all.
    ///
    /// # Errors
    /// If the engine refuses one of them.
    #[inline]
    pub fn execute_all<P: SqlParams>(&mut self, all: impl IntoIterator<Item = P>) -> SqlResult<usize> {
        all.into_iter().try_fold(0, |changed, params| Ok(changed + self.execute(params)?))
    }

    /// Returns the first row, converted by `read`.
    ///
    /// # Errors
    /// `NoRows` if no row was found; the errors of `read`.
    #[inline]
    pub fn query_row<T>(
        &mut self,
        params: impl SqlParams,
        read: impl FnOnce(&Row<'_>) -> SqlResult<T>,
    ) -> SqlResult<T> {
        self.bind(params)?;
        read(&Row::of(self.0.raw_query().next()?.ok_or(SqlError::NoRows)?))
    }

    /// Returns all rows, each converted by `read` when it is reached.
    ///
    /// # Errors
    /// If the engine refuses it.
    #[inline]
    pub fn query_map<T, F: FnMut(&Row<'_>) -> SqlResult<T>>(
        &mut self,
        params: impl SqlParams,
        read: F,
    ) -> SqlResult<MappedRows<'_, F>> {
        self.bind(params)?;
        Ok(MappedRows { rows: self.0.raw_query(), read })
    }

    /// Returns all rows, each read when it is reached.
    ///
    /// # Errors
    /// If the engine refuses it.
    #[inline]
    pub fn query(&mut self, params: impl SqlParams) -> SqlResult<SqlRows<'_>> {
        self.bind(params)?;
        Ok(SqlRows(self.0.raw_query()))
    }

    /// Returns whether there is a row.
    ///
    /// # Errors
    /// If the engine refuses it.
    #[inline]
    pub fn exists(&mut self, params: impl SqlParams) -> SqlResult<bool> {
        self.bind(params)?;
        Ok(self.0.raw_query().next()?.is_some())
    }

    #[inline]
    fn bind(&mut self, params: impl SqlParams) -> SqlResult<()> {
        let (expected, mut given) = (self.0.parameter_count(), 0);
        params.each(|param| {
            given += 1;
            let mut text = [0; uuid::fmt::Hyphenated::LENGTH];
            let value = match param {
                Param::Null => ValueRef::Null,
                Param::Integer(value) => ValueRef::Integer(value),
                Param::Text(text) => ValueRef::Text(text.as_bytes()),
                Param::Bytes(bytes) => ValueRef::Blob(bytes),
                Param::Id(id) => ValueRef::Text(write_id(id, &mut text)),
            };
            Ok(self.0.raw_bind_parameter(given, ToSqlOutput::Borrowed(value))?)
        })?;
        if given == expected { Ok(()) } else { Err(SqlError::Parameters { given, expected }) }
    }
}

fn write_id(id: Uuid, text: &mut [u8; uuid::fmt::Hyphenated::LENGTH]) -> &[u8] {
    id.hyphenated().encode_lower(text).as_bytes()
}

impl SqlRows<'_> {
    /// # Errors
    /// If the engine cannot go on.
    #[inline]
    pub fn next(&mut self) -> SqlResult<Option<Row<'_>>> {
        Ok(self.0.next()?.map(Row::of))
    }
}

impl<T, F: FnMut(&Row<'_>) -> SqlResult<T>> Iterator for MappedRows<'_, F> {
    type Item = SqlResult<T>;

    #[inline]
    fn next(&mut self) -> Option<Self::Item> {
        let row = self.rows.next().map_err(SqlError::from).transpose()?;
        Some(row.and_then(|row| (self.read)(&Row::of(row))))
    }
}
