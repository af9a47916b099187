//! Extra endpoints of queries: execution, tests, export and history.
use crate::{
    Error, Result,
    api::{
        App,
        access::permit::{Execute, Permit, Read, TryQuery},
        exports::{self, sheet},
        records::{
            crud::{Crud, about},
            lend, list_query,
            wire::Items,
        },
        requests::extract::{At, Body, OptionalBody, Query},
        responses::{documented, large::Large},
    },
    budget::{Hold, HoldPortion},
    connect::{
        self, CacheState, DescribedColumn, GivenParameters, Mode, QueryEffect, QueryOutcome, RowChange, Slice, Unset,
    },
    execute::{ExecutedStatement, ExecutionOptions, Purpose},
    json,
    model::{DataQuery, Datasource, Resource, Scope, Widget, data_query::DeclaredEffect, parse},
    store::QueryRunEntry,
};
use aide::axum::{
    ApiRouter,
    routing::{get_with, post_with},
};
use axum::{Json, extract::State};
use schemars::{JsonSchema, Schema, SchemaGenerator};
use serde::{Deserialize, Serialize};
use serde_json::{Map, Value, json};
use std::{borrow::Cow, sync::Arc};
use uuid::Uuid;

impl Crud for DataQuery {
    const STORED_WITHOUT: Option<&'static [&'static str]> = Some(&[]);

    fn prepare(app: &App, scope: &Scope, _: Uuid, mut spec: Self, old: Option<&Self>) -> Result<Self> {
        // a missing datasource is reported with the other links
        if let Ok(datasource) = app.store.get(|tx| tx.find::<Datasource>(scope, spec.datasource_id)) {
            app.executor.check(&datasource.spec, &spec)?;
            let is_as_before = |old: &Self| old.options == spec.options && old.datasource_id == spec.datasource_id;
            if let Some(connector) = connect::find(&datasource.spec.r#type).filter(|_| !old.is_some_and(is_as_before)) {
                connector.check_query(&spec.options)?;
            }
            spec.changes_data = connect::changes_data(&datasource.spec.r#type, &spec);
        }
        Ok(spec)
    }

    /// Of versions, only what their authors set is shown.
    fn present(_: &App, _: &Scope, wire: &mut Map<String, Value>, whole: bool) -> Result<()> {
        if !whole {
            wire.shift_remove("changesData");
        }
        Ok(())
    }
}

/// How to execute a query.
#[derive(Default, Deserialize, JsonSchema)]
#[serde(rename_all = "camelCase", deny_unknown_fields)]
pub struct Execution {
    /// Values of the declared parameters.
    #[serde(default)]
    parameters: Map<String, Value>,
    /// Parameters that are null instead of their default.
    #[serde(default)]
    nulls: Vec<String>,
    /// `preview` runs the query in a transaction, returns how many rows would change, and rolls back; `explain` returns
    /// the datasource's query plan.
    #[serde(default)]
    mode: Mode,
    /// A slice of the rows, for paging.
    slice: Option<Slice>,
    /// Refuses a query that changes data instead of executing it: for clients that only show its rows.
    #[serde(default)]
    must_read: bool,
}

/// Values of the declared parameters.
#[derive(Default, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
pub struct Parameters {
    #[serde(default)]
    parameters: Map<String, Value>,
}

/// The result of a query.
#[derive(Clone, Serialize, JsonSchema)]
#[serde(rename_all = "camelCase")]
pub struct QueryResult {
    /// An array of row objects, or the value that the transformer returned.
    data: Arc<Value>,
    columns: Option<Arc<[DescribedColumn]>>,
    row_count: usize,
    /// The number of rows that the query changed; `null` if it only reads.
    affected_rows: Option<u64>,
    /// What became of the changed rows; `null` if that is unknown, or if the query only reads.
    row_change: Option<RowChange>,
    /// Whether rows were omitted because of a limit.
    truncated: bool,
    duration_ms: f64,
    cache: CacheState,
    /// The number of rows on all pages, if it was counted.
    #[serde(skip_serializing_if = "Option::is_none")]
    total: Option<u64>,
    #[serde(skip)]
    #[schemars(skip)]
    hold: Arc<Hold>,
}

impl QueryResult {
    #[must_use]
    pub fn with_total(self, total: Option<u64>) -> Self {
        Self { total, ..self }
    }

    /// Returns the hold that counts the memory of the data.
    pub fn hold(&self) -> Arc<Hold> {
        Arc::clone(&self.hold)
    }

    /// Returns a copy with only the columns that `widget` shows, and the portion that counts its memory.
    ///
    /// # Errors
    /// If the memory budget has no room for a copy.
    pub fn drawn(&self, widget: &Widget) -> Result<(Self, HoldPortion)> {
        let mut copy = HoldPortion::of(self.hold());
        copy.grow(json::cost(&self.data))?;
        let shown = widget.visible().unwrap_or_default().columns;
        let mut drawn = Self { data: Arc::new(shown.of(&self.data)), ..self.clone() };
        drawn.columns = drawn
            .columns
            .map(|columns| columns.iter().filter(|column| shown.contains(&column.name)).cloned().collect());
        Ok((drawn, copy))
    }
}

impl From<QueryOutcome> for QueryResult {
    fn from(outcome: QueryOutcome) -> Self {
        Self {
            data: outcome.data,
            columns: outcome.columns,
            row_count: outcome.row_count,
            affected_rows: outcome.affected_rows,
            row_change: outcome.row_change,
            truncated: outcome.truncated,
            duration_ms: outcome.duration.as_secs_f64() * 1000.0,
            cache: outcome.cache,
            total: None,
            hold: outcome.hold,
        }
    }
}

/// An unsaved query, with values of its parameters.
#[derive(Deserialize)]
#[serde(transparent)]
pub struct Trial(Map<String, Value>);

impl JsonSchema for Trial {
    fn schema_name() -> Cow<'static, str> {
        "DataQueryTrial".into()
    }
    fn json_schema(generator: &mut SchemaGenerator) -> Schema {
        let mut schema = DataQuery::json_schema(generator);
        documented::without_read_only(&mut schema);
        let object = schema.ensure_object();
        if let Some(Value::Object(properties)) = object.get_mut("properties") {
            for ignored in ["name", "description"] {
                properties.insert(ignored.into(), json!({"type": "string"}));
            }
            let either = json!({"anyOf": [properties["parameters"].take(), {"type": "object"}]});
            properties.insert("parameters".into(), either);
            properties.insert("values".into(), json!({"type": "object", "description": "Values of the parameters"}));
            let nulls = "Parameters that are null instead of their default";
            properties
                .insert("nulls".into(), json!({"type": "array", "items": {"type": "string"}, "description": nulls}));
            properties.insert("mode".into(), generator.subschema_for::<Mode>().to_value());
            properties.insert("slice".into(), generator.subschema_for::<Option<Slice>>().to_value());
            let about = "Refuses a query that changes data instead of running it";
            properties.insert("mustRead".into(), json!({"type": "boolean", "description": about}));
        }
        schema
    }
}

/// Options of the query history.
#[derive(Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
pub struct HistoryQuery {
    /// Maximum number of entries, from 1 to 200; 50 if absent.
    #[schemars(range(min = 1, max = 200))]
    limit: Option<u32>,
}

pub fn routes() -> ApiRouter<App> {
    ApiRouter::new()
        .api_route(
            "/data-queries/test",
            post_with(test, |op| {
                about::<DataQuery>(op, "test", "Run an unsaved version of")
                    .with(documented::external)
                    .with(documented::asks)
            }),
        )
        .api_route(
            "/data-queries/effect",
            post_with(effect, |op| {
                let op = about::<DataQuery>(op, "effect", "Tell what").with(documented::asks);
                op.summary("Tell whether an unsaved query changes data")
            }),
        )
        .api_route(
            "/data-queries/{queryID}/execute",
            post_with(execute, |op| {
                about::<DataQuery>(op, "execute", "Execute").with(documented::external).with(documented::asks)
            }),
        )
        .api_route(
            "/data-queries/{queryID}/export",
            post_with(export, |op| {
                about::<DataQuery>(op, "export", "Export all rows of").with(documented::external).with(documented::asks)
            }),
        )
        .api_route(
            "/data-queries/{queryID}/runs",
            get_with(runs, |op| about::<DataQuery>(op, "runs", "List the executions of")),
        )
}

async fn execute(
    Permit { scope, .. }: Permit<DataQuery, Execute>,
    State(app): State<App>,
    at: At<DataQuery>,
    OptionalBody(body): OptionalBody<Execution>,
) -> Result<Large<QueryResult>> {
    let Execution { parameters, nulls, mode, slice, must_read } = body;
    let parameters = given(parameters, nulls);
    let ask = ExecutionOptions { mode, slice, purpose: purpose(must_read), ..ExecutionOptions::from(parameters) };
    answer(app.executor.saved(&scope, at.id, ask).await?).await
}

fn purpose(must_read: bool) -> Purpose {
    if must_read { Purpose::Show } else { Purpose::Execute }
}

fn given(values: Map<String, Value>, nulls: Vec<String>) -> GivenParameters {
    let chosen = || Unset { source: String::new(), is_defined: true };
    GivenParameters { values, unset: nulls.into_iter().map(|name| (name, chosen())).collect() }
}

async fn answer(outcome: QueryOutcome) -> Result<Large<QueryResult>> {
    let hold = Arc::clone(&outcome.hold);
    Large::of(outcome.into(), hold).await
}

async fn export(
    permit: Permit<DataQuery, Execute>,
    State(app): State<App>,
    at: At<DataQuery>,
    Query(query): Query<exports::ExportQuery>,
    OptionalBody(body): OptionalBody<Parameters>,
) -> Result<exports::Download> {
    let (leash, scope) = (permit.leash(&app), permit.scope);
    let saved = app.store.get(|tx| tx.find::<DataQuery>(&scope, at.id))?;
    let desk = match query.format {
        exports::ExportFormat::Xlsx => Some(sheet::SheetResources::of(&app, scope.tenant).await?),
        exports::ExportFormat::Csv | exports::ExportFormat::Ndjson => None,
    };
    let exported = app.executor.export(&scope, at.id, body.parameters)?;
    exports::download(leash, exported, desk, query, &saved.label.name, &saved.spec.columns).await
}

async fn test(
    Permit { scope, .. }: Permit<DataQuery, TryQuery>,
    State(app): State<App>,
    Body(Trial(mut body)): Body<Trial>,
) -> Result<Large<QueryResult>> {
    let mut values = match body.shift_remove("values") {
        Some(values) => parse::from_value(values, "values")?,
        None => Map::new(),
    };
    // `parameters` may also be an object of values, as for a saved query; the parameters are then declared from it
    if let Some(Value::Object(given)) = body.get("parameters").cloned() {
        body.shift_remove("parameters");
        body.insert(
            "parameters".into(),
            given.keys().map(|name| json!({"name": name, "type": kind_of(&given[name])})).collect(),
        );
        values = given;
    }
    for ignored in ["name", "description", "changesData"] {
        body.shift_remove(ignored);
    }
    let mut taken = |name: &str| body.shift_remove(name).filter(|value| !value.is_null());
    let mode = taken("mode").map_or(Ok(Mode::Run), |mode| parse::from_value(mode, "mode"))?;
    let nulls = taken("nulls").map_or(Ok(Vec::new()), |nulls| parse::from_value(nulls, "nulls"))?;
    let slice = taken("slice").map(|slice| parse::from_value(slice, "slice")).transpose()?;
    let must_read = taken("mustRead").map_or(Ok(false), |must_read| parse::from_value(must_read, "mustRead"))?;
    let query: DataQuery = parse::from_value(Value::Object(body), "")?;
    query.check()?;
    lend::check(&scope, &query, None)?;
    let statement = ExecutedStatement::Unsaved(query.datasource_id);
    let parameters = given(values, nulls);
    let ask = ExecutionOptions { mode, slice, purpose: purpose(must_read), ..ExecutionOptions::from(parameters) };
    let outcome = app.executor.draft(&scope, query, ask).await?;
    app.executor.record(&scope, statement, &outcome, mode, None).await?;
    answer(outcome).await
}

/// The part of an unsaved query that decides whether it changes data.
#[derive(Deserialize, JsonSchema)]
#[serde(rename_all = "camelCase", deny_unknown_fields)]
struct EffectRequest {
    #[serde(rename = "datasourceID")]
    datasource_id: Uuid,
    #[serde(default)]
    options: Map<String, Value>,
    /// What the author says that the query does.
    #[serde(default)]
    effect: Option<DeclaredEffect>,
}

/// What a query does with data.
#[derive(Serialize, JsonSchema)]
#[serde(rename_all = "camelCase")]
struct EffectReport {
    /// Whether it counts as a query that changes data.
    changes_data: bool,
    /// Whether it certainly changes data, so that `effect` cannot be `reads`.
    certain: bool,
}

async fn effect(
    Permit { scope, .. }: Permit<DataQuery, Read>,
    State(app): State<App>,
    Body(body): Body<EffectRequest>,
) -> Result<Json<EffectReport>> {
    let found = app.store.get(|tx| tx.find::<Datasource>(&scope, body.datasource_id));
    let datasource = found.map_err(|_| Error::invalid("datasourceID", "no such datasource in this tenant"))?;
    let effect = connect::effect(&datasource.spec.r#type, &body.options);
    let report =
        EffectReport { changes_data: effect.changes_data(body.effect), certain: effect == QueryEffect::Changes };
    Ok(Json(report))
}

fn kind_of(value: &Value) -> &'static str {
    match value {
        Value::Number(_) => "number",
        Value::Bool(_) => "boolean",
        Value::Array(_) => "array",
        Value::Object(_) => "object",
        Value::Null | Value::String(_) => "string",
    }
}

async fn runs(
    Permit { scope, .. }: Permit<DataQuery, Read>,
    State(app): State<App>,
    at: At<DataQuery>,
    Query(query): Query<HistoryQuery>,
) -> Result<Json<Items<QueryRunEntry>>> {
    let limit = list_query::limit(query.limit)?;
    app.store.get(|tx| tx.find::<DataQuery>(&scope, at.id))?;
    Ok(Json(Items { items: app.store.runs.read(scope.tenant, move |tx| tx.query_runs(&scope, at.id, limit)).await? }))
}
