//! Saves what people changed in editable tables on a dashboard: all rows together, or none.
use super::ShownItem;
use crate::{
    Error, Result,
    api::{
        App,
        access::permit::{Permit, Use},
        data::changes::{self, EditedRows},
        records::crud::about,
        requests::extract::{At, Body},
        responses::documented,
    },
    connect::{RowEdit, TableEdits},
    model::{
        Dashboard, Permission, Scope, Widget,
        widget::kinds::{Grid, GridChange, RowDeletion, RowInsertion, RowUpdate},
    },
};
use aide::axum::{ApiRouter, routing::post_with};
use axum::{Json, extract::State};
use schemars::JsonSchema;
use serde::{Deserialize, Serialize};
use serde_json::{Map, Value, json};
use std::time::Instant;

/// Changes to rows of an editable table.
#[derive(Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
struct DashboardChanges {
    /// The key of the item with the widget.
    item: String,
    /// All of them are saved together, or none.
    #[schemars(length(min = 1, max = 5000))]
    changes: Vec<GridChange>,
    /// Values of the dashboard's variables.
    #[serde(default)]
    variables: Map<String, Value>,
    /// With `true`, the changes are made and rolled back, to tell whether they would succeed.
    #[serde(default)]
    preview: bool,
}

/// How many rows were changed.
#[derive(Serialize, JsonSchema)]
#[serde(rename_all = "camelCase")]
struct DashboardChangesResult {
    updated: usize,
    inserted: usize,
    deleted: usize,
    duration_ms: f64,
}

pub fn routes() -> ApiRouter<App> {
    ApiRouter::new().api_route(
        "/dashboards/{dashboardID}/changes",
        post_with(change, |op| {
            about::<Dashboard>(op, "change", "Save changed rows of an editable table on")
                .with(documented::conflict)
                .with(documented::external)
        }),
    )
}

/// Anyone who may use the dashboard may change the rows of its editable tables, and only their configured columns: the
/// author's permission was checked when the widget was saved.
async fn change(
    Permit { scope, .. }: Permit<Dashboard, Use>,
    State(app): State<App>,
    at: At<Dashboard>,
    Body(body): Body<DashboardChanges>,
) -> Result<Json<DashboardChangesResult>> {
    let ShownItem { dashboard, widget, .. } = ShownItem::find(&app, &scope, at, &body.item, body.variables).await?;
    let grid = widget.spec.grid()?.ok_or_else(|| Error::invalid("item", "is not an editable table"))?;
    grid.check_changes(&body.changes)?;
    let started = Instant::now();
    let edits = edits(grid, body.changes.clone());
    let (datasource, counts) = app.executor.edit(&scope, grid.query_id, edits, body.preview).await?;
    if !body.preview {
        let (id, dashboard, widget) = (dashboard.id, dashboard.label.name, widget.label.name);
        let place = json!({"dashboardID": id, "dashboard": dashboard, "widget": widget});
        let edited = EditedRows { datasource, table: &grid.table, counts, changes: &body.changes, place };
        changes::record_rows(&app, &scope, &edited).await?;
    }
    Ok(Json(DashboardChangesResult {
        updated: counts.updated,
        inserted: counts.inserted,
        deleted: counts.deleted,
        duration_ms: started.elapsed().as_secs_f64() * 1000.0,
    }))
}

fn edits(grid: &Grid, changes: Vec<GridChange>) -> TableEdits {
    let edit = |change| match change {
        GridChange::Update(RowUpdate { key, before, after }) => RowEdit::Update { key, before, after },
        GridChange::Insert(RowInsertion { values }) => RowEdit::Insert { values },
        GridChange::Delete(RowDeletion { key, before }) => RowEdit::Delete { key, before },
    };
    TableEdits {
        schema: grid.schema.clone().filter(|schema| !schema.is_empty()),
        table: grid.table.clone(),
        key: grid.key.clone(),
        columns: grid.settable().map(|column| column.field.clone()).collect(),
        edits: changes.into_iter().map(edit).collect(),
    }
}

/// Checks that the author of an editable table may change rows of any table, as with a query of their own: what they
/// configure, others use.
///
/// # Errors
/// `Forbidden`, naming the permission.
pub fn check_author(scope: &Scope, widget: &Widget, old: Option<&Widget>) -> Result<()> {
    let permission = Permission::DataQueryCreate;
    if scope.grants.may(permission) {
        return Ok(());
    }
    let Some(grid) = widget.grid()? else { return Ok(()) };
    let before = old.and_then(|old| old.grid().ok()?).map(Grid::scope);
    if before == Some(grid.scope()) {
        return Ok(());
    }
    Err(Error::Forbidden(format!(
        "config.table: your role needs {permission} to choose what people may change in a datasource"
    )))
}
