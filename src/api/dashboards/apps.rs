//! Creates an app from a table: queries, widgets and a dashboard for its rows.
use super::contents::{self, DashboardContents};
use crate::{
    Error, Result,
    api::{
        App,
        access::permit::{self, Permit, Read, TryQuery},
        records::{answers::CreatedResponse, crud::about, wire::Part},
        requests::extract::{At, Body},
        responses::documented,
    },
    connect::{self, Connector, SqlDialect, TableInfo},
    model::{Dashboard, DataQuery, Datasource, Record, Scope, parse},
    table_app::{
        AppSource, AppTexts, NewRecord, SAMPLE, TableApp, WrittenDates, generate, sample, undecided, written_dates,
    },
};
use aide::axum::{ApiRouter, routing::post_with};
use axum::extract::State;
use schemars::JsonSchema;
use serde::Deserialize;
use serde_json::{Map, Value, json};
use std::sync::Arc;
use uuid::Uuid;

/// The table of an app.
#[derive(Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
pub struct TableAppDraft {
    table: String,
    /// The schema of the table; required if several schemas have a table of this name.
    #[serde(default)]
    schema: Option<String>,
    /// The name of the dashboard.
    #[schemars(length(min = 1, max = 255))]
    name: String,
    /// The columns to show and to enter; all if absent. The columns of the primary key are always part of the app.
    #[serde(default)]
    #[schemars(length(max = 200))]
    columns: Option<Vec<String>>,
    /// What the widgets say.
    #[serde(default)]
    texts: AppTexts,
}

pub fn routes() -> ApiRouter<App> {
    ApiRouter::new().api_route(
        "/datasources/{datasourceID}/apps",
        post_with(create, |op| {
            about::<Datasource>(op, "createApp", "Create an app from a table of").with(documented::external)
        }),
    )
}

async fn create(
    Permit { scope, .. }: Permit<DataQuery, TryQuery>,
    State(app): State<App>,
    at: At<Datasource>,
    Body(draft): Body<TableAppDraft>,
) -> Result<CreatedResponse<Dashboard>> {
    permit::check::<Datasource, Read>(&scope)?;
    let dashboard = create_app(&app, &scope, at.id, &draft).await?;
    CreatedResponse::new(&app, &scope, &dashboard)
}

/// Creates all records in one transaction. Requires the permissions to create each of them.
pub async fn create_app(
    app: &App,
    scope: &Scope,
    datasource_id: Uuid,
    draft: &TableAppDraft,
) -> Result<Record<Dashboard>> {
    draft.texts.check()?;
    let datasource = app.store.get(|tx| tx.find::<Datasource>(scope, datasource_id))?.spec;
    let (connector, dialect) = dialect(&datasource)?;
    // the table may be new or changed
    let tables = app.executor.schema(scope, datasource_id, true).await?;
    let table = find(&tables, draft)?;
    let dates = dates(app, scope, datasource_id, dialect, table).await?;
    let source = AppSource {
        dialect,
        datasource: datasource_id,
        table,
        tables: &tables,
        columns: draft.columns.as_deref(),
        dates: &dates,
        is_writable: !is_read_only(connector, &datasource),
        name: draft.name.trim(),
        texts: &draft.texts,
    };
    let made = contents_of(generate(&source)?);
    Ok(contents::store(app.clone(), scope, Uuid::now_v7(), made).await.map_err(of_request)?.dashboard)
}

/// Looks at the first and the last rows, to find out how dates are written in columns that may contain them.
async fn dates(
    app: &App,
    scope: &Scope,
    datasource: Uuid,
    dialect: SqlDialect,
    table: &TableInfo,
) -> Result<WrittenDates> {
    let columns = undecided(dialect, table);
    let mut rows: Vec<Value> = Vec::new();
    for sql in sample(dialect, table, &columns) {
        let query = json!({"datasourceID": datasource, "options": {"sql": sql}, "maxRows": SAMPLE});
        let query: DataQuery = parse::from_value(query, "")?;
        let outcome = app.executor.draft(scope, query, Map::<String, Value>::new()).await?;
        rows.extend(outcome.data.as_array().into_iter().flatten().cloned());
    }
    Ok(written_dates(&columns, &rows))
}

/// Problems with the dashboard are problems with fields of the request.
fn of_request(error: Error) -> Error {
    let Error::Invalid(mut problems) = error else { return error };
    for problem in &mut problems {
        if let Some(rest) = problem.path.strip_prefix("dashboard.") {
            problem.path = rest.to_owned();
        }
    }
    Error::Invalid(problems)
}

/// The queries and widgets belong to the dashboard.
fn contents_of(TableApp { queries, widgets, dashboard }: TableApp) -> DashboardContents {
    let widgets = widgets.into_iter().map(part).collect();
    DashboardContents::new(dashboard.draft.into(), widgets, queries.into_iter().map(part).collect())
}

fn part<R>(NewRecord { id, mut draft }: NewRecord) -> Part<R> {
    draft.insert("id".into(), id.to_string().into());
    draft.into()
}

fn dialect(datasource: &Datasource) -> Result<(&'static dyn Connector, SqlDialect)> {
    let connector = connect::find(&datasource.r#type);
    let found = connector.and_then(|connector| Some((connector, connector.dialect()?)));
    let unsupported = || format!("apps cannot be created from tables of the type `{}`", datasource.r#type);
    found.ok_or_else(|| Error::invalid("table", unsupported()))
}

/// Returns whether the datasource refuses changes.
fn is_read_only(connector: &dyn Connector, datasource: &Datasource) -> bool {
    let standard = || connector.options_schema().to_value()["properties"]["readOnly"]["default"] == true;
    datasource.options.get("readOnly").map_or_else(standard, |given| given == true)
}

fn find<'a>(tables: &'a Arc<Vec<TableInfo>>, body: &TableAppDraft) -> Result<&'a TableInfo> {
    let fits = |table: &&TableInfo| table.name == body.table && (body.schema.is_none() || table.schema == body.schema);
    let mut found = tables.iter().filter(fits);
    match (found.next(), found.next()) {
        (Some(table), None) => Ok(table),
        (Some(_), Some(_)) => Err(Error::invalid("schema", "several schemas have this table: name one")),
        _ => Err(Error::invalid("table", format!("the datasource has no table `{}`", body.table))),
    }
}
