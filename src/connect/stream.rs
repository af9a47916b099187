//! Every row of an answer on its way out: in batches, no faster than they are taken.
use super::{Column, Rows};
use crate::{Error, Result};
use serde_json::{Map, Value};
use tokio::sync::mpsc::{Receiver, Sender, channel};

/// Batches under way at once.
const BATCHES: usize = 4;
/// Rows of one batch, where the source does not say otherwise.
const BATCH: usize = 500;

/// A part of a streamed answer: the columns come first, once.
#[derive(Clone, Debug, PartialEq)]
pub enum Part {
    Columns(Vec<Column>),
    /// Each row has a value for each column.
    Rows(Vec<Vec<Value>>),
}

/// Where a source sends its rows.
#[derive(Clone, Debug)]
pub struct Sink(Sender<Result<Part>>);

/// A sink, and what comes out of it; a failure is the last thing to come.
pub fn pipe() -> (Sink, Receiver<Result<Part>>) {
    let (sender, receiver) = channel(BATCHES);
    (Sink(sender), receiver)
}

impl Sink {
    /// Waits until there is room.
    ///
    /// # Errors
    /// `Unavailable` when nobody takes the rows any more.
    pub async fn send(&self, part: Part) -> Result<()> {
        self.0.send(Ok(part)).await.map_err(|_| gone())
    }

    /// The same from a blocking thread.
    pub fn send_blocking(&self, part: Part) -> Result<()> {
        self.0.blocking_send(Ok(part)).map_err(|_| gone())
    }

    /// Waits for the end of `work`, which fills this sink, or until nobody takes the rows any more.
    pub(super) async fn drive(self, work: impl Future<Output = Result<()>>) {
        let done = tokio::select! {
            done = work => done,
            () = self.0.closed() => return,
        };
        if let Err(error) = done {
            // whoever is gone needs no reason
            let _ = self.0.send(Err(error)).await;
        }
    }

    /// Sends an answer that is there as a whole.
    pub async fn send_all(&self, rows: Rows) -> Result<()> {
        let data = match std::sync::Arc::unwrap_or_clone(rows.data) {
            Value::Array(items) => items,
            Value::Null => Vec::new(),
            one => vec![one],
        };
        let columns = rows.columns.unwrap_or_else(|| columns_of(&data));
        let names: Vec<String> = columns.iter().map(|column| column.name.clone()).collect();
        self.send(Part::Columns(columns)).await?;
        let mut items = data.into_iter().map(|item| cells(item, &names)).peekable();
        while items.peek().is_some() {
            self.send(Part::Rows(items.by_ref().take(BATCH).collect())).await?;
        }
        Ok(())
    }
}

fn gone() -> Error {
    Error::Unavailable("nobody takes the rows any more")
}

/// The names in the rows, in the order in which they first come; `value` where rows are no objects.
fn columns_of(rows: &[Value]) -> Vec<Column> {
    let mut seen = Map::new();
    for row in rows {
        match row {
            Value::Object(row) => row.keys().for_each(|name| drop(seen.insert(name.clone(), Value::Null))),
            _ => drop(seen.insert("value".to_owned(), Value::Null)),
        }
    }
    seen.into_iter().map(|(name, _)| Column { name, r#type: String::new() }).collect()
}

fn cells(row: Value, names: &[String]) -> Vec<Value> {
    match row {
        Value::Object(mut row) => names.iter().map(|name| row.remove(name).unwrap_or_default()).collect(),
        other => names.iter().map(|name| if name == "value" { other.clone() } else { Value::Null }).collect(),
    }
}

#[cfg(test)]
#[allow(clippy::unwrap_used)]
mod tests {
    use super::{Part, pipe};
    use crate::connect::Rows;
    use serde_json::json;
    use std::sync::Arc;

    #[tokio::test]
    async fn an_answer_without_columns_gets_them_from_its_rows() {
        let (sink, mut parts) = pipe();
        let data = Arc::new(json!([{"a": 1}, {"b": 2, "a": null}, 3]));
        sink.send_all(Rows { data, ..Rows::default() }).await.unwrap();
        drop(sink);
        let Some(Ok(Part::Columns(columns))) = parts.recv().await else { panic!("no columns") };
        let names: Vec<_> = columns.iter().map(|column| column.name.as_str()).collect();
        assert_eq!(names, ["a", "b", "value"]);
        let rows = [
            [json!(1), json!(null), json!(null)],
            [json!(null), json!(2), json!(null)],
            [json!(null), json!(null), json!(3)],
        ];
        assert_eq!(parts.recv().await.unwrap().unwrap(), Part::Rows(rows.map(Vec::from).to_vec()));
        assert!(parts.recv().await.is_none());
    }
}
