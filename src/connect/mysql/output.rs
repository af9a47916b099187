//! The destination of rows: one bounded result, or a stream of batches.
use crate::{
    Result,
    budget::Hold,
    connect::{
        Column, ResultLimits, Rows, Sink,
        rows::{Collector, with_unique_names},
        stream::Batch,
    },
};
use serde_json::Value;
use std::sync::Arc;

pub(super) enum MysqlOutput {
    Kept { limits: ResultLimits, collector: Option<Collector> },
    Sent { limits: ResultLimits, sink: Sink, batch: Option<Batch>, any: bool },
}

impl MysqlOutput {
    pub fn kept(limits: ResultLimits) -> Self {
        Self::Kept { limits, collector: None }
    }

    pub fn sent(limits: ResultLimits, sink: Sink) -> Self {
        Self::Sent { limits, sink, batch: None, any: false }
    }

    /// Returns what counts the memory of the result.
    pub fn hold(&self) -> &Hold {
        match self {
            Self::Kept { limits, .. } | Self::Sent { limits, .. } => &limits.hold,
        }
    }

    /// Returns whether rows were sent, so that the query cannot be retried.
    pub fn is_sent(&self) -> bool {
        matches!(self, Self::Sent { any: true, .. })
    }

    pub fn begin(&mut self, columns: Vec<Column>) {
        let columns = with_unique_names(columns);
        match self {
            Self::Kept { limits, collector } => *collector = Some(Collector::new(columns, limits.clone())),
            Self::Sent { batch, .. } => *batch = Some(Batch::new(columns)),
        }
    }

    /// Adds a row. Returns false when no more rows are wanted.
    ///
    /// # Errors
    /// If the row alone exceeds the limit, or the reader is gone.
    pub async fn push(&mut self, row: Vec<Value>) -> Result<bool> {
        match self {
            Self::Kept { collector, .. } => collector.as_mut().map_or(Ok(false), |collector| collector.push(row)),
            Self::Sent { limits, sink, batch, any } => {
                let Some(batch) = batch else { return Ok(false) };
                for part in batch.push(row, limits.bytes)? {
                    *any = true;
                    sink.send(part).await?;
                }
                Ok(true)
            }
        }
    }

    /// Returns the collected rows, or sends the remaining ones.
    ///
    /// # Errors
    /// If the reader is gone.
    pub async fn finish(self) -> Result<Rows> {
        match self {
            Self::Kept { collector: Some(collector), .. } => Ok(collector.finish()),
            Self::Kept { limits, .. } => Ok(Collector::new(Arc::default(), limits).finish()),
            Self::Sent { sink, batch, .. } => {
                for part in batch.into_iter().flat_map(Batch::finish) {
                    sink.send(part).await?;
                }
                Ok(Rows::default())
            }
        }
    }
}
