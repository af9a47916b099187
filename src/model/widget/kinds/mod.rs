//! The kinds of widget, each with the schema of its config.
mod actions;
mod charts;
mod color;
mod content;
mod data;
mod inputs;
mod parts;
pub(super) mod plot;
pub(super) mod visible;

pub use actions::FieldChoices;
pub use data::{Grid, GridChange, GridReference, RowDeletion, RowInsertion, RowUpdate, ServerTable, TableRequest};

use super::{
    action::Action,
    condition::{ConditionSource, Conditions},
    destination::AfterAction,
    fill::Entered,
};
use crate::{
    Error, Result,
    model::{
        Link, parse,
        schema::{CompiledSchema, schema_of},
    },
};
use schemars::{JsonSchema, Schema};
use serde::{Serialize, de::DeserializeOwned};
use serde_json::{Map, Value, json};
use std::{
    collections::HashMap,
    fmt::Debug,
    sync::{Arc, LazyLock},
};
use uuid::Uuid;
use visible::Visible;

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

/// A kind of widget: its entry in the gallery, and the type of its config.
pub struct WidgetKind {
    pub name: &'static str,
    pub label: &'static str,
    pub description: &'static str,
    pub category: Category,
    pub schema: fn() -> Schema,
    parse: fn(Value) -> Result<Arc<dyn Config>>,
}

/// An action in a config.
pub(super) struct Pressed<'a> {
    /// The path of the action in the config.
    pub path: String,
    pub action: &'a Action,
    /// What decides the values that people can enter. Null if they only press a button.
    pub entered: Value,
}

/// The most actions that follow another one.
const MOST_FOLLOWERS: usize = 5;

/// What decides whether an action may run, and what follows it.
#[derive(Default)]
pub(super) struct ActionRules<'a> {
    /// Met where the action is offered.
    pub when: Option<&'a Conditions>,
    /// Met where the action is offered but disabled.
    pub disabled_when: Option<&'a Conditions>,
    /// What the conditions compare.
    pub sources: &'static [ConditionSource],
    /// The actions that run after it, each if the one before it succeeded.
    pub then: &'a [Action],
    pub after: Option<&'a AfterAction>,
}

impl ActionRules<'_> {
    /// Checks the rules of an action. `path` is the path of what contains it, such as `config` or
    /// `config.rowActions[0]`.
    fn check(&self, first: &Action, path: &str) -> Result<()> {
        let check = |conditions: Option<&Conditions>, name: &str| {
            conditions.map_or(Ok(()), |one| one.check(&format!("{path}.{name}"), self.sources))
        };
        check(self.when, "when")?;
        check(self.disabled_when, "disabledWhen")?;
        if self.then.len() > MOST_FOLLOWERS {
            return Err(Error::invalid(format!("{path}.then"), format!("must have at most {MOST_FOLLOWERS} actions")));
        }
        for (i, action) in self.then.iter().enumerate() {
            let at = format!("{path}.then[{i}]");
            if !action.runs() {
                return Err(Error::invalid(
                    format!("{at}.type"),
                    "must run something: use `after.open` to open something",
                ));
            }
            action.check(&at)?;
        }
        if !first.runs() && !self.then.is_empty() {
            return Err(Error::invalid(format!("{path}.then"), "an action that opens something has none after it"));
        }
        let earlier = self.then.split_last().map(|(_, between)| [first].into_iter().chain(between));
        if earlier.into_iter().flatten().any(Action::is_workflow) {
            let message = "only the last action can start a workflow, because its run continues in the background";
            return Err(Error::invalid(format!("{path}.then"), message));
        }
        self.after.map_or(Ok(()), |after| after.check(&format!("{path}.after")))
    }

    /// Returns why the action cannot run now; `None` if it can.
    pub fn refusal(&self, entered: &Entered<'_>) -> Option<&'static str> {
        if self.when.is_some_and(|when| !when.are_met(entered)) {
            return Some("is not offered here: its condition \"Show when\" is not met");
        }
        self.disabled_when
            .is_some_and(|conditions| conditions.prevent(entered))
            .then_some("is disabled here: its condition \"Disabled when\" is met")
    }
}

/// Returns the path of what contains the action at `path`.
pub(super) fn holder_of(path: &str) -> &str {
    path.strip_suffix(".action").unwrap_or(path)
}

/// The query of a config, if it has one.
pub(super) trait Queried {
    /// Returns the query and the values of its parameters.
    fn query(&self) -> Option<(Uuid, &Map<String, Value>)> {
        None
    }
}

/// The fields of a config that visitors of a share link may see: those that its type serialises.
pub(super) trait Public {
    /// Returns the fields; null, which shows nothing, if one of them must not be serialised.
    fn public(&self) -> Value;
}

impl<C: Serialize> Public for C {
    fn public(&self) -> Value {
        serde_json::to_value(self).unwrap_or_default()
    }
}

/// The config of a kind.
pub(super) trait Config: Debug + Send + Sync + Queried + Public {
    /// Checks rules that the schema cannot express.
    fn check(&self) -> Result<()> {
        Ok(())
    }

    /// Returns the actions that people can run.
    fn actions(&self) -> Vec<Pressed<'_>> {
        Vec::new()
    }

    /// Returns the rules of the action at `path`.
    fn rules(&self, _path: &str) -> ActionRules<'_> {
        ActionRules::default()
    }

    /// Adds null for the fields of a form that were not sent, and replaces empty texts by null, except where an empty
    /// text is a value.
    fn settle(&self, _form: &mut Map<String, Value>, _row: &Map<String, Value>) {}

    /// Checks what a person entered for the action at `path`.
    fn check_entered(&self, _path: &str, _entered: &Entered<'_>) -> Result<()> {
        Ok(())
    }

    /// Returns the links other than the query that the widget shows.
    fn links(&self) -> Vec<Link> {
        let mut links = Vec::new();
        for Pressed { path, action, entered } in self.actions() {
            let ActionRules { when, disabled_when, then, .. } = self.rules(&path);
            let conditions = [when, disabled_when];
            let has_conditions = conditions.iter().any(|one| one.is_some_and(|one| !one.is_empty()));
            // conditions and the actions before it decide what can be run, too
            let entered = if has_conditions || !then.is_empty() {
                let sequence: Vec<Value> = [action].into_iter().chain(then).map(Action::given).collect();
                json!([entered, conditions, sequence])
            } else {
                entered
            };
            links.extend(action.link(&path, &entered));
            let at = |i| format!("{}.then[{i}]", holder_of(&path));
            links.extend(then.iter().enumerate().filter_map(|(i, action)| action.link(&at(i), &entered)));
        }
        links
    }

    /// Returns the records that it opens and reloads, each with the path of its ID. They are no links: what they name
    /// may be missing.
    fn references(&self) -> Vec<(String, Uuid)> {
        let opens = self.visible().and_then(|visible| visible.opens());
        let mut found: Vec<_> = opens.and_then(|to| to.reference("config.opens")).into_iter().collect();
        for Pressed { path, action, .. } in self.actions() {
            found.extend(action.reference(&path));
            let after = self.rules(&path).after;
            found.extend(after.into_iter().flat_map(|after| after.references(&format!("{}.after", holder_of(&path)))));
        }
        found
    }

    /// Returns the links to queries other than the one that the widget shows and those of its actions.
    fn queries(&self) -> Vec<Link> {
        Vec::new()
    }

    /// Returns the number of rows per page, if they are loaded one page at a time.
    fn page_size(&self) -> Option<u32> {
        None
    }

    /// Returns how the query searches, sorts and filters, if it does.
    fn server(&self) -> Option<&ServerTable> {
        None
    }

    /// Returns the fields whose choices come from a query.
    fn choices(&self) -> Vec<(&str, &FieldChoices)> {
        Vec::new()
    }

    /// Returns the table whose rows people may edit.
    fn grid(&self) -> Option<&Grid> {
        None
    }

    /// Returns what visitors of a share link see besides the public fields. `None` hides the widget from them.
    fn visible(&self) -> Option<Visible<'_>>;
}

/// Hides a field from visitors of a share link: `skip_serializing_if = "hidden"`.
fn hidden<T>(_: &T) -> bool {
    true
}

use Category::{Actions, Charts, Content, Data, Inputs};

/// Every kind, in the order of the gallery.
pub static ALL: &[WidgetKind] = &[
    kind::<data::Table>("table", Data, "Table", "Rows and columns with sorting, filters, editing and actions"),
    kind::<Grid>("grid", Data, "Editable table", "Rows that are edited like a spreadsheet and saved together"),
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
    kind::<inputs::TextInput>("textInput", Inputs, "Text input", "Sets a filter to the entered text"),
    kind::<inputs::NumberInput>("numberInput", Inputs, "Number input", "Sets a filter to a number"),
    kind::<inputs::SelectInput>("selectInput", Inputs, "Select", "Sets a filter to one of several values"),
    kind::<inputs::DateInput>("dateInput", Inputs, "Date input", "Sets a filter to a date"),
    kind::<inputs::DateRange>(
        "dateRange",
        Inputs,
        "Date range",
        "Sets two filters to the first and last day of a range",
    ),
];

static RULES: LazyLock<HashMap<&'static str, CompiledSchema>> =
    LazyLock::new(|| ALL.iter().map(|kind| (kind.name, CompiledSchema::new((kind.schema)().to_value()))).collect());

impl WidgetKind {
    /// Parses a config. Errors name the invalid field.
    pub(super) fn parse(&self, config: Value) -> Result<Arc<dyn Config>> {
        (self.parse)(config)
    }

    /// Checks rules that the type of the config does not enforce. Errors name the invalid field.
    pub(super) fn check(&self, config: &dyn Config, given: &Value) -> Result<()> {
        for Pressed { path, action, .. } in config.actions() {
            action.check(&path)?;
            config.rules(&path).check(action, holder_of(&path))?;
        }
        config.check()?;
        RULES.get(self.name).map_or(Ok(()), |rules| rules.check(given, "config"))
    }
}

const fn kind<C: Config + DeserializeOwned + JsonSchema + 'static>(
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
        parse: |config| Ok(Arc::new(parse::from_value::<C>(config, "config")?)),
    }
}

#[cfg(test)]
#[allow(clippy::unwrap_used)]
pub(in crate::model) mod tests;
