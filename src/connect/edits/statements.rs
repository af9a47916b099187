//! Builds the statements of changes: quoted names, and every value as a bound argument of its column's type.
use super::{EditStatement, TableEdits, references::quoted, type_of, values::bind};
use crate::connect::{Column, sql::SqlDialect};
use serde_json::{Map, Value};
use std::fmt::Write;

/// A value that a column cannot have: the column's name, and why.
pub(super) type BadValue = (String, String);

/// Writes statements for one table.
pub(super) struct Writer<'a> {
    dialect: SqlDialect,
    edits: &'a TableEdits,
    /// The table's columns with their types.
    columns: &'a [Column],
}

impl<'a> Writer<'a> {
    pub fn new(dialect: SqlDialect, edits: &'a TableEdits, columns: &'a [Column]) -> Self {
        Self { dialect, edits, columns }
    }

    /// Returns a statement that returns no rows, but describes the columns.
    pub fn describe(&self) -> EditStatement {
        let text = format!("select {} from {} where 1 = 0", self.all(), self.table());
        EditStatement { text, ..EditStatement::default() }
    }

    /// Returns a statement that reads the row of `key` and locks it until the transaction ends. It reads two rows if
    /// the key is ambiguous.
    pub fn lock(&self, key: &Map<String, Value>) -> Result<EditStatement, BadValue> {
        let text = format!("select {} from {}", self.all(), self.table());
        let mut statement = EditStatement { text, ..EditStatement::default() };
        self.condition(&mut statement, key)?;
        // a writing transaction of SQLite locks the whole file
        let lock = if self.dialect == SqlDialect::Sqlite { " limit 2" } else { " limit 2 for update" };
        statement.text.push_str(lock);
        Ok(statement)
    }

    pub fn update(&self, key: &Map<String, Value>, after: &Map<String, Value>) -> Result<EditStatement, BadValue> {
        let mut statement = EditStatement { text: format!("update {} set ", self.table()), ..EditStatement::default() };
        for (at, (name, value)) in after.iter().enumerate() {
            let _ = write!(statement.text, "{}{} = ", if at == 0 { "" } else { ", " }, self.quoted(name));
            self.value(&mut statement, name, value, false)?;
        }
        self.condition(&mut statement, key)?;
        Ok(statement)
    }

    pub fn delete(&self, key: &Map<String, Value>) -> Result<EditStatement, BadValue> {
        let mut statement = EditStatement { text: format!("delete from {}", self.table()), ..EditStatement::default() };
        self.condition(&mut statement, key)?;
        Ok(statement)
    }

    pub fn insert(&self, values: &Map<String, Value>) -> Result<EditStatement, BadValue> {
        let mut statement =
            EditStatement { text: format!("insert into {} ", self.table()), ..EditStatement::default() };
        if values.is_empty() {
            let defaults = if self.dialect == SqlDialect::Mysql { "() values ()" } else { "default values" };
            statement.text.push_str(defaults);
            return Ok(statement);
        }
        let names: Vec<String> = values.keys().map(|name| self.quoted(name)).collect();
        let _ = write!(statement.text, "({}) values (", names.join(", "));
        for (at, (name, value)) in values.iter().enumerate() {
            statement.text.push_str(if at == 0 { "" } else { ", " });
            self.value(&mut statement, name, value, false)?;
        }
        statement.text.push(')');
        Ok(statement)
    }

    fn condition(&self, statement: &mut EditStatement, key: &Map<String, Value>) -> Result<(), BadValue> {
        for (at, name) in self.edits.key.iter().enumerate() {
            let _ = write!(statement.text, " {} {} ", if at == 0 { "where" } else { "and" }, self.quoted(name));
            match key.get(name) {
                None | Some(Value::Null) => statement.text.push_str("is null"),
                Some(value) => {
                    statement.text.push_str("= ");
                    self.value(statement, name, value, true)?;
                }
            }
        }
        Ok(())
    }

    /// Appends a bound value. `compared` tells that it is compared with the column, not stored in it.
    fn value(&self, statement: &mut EditStatement, name: &str, value: &Value, compared: bool) -> Result<(), BadValue> {
        let bound = bind(self.dialect, type_of(self.columns, name), value, compared);
        let bound = bound.map_err(|why| (name.to_owned(), why))?;
        let number = statement.arguments.len() + 1;
        let mark = match self.dialect {
            SqlDialect::Postgresql => format!("${number}"),
            SqlDialect::Sqlite => format!("?{number}"),
            _ => "?".to_owned(),
        };
        let _ = write!(statement.text, "{}{mark}{}", bound.before, bound.after);
        statement.arguments.push(bound.value);
        statement.of.push(name.to_owned());
        Ok(())
    }

    /// Returns the names of all columns.
    fn all(&self) -> String {
        let others = self.edits.columns.iter().filter(|name| !self.edits.key.contains(name));
        let names: Vec<String> = self.edits.key.iter().chain(others).map(|name| self.quoted(name)).collect();
        names.join(", ")
    }

    fn table(&self) -> String {
        let schema = self.edits.schema.as_ref().map(|schema| format!("{}.", self.quoted(schema)));
        format!("{}{}", schema.unwrap_or_default(), self.quoted(&self.edits.table))
    }

    fn quoted(&self, name: &str) -> String {
        quoted(self.dialect, name)
    }
}

#[cfg(test)]
#[allow(clippy::unwrap_used)]
mod tests {
    use super::{Column, SqlDialect, TableEdits, Writer};
    use serde_json::{Map, Value, json};

    fn map(value: Value) -> Map<String, Value> {
        serde_json::from_value(value).unwrap()
    }

    fn edits(schema: Option<&str>) -> TableEdits {
        TableEdits {
            schema: schema.map(str::to_owned),
            table: "o `\"n".to_owned(),
            key: vec!["id".to_owned(), "part".to_owned()],
            columns: vec!["id".to_owned(), "price".to_owned()],
            edits: Vec::new(),
        }
    }

    #[test]
    fn names_are_quoted_and_values_are_bound_in_each_dialect() {
        let columns = [("id", "bigint"), ("part", "text"), ("price", "decimal")]
            .map(|(name, kind)| Column { name: name.to_owned(), r#type: kind.to_owned() });
        let key = map(json!({"id": "9007199254740993", "part": null}));
        for (dialect, lock, update, insert) in [
            (
                SqlDialect::Postgresql,
                r#"select "id", "part", "price" from "s"."o `""n" where "id" = $1 and "part" is null limit 2 for update"#,
                r#"update "s"."o `""n" set "price" = $1 where "id" = $2 and "part" is null"#,
                r#"insert into "s"."o `""n" default values"#,
            ),
            (
                SqlDialect::Mysql,
                "select `id`, `part`, `price` from `s`.`o ``\"n` where `id` = ? and `part` is null limit 2 for update",
                "update `s`.`o ``\"n` set `price` = ? where `id` = ? and `part` is null",
                "insert into `s`.`o ``\"n` () values ()",
            ),
            (
                SqlDialect::Sqlite,
                "select `id`, `part`, `price` from `s`.`o ``\"n` where `id` = ?1 and `part` is null limit 2",
                "update `s`.`o ``\"n` set `price` = ?1 where `id` = ?2 and `part` is null",
                "insert into `s`.`o ``\"n` default values",
            ),
        ] {
            let edits = edits(Some("s"));
            let writer = Writer::new(dialect, &edits, &columns);
            assert_eq!(writer.lock(&key).unwrap().text, lock);
            let written = writer.update(&key, &map(json!({"price": "12.50"}))).unwrap();
            assert_eq!(written.text, update);
            assert_eq!(written.of, ["price", "id"]);
            assert_eq!(writer.insert(&Map::new()).unwrap().text, insert);
        }
        let plain = edits(None);
        let writer = Writer::new(SqlDialect::Mysql, &plain, &columns);
        assert_eq!(writer.delete(&map(json!({"id": 1, "part": "x"}))).unwrap().text.matches('?').count(), 2);
        let compared = writer.lock(&map(json!({"id": 1, "price": 2}))).unwrap();
        assert_eq!(compared.arguments, [json!(1)]);
    }
}
