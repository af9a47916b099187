//! The kinds of widget: each says what its config holds.
use super::super::parse;
use crate::Result;
use schemars::{JsonSchema, Schema, generate::SchemaSettings};
use serde::{Deserialize, Serialize, de::DeserializeOwned};
use serde_json::Value;

/// What the gallery shows of a kind, and how its config is checked.
pub struct WidgetKind {
    pub name: &'static str,
    pub label: &'static str,
    pub description: &'static str,
    pub schema: fn() -> Schema,
    pub check: fn(Value) -> Result<()>,
}

/// One line per kind.
pub static ALL: &[WidgetKind] = &[
    kind::<Table>("table", "Table", "Rows and columns, sortable and searchable"),
    kind::<Number>("number", "Number", "One figure, with its change since before"),
    kind::<Bars>("bar", "Bar chart", "Amounts by category"),
    kind::<Lines>("line", "Line chart", "Amounts over time"),
    kind::<Pie>("pie", "Pie chart", "Shares of a whole"),
    kind::<Text>("text", "Text", "Markdown, for headings and notes"),
];

const fn kind<C: DeserializeOwned + JsonSchema>(
    name: &'static str,
    label: &'static str,
    description: &'static str,
) -> WidgetKind {
    WidgetKind {
        name,
        label,
        description,
        schema: || {
            SchemaSettings::draft2020_12()
                .with(|s| s.inline_subschemas = true)
                .into_generator()
                .into_root_schema_for::<C>()
        },
        check: |config| parse::from_value::<C>(config, "config").map(drop),
    }
}

/// How a figure is written.
#[derive(Clone, Copy, Debug, Default, Serialize, Deserialize, JsonSchema)]
#[serde(rename_all = "lowercase")]
pub enum Format {
    #[default]
    Auto,
    Text,
    Number,
    Currency,
    Percent,
    Date,
    Datetime,
}

/// A column of a table widget.
#[derive(Debug, Serialize, Deserialize, JsonSchema)]
#[serde(rename_all = "camelCase", deny_unknown_fields)]
pub struct Column {
    /// The result's column.
    pub field: String,
    #[serde(default)]
    pub label: Option<String>,
    #[serde(default)]
    pub format: Format,
    /// ISO 4217 code, for `currency`.
    #[serde(default)]
    pub currency: Option<String>,
}

macro_rules! data_config {
    ($(#[$meta:meta])* $name:ident { $($(#[$field_meta:meta])* $field:ident: $type:ty,)* }) => {
        $(#[$meta])*
        #[derive(Debug, Serialize, Deserialize, JsonSchema)]
        #[serde(rename_all = "camelCase", deny_unknown_fields)]
        pub struct $name {
            /// The query to draw.
            #[serde(rename = "queryID")]
            #[schemars(extend("x-widget" = "query"))]
            pub query_id: uuid::Uuid,
            /// Values for the query's parameters; `{{ vars.x }}` takes a dashboard variable.
            #[serde(default)]
            pub parameters: serde_json::Map<String, Value>,
            $($(#[$field_meta])* pub $field: $type,)*
        }
    };
}

data_config!(
    /// Rows and columns.
    Table {
        /// Which columns to show, in order; all when empty.
        #[serde(default)]
        columns: Vec<Column>,
        /// Rows a page.
        #[serde(default = "ten")]
        #[schemars(range(min = 1, max = 1000))]
        page_size: u32,
    }
);

fn ten() -> u32 {
    10
}

data_config!(
    /// The first row's figure.
    Number {
        /// The column that holds the figure.
        field: String,
        /// A column with the figure of the period before.
        #[serde(default)]
        compare_field: Option<String>,
        #[serde(default)]
        format: Format,
        /// ISO 4217 code, for `currency`.
        #[serde(default)]
        currency: Option<String>,
        /// Written after the figure.
        #[serde(default)]
        unit: Option<String>,
    }
);

/// One line or set of bars.
#[derive(Debug, Serialize, Deserialize, JsonSchema)]
#[serde(rename_all = "camelCase", deny_unknown_fields)]
pub struct Mark {
    /// The column with its values.
    pub field: String,
    #[serde(default)]
    pub label: Option<String>,
}

data_config!(
    /// Amounts by category.
    Bars {
        /// The column of the categories.
        x: String,
        #[schemars(length(min = 1, max = 20))]
        series: Vec<Mark>,
        #[serde(default)]
        stacked: bool,
        /// Bars from left to right.
        #[serde(default)]
        horizontal: bool,
        #[serde(default)]
        format: Format,
        /// ISO 4217 code, for `currency`.
        #[serde(default)]
        currency: Option<String>,
    }
);

data_config!(
    /// Amounts over time.
    Lines {
        /// The column of the horizontal axis.
        x: String,
        #[schemars(length(min = 1, max = 20))]
        series: Vec<Mark>,
        #[serde(default)]
        stacked: bool,
        #[serde(default)]
        format: Format,
        /// ISO 4217 code, for `currency`.
        #[serde(default)]
        currency: Option<String>,
    }
);

data_config!(
    /// Shares of a whole.
    Pie {
        /// The column that names each share.
        label: String,
        /// The column with its size.
        value: String,
        /// A ring instead of a disc.
        #[serde(default)]
        donut: bool,
        #[serde(default)]
        format: Format,
        /// ISO 4217 code, for `currency`.
        #[serde(default)]
        currency: Option<String>,
    }
);

/// Text without data.
#[derive(Debug, Serialize, Deserialize, JsonSchema)]
#[serde(rename_all = "camelCase", deny_unknown_fields)]
pub struct Text {
    /// Markdown; HTML in it is shown as text.
    #[schemars(length(max = 100_000), extend("x-widget" = "textarea"))]
    pub markdown: String,
}

#[cfg(test)]
#[allow(clippy::unwrap_used)]
mod tests {
    use super::ALL;
    use serde_json::json;

    #[test]
    fn a_config_is_checked_by_its_kind() {
        let said = |name: &str, config| {
            let kind = ALL.iter().find(|kind| kind.name == name).unwrap();
            (kind.check)(config).map_err(|error| error.to_string())
        };
        let query = "0198c2f0-0000-7000-8000-000000000001";
        assert_eq!(said("number", json!({"queryID": query, "field": "n"})), Ok(()));
        assert_eq!(said("number", json!({"queryID": query})), Err("config.field: is required".into()));
        assert_eq!(said("number", json!({"field": "n"})), Err("config.queryID: is required".into()));
        assert!(
            said("bar", json!({"queryID": query, "x": "m", "series": [{"field": "a", "colour": 1}]}))
                .unwrap_err()
                .starts_with("config.series[0].colour: is not a known field")
        );
        assert_eq!(said("text", json!({"markdown": "# Hi"})), Ok(()));
    }

    #[test]
    fn every_kind_has_a_schema_that_refuses_unknown_fields() {
        for kind in ALL {
            let schema = (kind.schema)().to_value();
            assert_eq!(schema["additionalProperties"], false, "{}", kind.name);
        }
    }
}
