//! Parameters and columns in PostgreSQL's binary format.
//!
//! Where SQLite stores a text or a blob, the column is `bytea`: the bytes of the text, or a zero and the blob. A stored text
//! never starts with a zero, because PostgreSQL has no texts with one.
use crate::store::sql::{Param, SqlColumn, SqlError, SqlParams, SqlResult};
use bytes::BytesMut;
use std::{error::Error, ops::Range};
use tokio_postgres::types::{FromSql, IsNull, ToSql, Type, accepts, to_sql_checked};

/// The first byte of a blob.
const BLOB: u8 = 0;

/// What the values of a statement are for.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum ValueUse {
    /// Rows are compared with them.
    Search,
    /// They are stored.
    Store,
}

fn has_zero(param: Param<'_>) -> bool {
    matches!(param, Param::Text(text) if memchr::memchr(0, text.as_bytes()).is_some())
}

/// The encoded values of all parameters of a statement.
#[derive(Debug, Default)]
pub struct Encoded {
    bytes: Vec<u8>,
    values: Vec<Option<Range<usize>>>,
}

/// An encoded value.
#[derive(Debug)]
pub struct EncodedValue<'e>(Option<&'e [u8]>);

impl Encoded {
    /// # Errors
    /// If the number or a type of the values is not what the statement expects, or a text contains U+0000.
    pub fn of(types: &[Type], purpose: ValueUse, params: impl SqlParams) -> SqlResult<Self> {
        let mut encoded = Self::default();
        let mut given = 0;
        params.each(|param| {
            let kind = types.get(given);
            given += 1;
            match kind {
                // no stored text contains it, and nothing equals null
                Some(_) if purpose == ValueUse::Search && has_zero(param) => encoded.push(&Type::TEXT, Param::Null),
                Some(kind) => encoded.push(kind, param),
                None => Ok(()),
            }
        })?;
        if given == types.len() { Ok(encoded) } else { Err(SqlError::Parameters { given, expected: types.len() }) }
    }

    fn push(&mut self, kind: &Type, param: Param<'_>) -> SqlResult<()> {
        let start = self.bytes.len();
        match (param, kind) {
            (Param::Null, _) => {
                self.values.push(None);
                return Ok(());
            }
            (Param::Integer(value), &Type::INT8) => self.bytes.extend(value.to_be_bytes()),
            (Param::Text(text), &Type::TEXT | &Type::BYTEA) => {
                if has_zero(param) {
                    return Err(SqlError::ZeroCharacter);
                }
                self.bytes.extend(text.as_bytes());
            }
            (Param::Bytes(blob), &Type::BYTEA) => {
                self.bytes.push(BLOB);
                self.bytes.extend(blob);
            }
            (Param::Id(id), &Type::TEXT) => {
                let mut text = [0; uuid::fmt::Hyphenated::LENGTH];
                self.bytes.extend(id.hyphenated().encode_lower(&mut text).as_bytes());
            }
            _ => return Err(SqlError::Type(kind.name().to_owned())),
        }
        self.values.push(Some(start..self.bytes.len()));
        Ok(())
    }

    /// Adds the parameters of another row.
    pub fn append(&mut self, row: Self) {
        let offset = self.bytes.len();
        self.bytes.extend(row.bytes);
        self.values.extend(row.values.into_iter().map(|range| range.map(|at| at.start + offset..at.end + offset)));
    }

    pub fn values(&self) -> impl ExactSizeIterator<Item = EncodedValue<'_>> {
        self.values.iter().map(|range| EncodedValue(range.clone().map(|range| &self.bytes[range])))
    }
}

impl ToSql for EncodedValue<'_> {
    fn to_sql(&self, _: &Type, out: &mut BytesMut) -> Result<IsNull, Box<dyn Error + Sync + Send>> {
        Ok(match self.0 {
            None => IsNull::Yes,
            Some(bytes) => {
                out.extend_from_slice(bytes);
                IsNull::No
            }
        })
    }
    accepts!(INT8, TEXT, BYTEA);
    to_sql_checked!();
}

/// A column as it was received.
pub struct ReceivedColumn<'r>(pub SqlColumn<'r>);

impl<'r> FromSql<'r> for ReceivedColumn<'r> {
    fn from_sql(kind: &Type, raw: &'r [u8]) -> Result<Self, Box<dyn Error + Sync + Send>> {
        Ok(Self(match *kind {
            Type::INT8 => SqlColumn::Integer(i64::from_be_bytes(raw.try_into()?)),
            Type::INT4 => SqlColumn::Integer(i32::from_be_bytes(raw.try_into()?).into()),
            Type::BOOL => SqlColumn::Integer(i64::from(raw == [1])),
            Type::BYTEA => match raw.split_first() {
                Some((&BLOB, blob)) => SqlColumn::Bytes(blob),
                _ => SqlColumn::Text(raw),
            },
            _ => SqlColumn::Text(raw),
        }))
    }

    fn from_sql_null(_: &Type) -> Result<Self, Box<dyn Error + Sync + Send>> {
        Ok(Self(SqlColumn::Null))
    }

    accepts!(INT8, INT4, BOOL, BYTEA, TEXT, VARCHAR, NAME, UNKNOWN);
}

#[cfg(test)]
#[allow(clippy::unwrap_used)]
mod tests {
    use super::*;
    use proptest::prelude::*;
    use uuid::Uuid;

    proptest! {
        #[test]
        fn values_come_back_as_they_were_sent(text in "[^\0]{0,20}", number: i64, blob: Vec<u8>, id: u128) {
            let id = Uuid::from_u128(id);
            let sent = [Param::Text(&text), Param::Integer(number), Param::Bytes(&blob), Param::Id(id), Param::Text(&text)];
            let types = [Type::TEXT, Type::INT8, Type::BYTEA, Type::TEXT, Type::BYTEA];
            let mut encoded = Encoded::default();
            for (param, kind) in sent.into_iter().zip(&types) {
                encoded.push(kind, param).unwrap();
            }
            let id = id.to_string();
            let expected = [
                SqlColumn::Text(text.as_bytes()),
                SqlColumn::Integer(number),
                SqlColumn::Bytes(&blob),
                SqlColumn::Text(id.as_bytes()),
                SqlColumn::Text(text.as_bytes()),
            ];
            for ((value, kind), expected) in encoded.values().zip(&types).zip(expected) {
                let received = ReceivedColumn::from_sql(kind, value.0.unwrap()).unwrap();
                prop_assert_eq!(received.0, expected);
            }
        }
    }

    #[test]
    fn what_the_database_cannot_store_is_refused() {
        let refused = |kind, param| Encoded::default().push(&kind, param).unwrap_err();
        assert!(matches!(refused(Type::TEXT, Param::Text("a\0b")), SqlError::ZeroCharacter));
        assert!(matches!(refused(Type::TEXT, Param::Integer(1)), SqlError::Type(_)));
        assert!(matches!(refused(Type::INT8, Param::Text("1")), SqlError::Type(_)));
        let counted = Encoded::of(&[Type::INT8], ValueUse::Store, (1_i64, 2_i64)).unwrap_err();
        assert!(matches!(counted, SqlError::Parameters { given: 2, expected: 1 }));
    }

    #[test]
    fn a_search_for_what_cannot_be_stored_finds_nothing() {
        let encoded = Encoded::of(&[Type::TEXT, Type::TEXT], ValueUse::Search, ("a\0b", "a")).unwrap();
        let values: Vec<Option<&[u8]>> = encoded.values().map(|value| value.0).collect();
        assert_eq!(values, [None, Some(&b"a"[..])]);
    }
}
