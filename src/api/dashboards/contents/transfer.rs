//! Exports a dashboard to a file, and imports it, also into another tenant or server.
use super::file::{DashboardFile, PartSummary};
use crate::{
    Error, Result,
    api::{
        App,
        access::permit::{self, Create, Permit, Read},
        records::{
            crud::about,
            file::{ExportedFile, NeededRecord, UsedRecord, free_name, needed},
        },
        requests::extract::{At, Body},
        responses::documented,
    },
    model::{Dashboard, DataQuery, Permission, Resource, Widget},
};
use aide::axum::{
    ApiRouter,
    routing::{get_with, post_with},
};
use axum::{Json, extract::State};
use schemars::JsonSchema;
use serde::{Deserialize, Serialize};
use serde_json::{Map, Value};
use std::collections::BTreeMap;
use uuid::Uuid;

/// A file to import.
#[derive(Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
pub struct DashboardImport {
    #[schemars(with = "DashboardFile")]
    file: Map<String, Value>,
    /// The records of this tenant to use instead of those that `file.uses` lists, by their IDs.
    #[serde(default)]
    targets: BTreeMap<Uuid, Uuid>,
    /// The name of the new dashboard; that in the file if absent.
    #[serde(default)]
    #[schemars(length(min = 1, max = 255))]
    name: Option<String>,
}

/// A file to look at.
#[derive(Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
pub struct DashboardFileBody {
    #[schemars(with = "DashboardFile")]
    file: Map<String, Value>,
}

/// What a file contains, and what it needs.
#[derive(Serialize, JsonSchema)]
struct DashboardFileSummary {
    /// A name for the dashboard that is not taken.
    name: String,
    widgets: Vec<PartSummary>,
    queries: Vec<PartSummary>,
    uses: Vec<NeededRecord>,
}

pub fn routes() -> ApiRouter<App> {
    ApiRouter::new()
        .api_route(
            "/dashboards/{dashboardID}/export",
            get_with(export, |op| {
                let op = about::<Dashboard>(op, "export", "Export")
                    .with(documented::also(&[Permission::WidgetRead, Permission::DataQueryRead]));
                op.summary("Export a dashboard with its widgets and queries")
            }),
        )
        .api_route(
            "/dashboards/import",
            post_with(import, |op| {
                let op = about::<Dashboard>(op, "import", "Import");
                op.summary("Create a dashboard from an exported file").with(documented::saves_several)
            }),
        )
        .api_route(
            "/dashboards/import/preview",
            post_with(preview, |op| {
                about::<Dashboard>(op, "previewImport", "Preview")
                    .summary("Show what an exported file contains and needs")
                    .with(documented::asks)
            }),
        )
}

/// The file contains widgets and queries, so it requires the permissions to read them.
async fn export(
    Permit { scope, .. }: Permit<Dashboard, Read>,
    State(app): State<App>,
    at: At<Dashboard>,
) -> Result<ExportedFile<DashboardFile>> {
    permit::check::<Widget, Read>(&scope)?;
    permit::check::<DataQuery, Read>(&scope)?;
    let file = app.store.read(scope.tenant, move |tx| DashboardFile::of(tx, &scope, at.id)).await?;
    let name = format!("{}.dashboard.json", file.name());
    ExportedFile::new(&file, name)
}

async fn preview(
    Permit { scope, .. }: Permit<Dashboard, Create>,
    State(app): State<App>,
    Body(body): Body<DashboardFileBody>,
) -> Result<Json<DashboardFileSummary>> {
    let file = DashboardFile::read(body.file)?;
    let summary = app.store.read(scope.tenant, move |tx| {
        let needed = |one: &UsedRecord| {
            // a widget can be left out, and what an action opens may be missing
            let optional = [Widget::KIND.name(), Dashboard::KIND.name()].contains(&one.kind.as_str());
            needed(tx, &scope, one, optional)
        };
        let is_free = |name: &str| -> Result<bool> { Ok(!tx.is_named::<Dashboard>(&scope, None, name)?) };
        Ok(DashboardFileSummary {
            name: free_name(file.name(), is_free)?,
            widgets: file.widgets(),
            queries: file.queries(),
            uses: file.uses().iter().map(needed).collect::<Result<_>>()?,
        })
    });
    Ok(Json(summary.await?))
}

/// Creates everything in one transaction. Requires the permissions to create each of the records.
async fn import(
    Permit { scope, .. }: Permit<Dashboard, Create>,
    State(app): State<App>,
    Body(DashboardImport { file, targets, name }): Body<DashboardImport>,
) -> Result<super::CreatedContents> {
    let id = Uuid::now_v7();
    let contents = DashboardFile::read(file)?.contents(id, name, &targets)?;
    let saved = super::save(app, scope.clone(), id, contents).await.map_err(of_file)?;
    Ok(super::CreatedContents::at(&scope, id, saved))
}

/// Problems with the records are problems with fields of the file.
fn of_file(error: Error) -> Error {
    match error {
        Error::Invalid(_) => error.within("file"),
        other => other,
    }
}
