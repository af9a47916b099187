//! Checks that widgets and dashboards show only queries that read, and pass to the others every value.
use crate::{
    Error, Result,
    api::{App, records::steps::UnsavedQueries},
    connect,
    execute::{check_complete, may_know_queries, refusal},
    model::{Dashboard, DataQuery, Datasource, Scope, Widget},
};
use uuid::Uuid;

/// A query with its name. An unsaved one has none here.
struct NamedQuery {
    name: Option<String>,
    query: DataQuery,
}

/// Checks the queries that a widget shows, and the values that its actions pass to queries that change data.
///
/// # Errors
/// `Invalid` at the path of the query or of the missing value.
pub fn check_widget(app: &App, scope: &Scope, widget: &Widget, unsaved: &UnsavedQueries) -> Result<()> {
    for link in widget.shown_queries()? {
        check_reads(app, scope, link.id, unsaved, || link.path.clone())?;
    }
    for (link, values) in widget.executed_queries()? {
        let Some(NamedQuery { query, .. }) = changing(app, scope, link.id, unsaved) else { continue };
        let action = link.path.strip_suffix(".queryID").unwrap_or(&link.path);
        check_complete(&query.parameters, &values.into(), &format!("{action}.values"))?;
    }
    Ok(())
}

/// Checks the queries that return the choices of a dashboard's variables.
///
/// # Errors
/// `Invalid` at the path of the query.
pub fn check_variables(app: &App, scope: &Scope, dashboard: &Dashboard, unsaved: &UnsavedQueries) -> Result<()> {
    for (i, variable) in dashboard.variables.iter().enumerate() {
        let Some(source) = &variable.source else { continue };
        check_reads(app, scope, source.query_id, unsaved, || format!("variables[{i}].source.queryID"))?;
    }
    Ok(())
}

fn check_reads(app: &App, scope: &Scope, id: Uuid, unsaved: &UnsavedQueries, path: impl Fn() -> String) -> Result<()> {
    match changing(app, scope, id, unsaved) {
        Some(NamedQuery { name, .. }) => {
            Err(Error::invalid(path(), refusal(name.as_deref().filter(|_| may_know_queries(scope)))))
        }
        None => Ok(()),
    }
}

/// Returns the query if it changes data; `None` also for a missing query, which is reported with the other links.
fn changing(app: &App, scope: &Scope, id: Uuid, unsaved: &UnsavedQueries) -> Option<NamedQuery> {
    let found = app.store.get(|tx| {
        let (name, query) = if let Some(query) = unsaved.0.get(&id) {
            (None, query.clone())
        } else {
            let stored = tx.find::<DataQuery>(scope, id)?;
            (Some(stored.label.name), stored.spec)
        };
        let datasource = tx.find::<Datasource>(scope, query.datasource_id)?;
        Ok((datasource.spec.r#type, NamedQuery { name, query }))
    });
    let (kind, named) = found.ok()?;
    connect::changes_data(&kind, &named.query).then_some(named)
}
