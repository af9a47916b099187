//! Streams the rows of a query in batches, no faster than the reader takes them.
use super::{
    Column, Rows,
    columns::{MOST_COLUMNS, columns},
};
use crate::{Error, Result, error::DatasourceProblem, json::cost};
use serde_json::Value;
use std::sync::Arc;
use tokio::sync::mpsc::{Receiver, Sender, channel};

/// The maximum number of batches in the channel.
const BATCHES: usize = 4;
/// The maximum number of rows per batch.
const BATCH: usize = 500;
/// The approximate maximum memory per batch, in bytes.
const WEIGHT: usize = 1 << 20;
/// The memory of an export: the batches in the channel, the one being filled and the one being sent.
pub(super) const HELD: usize = (BATCHES + 2) * WEIGHT;

/// A part of a streamed result. The columns come first, once.
#[derive(Clone, Debug, PartialEq)]
pub enum StreamPart {
    Columns(Arc<[Column]>),
    /// Each row has a value for each column.
    Rows(Vec<Vec<Value>>),
}

/// The sending side of a stream of rows.
#[derive(Clone, Debug)]
pub struct Sink(Sender<Result<StreamPart>>);

/// Returns both sides of a stream of rows. An error is always the last item.
pub fn pipe() -> (Sink, Receiver<Result<StreamPart>>) {
    let (sender, receiver) = channel(BATCHES);
    (Sink(sender), receiver)
}

impl Sink {
    /// Sends a part, waiting for room in the channel.
    ///
    /// # Errors
    /// `Unavailable` if the reader is gone.
    pub async fn send(&self, part: StreamPart) -> Result<()> {
        self.0.send(Ok(part)).await.map_err(|_| gone())
    }

    /// Like [`Sink::send`], for blocking threads.
    pub fn send_blocking(&self, part: StreamPart) -> Result<()> {
        self.0.blocking_send(Ok(part)).map_err(|_| gone())
    }

    /// Runs `work`, which fills this sink, until it ends or the reader is gone. Sends its error to the reader.
    pub(super) async fn drive(self, work: impl Future<Output = Result<()>>) {
        let done = tokio::select! {
            done = work => done,
            () = self.0.closed() => return,
        };
        if let Err(error) = done {
            // the reader may be gone already
            let _ = self.0.send(Err(error)).await;
        }
    }

    /// Sends a complete result.
    ///
    /// # Errors
    /// `Datasource` if the result was truncated: an export is complete or fails.
    pub async fn send_all(&self, rows: Rows) -> Result<()> {
        if rows.truncated {
            return Err(Error::Datasource(Box::new(DatasourceProblem {
                message: "the result exceeds the limit, and incomplete results are not exported".to_owned(),
                hint: Some(
                    "raise the query's row limit, remove the transformer, or query less data at once".to_owned(),
                ),
                ..DatasourceProblem::default()
            })));
        }
        let data = match Arc::unwrap_or_clone(rows.data) {
            Value::Array(items) => items,
            Value::Null => Vec::new(),
            one => vec![one],
        };
        // some may have been left out
        let known = rows.columns.filter(|known| known.len() != MOST_COLUMNS || data.is_empty());
        let columns = known.unwrap_or_else(|| columns(&data, usize::MAX).into());
        let names: Vec<String> = columns.iter().map(|column| column.name.clone()).collect();
        self.send(StreamPart::Columns(columns)).await?;
        let mut items = data.into_iter().map(|item| cells(item, &names)).peekable();
        while items.peek().is_some() {
            self.send(StreamPart::Rows(items.by_ref().take(BATCH).collect())).await?;
        }
        Ok(())
    }
}

/// Collects rows into batches. The columns are sent with the first row, so that a query that fails before it has sent
/// nothing.
pub(super) struct Batch {
    columns: Option<Arc<[Column]>>,
    rows: Vec<Vec<Value>>,
    weight: usize,
}

impl Batch {
    /// `columns` must have unique names.
    pub fn new(columns: Arc<[Column]>) -> Self {
        Self { columns: Some(columns), rows: Vec::new(), weight: 0 }
    }

    /// Adds a row and returns the parts that are ready to send.
    ///
    /// # Errors
    /// If the row alone exceeds `most` bytes.
    pub fn push(&mut self, row: Vec<Value>, most: usize) -> Result<impl Iterator<Item = StreamPart> + use<>> {
        let weight: usize = row.iter().map(cost).sum();
        if weight > most {
            return Err(Error::datasource(format!("a row is larger than {} MiB", most >> 20)));
        }
        self.weight += weight;
        self.rows.push(row);
        let full = self.rows.len() >= BATCH || self.weight >= WEIGHT;
        Ok(self.take(full))
    }

    /// Returns the remaining parts after the last row.
    pub fn finish(mut self) -> impl Iterator<Item = StreamPart> {
        let rest = !self.rows.is_empty();
        self.take(rest)
    }

    fn take(&mut self, rows: bool) -> impl Iterator<Item = StreamPart> + use<> {
        let columns = self.columns.take().map(StreamPart::Columns);
        let rows = rows.then(|| {
            self.weight = 0;
            StreamPart::Rows(std::mem::take(&mut self.rows))
        });
        columns.into_iter().chain(rows)
    }
}

fn gone() -> Error {
    Error::Unavailable("the reader of the rows disconnected")
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
    use super::{BATCH, Batch, StreamPart, pipe};
    use crate::connect::Rows;
    use serde_json::json;
    use std::sync::Arc;

    #[tokio::test]
    async fn a_truncated_result_is_not_exported() {
        let (sink, _parts) = pipe();
        let rows = Rows { data: Arc::new(json!([{"a": 1}])), truncated: true, ..Rows::default() };
        assert!(sink.send_all(rows).await.unwrap_err().to_string().contains("incomplete results are not exported"));
    }

    #[tokio::test]
    async fn a_result_without_columns_gets_them_from_its_rows() {
        let (sink, mut parts) = pipe();
        let data = Arc::new(json!([{"a": 1}, {"b": 2, "a": null}, 3]));
        sink.send_all(Rows { data, ..Rows::default() }).await.unwrap();
        drop(sink);
        let Some(Ok(StreamPart::Columns(columns))) = parts.recv().await else { panic!("no columns") };
        let names: Vec<_> = columns.iter().map(|column| column.name.as_str()).collect();
        assert_eq!(names, ["a", "b", "value"]);
        let rows = [
            [json!(1), json!(null), json!(null)],
            [json!(null), json!(2), json!(null)],
            [json!(null), json!(null), json!(3)],
        ];
        assert_eq!(parts.recv().await.unwrap().unwrap(), StreamPart::Rows(rows.map(Vec::from).to_vec()));
        assert!(parts.recv().await.is_none());
    }

    #[test]
    fn a_batch_is_limited_by_rows_and_by_memory() {
        let sizes = |parts: &mut dyn Iterator<Item = StreamPart>| -> Vec<usize> {
            parts.map(|part| if let StreamPart::Rows(rows) = part { rows.len() } else { 0 }).collect()
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
