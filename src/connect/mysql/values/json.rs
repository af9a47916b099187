//! Finds out which columns contain JSON: `MariaDB` declares them as long text with a check, and results only say long
//! text.
use super::BINARY;
use crate::connect::mysql::wire::{MysqlFault, MysqlWire};
use mysql_common::{Value as Sql, constants::ColumnType, packets::Column};
use std::collections::{HashMap, HashSet};

/// Selects at most 20,000 columns of a database; further ones are treated as text.
const COLUMNS: &str = "
    select table_name, constraint_name from information_schema.check_constraints
    where constraint_schema = ? and level = 'Column' and check_clause = concat('json_valid(`', constraint_name, '`)')
    limit 20000";

/// The JSON columns of each database looked up so far, as (table, column).
#[derive(Default)]
pub struct JsonColumns {
    /// The current database.
    own: Option<String>,
    found: HashMap<String, HashSet<(String, String)>>,
}

impl JsonColumns {
    pub fn new(own: Option<String>) -> Self {
        Self { own, found: HashMap::new() }
    }

    /// Looks up the databases of a result's columns, once each. If the server refuses, none of the columns are JSON.
    /// The columns of a write that returns rows are unknown before it runs, so `returns` also looks up the current
    /// database.
    ///
    /// # Errors
    /// If the connection is not usable any more.
    pub async fn learn(&mut self, wire: &mut MysqlWire, columns: &[Column], returns: bool) -> Result<(), MysqlFault> {
        let own = self.own.clone().filter(|_| returns);
        let named = columns.iter().filter(|column| is_long_text(column)).map(|column| column.schema_str().into_owned());
        for schema in named.chain(own).collect::<HashSet<_>>() {
            if schema.is_empty() || self.found.contains_key(&schema) {
                continue;
            }
            let rows = match wire.ask_with(COLUMNS, &[Sql::Bytes(schema.clone().into_bytes())]).await {
                Ok(rows) => rows,
                Err(MysqlFault::Refused(_)) => Vec::new(),
                Err(fault) => return Err(fault),
            };
            let pair = |row: Vec<Option<String>>| {
                let mut cells = row.into_iter().flatten();
                Some((cells.next()?, cells.next()?))
            };
            self.found.insert(schema, rows.into_iter().filter_map(pair).collect());
        }
        Ok(())
    }

    pub fn holds(&self, column: &Column) -> bool {
        if column.column_type() == ColumnType::MYSQL_TYPE_JSON {
            return true;
        }
        let known = self.found.get(&*column.schema_str()).filter(|known| !known.is_empty() && is_long_text(column));
        known.is_some_and(|known| {
            known.contains(&(column.org_table_str().into_owned(), column.org_name_str().into_owned()))
        })
    }
}

fn is_long_text(column: &Column) -> bool {
    let long = match column.column_type() {
        ColumnType::MYSQL_TYPE_LONG_BLOB => true,
        ColumnType::MYSQL_TYPE_BLOB => column.column_length() == u32::MAX,
        _ => false,
    };
    long && column.character_set() != BINARY
}
