//! Runs of workflows: list, get, follow, stop, replay and answer approvals.
use super::{RunResponse, may_try, trigger};
use crate::{
    Error, Result,
    api::{
        App,
        access::{
            live::EventStream,
            permit::{Execute, Permit, Read},
        },
        records::{
            list_query::limit,
            wire::{Items, ListOf},
        },
        requests::extract::{Body, IdOf, OptionalBody, PathId, Query},
        responses::{documented, held::CountedJson},
    },
    clock::Time,
    model::{
        Resource, Scope, Workflow,
        run::{ApprovalTask, Instance, RunTrigger, Status},
    },
    runner::{ApprovalAnswer, EventData, LiveEvent, ReplayOptions},
    store::{AuditedChange, InstanceFilter, OpenTask},
};
use aide::{
    OperationInput, OperationOutput,
    axum::{
        ApiRouter,
        routing::{delete_with, get_with, post_with},
    },
    generate::GenContext,
    openapi::Operation,
    transform::TransformOperation,
};
use axum::{
    Json,
    extract::{FromRequestParts, State},
    http::{StatusCode, request::Parts},
    response::{IntoResponse, Response, sse::Event},
};
use futures_util::StreamExt;
use schemars::JsonSchema;
use serde::{Deserialize, Serialize};
use serde_json::Value;
use std::sync::Arc;
use uuid::Uuid;

/// The ID of a run in the path.
pub struct InstanceID;

impl PathId for InstanceID {
    const NAME: &'static str = "instanceID";
}

/// The ID of an approval in the path.
pub struct TaskID;

impl PathId for TaskID {
    const NAME: &'static str = "taskID";
}

/// How many open approvals are listed.
const TASKS: u32 = 200;

/// Filters and paging of the list of runs.
#[derive(Deserialize, JsonSchema)]
#[serde(rename_all = "camelCase", deny_unknown_fields)]
pub struct InstanceQuery {
    /// Page size, from 1 to 200; 50 if absent.
    #[schemars(range(min = 1, max = 200))]
    limit: Option<u32>,
    /// The `nextCursor` of the previous page.
    cursor: Option<String>,
    /// Only runs of this workflow.
    #[serde(rename = "workflowID")]
    workflow_id: Option<Uuid>,
    status: Option<Status>,
    /// Only test runs if true, only other runs if false.
    is_test: Option<bool>,
    /// Only runs that were started by this trigger.
    trigger: Option<RunTrigger>,
}

pub fn routes() -> ApiRouter<App> {
    ApiRouter::new()
        .api_route("/workflows/instances", get_with(list, |op| about(op, "list", "List runs")))
        .api_route("/workflows/tasks", get_with(tasks, |op| about(op, "tasks", "List open approvals")))
        .api_route("/workflows/instances/{instanceID}", get_with(show, |op| about(op, "get", "Get a run")))
        .api_route("/workflows/instances/{instanceID}/stop", delete_with(stop, |op| about(op, "stop", "Stop a run")))
        .api_route(
            "/workflows/instances/{instanceID}/events",
            get_with(events, |op| about(op, "events", "Stream the events of a run")),
        )
        .api_route(
            "/workflows/instances/{instanceID}/replay",
            post_with(replay, |op| about(op, "replay", "Replay a run, from the start or from a step")),
        )
        .api_route(
            "/workflows/instances/{instanceID}/tasks/{taskID}",
            post_with(answer, |op| about(op, "answer", "Answer an approval")),
        )
}

fn about<'a>(op: TransformOperation<'a>, verb: &str, summary: &str) -> TransformOperation<'a> {
    let op = op.id(&format!("instance.{verb}")).summary(summary).tag("workflows");
    if matches!(verb, "stop" | "answer") { documented::conflict(op) } else { op }
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
    Ok(Json(ListOf::new(page.items, page.next_cursor, page.total)))
}

async fn show(
    Permit { scope, .. }: Permit<Workflow, Read>,
    State(app): State<App>,
    at: IdOf<InstanceID>,
) -> Result<CountedJson<Instance>> {
    CountedJson::new(&app, &scope, &app.runner.get(&scope, at.id).await?).await
}

async fn stop(
    Permit { scope, .. }: Permit<Workflow, Execute>,
    State(app): State<App>,
    at: IdOf<InstanceID>,
) -> Result<CountedJson<Instance>> {
    CountedJson::new(&app, &scope, &app.runner.stop(&scope, at.id).await?.seen_by(&scope)).await
}

/// Where to replay a run from, and with which version of the workflow.
#[derive(Default, Deserialize, JsonSchema)]
#[serde(rename_all = "camelCase", deny_unknown_fields)]
pub struct ReplayBody {
    /// The first node to run; the outputs of earlier nodes are reused. If absent, all nodes run.
    #[serde(rename = "fromNodeID", default)]
    from_node_id: Option<String>,
    #[serde(default)]
    use_version: UseVersion,
}

#[derive(Clone, Copy, Default, PartialEq, Eq, Deserialize, JsonSchema)]
#[serde(rename_all = "lowercase")]
pub enum UseVersion {
    /// The version that the run used.
    #[default]
    Original,
    /// The version that is currently saved.
    Current,
}

async fn replay(
    Permit { scope, .. }: Permit<Workflow, Execute>,
    State(app): State<App>,
    at: IdOf<InstanceID>,
    OptionalBody(body): OptionalBody<ReplayBody>,
) -> Result<RunResponse> {
    let old = app.runner.record(&scope, at.id).await?;
    let is_original = body.use_version == UseVersion::Original;
    if old.is_test || (is_original && !is_current(&app, &scope, &old, at.id)?) {
        // replaying a test, or a graph that was since replaced or deleted, requires the same permissions as a test run
        may_try(&scope, &app.runner.definition_of(&scope, at.id)?.workflow)?;
    }
    let version = match (body.use_version, old.workflow_id) {
        (UseVersion::Original, _) => None,
        (UseVersion::Current, None) => {
            return Err(Error::invalid("useVersion", "must be original: this was a test run of an unsaved workflow"));
        }
        (UseVersion::Current, Some(workflow)) => {
            let record = app.store.get(|tx| tx.find::<Workflow>(&scope, workflow))?;
            Some((record.version, app.runner.prepare(&scope, &record.spec)?))
        }
    };
    let again = ReplayOptions { from: body.from_node_id, version, trigger: trigger(&scope) };
    let accepted = app.runner.replay(&scope, at.id, again).await?;
    Ok(RunResponse::started(&scope, &accepted, old.is_test))
}

/// Returns whether the run's graph does the same as the saved workflow.
fn is_current(app: &App, scope: &Scope, run: &Instance, id: Uuid) -> Result<bool> {
    let Some(workflow) = run.workflow_id else { return Ok(false) };
    let saved = match app.store.get(|tx| tx.find::<Workflow>(scope, workflow)) {
        Ok(record) => record.spec,
        Err(Error::NotFound(_)) => return Ok(false),
        Err(error) => return Err(error),
    };
    Ok(saved.effect()? == app.runner.definition_of(scope, id)?.workflow.effect()?)
}

/// An open approval.
#[derive(Serialize, JsonSchema)]
#[serde(rename_all = "camelCase")]
#[schemars(rename = "OpenTask")]
pub struct WaitingTask {
    #[serde(flatten)]
    task: ApprovalTask,
    #[serde(rename = "instanceID")]
    instance_id: Uuid,
    #[serde(rename = "workflowID")]
    workflow_id: Option<Uuid>,
    workflow_name: String,
    /// Whether the run is a test of a workflow.
    is_test: bool,
    #[serde(rename = "nodeID")]
    node_id: String,
    created_at: Time,
    due_at: Option<Time>,
    /// Whether the caller may answer it.
    is_mine: bool,
}

async fn tasks(
    Permit { scope, .. }: Permit<Workflow, Read>,
    State(app): State<App>,
) -> Result<Json<Items<WaitingTask>>> {
    let mut open = app.runner.tasks(&scope, TASKS).await?;
    let mine = app.runner.may_answer(&scope, open.iter().map(|open| &open.task))?;
    app.runner.name_roles(&scope, open.iter_mut().map(|open| &mut open.task))?;
    let waiting = |(open, is_mine): (OpenTask, bool)| WaitingTask {
        is_mine,
        task: open.task,
        instance_id: open.instance,
        workflow_id: open.workflow_id,
        workflow_name: open.workflow_name,
        is_test: open.is_test,
        node_id: open.node,
        created_at: open.created_at,
        due_at: open.due_at,
    };
    Ok(Json(Items { items: open.into_iter().zip(mine).map(waiting).collect() }))
}

/// An answer to an approval.
#[derive(Default, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
pub struct AnswerBody {
    #[serde(default)]
    decision: Decision,
    /// The values of the approval's form fields.
    #[serde(default)]
    data: Value,
}

#[derive(Clone, Copy, Default, Deserialize, JsonSchema)]
#[serde(rename_all = "lowercase")]
pub enum Decision {
    #[default]
    Approved,
    Rejected,
}

async fn answer(
    Permit { scope, .. }: Permit<Workflow, Execute>,
    State(app): State<App>,
    at: IdOf<InstanceID>,
    task: IdOf<TaskID>,
    Body(body): Body<AnswerBody>,
) -> Result<CountedJson<Instance>> {
    let open = app.runner.task(&scope, at.id, task.id)?;
    let (decision, verb) = match body.decision {
        Decision::Approved => ("approved", "approve"),
        Decision::Rejected => ("rejected", "reject"),
    };
    let answer = ApprovalAnswer { decision: decision.to_owned(), data: body.data };
    app.runner.answer(&scope, &open, answer).await?;
    let name = format!("{}: {}", open.workflow_name, open.task.title);
    app.store.record_act(&scope, AuditedChange { verb, kind: "instance", id: at.id, name: &name }, None).await?;
    CountedJson::new(&app, &scope, &app.runner.get(&scope, at.id).await?.seen_by(&scope)).await
}

async fn events(
    permit: Permit<Workflow, Read>,
    State(app): State<App>,
    at: IdOf<InstanceID>,
    LastEventID(last): LastEventID,
) -> Result<RunEvents> {
    if app.runner.was_sent(&permit.scope, at.id, last)? {
        return Ok(RunEvents(None));
    }
    let events = app.runner.events(&permit.scope, at.id, last)?.map(|event: Result<Arc<LiveEvent>>| {
        let event = event.inspect_err(|error| tracing::error!(%error, "could not read the events of a run"))?;
        let frame = Event::default().id(event.id.to_string()).event(event.name);
        frame.json_data(&event.data).map_err(Error::internal)
    });
    Ok(RunEvents(Some(EventStream::new(permit.leash(&app), events))))
}

/// The ID of the last event that the client has received; 0 for none.
pub struct LastEventID(u64);

const LAST_EVENT_ID: &str = "last-event-id";

impl FromRequestParts<App> for LastEventID {
    type Rejection = Error;

    async fn from_request_parts(parts: &mut Parts, _: &App) -> Result<Self, Error> {
        let Some(header) = parts.headers.get(LAST_EVENT_ID) else { return Ok(Self(0)) };
        let id = header.to_str().ok().and_then(|id| id.trim().parse::<u64>().ok());
        let id = id.filter(|id| i64::try_from(*id).is_ok());
        id.map(Self).ok_or_else(|| Error::invalid("Last-Event-ID", "must be the ID of an event of this run"))
    }
}

impl OperationInput for LastEventID {
    fn operation_input(ctx: &mut GenContext, operation: &mut Operation) {
        documented::header(ctx, operation, LAST_EVENT_ID, "Only events after this one");
    }
}

/// A stream of a run's events, which ends with the run or when the caller loses access to it. A client that has already
/// received the last event gets 204, which tells an `EventSource` not to reconnect (HTML standard, section 9.2).
pub struct RunEvents(Option<EventStream>);

impl IntoResponse for RunEvents {
    fn into_response(self) -> Response {
        self.0.map_or_else(|| StatusCode::NO_CONTENT.into_response(), EventStream::into_response)
    }
}

impl OperationOutput for RunEvents {
    type Inner = EventData;
    fn inferred_responses(ctx: &mut GenContext, _: &mut Operation) -> documented::DocumentedResponses {
        let about =
            "Server-sent events: `id` is an increasing number, `event` is `run.started`, `step.completed` and so on";
        let over = "The run has ended, and `Last-Event-ID` is the ID of its last event";
        vec![
            (documented::status(200), documented::events::<EventData>(ctx, about)),
            (documented::status(204), documented::empty_answer(over)),
        ]
    }
}
