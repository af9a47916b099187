//! Extra endpoints of workflows: starting and testing runs; also validation of saved workflows.
pub mod feed;
pub mod hooks;
pub mod instances;
pub mod run_values;
pub mod transfer;
pub mod triggers;

use crate::{
    Error, Result,
    api::{
        App,
        access::permit::{self, Execute, Permit, Read, TryGraph},
        edge::changes::DeferredResponse,
        records::{
            crud::{Crud, about},
            lend,
        },
        requests::extract::{At, Body, OptionalBody, Query},
        responses::{documented, held, problem::ErrorBody},
    },
    model::{
        self, ActorKind, Permission, Resource, Scope, Workflow,
        parameter::Parameter,
        resource::COMMON,
        run::{Instance, RunTrigger, Status},
        workflow::{Edge, Node, Settings},
    },
    runner::{AcceptedRun, RunRequest, StartOptions, validate},
    store::LinkSource,
};
use aide::{
    OperationInput, OperationOutput,
    axum::{ApiRouter, routing::post_with},
    generate::GenContext,
    openapi::Operation,
};
use axum::{
    Json,
    extract::{FromRequestParts, State},
    http::{HeaderValue, StatusCode, header::LOCATION, request::Parts},
    response::{IntoResponse, Response},
};
use schemars::JsonSchema;
use serde::{Deserialize, Serialize};
use serde_json::{Map, Value, json};
use std::time::Duration;
use uuid::Uuid;

impl Crud for Workflow {
    fn hydrate(app: &App, scope: &Scope, id: Uuid, spec: &Self) -> Result<Self> {
        Ok(app.hooks.opened(scope, id, spec.clone()))
    }

    /// A clone gets new webhook URLs, and is disabled until someone has checked it.
    fn copied(spec: Self) -> Self {
        Self { enabled: false, ..spec }
    }

    /// An enabled workflow must be runnable; a disabled one may be incomplete.
    fn prepare(app: &App, scope: &Scope, id: Uuid, spec: Self, old: Option<&Self>) -> Result<Self> {
        check_variables(scope, &spec)?;
        let role = |name: &str| Ok(app.store.get(|tx| tx.role_called(scope, name))?.map(|role| role.id));
        let spec = app.hooks.sealed(scope, id, spec, old)?.with_roles_by_id(old, role)?;
        if spec.enabled {
            validate::runnable(&spec)?;
        }
        Ok(spec)
    }

    fn after_save(app: &App) {
        app.schedules.changed();
        app.runner.limits_changed();
    }

    /// Schedules advance and webhook URLs are rotated without a new version.
    fn etag_is_exact(spec: &Self) -> bool {
        spec.triggers.is_empty()
    }

    fn present(app: &App, scope: &Scope, wire: &mut Map<String, Value>, whole: bool) -> Result<()> {
        if whole {
            let own = wire.iter().filter(|(name, _)| !COMMON.contains(&name.as_str()));
            let spec = own.map(|(name, value)| (name.clone(), value.clone())).collect();
            let workflow: Self = serde_json::from_value(Value::Object(spec))?;
            let mut problems = validate::validate(&workflow);
            if app.about.mail_from.is_none() {
                problems.extend(validate::without_mail(&workflow));
            }
            wire.insert("problems".into(), json!(problems));
            let id = wire.get("id").and_then(|id| Uuid::parse_str(id.as_str()?).ok()).unwrap_or_default();
            wire.insert("triggerStates".into(), json!(triggers::states(app, scope, id, &workflow)?));
        }
        for trigger in wire.get_mut("triggers").and_then(Value::as_array_mut).into_iter().flatten() {
            if let Some(signature) = trigger.get_mut("signature").and_then(Value::as_object_mut) {
                signature.shift_remove("sealed");
            }
        }
        Ok(())
    }
}

/// The input of a run.
#[derive(Default, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
pub struct ExecuteBody {
    /// Values of the workflow's inputs; any value if it declares none.
    #[serde(default)]
    input: Value,
}

/// An unsaved workflow and the input of its run.
#[derive(Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
pub struct TestBody {
    /// The saved workflow that the graph is a version of. The run has its name and is listed with its runs.
    #[serde(rename = "workflowID", default)]
    workflow_id: Option<Uuid>,
    nodes: Vec<Node>,
    edges: Vec<Edge>,
    #[serde(default)]
    inputs: Vec<Parameter>,
    #[serde(default)]
    settings: Settings,
    #[serde(default)]
    input: Value,
}

/// How long to wait for the run.
#[derive(Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
pub struct WaitQuery {
    /// Seconds to wait, at most 60. The response is 200 with the whole run if it finishes in this time.
    #[schemars(range(max = 60))]
    wait: Option<u64>,
}

impl WaitQuery {
    fn patience(&self) -> Result<Option<Duration>> {
        match self.wait {
            Some(seconds) if seconds > 60 => Err(Error::invalid("wait", "must be at most 60 seconds")),
            wait => Ok(wait.map(Duration::from_secs)),
        }
    }
}

/// A run that was accepted.
#[derive(Serialize, JsonSchema)]
#[serde(rename_all = "camelCase")]
pub struct Started {
    #[serde(rename = "instanceID")]
    instance_id: Uuid,
    status: Status,
    is_test: bool,
}

pub fn routes() -> ApiRouter<App> {
    ApiRouter::new()
        .api_route(
            "/workflows/test",
            post_with(test, |op| about::<Workflow>(op, "test", "Run an unsaved version of").with(busy)),
        )
        .api_route(
            "/workflows/{workflowID}/execute",
            post_with(execute, |op| about::<Workflow>(op, "execute", "Start a run of").with(busy)),
        )
}

fn busy(op: aide::transform::TransformOperation<'_>) -> aide::transform::TransformOperation<'_> {
    op.response_with::<429, Json<ErrorBody>, _>(|answer| answer.description("Too many runs are waiting"))
        .response_with::<503, Json<ErrorBody>, _>(|answer| answer.description("The server is shutting down"))
}

async fn execute(
    Permit { scope, .. }: Permit<Workflow, Execute>,
    State(app): State<App>,
    at: At<Workflow>,
    Query(query): Query<WaitQuery>,
    IdempotencyKey(idempotency_key): IdempotencyKey,
    OptionalBody(body): OptionalBody<ExecuteBody>,
) -> Result<RunResponse> {
    let patience = query.patience()?;
    let saved = app.workflows.load(&scope, at.id)?;
    let input = model::Json::of(&body.input)?;
    let cause = StartOptions { trigger: trigger(&scope), input, key: idempotency_key, is_awaited: patience.is_some() };
    let accepted = app.workflows.start(&scope, &saved, cause).await?;
    Ok(started(app, scope, accepted, false, patience))
}

/// Returns whether a user or a program started the run.
fn trigger(scope: &Scope) -> RunTrigger {
    match scope.actor.kind {
        ActorKind::User | ActorKind::System => RunTrigger::Manual,
        ActorKind::ApiKey | ActorKind::Share => RunTrigger::Api,
    }
}

async fn test(
    Permit { scope, .. }: Permit<Workflow, TryGraph>,
    State(app): State<App>,
    Query(query): Query<WaitQuery>,
    Body(body): Body<TestBody>,
) -> Result<RunResponse> {
    let patience = query.patience()?;
    let TestBody { workflow_id, nodes, edges, inputs, settings, input } = body;
    let workflow = Workflow { nodes, edges, inputs, settings, ..Workflow::default() };
    workflow.check()?;
    may_try(&scope, &workflow)?;
    app.store.get(|tx| tx.check_targets(&scope, &workflow.links(), LinkSource::default()))?;
    let request = RunRequest {
        workflow_id,
        workflow_name: name_of(&app, &scope, workflow_id)?,
        workflow_version: 0,
        definition: app.runner.prepare(&scope, &workflow)?,
        input: model::Json::of(&input)?,
        trigger: trigger(&scope),
        is_test: true,
        idempotency_key: None,
        is_awaited: patience.is_some(),
    };
    let accepted = app.runner.start(&scope, request).await?;
    Ok(started(app, scope, accepted, true, patience))
}

/// Returns the name of the workflow that a test belongs to.
fn name_of(app: &App, scope: &Scope, workflow: Option<Uuid>) -> Result<String> {
    let Some(id) = workflow else { return Ok("Test".to_owned()) };
    permit::check::<Workflow, Read>(scope)?;
    match app.store.get(|tx| tx.find_unread::<Workflow>(scope, id)) {
        Ok(record) => Ok(record.name),
        Err(Error::NotFound(_)) => Err(Error::invalid("workflowID", "there is no workflow with this ID")),
        Err(error) => Err(error),
    }
}

/// Checks that the caller may run an unsaved graph, which requires the same permissions as saving it.
fn may_try(scope: &Scope, workflow: &Workflow) -> Result<()> {
    permit::check::<Workflow, TryGraph>(scope)?;
    check_variables(scope, workflow)?;
    lend::check(scope, workflow, None)
}

/// Checks the permission to read variables, because the author of a workflow that uses variables can learn their
/// values.
fn check_variables(scope: &Scope, workflow: &Workflow) -> Result<()> {
    if workflow.mentions_variables() && !scope.grants.may(Permission::VariableRead) {
        return Err(Error::Forbidden("your role needs variable:read to use variables".to_owned()));
    }
    Ok(())
}

/// Returns the response for an accepted run. Waiting for its end is cancelled if the caller goes away.
fn started(app: App, scope: Scope, accepted: AcceptedRun, is_test: bool, patience: Option<Duration>) -> RunResponse {
    let begun = RunResponse::started(&scope, &accepted, is_test);
    let Some(patience) = patience else { return begun };
    RunResponse::Awaited(DeferredResponse::new(async move {
        let instance = app.runner.wait(&scope, accepted, patience).await?;
        if instance.status.is_final() {
            return held::json(&app, &scope, &instance.seen_by(&scope)).await;
        }
        Ok(begun.into_response())
    }))
}

/// A response with status 202 and the run's location, or 200 with the whole run if it has ended.
pub enum RunResponse {
    Started { started: Started, location: String },
    Awaited(DeferredResponse),
}

impl RunResponse {
    fn started(scope: &Scope, accepted: &AcceptedRun, is_test: bool) -> Self {
        let AcceptedRun { id, status, .. } = *accepted;
        let location = format!("/api/v1/tenants/{}/workflows/instances/{id}", scope.tenant);
        Self::Started { started: Started { instance_id: id, status, is_test }, location }
    }
}

impl IntoResponse for RunResponse {
    fn into_response(self) -> Response {
        match self {
            Self::Awaited(rest) => rest.into_response(),
            Self::Started { started, location } => {
                let mut response = (StatusCode::ACCEPTED, Json(started)).into_response();
                if let Ok(location) = HeaderValue::from_str(&location) {
                    response.headers_mut().insert(LOCATION, location);
                }
                response
            }
        }
    }
}

impl OperationOutput for RunResponse {
    type Inner = Started;
    fn inferred_responses(ctx: &mut GenContext, _: &mut Operation) -> documented::DocumentedResponses {
        let mut answers = vec![
            (
                documented::status(202),
                documented::with_headers(
                    documented::answer::<Started>(ctx, "The run was accepted"),
                    &[("Location", "Location")],
                ),
            ),
            (documented::status(200), documented::answer::<Instance>(ctx, "The run ended within `wait`")),
        ];
        answers.extend(documented::errors(ctx, &[409, 507]));
        answers
    }
}

/// The key that makes a request idempotent.
pub struct IdempotencyKey(Option<String>);

const IDEMPOTENCY_KEY: &str = "idempotency-key";

impl FromRequestParts<App> for IdempotencyKey {
    type Rejection = Error;

    async fn from_request_parts(parts: &mut Parts, _: &App) -> Result<Self, Error> {
        let Some(header) = parts.headers.get(IDEMPOTENCY_KEY) else { return Ok(Self(None)) };
        let key = header.to_str().ok().map(str::trim).filter(|key| (1..=255).contains(&key.chars().count()));
        let key = key.ok_or_else(|| Error::invalid("Idempotency-Key", "must be 1 to 255 ASCII characters"))?;
        Ok(Self(Some(key.to_owned())))
    }
}

impl OperationInput for IdempotencyKey {
    fn operation_input(ctx: &mut GenContext, operation: &mut Operation) {
        let about =
            "A unique key of the request; a request with the same key returns the run that the first one started";
        documented::header(ctx, operation, IDEMPOTENCY_KEY, about);
    }
    fn inferred_early_responses(ctx: &mut GenContext, _: &mut Operation) -> documented::DocumentedResponses {
        documented::errors(ctx, &[400])
    }
}
