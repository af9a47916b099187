//! What a transition changes in the store.
use crate::{
    Result,
    model::{
        Scope,
        run::{Failure, Status},
    },
    quota::{self, UsageKind},
    runner::engine::RunEntry,
    store::{ChangedBy, FirstTransition, JournalEntry, NewInstance, PackedEntries, Progress, RunsTx, TaskChange},
};
use uuid::Uuid;

/// A transition that writes at most this many bytes fails the run only above twice the tenant's quota: a run must not
/// fail because of what other runs use.
const SMALL: u64 = 64 << 10;

/// What one transition writes.
pub struct Change {
    pub from: u64,
    pub to: u64,
    pub by: ChangedBy,
    pub entries: Vec<JournalEntry>,
    /// The run's status before the transition.
    pub was: Status,
    pub progress: Progress,
    pub tasks: Vec<TaskChange>,
    /// The error handler run to start because this run failed.
    pub error_handler: Option<Box<NewInstance>>,
}

impl Change {
    /// Creates a change with a single entry that ends a run, wherever it is executed.
    pub fn single(entry: &RunEntry, from: u64, was: Status, progress: Progress) -> Result<Self> {
        let event = serde_json::to_string(&entry.event)?;
        let entries = vec![JournalEntry { seq: entry.seq, at: entry.at, event }];
        Ok(Self {
            from,
            to: entry.seq,
            by: ChangedBy::Anyone,
            entries,
            was,
            progress,
            tasks: Vec::new(),
            error_handler: None,
        })
    }
}

/// Writes a transition inside a transaction. Returns a failure if the run cannot continue because the tenant's
/// unfinished runs exceed their quota.
pub fn write(tx: &RunsTx<'_>, scope: &Scope, id: Uuid, change: &Change) -> Result<Option<Failure>> {
    let entries = PackedEntries::of(&change.entries);
    let written = entries.bytes;
    // first, because it locks the run and checks that nobody else has written these entries
    tx.advance_instance(scope, id, (change.from, change.to, change.by), &change.progress, written)?;
    write_rest(tx, scope, id, change, entries)?;
    let Some(limit) = tx.limit(UsageKind::UnfinishedRuns).filter(|_| change.progress.finished_at.is_none()) else {
        return Ok(None);
    };
    let used = tx.recent_bytes(scope.tenant, UsageKind::UnfinishedRuns)?;
    let is_over = used > limit && (written > SMALL || used > limit.saturating_mul(2));
    let remedy = "stop runs, or ask the person who runs this server for a larger quota";
    Ok(is_over.then(|| quota::exceeded("the tenant's unfinished runs", limit, remedy).into()))
}

/// Writes a new run with its first transition, if it begins at once. Returns false if it exists already.
pub fn write_new(tx: &RunsTx<'_>, scope: &Scope, new: &NewInstance, change: Option<&Change>) -> Result<bool> {
    let Some(change) = change else { return tx.insert_instance(scope, new, None) };
    let entries = PackedEntries::of(&change.entries);
    let first = FirstTransition { progress: &change.progress, seq: change.to, written: entries.bytes };
    let is_new = tx.insert_instance(scope, new, Some(first))?;
    if is_new {
        write_rest(tx, scope, new.id, change, entries)?;
    }
    Ok(is_new)
}

/// Writes what a transition adds, besides the row of its run.
fn write_rest(tx: &RunsTx<'_>, scope: &Scope, id: Uuid, change: &Change, entries: PackedEntries<'_>) -> Result<()> {
    tx.append_journal(scope, id, entries)?;
    tx.change_tasks(scope, id, &change.tasks)?;
    if let Some(error_handler) = &change.error_handler {
        tx.insert_instance(scope, error_handler, None)?;
    }
    Ok(())
}
