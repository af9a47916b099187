//! The state of a workflow's triggers: when schedules are due next, and the URLs of webhooks.
use crate::{
    Error, Result,
    api::{
        App,
        access::permit::{Permit, Read, Update},
        records::crud::about,
        requests::extract::{At, Body, path_text},
        responses::documented,
    },
    clock::Time,
    model::{
        Permission, Scope, Workflow,
        schedule::Clock,
        trigger::{State, Trigger, TriggerFailure},
    },
    store::TriggerRow,
};
use aide::{
    OperationInput,
    axum::{ApiRouter, routing::post_with},
    generate::GenContext,
    openapi::Operation,
};
use axum::{
    Json,
    extract::{FromRequestParts, State as Shared},
    http::request::Parts,
};
use schemars::JsonSchema;
use serde::{Deserialize, Serialize};
use serde_json::json;
use uuid::Uuid;

/// How many times a preview lists.
const PREVIEWED: usize = 5;

pub fn routes() -> ApiRouter<App> {
    ApiRouter::new()
        .api_route(
            "/workflows/cron-preview",
            post_with(preview, |op| {
                let op = op.id("workflow.cronPreview").summary("Explain a cron expression").tag("workflows");
                op.with(documented::asks)
            }),
        )
        .api_route(
            "/workflows/{workflowID}/triggers/{triggerID}/rotate",
            post_with(rotate, |op| about::<Workflow>(op, "rotateWebhook", "Rotate a webhook URL of")),
        )
}

/// A cron expression with a time zone.
#[derive(Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
pub struct CronBody {
    /// A cron expression with five fields, or six with leading seconds.
    #[schemars(length(min = 1, max = 200))]
    cron: String,
    /// IANA time zone, such as `Europe/Berlin`; UTC if absent.
    #[schemars(length(max = 100))]
    timezone: Option<String>,
}

/// The meaning of a cron expression.
#[derive(Serialize, JsonSchema)]
pub struct CronPreview {
    /// A description in words.
    description: String,
    /// The next five times, or fewer if there are fewer.
    times: Vec<Time>,
}

async fn preview(_: Permit<Workflow, Read>, Body(body): Body<CronBody>) -> Result<Json<CronPreview>> {
    if body.cron.len() > 200 {
        return Err(Error::invalid("cron", "must be at most 200 bytes"));
    }
    let clock = Clock::new(&body.cron, body.timezone.as_deref().unwrap_or("UTC"))?;
    Ok(Json(CronPreview { description: clock.words(), times: clock.preview(Time::now(), PREVIEWED) }))
}

async fn rotate(
    Permit { scope, .. }: Permit<Workflow, Update>,
    Shared(app): Shared<App>,
    at: At<Workflow>,
    TriggerID(trigger): TriggerID,
) -> Result<Json<State>> {
    let (writer, id) = (scope.clone(), trigger.clone());
    app.store.write(move |tx| tx.rotate_token(&writer, at.id, &id)).await?;
    let record = app.store.get(|tx| tx.find::<Workflow>(&scope, at.id))?;
    let states = states(&app, &scope, at.id, &record.spec)?;
    states.into_iter().find(|state| state.id == trigger).map(Json).ok_or(Error::NotFound("webhook"))
}

/// Returns the state of each trigger, in order. A webhook's token lets anyone start runs, so it is included only if the
/// caller may start runs.
pub fn states(app: &App, scope: &Scope, id: Uuid, workflow: &Workflow) -> Result<Vec<State>> {
    if workflow.triggers.is_empty() {
        return Ok(Vec::new());
    }
    let may_execute = scope.grants.may(Permission::WorkflowExecute);
    let rows = app.store.get(|tx| {
        let token = |row: TriggerRow| {
            let token = if may_execute { tx.token(scope, id, &row)? } else { None };
            Ok((row, token))
        };
        tx.trigger_rows(scope, id)?.into_iter().map(token).collect::<Result<Vec<_>>>()
    })?;
    let state = |trigger: &Trigger| {
        let (row, token) = rows.iter().find(|(row, _)| row.id == trigger.id()).cloned().unzip();
        let (row, token) = (row.as_ref(), token.flatten());
        State {
            id: trigger.id().to_owned(),
            next_at: row.and_then(|row| row.scheduled_for),
            last_at: row.and_then(|row| row.fired_at),
            failure: row
                .and_then(|row| row.failure.clone())
                .map(|missed| TriggerFailure { kept_until: None, ..missed }),
            path: token.as_ref().map(|token| format!("/hooks/{token}")),
            token,
            secret_set: trigger.signature().is_some_and(|signature| signature.sealed.is_some()),
        }
    };
    Ok(workflow.triggers.iter().map(state).collect())
}

/// The ID of a trigger in the path.
pub struct TriggerID(String);

impl FromRequestParts<App> for TriggerID {
    type Rejection = Error;

    async fn from_request_parts(parts: &mut Parts, app: &App) -> Result<Self, Error> {
        Ok(Self(path_text(parts, app, "triggerID").await?))
    }
}

impl OperationInput for TriggerID {
    fn operation_input(ctx: &mut GenContext, operation: &mut Operation) {
        documented::path_parameter(ctx, operation, "triggerID", &json!({"type": "string"}));
    }
    fn inferred_early_responses(ctx: &mut GenContext, _: &mut Operation) -> documented::DocumentedResponses {
        documented::errors(ctx, &[400, 404])
    }
}
