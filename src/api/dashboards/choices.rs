//! Choices of dashboard variables that come from queries.
use super::{AnswerContent, DashboardAnswer};
use crate::{
    Error, Result,
    api::App,
    execute::ExecutionOptions,
    model::{
        Scope,
        dashboard::{Choices, DashboardVariable, VariableType},
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

/// A tenant, a query and the column with the values.
type ChoiceSource = (Uuid, Uuid, String);

/// The values that queries recently returned, so that checking a selected value need not run its query again.
pub struct OfferedValues(Cache<ChoiceSource, Arc<HashSet<String>>>);

impl Default for OfferedValues {
    fn default() -> Self {
        let weight = |(_, _, column): &ChoiceSource, values: &Arc<HashSet<String>>| {
            let bytes = values.iter().map(|value| value.len() + 64).sum::<usize>() + column.len() + 64;
            u32::try_from(bytes).unwrap_or(u32::MAX)
        };
        Self(Cache::builder().max_capacity(KNOWN).weigher(weight).time_to_live(KNOWN_FOR).build())
    }
}

impl OfferedValues {
    fn has(&self, source: &ChoiceSource, value: &str) -> bool {
        self.0.get(source).is_some_and(|values| values.contains(value))
    }

    fn learn(&self, source: ChoiceSource, data: &Value) -> Arc<HashSet<String>> {
        let rows = data.as_array().into_iter().flatten();
        let values = Arc::new(rows.filter_map(|row| text(row.get(&source.2)?)).collect());
        self.0.insert(source, Arc::clone(&values));
        values
    }
}

fn source_of(scope: &Scope, source: &Choices) -> ChoiceSource {
    (scope.tenant, source.query_id, source.value_field.clone())
}

/// Rejects values that are not among the choices that their variables' queries return, or returned within 30 seconds.
///
/// # Errors
/// `Invalid` at `variables.<name>`, or the query's error.
pub async fn check(app: &App, scope: &Scope, declared: &[DashboardVariable], given: &Map<String, Value>) -> Result<()> {
    for variable in declared {
        let chosen = given.get(&variable.name).and_then(|value| variable.chosen(value));
        let Some((source, value)) = chosen else { continue };
        let key = source_of(scope, source);
        if app.offered.has(&key, value) {
            continue;
        }
        let outcome = app.executor.saved(scope, source.query_id, ExecutionOptions::default()).await?;
        if !app.offered.learn(key, &outcome.data).contains(value) {
            return Err(Error::invalid(format!("variables.{}", variable.name), VariableType::Select.rule()));
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
}

/// Streams, for each variable with a query, the choices that contain its search text, as each query finishes.
pub fn choices(
    app: App,
    scope: Scope,
    asked: Vec<(&DashboardVariable, &str)>,
) -> impl Stream<Item = DashboardAnswer> + Send + use<> {
    let asked: Vec<_> = asked
        .into_iter()
        .filter_map(|(known, wanted)| Some((known.name.clone(), known.source.clone()?, wanted.trim().to_lowercase())))
        .collect();
    stream::iter(asked)
        .map(move |(name, source, wanted)| {
            let (app, scope) = (app.clone(), scope.clone());
            async move {
                let outcome = app.executor.saved(&scope, source.query_id, ExecutionOptions::default()).await;
                let outcome = outcome.and_then(|outcome| {
                    app.offered.learn(source_of(&scope, &source), &outcome.data);
                    check_columns(&name, &outcome.data, &source)?;
                    let mut offer = read(&outcome.data, &source, &wanted);
                    offer.more |= outcome.truncated;
                    Ok(AnswerContent::Choices(offer))
                });
                DashboardAnswer { event: "options", keys: vec![name], outcome }
            }
        })
        .buffer_unordered(4)
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
    ChoiceList { choices, more: found.next().is_some() }
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
    use serde_json::json;

    #[test]
    fn each_value_is_offered_once_with_its_label() {
        let rows = json!([{"id": 1, "name": "One"}, {"id": 1, "name": "Again"}, {"id": null}, {"id": "b", "name": ""}]);
        let source =
            Choices { query_id: uuid::Uuid::nil(), value_field: "id".into(), label_field: Some("name".into()) };
        let choice = |value: &str, label: &str| VariableChoice { value: value.into(), label: label.into() };
        assert_eq!(read(&rows, &source, "").choices, [choice("1", "One"), choice("b", "b")]);
        assert_eq!(read(&rows, &source, "on").choices, [choice("1", "One")]);
        assert_eq!(read(&rows, &source, "1").choices, [choice("1", "One")]);
        assert_eq!(read(&json!({"id": 1}), &source, ""), ChoiceList::default());
    }

    #[test]
    fn choices_beyond_the_limit_are_reported_and_found_by_search() {
        let rows: Vec<_> = (0..1500).map(|n| json!({"id": format!("c{n:04}")})).collect();
        let source = Choices { query_id: uuid::Uuid::nil(), value_field: "id".into(), label_field: None };
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
        };
        assert!(check_columns("v", &rows, &source("id", Some("name"))).is_ok());
        assert!(check_columns("v", &json!([]), &source("gone", None)).is_ok());
        for (source, column) in [(source("key", None), "key"), (source("id", Some("title")), "title")] {
            let error = check_columns("v", &rows, &source).unwrap_err();
            assert!(format!("{error:?}").contains(column), "{error:?}");
        }
    }
}
