//! What a server has stored, read and changed without its API.
use super::backend::{database_of, is_postgres, on_database};
use rusqlite::{Connection, types::ValueRef};
use std::{fs, path::Path, time::Duration};
use tokio_postgres::SimpleQueryMessage;

/// One of the two parts of a data directory, in its file or in the database that stands for it.
pub enum Stored {
    File(Connection),
    Database { url: String, schema: &'static str },
}

impl Stored {
    pub fn workspace(root: &Path) -> Self {
        Self::open(root, "jet-admin.db", "jet_admin")
    }

    pub fn runs(root: &Path) -> Self {
        Self::open(root, "runs.db", "jet_admin_runs")
    }

    fn open(root: &Path, file: &str, schema: &'static str) -> Self {
        if let Some(url) = database_of(root) {
            return Self::Database { url, schema };
        }
        let db = Connection::open(root.join(file)).unwrap();
        db.busy_timeout(Duration::from_mins(1)).unwrap();
        Self::File(db)
    }

    /// Executes statements in one transaction, and returns how many rows the last one has changed.
    pub fn execute(&self, statements: &str) -> u64 {
        match self {
            Self::File(db) => {
                db.execute_batch(&format!("begin immediate; {statements}; commit")).unwrap();
                db.changes()
            }
            Self::Database { .. } => self
                .messages(statements)
                .iter()
                .filter_map(|message| match message {
                    SimpleQueryMessage::CommandComplete(rows) => Some(*rows),
                    _ => None,
                })
                .last()
                .unwrap(),
        }
    }

    /// Returns the table of counters that rows can be inserted into. On `PostgreSQL`, they are added up in another one.
    pub fn sums(&self, counters: &str) -> String {
        match self {
            Self::File(_) => counters.to_owned(),
            Self::Database { .. } => format!("{}_sums", counters.trim_end_matches("_counts")),
        }
    }

    /// Returns the rows that a query finds, as texts; a null is an empty text.
    pub fn rows(&self, sql: &str) -> Vec<Vec<String>> {
        match self {
            Self::File(db) => {
                let mut query = db.prepare(sql).unwrap();
                let columns = query.column_count();
                let row = |row: &rusqlite::Row<'_>| Ok((0..columns).map(|at| text(row.get_ref(at).unwrap())).collect());
                query.query_map((), row).unwrap().map(Result::unwrap).collect()
            }
            Self::Database { .. } => self
                .messages(sql)
                .iter()
                .filter_map(|message| match message {
                    SimpleQueryMessage::Row(row) => {
                        Some((0..row.len()).map(|at| row.get(at).unwrap_or_default().to_owned()).collect())
                    }
                    _ => None,
                })
                .collect(),
        }
    }

    /// Returns the first column of the rows that a query finds.
    pub fn column(&self, sql: &str) -> Vec<String> {
        self.rows(sql).into_iter().map(|mut row| row.swap_remove(0)).collect()
    }

    /// Returns the number that a query finds.
    pub fn number(&self, sql: &str) -> u64 {
        self.column(sql)[0].parse().unwrap()
    }

    /// Returns the tables with rows that refer to nothing. `PostgreSQL` lets none be written.
    pub fn broken_references(&self) -> Vec<String> {
        match self {
            Self::File(_) => self.column("select \"table\" from pragma_foreign_key_check"),
            Self::Database { .. } => Vec::new(),
        }
    }

    /// Empties the write-ahead log, which contains what was overwritten, unless another connection reads.
    pub fn truncates_log(&self) -> bool {
        match self {
            Self::File(_) => self.number("pragma wal_checkpoint(truncate)") == 0,
            Self::Database { .. } => true,
        }
    }

    /// Returns the size of the file; on `PostgreSQL`, which frees space on its own, of what is kept.
    pub fn size(&self) -> u64 {
        match self {
            Self::File(db) => fs::metadata(db.path().unwrap()).unwrap().len(),
            Self::Database { .. } => self.number("select cast(coalesce(sum(bytes), 0) as bigint) from usage"),
        }
    }

    fn messages(&self, sql: &str) -> Vec<SimpleQueryMessage> {
        let Self::Database { url, schema } = self else { unreachable!() };
        let statements = format!("set search_path to {schema}; {sql}");
        on_database(url, async move |client| {
            client.simple_query(&statements).await.map_err(|error| format!("{error:?}"))
        })
        .unwrap()
    }
}

/// Whether a text stands anywhere in what is stored.
pub fn contains(root: &Path, wanted: &str) -> bool {
    if !is_postgres() {
        let files = ["jet-admin.db", "jet-admin.db-wal", "runs.db", "runs.db-wal"];
        let content = files.map(|file| fs::read(root.join(file)).unwrap_or_default());
        assert!(content.iter().any(|bytes| !bytes.is_empty()), "nothing is stored in {}", root.display());
        return content.iter().any(|bytes| bytes.windows(wanted.len()).any(|window| window == wanted.as_bytes()));
    }
    [Stored::workspace(root), Stored::runs(root)].iter().any(|part| {
        let tables =
            part.column("select table_name from information_schema.tables where table_schema = current_schema()");
        assert!(tables.len() > 5, "{tables:?}");
        // bytes are shown as hexadecimal digits
        let digits = hex::encode(wanted);
        tables.iter().any(|table| {
            let rows = part.column(&format!("select row::text from {table} as row"));
            rows.iter().any(|row| row.contains(wanted) || row.contains(&digits))
        })
    })
}

fn text(value: ValueRef<'_>) -> String {
    match value {
        ValueRef::Null => String::new(),
        ValueRef::Integer(number) => number.to_string(),
        ValueRef::Real(number) => number.to_string(),
        ValueRef::Text(bytes) | ValueRef::Blob(bytes) => String::from_utf8_lossy(bytes).into_owned(),
    }
}
