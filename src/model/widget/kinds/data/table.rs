//! Tables.
use super::ServerTable;
use crate::{
    Error, Result,
    model::{
        DataQuery, Link, Resource,
        widget::{
            fill::Entered,
            kinds::{
                Action, ActionRules, Config, Pressed, Visible, hidden, holder_of,
                parts::{
                    AfterAction, ConditionSource, Conditions, RowCondition, Tone, ValueFormat, check_selections,
                    check_words, data_config,
                },
            },
        },
    },
};
use schemars::JsonSchema;
use serde::{Deserialize, Serialize};
use serde_json::{Value, json};

data_config!(@with [selects]
    /// Rows and columns.
    Table {
        /// The columns to show, in order. Leave empty to show all.
        #[serde(default)]
        #[schemars(length(max = 200), extend("x-widget" = "marks"))]
        pub columns: Vec<TableWidgetColumn>,
        /// Buttons at the end of each row.
        #[serde(default, skip_serializing_if = "hidden")]
        #[schemars(title = "Row actions", length(max = 5), extend("default" = []))]
        pub row_actions: Vec<RowAction>,
        /// Rules that highlight rows and cells. The first rule that matches a cell applies.
        #[serde(default)]
        #[schemars(title = "Color rules", length(max = 50))]
        pub rules: Vec<Rule>,
        /// Rows per page. Leave empty to fit the height of the table; 0 shows all rows in a scrolling table.
        #[serde(default)]
        #[schemars(range(max = 1000))]
        pub page_size: Option<u32>,
        /// Loads one page at a time, for results that are too long to load at once. The datasource must support it.
        /// Sorting, filtering and searching are then up to the query.
        #[serde(default)]
        #[schemars(title = "Server-side paging", extend("x-group" = "Advanced"))]
        pub server_paging: bool,
        /// With server-side paging: the parameters of the query that search, sort and filter.
        #[serde(default)]
        #[schemars(title = "Server-side search", extend("default" = null, "x-group" = "Advanced"))]
        pub server: Option<ServerTable>,
        /// Shows search, filters and the column menu.
        #[serde(default = "Table::default_tools")]
        #[schemars(title = "Search and filters", extend("x-group" = "Advanced"))]
        pub tools: bool,
        /// Reduces the row height.
        #[serde(default)]
        #[schemars(extend("x-group" = "Advanced"))]
        pub compact: bool,
    }
);

impl Table {
    /// The rows per page that are loaded at once if the config does not say how many.
    const LOADED: u32 = 10;

    fn default_tools() -> bool {
        true
    }
}

/// A column of a table widget.
#[derive(Debug, Serialize, Deserialize, JsonSchema)]
#[serde(rename_all = "camelCase", deny_unknown_fields)]
pub struct TableWidgetColumn {
    /// The column of the result.
    #[schemars(extend("x-widget" = "column"))]
    pub field: String,
    #[serde(default)]
    #[schemars(length(max = 255))]
    pub label: Option<String>,
    #[serde(default)]
    pub format: ValueFormat,
    /// ISO 4217 code, for `currency`.
    #[serde(default)]
    #[schemars(length(max = 3), extend("x-placeholder" = "EUR", "x-when" = {"format": ["currency"]}))]
    pub currency: Option<String>,
    /// Digits after the decimal point.
    #[serde(default)]
    #[schemars(range(max = 10))]
    pub decimals: Option<u8>,
    #[serde(default)]
    #[schemars(title = "Shown as")]
    pub display: Display,
    /// Hidden until a viewer shows it.
    #[serde(default)]
    pub hidden: bool,
    /// Makes the cells of this column editable.
    #[serde(default, skip_serializing_if = "hidden")]
    #[schemars(title = "Editing", extend("default" = null))]
    pub edit: Option<Edit>,
}

#[derive(Clone, Copy, Debug, Default, Serialize, Deserialize, JsonSchema)]
#[serde(rename_all = "lowercase")]
pub enum Display {
    #[default]
    #[schemars(title = "Plain")]
    Plain,
    /// A badge, for example for a status.
    #[schemars(title = "Badge")]
    Badge,
    /// A link, if the value is a URL.
    #[schemars(title = "Link")]
    Link,
    /// A bar in proportion to the largest value.
    #[schemars(title = "Bar")]
    Bar,
    /// A check mark if the value is true.
    #[schemars(title = "Check mark")]
    Check,
}

/// The action that runs when a cell is edited. `{{ value }}` is the new value, `{{ row.id }}` a value of its row.
#[derive(Debug, Serialize, Deserialize, JsonSchema)]
#[serde(rename_all = "camelCase", deny_unknown_fields)]
pub struct Edit {
    #[schemars(title = "Action", extend("x-widget" = "action"))]
    pub action: Action,
    /// The allowed values. Leave empty to allow any.
    #[serde(default)]
    #[schemars(length(max = 200))]
    pub choices: Vec<String>,
}

/// A button in each row. `{{ row.id }}` is a value of the row.
#[derive(Debug, Serialize, Deserialize, JsonSchema)]
#[serde(rename_all = "camelCase", deny_unknown_fields)]
pub struct RowAction {
    #[schemars(length(min = 1, max = 60))]
    pub label: String,
    #[schemars(title = "Action", extend("x-widget" = "action"))]
    pub action: Action,
    /// Shown before the action runs. `{{ row.name }}` is replaced. Leave empty to run without confirmation.
    #[serde(default)]
    #[schemars(title = "Confirmation message", length(max = 500))]
    pub confirm: String,
    /// Marks an action that cannot be undone.
    #[serde(default)]
    pub danger: bool,
    /// Shown only in rows that meet these conditions.
    #[serde(default)]
    #[schemars(title = "Show when", extend("x-group" = "Conditions"))]
    pub when: Conditions,
    /// Disabled in rows that meet these conditions.
    #[serde(default)]
    #[schemars(title = "Disabled when", extend("x-group" = "Conditions"))]
    pub disabled_when: Conditions,
    /// Shown when the action succeeds. `{{ row.name }}` is replaced.
    #[serde(default)]
    #[schemars(title = "Success message", length(max = 500), extend("x-group" = "After the action"))]
    pub done: String,
    /// Actions that run after it, each if the one before it succeeded.
    #[serde(default)]
    #[schemars(title = "Then", length(max = 5), extend("x-group" = "After the action", "x-widget" = "actions"))]
    pub then: Vec<Action>,
    #[serde(default)]
    #[schemars(title = "Afterwards", extend("x-group" = "After the action"))]
    pub after: AfterAction,
}

/// A rule that highlights rows or cells.
#[derive(Debug, Serialize, Deserialize, JsonSchema)]
#[serde(rename_all = "camelCase", deny_unknown_fields)]
pub struct Rule {
    #[serde(rename = "when")]
    #[schemars(title = "When")]
    pub condition: RowCondition,
    pub color: Tone,
    /// Highlights the whole row instead of the cell.
    #[serde(default)]
    pub row: bool,
}

impl Config for Table {
    fn check(&self) -> Result<()> {
        if self.server_paging && self.page_size == Some(0) {
            return Err(Error::invalid("config.pageSize", "must be at least 1 with server-side paging"));
        }
        if let Some(server) = &self.server {
            if !self.server_paging {
                return Err(Error::invalid("config.server", "requires server-side paging: turn on `serverPaging`"));
            }
            server.check(&self.parameters)?;
        }
        for (i, action) in self.row_actions.iter().enumerate() {
            check_words(&action.confirm, &format!("rowActions[{i}].confirm"))?;
            check_words(&action.done, &format!("rowActions[{i}].done"))?;
        }
        if let Some(i) = self.rules.iter().position(|rule| rule.condition.from != ConditionSource::Row) {
            return Err(Error::invalid(format!("config.rules[{i}].when.from"), "must be `row`: rules compare columns"));
        }
        check_selections(&self.selects, self.opens.as_ref())
    }

    fn actions(&self) -> Vec<Pressed<'_>> {
        let rows = self.row_actions.iter().enumerate().map(|(i, row)| {
            let path = format!("config.rowActions[{i}].action");
            Pressed { path, action: &row.action, entered: Value::Null }
        });
        let cells = self.columns.iter().enumerate().filter_map(|(i, column)| {
            let edit = column.edit.as_ref()?;
            let path = format!("config.columns[{i}].edit.action");
            Some(Pressed { path, action: &edit.action, entered: json!([column.field, edit.choices]) })
        });
        rows.chain(cells).collect()
    }

    fn rules(&self, path: &str) -> ActionRules<'_> {
        let is_it = |(i, _): &(usize, &RowAction)| holder_of(path) == format!("config.rowActions[{i}]");
        let Some((_, action)) = self.row_actions.iter().enumerate().find(is_it) else { return ActionRules::default() };
        ActionRules {
            when: Some(&action.when),
            disabled_when: Some(&action.disabled_when),
            sources: &[ConditionSource::Row, ConditionSource::Vars, ConditionSource::User],
            then: &action.then,
            after: Some(&action.after),
        }
    }

    fn check_entered(&self, path: &str, entered: &Entered<'_>) -> Result<()> {
        let edited = |(i, _): &(usize, &TableWidgetColumn)| path == format!("config.columns[{i}].edit.action");
        let column = self.columns.iter().enumerate().find(edited).and_then(|(_, column)| column.edit.as_ref());
        let choices = column.map(|edit| &*edit.choices).unwrap_or_default();
        let is_choice = |text: &str| choices.iter().any(|choice| choice == text);
        if choices.is_empty() || entered.value.is_null() || entered.value.as_str().is_some_and(is_choice) {
            return Ok(());
        }
        Err(Error::invalid("value", format!("must be one of {}", choices.join(", "))))
    }

    fn queries(&self) -> Vec<Link> {
        let counted = self.server.as_ref().and_then(|server| server.count_query_id);
        let link = |id| Link {
            path: "config.server.countQueryID".to_owned(),
            kind: &DataQuery::KIND,
            id,
            given: Value::Object(self.parameters.clone()),
        };
        counted.map(link).into_iter().collect()
    }

    fn page_size(&self) -> Option<u32> {
        self.server_paging.then(|| self.page_size.unwrap_or(Self::LOADED))
    }

    fn server(&self) -> Option<&ServerTable> {
        self.server.as_ref()
    }

    fn visible(&self) -> Option<Visible<'_>> {
        let columns = if self.columns.is_empty() {
            Visible::all()
        } else {
            Visible::of(self.columns.iter().map(|column| &column.field))
        };
        Some(
            columns
                .and(self.rules.iter().map(|rule| &rule.condition.field))
                .selecting(&self.selects, self.opens.as_ref()),
        )
    }
}
