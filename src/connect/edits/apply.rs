//! Checks the rows of changes, then writes the changes, in an open transaction.
use super::{EditCounts, EditFault, EditSession, EditStatement, RowEdit, TableEdits, statements::Writer};
use crate::{
    Error, Result,
    connect::{Column, Rows, sql::SqlDialect},
    error::RowConflict,
    json::number::{DecimalParts, is_same},
};
use serde_json::{Map, Value};
use std::collections::HashMap;

/// The maximum number of conflicts to report; the rest appear after these are resolved.
const CONFLICTS: usize = 200;

/// Applies all changes: first deletions, then updates, then insertions, so that a new row may take the place of a
/// deleted one. The caller commits, or rolls back after an error.
///
/// # Errors
/// `RowConflicts` if rows have other values than the caller expects or do not exist, before anything is written.
/// `Invalid` for a value that a column or a constraint refuses, at its path in the request.
pub(in crate::connect) async fn apply<S: EditSession>(session: &mut S, edits: &TableEdits) -> Result<EditCounts> {
    let described = session.read(&Writer::new(S::DIALECT, edits, &[]).describe()).await.map_err(|fault| fault.error)?;
    let names = edits.key.iter().chain(edits.columns.iter().filter(|name| !edits.key.contains(name)));
    let columns: Vec<Column> = described
        .columns
        .iter()
        .flat_map(|columns| columns.iter())
        .zip(names)
        // a database may return names in another case
        .map(|(column, name)| Column { name: name.clone(), r#type: column.r#type.clone() })
        .collect();
    let mut applying = Applying { session, writer: Writer::new(S::DIALECT, edits, &columns), columns: &columns };
    let conflicts = applying.conflicts(edits).await?;
    if !conflicts.is_empty() {
        return Err(Error::RowConflicts(conflicts));
    }
    let mut counts = EditCounts::default();
    for (index, edit) in edits.edits.iter().enumerate() {
        if let RowEdit::Delete { key, .. } = edit {
            let place = Place { index, part: "delete" };
            applying.delete(key, place).await?;
            counts.deleted += 1;
        }
    }
    for (index, edit) in edits.edits.iter().enumerate() {
        if let RowEdit::Update { key, after, .. } = edit {
            let place = Place { index, part: "update" };
            let statement = applying.writer.update(key, after).map_err(|bad| place.bad("after", &bad))?;
            applying.write(&statement, place).await?;
            counts.updated += 1;
        }
    }
    for (index, edit) in edits.edits.iter().enumerate() {
        if let RowEdit::Insert { values } = edit {
            let place = Place { index, part: "insert" };
            let statement = applying.writer.insert(values).map_err(|bad| place.bad("values", &bad))?;
            applying.write(&statement, place).await?;
            counts.inserted += 1;
        }
    }
    Ok(counts)
}

/// The place of a change in the request.
#[derive(Clone, Copy)]
struct Place {
    index: usize,
    /// The kind of change.
    part: &'static str,
}

impl Place {
    fn path(self) -> String {
        format!("changes[{}].{}", self.index, self.part)
    }

    /// The error for a value of a column.
    fn bad(self, map: &str, (name, why): &(String, String)) -> Error {
        Error::invalid(format!("{}.{map}.{name}", self.path()), why.clone())
    }

    /// The map of the request with the values that are written.
    fn values(self) -> &'static str {
        match self.part {
            "insert" => "values",
            "update" => "after",
            _ => "key",
        }
    }

    /// Names the row, and the column if the database does, in an error of a statement.
    fn named(self, dialect: SqlDialect, statement: &EditStatement, columns: &[Column], fault: EditFault) -> Error {
        let Error::Datasource(mut problem) = fault.error else { return fault.error };
        if !refused_input(dialect, problem.code.as_deref().unwrap_or_default()) {
            problem.message = format!("{} (at {})", problem.message, self.path());
            return Error::Datasource(problem);
        }
        let by_argument = fault.argument.and_then(|at| statement.of.get(at));
        // a required column may be missing in the statement
        let known = statement.of.iter().chain(columns.iter().map(|column| &column.name));
        let column = by_argument.or_else(|| mentioned(&problem.message, known));
        // a constraint is often named after its table and column, as in `items_price_check`
        let column = column.or_else(|| statement.of.iter().find(|name| mentions(&problem.message, name, true)));
        let path = match column.filter(|_| self.part != "delete") {
            Some(name) => format!("{}.{}.{name}", self.path(), self.values()),
            None => self.path(),
        };
        Error::invalid(path, problem.message.clone())
    }
}

struct Applying<'a, S> {
    session: &'a mut S,
    writer: Writer<'a>,
    columns: &'a [Column],
}

impl<S: EditSession> Applying<'_, S> {
    /// Locks every row that changes, and compares it with what the caller expects. Rows are locked in the order of
    /// their keys, so that two callers do not wait for each other.
    async fn conflicts(&mut self, edits: &TableEdits) -> Result<Vec<RowConflict>> {
        let existing = edits.edits.iter().enumerate().filter_map(|(index, edit)| {
            let (key, before) = edit.existing()?;
            let part = if matches!(edit, RowEdit::Delete { .. }) { "delete" } else { "update" };
            Some((Place { index, part }, key, before))
        });
        let mut existing: Vec<_> = existing.collect();
        existing.sort_by_cached_key(|(_, key, _)| order(&edits.key, key));
        let (mut conflicts, mut locked) = (Vec::new(), HashMap::new());
        for (place, key, before) in existing {
            let row = self.find(key, place).await?;
            if let [row] = row.as_slice() {
                let stored: Vec<_> = edits.key.iter().map(|name| row.get(name)).collect();
                if let Some(other) = locked.insert(serde_json::to_string(&stored)?, place) {
                    let later = if other.index > place.index { other } else { place };
                    let message = "another change has the same row: send one change for each row";
                    return Err(Error::invalid(format!("{}.key", later.path()), message));
                }
            }
            conflicts.extend(conflict(place, key, before, &row)?);
            if conflicts.len() >= CONFLICTS {
                break;
            }
        }
        conflicts.sort_by_key(|conflict| conflict.change);
        Ok(conflicts)
    }

    /// Reads and locks the row of a key; two rows if the key is ambiguous.
    async fn find(&mut self, key: &Map<String, Value>, place: Place) -> Result<Vec<Map<String, Value>>> {
        let statement = self.writer.lock(key).map_err(|bad| place.bad("key", &bad))?;
        let read = self.session.read(&statement).await;
        self.rows(&read.map_err(|fault| place.named(S::DIALECT, &statement, self.columns, fault))?)
    }

    /// Returns rows with the configured names of their columns.
    fn rows(&self, read: &Rows) -> Result<Vec<Map<String, Value>>> {
        if read.truncated {
            return Err(Error::datasource("a row is too large to be edited here: write a query that changes it"));
        }
        let names = || self.columns.iter().map(|column| column.name.clone());
        let row = |row: &Value| row.as_object().map(|row| names().zip(row.values().cloned()).collect());
        Ok(read.data.as_array().map(|rows| rows.iter().filter_map(row).collect()).unwrap_or_default())
    }

    /// Deletes a row. It may be gone already: an earlier deletion of the request also deletes the rows that refer to its
    /// row, if their foreign keys say so.
    async fn delete(&mut self, key: &Map<String, Value>, place: Place) -> Result<()> {
        let statement = self.writer.delete(key).map_err(|bad| place.bad("key", &bad))?;
        match self.run(&statement, place).await? {
            0 if self.find(key, place).await?.is_empty() => Ok(()),
            count => one(count, place),
        }
    }

    /// Runs a statement that must change exactly one row.
    async fn write(&mut self, statement: &EditStatement, place: Place) -> Result<()> {
        one(self.run(statement, place).await?, place)
    }

    async fn run(&mut self, statement: &EditStatement, place: Place) -> Result<u64> {
        let written = self.session.write(statement).await;
        written.map_err(|fault| place.named(S::DIALECT, statement, self.columns, fault))
    }
}

/// Compares the rows that a key identifies with the values that a caller expects.
fn conflict(
    place: Place,
    key: &Map<String, Value>,
    before: &Map<String, Value>,
    rows: &[Map<String, Value>],
) -> Result<Option<RowConflict>> {
    let (change, key) = (place.index, key.clone());
    match rows {
        [] => Ok(Some(RowConflict { change, key, current: None, fields: Vec::new() })),
        [row] => {
            let other = before.iter().filter(|(name, value)| !row.get(*name).is_some_and(|now| agree(now, value)));
            let fields: Vec<String> = other.map(|(name, _)| name.clone()).collect();
            let current = Some(row.clone());
            Ok((!fields.is_empty()).then_some(RowConflict { change, key, current, fields }))
        }
        _ => Err(Error::invalid(
            format!("{}.key", place.path()),
            "several rows have this key: set key columns in the widget that identify one row",
        )),
    }
}

/// Checks that a statement changed exactly one row.
fn one(count: u64, place: Place) -> Result<()> {
    let why = match count {
        1 => return Ok(()),
        0 => "the database did not change the row: a trigger, a rule or another one of these changes prevents it",
        _ => "would change several rows: check the key columns of the widget",
    };
    Err(Error::invalid(place.path(), why))
}

/// Returns by what to order the keys of rows. All callers lock rows in this order, however they write a key: 1 and "1"
/// are the same number, and many databases take `a` and `A` for the same text.
fn order(names: &[String], key: &Map<String, Value>) -> Vec<(String, String)> {
    let part = |name: &String| {
        let text = match key.get(name) {
            None | Some(Value::Null) => String::new(),
            Some(Value::Bool(truth)) => u8::from(*truth).to_string(),
            Some(Value::String(text)) => text.trim().to_lowercase(),
            Some(other) => other.to_string(),
        };
        let number = DecimalParts::of(&text).and_then(|_| text.parse::<f64>().ok());
        (number.map_or_else(|| text.clone(), |number| format!("{number:e}")), text)
    };
    names.iter().map(part).collect()
}

/// Returns whether a row still has an expected value. SQLite has no booleans: whether 1 or true is returned depends on
/// how a query selects a column.
fn agree(now: &Value, expected: &Value) -> bool {
    match (now, expected) {
        (Value::Bool(truth), Value::Number(number)) | (Value::Number(number), Value::Bool(truth)) => {
            number.as_i64() == Some(i64::from(*truth))
        }
        _ => is_same(now, expected),
    }
}

/// Returns whether an error code means that a value or a constraint was the reason, so that other values help.
pub(in crate::connect) fn refused_input(dialect: SqlDialect, code: &str) -> bool {
    match dialect {
        // data exceptions, constraints, exceptions of triggers, generated columns
        SqlDialect::Postgresql => {
            ["22", "23"].iter().any(|class| code.starts_with(class)) || matches!(code, "P0001" | "428C9")
        }
        SqlDialect::Mysql => {
            let number = code.split(' ').next().and_then(|number| number.parse::<u16>().ok()).unwrap_or_default();
            let state = code.split('(').nth(1).unwrap_or_default();
            ["22", "23", "45"].iter().any(|class| state.starts_with(class))
                || matches!(number, 1048 | 1264 | 1265 | 1292 | 1364 | 1366 | 1367 | 1406 | 1411 | 1525 | 1644 | 1906)
                || matches!(number, 3105 | 3140 | 3819 | 4025)
        }
        // too big, a constraint, a mismatch; the lowest byte is the primary code
        SqlDialect::Sqlite => code.parse::<i32>().is_ok_and(|code| matches!(code & 0xff, 18..=20)),
        SqlDialect::Clickhouse => false,
    }
}

/// Returns the name that a message is about: the first one in quotes, else one that occurs as a word.
pub(in crate::connect) fn mentioned<'n>(
    message: &str,
    names: impl Iterator<Item = &'n String> + Clone,
) -> Option<&'n String> {
    // a word of the message may be the name of a column, too
    let quoted = |name: &String| ['"', '\'', '`'].iter().filter_map(|q| message.find(&format!("{q}{name}{q}"))).min();
    let first = names.clone().filter_map(|name| Some((quoted(name)?, name))).min_by_key(|(at, _)| *at);
    first.map(|(_, name)| name).or_else(|| names.into_iter().find(|name| mentions(message, name, false)))
}

/// Returns whether a message contains a name as a whole word, or as a part of a longer name with underscores.
pub(in crate::connect) fn mentions(message: &str, name: &str, in_names: bool) -> bool {
    let is_word = |c: Option<char>| c.is_some_and(|c| c.is_alphanumeric() || (c == '_' && !in_names));
    !name.is_empty()
        && message.match_indices(name).any(|(at, _)| {
            !is_word(message[..at].chars().next_back()) && !is_word(message[at + name.len()..].chars().next())
        })
}

#[cfg(test)]
mod tests {
    use super::{SqlDialect, agree, mentioned, mentions, order, refused_input};
    use serde_json::json;

    #[test]
    fn values_agree_by_what_they_are() {
        for (now, expected) in [
            (json!(1), json!(1.0)),
            (json!(true), json!(1)),
            (json!(0), json!(false)),
            (json!(null), json!(null)),
            (json!({"a": 1, "b": 2}), json!({"b": 2, "a": 1})),
        ] {
            assert!(agree(&now, &expected), "{now} {expected}");
        }
        for (now, expected) in [
            (json!(null), json!("")),
            (json!("a"), json!("A")),
            (json!("a "), json!("a")),
            (json!(2), json!(true)),
            (json!("9007199254740993"), json!("9007199254740992")),
        ] {
            assert!(!agree(&now, &expected), "{now} {expected}");
        }
    }

    #[test]
    fn keys_have_the_same_order_however_they_are_written() {
        let names = ["id".to_owned(), "part".to_owned()];
        let of = |id: serde_json::Value, part: &str| {
            order(&names, &serde_json::Map::from_iter([("part".to_owned(), part.into()), ("id".to_owned(), id)]))
        };
        let sorted = |ids: &[serde_json::Value]| {
            let mut keys: Vec<_> = ids.iter().map(|id| of(id.clone(), "x")).collect();
            keys.sort();
            keys.into_iter().map(|key| key[0].0.clone()).collect::<Vec<_>>()
        };
        assert_eq!(sorted(&[json!(1), json!("2"), json!(10)]), sorted(&[json!("10"), json!(2), json!("1.0")]));
        assert_eq!(sorted(&[json!("a"), json!("B")]), sorted(&[json!("b "), json!("A")]));
        assert!(of(json!("9007199254740993"), "x") > of(json!("9007199254740992"), "x"));
        assert!(of(json!(1), "y") > of(json!("1"), "x"));
    }

    #[test]
    fn errors_that_other_values_avoid_are_recognized() {
        for (dialect, code, expected) in [
            (SqlDialect::Postgresql, "23505", true),
            (SqlDialect::Postgresql, "22P02", true),
            (SqlDialect::Postgresql, "42501", false),
            (SqlDialect::Postgresql, "40P01", false),
            (SqlDialect::Mysql, "1062 (23000)", true),
            (SqlDialect::Mysql, "1366 (HY000)", true),
            (SqlDialect::Mysql, "1213 (40001)", false),
            (SqlDialect::Mysql, "1146 (42S02)", false),
            (SqlDialect::Sqlite, "2067", true),
            (SqlDialect::Sqlite, "1299", true),
            (SqlDialect::Sqlite, "5", false),
            (SqlDialect::Sqlite, "", false),
        ] {
            assert_eq!(refused_input(dialect, code), expected, "{code}");
        }
        assert!(mentions("UNIQUE constraint failed: items.name", "name", false));
        let names = ["value", "column", "a", "name"].map(str::to_owned);
        for message in [
            "null value in column \"name\" of relation \"kv\" violates not-null constraint",
            "Field 'name' doesn't have a default value",
            "NOT NULL constraint failed: kv.name",
        ] {
            assert_eq!(mentioned(message, names.iter()), Some(&names[3]), "{message}");
        }
        assert!(!mentions("Column 'surname' cannot be null", "name", true));
        let check = "new row for relation \"items\" violates check constraint \"items_price_check\"";
        assert!(!mentions(check, "price", false) && mentions(check, "price", true));
    }
}
