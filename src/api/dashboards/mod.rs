//! Extra endpoints of dashboards: their widgets, a stream of the widgets' data, their actions, and who may open them.
mod access;
mod actions;
pub mod apps;
pub mod choices;
pub mod contents;
mod events;
mod parameters;
mod questions;
mod revival;
pub mod shared;
pub mod shares;
mod values;
pub mod widgets;
mod writing;

use crate::{
    Error, Result,
    api::{
        App,
        access::permit::{Permit, Read},
        data::data_queries::QueryResult,
        records::crud::about,
        requests::extract::{At, OptionalBody},
        responses::{documented, problem::StreamFailure},
    },
    connect::DescribedColumn,
    model::{
        Dashboard, Scope, Widget,
        dashboard::{DashboardVariable, Item},
        widget::kinds::TableRequest,
    },
};
use aide::axum::{ApiRouter, routing::post_with};
use axum::extract::State;
use choices::{ChoiceList, choices};
pub use events::Events;
use futures_util::{Stream, StreamExt, stream};
use parameters::person;
use questions::ItemQuery;
use schemars::JsonSchema;
use serde::{Deserialize, Serialize};
use serde_json::{Map, Value, json};
use std::collections::HashMap;
use values::{VariableRules, settle};

/// How many queries of one dashboard run at once.
const AT_ONCE: usize = 8;
const ITEM: &str = "item";
/// The maximum length of a search text for choices, in characters.
const MAX_SEARCH: usize = 200;

pub fn routes() -> ApiRouter<App> {
    ApiRouter::new()
        .api_route(
            "/dashboards/{dashboardID}/data",
            post_with(data, |op| {
                about::<Dashboard>(op, "data", "Stream the data of all widgets on").with(documented::asks)
            }),
        )
        .merge(access::routes())
        .merge(actions::routes())
        .merge(contents::routes())
        .merge(apps::routes())
        .merge(revival::routes())
}

/// Which data of a dashboard to send.
#[derive(Default, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
pub struct DashboardDataRequest {
    /// Values of the declared variables.
    #[serde(default)]
    pub variables: Map<String, Value>,
    /// Page numbers, from 0, by the keys of items that are read in pages. If given, only these items are sent.
    #[serde(default)]
    pub pages: Option<HashMap<String, u32>>,
    /// What to show of tables on the server side, by the keys of their items. If given, only these items are sent.
    #[serde(default)]
    pub tables: Option<HashMap<String, TableRequest>>,
    /// The keys of the items to send; all if absent.
    #[serde(default)]
    pub items: Option<Vec<String>>,
    /// The key of a tab. If given, only the items on it are sent.
    #[serde(default)]
    pub tab: Option<String>,
    /// Search texts by the names of variables. If given, only the choices that contain them are sent.
    #[serde(default)]
    pub search: Option<HashMap<String, String>>,
}

impl DashboardDataRequest {
    /// Returns the variables whose choices are to be sent, each with its search text. A request for some of the items
    /// only gets data, because the client already has the choices.
    ///
    /// # Errors
    /// `Invalid` at `search.<name>`.
    pub fn choices<'a>(&'a self, declared: &'a [DashboardVariable]) -> Result<Vec<(&'a DashboardVariable, &'a str)>> {
        let Some(search) = &self.search else {
            let is_whole = self.pages.is_none() && self.tables.is_none() && self.items.is_none();
            return Ok(declared.iter().filter(|_| is_whole).map(|variable| (variable, "")).collect());
        };
        let asked = search.iter().map(|(name, text)| {
            let at = || format!("search.{name}");
            if text.chars().count() > MAX_SEARCH {
                return Err(Error::invalid(at(), format!("must be at most {MAX_SEARCH} characters")));
            }
            let known = declared.iter().find(|one| one.name == *name && one.source.is_some());
            let known =
                known.ok_or_else(|| Error::invalid(at(), "is not a variable whose choices come from a query"))?;
            Ok((known, text.as_str()))
        });
        asked.collect()
    }

    /// Rejects a tab that the dashboard does not have.
    pub fn check_tab(&self, dashboard: &Dashboard) -> Result<()> {
        match &self.tab {
            Some(key) if !dashboard.tabs.iter().any(|tab| tab.key == *key) => {
                Err(Error::invalid("tab", format!("no tab has the key `{key}`")))
            }
            _ => Ok(()),
        }
    }

    fn wants(&self, ItemWithWidget { key, tab, is_everywhere, .. }: &ItemWithWidget) -> bool {
        self.search.is_none()
            && self.items.as_ref().is_none_or(|keys| keys.contains(key))
            && (self.pages.is_none() && self.tables.is_none() || self.table(key).is_some())
            && (self.tab.is_none() || *is_everywhere || self.tab == *tab)
    }

    /// Returns which rows of an item to send, if the request says so.
    fn table(&self, key: &str) -> Option<TableRequest> {
        let page = || self.pages.as_ref()?.get(key).map(|page| TableRequest { page: *page, ..TableRequest::default() });
        self.tables.as_ref().and_then(|tables| tables.get(key).cloned()).or_else(page)
    }
}

/// An item of a dashboard, with its widget.
pub struct ItemWithWidget {
    pub key: String,
    tab: Option<String>,
    /// Whether it belongs to every tab.
    is_everywhere: bool,
    pub widget: Result<Widget>,
}

/// The data for all items that share a query, or a variable's choices.
pub struct DashboardAnswer {
    /// `item` or `options`.
    pub event: &'static str,
    pub keys: Vec<String>,
    pub outcome: Result<AnswerContent>,
}

/// The content of an answer. An item without a query has no data.
#[derive(Serialize)]
#[serde(untagged)]
pub enum AnswerContent {
    Data(Option<QueryResult>),
    Choices(Box<ChoiceList>),
}

/// The data of an event.
#[derive(Serialize)]
pub struct EventPayload<'a, T> {
    key: &'a str,
    result: T,
    #[serde(flatten)]
    offer: Option<Offer<'a>>,
}

/// What is said about choices.
#[derive(Serialize)]
#[serde(rename_all = "camelCase")]
struct Offer<'a> {
    /// Whether there are more.
    more: bool,
    #[serde(skip_serializing_if = "Option::is_none")]
    value_column: Option<&'a DescribedColumn>,
    #[serde(skip_serializing_if = "Option::is_none")]
    label_column: Option<&'a DescribedColumn>,
}

impl<'a, T: Serialize> EventPayload<'a, T> {
    pub fn text(key: &'a str, result: T) -> Result<String> {
        Ok(serde_json::to_string(&Self { key, result, offer: None })?)
    }
}

/// Returns the data of an event with the choices of a variable.
pub fn offered(key: &str, ChoiceList { choices, more, value_column, label_column }: &ChoiceList) -> Result<String> {
    let offer = Offer { more: *more, value_column: value_column.as_ref(), label_column: label_column.as_ref() };
    Ok(serde_json::to_string(&EventPayload { key, result: choices, offer: Some(offer) })?)
}

/// Anyone who may read the dashboard may see its data. Each distinct query, with its parameters, is executed once.
async fn data(
    permit: Permit<Dashboard, Read>,
    State(app): State<App>,
    at: At<Dashboard>,
    OptionalBody(body): OptionalBody<DashboardDataRequest>,
) -> Result<Events> {
    let (leash, scope) = (permit.leash(&app), permit.scope);
    let dashboard = app.store.get(|tx| tx.find::<Dashboard>(&scope, at.id))?.spec;
    body.check_tab(&dashboard)?;
    let rules = VariableRules::of(&dashboard, &scope);
    let variables = settle(&app, &scope, &rules, body.variables.clone()).await?;
    let items = shown(&app, &scope, &dashboard, &variables)?;
    let request = scope.actor.request.id.clone();
    let choices = choices(app.clone(), scope.clone(), body.choices(&dashboard.variables)?, &variables);
    let answers = answers(app, scope, items, &variables, &body).await?;
    Ok(Events::of(leash, stream::select(choices, answers), move |key, outcome| match outcome {
        Ok(AnswerContent::Choices(offer)) => offered(key, offer),
        Ok(AnswerContent::Data(result)) => EventPayload::text(key, result),
        Err(failure) => Ok(failed(key, failure, request.as_deref())),
    }))
}

/// Returns the data of an event with an error.
pub fn failed(key: &str, failure: &StreamFailure, request: Option<&str>) -> String {
    let StreamFailure { code, message, missing } = failure;
    let mut error = json!({"code": code, "message": message, "requestId": request});
    if let Some(path) = missing {
        error["missing"] = path.as_str().into();
    }
    json!({"key": key, "error": error}).to_string()
}

/// Returns the items whose conditions are met, with their widgets.
pub fn shown(
    app: &App,
    scope: &Scope,
    dashboard: &Dashboard,
    variables: &Map<String, Value>,
) -> Result<Vec<ItemWithWidget>> {
    let (vars, user) = (json!(variables), person(app, scope)?);
    let widget = |id| app.store.get(|tx| tx.find::<Widget>(scope, id)).map(|widget| widget.spec);
    let shown = |item: &Item| ItemWithWidget {
        key: item.key.clone(),
        tab: item.tab.clone(),
        // a drawer opens on every tab
        is_everywhere: item.drawer,
        widget: widget(item.widget_id),
    };
    Ok(dashboard.items.iter().filter(|item| item.is_shown(&vars, &user)).map(shown).collect())
}

/// Streams the data of the requested items as each query finishes.
pub async fn answers(
    app: App,
    scope: Scope,
    items: Vec<ItemWithWidget>,
    variables: &Map<String, Value>,
    ask: &DashboardDataRequest,
) -> Result<impl Stream<Item = DashboardAnswer> + Send + use<>> {
    let mut settled = Vec::new();
    let mut questions: HashMap<String, (ItemQuery, Vec<String>)> = HashMap::new();
    for ItemWithWidget { key, widget, .. } in items.into_iter().filter(|item| ask.wants(item)) {
        match question(&app, &scope, widget, variables, ask.table(&key)).await {
            Ok(Some(asked)) => {
                questions.entry(asked.identity()?).or_insert((asked, Vec::new())).1.push(key);
            }
            Ok(None) => {
                settled.push(DashboardAnswer { event: ITEM, keys: vec![key], outcome: Ok(AnswerContent::Data(None)) });
            }
            Err(error) => settled.push(DashboardAnswer { event: ITEM, keys: vec![key], outcome: Err(error) }),
        }
    }
    let answers = stream::iter(questions.into_values())
        .map(move |(question, keys)| {
            let (app, scope) = (app.clone(), scope.clone());
            async move {
                let outcome = question.run(&app, &scope).await;
                DashboardAnswer { event: ITEM, keys, outcome: outcome.map(|result| AnswerContent::Data(Some(result))) }
            }
        })
        .buffer_unordered(AT_ONCE);
    Ok(stream::iter(settled).chain(answers))
}

async fn question(
    app: &App,
    scope: &Scope,
    widget: Result<Widget>,
    variables: &Map<String, Value>,
    ask: Option<TableRequest>,
) -> Result<Option<ItemQuery>> {
    ItemQuery::of(app, scope, &widget?, variables, ask).await
}
