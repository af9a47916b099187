//! Runs an action of a dashboard and those that follow it, one after the other.
use crate::{
    Error, Result,
    api::{App, responses::problem::Problem},
    connect::{Mode, RowChange},
    execute::{ExecutionOptions, Purpose},
    model::{
        Json as JsonText, Scope,
        run::RunTrigger,
        widget::{action::Action, fill::Entered},
    },
    runner::StartOptions,
};
use schemars::JsonSchema;
use serde::Serialize;
use serde_json::{Map, Value, json};
use uuid::Uuid;

/// What an action did.
#[derive(Serialize, JsonSchema)]
#[serde(tag = "type", rename_all = "camelCase", rename_all_fields = "camelCase")]
pub enum DashboardActionResult {
    /// A query was executed.
    Query {
        /// The number of rows that it returned. The rows themselves are not sent.
        row_count: usize,
        /// The number of rows that it changed; `null` if it only reads.
        affected_rows: Option<u64>,
        /// What became of the changed rows; `null` if that is unknown, or if it only reads.
        row_change: Option<RowChange>,
        duration_ms: f64,
    },
    /// A run of a workflow was started.
    Workflow {
        #[serde(rename = "instanceID")]
        instance_id: Uuid,
    },
    /// Several actions ran, each after the one before had succeeded.
    Sequence {
        /// What was done, in order.
        steps: Vec<CompletedAction>,
        /// The action that failed, if any. What was done before it stays; those after it were not started.
        failed: Option<FailedAction>,
        /// How many actions were not started.
        not_started: usize,
    },
}

/// An action of a sequence that was completed.
#[derive(Serialize, JsonSchema)]
#[serde(rename_all = "camelCase")]
pub struct CompletedAction {
    /// Its path in the widget's config, such as `config.then[0]`.
    action: String,
    /// The number of rows that its query returned.
    row_count: Option<usize>,
    /// The number of rows that its query changed; `null` if it only reads.
    affected_rows: Option<u64>,
    /// What became of the changed rows; `null` if that is unknown, or if it only reads.
    row_change: Option<RowChange>,
    duration_ms: Option<f64>,
    /// The run of the workflow that it started.
    #[serde(rename = "instanceID")]
    instance_id: Option<Uuid>,
}

/// An action of a sequence that failed.
#[derive(Serialize, JsonSchema)]
#[serde(rename_all = "camelCase")]
pub struct FailedAction {
    /// Its path in the widget's config, such as `config.then[0]`.
    action: String,
    /// The code of the error, as in other responses, or `NO_ROWS_CHANGED`.
    code: String,
    message: String,
}

/// An action with its values, ready to run.
pub struct ActionStep {
    path: String,
    action: Action,
    values: Map<String, Value>,
}

/// Where actions were started, for the audit log.
pub struct ActionPlace {
    pub dashboard_id: Uuid,
    pub dashboard: String,
    pub widget: String,
}

impl ActionStep {
    /// Fills in the values of an action.
    ///
    /// # Errors
    /// `Invalid` if it does not run on the server, or names the value that cannot be filled in.
    pub fn of(path: String, action: Action, entered: &Entered<'_>) -> Result<Self> {
        let values = match &action {
            Action::Query { values, .. } => {
                let mut filled = entered.fill(values)?;
                // an empty field is a value, too
                for name in values.keys() {
                    filled.entry(name).or_insert(Value::Null);
                }
                filled
            }
            Action::Workflow { values, .. } => entered.fill(values)?,
            Action::Open { .. } => {
                return Err(Error::invalid("action", "opens something in the browser: there is nothing to run"));
            }
        };
        Ok(Self { path, action, values })
    }

    async fn run(self, app: &App, scope: &Scope, place: &ActionPlace, preview: bool) -> Result<DashboardActionResult> {
        let Self { path, action, values } = self;
        match action {
            Action::Query { query_id, .. } => {
                let mode = if preview { Mode::Preview } else { Mode::Run };
                let ActionPlace { dashboard_id, dashboard, widget } = place;
                let place =
                    json!({"dashboardID": dashboard_id, "dashboard": dashboard, "widget": widget, "action": path});
                let ask = ExecutionOptions {
                    mode,
                    purpose: Purpose::Act,
                    place: Some(place),
                    ..ExecutionOptions::from(values)
                };
                let outcome = app.executor.saved(scope, query_id, ask).await?;
                Ok(DashboardActionResult::Query {
                    row_count: outcome.row_count,
                    affected_rows: outcome.affected_rows,
                    row_change: outcome.row_change,
                    duration_ms: outcome.duration.as_secs_f64() * 1000.0,
                })
            }
            Action::Workflow { .. } if preview => {
                Err(Error::invalid("preview", "a workflow cannot be previewed: leave it out"))
            }
            Action::Workflow { workflow_id, .. } => {
                let saved = app.workflows.load(scope, workflow_id)?;
                let cause = StartOptions {
                    trigger: RunTrigger::Manual,
                    input: JsonText::of(&values)?,
                    key: None,
                    is_awaited: false,
                };
                let accepted = app.workflows.start(scope, &saved, cause).await?;
                Ok(DashboardActionResult::Workflow { instance_id: accepted.id })
            }
            Action::Open { .. } => Err(Error::internal("an action that opens something is not run")),
        }
    }
}

/// Runs the actions until one fails. Previews are rolled back, so that a later one does not see the changes of an
/// earlier one.
///
/// # Errors
/// That of a single action. Of several, the result names the one that failed.
pub async fn run(
    app: &App,
    scope: &Scope,
    steps: Vec<ActionStep>,
    place: &ActionPlace,
    preview: bool,
) -> Result<DashboardActionResult> {
    if preview && steps.iter().any(|step| step.action.is_workflow()) {
        return Err(Error::invalid("preview", "a workflow cannot be previewed: leave it out"));
    }
    let is_single = steps.len() == 1;
    let (mut done, mut waiting) = (Vec::new(), steps.into_iter());
    let mut failed = None;
    while let Some(step) = waiting.next() {
        let path = step.path.clone();
        let needs_changes = matches!(step.action, Action::Query { may_change_nothing: false, .. }) && !preview;
        let outcome = step.run(app, scope, place, preview).await;
        let result = match outcome {
            outcome if is_single => return outcome,
            Ok(result) => result,
            Err(error) => {
                let (code, message) = Problem::parts(error);
                failed = Some(FailedAction { action: path, code: code.to_owned(), message });
                break;
            }
        };
        let changed_nothing = matches!(result, DashboardActionResult::Query { affected_rows: Some(0), .. });
        done.push(CompletedAction::of(path.clone(), &result));
        if changed_nothing && needs_changes && waiting.len() > 0 {
            let message = "changed no rows: no row matches the values that were sent".to_owned();
            failed = Some(FailedAction { action: path, code: "NO_ROWS_CHANGED".to_owned(), message });
            break;
        }
    }
    Ok(DashboardActionResult::Sequence { steps: done, failed, not_started: waiting.len() })
}

impl CompletedAction {
    fn of(action: String, result: &DashboardActionResult) -> Self {
        let none = Self {
            action,
            row_count: None,
            affected_rows: None,
            row_change: None,
            duration_ms: None,
            instance_id: None,
        };
        match result {
            DashboardActionResult::Query { row_count, affected_rows, row_change, duration_ms } => Self {
                row_count: Some(*row_count),
                affected_rows: *affected_rows,
                row_change: *row_change,
                duration_ms: Some(*duration_ms),
                ..none
            },
            DashboardActionResult::Workflow { instance_id } => Self { instance_id: Some(*instance_id), ..none },
            DashboardActionResult::Sequence { .. } => none,
        }
    }
}
