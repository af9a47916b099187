//! Rows of results.
use super::{SqlColumn, SqlError, SqlResult, postgres::ReceivedColumn};
use rusqlite::types::ValueRef;

/// A row of a result.
pub enum Row<'r> {
    Sqlite(&'r rusqlite::Row<'r>),
    Postgres(&'r tokio_postgres::Row),
}

/// A type that a column can be read as.
pub trait FromColumn: Sized {
    /// # Errors
    /// Why the value does not have this type.
    fn from_column(value: SqlColumn<'_>) -> Result<Self, &'static str>;
}

impl<'r> Row<'r> {
    /// Returns the value of a column, counted from 0.
    ///
    /// # Errors
    /// If there is no such column, or its value has another type.
    #[inline]
    pub fn get<T: FromColumn>(&self, at: usize) -> SqlResult<T> {
        T::from_column(self.column(at)?).map_err(|why| SqlError::Column { at, why: why.into() })
    }

    /// Returns a column without copying it.
    ///
    /// # Errors
    /// If there is no such column.
    #[inline]
    pub fn column(&self, at: usize) -> SqlResult<SqlColumn<'r>> {
        let row = match self {
            Self::Sqlite(row) => row,
            Self::Postgres(row) => return Ok(row.try_get::<_, ReceivedColumn<'r>>(at)?.0),
        };
        Ok(match row.get_ref(at)? {
            ValueRef::Null => SqlColumn::Null,
            ValueRef::Integer(value) => SqlColumn::Integer(value),
            ValueRef::Text(text) => SqlColumn::Text(text),
            ValueRef::Blob(bytes) => SqlColumn::Bytes(bytes),
            ValueRef::Real(_) => SqlColumn::Other,
        })
    }

    /// Returns the text of a column without copying it.
    ///
    /// # Errors
    /// If the column is not a text.
    #[inline]
    pub fn text(&self, at: usize) -> SqlResult<&'r str> {
        self.column(at)?.text().map_err(|why| SqlError::Column { at, why: why.into() })
    }

    /// Returns the text of a column without copying it; `None` for null.
    ///
    /// # Errors
    /// If the column is neither a text nor null.
    #[inline]
    pub fn optional_text(&self, at: usize) -> SqlResult<Option<&'r str>> {
        match self.column(at)? {
            SqlColumn::Null => Ok(None),
            other => other.text().map(Some).map_err(|why| SqlError::Column { at, why: why.into() }),
        }
    }
}

impl FromColumn for i64 {
    #[inline]
    fn from_column(value: SqlColumn<'_>) -> Result<Self, &'static str> {
        match value {
            SqlColumn::Integer(value) => Ok(value),
            _ => Err("it is not an integer"),
        }
    }
}

macro_rules! smaller_integers {
    ($($kind:ty),+) => {
        $(impl FromColumn for $kind {
            #[inline]
            fn from_column(value: SqlColumn<'_>) -> Result<Self, &'static str> {
                Self::try_from(i64::from_column(value)?).map_err(|_| "the number is out of range")
            }
        })+
    };
}
smaller_integers!(u32, u64, usize);

impl FromColumn for bool {
    #[inline]
    fn from_column(value: SqlColumn<'_>) -> Result<Self, &'static str> {
        Ok(i64::from_column(value)? != 0)
    }
}

impl FromColumn for String {
    #[inline]
    fn from_column(value: SqlColumn<'_>) -> Result<Self, &'static str> {
        value.text().map(Self::from)
    }
}

impl<T: FromColumn> FromColumn for Option<T> {
    #[inline]
    fn from_column(value: SqlColumn<'_>) -> Result<Self, &'static str> {
        match value {
            SqlColumn::Null => Ok(None),
            value => T::from_column(value).map(Some),
        }
    }
}
