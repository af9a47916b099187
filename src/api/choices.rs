//! The choices of dashboard variables that come from queries.
use super::{
    App,
    dashboards::{Answer, Brought},
};
use crate::{
    Error, Result,
    execute::Ask,
    model::{
        Scope,
        dashboard::{Choices, Variable, VariableType},
    },
};
use futures_util::{Stream, StreamExt, stream};
use moka::sync::Cache;
use serde::Serialize;
use serde_json::{Map, Value};
use std::{collections::HashSet, sync::Arc, time::Duration};
use uuid::Uuid;

/// How many choices one variable offers.
const MAX: usize = 1000;

/// How long the values that a query has offered are known. A value beyond them is looked for in a new answer.
const KNOWN_FOR: Duration = Duration::from_secs(30);
/// How many bytes all known values may have.
const KNOWN: u64 = 8 << 20;

/// A tenant's query and its column with the values.
type Source = (Uuid, Uuid, String);

/// The values that queries offered in the last seconds, so that a request with a chosen value need not run its query again.
pub struct Offered(Cache<Source, Arc<HashSet<String>>>);

impl Default for Offered {
    fn default() -> Self {
        let weight = |(_, _, column): &Source, values: &Arc<HashSet<String>>| {
            let bytes = values.iter().map(|value| value.len() + 64).sum::<usize>() + column.len() + 64;
            u32::try_from(bytes).unwrap_or(u32::MAX)
        };
        Self(Cache::builder().max_capacity(KNOWN).weigher(weight).time_to_live(KNOWN_FOR).build())
    }
}

impl Offered {
    fn has(&self, source: &Source, value: &str) -> bool {
        self.0.get(source).is_some_and(|values| values.contains(value))
    }

    fn learn(&self, source: Source, data: &Value) -> Arc<HashSet<String>> {
        let rows = data.as_array().into_iter().flatten();
        let values = Arc::new(rows.filter_map(|row| text(row.get(&source.2)?)).collect());
        self.0.insert(source, Arc::clone(&values));
        values
    }
}

fn source_of(scope: &Scope, source: &Choices) -> Source {
    (scope.tenant, source.query_id, source.value_field.clone())
}

/// Refuses values that are not among the choices that their variables' queries have now, or had within 30 seconds.
///
/// # Errors
/// `Invalid` at `variables.<name>`; what the query failed with.
pub async fn check(app: &App, scope: &Scope, declared: &[Variable], given: &Map<String, Value>) -> Result<()> {
    for variable in declared {
        let chosen = given.get(&variable.name).and_then(|value| variable.chosen(value));
        let Some((source, value)) = chosen else { continue };
        let key = source_of(scope, source);
        if app.offered.has(&key, value) {
            continue;
        }
        let outcome = app.executor.saved(scope, source.query_id, Ask::default()).await?;
        if !app.offered.learn(key, &outcome.data).contains(value) {
            return Err(Error::invalid(format!("variables.{}", variable.name), VariableType::Select.rule()));
        }
    }
    Ok(())
}

/// A value to choose, with the words for it.
#[derive(Clone, Debug, PartialEq, Eq, Serialize)]
pub struct Choice {
    pub value: String,
    pub label: String,
}

/// The choices of each variable that has a query for them, as they become known.
pub fn choices(app: App, scope: Scope, variables: &[Variable]) -> impl Stream<Item = Answer> + Send + use<> {
    let asked: Vec<_> =
        variables.iter().filter_map(|known| Some((known.name.clone(), known.source.clone()?))).collect();
    stream::iter(asked)
        .map(move |(name, source)| {
            let (app, scope) = (app.clone(), scope.clone());
            async move {
                let outcome = app.executor.saved(&scope, source.query_id, Ask::default()).await;
                let outcome = outcome.map(|outcome| {
                    app.offered.learn(source_of(&scope, &source), &outcome.data);
                    Brought::Choices(read(&outcome.data, &source))
                });
                Answer { event: "options", keys: vec![name], outcome }
            }
        })
        .buffer_unordered(4)
}

/// Each value once, in the order of the rows.
fn read(data: &Value, source: &Choices) -> Vec<Choice> {
    let mut seen = HashSet::new();
    let choice = |row: &Value| {
        let value = text(row.get(&source.value_field)?)?;
        let label = source.label_field.as_ref().and_then(|field| text(row.get(field)?));
        seen.insert(value.clone()).then(|| Choice { label: label.unwrap_or_else(|| value.clone()), value })
    };
    data.as_array().into_iter().flatten().filter_map(choice).take(MAX).collect()
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
    use super::{Choice, read};
    use crate::model::dashboard::Choices;
    use serde_json::json;

    #[test]
    fn each_value_is_offered_once_with_its_words() {
        let rows = json!([{"id": 1, "name": "One"}, {"id": 1, "name": "Again"}, {"id": null}, {"id": "b", "name": ""}]);
        let source =
            Choices { query_id: uuid::Uuid::nil(), value_field: "id".into(), label_field: Some("name".into()) };
        let choice = |value: &str, label: &str| Choice { value: value.into(), label: label.into() };
        assert_eq!(read(&rows, &source), [choice("1", "One"), choice("b", "b")]);
        assert_eq!(read(&json!({"id": 1}), &source), []);
    }
}
