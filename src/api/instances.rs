//! Runs of workflows: listed, looked into, followed live, stopped.
use super::{
    App,
    crud::limit,
    documented,
    extract::{IdOf, PathId, Query},
    permit::{Execute, Permit, Read},
    wire::ListOf,
};
use crate::{
    Error, Result,
    model::{
        Workflow,
        run::{Instance, Status, Trigger},
    },
    runner::{EventData, LiveEvent},
    store::InstanceFilter,
};
use aide::{
    OperationInput, OperationOutput,
    axum::{
        ApiRouter,
        routing::{delete_with, get_with},
    },
    generate::GenContext,
    openapi::Operation,
    transform::TransformOperation,
};
use axum::{
    Json,
    extract::{FromRequestParts, State},
    http::request::Parts,
    response::{
        IntoResponse, Response, Sse,
        sse::{Event, KeepAlive},
    },
};
use futures_util::{Stream, StreamExt};
use schemars::JsonSchema;
use serde::Deserialize;
use std::pin::Pin;
use uuid::Uuid;

/// Names the run in the path.
pub struct InstanceID;

impl PathId for InstanceID {
    const NAME: &'static str = "instanceID";
}

/// Which runs to list.
#[derive(Deserialize, JsonSchema)]
#[serde(rename_all = "camelCase", deny_unknown_fields)]
pub struct InstanceQuery {
    /// How many, 1 to 200; 50 when absent.
    #[schemars(range(min = 1, max = 200))]
    limit: Option<u32>,
    /// The `nextCursor` of the part before.
    cursor: Option<String>,
    /// Only runs of this workflow.
    #[serde(rename = "workflowID")]
    workflow_id: Option<Uuid>,
    status: Option<Status>,
    /// Only test runs, or only others.
    is_test: Option<bool>,
    /// Only runs started this way.
    trigger: Option<Trigger>,
}

pub fn routes() -> ApiRouter<App> {
    ApiRouter::new()
        .api_route("/workflows/instances", get_with(list, |op| about(op, "list", "List runs")))
        .api_route("/workflows/instances/{instanceID}", get_with(show, |op| about(op, "get", "Get a run")))
        .api_route("/workflows/instances/{instanceID}/stop", delete_with(stop, |op| about(op, "stop", "Stop a run")))
        .api_route(
            "/workflows/instances/{instanceID}/events",
            get_with(events, |op| about(op, "events", "Follow a run from its beginning to its end")),
        )
}

fn about<'a>(op: TransformOperation<'a>, verb: &str, summary: &str) -> TransformOperation<'a> {
    let op = op.id(&format!("instance.{verb}")).summary(summary).tag("workflows");
    if verb == "stop" { documented::conflict(op) } else { op }
}

async fn list(
    Permit { scope, .. }: Permit<Workflow, Read>,
    State(app): State<App>,
    Query(query): Query<InstanceQuery>,
) -> Result<Json<ListOf<Instance>>> {
    let limit = limit(query.limit)?;
    let cursor = |text: String| {
        Uuid::parse_str(&text).map_err(|_| Error::invalid("cursor", "must be the nextCursor of the same list"))
    };
    let filter = InstanceFilter {
        workflow_id: query.workflow_id,
        status: query.status,
        is_test: query.is_test,
        trigger: query.trigger,
        before: query.cursor.map(cursor).transpose()?,
    };
    let page = app.runner.list(&scope, filter, limit).await?;
    Ok(Json(ListOf { items: page.items, next_cursor: page.next_cursor, total: page.total }))
}

async fn show(
    Permit { scope, .. }: Permit<Workflow, Read>,
    State(app): State<App>,
    at: IdOf<InstanceID>,
) -> Result<Json<Instance>> {
    Ok(Json(app.runner.get(&scope, at.id)?))
}

async fn stop(
    Permit { scope, .. }: Permit<Workflow, Execute>,
    State(app): State<App>,
    at: IdOf<InstanceID>,
) -> Result<Json<Instance>> {
    Ok(Json(app.runner.stop(&scope, at.id).await?))
}

async fn events(
    Permit { scope, .. }: Permit<Workflow, Read>,
    State(app): State<App>,
    at: IdOf<InstanceID>,
    LastEventID(last): LastEventID,
) -> Result<Story> {
    Ok(Story(Box::pin(app.runner.events(&scope, at.id, last)?)))
}

/// The last event that a reader has; 0 for none.
pub struct LastEventID(u64);

const LAST_EVENT_ID: &str = "last-event-id";

impl FromRequestParts<App> for LastEventID {
    type Rejection = Error;

    async fn from_request_parts(parts: &mut Parts, _: &App) -> Result<Self, Error> {
        let Some(header) = parts.headers.get(LAST_EVENT_ID) else { return Ok(Self(0)) };
        let id = header.to_str().ok().and_then(|id| id.trim().parse::<u64>().ok());
        let id = id.filter(|id| i64::try_from(*id).is_ok());
        id.map(Self).ok_or_else(|| Error::invalid("Last-Event-ID", "must be the id of an event of this run"))
    }
}

impl OperationInput for LastEventID {
    fn operation_input(ctx: &mut GenContext, operation: &mut Operation) {
        documented::header(ctx, operation, LAST_EVENT_ID, "Only events after this one");
    }
}

/// A run's events as a stream that ends with the run.
pub struct Story(Pin<Box<dyn Stream<Item = Result<std::sync::Arc<LiveEvent>>> + Send>>);

impl IntoResponse for Story {
    fn into_response(self) -> Response {
        let events = self.0.map(|event| {
            let event = event.inspect_err(|error| tracing::error!(%error, "a run's events could not be read"))?;
            let frame = Event::default().id(event.id.to_string()).event(event.name);
            frame.json_data(&event.data).map_err(Error::internal)
        });
        Sse::new(events).keep_alive(KeepAlive::default()).into_response()
    }
}

impl OperationOutput for Story {
    type Inner = EventData;
    fn inferred_responses(ctx: &mut GenContext, _: &mut Operation) -> documented::Answers {
        let about = "Server-sent events: `id` counts up, `event` is `run.started`, `step.completed` and so on";
        vec![(documented::status(200), documented::events::<EventData>(ctx, about))]
    }
}
