//! Writes transitions to the store, each in one transaction, and handles those that the store refuses.
use super::{active::ActiveRun, conclusion::Conclusion};
use crate::{
    Error, Result,
    model::{Scope, run::Failure},
    runner::{
        Inner,
        definition::Definition,
        journal::{Change, LiveEvent, write},
    },
    store::JournalEntry,
};
use std::{sync::Arc, time::Duration};
use uuid::Uuid;

/// Maximum attempts for a transition that the store refuses with a permanent error.
const TRIES: u32 = 5;

impl Inner {
    /// Writes a transition. Waits while the disk is full or the database is busy. Fails the run if the store repeatedly
    /// refuses the transition for another reason.
    ///
    /// # Errors
    /// `Conflict` if the run was changed elsewhere or was failed: the caller must discard its state.
    pub(in crate::runner) async fn commit(self: &Arc<Self>, active: &mut ActiveRun, change: Change) -> Result<()> {
        let (change_to, change) = (change.to, Arc::new(change));
        let mut pause = Duration::from_millis(50);
        let mut refused = 0;
        let mut is_unknown = false;
        loop {
            let (scope, id, change) = (active.scope.clone(), active.id(), Arc::clone(&change));
            match self.store.runs.write(move |tx| write(tx, &scope, id, &change)).await {
                Ok(over) => {
                    active.overrun = over;
                    break;
                }
                // an attempt whose result was lost may have succeeded
                Err(Error::Conflict(_)) if is_unknown && self.is_written(active, change_to).await? => break,
                Err(error @ Error::Conflict(_)) => return Err(error),
                Err(error) => {
                    is_unknown = true;
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
        self.notify_watchers(active.scope.tenant, active.id(), active.instance.workflow_id, &change);
        self.publish(active.id(), &active.definition, &change.entries);
        Ok(())
    }

    /// Returns whether a run of this server has reached the journal entry `to`, which nobody else can have written.
    async fn is_written(&self, active: &ActiveRun, to: u64) -> Result<bool> {
        let (tenant, run) = (active.scope.tenant, active.id());
        let found = self.store.runs.survey(move |tx| tx.owner_of(tenant, run)).await?;
        Ok(found.is_some_and(|(owner, seq)| *owner == *self.store.life() && seq == to))
    }

    /// Fails a run from the last transition that was stored.
    async fn give_up(self: &Arc<Self>, active: &mut ActiveRun) -> Result<()> {
        let why = "the server could not write the run's progress: see the server's log for the cause";
        let error = Failure::new("SERVER_ERROR", why);
        active.instance.error = Some(error.clone());
        let error_handler = self.error_handler_for(active).map(Box::new);
        let scope = Scope::system(active.scope.tenant);
        let failed =
            self.conclude(&scope, active.id(), Conclusion::Failed { error: error.clone(), error_handler }).await;
        if let Err(Error::Internal(_)) = failed {
            // the error handler run may be what cannot be written
            self.conclude(&scope, active.id(), Conclusion::Failed { error, error_handler: None }).await?;
        } else {
            failed?;
        }
        Err(Error::conflict("the run has failed"))
    }

    /// Sends committed entries to the run's followers.
    pub(in crate::runner) fn publish(&self, id: Uuid, definition: &Definition, fresh: &[JournalEntry]) {
        if self.hub.is_followed(id) {
            // an entry that cannot be parsed leaves a gap, which followers fill from the journal
            self.hub.publish(id, fresh.iter().filter_map(|entry| LiveEvent::of(entry, definition).ok()));
        }
    }
}
