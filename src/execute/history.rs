//! The query history: executions are recorded in batches, and exports when they end.
use super::NOTES_AT_ONCE;
use crate::{
    Result,
    connect::{CacheState, Export, StreamPart},
    model::Scope,
    store::{QueryRun, Store},
};
use std::{sync::Arc, time::Instant};
use tokio::sync::mpsc;
use uuid::Uuid;

/// An execution that is still to be recorded in the query history.
pub(super) struct Note {
    pub notes: mpsc::Sender<(Scope, QueryRun)>,
    pub scope: Scope,
    pub query: Uuid,
    pub query_version: u64,
    pub mode: &'static str,
    pub started: Instant,
}

impl Note {
    /// Queues the record without waiting for the write: losing a row of history is acceptable, delaying the response is
    /// not.
    pub fn write(self, outcome: Result<(u64, CacheState), String>) {
        let run = QueryRun {
            query: self.query,
            query_version: self.query_version,
            mode: self.mode,
            duration_us: u32::try_from(self.started.elapsed().as_micros()).unwrap_or(u32::MAX),
            row_count: outcome.as_ref().ok().map(|(rows, _)| *rows),
            cache: match outcome.as_ref().map_or(CacheState::Off, |(_, cache)| *cache) {
                CacheState::Hit => "hit",
                CacheState::Miss => "miss",
                CacheState::Off => "off",
            },
            // not every database can store U+0000, which a driver's message may contain
            error: outcome.err().map(|error| error.replace('\0', "\u{fffd}")),
        };
        if self.notes.try_send((self.scope, run)).is_err() {
            tracing::warn!("could not record an execution: too many are waiting to be recorded");
        }
    }
}

/// Writes executions to the history in batches, until the executor is dropped.
pub(super) async fn keep_notes(store: Arc<Store>, mut waiting: mpsc::Receiver<(Scope, QueryRun)>) {
    let mut runs = Vec::new();
    while waiting.recv_many(&mut runs, NOTES_AT_ONCE).await > 0 {
        let batch = std::mem::take(&mut runs);
        if store.quotas().disk.is_low() {
            continue;
        }
        let written =
            store.runs.write(move |tx| batch.iter().try_for_each(|(scope, run)| tx.record_query_run(scope, run)));
        if let Err(error) = written.await {
            tracing::warn!(%error, "could not record executions");
        }
    }
}

/// A running export; recorded in the query history when it finishes, fails or is dropped.
pub struct Exported {
    parts: Export,
    /// How many rows were exported so far.
    rows: u64,
    failed: Option<String>,
    note: Option<Note>,
}

impl From<(Export, Note)> for Exported {
    fn from((parts, note): (Export, Note)) -> Self {
        Self { parts, rows: 0, failed: None, note: Some(note) }
    }
}

impl Exported {
    /// Returns the next part; `None` after the last.
    pub async fn next(&mut self) -> Option<Result<StreamPart>> {
        match self.parts.recv().await? {
            Ok(part) => {
                if let StreamPart::Rows(rows) = &part {
                    self.rows += rows.len() as u64;
                }
                Some(Ok(part))
            }
            Err(error) => {
                self.failed = Some(error.to_string());
                Some(Err(error))
            }
        }
    }
}

impl Drop for Exported {
    fn drop(&mut self) {
        if let Some(note) = self.note.take() {
            note.write(self.failed.take().map_or(Ok((self.rows, CacheState::Off)), Err));
        }
    }
}
