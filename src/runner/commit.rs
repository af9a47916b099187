//! Writes transitions to the store, each in one transaction, and handles those that the store refuses.
use super::{Inner, active::Active, control::Conclusion, definition::Definition, engine::Entry, view::LiveEvent};
use crate::{
    Error, Result,
    model::{
        Scope,
        run::{Failure, Status},
    },
    quota::{self, UsageKind},
    store::{JournalEntry, NewInstance, Progress, RunsTx, TaskChange},
};
use std::{sync::Arc, time::Duration};
use uuid::Uuid;

/// Maximum attempts for a transition that the store refuses with a permanent error.
const TRIES: u32 = 5;

/// What one transition writes.
pub(super) struct Change {
    pub from: u64,
    pub to: u64,
    pub entries: Vec<JournalEntry>,
    /// The run's status before the transition.
    pub was: Status,
    pub progress: Progress,
    pub tasks: Vec<TaskChange>,
    /// The error handler run to start because this run failed.
    pub alarm: Option<Box<NewInstance>>,
}

impl Inner {
    /// Writes a transition. Waits while the disk is full or the database is busy. Fails the run if the store repeatedly
    /// refuses the transition for another reason.
    ///
    /// # Errors
    /// `Conflict` if the run was changed elsewhere or was failed: the caller must discard its state.
    pub(super) async fn commit(self: &Arc<Self>, active: &mut Active, change: Change) -> Result<()> {
        let change = Arc::new(change);
        let mut pause = Duration::from_millis(50);
        let mut refused = 0;
        loop {
            let (scope, id, change) = (active.scope.clone(), active.id(), Arc::clone(&change));
            match self.store.runs.write(move |tx| write(tx, &scope, id, &change)).await {
                Ok(over) => {
                    active.overrun = over;
                    break;
                }
                Err(error @ Error::Conflict(_)) => return Err(error),
                Err(error) => {
                    let (instance, why) = (active.id(), error.in_full());
                    refused += u32::from(!error.is_transient());
                    if refused >= TRIES {
                        tracing::error!(%instance, why, "could not write a run's progress; failing the run");
                        return self.give_up(active).await;
                    }
                    tracing::error!(%instance, why, "could not write a run's progress; retrying");
                    tokio::time::sleep(pause).await;
                    pause = (pause * 2).min(Duration::from_secs(5));
                }
            }
        }
        self.tell(active.scope.tenant, active.id(), active.instance.workflow_id, &change);
        self.publish(active.id(), &active.definition, &change.entries);
        Ok(())
    }

    /// Fails a run from the last transition that was stored.
    async fn give_up(self: &Arc<Self>, active: &mut Active) -> Result<()> {
        let why = "the server could not write the run's progress: see the server's log for the cause";
        let error = Failure::new("SERVER_ERROR", why);
        active.instance.error = Some(error.clone());
        let alarm = self.alarm_about(active).map(Box::new);
        let scope = Scope::system(active.scope.tenant);
        let failed = self.conclude(&scope, active.id(), Conclusion::Failed { error: error.clone(), alarm }).await;
        if let Err(Error::Internal(_)) = failed {
            // the error handler run may be what cannot be written
            self.conclude(&scope, active.id(), Conclusion::Failed { error, alarm: None }).await?;
        } else {
            failed?;
        }
        Err(Error::conflict("the run has failed"))
    }

    /// Sends committed entries to the run's followers.
    pub(super) fn publish(&self, id: Uuid, definition: &Definition, fresh: &[JournalEntry]) {
        if self.hub.is_followed(id) {
            // an entry that cannot be parsed leaves a gap, which followers fill from the journal
            self.hub.publish(id, fresh.iter().filter_map(|entry| LiveEvent::of(entry, definition).ok()));
        }
    }
}

impl Change {
    /// Creates a change with a single entry, for runs that are not in memory.
    pub fn single(entry: &Entry, from: u64, was: Status, progress: Progress) -> Result<Self> {
        let event = serde_json::to_string(&entry.event)?;
        let entries = vec![JournalEntry { seq: entry.seq, at: entry.at, event }];
        Ok(Self { from, to: entry.seq, entries, was, progress, tasks: Vec::new(), alarm: None })
    }
}

/// A transition that writes at most this many bytes fails the run only above twice the tenant's quota: a run must not
/// fail because of what other runs use.
const SMALL: u64 = 64 << 10;

/// Writes a transition inside a transaction. Returns a failure if the run cannot continue because the tenant's
/// unfinished runs exceed their quota.
pub(super) fn write(tx: &RunsTx<'_>, scope: &Scope, id: Uuid, change: &Change) -> Result<Option<Failure>> {
    let written = tx.append_journal(scope, id, &change.entries)?;
    tx.advance_instance(scope, id, (change.from, change.to), &change.progress, written)?;
    tx.change_tasks(scope, id, &change.tasks)?;
    if let Some(alarm) = &change.alarm {
        tx.insert_instance(scope, alarm)?;
    }
    let Some(limit) = tx.limit(UsageKind::UnfinishedRuns).filter(|_| change.progress.finished_at.is_none()) else {
        return Ok(None);
    };
    let used = tx.usage(scope.tenant, UsageKind::UnfinishedRuns)?.bytes;
    let is_over = used > limit && (written > SMALL || used > limit.saturating_mul(2));
    let remedy = "stop runs, or ask the operator for a larger quota";
    Ok(is_over.then(|| quota::exceeded("the tenant's unfinished runs", limit, remedy).into()))
}
