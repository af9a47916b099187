//! Changes to rows of one table, written in one transaction: rows that someone else changed in the meantime are
//! conflicts, and a change with one writes nothing.
mod apply;
mod gate;
mod references;
mod statements;
mod values;

use super::{Column, Rows, sql::SqlDialect};
use crate::{Error, budget::Hold};
use serde_json::{Map, Value};
use std::{future::Future, sync::Arc};

pub use gate::CommitGate;
pub use references::{ReferenceLookup, WantedRows};

pub(super) use apply::{apply, mentioned, mentions, refused_input};
pub(super) use values::bind;

/// Changes to rows of a table. All names come from a saved config; only the values are a caller's.
#[derive(Clone, Debug, Default)]
pub struct TableEdits {
    /// The schema or database of the table; `None` for the default one.
    pub schema: Option<String>,
    pub table: String,
    /// The columns that identify a row.
    pub key: Vec<String>,
    /// The columns that may be set, besides the key. Their present values are part of a conflict.
    pub columns: Vec<String>,
    pub edits: Vec<RowEdit>,
}

/// A change to one row. The names in the maps are columns of the table.
#[derive(Clone, Debug)]
pub enum RowEdit {
    /// Sets the values of `after` in the row of `key`, if it still has the values of `before`.
    Update { key: Map<String, Value>, before: Map<String, Value>, after: Map<String, Value> },
    /// Adds a row. Columns without a value get the table's default.
    Insert { values: Map<String, Value> },
    /// Deletes the row of `key`, if it still has the values of `before`.
    Delete { key: Map<String, Value>, before: Map<String, Value> },
}

/// The values of some columns of a row.
type RowValues = Map<String, Value>;

impl RowEdit {
    /// Returns the key and the expected values of an existing row.
    fn existing(&self) -> Option<(&RowValues, &RowValues)> {
        match self {
            Self::Update { key, before, .. } | Self::Delete { key, before } => Some((key, before)),
            Self::Insert { .. } => None,
        }
    }
}

/// The number of rows that were changed.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct EditCounts {
    pub updated: usize,
    pub inserted: usize,
    pub deleted: usize,
}

/// One execution of changes.
#[derive(Clone, Debug)]
pub struct EditRequest {
    pub edits: Arc<TableEdits>,
    /// Rolls everything back at the end.
    pub preview: bool,
    /// Asked before the commit.
    pub gate: CommitGate,
    /// Counts the memory of the rows that are read.
    pub hold: Arc<Hold>,
}

/// A statement with the column that each of its arguments belongs to.
#[derive(Debug, Default)]
pub(super) struct EditStatement {
    pub text: String,
    pub arguments: Vec<Value>,
    /// The columns of the arguments.
    pub of: Vec<String>,
}

/// Why a statement failed, and which argument the database named.
pub(super) struct EditFault {
    pub error: Error,
    /// The index of the argument.
    pub argument: Option<usize>,
}

impl From<Error> for EditFault {
    fn from(error: Error) -> Self {
        Self { error, argument: None }
    }
}

/// The maximum number of attempts to write changes.
const ATTEMPTS: usize = 4;

/// An open transaction on a database.
pub(super) trait EditSession: Send {
    const DIALECT: SqlDialect;
    /// Runs a statement that returns rows.
    fn read(&mut self, statement: &EditStatement) -> impl Future<Output = Result<Rows, EditFault>> + Send;
    /// Runs a statement that changes rows, and returns how many, including rows that already had the new values.
    fn write(&mut self, statement: &EditStatement) -> impl Future<Output = Result<u64, EditFault>> + Send;
}

/// Counts the attempts to write changes.
#[derive(Default)]
pub(super) struct EditAttempts(usize);

impl EditAttempts {
    /// Returns whether to write the changes again after an attempt on a connection that is still usable: if others
    /// prevented it, and not too often.
    pub fn continues(&mut self, dialect: SqlDialect, ended: &crate::Result<EditCounts>, gate: &CommitGate) -> bool {
        self.0 += 1;
        let is_prevented = ended.as_ref().is_err_and(|error| may_be_repeated(dialect, error));
        is_prevented && self.0 < ATTEMPTS && gate.is_open()
    }
}

/// Returns whether other changes kept these from being written at this moment: the database rolls back one of several
/// transactions that wait for each other. The same changes may succeed immediately afterwards.
fn may_be_repeated(dialect: SqlDialect, error: &Error) -> bool {
    let Error::Datasource(problem) = error else { return false };
    let code = problem.code.as_deref().and_then(|code| code.split(' ').next()).unwrap_or_default();
    match dialect {
        SqlDialect::Postgresql => matches!(code, "40001" | "40P01"),
        SqlDialect::Mysql => matches!(code, "1020" | "1213"),
        _ => false,
    }
}

/// The type of a column as the database names it; empty if it is unknown.
fn type_of<'a>(columns: &'a [Column], name: &str) -> &'a str {
    columns.iter().find(|column| column.name == name).map_or("", |column| column.r#type.as_str())
}

#[cfg(test)]
mod tests {
    use super::{SqlDialect, may_be_repeated};
    use crate::{Error, error::DatasourceProblem};

    #[test]
    fn only_changes_that_others_prevented_are_repeated() {
        for (dialect, code, expected) in [
            (SqlDialect::Postgresql, "40P01", true),
            (SqlDialect::Postgresql, "40001", true),
            (SqlDialect::Postgresql, "23505", false),
            (SqlDialect::Mysql, "1213 (40001)", true),
            (SqlDialect::Mysql, "1205 (HY000)", false),
            (SqlDialect::Mysql, "1062 (23000)", false),
            (SqlDialect::Sqlite, "5", false),
        ] {
            let problem = DatasourceProblem { code: Some(code.to_owned()), ..DatasourceProblem::default() };
            assert_eq!(may_be_repeated(dialect, &Error::Datasource(Box::new(problem))), expected, "{code}");
        }
        assert!(!may_be_repeated(SqlDialect::Mysql, &Error::Timeout("40001".to_owned())));
    }
}
