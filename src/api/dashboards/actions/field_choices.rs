//! The values to select from in a form's field or an editable table's column, and the check of a selected one.
use super::ShownItem;
use crate::{
    Error, Result,
    api::{
        App,
        access::permit::{Permit, Read},
        records::crud::about,
        requests::extract::{At, Body},
        responses::documented,
    },
    connect::{DescribedColumn, QueryOutcome, ReferenceLookup, WantedRows},
    execute::ExecutionOptions,
    json::number::canonical,
    model::{
        Dashboard, Permission, Scope, Widget,
        widget::kinds::{FieldChoices, GridReference},
    },
};
use aide::axum::{ApiRouter, routing::post_with};
use axum::{Json, extract::State};
use schemars::JsonSchema;
use serde::{Deserialize, Serialize};
use serde_json::{Map, Value};
use std::collections::HashSet;
use uuid::Uuid;

/// The most choices that are sent at once. Others can be found by searching.
const MOST: usize = 200;
/// The most values and texts in a request.
const MOST_ASKED: usize = 500;
/// The most characters of a search text.
const MAX_SEARCH: usize = 200;

/// How often keys that were refused are looked up again in smaller groups.
const MOST_REFUSALS: usize = 24;

/// Whose choices to send.
#[derive(Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
struct ChoicesRequest {
    /// The key of the item with the form or the editable table.
    item: String,
    /// The name of the field, or of a column that refers to rows of a table.
    field: String,
    /// Only choices that contain this text.
    #[serde(default)]
    #[schemars(length(max = 200))]
    search: String,
    /// The current value, whose choice is also sent.
    #[serde(default)]
    value: Value,
    /// Keys in a column of an editable table. If given, only their choices are sent.
    #[serde(default)]
    #[schemars(length(max = 500))]
    values: Option<Vec<Value>>,
    /// Keys or labels that people entered in a column of an editable table. If given, only the choices that have one of
    /// them as their value or label are sent, ignoring case.
    #[serde(default)]
    #[schemars(length(max = 500))]
    texts: Option<Vec<String>>,
    /// Values of the dashboard's variables.
    #[serde(default)]
    variables: Map<String, Value>,
}

/// A value to select.
#[derive(Serialize, JsonSchema)]
struct FieldChoice {
    value: Value,
    label: String,
}

#[derive(Serialize, JsonSchema)]
#[serde(rename_all = "camelCase")]
struct FieldChoiceList {
    choices: Vec<FieldChoice>,
    /// Whether there may be more.
    more: bool,
    /// The column of the values, with its colors.
    #[serde(skip_serializing_if = "Option::is_none")]
    value_column: Option<DescribedColumn>,
    /// The column of the labels, with its format.
    #[serde(skip_serializing_if = "Option::is_none")]
    label_column: Option<DescribedColumn>,
}

pub fn routes() -> ApiRouter<App> {
    ApiRouter::new().api_route(
        "/dashboards/{dashboardID}/choices",
        post_with(list, |op| {
            about::<Dashboard>(op, "choices", "List the choices of a form's field or an editable table's column on")
                .with(documented::external)
                .with(documented::asks)
        }),
    )
}

/// Anyone who may read the dashboard may see the choices of its forms: the author's permission to run their queries was
/// checked when the widget was saved.
async fn list(
    Permit { scope, .. }: Permit<Dashboard, Read>,
    State(app): State<App>,
    at: At<Dashboard>,
    Body(body): Body<ChoicesRequest>,
) -> Result<Json<FieldChoiceList>> {
    let ChoicesRequest { item, field, search, value, values, texts, variables } = body;
    if search.chars().count() > MAX_SEARCH {
        return Err(Error::invalid("search", format!("must be at most {MAX_SEARCH} characters")));
    }
    let given = [("values", values.as_ref().map(Vec::len)), ("texts", texts.as_ref().map(Vec::len))];
    for (path, count) in given {
        if count.is_some_and(|count| count > MOST_ASKED) {
            return Err(Error::invalid(path, format!("must have at most {MOST_ASKED} items")));
        }
    }
    let ShownItem { widget, .. } = ShownItem::find(&app, &scope, at, &item, variables).await?;
    if let Some(grid) = widget.spec.grid()? {
        let to = grid.reference(&field);
        let to = to.ok_or_else(|| Error::invalid("field", "is not a column that refers to rows of a table"))?;
        let wanted = wanted(&scope, search.trim(), values, texts)?;
        return refer(&app, &scope, grid.query_id, to, wanted).await.map(Json);
    }
    if let Some((path, _)) = given.into_iter().find(|(_, count)| count.is_some()) {
        return Err(Error::invalid(path, "is only for columns of editable tables: leave it out"));
    }
    let known = widget.spec.choices()?;
    let found = known.iter().find(|(name, _)| *name == field);
    let (_, choices) = found.ok_or_else(|| Error::invalid("field", "is not a field with choices from a query"))?;
    let outcome = run(&app, &scope, choices, search.trim(), &value).await?;
    // a query without a parameter for the text returns all rows
    let wanted = if choices.search.is_some() { String::new() } else { search.trim().to_lowercase() };
    Ok(Json(read(&outcome, choices, &wanted)))
}

/// Returns which rows of an editable table's column are asked for. People who see the column see the labels of its keys;
/// other rows are for those who may change it.
fn wanted(scope: &Scope, search: &str, values: Option<Vec<Value>>, texts: Option<Vec<String>>) -> Result<WantedRows> {
    if let Some(values) = values {
        let keys = values.into_iter().filter(|key| !key.is_null() && !key.is_array() && !key.is_object());
        return Ok(WantedRows::Keys(keys.collect()));
    }
    let permission = Permission::DashboardUse;
    if !scope.grants.may(permission) {
        return Err(Error::Forbidden(format!("your role needs {permission} to search for other values")));
    }
    Ok(texts.map_or_else(|| WantedRows::Containing(search.to_owned()), WantedRows::Texts))
}

/// Returns rows that a column of an editable table refers to.
async fn refer(
    app: &App,
    scope: &Scope,
    query: Uuid,
    to: &GridReference,
    wanted: WantedRows,
) -> Result<FieldChoiceList> {
    let mut lookup = ReferenceLookup {
        schema: to.schema.clone().filter(|schema| !schema.is_empty()),
        table: to.table.clone(),
        key: to.key.clone(),
        label: to.label.clone(),
        wanted: wanted.clone(),
    };
    let mut found = FieldChoiceList { choices: Vec::new(), more: false, value_column: None, label_column: None };
    let (mut rest, mut refused, mut refusals, mut read) = (vec![wanted], None, 0, 0);
    while let Some(wanted) = rest.pop() {
        lookup.wanted = wanted;
        match (app.executor.look_up(scope, query, &lookup).await, lookup.wanted.halves()) {
            (Ok(outcome), _) => {
                read += 1;
                let part = listed(&outcome, ("value", Some("label")), "", usize::MAX);
                found.choices.extend(part.choices);
                found = FieldChoiceList { choices: found.choices, more: found.more | part.more, ..part };
            }
            // the key column cannot have one of these keys, such as a text among numbers
            (Err(error @ (Error::Datasource(_) | Error::Invalid(_))), halves) if refusals < MOST_REFUSALS => {
                refusals += 1;
                rest.extend(halves.into_iter().flatten());
                refused.get_or_insert(error);
            }
            (Err(error), _) => return Err(refused.unwrap_or(error)),
        }
    }
    match refused {
        Some(error) if read == 0 => Err(error),
        _ => Ok(found),
    }
}

/// Rejects values that are not among the choices of their fields.
///
/// # Errors
/// `Invalid` at `form.<name>`, or the query's error.
pub async fn check(app: &App, scope: &Scope, widget: &Widget, form: &Value) -> Result<()> {
    for (name, choices) in widget.choices()? {
        let value = form.get(name).filter(|value| !value.is_null());
        let Some(value) = value else { continue };
        let outcome = run(app, scope, choices, "", value).await?;
        let mut rows = outcome.data.as_array().into_iter().flatten();
        let wanted = text(value);
        let is_same =
            |row: &Value| row.get(&choices.value_field).is_some_and(|one| canonical(&text(one)) == canonical(&wanted));
        if !rows.any(is_same) {
            return Err(Error::invalid(format!("form.{name}"), "must be one of the choices"));
        }
    }
    Ok(())
}

async fn run(app: &App, scope: &Scope, choices: &FieldChoices, search: &str, value: &Value) -> Result<QueryOutcome> {
    let mut parameters = Map::new();
    if let Some(name) = choices.search.as_ref().filter(|_| !search.is_empty()) {
        parameters.insert(name.clone(), search.into());
    }
    if let Some(name) = choices.value.as_ref().filter(|_| !value.is_null()) {
        parameters.insert(name.clone(), value.clone());
    }
    app.executor.saved(scope, choices.query_id, ExecutionOptions::to_show(parameters)).await
}

fn read(outcome: &QueryOutcome, choices: &FieldChoices, wanted: &str) -> FieldChoiceList {
    listed(outcome, (&choices.value_field, choices.label_field.as_deref()), wanted, MOST)
}

/// Returns up to `most` distinct values that contain `wanted`, in the order of the rows. `wanted` must be in lower case.
fn listed(
    outcome: &QueryOutcome,
    (value_field, label_field): (&str, Option<&str>),
    wanted: &str,
    most: usize,
) -> FieldChoiceList {
    let mut found: Vec<FieldChoice> = Vec::new();
    let mut seen = HashSet::new();
    let mut more = outcome.truncated;
    for row in outcome.data.as_array().into_iter().flatten() {
        let Some(value) = row.get(value_field).filter(|value| !value.is_null()) else { continue };
        let label = label_field.and_then(|field| row.get(field)).filter(|label| !label.is_null());
        let label = text(label.unwrap_or(value));
        if !label.to_lowercase().contains(wanted) || !seen.insert(value.to_string()) {
            continue;
        }
        if found.len() == most {
            more = true;
            break;
        }
        found.push(FieldChoice { value: value.clone(), label });
    }
    let column = |name: &str| outcome.column(name).cloned();
    let labels = label_field.filter(|name| !name.is_empty()).unwrap_or(value_field);
    FieldChoiceList { choices: found, more, value_column: column(value_field), label_column: column(labels) }
}

fn text(value: &Value) -> String {
    value.as_str().map_or_else(|| value.to_string(), str::to_owned)
}
