//! Rows and columns to sort, filter, edit and act on.
use super::{
    Action, Config, Pressed,
    parts::{Condition, Format, Tone, check_selections, data_config},
};
use crate::{Error, Result};
use schemars::JsonSchema;
use serde::{Deserialize, Serialize};
use serde_json::json;

data_config!(@with [selects]
    /// Rows and columns.
    Table {
        /// Which columns to show, in order; all when empty.
        #[serde(default)]
        #[schemars(length(max = 200), extend("x-widget" = "marks"))]
        pub columns: Vec<Column>,
        /// Buttons at the end of each row.
        #[serde(default)]
        #[schemars(title = "Row actions", length(max = 5))]
        pub row_actions: Vec<RowAction>,
        /// Colours for what stands out; the first rule that fits a cell holds.
        #[serde(default)]
        #[schemars(title = "Colour rules", length(max = 50))]
        pub rules: Vec<Rule>,
        /// Rows a page; 0 shows all of them, to scroll.
        #[serde(default = "Table::default_page_size")]
        #[schemars(range(max = 1000))]
        pub page_size: u32,
        /// Reads one page at a time, for answers too long to read as a whole. The datasource must be able to do that;
        /// sorting, filtering and searching are then the query's part.
        #[serde(default)]
        #[schemars(title = "Page on the server", extend("x-group" = "Advanced"))]
        pub server_paging: bool,
        /// Offers search, filters and the choice of columns.
        #[serde(default = "Table::default_tools")]
        #[schemars(title = "Search and filters", extend("x-group" = "Advanced"))]
        pub tools: bool,
        /// Lower rows.
        #[serde(default)]
        #[schemars(extend("x-group" = "Advanced"))]
        pub compact: bool,
    }
);

impl Table {
    fn default_page_size() -> u32 {
        10
    }
    fn default_tools() -> bool {
        true
    }
}

/// A column of a table widget.
#[derive(Debug, Serialize, Deserialize, JsonSchema)]
#[serde(rename_all = "camelCase", deny_unknown_fields)]
pub struct Column {
    /// The result's column.
    #[schemars(extend("x-widget" = "column"))]
    pub field: String,
    #[serde(default)]
    #[schemars(length(max = 255))]
    pub label: Option<String>,
    #[serde(default)]
    pub format: Format,
    /// ISO 4217 code, for `currency`.
    #[serde(default)]
    #[schemars(length(max = 3), extend("x-placeholder" = "EUR", "x-when" = {"format": ["currency"]}))]
    pub currency: Option<String>,
    /// Digits after the point.
    #[serde(default)]
    #[schemars(range(max = 10))]
    pub decimals: Option<u8>,
    #[serde(default)]
    #[schemars(title = "Shown as")]
    pub display: Display,
    /// Left out until somebody asks for it.
    #[serde(default)]
    pub hidden: bool,
    /// Lets people change a cell.
    #[serde(default)]
    #[schemars(title = "Editing")]
    pub edit: Option<Edit>,
}

#[derive(Clone, Copy, Debug, Default, Serialize, Deserialize, JsonSchema)]
#[serde(rename_all = "lowercase")]
pub enum Display {
    #[default]
    #[schemars(title = "Plain")]
    Plain,
    /// A label, for statuses.
    #[schemars(title = "Badge")]
    Badge,
    /// A link, where the value is an address.
    #[schemars(title = "Link")]
    Link,
    /// A bar whose length is the value's share of the largest.
    #[schemars(title = "Bar")]
    Bar,
    /// A tick for what is true.
    #[schemars(title = "Tick")]
    Check,
}

/// What is run to change a cell: `{{ value }}` is what was entered, `{{ row.id }}` a value of its row.
#[derive(Debug, Serialize, Deserialize, JsonSchema)]
#[serde(rename_all = "camelCase", deny_unknown_fields)]
pub struct Edit {
    #[schemars(title = "To change it", extend("x-widget" = "action"))]
    pub action: Action,
    /// The only values to choose from; anything when empty.
    #[serde(default)]
    #[schemars(length(max = 200))]
    pub choices: Vec<String>,
}

/// A button in each row; `{{ row.id }}` is a value of the row.
#[derive(Debug, Serialize, Deserialize, JsonSchema)]
#[serde(rename_all = "camelCase", deny_unknown_fields)]
pub struct RowAction {
    #[schemars(length(min = 1, max = 60))]
    pub label: String,
    #[schemars(title = "What it does", extend("x-widget" = "action"))]
    pub action: Action,
    /// Asked before it is done; `{{ row.name }}` is filled in. Done at once when empty.
    #[serde(default)]
    #[schemars(title = "Question", length(max = 500))]
    pub confirm: String,
    /// Marks what cannot be taken back.
    #[serde(default)]
    pub danger: bool,
    /// Offered only for these rows.
    #[serde(default)]
    #[schemars(title = "Only when")]
    pub when: Option<Condition>,
}

/// Rows or cells that stand out.
#[derive(Debug, Serialize, Deserialize, JsonSchema)]
#[serde(rename_all = "camelCase", deny_unknown_fields)]
pub struct Rule {
    #[serde(rename = "when")]
    #[schemars(title = "When")]
    pub condition: Condition,
    pub color: Tone,
    /// Colours the whole row, not only the cell.
    #[serde(default)]
    pub row: bool,
}

impl Config for Table {
    fn check(&self) -> Result<()> {
        if self.server_paging && self.page_size == 0 {
            return Err(Error::invalid("config.pageSize", "must be at least 1 where pages are read from the server"));
        }
        for (i, action) in self.row_actions.iter().enumerate() {
            super::parts::check_words(&action.confirm, &format!("rowActions[{i}].confirm"))?;
        }
        check_selections(&self.selects)
    }

    fn actions(&self) -> Vec<Pressed<'_>> {
        let rows = self.row_actions.iter().enumerate().map(|(i, row)| {
            let path = format!("config.rowActions[{i}].action");
            Pressed { path, action: &row.action, entered: json!(row.when) }
        });
        let cells = self.columns.iter().enumerate().filter_map(|(i, column)| {
            let edit = column.edit.as_ref()?;
            let path = format!("config.columns[{i}].edit.action");
            Some(Pressed { path, action: &edit.action, entered: json!([column.field, edit.choices]) })
        });
        rows.chain(cells).collect()
    }
}
