//! Generates an app from a table: the queries, widgets and dashboard with which people list, search, add, edit and
//! delete its rows. The result is ordinary records.
mod defaults;
mod fields;
mod names;
mod statements;
mod target;
mod widgets;
mod written;

use crate::{
    Error, Result,
    connect::{SqlDialect, TableInfo, check_statement},
};
use fields::AppField;
use names::AppNames;
use schemars::JsonSchema;
use serde::Deserialize;
use serde_json::{Map, Value, json};
use statements::AppStatements;
use std::collections::{HashMap, HashSet};
use uuid::Uuid;

pub use written::{SAMPLE, WrittenDates, sample, undecided, written_dates};

/// The most columns of an app: a query has at most 100 parameters.
const MOST_COLUMNS: usize = 45;

/// What the generated widgets say.
#[derive(Clone, Debug, Deserialize, JsonSchema)]
#[serde(rename_all = "camelCase", deny_unknown_fields, default)]
#[schemars(rename = "TableAppTexts")]
pub struct AppTexts {
    /// The title of the form for a new row.
    #[schemars(length(min = 1, max = 60))]
    pub new_row: String,
    /// Its button.
    #[schemars(length(min = 1, max = 60))]
    pub create: String,
    #[schemars(length(max = 500))]
    pub created: String,
    /// The title of the form for the selected row.
    #[schemars(length(min = 1, max = 60))]
    pub edit_row: String,
    /// Its button.
    #[schemars(length(min = 1, max = 60))]
    pub save: String,
    #[schemars(length(max = 500))]
    pub saved: String,
    /// Shown in that form while no row is selected.
    #[schemars(length(max = 500))]
    pub select_row: String,
    /// The button of each row.
    #[schemars(length(min = 1, max = 60))]
    pub delete: String,
    #[schemars(length(min = 1, max = 500))]
    pub confirm_delete: String,
    /// The note of an app for a table without a key.
    #[schemars(length(max = 500))]
    pub no_key: String,
    /// The note of an app for a table whose key contains bytes.
    #[schemars(length(max = 500))]
    pub binary_key: String,
    /// The note of an app for a datasource that cannot be changed.
    #[schemars(length(max = 500))]
    pub read_only: String,
}

impl Default for AppTexts {
    fn default() -> Self {
        Self {
            new_row: "New row".to_owned(),
            create: "Create".to_owned(),
            created: "Row created.".to_owned(),
            edit_row: "Edit row".to_owned(),
            save: "Save".to_owned(),
            saved: "Row saved.".to_owned(),
            select_row: "Select a row to edit it.".to_owned(),
            delete: "Delete".to_owned(),
            confirm_delete: "Delete this row? This cannot be undone.".to_owned(),
            no_key: "Rows cannot be added, edited or deleted here, because the table has no primary key.".to_owned(),
            binary_key:
                "Rows cannot be added, edited or deleted here, because the primary key of the table contains bytes."
                    .to_owned(),
            read_only: "Rows cannot be added, edited or deleted here, because the datasource is read-only.".to_owned(),
        }
    }
}

impl AppTexts {
    /// Checks the length of each text.
    ///
    /// # Errors
    /// `Invalid` at `texts.<name>`.
    pub fn check(&self) -> Result<()> {
        for (name, text, least, most) in [
            ("newRow", &self.new_row, 1, 60),
            ("create", &self.create, 1, 60),
            ("created", &self.created, 0, 500),
            ("editRow", &self.edit_row, 1, 60),
            ("save", &self.save, 1, 60),
            ("saved", &self.saved, 0, 500),
            ("selectRow", &self.select_row, 0, 500),
            ("delete", &self.delete, 1, 60),
            ("confirmDelete", &self.confirm_delete, 1, 500),
            ("noKey", &self.no_key, 0, 500),
            ("binaryKey", &self.binary_key, 0, 500),
            ("readOnly", &self.read_only, 0, 500),
        ] {
            crate::model::text::check_length(&format!("texts.{name}"), text, least..=most)?;
        }
        Ok(())
    }
}

/// What an app is generated from.
pub struct AppSource<'a> {
    pub dialect: SqlDialect,
    pub datasource: Uuid,
    pub table: &'a TableInfo,
    /// All tables of the datasource, to find what foreign keys refer to.
    pub tables: &'a [TableInfo],
    /// The names of the columns to show; `None` for all.
    pub columns: Option<&'a [String]>,
    /// How dates are written in columns that may contain them, by some of the rows.
    pub dates: &'a WrittenDates,
    /// Whether the datasource allows changes.
    pub is_writable: bool,
    pub name: &'a str,
    pub texts: &'a AppTexts,
}

/// A record to create.
#[derive(Debug)]
pub struct NewRecord {
    pub id: Uuid,
    /// The record as the API takes it. The dashboard has the name from [`AppSource::name`]; other names are
    /// suggestions.
    pub draft: Map<String, Value>,
}

/// The records of an app, in the order in which they can be created.
#[derive(Debug)]
pub struct TableApp {
    pub queries: Vec<NewRecord>,
    pub widgets: Vec<NewRecord>,
    pub dashboard: NewRecord,
}

/// Generates an app.
///
/// # Errors
/// `Invalid` at `table` or `columns[…]`, for a table or column that the app cannot have.
pub fn generate(source: &AppSource<'_>) -> Result<TableApp> {
    let mut names = AppNames::default();
    let fields = chosen(source, &mut names)?;
    let statements = AppStatements::new(source, &fields, names.give("version"));
    let mut parts = Parts::of(source);
    let obstacle = obstacle(source);
    let is_writable = obstacle.is_none();
    if let Some(text) = obstacle {
        widgets::note(&mut parts, text);
    }
    let mut edit = None;
    if is_writable {
        edit = widgets::edit_form(&mut parts, &statements, &fields)?;
        if let Some(create) = widgets::create_form(&mut parts, &statements)? {
            widgets::new_row(&mut parts, create);
        }
    }
    widgets::table(&mut parts, &statements, &fields, is_writable, edit)?;
    let selected = fields.iter().filter(|field| is_writable && field.column.primary_key);
    Ok(parts.finish(&selected.map(AppField::variable).collect::<Vec<_>>()))
}

/// Returns why rows cannot be changed; `None` if they can.
fn obstacle<'a>(source: &AppSource<'a>) -> Option<&'a str> {
    let mut keys = source.table.columns.iter().filter(|column| column.primary_key).peekable();
    if keys.peek().is_none() {
        return Some(&source.texts.no_key);
    }
    // without one of its columns, a key would find several rows
    if keys.any(|key| fields::is_binary(source.dialect, &key.r#type)) {
        return Some(&source.texts.binary_key);
    }
    (!source.is_writable).then_some(source.texts.read_only.as_str())
}

/// Returns the chosen columns and those of the key, as fields.
fn chosen<'a>(source: &AppSource<'a>, names: &mut AppNames) -> Result<Vec<AppField<'a>>> {
    let columns = &source.table.columns;
    for (i, name) in source.columns.unwrap_or_default().iter().enumerate() {
        if !columns.iter().any(|column| column.name == *name) {
            return Err(Error::invalid(format!("columns[{i}]"), format!("the table has no column `{name}`")));
        }
    }
    let is_chosen = |name: &String| source.columns.is_none_or(|chosen| chosen.contains(name));
    let usable = columns.iter().filter(|column| !fields::is_binary(source.dialect, &column.r#type));
    let mut found: Vec<AppField<'a>> = Vec::new();
    for column in usable {
        let is_shown = is_chosen(&column.name);
        // without a choice, the first columns are shown, and the key in any case
        let has_room = source.columns.is_some() || found.iter().filter(|field| field.is_shown).count() < MOST_COLUMNS;
        if (is_shown && has_room) || column.primary_key {
            found.push(AppField::new(source, column, is_shown && has_room, names));
        }
    }
    if found.len() > MOST_COLUMNS + 5 {
        return Err(Error::invalid("columns", format!("select at most {MOST_COLUMNS} columns")));
    }
    if found.iter().all(|field| !field.is_shown) {
        return Err(Error::invalid("columns", "select at least one column that an app can show"));
    }
    Ok(found)
}

/// The records that were generated so far.
struct Parts<'a, 's> {
    source: &'a AppSource<'s>,
    queries: Vec<NewRecord>,
    widgets: Vec<NewRecord>,
    items: Vec<NewItem>,
    /// The queries for the choices of foreign keys, by field.
    choices: HashMap<String, Uuid>,
    /// The names of the queries and of the widgets, in lower case.
    names: [HashSet<String>; 2],
}

/// An item of the dashboard.
struct NewItem {
    key: &'static str,
    widget: Uuid,
    title: String,
    place: Place,
}

/// Where an item is shown.
#[derive(Clone, Copy)]
enum Place {
    Grid {
        width: u16,
        height: u16,
    },
    /// Opened by a selected row or a button.
    Drawer,
}

impl<'a, 's> Parts<'a, 's> {
    fn of(source: &'a AppSource<'s>) -> Self {
        Self {
            source,
            queries: Vec::new(),
            widgets: Vec::new(),
            items: Vec::new(),
            choices: HashMap::new(),
            names: [HashSet::new(), HashSet::new()],
        }
    }

    /// Adds a query, and returns its ID.
    fn query(&mut self, what: &str, sql: &str, parameters: &[Value]) -> Result<Uuid> {
        check_statement(sql, self.source.dialect).map_err(|_| {
            Error::invalid("table", "a name of the table contains `{{ params`, so it cannot be used in a query")
        })?;
        let id = Uuid::now_v7();
        let draft = object(json!({
            "name": named(self.source.name, what, &mut self.names[0]),
            "datasourceID": self.source.datasource,
            "options": {"sql": sql},
            "parameters": parameters,
        }));
        self.queries.push(NewRecord { id, draft });
        Ok(id)
    }

    /// Adds a widget and its item, and returns the widget's ID.
    fn widget(&mut self, (key, r#type): (&'static str, &str), title: &str, config: &Value, place: Place) -> Uuid {
        let id = Uuid::now_v7();
        let name = named(self.source.name, title, &mut self.names[1]);
        let draft = object(json!({"name": name, "type": r#type, "config": config}));
        self.widgets.push(NewRecord { id, draft });
        self.items.push(NewItem { key, widget: id, title: title.to_owned(), place });
        id
    }

    fn finish(self, variables: &[Value]) -> TableApp {
        let items: Vec<Value> = self
            .items
            .iter()
            .map(|item| {
                let is_in_drawer = matches!(item.place, Place::Drawer);
                json!({"key": item.key, "widgetID": item.widget, "title": item.title, "drawer": is_in_drawer})
            })
            .collect();
        let draft = object(json!({
            "name": self.source.name,
            "items": items,
            "layouts": {"lg": widgets::layout(&self.items)},
            "variables": variables,
        }));
        let dashboard = NewRecord { id: Uuid::now_v7(), draft };
        TableApp { queries: self.queries, widgets: self.widgets, dashboard }
    }
}

/// Returns the name of a part of the app, with a number if it is taken. Names of records have no control characters.
fn named(app: &str, part: &str, taken: &mut HashSet<String>) -> String {
    let app: String = app.chars().take(180).collect();
    let part: String = part.chars().take(60).map(|c| if c.is_control() { ' ' } else { c }).collect();
    let first = format!("{app}: {part}");
    let mut name = first.clone();
    for number in 2.. {
        if taken.insert(name.to_lowercase()) {
            break;
        }
        name = format!("{first} ({number})");
    }
    name
}

fn object(value: Value) -> Map<String, Value> {
    match value {
        Value::Object(fields) => fields,
        _ => Map::new(),
    }
}

#[cfg(test)]
#[allow(clippy::unwrap_used)]
mod tests;
