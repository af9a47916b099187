//! The statements that find the rows which a foreign key of an editable table refers to.
use crate::connect::sql::SqlDialect;
use serde_json::{Map, Value, json};

/// The most rows that a search returns.
const FOUND: usize = 50;
/// The most rows that are returned for keys and texts: labels need not be unique.
const MOST: usize = 2000;

/// Rows of a table to find. All names come from a saved config; only the values are a caller's.
#[derive(Clone, Debug)]
pub struct ReferenceLookup {
    /// The schema or database of the table; `None` for the default one.
    pub schema: Option<String>,
    pub table: String,
    /// The column with the keys.
    pub key: String,
    /// The column with the labels.
    pub label: String,
    pub wanted: WantedRows,
}

/// Which rows to find.
#[derive(Clone, Debug)]
pub enum WantedRows {
    /// Those whose key or label contains a text; all of them if it is empty.
    Containing(String),
    /// Those with one of these keys.
    Keys(Vec<Value>),
    /// Those whose key or label is one of these texts, ignoring case.
    Texts(Vec<String>),
}

/// A query for rows, with the columns `value` and `label`.
#[derive(Debug)]
pub struct LookupQuery {
    pub sql: String,
    pub parameters: Vec<Value>,
    pub values: Map<String, Value>,
    /// The most rows that it returns.
    pub most: usize,
}

impl WantedRows {
    /// Splits several keys, to find out which of them cannot be read. `None` for anything else.
    pub fn halves(&self) -> Option<[Self; 2]> {
        let Self::Keys(keys) = self else { return None };
        let (one, other) = keys.split_at(keys.len() / 2);
        (!one.is_empty()).then(|| [Self::Keys(one.to_vec()), Self::Keys(other.to_vec())])
    }
}

impl ReferenceLookup {
    /// Writes the query in a dialect.
    pub fn query(&self, dialect: SqlDialect) -> LookupQuery {
        let quote = |name: &str| quoted(dialect, name);
        let (key, label) = (format!("f.{}", quote(&self.key)), format!("f.{}", quote(&self.label)));
        let text_of =
            |column: &str| format!("cast({column} as {})", if dialect == SqlDialect::Mysql { "char" } else { "text" });
        let (key_text, label_text) = (text_of(&key), text_of(&label));
        let (condition, parameters, values, most) = match &self.wanted {
            WantedRows::Containing(text) if text.is_empty() => (String::new(), Vec::new(), json!({}), FOUND),
            WantedRows::Containing(text) => {
                let condition = format!("where {} or {}", contains(dialect, &label_text), contains(dialect, &key_text));
                (condition, vec![json!({"name": "text"})], json!({"text": text}), FOUND)
            }
            WantedRows::Keys(keys) => {
                let condition = format!("where {key} in ({{{{ params.keys }}}})");
                (condition, vec![json!({"name": "keys", "type": "array"})], json!({"keys": keys}), MOST)
            }
            WantedRows::Texts(texts) => {
                let condition = format!(
                    "where {label_text} in ({{{{ params.texts }}}}) or lower({label_text}) in ({{{{ params.lower }}}})\n   \
                     or {key_text} in ({{{{ params.texts }}}})"
                );
                let lower: Vec<_> = texts.iter().map(|text| text.to_lowercase()).collect();
                let parameters = ["texts", "lower"].map(|name| json!({"name": name, "type": "array"}));
                (condition, parameters.to_vec(), json!({"texts": texts, "lower": lower}), MOST)
            }
        };
        let schema = self.schema.as_ref().map(|schema| format!("{}.", quote(schema)));
        let sql = format!(
            "select {key} as {}, {label} as {}\nfrom {}{} f\n{condition}\norder by 2, 1\nlimit {}",
            quote("value"),
            quote("label"),
            schema.unwrap_or_default(),
            quote(&self.table),
            most + 1,
        );
        let values = if let Value::Object(values) = values { values } else { Map::new() };
        LookupQuery { sql, parameters, values, most }
    }
}

fn contains(dialect: SqlDialect, text: &str) -> String {
    let search = "{{ params.text }}";
    match dialect {
        SqlDialect::Postgresql => format!("strpos(lower({text}), lower(cast({search} as text))) > 0"),
        SqlDialect::Mysql => format!("locate(lower({search}), lower({text})) > 0"),
        SqlDialect::Sqlite | SqlDialect::Clickhouse => format!("instr(lower({text}), lower({search})) > 0"),
    }
}

/// Quotes a name. SQLite takes a missing column in double quotes for a text, so it gets backticks, too.
pub(super) fn quoted(dialect: SqlDialect, name: &str) -> String {
    let quote = if dialect == SqlDialect::Postgresql { '"' } else { '`' };
    format!("{quote}{}{quote}", name.replace(quote, &format!("{quote}{quote}")))
}

#[cfg(test)]
mod tests {
    use super::{ReferenceLookup, SqlDialect, WantedRows};
    use serde_json::json;

    fn query(dialect: SqlDialect, wanted: WantedRows) -> super::LookupQuery {
        let lookup = ReferenceLookup {
            schema: Some("s".to_owned()),
            table: "o`\"n".to_owned(),
            key: "id".to_owned(),
            label: "na\"me".to_owned(),
            wanted,
        };
        lookup.query(dialect)
    }

    #[test]
    fn names_are_quoted_and_values_are_parameters() {
        let found = query(SqlDialect::Postgresql, WantedRows::Keys(vec![json!(1), json!("x")]));
        assert_eq!(
            found.sql,
            "select f.\"id\" as \"value\", f.\"na\"\"me\" as \"label\"\nfrom \"s\".\"o`\"\"n\" f\n\
             where f.\"id\" in ({{ params.keys }})\norder by 2, 1\nlimit 2001"
        );
        assert_eq!(json!(found.values), json!({"keys": [1, "x"]}));
        for dialect in [SqlDialect::Mysql, SqlDialect::Sqlite] {
            let found = query(dialect, WantedRows::Texts(vec!["É'x".to_owned()]));
            assert!(found.sql.contains("from `s`.`o``\"n` f"), "{}", found.sql);
            assert!(!found.sql.contains("'x"), "{}", found.sql);
            assert_eq!(json!(found.values), json!({"texts": ["É'x"], "lower": ["é'x"]}));
        }
        assert!(!query(SqlDialect::Sqlite, WantedRows::Containing(String::new())).sql.contains("where"));
    }
}
