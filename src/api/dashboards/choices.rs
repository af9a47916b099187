//! Choices of dashboard variables that come from queries.
use super::{
    AnswerContent, DashboardAnswer,
    parameters::{at_variables, resolve, set_by},
};
use crate::{
    Error, Result,
    api::App,
    connect::{DescribedColumn, GivenParameters},
    execute::ExecutionOptions,
    json::number::canonical,
    model::{
        Scope,
        dashboard::{Choices, DashboardVariable},
    },
};
use futures_util::{Stream, StreamExt, stream};
use moka::sync::Cache;
use serde::Serialize;
use serde_json::{Map, Value};
use std::{collections::HashSet, sync::Arc, time::Duration};
use uuid::Uuid;

/// How many choices of a variable are sent at once. Others can be found by searching.
const MAX: usize = 1000;

/// How long the values from a query are cached. The query is run again for a value that is not among them.
const KNOWN_FOR: Duration = Duration::from_secs(30);
/// The maximum size of all cached values, in bytes.
const KNOWN: u64 = 8 << 20;

/// A tenant, a query, the column with the values, and the query's parameters as JSON.
type ChoiceSource = (Uuid, Uuid, String, String);

/// The values that queries recently returned, so that checking a selected value need not run its query again.
pub struct OfferedValues(Cache<ChoiceSource, Arc<HashSet<String>>>);

impl Default for OfferedValues {
    fn default() -> Self {
        let weight = |(_, _, column, parameters): &ChoiceSource, values: &Arc<HashSet<String>>| {
            let key = column.len() + parameters.len() + 64;
            let bytes = values.iter().map(|value| value.len() + 64).sum::<usize>() + key;
            u32::try_from(bytes).unwrap_or(u32::MAX)
        };
        Self(Cache::builder().max_capacity(KNOWN).weigher(weight).time_to_live(KNOWN_FOR).build())
    }
}

impl OfferedValues {
    fn have(&self, source: &ChoiceSource, wanted: &[&str]) -> bool {
        self.0.get(source).is_some_and(|values| wanted.iter().all(|value| values.contains(&*canonical(value))))
    }

    fn learn(&self, source: ChoiceSource, data: &Value) -> Arc<HashSet<String>> {
        let rows = data.as_array().into_iter().flatten();
        let values =
            Arc::new(rows.filter_map(|row| Some(canonical(&text(row.get(&source.2)?)?).into_owned())).collect());
        self.0.insert(source, Arc::clone(&values));
        values
    }
}

fn source_of(scope: &Scope, source: &Choices, parameters: &GivenParameters) -> Result<ChoiceSource> {
    Ok((scope.tenant, source.query_id, source.value_field.clone(), serde_json::to_string(parameters)?))
}

/// Returns the values for the parameters of the query for a variable's choices.
async fn filled(
    app: &App,
    scope: &Scope,
    (name, source): (&str, &Choices),
    variables: &Map<String, Value>,
) -> Result<GivenParameters> {
    resolve(app, scope, &source.parameters, variables, &format!("variables.{name}.source.parameters")).await
}

/// Rejects values that are not among the choices that their variables' queries return, or returned within 30 seconds.
/// `variables` are the values of all variables, on which the choices may depend.
///
/// # Errors
/// `Invalid` at `variables.<name>`, or the query's error.
pub async fn check(
    app: &App,
    scope: &Scope,
    declared: &[DashboardVariable],
    given: &Map<String, Value>,
    variables: &Map<String, Value>,
) -> Result<()> {
    for variable in declared {
        let chosen = given.get(&variable.name).and_then(|value| variable.chosen(value));
        let Some((source, wanted)) = chosen else { continue };
        let parameters = filled(app, scope, (variable.name.as_str(), source), variables).await?;
        let key = source_of(scope, source, &parameters)?;
        if app.offered.have(&key, &wanted) {
            continue;
        }
        let outcome = app.executor.saved(scope, source.query_id, ExecutionOptions::to_show(parameters)).await;
        let outcome = outcome.map_err(|error| at_variables(error, &set_by(&source.parameters)))?;
        let offered = app.offered.learn(key, &outcome.data);
        if !wanted.iter().all(|value| offered.contains(&*canonical(value))) {
            return Err(Error::invalid(format!("variables.{}", variable.name), variable.r#type.rule()));
        }
    }
    Ok(())
}

/// A value to select, with its label.
#[derive(Clone, Debug, PartialEq, Eq, Serialize)]
pub struct VariableChoice {
    pub value: String,
    pub label: String,
}

/// Choices, and whether there may be more.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize)]
pub struct ChoiceList {
    pub choices: Vec<VariableChoice>,
    pub more: bool,
    /// The column of the values, with its colors.
    pub value_column: Option<DescribedColumn>,
    /// The column of the labels, with its format.
    pub label_column: Option<DescribedColumn>,
}

/// Streams, for each variable with a query, the choices that contain its search text, as each query finishes.
pub fn choices(
    app: App,
    scope: Scope,
    asked: Vec<(&DashboardVariable, &str)>,
    variables: &Map<String, Value>,
) -> impl Stream<Item = DashboardAnswer> + Send + use<> {
    let asked: Vec<_> = asked
        .into_iter()
        .filter_map(|(known, wanted)| Some((known.name.clone(), known.source.clone()?, wanted.trim().to_lowercase())))
        .collect();
    let variables = Arc::new(variables.clone());
    stream::iter(asked)
        .map(move |(name, source, wanted)| {
            let (app, scope, variables) = (app.clone(), scope.clone(), Arc::clone(&variables));
            async move {
                let outcome = offer(&app, &scope, (name.as_str(), &source), &variables, &wanted).await;
                DashboardAnswer {
                    event: "options",
                    keys: vec![name],
                    outcome: outcome.map(|list| AnswerContent::Choices(Box::new(list))),
                }
            }
        })
        .buffer_unordered(4)
}

/// Runs the query for a variable's choices, and returns those that contain `wanted`.
async fn offer(
    app: &App,
    scope: &Scope,
    (name, source): (&str, &Choices),
    variables: &Map<String, Value>,
    wanted: &str,
) -> Result<ChoiceList> {
    let parameters = filled(app, scope, (name, source), variables).await?;
    let key = source_of(scope, source, &parameters)?;
    let outcome = app.executor.saved(scope, source.query_id, ExecutionOptions::to_show(parameters)).await;
    let outcome = outcome.map_err(|error| at_variables(error, &set_by(&source.parameters)))?;
    app.offered.learn(key, &outcome.data);
    check_columns(name, &outcome.data, source)?;
    let mut offer = read(&outcome.data, source, wanted);
    offer.more |= outcome.truncated;
    let labels = source.label_field.as_ref().filter(|name| !name.is_empty());
    offer.value_column = outcome.column(&source.value_field).cloned();
    offer.label_column = outcome.column(labels.unwrap_or(&source.value_field)).cloned();
    Ok(offer)
}

/// Rejects rows that lack a configured column, because their choices would silently be empty.
fn check_columns(name: &str, data: &Value, source: &Choices) -> Result<()> {
    let rows = data.as_array().map(Vec::as_slice).unwrap_or_default();
    let lacks = |field: &str| !rows.is_empty() && rows.iter().all(|row| row.get(field).is_none());
    let columns = [("valueField", Some(&source.value_field)), ("labelField", source.label_field.as_ref())];
    match columns.into_iter().find_map(|(at, field)| Some((at, field.filter(|field| lacks(field))?))) {
        None => Ok(()),
        Some((at, field)) => {
            Err(Error::invalid(format!("variables.{name}.source.{at}"), format!("the query has no column `{field}`")))
        }
    }
}

/// Returns each distinct value whose value or label contains `wanted`, in the order of the rows. `wanted` must be in
/// lower case.
fn read(data: &Value, source: &Choices, wanted: &str) -> ChoiceList {
    let mut seen = HashSet::new();
    let choice = |row: &Value| {
        let value = text(row.get(&source.value_field)?)?;
        let label = source.label_field.as_ref().and_then(|field| text(row.get(field)?));
        let label = label.unwrap_or_else(|| value.clone());
        let fits = [&label, &value].iter().any(|text| text.to_lowercase().contains(wanted));
        (fits && seen.insert(value.clone())).then_some(VariableChoice { value, label })
    };
    let mut found = data.as_array().into_iter().flatten().filter_map(choice);
    let choices = found.by_ref().take(MAX).collect();
    ChoiceList { choices, more: found.next().is_some(), ..ChoiceList::default() }
}

fn text(value: &Value) -> Option<String> {
    match value {
        Value::String(text) if !text.is_empty() => Some(text.clone()),
        Value::Number(number) => Some(number.to_string()),
        Value::Bool(flag) => Some(flag.to_string()),
        _ => None,
    }
}

#[cfg(test)]
#[allow(clippy::unwrap_used)]
mod tests {
    use super::{ChoiceList, VariableChoice, check_columns, read};
    use crate::model::dashboard::Choices;
    use serde_json::{Map, json};

    #[test]
    fn each_value_is_offered_once_with_its_label() {
        let rows = json!([{"id": 1, "name": "One"}, {"id": 1, "name": "Again"}, {"id": null}, {"id": "b", "name": ""}]);
        let source = Choices {
            query_id: uuid::Uuid::nil(),
            value_field: "id".into(),
            label_field: Some("name".into()),
            parameters: Map::new(),
        };
        let choice = |value: &str, label: &str| VariableChoice { value: value.into(), label: label.into() };
        assert_eq!(read(&rows, &source, "").choices, [choice("1", "One"), choice("b", "b")]);
        assert_eq!(read(&rows, &source, "on").choices, [choice("1", "One")]);
        assert_eq!(read(&rows, &source, "1").choices, [choice("1", "One")]);
        assert_eq!(read(&json!({"id": 1}), &source, ""), ChoiceList::default());
    }

    #[test]
    fn choices_beyond_the_limit_are_reported_and_found_by_search() {
        let rows: Vec<_> = (0..1500).map(|n| json!({"id": format!("c{n:04}")})).collect();
        let source = Choices {
            query_id: uuid::Uuid::nil(),
            value_field: "id".into(),
            label_field: None,
            parameters: Map::new(),
        };
        let offer = read(&json!(rows), &source, "");
        assert_eq!((offer.choices.len(), offer.more), (1000, true));
        assert!(!read(&json!(rows[..1000]), &source, "").more);
        let found = read(&json!(rows), &source, "c1234");
        assert_eq!((found.choices.len(), found.more), (1, false));
    }

    #[test]
    fn the_error_names_the_missing_column() {
        let rows = json!([{"id": 1, "name": null}]);
        let source = |value: &str, label: Option<&str>| Choices {
            query_id: uuid::Uuid::nil(),
            value_field: value.into(),
            label_field: label.map(Into::into),
            parameters: Map::new(),
        };
        assert!(check_columns("v", &rows, &source("id", Some("name"))).is_ok());
        assert!(check_columns("v", &json!([]), &source("gone", None)).is_ok());
        for (source, column) in [(source("key", None), "key"), (source("id", Some("title")), "title")] {
            let error = check_columns("v", &rows, &source).unwrap_err();
            assert!(format!("{error:?}").contains(column), "{error:?}");
        }
    }
}
