//! The kinds of widget: each says what its config holds.
mod area;
mod bar;
mod button;
mod date_input;
mod date_range;
mod form;
mod funnel;
mod gauge;
mod heatmap;
mod html;
mod image;
mod json;
mod key_value;
mod line;
mod list;
mod map;
mod number;
mod number_input;
mod parts;
mod pie;
mod scatter;
mod select_input;
mod table;
mod text;
mod text_input;
mod timeline;
mod workflow_runs;

use super::{super::parse, action::Action};
use crate::{
    Result,
    model::{
        Link,
        schema::{Rules, schema_of},
    },
};
use schemars::{JsonSchema, Schema};
use serde::{Serialize, de::DeserializeOwned};
use serde_json::Value;
use std::{collections::HashMap, sync::LazyLock};

/// Where the gallery shows a kind.
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

/// What the gallery shows of a kind, and how its config is checked.
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
    /// Its place in the config.
    path: String,
    action: &'a Action,
    /// What people can enter into its values. Null when they only press.
    entered: Value,
}

/// What the config of a kind can say of itself.
trait Config: DeserializeOwned + JsonSchema {
    /// Rules that the schema cannot say.
    fn check(&self) -> Result<()> {
        Ok(())
    }

    /// What presses on it start.
    fn actions(&self) -> Vec<Pressed<'_>> {
        Vec::new()
    }

    /// What it points to besides the query that it draws.
    fn links(&self) -> Vec<Link> {
        self.actions().into_iter().map(|pressed| pressed.action.link(&pressed.path, &pressed.entered)).collect()
    }
}

use Category::{Actions, Charts, Content, Data, Inputs};

/// One line per kind.
pub static ALL: &[WidgetKind] = &[
    kind::<table::Table>("table", Data, "Table", "Rows and columns to sort, filter, edit and act on"),
    kind::<number::Number>("number", Data, "Number", "One figure, with its change since before and its course"),
    kind::<list::List>("list", Data, "List", "A line or two for each row"),
    kind::<key_value::KeyValue>("keyValue", Data, "Details", "The fields of one row, by name"),
    kind::<timeline::Timeline>("timeline", Data, "Timeline", "What happened when"),
    kind::<json::Json>("json", Data, "JSON", "A value as a tree that opens on demand"),
    kind::<bar::Bar>("bar", Charts, "Bar chart", "Amounts by category: side by side, stacked or as shares"),
    kind::<line::Line>("line", Charts, "Line chart", "Amounts over time"),
    kind::<area::Area>("area", Charts, "Area chart", "Amounts over time, filled down to zero or stacked"),
    kind::<pie::Pie>("pie", Charts, "Pie chart", "Shares of a whole"),
    kind::<scatter::Scatter>(
        "scatter",
        Charts,
        "Scatter chart",
        "How two amounts go together; a third as the size of bubbles",
    ),
    kind::<heatmap::Heatmap>("heatmap", Charts, "Heatmap", "Amounts by two categories, as colours"),
    kind::<gauge::Gauge>("gauge", Charts, "Gauge", "One figure between two limits, as a dial or a bar"),
    kind::<funnel::Funnel>("funnel", Charts, "Funnel", "How many are left after each step"),
    kind::<map::Map>("map", Charts, "Map", "Points on a map of the world"),
    kind::<text::Text>("text", Content, "Text", "Markdown, for headings and notes"),
    kind::<html::Html>("html", Content, "HTML", "Markup of your own, in a frame that nothing gets out of"),
    kind::<image::Image>("image", Content, "Image", "A picture, from an address or from the data"),
    kind::<button::Button>("button", Actions, "Button", "Runs a query or starts a workflow"),
    kind::<form::Form>("form", Actions, "Form", "Fields that are checked and given to a query or a workflow"),
    kind::<workflow_runs::WorkflowRuns>(
        "workflowRuns",
        Actions,
        "Workflow runs",
        "The latest runs of a workflow, live",
    ),
    kind::<text_input::TextInput>("textInput", Inputs, "Text input", "Sets a variable to what is typed"),
    kind::<number_input::NumberInput>("numberInput", Inputs, "Number input", "Sets a variable to a number"),
    kind::<select_input::SelectInput>("selectInput", Inputs, "Select", "Sets a variable to one of some values"),
    kind::<date_input::DateInput>("dateInput", Inputs, "Date input", "Sets a variable to a day"),
    kind::<date_range::DateRange>(
        "dateRange",
        Inputs,
        "Date range",
        "Sets two variables to the first and the last day",
    ),
];

static RULES: LazyLock<HashMap<&'static str, Rules>> =
    LazyLock::new(|| ALL.iter().map(|kind| (kind.name, Rules::new((kind.schema)().to_value()))).collect());

impl WidgetKind {
    /// Refuses a config that is not of this kind, by the field that is wrong.
    pub fn check(&self, config: &Value) -> Result<()> {
        // the type first: it says best which fields there are
        (self.check)(config.clone())?;
        RULES.get(self.name).map_or(Ok(()), |rules| rules.check(config, "config"))
    }

    /// What a config points to besides the query that it draws.
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
