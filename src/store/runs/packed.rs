//! Payloads of runs: plain text, or compressed if that saves space.
use crate::store::{
    database::column,
    sql::{Param, Row, SqlColumn, SqlResult, ToParam},
};
use flate2::{Compression, read::DeflateDecoder, write::DeflateEncoder};
use std::{
    borrow::Cow,
    io::{Read, Write},
};

/// Shorter text is not compressed: it saves too little.
const LARGE: usize = 2 << 10;
/// The largest size of a decompressed payload: an output, an input and logs, with room for escapes.
const MOST: u64 = 64 << 20;

/// A stored text, compressed if it is large.
pub enum Packed<'a> {
    Plain(&'a str),
    Deflated(Vec<u8>),
}

impl<'a> Packed<'a> {
    pub fn new(text: &'a str) -> Self {
        if text.len() >= LARGE {
            let mut encoder = DeflateEncoder::new(Vec::with_capacity(text.len() / 4), Compression::fast());
            let packed = encoder.write_all(text.as_bytes()).and_then(|()| encoder.finish());
            if let Ok(packed) = packed
                && packed.len() < text.len()
            {
                return Self::Deflated(packed);
            }
        }
        Self::Plain(text)
    }

    /// Returns the size in the database in bytes.
    pub fn size(&self) -> u64 {
        match self {
            Self::Plain(text) => text.len() as u64,
            Self::Deflated(packed) => packed.len() as u64,
        }
    }
}

impl ToParam for Packed<'_> {
    fn to_param(&self) -> SqlResult<Param<'_>> {
        Ok(match self {
            Self::Plain(text) => Param::Text(text),
            Self::Deflated(packed) => Param::Bytes(packed),
        })
    }
}

/// Returns the text of a column that may be compressed.
pub fn unpack<'r>(row: &Row<'r>, at: usize) -> SqlResult<Option<Cow<'r, str>>> {
    match row.column(at)? {
        SqlColumn::Null => Ok(None),
        SqlColumn::Bytes(packed) => {
            let mut text = String::new();
            let read = DeflateDecoder::new(packed).take(MOST).read_to_string(&mut text);
            read.map_err(|error| column::broken(at, error))?;
            Ok(Some(Cow::Owned(text)))
        }
        _ => Ok(Some(Cow::Borrowed(row.text(at)?))),
    }
}

/// Returns whether a column is compressed.
pub fn is_compressed(row: &Row<'_>, at: usize) -> SqlResult<bool> {
    Ok(matches!(row.column(at)?, SqlColumn::Bytes(_)))
}

#[cfg(test)]
#[allow(clippy::unwrap_used)]
mod tests {
    use super::*;
    use crate::store::sql::{Connection, Sql};

    #[test]
    fn large_texts_take_less_space_and_are_restored() {
        let db = Connection::in_memory("create table t (payload any) strict");
        let db = Connection::of(&db);
        let long = "the same again and again, ü; ".repeat(1000);
        for text in ["", "short", &long] {
            db.prepare(Sql::composed("insert into t values (?1)")).unwrap().execute([Packed::new(text)]).unwrap();
        }
        let mut query = db.prepare(Sql::composed("select payload, length(payload) from t order by rowid")).unwrap();
        let mut rows = query.query(()).unwrap();
        for text in ["", "short", &long] {
            let row = rows.next().unwrap().unwrap();
            assert_eq!(unpack(&row, 0).unwrap().unwrap(), text);
            assert!(row.get::<usize>(1).unwrap() < 1000);
        }
    }
}
