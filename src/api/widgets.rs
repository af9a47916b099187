//! Widgets beyond being stored: the data that they draw.
use super::{
    App,
    crud::{Crud, about},
    data_queries::QueryResult,
    documented,
    extract::{At, OptionalBody},
    permit::{Permit, Read},
};
use crate::{
    Error, Result,
    model::{Scope, Widget, widget::Source},
    script::template::Plan,
};
use aide::axum::{ApiRouter, routing::post_with};
use axum::{Json, extract::State};
use schemars::JsonSchema;
use serde::Deserialize;
use serde_json::{Map, Value, json};
use std::time::Duration;
use uuid::Uuid;

/// How long the templates of a widget's parameters may take.
const RESOLVE: Duration = Duration::from_secs(2);

impl Crud for Widget {
    fn prepare(_: &App, _: &Scope, _: Uuid, spec: Self, _: Option<&Self>) -> Result<Self> {
        if let Some(source) = spec.source()? {
            plan(&source)?;
        }
        Ok(spec)
    }
}

/// Values for the variables that widgets use.
#[derive(Default, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
pub struct Variables {
    #[serde(default)]
    pub variables: Map<String, Value>,
}

pub fn routes() -> ApiRouter<App> {
    ApiRouter::new().api_route(
        "/widgets/{widgetID}/data",
        post_with(data, |op| about::<Widget>(op, "data", "Get the data that is drawn by").with(documented::external)),
    )
}

/// Whoever may see the widget may see its data, and can set nothing but the declared parameters.
async fn data(
    Permit { scope, .. }: Permit<Widget, Read>,
    State(app): State<App>,
    at: At<Widget>,
    OptionalBody(body): OptionalBody<Variables>,
) -> Result<Json<Option<QueryResult>>> {
    let widget = app.store.get(|tx| tx.find::<Widget>(&scope, at.id))?;
    let Some(source) = widget.spec.source()? else { return Ok(Json(None)) };
    let parameters = resolve(&app, &scope, &source, &body.variables).await?;
    Ok(Json(Some(app.executor.saved(&scope, source.query_id, parameters).await?.into())))
}

/// The query's parameters, with the variables filled in.
pub async fn resolve(
    app: &App,
    scope: &Scope,
    source: &Source,
    vars: &Map<String, Value>,
) -> Result<Map<String, Value>> {
    let globals = Map::from_iter([("vars".to_owned(), json!(vars))]).into();
    let sandbox = app.sandbox.owned_by(scope.tenant);
    let resolved = plan(source)?.resolve(&globals, &sandbox, RESOLVE).await;
    match resolved.map_err(|problem| problem.at("config.parameters"))? {
        // what a variable leaves open takes the parameter's default
        Value::Object(parameters) => Ok(parameters.into_iter().filter(|(_, value)| !value.is_null()).collect()),
        _ => Err(Error::invalid("config.parameters", "must be an object")),
    }
}

fn plan(source: &Source) -> Result<Plan> {
    Plan::parse(&Value::Object(source.parameters.clone()))
        .map_err(|problem| Error::invalid(format!("config.parameters.{}", problem.path), problem.message))
}
