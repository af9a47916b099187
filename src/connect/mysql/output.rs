//! Where the rows of an answer go: into one bounded answer, or out in batches.
use crate::{
    Result,
    connect::{
        Column, Limits, Part, Rows, Sink,
        rows::{Collector, told_apart},
    },
    json::cost,
};
use serde_json::Value;
use std::sync::Arc;

/// Rows of one batch, and what they may weigh.
const BATCH: usize = 500;
const WEIGHT: usize = 1 << 20;

pub(super) enum Output {
    Kept { limits: Limits, collector: Option<Collector> },
    Sent { sink: Sink, batch: Vec<Vec<Value>>, weight: usize },
}

impl Output {
    pub fn kept(limits: Limits) -> Self {
        Self::Kept { limits, collector: None }
    }

    pub fn sent(sink: Sink) -> Self {
        Self::Sent { sink, batch: Vec::new(), weight: 0 }
    }

    pub async fn begin(&mut self, columns: Vec<Column>) -> Result<()> {
        match self {
            Self::Kept { limits, collector } => *collector = Some(Collector::new(told_apart(columns), limits.clone())),
            Self::Sent { sink, .. } => sink.send(Part::Columns(told_apart(columns))).await?,
        }
        Ok(())
    }

    /// Adds a row; false when no more are wanted.
    pub async fn push(&mut self, row: Vec<Value>) -> Result<bool> {
        match self {
            Self::Kept { collector, .. } => collector.as_mut().map_or(Ok(false), |collector| collector.push(row)),
            Self::Sent { batch, weight: heavy, .. } => {
                *heavy += row.iter().map(cost).sum::<usize>();
                batch.push(row);
                if batch.len() >= BATCH || *heavy >= WEIGHT {
                    self.flush().await?;
                }
                Ok(true)
            }
        }
    }

    pub async fn flush(&mut self) -> Result<()> {
        match self {
            Self::Sent { sink, batch, weight } if !batch.is_empty() => {
                *weight = 0;
                sink.send(Part::Rows(std::mem::take(batch))).await
            }
            _ => Ok(()),
        }
    }

    /// What was kept; no rows and no columns when there were none.
    pub fn finish(self) -> Rows {
        match self {
            Self::Kept { collector: Some(collector), .. } => collector.finish(),
            Self::Kept { limits, .. } => Collector::new(Arc::default(), limits).finish(),
            Self::Sent { .. } => Rows::default(),
        }
    }
}
