//! Connections and their statements, the same on every engine.
use super::{
    Row, Sql, SqlError, SqlParams, SqlResult,
    postgres::{PgPrepared, PgSession, PgStream},
    sql, sqlite,
};
use rusqlite::CachedStatement;

/// A connection in a transaction.
#[derive(Clone, Copy)]
pub enum Connection<'c> {
    Sqlite(&'c rusqlite::Connection),
    Postgres(&'c PgSession),
}

/// A statement that the connection keeps prepared.
pub enum Prepared<'c> {
    Sqlite(CachedStatement<'c>),
    Postgres(PgPrepared<'c>),
}

/// The rows of a result, which are read one at a time. No other statement may be executed until then.
pub enum SqlRows<'s> {
    Sqlite(rusqlite::Rows<'s>),
    Postgres { rows: PgStream<'s>, current: Option<tokio_postgres::Row> },
}

/// The rows of a result, converted one at a time.
pub struct MappedRows<'s, F> {
    rows: FoundRows<'s>,
    read: F,
}

enum FoundRows<'s> {
    Sqlite(rusqlite::Rows<'s>),
    Postgres(std::vec::IntoIter<tokio_postgres::Row>),
}

impl<'c> Connection<'c> {
    pub const fn of(db: &'c rusqlite::Connection) -> Self {
        Self::Sqlite(db)
    }

    /// Returns whether others may write to the database at the same time.
    pub const fn is_shared(self) -> bool {
        matches!(self, Self::Postgres(_))
    }

    /// Prepares a statement, unless the connection has done so already.
    ///
    /// # Errors
    /// If the engine refuses it.
    #[inline]
    pub fn prepare(self, sql: Sql<'_>) -> SqlResult<Prepared<'c>> {
        Ok(match self {
            Self::Sqlite(db) => Prepared::Sqlite(db.prepare_cached(sql.text())?),
            Self::Postgres(session) => Prepared::Postgres(session.prepare(sql.text())?),
        })
    }

    /// Sets whether deleted data is overwritten in the file. A database server overwrites it on its own.
    ///
    /// # Errors
    /// If the engine refuses it.
    pub fn overwrite_deleted(self, on: bool) -> SqlResult<()> {
        match self {
            Self::Sqlite(db) => Ok(db.pragma_update(None, "secure_delete", on)?),
            Self::Postgres(_) => Ok(()),
        }
    }

    /// Returns how many bytes the data takes, without free space.
    ///
    /// # Errors
    /// If it cannot be read.
    pub fn used_bytes(self) -> SqlResult<u64> {
        match self {
            Self::Sqlite(db) => sqlite::used_bytes(db),
            // the space of deleted rows is free only after a vacuum, so what is counted is what is kept
            Self::Postgres(_) => self
                .prepare(sql!("select cast(coalesce(sum(bytes), 0) as bigint) from usage"))?
                .query_row((), |row| row.get(0)),
        }
    }

    /// Returns up to this many free pages to the file system. Returns whether there were any.
    ///
    /// # Errors
    /// If the file cannot be written.
    pub fn give_back(self, pages: u32) -> SqlResult<bool> {
        match self {
            Self::Sqlite(db) => sqlite::give_back(db, pages),
            Self::Postgres(_) => Ok(false),
        }
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
        match self {
            Self::Sqlite(db) => Ok(db.execute_batch(sql)?),
            Self::Postgres(session) => session.execute_batch(sql),
        }
    }
}

impl Prepared<'_> {
    /// Executes the statement, which must return no rows. Returns how many rows it has changed.
    ///
    /// # Errors
    /// If the engine refuses it.
    #[inline]
    pub fn execute(&mut self, params: impl SqlParams) -> SqlResult<usize> {
        match self {
            Self::Sqlite(statement) => {
                sqlite::bind(statement, params)?;
                Ok(statement.raw_execute()?)
            }
            Self::Postgres(statement) => statement.execute(params),
        }
    }

    /// Executes the statement without waiting for a server. What is executed next comes after it. An error that the server
    /// returns for it is the result of the next statement, or of the commit.
    ///
    /// # Errors
    /// If the engine refuses it at once.
    #[inline]
    pub fn send(&mut self, params: impl SqlParams) -> SqlResult<()> {
        match self {
            Self::Postgres(statement) => statement.send(params),
            Self::Sqlite(_) => self.execute(params).map(|_| ()),
        }
    }

    /// Like [`Prepared::send`], once for each set of parameters.
    ///
    /// # Errors
    /// If the engine refuses one of them at once.
    #[inline]
    pub fn send_all<P: SqlParams>(&mut self, all: impl IntoIterator<Item = P>) -> SqlResult<()> {
        match self {
            Self::Postgres(statement) => statement.send_all(all),
            Self::Sqlite(_) => all.into_iter().try_for_each(|params| self.execute(params).map(|_| ())),
        }
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
        match self {
            Self::Sqlite(statement) => {
                sqlite::bind(statement, params)?;
                read(&Row::Sqlite(statement.raw_query().next()?.ok_or(SqlError::NoRows)?))
            }
            Self::Postgres(statement) => {
                read(&Row::Postgres(statement.query(params)?.first().ok_or(SqlError::NoRows)?))
            }
        }
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
        let rows = match self {
            Self::Sqlite(statement) => {
                sqlite::bind(statement, params)?;
                FoundRows::Sqlite(statement.raw_query())
            }
            Self::Postgres(statement) => FoundRows::Postgres(statement.query(params)?.into_iter()),
        };
        Ok(MappedRows { rows, read })
    }

    /// Returns all rows, each read when it is reached.
    ///
    /// # Errors
    /// If the engine refuses it.
    #[inline]
    pub fn query(&mut self, params: impl SqlParams) -> SqlResult<SqlRows<'_>> {
        Ok(match self {
            Self::Sqlite(statement) => {
                sqlite::bind(statement, params)?;
                SqlRows::Sqlite(statement.raw_query())
            }
            Self::Postgres(statement) => SqlRows::Postgres { rows: statement.stream(params)?, current: None },
        })
    }

    /// Returns whether there is a row.
    ///
    /// # Errors
    /// If the engine refuses it.
    #[inline]
    pub fn exists(&mut self, params: impl SqlParams) -> SqlResult<bool> {
        match self {
            Self::Sqlite(statement) => {
                sqlite::bind(statement, params)?;
                Ok(statement.raw_query().next()?.is_some())
            }
            Self::Postgres(statement) => Ok(!statement.query(params)?.is_empty()),
        }
    }
}

impl SqlRows<'_> {
    /// # Errors
    /// If the engine cannot go on.
    #[inline]
    pub fn next(&mut self) -> SqlResult<Option<Row<'_>>> {
        Ok(match self {
            Self::Sqlite(rows) => rows.next()?.map(Row::Sqlite),
            Self::Postgres { rows, current } => {
                *current = rows.next()?;
                current.as_ref().map(Row::Postgres)
            }
        })
    }
}

impl<T, F: FnMut(&Row<'_>) -> SqlResult<T>> Iterator for MappedRows<'_, F> {
    type Item = SqlResult<T>;

    #[inline]
    fn next(&mut self) -> Option<Self::Item> {
        match &mut self.rows {
            FoundRows::Sqlite(rows) => {
                let row = rows.next().map_err(SqlError::from).transpose()?;
                Some(row.and_then(|row| (self.read)(&Row::Sqlite(row))))
            }
            FoundRows::Postgres(rows) => rows.next().map(|row| (self.read)(&Row::Postgres(&row))),
        }
    }
}
