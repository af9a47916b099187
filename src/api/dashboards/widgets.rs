//! Extra endpoint of widgets: their data.
use super::{actions::changes, choices, parameters::USER_FIELDS, questions::ItemQuery, writing};
use crate::{
    Error, Result,
    api::{
        App,
        access::permit::{Permit, Read},
        data::data_queries::QueryResult,
        records::{
            crud::{Crud, about},
            steps::UnsavedQueries,
        },
        requests::extract::{At, OptionalBody},
        responses::{documented, large::Large},
    },
    budget::MemoryOwner,
    clock::Time,
    connect::{self, Capabilities},
    model::{
        Dashboard, DataQuery, Datasource, Permission, Record, Resource, Scope, Widget,
        dashboard::{DashboardVariable, check_plain, check_values},
        widget::{WidgetSource, kinds::TableRequest},
    },
    script::template::{Expression, JsonTemplate, Segment},
};
use aide::axum::{ApiRouter, routing::post_with};
use axum::extract::State;
use schemars::JsonSchema;
use serde::Deserialize;
use serde_json::{Map, Value};
use std::sync::Arc;
use uuid::Uuid;

impl Crud for Widget {
    const STORED_WITHOUT: Option<&'static [&'static str]> = Some(&[]);

    fn check_author(scope: &Scope, spec: &Self, old: Option<&Self>) -> Result<()> {
        changes::check_author(scope, spec, old)
    }

    fn prepare(_: &App, _: &Scope, _: Uuid, spec: Self, _: Option<&Self>) -> Result<Self> {
        if let Some(source) = spec.source()? {
            check_parameters(source)?;
        }
        Ok(spec)
    }

    fn check_source(app: &App, scope: &Scope, spec: &Self, unsaved: &UnsavedQueries) -> Result<()> {
        writing::check_widget(app, scope, spec, unsaved)?;
        let Some(source) = spec.source()? else { return Ok(()) };
        let can = |capability: fn(&Capabilities) -> bool| has(app, scope, source.query_id, unsaved, capability);
        if spec.grid()?.is_some() && !can(|able| able.edits) {
            let message = "rows of this query's datasource cannot be edited: choose a query of a database";
            return Err(Error::invalid("config.queryID", message));
        }
        let reads_pages = source.server.is_some_and(|server| server.limit.is_some());
        if source.page_size.is_some() && !reads_pages && !can(|able| able.slices) {
            let message = "the datasource of this query does not support paging: turn this off";
            return Err(Error::invalid("config.serverPaging", message));
        }
        Ok(())
    }
}

/// Returns whether the query's datasource has a capability. Also true for a missing query, which is reported with the
/// other links.
fn has(app: &App, scope: &Scope, query: Uuid, unsaved: &UnsavedQueries, capability: fn(&Capabilities) -> bool) -> bool {
    let found = app.store.get(|tx| {
        let datasource = match unsaved.0.get(&query) {
            Some(query) => query.datasource_id,
            None => tx.find::<DataQuery>(scope, query)?.spec.datasource_id,
        };
        tx.find::<Datasource>(scope, datasource)
    });
    let Ok(datasource) = found else { return true };
    connect::find(&datasource.spec.r#type).is_some_and(|connector| capability(&connector.about().capabilities))
}

/// Values of the variables that a widget uses, and the page.
#[derive(Default, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
pub struct WidgetDataRequest {
    #[serde(default)]
    pub variables: Map<String, Value>,
    /// Page number, from 0, if the widget is paged.
    #[serde(default)]
    pub page: Option<u32>,
    /// What to show of a table on the server side, instead of `page`.
    #[serde(default)]
    pub table: Option<TableRequest>,
}

pub fn routes() -> ApiRouter<App> {
    ApiRouter::new().api_route(
        "/widgets/{widgetID}/data",
        post_with(data, |op| {
            about::<Widget>(op, "data", "Get the data of").with(documented::external).with(documented::asks)
        }),
    )
}

/// Anyone who may read the widget may see its data, but can set only the declared parameters.
async fn data(
    Permit { scope, .. }: Permit<Widget, Read>,
    State(app): State<App>,
    at: At<Widget>,
    OptionalBody(body): OptionalBody<WidgetDataRequest>,
) -> Result<Large<Option<QueryResult>>> {
    let widget = app.store.get(|tx| tx.find::<Widget>(&scope, at.id))?;
    let dashboards = if widget.spec.source()?.is_some() { showing(&app, &scope, at.id)? } else { Vec::new() };
    check_variables(&app, &scope, &dashboards, &body.variables).await?;
    let variables = settled(&dashboards, &body.variables, scope.now);
    let page = body.page.map(|page| TableRequest { page, ..TableRequest::default() });
    let asked = ItemQuery::of(&app, &scope, &widget.spec, &variables, body.table.or(page)).await?;
    let Some(asked) = asked else {
        return Large::of(None, Arc::new(app.budget.hold(MemoryOwner::Tenant(scope.tenant)))).await;
    };
    let result = asked.run(&app, &scope).await?;
    let hold = result.hold();
    Large::of(Some(result), hold).await
}

/// Returns the dashboards that show a widget, by name: also those that the caller may not open, because their rules hold
/// for everyone.
fn showing(app: &App, scope: &Scope, id: Uuid) -> Result<Vec<Record<Dashboard>>> {
    let scope = &scope.everywhere();
    app.store.get(|tx| {
        let users = tx.dependents(scope, id)?;
        let dashboards = users.iter().filter(|user| user.kind.noun == Dashboard::KIND.noun);
        dashboards.map(|user| tx.find::<Dashboard>(scope, user.id)).collect()
    })
}

/// Returns the values of the variables with ranges resolved, and with the defaults of those that the dashboards declare
/// and that were not sent: a widget alone must not show more than on a dashboard. Of several dashboards, the first one
/// decides.
fn settled(dashboards: &[Record<Dashboard>], given: &Map<String, Value>, now: Time) -> Map<String, Value> {
    let mut values = given.clone();
    for dashboard in dashboards.iter().rev() {
        for variable in &dashboard.spec.variables {
            let value = given.get(&variable.name).unwrap_or(&variable.default);
            let declared = variable.check_value(value).map(|()| variable.as_declared(value.clone()));
            let resolved = declared.and_then(|value| variable.resolve(value, dashboard.spec.local(now)));
            if let Ok(resolved) = resolved {
                values.insert(variable.name.clone(), resolved);
            }
        }
    }
    values
}

/// Checks the values of variables. A widget declares no variables, but the dashboards that show it do: a value that one
/// of them accepts is accepted here, too. A variable that none of them declares accepts plain values, which the query's
/// parameters check. Callers who may execute queries can send any values.
async fn check_variables(
    app: &App,
    scope: &Scope,
    dashboards: &[Record<Dashboard>],
    given: &Map<String, Value>,
) -> Result<()> {
    if given.is_empty() || scope.grants.may(Permission::DataQueryExecute) {
        return Ok(());
    }
    for (name, value) in given {
        let one = Map::from_iter([(name.clone(), value.clone())]);
        let mut outcome = None;
        for (dashboard, variable) in declaring(dashboards, name) {
            let checked = match check_values(variable, &one) {
                Ok(()) => {
                    let one = one.iter().map(|(name, value)| (name.clone(), variable[0].as_declared(value.clone())));
                    choices::check(app, &scope.everywhere(), variable, &one.collect(), given).await
                }
                refused => refused,
            };
            outcome = Some(match checked {
                // the message may tell what the dashboard offers
                Err(_) if !scope.dashboards.shows(Some(dashboard)) => {
                    Err(Error::invalid(format!("variables.{name}"), "is not one of the values that are allowed here"))
                }
                checked => checked,
            });
            if matches!(outcome, Some(Ok(()))) {
                break;
            }
        }
        let plain = || check_plain(value).map_err(|why| Error::invalid(format!("variables.{name}"), why));
        outcome.unwrap_or_else(plain)?;
    }
    Ok(())
}

/// Returns the dashboards that declare a variable, each with the variable.
fn declaring<'a>(dashboards: &'a [Record<Dashboard>], name: &str) -> Vec<(Uuid, &'a [DashboardVariable])> {
    let of = |one: &'a Record<Dashboard>| {
        let variable = one.spec.variables.iter().find(|variable| variable.name == name)?;
        Some((one.id, std::slice::from_ref(variable)))
    };
    dashboards.iter().filter_map(of).collect()
}

/// Checks that the templates in a widget's parameters can be parsed, and that they name known fields of the person.
fn check_parameters(source: WidgetSource<'_>) -> Result<()> {
    let at = |path: &str| format!("config.parameters.{path}");
    let plan = JsonTemplate::parse(&Value::Object(source.parameters.clone()))
        .map_err(|problem| Error::invalid(at(&problem.path), problem.message))?;
    let wrong = plan.expressions().into_iter().find_map(|(path, one)| Some((path, unknown_field(one)?)));
    match wrong {
        Some((path, field)) => {
            let known = USER_FIELDS.join(", ");
            Err(Error::invalid(at(&path), format!("`user` has no field `{field}`: use one of {known}")))
        }
        None => Ok(()),
    }
}

/// Returns the field of the person that an expression names and that does not exist.
fn unknown_field(expression: &Expression) -> Option<String> {
    match expression.path.as_deref()? {
        [Segment::Key(root), Segment::Key(field), ..] if root == "user" => {
            Some(field.clone()).filter(|field| !USER_FIELDS.contains(&field.as_str()))
        }
        _ => None,
    }
}
