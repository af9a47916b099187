//! The values to select from in a form's field, and the check of a selected one.
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
    connect::{DescribedColumn, QueryOutcome},
    model::{Dashboard, Scope, Widget, widget::kinds::FieldChoices},
};
use aide::axum::{ApiRouter, routing::post_with};
use axum::{Json, extract::State};
use schemars::JsonSchema;
use serde::{Deserialize, Serialize};
use serde_json::{Map, Value};

/// The most choices that are sent at once. Others can be found by searching.
const MOST: usize = 200;
/// The most characters of a search text.
const MAX_SEARCH: usize = 200;

/// Whose choices to send.
#[derive(Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
struct ChoicesRequest {
    /// The key of the item with the form.
    item: String,
    /// The name of the field.
    field: String,
    /// Only choices that contain this text.
    #[serde(default)]
    #[schemars(length(max = 200))]
    search: String,
    /// The current value, whose choice is also sent.
    #[serde(default)]
    value: Value,
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
            about::<Dashboard>(op, "choices", "List the choices of a form's field on")
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
    if body.search.chars().count() > MAX_SEARCH {
        return Err(Error::invalid("search", format!("must be at most {MAX_SEARCH} characters")));
    }
    let ShownItem { widget, .. } = ShownItem::find(&app, &scope, at, &body.item, body.variables).await?;
    let known = widget.spec.choices()?;
    let found = known.iter().find(|(name, _)| *name == body.field);
    let (_, choices) = found.ok_or_else(|| Error::invalid("field", "is not a field with choices from a query"))?;
    let outcome = run(&app, &scope, choices, body.search.trim(), &body.value).await?;
    // a query without a parameter for the text returns all rows
    let wanted = if choices.search.is_some() { String::new() } else { body.search.trim().to_lowercase() };
    Ok(Json(read(&outcome, choices, &wanted)))
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
        let is_same = |row: &Value| row.get(&choices.value_field).is_some_and(|one| text(one) == text(value));
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
    app.executor.saved(scope, choices.query_id, parameters).await
}

/// Returns each distinct value that contains `wanted`, in the order of the rows. `wanted` must be in lower case.
fn read(outcome: &QueryOutcome, choices: &FieldChoices, wanted: &str) -> FieldChoiceList {
    let mut found: Vec<FieldChoice> = Vec::new();
    let mut more = outcome.truncated;
    for row in outcome.data.as_array().into_iter().flatten() {
        let Some(value) = row.get(&choices.value_field).filter(|value| !value.is_null()) else { continue };
        let label = choices.label_field.as_ref().and_then(|field| row.get(field)).filter(|label| !label.is_null());
        let label = text(label.unwrap_or(value));
        if !label.to_lowercase().contains(wanted) || found.iter().any(|one| one.value == *value) {
            continue;
        }
        if found.len() == MOST {
            more = true;
            break;
        }
        found.push(FieldChoice { value: value.clone(), label });
    }
    let column = |name: &str| outcome.column(name).cloned();
    let labels = choices.label_field.as_deref().filter(|name| !name.is_empty()).unwrap_or(&choices.value_field);
    FieldChoiceList { choices: found, more, value_column: column(&choices.value_field), label_column: column(labels) }
}

fn text(value: &Value) -> String {
    value.as_str().map_or_else(|| value.to_string(), str::to_owned)
}
