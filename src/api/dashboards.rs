//! Dashboards beyond being stored: their widgets, and the data of all of them as it becomes ready.
use super::{
    App,
    crud::{Crud, about},
    data_queries::QueryResult,
    documented,
    extract::{At, OptionalBody},
    permit::{Permit, Read},
    problem::Problem,
    widgets::{resolve, slice},
};
use crate::{
    Error, Result,
    connect::Slice,
    execute::Ask,
    model::{Dashboard, Scope, Widget, dashboard::Variable},
};
use aide::{
    OperationOutput,
    axum::{ApiRouter, routing::post_with},
    generate::GenContext,
    openapi::Operation,
};
use axum::{
    extract::State,
    response::{
        IntoResponse, Response, Sse,
        sse::{Event, KeepAlive},
    },
};
use futures_util::{Stream, StreamExt, stream};
use schemars::JsonSchema;
use serde::Deserialize;
use serde_json::{Map, Value, json};
use std::{collections::HashMap, convert::Infallible};
use uuid::Uuid;

/// How many queries of one dashboard run at once.
const AT_ONCE: usize = 8;

impl Crud for Dashboard {
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
    ApiRouter::new().api_route(
        "/dashboards/{dashboardID}/data",
        post_with(data, |op| about::<Dashboard>(op, "data", "Stream the data of every item of")),
    )
}

/// What is asked of a dashboard.
#[derive(Default, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
#[schemars(rename = "DashboardAsk")]
struct DashboardAsk {
    /// Values for the declared variables.
    #[serde(default)]
    variables: Map<String, Value>,
    /// Pages, from 0, of items that are read in pages, by their keys: then only these items are sent.
    #[serde(default)]
    pages: Option<HashMap<String, u32>>,
}

/// A distinct question, with the items that show its answer.
struct Question {
    query: Uuid,
    parameters: Map<String, Value>,
    slice: Option<Slice>,
    keys: Vec<String>,
}

/// Whoever may see the dashboard may see its data: one execution per distinct query and parameters.
async fn data(
    Permit { scope, .. }: Permit<Dashboard, Read>,
    State(app): State<App>,
    at: At<Dashboard>,
    OptionalBody(body): OptionalBody<DashboardAsk>,
) -> Result<Events> {
    let dashboard = app.store.get(|tx| tx.find::<Dashboard>(&scope, at.id))?.spec;
    let variables = variables(&dashboard.variables, body.variables)?;
    let page = |key: &str| body.pages.as_ref().map(|pages| pages.get(key).copied());
    let mut settled = Vec::new();
    let mut questions: HashMap<(Uuid, String), Question> = HashMap::new();
    for item in dashboard.items.iter().filter(|item| page(&item.key) != Some(None)) {
        match question(&app, &scope, item.widget_id, &variables, page(&item.key).flatten()).await {
            Ok(Some(asked)) => {
                let distinct = (asked.query, serde_json::to_string(&(&asked.parameters, asked.slice))?);
                questions.entry(distinct).or_insert(asked).keys.push(item.key.clone());
            }
            Ok(None) => settled.push(event(&item.key, "result", &Value::Null)),
            Err(error) => settled.push(failure(&scope, &item.key, error)),
        }
    }
    let answers = stream::iter(questions.into_values())
        .map(move |question| answer(app.clone(), scope.clone(), question))
        .buffer_unordered(AT_ONCE)
        .flat_map(stream::iter);
    let done = stream::once(async { Event::default().event("done").data("{}") });
    Ok(Events(Box::pin(stream::iter(settled).chain(answers).chain(done).map(Ok))))
}

/// The declared variables with what the viewer set; anything undeclared is refused.
fn variables(declared: &[Variable], mut given: Map<String, Value>) -> Result<Map<String, Value>> {
    let mut values = Map::new();
    for variable in declared {
        // null is a choice too: the viewer cleared it, and the query's own default holds
        let value = given.shift_remove(&variable.name).unwrap_or_else(|| variable.default.clone());
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
    widget: Uuid,
    variables: &Map<String, Value>,
    page: Option<u32>,
) -> Result<Option<Question>> {
    let widget = app.store.get(|tx| tx.find::<Widget>(scope, widget))?;
    let Some(source) = widget.spec.source()? else { return Ok(None) };
    let parameters = resolve(app, scope, &source, variables).await?;
    Ok(Some(Question { query: source.query_id, parameters, slice: slice(&source, page)?, keys: Vec::new() }))
}

async fn answer(app: App, scope: Scope, question: Question) -> Vec<Event> {
    let ask = Ask { parameters: question.parameters, slice: question.slice, ..Ask::default() };
    match app.executor.saved(&scope, question.query, ask).await {
        Ok(outcome) => {
            let result = serde_json::to_value(QueryResult::from(outcome)).unwrap_or_default();
            question.keys.iter().map(|key| event(key, "result", &result)).collect()
        }
        Err(error) => {
            let error = problem(&scope, error);
            question.keys.iter().map(|key| event(key, "error", &error)).collect()
        }
    }
}

fn failure(scope: &Scope, key: &str, error: Error) -> Event {
    event(key, "error", &problem(scope, error))
}

fn problem(scope: &Scope, error: Error) -> Value {
    let (code, message) = Problem::parts(error);
    json!({"code": code, "message": message, "requestId": scope.actor.request.id})
}

fn event(key: &str, field: &str, value: &Value) -> Event {
    Event::default().event("item").data(json!({"key": key, field: value}).to_string())
}

/// A stream of server-sent events.
pub struct Events(pub std::pin::Pin<Box<dyn Stream<Item = Result<Event, Infallible>> + Send>>);

impl IntoResponse for Events {
    fn into_response(self) -> Response {
        Sse::new(self.0).keep_alive(KeepAlive::default()).into_response()
    }
}

impl OperationOutput for Events {
    type Inner = ();
    fn inferred_responses(_: &mut GenContext, _: &mut Operation) -> documented::Answers {
        vec![(
            documented::status(200),
            documented::plain_answer("text/event-stream", "Server-sent events, each with JSON data"),
        )]
    }
}
