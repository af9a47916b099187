//! Writes the rows of a file to a table, in an open transaction.
use super::{ImportPart, ImportRow, ImportRows, ImportSession, TableImport, fit::ColumnFit, statements};
use crate::{
    Error, Result,
    connect::{
        Column,
        edits::{EditFault, EditStatement, bind, mentioned, mentions, refused_input},
        sql::SqlDialect,
    },
};
use serde_json::Value;
use std::fmt::Write;

/// The maximum number of values in one statement: fewer than any database allows.
const VALUES: usize = 10_000;
const SAVEPOINT: &str = "jet_admin_rows";

/// Writes all rows, and returns how many. The caller commits, or rolls back after an error. `table` is its present name.
///
/// # Errors
/// `Datasource` for a value that the table does not accept, naming its row and column.
pub(in crate::connect) async fn fill<S: ImportSession>(
    session: &mut S,
    import: &TableImport,
    table: &str,
    rows: &mut ImportRows,
) -> Result<u64> {
    let columns = &import.columns;
    let table = statements::table(S::DIALECT, import.schema.as_deref(), table);
    let names = statements::names(S::DIALECT, columns);
    let describe =
        EditStatement { text: format!("select {names} from {table} where 1 = 0"), ..EditStatement::default() };
    let described = session.read(&describe).await.map_err(|fault| fault.error)?;
    let types = described.columns.iter().flat_map(|columns| columns.iter()).map(|Column { r#type, .. }| r#type.clone());
    let mut filling = Filling {
        session,
        head: format!("insert into {table} ({names}) values "),
        names: columns.iter().map(|column| column.name.clone()).collect(),
        types: types.collect(),
        fits: columns.iter().map(|column| ColumnFit::of(S::DIALECT, column)).collect(),
        unit: rows.unit,
    };
    let most = S::ROWS.min(VALUES / columns.len().max(1)).max(1);
    let mut count = 0;
    while let Some(part) = rows.parts.recv().await {
        let ImportPart::Rows(part) = part? else { return Ok(count) };
        for rows in part.chunks(most) {
            filling.insert(rows).await?;
            count += rows.len() as u64;
        }
    }
    Err(Error::Unavailable("reading the file was cancelled: nothing was written"))
}

struct Filling<'a, S> {
    session: &'a mut S,
    head: String,
    names: Vec<String>,
    /// The types of the columns as the database names them.
    types: Vec<String>,
    fits: Vec<ColumnFit>,
    unit: &'static str,
}

impl<S: ImportSession> Filling<'_, S> {
    /// Inserts rows with one statement. If the database refuses it, inserts them one by one to find the row.
    async fn insert(&mut self, rows: &[ImportRow]) -> Result<()> {
        let statement = self.statement(rows)?;
        if rows.len() == 1 {
            return self.insert_one(&statement, &rows[0]).await;
        }
        if S::SAVEPOINTS {
            self.session.command(&format!("savepoint {SAVEPOINT}")).await?;
        }
        match self.session.write(&statement).await {
            Ok(_) => {}
            Err(fault) if is_refusal(S::DIALECT, &fault.error) => {
                if S::SAVEPOINTS {
                    self.session.command(&format!("rollback to savepoint {SAVEPOINT}")).await?;
                }
                for row in rows {
                    let statement = self.statement(std::slice::from_ref(row))?;
                    self.insert_one(&statement, row).await?;
                }
            }
            Err(fault) => return Err(fault.error),
        }
        if S::SAVEPOINTS {
            self.session.command(&format!("release savepoint {SAVEPOINT}")).await?;
        }
        Ok(())
    }

    async fn insert_one(&mut self, statement: &EditStatement, row: &ImportRow) -> Result<()> {
        match self.session.write(statement).await {
            Ok(_) => Ok(()),
            Err(fault) => Err(self.named(statement, row, fault)),
        }
    }

    /// Returns a statement with a placeholder for each value.
    fn statement(&self, rows: &[ImportRow]) -> Result<EditStatement> {
        let mut statement = EditStatement { text: self.head.clone(), ..EditStatement::default() };
        for (line, row) in rows.iter().enumerate() {
            statement.text.push_str(if line == 0 { "(" } else { ", (" });
            for (at, value) in row.values.iter().enumerate() {
                let kind = self.types.get(at).map_or("", String::as_str);
                let bound = self.fits[at].check(value).and_then(|()| bind(S::DIALECT, kind, value, false));
                let bound = bound.map_err(|why| self.misfit(row, at, &why))?;
                let number = statement.arguments.len() + 1;
                let mark = match S::DIALECT {
                    SqlDialect::Postgresql => format!("${number}"),
                    SqlDialect::Sqlite => format!("?{number}"),
                    _ => "?".to_owned(),
                };
                let comma = if at == 0 { "" } else { ", " };
                let _ = write!(statement.text, "{comma}{}{mark}{}", bound.before, bound.after);
                statement.arguments.push(bound.value);
            }
            statement.text.push(')');
        }
        Ok(statement)
    }

    /// The error for a value that a column cannot hold.
    fn misfit(&self, row: &ImportRow, at: usize, why: &str) -> Error {
        let (unit, position, name) = (self.unit, row.position, &self.names[at]);
        let value = shown(&row.values[at]);
        Error::datasource(format!(
            "{unit} {position}, column {name}: {value} {why}. Correct the value, or choose another type for the column. \
             Nothing was written."
        ))
    }

    /// Names the row, and the column if the database does, in an error of a statement.
    fn named(&self, statement: &EditStatement, row: &ImportRow, fault: EditFault) -> Error {
        let Error::Datasource(mut problem) = fault.error else { return fault.error };
        let by_argument = fault.argument.filter(|at| *at < statement.arguments.len());
        let by_message = || {
            let name = mentioned(&problem.message, self.names.iter())?;
            self.names.iter().position(|one| one == name)
        };
        let by_part = || self.names.iter().position(|name| mentions(&problem.message, name, true));
        let column = by_argument.or_else(by_message).or_else(by_part);
        let (unit, position) = (self.unit, row.position);
        let place = match column.filter(|at| *at < self.names.len()) {
            Some(at) => format!("{unit} {position}, column {} ({})", self.names[at], shown(&row.values[at])),
            None => format!("{unit} {position}"),
        };
        let message = problem.message.trim_end_matches('.');
        problem.message = if is_refused(S::DIALECT, problem.code.as_deref()) {
            format!(
                "{place}: {message}. Correct the value, or change the type or the key of the table. Nothing was written."
            )
        } else {
            format!("{place}: {message}. Nothing was written.")
        };
        Error::Datasource(problem)
    }
}

fn is_refusal(dialect: SqlDialect, error: &Error) -> bool {
    matches!(error, Error::Datasource(problem) if is_refused(dialect, problem.code.as_deref()))
}

fn is_refused(dialect: SqlDialect, code: Option<&str>) -> bool {
    refused_input(dialect, code.unwrap_or_default())
}

/// Returns a value as a short text.
fn shown(value: &Value) -> String {
    let text = match value {
        Value::Null => return "no value".to_owned(),
        Value::String(text) => text.clone(),
        other => other.to_string(),
    };
    match text.char_indices().nth(40) {
        Some((end, _)) => format!("\"{}…\"", &text[..end]),
        None => format!("\"{text}\""),
    }
}
