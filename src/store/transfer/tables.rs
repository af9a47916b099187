//! The tables of both databases with their columns, from `schema.sql`, in an order in which rows can be inserted.
use crate::store::{
    database::tallied_table,
    migrations,
    sql::{Param, Row, SqlColumn, SqlResult, ToParam},
};

/// A table, as it is called in `schema.sql`.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct MovedTable {
    pub name: String,
    /// Names and types.
    pub columns: Vec<(String, ColumnKind)>,
}

#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum ColumnKind {
    Integer,
    Text,
    /// A text, or compressed bytes.
    Packed,
}

/// A value of a row.
#[derive(Clone, Debug, PartialEq, Eq, Hash)]
pub enum MovedValue {
    Null,
    Integer(i64),
    Text(String),
    Bytes(Vec<u8>),
}

impl ToParam for MovedValue {
    fn to_param(&self) -> SqlResult<Param<'_>> {
        Ok(match self {
            Self::Null => Param::Null,
            Self::Integer(value) => Param::Integer(*value),
            Self::Text(text) => Param::Text(text),
            Self::Bytes(bytes) => Param::Bytes(bytes),
        })
    }
}

/// Returns the tables of the workspace and of the runs.
pub fn tables() -> [Vec<MovedTable>; 2] {
    let (workspace, runs) = migrations::parts();
    [parse(workspace), parse(runs)]
}

fn parse(schema: &str) -> Vec<MovedTable> {
    let mut tables: Vec<MovedTable> = Vec::new();
    let mut is_inside = false;
    for line in schema.lines() {
        let line = line.trim();
        if let Some(name) = line.strip_prefix("create table ").and_then(|rest| rest.strip_suffix(" (")) {
            tables.push(MovedTable { name: name.to_owned(), columns: Vec::new() });
            is_inside = true;
        } else if line.starts_with(')') {
            is_inside = false;
        } else if is_inside
            && !line.starts_with("--")
            && let Some(table) = tables.last_mut()
        {
            let mut words = line.split([' ', ',']);
            let kind = words.next().zip(words.next()).and_then(|(name, kind)| {
                let kind = match kind {
                    "integer" => ColumnKind::Integer,
                    "text" => ColumnKind::Text,
                    "any" => ColumnKind::Packed,
                    _ => return None,
                };
                Some((name.to_owned(), kind))
            });
            table.columns.extend(kind);
        }
    }
    tables
}

impl MovedTable {
    /// Returns the name in a database. On a server, counters have another one.
    pub fn place(&self, is_runs: bool, is_shared: bool) -> &str {
        if is_runs && is_shared { tallied_table(&self.name) } else { &self.name }
    }

    pub fn column_list(&self) -> String {
        self.columns.iter().map(|(name, _)| format!("\"{name}\"")).collect::<Vec<_>>().join(", ")
    }

    /// Reads a row. What belongs to a place instead of to the data is left out.
    pub fn read(&self, row: &Row<'_>) -> SqlResult<Vec<MovedValue>> {
        let mut cells = Vec::with_capacity(self.columns.len());
        for (at, (name, _)) in self.columns.iter().enumerate() {
            cells.push(match (&*self.name, &**name) {
                // the next server takes the run up
                ("instances", "owner") => MovedValue::Text(String::new()),
                ("directory", "signing_key") => MovedValue::Null,
                // the parts of a new data directory agree at its first start
                ("directory", "settled") => MovedValue::Integer(0),
                _ => match row.column(at)? {
                    SqlColumn::Integer(value) => MovedValue::Integer(value),
                    SqlColumn::Text(text) => MovedValue::Text(String::from_utf8_lossy(text).into_owned()),
                    SqlColumn::Bytes(bytes) => MovedValue::Bytes(bytes.to_owned()),
                    SqlColumn::Null | SqlColumn::Other => MovedValue::Null,
                },
            });
        }
        Ok(cells)
    }

    /// Returns the column with a text that PostgreSQL cannot store, if any.
    pub fn unstorable(&self, row: &[MovedValue]) -> Option<&str> {
        let found = row.iter().position(|cell| matches!(cell, MovedValue::Text(text) if text.contains('\0')))?;
        Some(&self.columns[found].0)
    }
}

#[cfg(test)]
#[allow(clippy::unwrap_used)]
mod tests {
    use super::*;

    #[test]
    fn every_column_of_every_table_is_found() {
        let [workspace, runs] = tables();
        for (part, found) in [(migrations::parts().0, workspace), (migrations::parts().1, runs)] {
            let db = rusqlite::Connection::open_in_memory().unwrap();
            db.execute_batch(part).unwrap();
            let mut query = db.prepare("select name from sqlite_schema where type = 'table' order by rowid").unwrap();
            let names: Vec<String> = query.query_map((), |row| row.get(0)).unwrap().map(Result::unwrap).collect();
            assert_eq!(found.iter().map(|table| table.name.clone()).collect::<Vec<_>>(), names);
            for table in found {
                let mut query = db.prepare(&format!("select name from pragma_table_info('{}')", table.name)).unwrap();
                let names: Vec<String> = query.query_map((), |row| row.get(0)).unwrap().map(Result::unwrap).collect();
                assert_eq!(table.columns.iter().map(|(name, _)| name.clone()).collect::<Vec<_>>(), names);
            }
        }
    }
}
