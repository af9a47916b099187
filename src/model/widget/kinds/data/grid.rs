//! Editable tables: rows of a query that are changed in one table of its datasource.
use super::{Editing, GridChange, GridReference, GridWidgetColumn, RowDeletion, RowInsertion, RowUpdate};
use crate::{
    Error, Result,
    error::FieldProblem,
    model::widget::kinds::{Config, Visible, hidden, parts::data_config},
};
use serde_json::{Map, Value, json};
use std::collections::HashSet;

/// The maximum number of rows that one request changes.
const MOST_CHANGES: usize = 5000;
/// The maximum number of problems to report at once.
const PROBLEMS: usize = 50;
const REQUIRED: &str = "is required";

data_config!(@with []
    /// Rows that people edit like a spreadsheet. All changes are saved together, or none.
    Grid {
        /// The schema or database of the table. Leave empty for the default one.
        #[serde(default, skip_serializing_if = "hidden")]
        #[schemars(length(max = 255), extend("default" = null, "x-placeholder" = "public"))]
        pub schema: Option<String>,
        /// The table that is changed. It is in the query's datasource.
        #[serde(skip_serializing_if = "hidden")]
        #[schemars(length(min = 1, max = 255), extend("x-widget" = "table"))]
        pub table: String,
        /// The columns that identify a row, usually the primary key. The query must return them.
        #[serde(skip_serializing_if = "hidden")]
        #[schemars(title = "Key columns", length(min = 1, max = 16), extend("x-widget" = "columns"))]
        pub key: Vec<String>,
        /// The columns to show, in order. Columns that people may change must be columns of the table.
        #[schemars(length(min = 1, max = 200), extend("x-widget" = "marks"))]
        pub columns: Vec<GridWidgetColumn>,
        /// Lets people add rows.
        #[serde(default)]
        #[schemars(title = "Adding rows")]
        pub adding: bool,
        /// Lets people delete rows.
        #[serde(default)]
        #[schemars(title = "Deleting rows")]
        pub deleting: bool,
        /// Reduces the row height.
        #[serde(default)]
        #[schemars(extend("x-group" = "Advanced"))]
        pub compact: bool,
    }
);

impl Config for Grid {
    fn check(&self) -> Result<()> {
        let named = self.schema.iter().filter(|name| !name.is_empty()).map(|name| ("config.schema".to_owned(), name));
        let named = named.chain([("config.table".to_owned(), &self.table)]);
        let named = named.chain(self.key.iter().enumerate().map(|(i, name)| (format!("config.key[{i}]"), name)));
        let columns = self.columns.iter().enumerate();
        let named = named.chain(columns.map(|(i, column)| (format!("config.columns[{i}].field"), &column.field)));
        let referenced = self.columns.iter().enumerate().filter_map(|(i, column)| {
            Some(column.references.as_ref()?.names(&format!("config.columns[{i}].references")))
        });
        let referenced: Vec<_> = referenced.flatten().collect();
        if let Some((path, _)) = referenced.iter().find(|(_, name)| name.contains("{{")) {
            return Err(Error::invalid(path, "must not contain `{{`, which begins a parameter"));
        }
        for (path, name) in named.chain(referenced) {
            if name.trim().is_empty() || name.contains('\0') {
                return Err(Error::invalid(path, "must be a name"));
            }
        }
        let mut seen = HashSet::new();
        if let Some(i) = self.columns.iter().position(|column| !seen.insert(&column.field)) {
            return Err(Error::invalid(format!("config.columns[{i}].field"), "is already a column of this widget"));
        }
        if let Some(i) = self.columns.iter().position(|one| one.references.is_some() && !one.choices.is_empty()) {
            let why = "must be empty for a column that refers to rows of a table: people select one of those";
            return Err(Error::invalid(format!("config.columns[{i}].choices"), why));
        }
        let mut seen = HashSet::new();
        if let Some(i) = self.key.iter().position(|name| !seen.insert(name)) {
            return Err(Error::invalid(format!("config.key[{i}]"), "is already a key column"));
        }
        if self.columns.iter().all(|column| column.editing == Editing::Never) && !self.deleting {
            return Err(Error::invalid("config.columns", "let people change at least one column, or use a table"));
        }
        Ok(())
    }

    fn grid(&self) -> Option<&Grid> {
        Some(self)
    }

    fn visible(&self) -> Option<Visible<'_>> {
        Some(Visible::of(self.columns.iter().map(|column| &column.field)))
    }
}

impl Grid {
    /// Returns the reference of a column.
    pub fn reference(&self, field: &str) -> Option<&GridReference> {
        self.columns.iter().find(|column| column.field == field)?.references.as_ref()
    }

    /// Returns what the widget lets people change, to recognize a change of it.
    pub fn scope(&self) -> Value {
        json!([
            self.query_id,
            self.schema,
            self.table,
            self.key,
            self.adding,
            self.deleting,
            self.columns.iter().map(GridWidgetColumn::scope).collect::<Value>(),
        ])
    }

    /// Returns the columns of the table that people may set, in existing or in new rows.
    pub fn settable(&self) -> impl Iterator<Item = &GridWidgetColumn> {
        self.columns.iter().filter(|column| column.editing != Editing::Never)
    }

    /// Checks that people may make these changes.
    ///
    /// # Errors
    /// `Invalid`, with a problem for each wrong name or value.
    pub fn check_changes(&self, changes: &[GridChange]) -> Result<()> {
        if changes.is_empty() || changes.len() > MOST_CHANGES {
            let message = format!("must have from 1 to {MOST_CHANGES} items: save more changes in several steps");
            return Err(Error::invalid("changes", message));
        }
        let (mut problems, mut seen) = (Vec::new(), HashSet::new());
        for (index, change) in changes.iter().enumerate() {
            let mut refuse = |path: String, message: String| {
                problems.push(FieldProblem { path: format!("changes[{index}].{path}"), message });
            };
            self.check_change(change, &mut refuse);
            let (GridChange::Update(RowUpdate { key, .. }) | GridChange::Delete(RowDeletion { key, .. })) = change
            else {
                continue;
            };
            let texts = self.key.iter().map(|name| key.get(name).map(text_of));
            if !seen.insert(texts.collect::<Vec<_>>()) {
                refuse("key".to_owned(), "another change has the same key: send one change for each row".to_owned());
            }
            if problems.len() >= PROBLEMS {
                break;
            }
        }
        if problems.is_empty() { Ok(()) } else { Err(Error::Invalid(problems)) }
    }

    fn check_change(&self, change: &GridChange, refuse: &mut impl FnMut(String, String)) {
        match change {
            GridChange::Update(RowUpdate { key, before, after }) => {
                self.check_key(key, "update.key", refuse);
                self.check_before(before, "update.before", refuse);
                self.check_values(after, "update.after", false, refuse);
                for name in after.keys().filter(|name| !before.contains_key(*name)) {
                    refuse(format!("update.before.{name}"), "is required, because the column is changed".to_owned());
                }
                if after.is_empty() {
                    refuse("update.after".to_owned(), "must have at least one value".to_owned());
                }
            }
            GridChange::Insert(_) if !self.adding => {
                refuse("insert".to_owned(), "this widget does not allow adding rows".to_owned());
            }
            GridChange::Insert(RowInsertion { values }) => self.check_values(values, "insert.values", true, refuse),
            GridChange::Delete(_) if !self.deleting => {
                refuse("delete".to_owned(), "this widget does not allow deleting rows".to_owned());
            }
            GridChange::Delete(RowDeletion { key, before }) => {
                self.check_key(key, "delete.key", refuse);
                self.check_before(before, "delete.before", refuse);
            }
        }
    }

    /// Checks that a key has a value for each key column, and no other.
    fn check_key(&self, key: &Map<String, Value>, path: &str, refuse: &mut impl FnMut(String, String)) {
        for name in self.key.iter().filter(|name| !key.contains_key(*name)) {
            refuse(format!("{path}.{name}"), "is required: the query must return every key column".to_owned());
        }
        for name in key.keys().filter(|name| !self.key.contains(name)) {
            refuse(format!("{path}.{}", short(name)), "is not a key column of this widget".to_owned());
        }
    }

    fn check_before(&self, before: &Map<String, Value>, path: &str, refuse: &mut impl FnMut(String, String)) {
        let known = |name: &String| self.key.contains(name) || self.settable().any(|column| column.field == *name);
        for name in before.keys().filter(|name| !known(name)) {
            refuse(format!("{path}.{}", short(name)), "is not a column that people may change here".to_owned());
        }
    }

    fn check_values(
        &self,
        values: &Map<String, Value>,
        path: &str,
        is_new: bool,
        refuse: &mut impl FnMut(String, String),
    ) {
        for (name, value) in values {
            let allowed =
                |column: &&GridWidgetColumn| column.field == *name && (column.editing == Editing::Always || is_new);
            let Some(column) = self.settable().find(allowed) else {
                refuse(format!("{path}.{}", short(name)), "is not a column that people may change here".to_owned());
                continue;
            };
            let is_choice = |text: &str| column.choices.iter().any(|choice| choice == text);
            if column.required && is_empty(value) {
                refuse(format!("{path}.{name}"), REQUIRED.to_owned());
            } else if !column.choices.is_empty() && !value.is_null() && !is_choice(&text_of(value)) {
                refuse(format!("{path}.{name}"), format!("must be one of {}", column.choices.join(", ")));
            }
        }
        let is_missing = |column: &&GridWidgetColumn| column.required && !values.contains_key(&column.field);
        for column in self.settable().filter(is_missing).take(if is_new { PROBLEMS } else { 0 }) {
            refuse(format!("{path}.{}", column.field), REQUIRED.to_owned());
        }
    }
}

fn is_empty(value: &Value) -> bool {
    value.is_null() || value.as_str() == Some("")
}

/// Returns a name from outside in a length that fits an error.
fn short(name: &str) -> String {
    name.chars().take(64).collect()
}

fn text_of(value: &Value) -> String {
    value.as_str().map_or_else(|| value.to_string(), str::to_owned)
}

#[cfg(test)]
#[allow(clippy::unwrap_used)]
mod tests {
    use super::{Grid, GridChange};
    use crate::{Error, model::widget::kinds::Config};
    use serde_json::{Value, json};

    fn grid(change: impl FnOnce(&mut Value)) -> Grid {
        let mut config = json!({
            "queryID": uuid::Uuid::nil(), "table": "items", "key": ["id"], "adding": true, "deleting": true,
            "columns": [
                {"field": "id", "editing": "newRows"}, {"field": "name"},
                {"field": "state", "choices": ["new", "1"]}, {"field": "total", "editing": "never"},
            ],
        });
        change(&mut config);
        serde_json::from_value(config).unwrap()
    }

    fn problems(grid: &Grid, changes: Value) -> Vec<String> {
        let changes: Vec<GridChange> = serde_json::from_value(changes).unwrap();
        match grid.check_changes(&changes) {
            Ok(()) => Vec::new(),
            Err(Error::Invalid(problems)) => problems.into_iter().map(|problem| problem.path).collect(),
            Err(other) => panic!("{other:?}"),
        }
    }

    #[test]
    fn only_configured_columns_are_changed() {
        let grid = grid(|_| ());
        assert!(grid.check().is_ok());
        let fine = json!([
            {"update": {"key": {"id": 1}, "before": {"name": "a", "state": null}, "after": {"name": "b", "state": 1}}},
            {"insert": {"values": {"id": 9, "name": "", "state": null}}},
            {"insert": {"values": {}}},
            {"delete": {"key": {"id": 2}, "before": {"id": 2, "name": "c"}}},
        ]);
        assert_eq!(problems(&grid, fine), Vec::<String>::new());
        for (change, path) in [
            (json!({"update": {"key": {}, "before": {"name": 1}, "after": {"name": 2}}}), "update.key.id"),
            (
                json!({"update": {"key": {"id": 1, "x": 1}, "before": {"name": 1}, "after": {"name": 2}}}),
                "update.key.x",
            ),
            (json!({"update": {"key": {"id": 1}, "before": {}, "after": {"name": 2}}}), "update.before.name"),
            (json!({"update": {"key": {"id": 1}, "before": {"name": 1}, "after": {}}}), "update.after"),
            (json!({"update": {"key": {"id": 1}, "before": {"id": 1}, "after": {"id": 2}}}), "update.after.id"),
            (
                json!({"update": {"key": {"id": 1}, "before": {"state": 1}, "after": {"state": "x"}}}),
                "update.after.state",
            ),
            (json!({"insert": {"values": {"total": 1}}}), "insert.values.total"),
            (json!({"insert": {"values": {"password": 1}}}), "insert.values.password"),
            (json!({"delete": {"key": {"id": 1}, "before": {"password": 1}}}), "delete.before.password"),
        ] {
            assert_eq!(problems(&grid, json!([change])), [format!("changes[0].{path}")], "{change}");
        }
        let twice = json!([
            {"delete": {"key": {"id": 1}, "before": {}}}, {"delete": {"key": {"id": "1"}, "before": {}}},
        ]);
        assert_eq!(problems(&grid, twice), ["changes[1].key"]);
        assert_eq!(problems(&grid, json!([])), ["changes"]);
    }

    #[test]
    fn required_cells_are_not_empty_in_changed_and_new_rows() {
        let grid = grid(|config| {
            config["columns"][1]["required"] = json!(true);
            config["columns"][0]["required"] = json!(true);
        });
        let update =
            |name: Value| json!([{"update": {"key": {"id": 1}, "before": {"name": "a"}, "after": {"name": name}}}]);
        assert_eq!(problems(&grid, update(json!("b"))), Vec::<String>::new());
        assert_eq!(problems(&grid, update(json!(""))), ["changes[0].update.after.name"]);
        assert_eq!(problems(&grid, update(json!(null))), ["changes[0].update.after.name"]);
        let insert = |values: Value| json!([{"insert": {"values": values}}]);
        assert_eq!(problems(&grid, insert(json!({"id": 1, "name": "a"}))), Vec::<String>::new());
        assert_eq!(problems(&grid, insert(json!({"id": 1}))), ["changes[0].insert.values.name"]);
        let both = ["changes[0].insert.values.name", "changes[0].insert.values.id"];
        assert_eq!(problems(&grid, insert(json!({"name": ""}))), both);
    }

    #[test]
    fn rows_are_added_and_deleted_only_if_that_is_allowed() {
        let grid = grid(|config| {
            config["adding"] = json!(false);
            config["deleting"] = json!(false);
        });
        let changes = json!([{"insert": {"values": {}}}, {"delete": {"key": {"id": 1}, "before": {}}}]);
        assert_eq!(problems(&grid, changes), ["changes[0].insert", "changes[1].delete"]);
    }

    #[test]
    fn names_are_checked_when_the_widget_is_saved() {
        for (path, change) in [
            ("/table", json!("a\0b")),
            ("/key", json!(["id", "id"])),
            ("/columns/1/field", json!("id")),
            (
                "/columns/1",
                json!({"field": "a", "references": {"table": "a {{ params.b }}", "key": "id", "label": "b"}}),
            ),
            ("/columns", json!([{"field": "a", "editing": "never"}])),
        ] {
            let grid = grid(|config| {
                *config.pointer_mut(path).unwrap() = change.clone();
                config["deleting"] = json!(false);
            });
            assert!(grid.check().is_err(), "{path} {change}");
        }
    }
}
