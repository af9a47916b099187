//! The columns of a table as fields: their names, types and inputs.
use super::{
    AppSource,
    defaults::literal,
    names::{AppNames, label},
    target::{ReferencedTable, target},
    written::WrittenDate,
};
use crate::connect::{ColumnInfo, SqlDialect};
use serde_json::{Value, json};

/// Names of columns that usually contain a long text.
const LONG: [&str; 9] =
    ["description", "notes", "note", "comment", "comments", "body", "content", "summary", "message"];
/// The most characters of a default that are shown.
const PLACEHOLDER: usize = 60;
/// The most values of a list to select from.
const MOST_VALUES: usize = 200;

/// How the values of a column are bound and entered.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum AppFieldKind {
    Text,
    LongText,
    Integer,
    /// An exact number, bound as text.
    Decimal,
    Float,
    Boolean,
    Date,
    Time,
    /// A time that may have a sign and more than 24 hours, entered as text.
    Duration,
    /// A date and time without a zone.
    DateTime,
    /// A moment, which everyone sees in their own zone.
    Moment,
    /// Any other type, read and written as text.
    Opaque,
}

/// A column of the table.
pub struct AppField<'a> {
    pub column: &'a ColumnInfo,
    /// The parameter, form field and result column.
    pub name: String,
    /// The parameter with the original value of a column of the key.
    pub key: String,
    /// The filters' parameters.
    pub filter: String,
    pub from: String,
    pub to: String,
    pub contains: String,
    pub empty: String,
    pub label: String,
    /// What it is called where the row that it refers to is shown.
    pub words: String,
    pub kind: AppFieldKind,
    /// The type of a parameter with a value of this column.
    bound: &'static str,
    /// How dates are written in a column of text.
    pub written: Option<WrittenDate>,
    /// Whether the database stores all its numbers with double precision.
    is_double: bool,
    /// Whether it is shown and entered, not only part of the key.
    pub is_shown: bool,
    /// What it refers to, for a foreign key of one column.
    pub target: Option<ReferencedTable<'a>>,
}

impl<'a> AppField<'a> {
    pub fn new(source: &AppSource<'a>, column: &'a ColumnInfo, is_shown: bool, names: &mut AppNames) -> Self {
        let name = names.give(&column.name);
        let mut part = |what: &str| names.give(&format!("{name}_{what}"));
        let (key, filter) = (part("key"), part("is"));
        let (from, to) = (part("from"), part("to"));
        let (contains, empty) = (part("contains"), part("empty"));
        let target = target(source, column, || part("label"));
        let dates = source.dates.get(&column.name).copied();
        let written = dates.flatten();
        let kind = match (AppFieldKind::of(source.dialect, column), written) {
            (_, Some(written)) => written.kind(),
            // declared as dates, but some values are none
            (AppFieldKind::Date | AppFieldKind::DateTime, None) if dates.is_some() => AppFieldKind::Text,
            (kind, None) => kind,
        };
        let label = label(&column.name);
        let bound = if written.is_some() { "string" } else { kind.bound(source.dialect) };
        // the form shows the label of the row instead of its ID
        let short = label.strip_suffix(" id").or_else(|| label.strip_suffix("Id")).filter(|short| !short.is_empty());
        let words = short.filter(|_| target.is_some()).unwrap_or(&label).to_owned();
        Self {
            column,
            name,
            key,
            filter,
            from,
            to,
            contains,
            empty,
            label,
            words,
            kind,
            bound,
            written,
            is_double: source.dialect == SqlDialect::Sqlite,
            is_shown,
            target,
        }
    }

    /// Returns whether people can enter it: not if the database generates it.
    pub fn is_entered(&self) -> bool {
        self.is_shown && self.column.generated.is_none() && self.column.on_update.is_none()
    }

    /// Returns whether people can enter it in a new row: not if the database would always use a default that cannot be
    /// part of a query.
    pub fn is_entered_in_new(&self) -> bool {
        let is_needed = self.column.on_update.is_some() && self.is_shown && self.is_required();
        (self.is_entered() || is_needed) && !self.has_hidden_default()
    }

    /// Returns whether a new row requires a value. Columns of a key do, even if the database does not say so.
    pub fn is_required(&self) -> bool {
        self.is_never_null() && self.column.default.is_none()
    }

    fn is_never_null(&self) -> bool {
        !self.column.nullable || self.column.primary_key
    }

    /// Returns whether its values are selected from a list.
    pub fn is_listed(&self) -> bool {
        (1..=MOST_VALUES).contains(&self.column.values.len())
    }

    pub fn is_text(&self) -> bool {
        matches!(self.kind, AppFieldKind::Text | AppFieldKind::LongText)
    }

    /// Returns whether searching looks into it.
    pub fn is_searched(&self) -> bool {
        self.is_shown && (self.is_text() || self.is_listed() || self.is_key_text())
    }

    /// Returns whether a filter finds a value: not times, which nobody enters to the second, numbers that are stored less
    /// exactly than they are entered, and types that are written in several ways.
    pub fn is_matched(&self) -> bool {
        let declared = self.column.r#type.to_ascii_lowercase();
        match self.kind {
            AppFieldKind::Integer | AppFieldKind::Decimal | AppFieldKind::Date => true,
            AppFieldKind::Float => self.is_double || declared.starts_with("double"),
            AppFieldKind::Opaque => self.column.primary_key || declared == "uuid",
            _ => false,
        }
    }

    /// Numbers and identifiers of the key are found, too.
    fn is_key_text(&self) -> bool {
        self.column.primary_key && matches!(self.kind, AppFieldKind::Integer | AppFieldKind::Opaque)
    }

    /// Declares a parameter with values of this column.
    pub fn parameter(&self, name: &str) -> Value {
        json!({"name": name, "type": self.bound})
    }

    /// Declares a parameter that finds rows by their key. An empty text is a key, too.
    pub fn key_parameter(&self) -> Value {
        let mut parameter = self.parameter(&self.key);
        if self.bound != "string" {
            parameter["required"] = true.into();
        }
        parameter
    }

    /// Declares the dashboard's variable for the selected row.
    pub fn variable(&self) -> Value {
        let r#type = match self.kind {
            AppFieldKind::Integer | AppFieldKind::Decimal | AppFieldKind::Float => "number",
            AppFieldKind::Date => "date",
            _ => "text",
        };
        json!({"name": self.name, "type": r#type, "label": self.label, "default": null, "hidden": true})
    }

    /// Describes the field in the form for a new row, or for an existing one.
    pub fn input(&self, is_new: bool) -> Value {
        let r#type = self.input_type(is_new);
        let is_free_text = self.is_text() && r#type != "select";
        // a text with a default may be empty where it must not be null
        let takes_empty = if self.is_listed() {
            self.column.values.iter().any(String::is_empty)
        } else {
            is_free_text && self.column.default.is_some()
        };
        let required = if is_new { self.is_required() } else { self.is_never_null() && !takes_empty };
        let empty_text = !is_new && is_free_text && self.is_never_null();
        let mut input = json!({
            "name": self.name,
            "label": self.words,
            "type": r#type,
            "required": required && r#type != "boolean",
            "help": self.column.comment.as_deref().unwrap_or_default().chars().take(500).collect::<String>(),
        });
        if empty_text {
            input["emptyText"] = true.into();
        }
        if let Some(default) = self.default().and_then(literal).filter(|_| is_new) {
            input["placeholder"] = default.chars().take(PLACEHOLDER).collect::<String>().into();
        } else if self.column.r#type.ends_with("[]") {
            input["placeholder"] = "{a,b}".into();
        }
        if r#type == "select" && self.target.is_none() {
            input["options"] = json!(self.column.values);
        }
        if let Some(length) = length(&self.column.r#type).filter(|_| self.is_text() && r#type != "select") {
            input["max"] = length.into();
        }
        input
    }

    fn input_type(&self, is_new: bool) -> &'static str {
        let can_be_empty = self.column.nullable || (is_new && self.column.default.is_some());
        match self.kind {
            _ if self.target.is_some() || self.is_listed() => "select",
            AppFieldKind::LongText => "longText",
            AppFieldKind::Text if length(&self.column.r#type).is_some_and(|length| length > 255) => "longText",
            AppFieldKind::Opaque if self.column.r#type.starts_with("json") => "longText",
            AppFieldKind::Text | AppFieldKind::Duration | AppFieldKind::Opaque => "text",
            AppFieldKind::Integer | AppFieldKind::Decimal | AppFieldKind::Float => "number",
            AppFieldKind::Boolean if can_be_empty => "optionalBoolean",
            AppFieldKind::Boolean => "boolean",
            AppFieldKind::Date => "date",
            AppFieldKind::Time => "time",
            AppFieldKind::DateTime => "dateTime",
            AppFieldKind::Moment => "moment",
        }
    }
}

impl AppFieldKind {
    pub fn of(dialect: SqlDialect, column: &ColumnInfo) -> Self {
        let declared = column.r#type.to_ascii_lowercase();
        let plain = declared.split('(').next().unwrap_or_default().trim();
        let is_long = LONG.contains(&column.name.to_lowercase().as_str());
        let kind = match dialect {
            SqlDialect::Postgresql => postgresql(&declared),
            SqlDialect::Mysql => mysql(&declared, plain),
            SqlDialect::Sqlite | SqlDialect::Clickhouse => sqlite(plain),
        };
        if kind == Self::Text && is_long && !declared.contains("char") { Self::LongText } else { kind }
    }

    /// Returns the type of a parameter with such a value.
    pub fn parameter(self) -> &'static str {
        match self {
            Self::Integer | Self::Float => "number",
            Self::Boolean => "boolean",
            Self::Date | Self::DateTime | Self::Moment => "date",
            Self::Text | Self::LongText | Self::Decimal | Self::Time | Self::Duration | Self::Opaque => "string",
        }
    }

    /// Returns the type of a parameter whose value is stored, or finds a row: text for columns whose values a calendar
    /// or a JSON number may lack, such as `infinity` and `NaN`.
    fn bound(self, dialect: SqlDialect) -> &'static str {
        match (dialect, self) {
            (SqlDialect::Postgresql, Self::Float)
            | (SqlDialect::Postgresql | SqlDialect::Sqlite, Self::Date | Self::DateTime | Self::Moment) => "string",
            (_, kind) => kind.parameter(),
        }
    }

    /// Returns whether values are compared by size in filters.
    pub fn is_ordered(self) -> bool {
        matches!(self, Self::Integer | Self::Decimal | Self::Float | Self::Date | Self::DateTime | Self::Moment)
    }
}

/// Returns the type without the length in parentheses: `timestamp(3) with time zone` becomes
/// `timestamp with time zone`.
fn without_length(declared: &str) -> String {
    match (declared.find('('), declared.find(')')) {
        (Some(open), Some(close)) if open < close && !declared.contains('"') => {
            format!("{}{}", &declared[..open], &declared[close + 1..])
        }
        _ => declared.to_owned(),
    }
}

/// Returns the type that a value is cast to in `PostgreSQL`. It has no length: a cast to `character(3)` would shorten
/// the value, and `character` and `bit` without a length have the length 1. Storing the value checks the length.
pub fn cast_type(declared: &str) -> String {
    let plain = without_length(declared);
    let (item, dimensions) = plain.split_at(plain.find('[').unwrap_or(plain.len()));
    match item {
        "character" => format!("bpchar{dimensions}"),
        "bit" => format!("bit varying{dimensions}"),
        _ => plain,
    }
}

fn postgresql(declared: &str) -> AppFieldKind {
    match without_length(declared).as_str() {
        "smallint" | "integer" | "bigint" => AppFieldKind::Integer,
        "numeric" => AppFieldKind::Decimal,
        "real" | "double precision" => AppFieldKind::Float,
        "boolean" => AppFieldKind::Boolean,
        "date" => AppFieldKind::Date,
        "time without time zone" => AppFieldKind::Time,
        "timestamp without time zone" => AppFieldKind::DateTime,
        "timestamp with time zone" => AppFieldKind::Moment,
        "text" | "character varying" | "character" | "citext" => AppFieldKind::Text,
        _ => AppFieldKind::Opaque,
    }
}

fn mysql(declared: &str, plain: &str) -> AppFieldKind {
    match plain.split(' ').next().unwrap_or_default() {
        "tinyint" if declared.starts_with("tinyint(1)") => AppFieldKind::Boolean,
        "tinyint" | "smallint" | "mediumint" | "int" | "bigint" | "year" => AppFieldKind::Integer,
        "decimal" | "numeric" => AppFieldKind::Decimal,
        "float" | "double" => AppFieldKind::Float,
        "date" => AppFieldKind::Date,
        "time" => AppFieldKind::Duration,
        "datetime" => AppFieldKind::DateTime,
        "timestamp" => AppFieldKind::Moment,
        "text" | "mediumtext" | "longtext" => AppFieldKind::LongText,
        "json" => AppFieldKind::Opaque,
        _ => AppFieldKind::Text,
    }
}

/// Follows the affinity of a column (<https://sqlite.org/datatype3.html>), besides the names of types that it lacks.
fn sqlite(plain: &str) -> AppFieldKind {
    let has = |part: &str| plain.contains(part);
    match plain {
        "boolean" | "bool" => AppFieldKind::Boolean,
        "date" => AppFieldKind::Date,
        "time" => AppFieldKind::Time,
        "datetime" | "timestamp" => AppFieldKind::DateTime,
        _ if has("int") => AppFieldKind::Integer,
        _ if has("char") || has("clob") || has("text") => AppFieldKind::Text,
        _ if has("real") || has("floa") || has("doub") || has("dec") || has("num") => AppFieldKind::Float,
        _ => AppFieldKind::Text,
    }
}

/// Returns whether a column holds bytes or shapes, which an app does not show.
pub fn is_binary(dialect: SqlDialect, declared: &str) -> bool {
    let declared = declared.to_ascii_lowercase();
    match dialect {
        SqlDialect::Postgresql => declared == "bytea",
        SqlDialect::Mysql => {
            let types = ["bit", "point", "linestring", "polygon", "geometry", "multi", "geomcollection"];
            declared.contains("blob")
                || declared.contains("binary")
                || types.iter().any(|name| declared.starts_with(name))
        }
        SqlDialect::Sqlite | SqlDialect::Clickhouse => declared.contains("blob"),
    }
}

/// Returns the digits after the decimal point of a declared type, such as 2 of `numeric(10,2)`.
pub fn scale(declared: &str) -> Option<u8> {
    let (_, rest) = declared.split_once('(')?;
    rest.split(')').next()?.split_once(',')?.1.trim().parse().ok()
}

/// Returns the maximum length of a type such as `varchar(40)`.
fn length(declared: &str) -> Option<u32> {
    let declared = declared.to_ascii_lowercase();
    let (name, rest) = declared.split_once('(')?;
    name.contains("char").then(|| rest.split(')').next()?.trim().parse().ok())?
}
