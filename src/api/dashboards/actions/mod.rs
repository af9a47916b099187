//! Runs what is on a dashboard: its buttons, forms, row actions and editable cells.
pub mod changes;
mod field_choices;
mod sequence;

use super::{
    parameters::person,
    values::{VariableRules, settle},
};
use crate::{
    Error, Result,
    api::{
        App,
        access::permit::{Permit, Use},
        records::crud::about,
        requests::extract::{At, Body},
        responses::documented,
    },
    model::{Dashboard, Record, Scope, Widget, widget::fill::Entered},
};
use aide::axum::{ApiRouter, routing::post_with};
use axum::{Json, extract::State};
use schemars::JsonSchema;
use sequence::{ActionPlace, ActionStep, DashboardActionResult};
use serde::Deserialize;
use serde_json::{Map, Value};

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

pub fn routes() -> ApiRouter<App> {
    ApiRouter::new()
        .api_route(
            "/dashboards/{dashboardID}/actions",
            post_with(act, |op| {
                about::<Dashboard>(op, "act", "Run an action of a widget on").with(documented::external)
            }),
        )
        .merge(field_choices::routes())
        .merge(changes::routes())
}

/// Anyone who may use the dashboard may run the actions of its widgets, and only those: the author's permission to run
/// the query or workflow was checked when the widget was saved. Conditions are checked here, whatever the browser shows.
async fn act(
    Permit { scope, .. }: Permit<Dashboard, Use>,
    State(app): State<App>,
    at: At<Dashboard>,
    Body(mut body): Body<DashboardAction>,
) -> Result<Json<DashboardActionResult>> {
    let ShownItem { dashboard, widget, vars, user } =
        ShownItem::find(&app, &scope, at, &body.item, body.variables).await?;
    widget.spec.settle(&mut body.form, &body.row)?;
    let (row, form) = (Value::Object(body.row), Value::Object(body.form));
    let entered = Entered { row: &row, form: &form, vars: &vars, user: &user, value: &body.value };
    let actions = widget.spec.actions(&body.action, &entered)?;
    field_choices::check(&app, &scope, &widget.spec, entered.form).await?;
    let mut steps = Vec::new();
    // every value is filled in before the first action runs
    for (path, action) in actions {
        let is_first = path == body.action;
        let step = ActionStep::of(path.clone(), action, &entered);
        steps.push(step.map_err(|error| if is_first { error } else { error.below(&path) })?);
    }
    let place = ActionPlace { dashboard_id: dashboard.id, dashboard: dashboard.label.name, widget: widget.label.name };
    sequence::run(&app, &scope, steps, &place, body.preview).await.map(Json)
}

/// An item that the caller sees: its conditions are met.
struct ShownItem {
    dashboard: Record<Dashboard>,
    widget: Record<Widget>,
    /// The values of the dashboard's variables.
    vars: Value,
    /// What `{{ user.x }}` refers to.
    user: Value,
}

impl ShownItem {
    /// Finds an item by its key. Whatever the browser shows, everything that a request does with an item starts here.
    ///
    /// # Errors
    /// `NotFound`, or `Invalid` at `item` or `variables`.
    async fn find(
        app: &App,
        scope: &Scope,
        at: At<Dashboard>,
        key: &str,
        variables: Map<String, Value>,
    ) -> Result<Self> {
        let dashboard = app.store.get(|tx| tx.find::<Dashboard>(scope, at.id))?;
        let item = dashboard.spec.items.iter().find(|item| item.key == key);
        let item = item.ok_or_else(|| Error::invalid("item", format!("no item has the key `{key}`")))?;
        let widget = app.store.get(|tx| tx.find::<Widget>(scope, item.widget_id))?;
        let vars = settle(app, scope, &VariableRules::of(&dashboard.spec, scope), variables).await?;
        let (vars, user) = (Value::Object(vars), person(app, scope)?);
        if !item.is_shown(&vars, &user) {
            return Err(Error::invalid("item", "is not shown here: its conditions are not met"));
        }
        Ok(Self { dashboard, widget, vars, user })
    }
}
