//! Endpoints for values of runs that are too large to be included in the run.
use super::instances::InstanceID;
use crate::{
    Error, Result,
    api::{
        App,
        access::permit::{Permit, Read},
        requests::extract::{IdOf, Query, path_text},
        responses::{documented, held::CountedJson},
    },
    model::{Json, Workflow},
    runner::{RunValue, StepKey},
};
use aide::{
    OperationInput,
    axum::{ApiRouter, routing::get_with},
    generate::GenContext,
    openapi::Operation,
    transform::TransformOperation,
};
use axum::{
    extract::{FromRequestParts, State},
    http::request::Parts,
};
use schemars::JsonSchema;
use serde::Deserialize;
use serde_json::json;

pub fn routes() -> ApiRouter<App> {
    let one = "/workflows/instances/{instanceID}";
    ApiRouter::new()
        .api_route(&format!("{one}/input"), get_with(input, |op| about(op, "input", "Get the whole input of a run")))
        .api_route(
            &format!("{one}/output"),
            get_with(output, |op| about(op, "output", "Get the whole output of a run")),
        )
        .api_route(
            &format!("{one}/steps/{{nodeID}}"),
            get_with(step, |op| about(op, "step", "Get a whole value of a step of a run")),
        )
}

fn about<'a>(op: TransformOperation<'a>, verb: &str, summary: &str) -> TransformOperation<'a> {
    let about = "A run omits values larger than 64 KiB and marks them (`outputOmitted`, `outputBytes` and so on). This \
     endpoint returns the value as JSON.";
    op.id(&format!("instance.{verb}")).summary(summary).tag("workflows").description(about)
}

async fn input(
    Permit { scope, .. }: Permit<Workflow, Read>,
    State(app): State<App>,
    at: IdOf<InstanceID>,
) -> Result<CountedJson<Json>> {
    CountedJson::new(&app, &scope, &app.runner.value(&scope, at.id, RunValue::Input).await?).await
}

async fn output(
    Permit { scope, .. }: Permit<Workflow, Read>,
    State(app): State<App>,
    at: IdOf<InstanceID>,
) -> Result<CountedJson<Json>> {
    CountedJson::new(&app, &scope, &app.runner.value(&scope, at.id, RunValue::Output).await?).await
}

/// Selects a value of a step.
#[derive(Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
pub struct StepQuery {
    /// The item's index in each enclosing loop, outermost first (`4`, `4/0`); omitted outside of loops.
    #[serde(default)]
    iteration: String,
    /// The part of the step; `output` if absent.
    #[serde(default)]
    part: RunValue,
}

async fn step(
    Permit { scope, .. }: Permit<Workflow, Read>,
    State(app): State<App>,
    at: IdOf<InstanceID>,
    NodeID(node): NodeID,
    Query(query): Query<StepQuery>,
) -> Result<CountedJson<Json>> {
    let key = StepKey { node, iteration: query.iteration };
    CountedJson::new(&app, &scope, &app.runner.step_value(&scope, at.id, &key, query.part).await?).await
}

/// The ID of a node in the path.
pub struct NodeID(String);

impl FromRequestParts<App> for NodeID {
    type Rejection = Error;

    async fn from_request_parts(parts: &mut Parts, app: &App) -> Result<Self, Error> {
        Ok(Self(path_text(parts, app, "nodeID").await?))
    }
}

impl OperationInput for NodeID {
    fn operation_input(ctx: &mut GenContext, operation: &mut Operation) {
        documented::path_parameter(ctx, operation, "nodeID", &json!({"type": "string"}));
    }
    fn inferred_early_responses(ctx: &mut GenContext, _: &mut Operation) -> documented::DocumentedResponses {
        documented::errors(ctx, &[400, 404])
    }
}
