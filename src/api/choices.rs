//! The choices of dashboard variables that come from queries.
use super::{
    App,
    dashboards::{Answer, Brought},
};
use crate::{
    execute::Ask,
    model::{
        Scope,
        dashboard::{Choices, Variable},
    },
};
use futures_util::{Stream, StreamExt, stream};
use serde::Serialize;
use serde_json::Value;
use std::collections::HashSet;

/// How many choices one variable offers.
const MAX: usize = 1000;

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
                let outcome = outcome.map(|outcome| Brought::Choices(read(&outcome.data, &source)));
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
