//! The tables that foreign keys refer to, and the labels of their rows.
use super::{
    AppSource,
    fields::{AppFieldKind, is_binary},
};
use crate::connect::{ColumnInfo, SqlDialect, TableInfo};

/// Names of columns that people recognize a row by, the best first.
const LABELS: [&str; 14] = [
    "name",
    "title",
    "label",
    "full_name",
    "fullname",
    "display_name",
    "displayname",
    "username",
    "user_name",
    "email",
    "code",
    "slug",
    "subject",
    "key",
];

/// The table that a foreign key refers to.
pub struct ReferencedTable<'a> {
    pub table: &'a TableInfo,
    /// The referenced column.
    pub column: &'a str,
    /// The column that people recognize a row by.
    pub label: &'a str,
    /// The result column with the label.
    pub name: String,
}

/// Returns what a column refers to, if it is a foreign key of one column. `name` gives the result column with the label.
pub fn target<'a>(
    source: &AppSource<'a>,
    column: &'a ColumnInfo,
    name: impl FnOnce() -> String,
) -> Option<ReferencedTable<'a>> {
    let reference = column.references.as_ref().filter(|reference| !reference.composite)?;
    let same = |one: &&TableInfo| one.schema == reference.schema && one.name.eq_ignore_ascii_case(&reference.table);
    let exact = |one: &&TableInfo| one.schema == reference.schema && one.name == reference.table;
    let table = source.tables.iter().find(exact).or_else(|| source.tables.iter().find(same))?;
    let known = |wanted: &str| table.columns.iter().find(|one| one.name.eq_ignore_ascii_case(wanted));
    let referenced = known(&reference.column)?;
    let label = guess_label(source.dialect, table).unwrap_or(&referenced.name);
    Some(ReferencedTable { table, column: &referenced.name, label, name: name() })
}

/// Guesses the column that people recognize a row by.
fn guess_label(dialect: SqlDialect, table: &TableInfo) -> Option<&str> {
    let is_text = |column: &&ColumnInfo| {
        let kind = AppFieldKind::of(dialect, column);
        matches!(kind, AppFieldKind::Text | AppFieldKind::LongText) && !is_binary(dialect, &column.r#type)
    };
    let texts: Vec<&ColumnInfo> = table.columns.iter().filter(is_text).collect();
    let named = |wanted: &str| texts.iter().find(|column| column.name.eq_ignore_ascii_case(wanted));
    let ends =
        || texts.iter().find(|column| ["name", "title"].iter().any(|end| column.name.to_lowercase().ends_with(end)));
    let found = LABELS.iter().find_map(|wanted| named(wanted)).or_else(ends);
    let first = || texts.iter().find(|column| !column.primary_key && column.references.is_none());
    found.or_else(first).map(|column| column.name.as_str())
}
