//! Extra endpoints of dashboards: their widgets, a stream of the widgets' data, and their actions.
mod actions;
pub mod choices;
pub mod shared;
pub mod shares;
pub mod widgets;

use crate::{
    Error, Result,
    api::{
        App,
        access::{
            live::{EventStream, Leash},
            permit::{Permit, Read},
        },
        data::data_queries::QueryResult,
        records::crud::{Crud, about},
        requests::extract::{At, OptionalBody},
        responses::{
            documented,
            large::paced,
            problem::{ErrorCode, Problem},
        },
    },
    connect::Slice,
    execute::ExecutionOptions,
    model::{
        Dashboard, Resource, Scope, Widget,
        dashboard::{DashboardVariable, Item, check_values},
    },
};
use aide::{
    OperationOutput,
    axum::{ApiRouter, routing::post_with},
    generate::GenContext,
    openapi::Operation,
};
use axum::{
    extract::State,
    response::{IntoResponse, Response, sse::Event},
};
use choices::{ChoiceList, choices};
use chrono::NaiveDate;
use futures_util::{Stream, StreamExt, stream};
use schemars::JsonSchema;
use serde::{Deserialize, Serialize};
use serde_json::{Map, Value, json};
use std::{collections::HashMap, convert::Infallible, sync::Arc};
use uuid::Uuid;
use widgets::{resolve, slice};

/// How many queries of one dashboard run at once.
const AT_ONCE: usize = 8;
const ITEM: &str = "item";
/// The maximum length of a search text for choices, in characters.
const MAX_SEARCH: usize = 200;

impl Crud for Dashboard {
    const STORED_WITHOUT: Option<&'static [&'static str]> = Some(Self::OMITTED_IN_LISTS);

    fn present(app: &App, scope: &Scope, wire: &mut Map<String, Value>, whole: bool) -> Result<()> {
        let Some(items) = wire.get("items").and_then(Value::as_array).filter(|_| whole) else { return Ok(()) };
        let ids = items.iter().filter_map(|item| Uuid::parse_str(item["widgetID"].as_str()?).ok());
        let mut ids: Vec<Uuid> = ids.collect();
        ids.sort_unstable();
        ids.dedup();
        let widgets = app
            .store
            .get(|tx| ids.iter().map(|id| tx.find::<Widget>(scope, *id)?.to_wire()).collect::<Result<Vec<_>>>())?;
        wire.insert("widgets".into(), widgets.into_iter().map(Value::Object).collect());
        Ok(())
    }
}

pub fn routes() -> ApiRouter<App> {
    ApiRouter::new()
        .api_route(
            "/dashboards/{dashboardID}/data",
            post_with(data, |op| {
                about::<Dashboard>(op, "data", "Stream the data of all widgets on").with(documented::asks)
            }),
        )
        .merge(actions::routes())
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
            let is_whole = self.pages.is_none() && self.items.is_none();
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

    fn wants(&self, ItemWithWidget { key, tab, .. }: &ItemWithWidget) -> bool {
        self.search.is_none()
            && self.items.as_ref().is_none_or(|keys| keys.contains(key))
            && self.pages.as_ref().is_none_or(|pages| pages.contains_key(key))
            && (self.tab.is_none() || self.tab == *tab)
    }

    fn page(&self, key: &str) -> Option<u32> {
        self.pages.as_ref().and_then(|pages| pages.get(key).copied())
    }
}

/// An item of a dashboard, with its widget.
pub struct ItemWithWidget {
    pub key: String,
    tab: Option<String>,
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
    Choices(ChoiceList),
}

/// The data of an event.
#[derive(Serialize)]
pub struct EventPayload<'a, T> {
    key: &'a str,
    result: T,
    /// Only for choices: whether there are more.
    #[serde(skip_serializing_if = "Option::is_none")]
    more: Option<bool>,
}

impl<'a, T: Serialize> EventPayload<'a, T> {
    pub fn text(key: &'a str, result: T) -> Result<String> {
        Ok(serde_json::to_string(&Self { key, result, more: None })?)
    }
}

/// Returns the data of an event with the choices of a variable.
pub fn offered(key: &str, ChoiceList { choices, more }: &ChoiceList) -> Result<String> {
    Ok(serde_json::to_string(&EventPayload { key, result: choices, more: Some(*more) })?)
}

/// A distinct combination of query, parameters and slice, with the items that show its result.
struct DistinctQuery {
    query: Uuid,
    parameters: Map<String, Value>,
    slice: Option<Slice>,
    keys: Vec<String>,
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
    let variables = settle(&app, &scope, &dashboard.variables, body.variables.clone()).await?;
    let items = shown(&app, &scope, &dashboard);
    let request = scope.actor.request.id.clone();
    let choices = choices(app.clone(), scope.clone(), body.choices(&dashboard.variables)?);
    let answers = answers(app, scope, items, &variables, &body).await?;
    Ok(Events::of(leash, stream::select(choices, answers), move |key, outcome| match outcome {
        Ok(AnswerContent::Choices(offer)) => offered(key, offer),
        Ok(AnswerContent::Data(result)) => EventPayload::text(key, result),
        Err((code, message)) => Ok(failed(key, code, message, request.as_deref())),
    }))
}

/// Returns the data of an event with an error.
pub fn failed(key: &str, code: &str, message: &str, request: Option<&str>) -> String {
    json!({"key": key, "error": {"code": code, "message": message, "requestId": request}}).to_string()
}

/// Returns all items with their widgets.
pub fn shown(app: &App, scope: &Scope, dashboard: &Dashboard) -> Vec<ItemWithWidget> {
    let widget = |id| app.store.get(|tx| tx.find::<Widget>(scope, id)).map(|widget| widget.spec);
    let shown =
        |item: &Item| ItemWithWidget { key: item.key.clone(), tab: item.tab.clone(), widget: widget(item.widget_id) };
    dashboard.items.iter().map(shown).collect()
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
    let mut questions: HashMap<(Uuid, String), DistinctQuery> = HashMap::new();
    for ItemWithWidget { key, widget, .. } in items.into_iter().filter(|item| ask.wants(item)) {
        match question(&app, &scope, widget, variables, ask.page(&key)).await {
            Ok(Some(asked)) => {
                let distinct = (asked.query, serde_json::to_string(&(&asked.parameters, asked.slice))?);
                questions.entry(distinct).or_insert(asked).keys.push(key);
            }
            Ok(None) => {
                settled.push(DashboardAnswer { event: ITEM, keys: vec![key], outcome: Ok(AnswerContent::Data(None)) });
            }
            Err(error) => settled.push(DashboardAnswer { event: ITEM, keys: vec![key], outcome: Err(error) }),
        }
    }
    let answers = stream::iter(questions.into_values())
        .map(move |question| answer(app.clone(), scope.clone(), question))
        .buffer_unordered(AT_ONCE);
    Ok(stream::iter(settled).chain(answers))
}

/// Merges the viewer's values into the declared variables, after checking them against the variables' rules and
/// choices.
///
/// # Errors
/// `Invalid` at `variables.<name>`, or the error of the query for the choices.
pub async fn settle(
    app: &App,
    scope: &Scope,
    declared: &[DashboardVariable],
    mut given: Map<String, Value>,
) -> Result<Map<String, Value>> {
    // clearing a variable that always has a value resets it to its default
    given.retain(|name, value| {
        !(value.is_null() && declared.iter().any(|known| known.name == *name && known.is_always_chosen()))
    });
    check_values(declared, &given)?;
    choices::check(app, scope, declared, &given).await?;
    variables(declared, given, scope.now.day())
}

/// Merges the given values into the declared variables, with relative ranges resolved for `today`. Undeclared variables
/// are rejected.
pub fn variables(
    declared: &[DashboardVariable],
    mut given: Map<String, Value>,
    today: NaiveDate,
) -> Result<Map<String, Value>> {
    let mut values = Map::new();
    for variable in declared {
        // null is a value, too: the viewer cleared the variable, and the query's default applies
        let value = given.shift_remove(&variable.name).unwrap_or_else(|| variable.default.clone());
        let value = variable
            .resolve(value, today)
            .map_err(|why| Error::invalid(format!("variables.{}", variable.name), why))?;
        values.insert(variable.name.clone(), value);
    }
    match given.keys().next() {
        Some(name) => Err(Error::invalid(format!("variables.{name}"), "is not a variable of this dashboard")),
        None => Ok(values),
    }
}

async fn question(
    app: &App,
    scope: &Scope,
    widget: Result<Widget>,
    variables: &Map<String, Value>,
    page: Option<u32>,
) -> Result<Option<DistinctQuery>> {
    let widget = widget?;
    let Some(source) = widget.source()? else { return Ok(None) };
    let parameters = resolve(app, scope, source, variables).await?;
    Ok(Some(DistinctQuery { query: source.query_id, parameters, slice: slice(source, page)?, keys: Vec::new() }))
}

async fn answer(app: App, scope: Scope, question: DistinctQuery) -> DashboardAnswer {
    let ask =
        ExecutionOptions { parameters: question.parameters, slice: question.slice, ..ExecutionOptions::default() };
    let outcome = app.executor.saved(&scope, question.query, ask).await;
    DashboardAnswer {
        event: ITEM,
        keys: question.keys,
        outcome: outcome.map(|outcome| AnswerContent::Data(Some(outcome.into()))),
    }
}

/// The data of a dashboard event; empty for `done`.
#[derive(JsonSchema)]
#[expect(dead_code, reason = "only its schema is used")]
pub struct DashboardEvent {
    /// The key of the item, or the name of the variable.
    key: Option<String>,
    /// The result of the item's query, or the variable's choices; `null` for an item without data.
    result: Option<Value>,
    /// The error, if there is no result.
    error: Option<EventError>,
}

#[derive(JsonSchema)]
#[serde(rename_all = "camelCase")]
#[expect(dead_code, reason = "only its schema is used")]
struct EventError {
    code: ErrorCode,
    message: String,
    request_id: Option<String>,
}

/// A stream of server-sent events.
pub struct Events(EventStream);

impl Events {
    /// Creates a stream with one event for each key, formatted by `format` from the result or from an error's code and
    /// message, and a final `done`. An answer is kept only until its last event is written, and an event only until it
    /// is sent.
    pub fn of(
        leash: Leash,
        answers: impl Stream<Item = DashboardAnswer> + Send + 'static,
        format: impl Fn(&str, Result<&AnswerContent, (&'static str, &str)>) -> Result<String> + Send + Sync + 'static,
    ) -> Self {
        let format = Arc::new(format);
        let items = answers.flat_map(move |DashboardAnswer { event, keys, outcome }| {
            let (format, outcome) = (Arc::clone(&format), outcome.map_err(Problem::parts));
            stream::iter(keys).map(move |key| {
                let text = match &outcome {
                    Ok(brought) => format(&key, Ok(brought)).map_err(Problem::parts),
                    Err((code, message)) => Err((*code, message.clone())),
                };
                let failure = |(code, message): (_, String)| format(&key, Err((code, &message))).unwrap_or_default();
                Event::default().event(event).data(text.unwrap_or_else(failure))
            })
        });
        let done = stream::once(async { Event::default().event("done").data("{}") });
        Self(EventStream::new(leash, paced(items.chain(done).map(Ok::<_, Infallible>))))
    }
}

impl IntoResponse for Events {
    fn into_response(self) -> Response {
        self.0.into_response()
    }
}

impl OperationOutput for Events {
    type Inner = ();
    fn inferred_responses(ctx: &mut GenContext, _: &mut Operation) -> documented::DocumentedResponses {
        let about = "Server-sent events: `item` for each item when its data is ready, `options` for each variable \
         whose choices come from a query, and `done` at the end";
        vec![(documented::status(200), documented::events::<DashboardEvent>(ctx, about))]
    }
}
