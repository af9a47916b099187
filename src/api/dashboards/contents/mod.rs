//! Saves a dashboard together with the widgets and queries on it, in one transaction.
mod clones;
mod file;
mod parts;
mod transfer;

use self::parts::{DeletedPart, MOST, PartChange, check_count};
use crate::{
    Error, Result,
    api::{
        App,
        access::permit::{Create, Permit, Update},
        records::{
            answers::visible_fields,
            crud::{Crud, about},
            steps::UnsavedQueries,
            wire::{Part, Wire},
        },
        requests::extract::{At, Body},
        responses::documented,
    },
    model::{Dashboard, DataQuery, Record, Resource, Scope, Widget},
    store::Tx,
};
use aide::{
    OperationOutput,
    axum::{
        ApiRouter,
        routing::{post_with, put_with},
    },
    generate::GenContext,
    openapi::Operation,
};
use axum::{
    Json,
    extract::State,
    http::{StatusCode, header::LOCATION},
    response::{IntoResponse, Response},
};
use schemars::JsonSchema;
use serde::{Deserialize, Serialize};
use std::collections::HashMap;
use uuid::Uuid;

/// A dashboard, and the widgets and queries to save with it.
#[derive(Deserialize, JsonSchema)]
#[serde(rename_all = "camelCase", deny_unknown_fields)]
pub struct DashboardContents {
    dashboard: Part<Dashboard>,
    /// New and changed widgets: those that belong to the dashboard, and library widgets on it. The client chooses the
    /// IDs of new ones. Without `dashboardID`, a new widget belongs to the dashboard, and others stay where they are.
    #[serde(default)]
    #[schemars(length(max = 200))]
    widgets: Vec<Part<Widget>>,
    /// New and changed queries, as with widgets.
    #[serde(default)]
    #[schemars(length(max = 200))]
    queries: Vec<Part<DataQuery>>,
    /// Widgets of the dashboard to delete.
    #[serde(default)]
    #[schemars(length(max = 200))]
    deleted_widgets: Vec<DeletedPart>,
    /// Queries of the dashboard to delete.
    #[serde(default)]
    #[schemars(length(max = 200))]
    deleted_queries: Vec<DeletedPart>,
}

impl DashboardContents {
    /// A new dashboard with new widgets and queries.
    pub fn new(dashboard: Part<Dashboard>, widgets: Vec<Part<Widget>>, queries: Vec<Part<DataQuery>>) -> Self {
        Self { dashboard, widgets, queries, deleted_widgets: Vec::new(), deleted_queries: Vec::new() }
    }
}

/// The saved records, in the order of the request.
#[derive(Serialize)]
struct SavedContents {
    dashboard: Wire<Dashboard>,
    widgets: Vec<Wire<Widget>>,
    queries: Vec<Wire<DataQuery>>,
}

impl JsonSchema for SavedContents {
    fn schema_name() -> std::borrow::Cow<'static, str> {
        "SavedDashboardContents".into()
    }
    fn json_schema(generator: &mut schemars::SchemaGenerator) -> schemars::Schema {
        let dashboard = generator.subschema_for::<Wire<Dashboard>>();
        let widget = generator.subschema_for::<Wire<Widget>>();
        let query = generator.subschema_for::<Wire<DataQuery>>();
        schemars::json_schema!({
            "type": "object",
            "required": ["dashboard", "widgets", "queries"],
            "properties": {
                "dashboard": dashboard,
                "widgets": {"type": "array", "items": widget},
                "queries": {"type": "array", "items": query},
            }
        })
    }
}

/// A response with status 201 and a new dashboard with its contents.
struct CreatedContents(SavedContents, String);

impl CreatedContents {
    fn at(scope: &Scope, id: Uuid, saved: SavedContents) -> Self {
        Self(saved, format!("/api/v1/tenants/{}/dashboards/{id}", scope.tenant))
    }
}

impl IntoResponse for CreatedContents {
    fn into_response(self) -> Response {
        (StatusCode::CREATED, [(LOCATION, self.1)], Json(self.0)).into_response()
    }
}

impl OperationOutput for CreatedContents {
    type Inner = SavedContents;
    fn inferred_responses(ctx: &mut GenContext, _: &mut Operation) -> documented::DocumentedResponses {
        let answer = documented::answer::<SavedContents>(ctx, "The new dashboard with its contents");
        vec![(documented::status(201), documented::with_headers(answer, &[("Location", "Location")]))]
    }
}

pub fn routes() -> ApiRouter<App> {
    ApiRouter::new()
        .api_route(
            "/dashboards/contents",
            post_with(create, |op| {
                let op = about::<Dashboard>(op, "createContents", "Create a dashboard with widgets and queries:");
                op.summary("Create a dashboard together with widgets and queries").with(documented::saves_several)
            }),
        )
        .api_route(
            "/dashboards/{dashboardID}/contents",
            put_with(update, |op| {
                about::<Dashboard>(op, "saveContents", "Save")
                    .summary("Save a dashboard together with widgets and queries")
                    .with(documented::saves_several)
            }),
        )
        .merge(transfer::routes())
}

/// Each widget and query also requires the permission of its separate route.
async fn create(
    Permit { scope, .. }: Permit<Dashboard, Create>,
    State(app): State<App>,
    Body(contents): Body<DashboardContents>,
) -> Result<CreatedContents> {
    if contents.dashboard.0.contains_key("version") {
        return Err(Error::invalid("dashboard.version", "a new dashboard has no version: leave it out"));
    }
    let id = Uuid::now_v7();
    let saved = save(app, scope.clone(), id, contents).await?;
    Ok(CreatedContents::at(&scope, id, saved))
}

async fn update(
    Permit { scope, .. }: Permit<Dashboard, Update>,
    State(app): State<App>,
    at: At<Dashboard>,
    Body(contents): Body<DashboardContents>,
) -> Result<Json<SavedContents>> {
    if contents.dashboard.0.get("version").is_none_or(serde_json::Value::is_null) {
        let message = "is required: the version of the dashboard that the change is based on";
        return Err(Error::invalid("dashboard.version", message));
    }
    save(app, scope, at.id, contents).await.map(Json)
}

async fn save(app: App, scope: Scope, id: Uuid, contents: DashboardContents) -> Result<SavedContents> {
    let stored = store(app.clone(), &scope, id, contents).await?;
    Ok(SavedContents {
        dashboard: visible_fields(&app, &scope, &stored.dashboard)?.into(),
        widgets: wires(&app, &scope, &stored.widgets)?,
        queries: wires(&app, &scope, &stored.queries)?,
    })
}

/// Checks and saves everything in one transaction.
pub async fn store(app: App, scope: &Scope, id: Uuid, contents: DashboardContents) -> Result<StoredRecords> {
    let change = ContentsChange::of(&app, scope, id, contents)?;
    let writer = scope.clone();
    let stored = app.store.write(move |tx| change.carry_out(tx, &writer)).await?;
    Widget::after_save(&app);
    DataQuery::after_save(&app);
    Dashboard::after_save(&app);
    Ok(stored)
}

fn wires<R: Crud>(app: &App, scope: &Scope, records: &[Record<R>]) -> Result<Vec<Wire<R>>> {
    records.iter().map(|record| Ok(visible_fields(app, scope, record)?.into())).collect()
}

/// What to write. Everything that takes long was checked before.
struct ContentsChange {
    dashboard: PartChange<Dashboard>,
    widgets: Vec<PartChange<Widget>>,
    queries: Vec<PartChange<DataQuery>>,
    deleted_widgets: Vec<DeletedPart>,
    deleted_queries: Vec<DeletedPart>,
}

/// The records as they were saved.
pub struct StoredRecords {
    pub dashboard: Record<Dashboard>,
    widgets: Vec<Record<Widget>>,
    queries: Vec<Record<DataQuery>>,
}

impl ContentsChange {
    fn of(app: &App, scope: &Scope, id: Uuid, contents: DashboardContents) -> Result<Self> {
        let DashboardContents { dashboard, widgets, queries, deleted_widgets, deleted_queries } = contents;
        check_count("widgets", widgets.len(), MOST)?;
        check_count("queries", queries.len(), MOST)?;
        check_count("deletedWidgets", deleted_widgets.len(), MOST)?;
        check_count("deletedQueries", deleted_queries.len(), MOST)?;
        DeletedPart::check_permission::<Widget>(scope, "deletedWidgets", &deleted_widgets)?;
        DeletedPart::check_permission::<DataQuery>(scope, "deletedQueries", &deleted_queries)?;
        let mut unsaved = UnsavedQueries::default();
        let queries = queries.into_iter().enumerate();
        let queries = queries.map(|(i, part)| PartChange::of(app, scope, id, format!("queries[{i}]"), part, &unsaved));
        let queries = queries.collect::<Result<Vec<PartChange<DataQuery>>>>()?;
        unsaved.0 = queries.iter().map(|query| (query.id, query.spec.clone())).collect::<HashMap<_, _>>();
        let widgets = widgets.into_iter().enumerate();
        let widgets = widgets.map(|(i, part)| PartChange::of(app, scope, id, format!("widgets[{i}]"), part, &unsaved));
        let widgets = widgets.collect::<Result<Vec<PartChange<Widget>>>>()?;
        DeletedPart::check_apart("deletedWidgets", &deleted_widgets, &widgets)?;
        DeletedPart::check_apart("deletedQueries", &deleted_queries, &queries)?;
        let dashboard = PartChange::of_dashboard(app, scope, id, dashboard, &unsaved)?;
        Ok(Self { dashboard, widgets, queries, deleted_widgets, deleted_queries })
    }

    /// The links between the records may go in every direction, so they are saved when all records are.
    fn carry_out(self, tx: &Tx<'_>, scope: &Scope) -> Result<StoredRecords> {
        let Self { dashboard, widgets, queries, deleted_widgets, deleted_queries } = self;
        let id = dashboard.id;
        dashboard.check_users(tx, scope)?;
        widgets.iter().try_for_each(|widget| widget.check_users(tx, scope))?;
        queries.iter().try_for_each(|query| query.check_users(tx, scope))?;
        dashboard.disconnect(tx, scope)?;
        widgets.iter().try_for_each(|widget| widget.disconnect(tx, scope))?;
        let deletion = Uuid::now_v7();
        let delete = |at: &str| (at.to_owned(), id, deletion);
        DeletedPart::delete_all::<Widget>(tx, scope, &deleted_widgets, &delete("deletedWidgets"))?;
        DeletedPart::delete_all::<DataQuery>(tx, scope, &deleted_queries, &delete("deletedQueries"))?;
        let (mut stored_queries, mut stored_widgets) = (Vec::new(), Vec::new());
        for query in queries {
            stored_queries.push((query.at.clone(), query.store(tx, scope)?.id));
        }
        for widget in widgets {
            stored_widgets.push((widget.at.clone(), widget.store(tx, scope)?.id));
        }
        let at = dashboard.at.clone();
        let dashboard = dashboard.store(tx, scope)?;
        // a widget that moves to the library takes its queries with it, after they were stored
        let queries = connected(tx, scope, stored_queries)?;
        let widgets = connected(tx, scope, stored_widgets)?;
        tx.connect(scope, &dashboard).map_err(|error| error.within(&at))?;
        Ok(StoredRecords { dashboard, widgets, queries })
    }
}

/// Saves the links of stored records, each with its path in the request. Returns the records as they are now.
fn connected<R: Resource>(tx: &Tx<'_>, scope: &Scope, stored: Vec<(String, Uuid)>) -> Result<Vec<Record<R>>> {
    let connect = |(at, id): (String, Uuid)| {
        let record = tx.find::<R>(scope, id)?;
        tx.connect(scope, &record).map_err(|error| error.within(&at))?;
        Ok(record)
    };
    stored.into_iter().map(connect).collect()
}
