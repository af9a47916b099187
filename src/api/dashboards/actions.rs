//! Runs what is on a dashboard: its buttons, forms, row actions and editable cells.
use super::settle;
use crate::{
    Error, Result,
    api::{
        App,
        access::permit::{Permit, Use},
        data::changes::{self, ExecutedStatement},
        records::crud::about,
        requests::extract::{At, Body},
        responses::documented,
    },
    connect::Mode,
    execute::ExecutionOptions,
    model::{
        ActorKind, Dashboard, Json as JsonText, Scope, Widget,
        run::RunTrigger,
        widget::{action::Action, fill::Entered},
    },
    runner::StartOptions,
};
use aide::axum::{ApiRouter, routing::post_with};
use axum::{Json, extract::State};
use schemars::JsonSchema;
use serde::{Deserialize, Serialize};
use serde_json::{Map, Value, json};
use uuid::Uuid;

/// Which action to run, and what was entered for it.
#[derive(Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
struct DashboardAction {
    /// The key of the item with the widget.
    item: String,
    /// The path of the action in the widget's config, such as `config.action`, `config.rowActions[0].action` or
    /// `config.columns[2].edit.action`.
    action: String,
    /// The row that the action belongs to.
    #[serde(default)]
    row: Map<String, Value>,
    /// The values of the form's fields.
    #[serde(default)]
    form: Map<String, Value>,
    /// The value that was entered in a cell.
    #[serde(default)]
    value: Value,
    /// Values of the dashboard's variables.
    #[serde(default)]
    variables: Map<String, Value>,
    /// With `true`, a query is run in a transaction and rolled back, to tell how many rows would change.
    #[serde(default)]
    preview: bool,
}

/// What an action did.
#[derive(Serialize, JsonSchema)]
#[serde(tag = "type", rename_all = "camelCase", rename_all_fields = "camelCase")]
enum DashboardActionResult {
    /// A query was executed.
    Query {
        /// The number of rows that it returned. The rows themselves are not sent.
        row_count: usize,
        /// The number of rows that it changed; `null` if it only reads.
        affected_rows: Option<u64>,
        duration_ms: f64,
    },
    /// A run of a workflow was started.
    Workflow {
        #[serde(rename = "instanceID")]
        instance_id: Uuid,
    },
}

pub fn routes() -> ApiRouter<App> {
    ApiRouter::new().api_route(
        "/dashboards/{dashboardID}/actions",
        post_with(act, |op| about::<Dashboard>(op, "act", "Run an action of a widget on").with(documented::external)),
    )
}

/// Anyone who may use the dashboard may run the actions of its widgets, and only those: the author's permission to run
/// the query or workflow was checked when the widget was saved.
async fn act(
    Permit { scope, .. }: Permit<Dashboard, Use>,
    State(app): State<App>,
    at: At<Dashboard>,
    Body(body): Body<DashboardAction>,
) -> Result<Json<DashboardActionResult>> {
    let dashboard = app.store.get(|tx| tx.find::<Dashboard>(&scope, at.id))?;
    let item = dashboard.spec.items.iter().find(|item| item.key == body.item);
    let item = item.ok_or_else(|| Error::invalid("item", format!("no item has the key `{}`", body.item)))?;
    let widget = app.store.get(|tx| tx.find::<Widget>(&scope, item.widget_id))?;
    let vars = settle(&app, &scope, &dashboard.spec.variables, body.variables).await?;
    let (row, form, vars) = (Value::Object(body.row), Value::Object(body.form), Value::Object(vars));
    let user = person(&app, &scope)?;
    let entered = Entered { row: &row, form: &form, vars: &vars, user: &user, value: &body.value };
    let action = widget.spec.action(&body.action, &entered)?;
    let (Action::Query { values, .. } | Action::Workflow { values, .. }) = &action;
    let values = entered.fill(values)?;
    match action {
        Action::Query { query_id, .. } => {
            let mode = if body.preview { Mode::Preview } else { Mode::Run };
            let place = json!({"dashboard": dashboard.label.name, "widget": widget.label.name, "action": body.action});
            let ask = ExecutionOptions { parameters: values.clone(), mode, slice: None };
            let outcome = app.executor.saved(&scope, query_id, ask).await?;
            changes::record(&app, &scope, ExecutedStatement::Saved(query_id), (&outcome, mode), &values, Some(place))
                .await?;
            Ok(Json(DashboardActionResult::Query {
                row_count: outcome.row_count,
                affected_rows: outcome.affected_rows,
                duration_ms: outcome.duration.as_secs_f64() * 1000.0,
            }))
        }
        Action::Workflow { .. } if body.preview => {
            Err(Error::invalid("preview", "a workflow cannot be previewed: leave it out"))
        }
        Action::Workflow { workflow_id, .. } => {
            let saved = app.workflows.load(&scope, workflow_id)?;
            let cause = StartOptions { trigger: RunTrigger::Manual, input: JsonText::of(&values)?, key: None };
            let accepted = app.workflows.start(&scope, &saved, cause).await?;
            Ok(Json(DashboardActionResult::Workflow { instance_id: accepted.id }))
        }
    }
}

/// Returns what `{{ user.x }}` refers to. Programs are nobody.
fn person(app: &App, scope: &Scope) -> Result<Value> {
    if scope.actor.kind != ActorKind::User {
        return Ok(json!({}));
    }
    let user = app.store.get(|tx| tx.user(scope.actor.id))?;
    Ok(json!({"id": user.id, "email": user.email, "name": user.name}))
}
