//! The kinds of widget, each with the schema of its config.
mod actions;
mod charts;
mod content;
mod data;
mod inputs;
mod parts;

use super::action::Action;
use crate::{
    Result,
    model::{
        Link, parse,
        schema::{Rules, schema_of},
    },
};
use schemars::{JsonSchema, Schema};
use serde::{Serialize, de::DeserializeOwned};
use serde_json::Value;
use std::{collections::HashMap, sync::LazyLock};

/// The category of a kind in the gallery.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, JsonSchema)]
#[serde(rename_all = "camelCase")]
#[schemars(rename = "WidgetCategory")]
pub enum Category {
    Data,
    Charts,
    Content,
    Actions,
    Inputs,
}

/// A kind of widget: its entry in the gallery, and the checks of its config.
pub struct WidgetKind {
    pub name: &'static str,
    pub label: &'static str,
    pub description: &'static str,
    pub category: Category,
    pub schema: fn() -> Schema,
    check: fn(Value) -> Result<()>,
    links: fn(Value) -> Vec<Link>,
}

/// An action in a config.
struct Pressed<'a> {
    /// The path of the action in the config.
    path: String,
    action: &'a Action,
    /// What decides the values that people can enter. Null if they only press a button.
    entered: Value,
}

/// The config of a kind.
trait Config: DeserializeOwned + JsonSchema {
    /// Checks rules that the schema cannot express.
    fn check(&self) -> Result<()> {
        Ok(())
    }

    /// Returns the actions that people can run.
    fn actions(&self) -> Vec<Pressed<'_>> {
        Vec::new()
    }

    /// Returns the links other than the query that the widget shows.
    fn links(&self) -> Vec<Link> {
        self.actions().into_iter().map(|pressed| pressed.action.link(&pressed.path, &pressed.entered)).collect()
    }
}

use Category::{Actions, Charts, Content, Data, Inputs};

/// Every kind, in the order of the gallery.
pub static ALL: &[WidgetKind] = &[
    kind::<data::Table>("table", Data, "Table", "Rows and columns with sorting, filters, editing and actions"),
    kind::<data::Number>("number", Data, "Number", "A single value, with its change and trend"),
    kind::<data::List>("list", Data, "List", "One or two lines per row"),
    kind::<data::KeyValue>("keyValue", Data, "Details", "The fields of a single row"),
    kind::<data::Timeline>("timeline", Data, "Timeline", "Events over time"),
    kind::<data::Json>("json", Data, "JSON", "A value as a collapsible tree"),
    kind::<charts::Bar>("bar", Charts, "Bar chart", "Values by category: side by side, stacked or as percentages"),
    kind::<charts::Line>("line", Charts, "Line chart", "Values over time"),
    kind::<charts::Area>("area", Charts, "Area chart", "Values over time as filled areas, optionally stacked"),
    kind::<charts::Pie>("pie", Charts, "Pie chart", "Parts of a whole"),
    kind::<charts::Scatter>(
        "scatter",
        Charts,
        "Scatter chart",
        "The relationship between two values, with a third as the size of the points",
    ),
    kind::<charts::Heatmap>("heatmap", Charts, "Heatmap", "Values by two categories, as colors"),
    kind::<charts::Gauge>("gauge", Charts, "Gauge", "A single value within a range, as a dial or a bar"),
    kind::<charts::Funnel>("funnel", Charts, "Funnel", "How many remain after each step"),
    kind::<charts::Map>("map", Charts, "Map", "Points on a world map"),
    kind::<content::Text>("text", Content, "Text", "Markdown, for headings and notes"),
    kind::<content::Html>("html", Content, "HTML", "Custom HTML in a sandboxed frame"),
    kind::<content::Image>("image", Content, "Image", "An image from a URL or from the data"),
    kind::<actions::Button>("button", Actions, "Button", "Runs a query or starts a workflow"),
    kind::<actions::Form>("form", Actions, "Form", "Fields that are validated and passed to a query or a workflow"),
    kind::<actions::WorkflowRuns>("workflowRuns", Actions, "Workflow runs", "The latest runs of a workflow, live"),
    kind::<inputs::TextInput>("textInput", Inputs, "Text input", "Sets a variable to the entered text"),
    kind::<inputs::NumberInput>("numberInput", Inputs, "Number input", "Sets a variable to a number"),
    kind::<inputs::SelectInput>("selectInput", Inputs, "Select", "Sets a variable to one of several values"),
    kind::<inputs::DateInput>("dateInput", Inputs, "Date input", "Sets a variable to a date"),
    kind::<inputs::DateRange>(
        "dateRange",
        Inputs,
        "Date range",
        "Sets two variables to the first and last day of a range",
    ),
];

static RULES: LazyLock<HashMap<&'static str, Rules>> =
    LazyLock::new(|| ALL.iter().map(|kind| (kind.name, Rules::new((kind.schema)().to_value()))).collect());

impl WidgetKind {
    /// Checks a config. Errors name the invalid field.
    pub fn check(&self, config: &Value) -> Result<()> {
        // the type first: its errors list the known fields
        (self.check)(config.clone())?;
        RULES.get(self.name).map_or(Ok(()), |rules| rules.check(config, "config"))
    }

    /// Returns the links of a config other than the query that the widget shows.
    pub fn links(&self, config: Value) -> Vec<Link> {
        (self.links)(config)
    }
}

const fn kind<C: Config>(
    name: &'static str,
    category: Category,
    label: &'static str,
    description: &'static str,
) -> WidgetKind {
    WidgetKind {
        name,
        label,
        description,
        category,
        schema: schema_of::<C>,
        check: |config| {
            let config: C = parse::from_value(config, "config")?;
            config.actions().into_iter().try_for_each(|pressed| pressed.action.check(&pressed.path))?;
            config.check()
        },
        links: |config| parse::from_value::<C>(config, "config").map_or_else(|_| Vec::new(), |config| config.links()),
    }
}

#[cfg(test)]
#[allow(clippy::unwrap_used)]
mod tests;
