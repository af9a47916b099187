//! The SQL of an app, in the dialect of its datasource. Values are parameters, names are quoted.
use super::{
    AppSource,
    fields::{AppField, AppFieldKind, cast_type},
    target::ReferencedTable,
    widgets::PAGE,
};
use crate::connect::{Generation, SqlDialect};
use serde_json::{Value, json};

/// The most columns with filters.
const MOST_FILTERS: usize = 12;
/// The most choices of a foreign key at once.
const CHOICES: u32 = 50;

/// A statement and the declarations of its parameters.
pub struct AppStatement {
    pub sql: String,
    pub parameters: Vec<Value>,
}

/// A filter of the list: an operator of the table widget, and the parameter with its value.
pub struct AppFilter<'a> {
    pub field: &'a AppField<'a>,
    /// The result column: that of the field, or of the label of the row that it refers to.
    pub column: &'a str,
    pub operator: &'static str,
    pub parameter: &'a str,
}

/// Writes the statements of an app.
pub struct AppStatements<'a> {
    dialect: SqlDialect,
    table: String,
    fields: &'a [AppField<'a>],
    version: String,
}

impl<'a> AppStatements<'a> {
    /// `version` is the name of the result column and of the parameter with what a row contained when it was read.
    pub fn new(source: &AppSource<'_>, fields: &'a [AppField<'a>], version: String) -> Self {
        let path = path(source.dialect, source.table.schema.as_deref(), &source.table.name);
        Self { dialect: source.dialect, table: path, fields, version }
    }

    fn keys(&self) -> impl Iterator<Item = &'a AppField<'a>> {
        self.fields.iter().filter(|field| field.column.primary_key)
    }

    /// Returns the columns that the list can be sorted by.
    pub fn sortable(&self) -> Vec<&'a str> {
        let labels = self.fields.iter().filter_map(|field| Some(field.target.as_ref()?.name.as_str()));
        self.fields.iter().map(|field| field.name.as_str()).chain(labels).collect()
    }

    /// Returns the columns that searching looks into.
    pub fn searched(&self) -> Vec<&'a str> {
        let names = |field: &'a AppField<'a>| {
            let own = field.is_searched().then_some(field.name.as_str());
            [own, field.target.as_ref().map(|to| to.name.as_str())].into_iter().flatten()
        };
        self.fields.iter().flat_map(names).collect()
    }

    /// Returns whether the list can be searched.
    pub fn is_searchable(&self) -> bool {
        !self.searched().is_empty()
    }

    pub fn filters(&self) -> Vec<AppFilter<'a>> {
        let filters = |field: &'a AppField<'a>| {
            let one = |operator, parameter| AppFilter { field, column: &field.name, operator, parameter };
            let equals = || one("equals", field.filter.as_str());
            if let Some(target) = &field.target {
                // people know the row by its label, other systems by its key
                vec![AppFilter { column: &target.name, ..one("contains", &field.contains) }, equals()]
            } else if field.is_listed() || field.kind == AppFieldKind::Boolean {
                vec![equals()]
            } else if field.kind.is_ordered() {
                // a day is the first moment of it: the last day of a range would not be part of it
                let is_time = matches!(field.kind, AppFieldKind::DateTime | AppFieldKind::Moment);
                let sizes = [one("atLeast", &field.from), one(if is_time { "less" } else { "atMost" }, &field.to)];
                field.is_matched().then(equals).into_iter().chain(sizes).collect()
            } else if field.is_text() {
                vec![one("contains", &field.contains), equals(), one("empty", &field.empty)]
            } else if field.is_matched() {
                vec![equals()]
            } else {
                Vec::new()
            }
        };
        let shown = self.fields.iter().filter(|field| field.is_shown);
        shown.map(filters).filter(|found| !found.is_empty()).take(MOST_FILTERS).flatten().collect()
    }

    /// Lists one page of the rows, with the labels of what they refer to.
    pub fn list(&self) -> AppStatement {
        let columns = self.fields.iter().flat_map(|field| {
            let own = format!("{} as {}", self.read(field, "t."), self.quote(&field.name));
            let label = field.target.as_ref();
            let label = label.map(|to| format!("({}) as {}", self.label_of(field, to), self.quote(&to.name)));
            [Some(own), label].into_iter().flatten()
        });
        let order = std::iter::once("{{ ident(params.sort) }} {{ direction(params.direction) }}".to_owned())
            .chain(self.keys().map(|key| format!("t.{}", self.quote(&key.column.name))));
        let sql = format!(
            "select {}\nfrom {} t\n{}order by {}\nlimit {{{{ params.limit }}}} offset {{{{ params.offset }}}}",
            columns.collect::<Vec<_>>().join(",\n       "),
            self.table,
            self.conditions(),
            order.collect::<Vec<_>>().join(", "),
        );
        let first = self.keys().chain(self.fields).next();
        let is_newest_first = first.is_some_and(|field| field.column.generated == Some(Generation::Identity));
        let direction = if is_newest_first { "desc" } else { "asc" };
        let mut parameters = self.condition_parameters();
        parameters.extend([
            json!({"name": "sort", "default": first.map(|field| &field.name), "allowed": self.sortable()}),
            json!({"name": "direction", "default": direction, "allowed": ["asc", "desc"]}),
            json!({"name": "limit", "type": "number", "default": PAGE}),
            json!({"name": "offset", "type": "number", "default": 0}),
        ]);
        AppStatement { sql, parameters }
    }

    /// Counts the rows that the list would show on all pages.
    pub fn count(&self) -> AppStatement {
        let sql = format!("select count(*) as {}\nfrom {} t\n{}", self.quote("total"), self.table, self.conditions());
        AppStatement { sql: sql.trim_end().to_owned(), parameters: self.condition_parameters() }
    }

    /// Returns the name of the result column of [`Self::get`] that [`Self::update`] takes.
    pub fn version(&self) -> &str {
        &self.version
    }

    /// Reads the row with a key, and its version.
    pub fn get(&self) -> AppStatement {
        let own = self.fields.iter().map(|field| format!("{} as {}", self.read(field, ""), self.quote(&field.name)));
        let columns = own.chain([format!("{} as {}", self.contents(), self.quote(&self.version))]);
        let keys: Vec<String> = self.keys().map(|key| self.equals(key, &key.name)).collect();
        let sql = format!(
            "select {}\nfrom {}\nwhere {}",
            columns.collect::<Vec<_>>().join(",\n       "),
            self.table,
            keys.join(" and ")
        );
        AppStatement { sql, parameters: self.keys().map(|key| key.parameter(&key.name)).collect() }
    }

    /// Adds a row. Defaults of the database apply to values that are missing.
    pub fn insert(&self) -> AppStatement {
        let entered: Vec<_> = self.entered_in_new().collect();
        let columns: Vec<String> = entered.iter().map(|field| self.quote(&field.column.name)).collect();
        let values: Vec<String> = entered.iter().map(|field| self.new_value(field)).collect();
        let sql = format!("insert into {} ({})\nvalues ({})", self.table, columns.join(", "), values.join(", "));
        AppStatement { sql, parameters: entered.iter().map(|field| field.parameter(&field.name)).collect() }
    }

    /// Returns the fields of the form for a new row.
    pub fn entered_in_new(&self) -> impl Iterator<Item = &'a AppField<'a>> {
        self.fields.iter().filter(|field| field.is_entered_in_new())
    }

    /// Returns the fields of the form for an existing row.
    pub fn entered(&self) -> impl Iterator<Item = &'a AppField<'a>> {
        self.fields.iter().filter(|field| field.is_entered())
    }

    /// Changes the row that had a key before, unless somebody has changed it since.
    pub fn update(&self) -> AppStatement {
        let set = self.entered().map(|field| format!("{} = {}", self.quote(&field.column.name), self.stored(field)));
        let sql = format!(
            "update {}\nset {}\nwhere {}\n  and {} = {}",
            self.table,
            set.collect::<Vec<_>>().join(",\n    "),
            self.has_key(),
            self.contents(),
            placeholder(&self.version),
        );
        let values = self.entered().map(|field| field.parameter(&field.name));
        let version = json!({"name": self.version, "required": true});
        AppStatement { sql, parameters: values.chain(self.key_parameters()).chain([version]).collect() }
    }

    pub fn delete(&self) -> AppStatement {
        let sql = format!("delete from {}\nwhere {}", self.table, self.has_key());
        AppStatement { sql, parameters: self.key_parameters().collect() }
    }

    /// Lists rows that a foreign key can refer to: those that contain a text, after the one with the current value.
    pub fn choices(&self, field: &AppField<'_>, target: &ReferencedTable<'_>) -> AppStatement {
        let column = format!("f.{}", self.quote(target.column));
        let label = format!("f.{}", self.quote(target.label));
        let value = if field.kind == AppFieldKind::Opaque { self.text_of(&column) } else { column.clone() };
        let found = [self.contains(&self.text_of(&label)), self.contains(&self.text_of(&column))];
        let sql = format!(
            "select {value} as {}, {label} as {}\nfrom {} f\nwhere {} or {}\n\
             order by case when {column} = {} then 0 else 1 end, 2\nlimit {CHOICES}",
            self.quote("value"),
            self.quote("label"),
            path(self.dialect, target.table.schema.as_deref(), &target.table.name),
            self.is_missing("search"),
            found.join(" or "),
            self.write(field, "value"),
        );
        let parameters = vec![json!({"name": "search"}), field.parameter("value")];
        AppStatement { sql, parameters }
    }

    fn key_parameters(&self) -> impl Iterator<Item = Value> {
        self.keys().map(AppField::key_parameter)
    }

    /// Returns a text that changes with each value that the form overwrites. The database writes it, so that types whose
    /// values cannot be compared, such as `json`, or are rounded when they are read, such as `float`, count, too.
    fn contents(&self) -> String {
        let columns = self.entered().map(|field| self.quote(&field.column.name));
        let columns: Vec<String> = match self.dialect {
            SqlDialect::Sqlite => columns.map(|column| format!("quote({column})")).collect(),
            _ => columns.collect(),
        };
        match self.dialect {
            SqlDialect::Postgresql => format!("cast(row({}) as text)", columns.join(", ")),
            // texts are equal to those in another case, their hashes are not
            SqlDialect::Mysql => format!("sha2(json_array({}), 256)", columns.join(", ")),
            SqlDialect::Sqlite | SqlDialect::Clickhouse => columns.join(" || ',' || "),
        }
    }

    fn has_key(&self) -> String {
        self.keys().map(|key| self.equals(key, &key.key)).collect::<Vec<_>>().join(" and ")
    }

    fn equals(&self, field: &AppField<'_>, parameter: &str) -> String {
        format!("{} = {}", self.quote(&field.column.name), self.write(field, parameter))
    }

    /// Returns the search and the filters, each of which applies only if its parameter has a value.
    fn conditions(&self) -> String {
        let mut conditions = Vec::new();
        if self.is_searchable() {
            let texts = self.fields.iter().flat_map(|field| {
                let own = field.is_searched().then(|| self.text_of(&format!("t.{}", self.quote(&field.column.name))));
                let label = field.target.as_ref().map(|to| self.text_of(&format!("({})", self.label_of(field, to))));
                [own, label].into_iter().flatten()
            });
            let found: Vec<String> = texts.map(|text| self.contains(&text)).collect();
            conditions.push(format!("({} or {})", self.is_missing("search"), found.join("\n       or ")));
        }
        for filter in self.filters() {
            conditions.push(format!("({} or {})", self.is_missing(filter.parameter), self.filtered(&filter)));
        }
        if conditions.is_empty() { String::new() } else { format!("where {}\n", conditions.join("\n  and ")) }
    }

    fn condition_parameters(&self) -> Vec<Value> {
        let search = self.is_searchable().then(|| json!({"name": "search"}));
        let filters = self.filters();
        let filters = filters.iter().map(|filter| {
            let r#type = match filter.field.kind {
                _ if filter.operator == "empty" => "boolean",
                _ if filter.operator == "contains" || filter.field.is_listed() => "string",
                AppFieldKind::Decimal => "number",
                kind => kind.parameter(),
            };
            json!({"name": filter.parameter, "type": r#type})
        });
        search.into_iter().chain(filters).collect()
    }

    fn filtered(&self, filter: &AppFilter<'_>) -> String {
        let column = format!("t.{}", self.quote(&filter.field.column.name));
        let value = placeholder(filter.parameter);
        if filter.operator == "contains" {
            let label = filter.field.target.as_ref().map(|to| format!("({})", self.label_of(filter.field, to)));
            return self.contains_text(&self.text_of(&label.unwrap_or(column)), filter.parameter);
        }
        if filter.operator == "empty" {
            return format!("({column} is null or {column} = '') = {value}");
        }
        let value = filter.field.written.map_or(value.clone(), |written| written.sql(self.dialect, &value));
        let typed = match (self.dialect, filter.field.kind) {
            (SqlDialect::Postgresql, AppFieldKind::Integer | AppFieldKind::Decimal) => {
                format!("cast({value} as numeric)")
            }
            _ => value.clone(),
        };
        match filter.operator {
            "atLeast" => format!("{column} >= {typed}"),
            "atMost" => format!("{column} <= {typed}"),
            "less" => format!("{column} < {typed}"),
            // as text, so that no value is refused
            _ if filter.field.is_listed() || filter.field.kind == AppFieldKind::Opaque => {
                format!("{} = {value}", self.text_of(&column))
            }
            _ => format!("{column} = {typed}"),
        }
    }

    /// Selects the label of the row that a field refers to: of one of them, if an index of MySQL is not unique.
    fn label_of(&self, field: &AppField<'_>, target: &ReferencedTable<'_>) -> String {
        format!(
            "select f.{} from {} f where f.{} = t.{} limit 1",
            self.quote(target.label),
            path(self.dialect, target.table.schema.as_deref(), &target.table.name),
            self.quote(target.column),
            self.quote(&field.column.name),
        )
    }

    /// Returns a column as the list and the form show it.
    fn read(&self, field: &AppField<'_>, table: &str) -> String {
        let column = format!("{table}{}", self.quote(&field.column.name));
        if field.kind == AppFieldKind::Opaque { self.text_of(&column) } else { column }
    }

    /// Returns a parameter as a value of the column's type.
    fn write(&self, field: &AppField<'_>, parameter: &str) -> String {
        let value = placeholder(parameter);
        if (self.dialect, field.kind) == (SqlDialect::Postgresql, AppFieldKind::Opaque) {
            return format!("cast(cast({value} as text) as {})", cast_type(&field.column.r#type));
        }
        value
    }

    /// Returns the field's value as it is stored.
    fn stored(&self, field: &AppField<'_>) -> String {
        let value = self.write(field, &field.name);
        field.written.map_or(value.clone(), |written| written.sql(self.dialect, &value))
    }

    /// Returns the value of a new row: the parameter, or the column's default if it is missing.
    fn new_value(&self, field: &AppField<'_>) -> String {
        let value = self.stored(field);
        let Some(default) = field.default() else { return value };
        if self.dialect != SqlDialect::Postgresql {
            return format!("coalesce({value}, ({default}))");
        }
        let r#type = match field.kind {
            AppFieldKind::Text | AppFieldKind::LongText => "text".to_owned(),
            _ => cast_type(&field.column.r#type),
        };
        let typed = if field.kind == AppFieldKind::Opaque { value } else { format!("cast({value} as {type})") };
        // a column may have a default of another type, such as a text of `gen_random_uuid()`
        format!("coalesce({typed}, cast(({default}) as {type}))")
    }

    fn is_missing(&self, parameter: &str) -> String {
        let value = placeholder(parameter);
        match self.dialect {
            // a parameter that is only compared with null has no type
            SqlDialect::Postgresql => format!("cast({value} as text) is null"),
            _ => format!("{value} is null"),
        }
    }

    fn contains(&self, text: &str) -> String {
        self.contains_text(text, "search")
    }

    /// Returns whether a text contains a parameter, in which no character has a special meaning.
    fn contains_text(&self, text: &str, parameter: &str) -> String {
        let search = placeholder(parameter);
        match self.dialect {
            SqlDialect::Postgresql => format!("strpos(lower({text}), lower(cast({search} as text))) > 0"),
            SqlDialect::Mysql => format!("locate(lower({search}), lower({text})) > 0"),
            SqlDialect::Sqlite | SqlDialect::Clickhouse => format!("instr(lower({text}), lower({search})) > 0"),
        }
    }

    fn text_of(&self, value: &str) -> String {
        let r#type = if self.dialect == SqlDialect::Mysql { "char" } else { "text" };
        format!("cast({value} as {type})")
    }

    fn quote(&self, name: &str) -> String {
        quoted(self.dialect, name)
    }
}

fn placeholder(parameter: &str) -> String {
    format!("{{{{ params.{parameter} }}}}")
}

pub(super) fn path(dialect: SqlDialect, schema: Option<&str>, name: &str) -> String {
    let schema = schema.map(|schema| format!("{}.", quoted(dialect, schema)));
    format!("{}{}", schema.unwrap_or_default(), quoted(dialect, name))
}

/// Quotes a name; quotes in it are doubled.
pub(super) fn quoted(dialect: SqlDialect, name: &str) -> String {
    let quote = if dialect == SqlDialect::Mysql { '`' } else { '"' };
    format!("{quote}{}{quote}", name.replace(quote, &format!("{quote}{quote}")))
}
