//! Every row of an answer on its way out: in batches, no faster than they are taken.
use super::{Column, Rows};
use crate::{Error, Result, error::DatasourceProblem, json::cost};
use serde_json::{Map, Value};
use std::sync::Arc;
use tokio::sync::mpsc::{Receiver, Sender, channel};

/// Batches under way at once.
const BATCHES: usize = 4;
/// Rows of one batch.
const BATCH: usize = 500;
/// What one batch takes in memory, about.
const WEIGHT: usize = 1 << 20;
/// What an export takes: the batches that wait, and those that are made and sent.
pub(super) const HELD: usize = (BATCHES + 2) * WEIGHT;

/// A part of a streamed answer: the columns come first, once.
#[derive(Clone, Debug, PartialEq)]
pub enum Part {
    Columns(Arc<[Column]>),
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
    ///
    /// # Errors
    /// `Datasource` when it was cut at a limit: an export is whole or fails.
    pub async fn send_all(&self, rows: Rows) -> Result<()> {
        if rows.truncated {
            return Err(Error::Datasource(Box::new(DatasourceProblem {
                message: "the answer is longer than the limit, and is not exported in part".to_owned(),
                hint: Some(
                    "raise the query's limit on rows, take the transformer out, or ask for less at once".to_owned(),
                ),
                ..DatasourceProblem::default()
            })));
        }
        let data = match Arc::unwrap_or_clone(rows.data) {
            Value::Array(items) => items,
            Value::Null => Vec::new(),
            one => vec![one],
        };
        let columns = rows.columns.unwrap_or_else(|| columns_of(&data).into());
        let names: Vec<String> = columns.iter().map(|column| column.name.clone()).collect();
        self.send(Part::Columns(columns)).await?;
        let mut items = data.into_iter().map(|item| cells(item, &names)).peekable();
        while items.peek().is_some() {
            self.send(Part::Rows(items.by_ref().take(BATCH).collect())).await?;
        }
        Ok(())
    }
}

/// Rows on their way into a sink: gathered until they are enough to send. The columns go with the first row, so that
/// a query that fails before has sent nothing.
pub(super) struct Batch {
    columns: Option<Arc<[Column]>>,
    rows: Vec<Vec<Value>>,
    weight: usize,
}

impl Batch {
    /// Of `columns` whose names differ.
    pub fn new(columns: Arc<[Column]>) -> Self {
        Self { columns: Some(columns), rows: Vec::new(), weight: 0 }
    }

    /// Takes a row; gives what is to be sent by now.
    ///
    /// # Errors
    /// A row that alone weighs more than `most` bytes.
    pub fn push(&mut self, row: Vec<Value>, most: usize) -> Result<impl Iterator<Item = Part> + use<>> {
        let weight: usize = row.iter().map(cost).sum();
        if weight > most {
            return Err(Error::datasource(format!("a row is larger than {} MiB", most >> 20)));
        }
        self.weight += weight;
        self.rows.push(row);
        let full = self.rows.len() >= BATCH || self.weight >= WEIGHT;
        Ok(self.take(full))
    }

    /// What is left to send after the last row.
    pub fn finish(mut self) -> impl Iterator<Item = Part> {
        let rest = !self.rows.is_empty();
        self.take(rest)
    }

    fn take(&mut self, rows: bool) -> impl Iterator<Item = Part> + use<> {
        let columns = self.columns.take().map(Part::Columns);
        let rows = rows.then(|| {
            self.weight = 0;
            Part::Rows(std::mem::take(&mut self.rows))
        });
        columns.into_iter().chain(rows)
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
    use super::{BATCH, Batch, Part, pipe};
    use crate::connect::Rows;
    use serde_json::json;
    use std::sync::Arc;

    #[tokio::test]
    async fn an_answer_that_was_cut_is_not_sent_as_if_it_were_whole() {
        let (sink, _parts) = pipe();
        let rows = Rows { data: Arc::new(json!([{"a": 1}])), truncated: true, ..Rows::default() };
        assert!(sink.send_all(rows).await.unwrap_err().to_string().contains("not exported in part"));
    }

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

    #[test]
    fn a_batch_is_full_by_rows_or_by_weight() {
        let sizes = |parts: &mut dyn Iterator<Item = Part>| -> Vec<usize> {
            parts.map(|part| if let Part::Rows(rows) = part { rows.len() } else { 0 }).collect()
        };
        let mut batch = Batch::new(Arc::default());
        let mut seen = Vec::new();
        for i in 0..1200 {
            seen.extend(sizes(&mut batch.push(vec![json!(i)], 1000).unwrap()));
        }
        assert_eq!(seen, [0, BATCH, BATCH], "the columns come with the first row");
        assert_eq!(sizes(&mut batch.finish()), [200]);
        let mut batch = Batch::new(Arc::default());
        let heavy = vec![json!("x".repeat(600_000))];
        assert_eq!(sizes(&mut batch.push(heavy.clone(), 1 << 20).unwrap()), [0]);
        assert_eq!(sizes(&mut batch.push(heavy.clone(), 1 << 20).unwrap()), [2]);
        assert!(batch.push(heavy, 500_000).is_err());
        assert_eq!(sizes(&mut Batch::new(Arc::default()).finish()), [0], "no rows, but columns");
    }
}
