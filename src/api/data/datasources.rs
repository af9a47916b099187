//! Extra endpoints of datasources, such as connection tests and schemas, and the sealing of their secrets.
use crate::{
    Error, Result,
    api::{
        App,
        access::permit::{Permit, Read, Test, TryConnection},
        records::{
            crud::{Crud, about},
            lend,
            wire::Items,
        },
        requests::extract::{At, Body, Query},
        responses::documented,
    },
    connect::{FilePreview, TableInfo, TestReport, destination, find, options},
    model::{Datasource, Scope},
};
use aide::axum::{
    ApiRouter,
    routing::{get_with, post_with},
};
use axum::{Json, extract::State};
use schemars::JsonSchema;
use serde::Deserialize;
use serde_json::{Map, Value};
use std::sync::Arc;
use uuid::Uuid;

impl Crud for Datasource {
    const STORED_WITHOUT: Option<&'static [&'static str]> = Some(&["sealed"]);

    fn hydrate(app: &App, scope: &Scope, id: Uuid, spec: &Self) -> Result<Self> {
        // if the server's key has changed, the secrets are lost and can be entered again
        let options = app.executor.opened(scope, id, spec).unwrap_or_else(|_| spec.options.clone());
        Ok(Self { options, ..spec.clone() })
    }

    fn patchable(_: &App, _: &Scope, _: Uuid, spec: &Self) -> Result<Self> {
        let schema = options::schema(&spec.r#type)?;
        Ok(Self { options: destination::marked(schema, &spec.options, &spec.secrets), ..spec.clone() })
    }

    fn prepare(app: &App, scope: &Scope, id: Uuid, spec: Self, old: Option<&Self>) -> Result<Self> {
        if old.is_some_and(|old| old.r#type != spec.r#type) {
            return Err(Error::invalid("type", "cannot be changed: create a new datasource"));
        }
        app.executor.sealed(scope, id, spec, old)
    }

    fn present(_: &App, _: &Scope, wire: &mut Map<String, Value>, _: bool) -> Result<()> {
        wire.shift_remove("sealed");
        Ok(())
    }
}

/// Unsaved connection options.
#[derive(Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
pub struct ConnectionDraft {
    /// One of the types from `GET /datasource-types`.
    r#type: String,
    /// Options according to the type's `optionsSchema`, including secrets.
    #[serde(default)]
    options: Map<String, Value>,
}

/// Options of the schema request.
#[derive(Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
pub struct SchemaQuery {
    /// Whether to read the schema from the datasource even if it was read in the last ten minutes.
    #[serde(default)]
    refresh: bool,
}

pub fn routes() -> ApiRouter<App> {
    ApiRouter::new()
        .api_route(
            "/datasources/test",
            post_with(test_options, |op| {
                about::<Datasource>(op, "testOptions", "Test the connection of an unsaved version of")
                    .with(documented::asks)
            }),
        )
        .api_route(
            "/datasources/preview",
            post_with(preview, |op| {
                about::<Datasource>(op, "preview", "Preview the data of an unsaved version of").with(documented::asks)
            }),
        )
        .api_route(
            "/datasources/{datasourceID}/test",
            post_with(test, |op| about::<Datasource>(op, "test", "Test the connection of").with(documented::asks)),
        )
        .api_route(
            "/datasources/{datasourceID}/schema",
            get_with(schema, |op| {
                about::<Datasource>(op, "schema", "List the tables and columns of").with(documented::external)
            }),
        )
}

async fn test_options(
    Permit { scope, .. }: Permit<Datasource, TryConnection>,
    State(app): State<App>,
    Body(connection): Body<ConnectionDraft>,
) -> Result<Json<TestReport>> {
    let ConnectionDraft { r#type, options } = connection;
    let draft = Datasource { r#type, options, tags: Vec::new(), secrets: Vec::new(), sealed: None };
    lend::check(&scope, &draft, None)?;
    Ok(Json(app.executor.test_options(&scope, &draft.r#type, &draft.options).await?))
}

/// Only for types with the capability `looks`.
async fn preview(
    Permit { scope, .. }: Permit<Datasource, TryConnection>,
    State(app): State<App>,
    Body(connection): Body<ConnectionDraft>,
) -> Result<Json<FilePreview>> {
    let ConnectionDraft { r#type, options } = connection;
    options::schema(&r#type)?;
    if !find(&r#type).is_some_and(|connector| connector.about().capabilities.looks) {
        return Err(Error::invalid("type", "has no preview: test the connection instead"));
    }
    let draft = Datasource { r#type, options, tags: Vec::new(), secrets: Vec::new(), sealed: None };
    lend::check(&scope, &draft, None)?;
    Ok(Json(app.executor.preview_file(&scope, None, &draft.options).await?))
}

async fn test(
    Permit { scope, .. }: Permit<Datasource, Test>,
    State(app): State<App>,
    at: At<Datasource>,
) -> Result<Json<TestReport>> {
    Ok(Json(app.executor.test(&scope, at.id).await?))
}

async fn schema(
    Permit { scope, .. }: Permit<Datasource, Read>,
    State(app): State<App>,
    at: At<Datasource>,
    Query(query): Query<SchemaQuery>,
) -> Result<Json<Items<TableInfo>>> {
    let tables = app.executor.schema(&scope, at.id, query.refresh).await?;
    Ok(Json(Items { items: Arc::unwrap_or_clone(tables) }))
}
