//! Resumes runs that nothing in the process would continue: all unfinished runs at start, and lost runs later.
use super::entrance::ConcurrencyLimit;
use crate::{
    Result,
    model::{Scope, run::Status},
    runner::{Inner, waiting::Ticket},
    store::Unfinished,
};
use std::{
    collections::HashSet,
    sync::{Arc, PoisonError},
    time::Duration,
};
use uuid::Uuid;

/// The number of runs read at once.
const PORTION: u32 = 2000;
/// The interval between checks, each of a portion of the runs.
const LOOK: Duration = Duration::from_mins(1);
/// How long a run must stay unchanged and unowned to count as lost. It may be moving from one owner to another.
const CONFIRM: Duration = Duration::from_secs(5);

/// The waiting runs of the process, collected once for a check of many runs.
struct Waiting {
    queued: HashSet<Uuid>,
    timed: HashSet<Uuid>,
}

impl Inner {
    /// Resumes all unfinished runs. Returns their number.
    pub(in crate::runner) fn enqueue_unfinished(self: &Arc<Self>) -> Result<usize> {
        let mut unfinished = Vec::new();
        let mut after = None;
        loop {
            let portion = self.store.runs.get(|tx| tx.unfinished(after, PORTION))?;
            let Some(last) = portion.last() else { break };
            after = Some((last.tenant, last.id));
            unfinished.extend(portion);
        }
        self.resume_all(unfinished)
    }

    /// Resumes runs that nothing continues, in the order of their starts. Returns their number.
    pub(in crate::runner) fn resume_all(self: &Arc<Self>, mut unfinished: Vec<Unfinished>) -> Result<usize> {
        let count = unfinished.len();
        unfinished.sort_by_key(|run| run.id);
        let bounds: Vec<_> = unfinished.into_iter().map(|run| (self.bound_of(&run), run)).collect();
        // restore admitted runs first: which of the waiting ones may follow depends on them
        for (bound, run) in &bounds {
            if let Some(bound) = bound.as_ref().filter(|_| run.status != Status::Pending) {
                self.gates.restore(bound.workflow, run.id, bound.limit);
            }
        }
        for (bound, run) in bounds {
            self.take_up(&run, bound.as_ref())?;
        }
        Ok(count)
    }

    pub(in crate::runner) fn bound_of(&self, run: &Unfinished) -> Option<ConcurrencyLimit> {
        let definition = self.definition(&Scope::system(run.tenant), &run.definition).ok()?;
        let parent = run.parent.map(|(parent, _)| parent);
        ConcurrencyLimit::new(run.workflow_id, &definition.workflow.settings, run.is_test, parent)
    }

    /// Resumes a run that has no owner: stops it, queues it, or lets it wait.
    fn take_up(self: &Arc<Self>, run: &Unfinished, bound: Option<&ConcurrencyLimit>) -> Result<()> {
        let (scope, ticket) = (Scope::system(run.tenant), Ticket { tenant: run.tenant, run: run.id });
        if run.parent.is_some_and(|(_, has_ended)| has_ended) {
            let (inner, id) = (Arc::clone(self), run.id);
            self.tasks.spawn(async move {
                // a run that ended in the meantime does not have to be stopped
                let _ = inner.stop(&scope, id).await;
            });
            return Ok(());
        }
        match (run.status, run.due_at, bound) {
            (Status::Pending, _, Some(bound)) => {
                let parent = run.parent.map(|(parent, _)| parent);
                if self.is_above(&scope, parent, bound.workflow)? {
                    self.queue.push(ticket);
                } else {
                    self.wait_at_gate(bound.workflow, ticket, bound.limit);
                }
            }
            _ if run.is_called => self.queue.push(ticket),
            (Status::Waiting, Some(due), _) => self.timers.add(due, ticket),
            (Status::Waiting, None, _) if run.is_awaiting => {}
            _ => self.queue.push(ticket),
        }
        Ok(())
    }

    /// Searches for lost runs until the server shuts down.
    pub(in crate::runner) async fn watch_lost(self: Arc<Self>) {
        let mut after = None;
        loop {
            tokio::select! {
                () = tokio::time::sleep(LOOK) => {}
                () = self.draining.cancelled() => return,
            }
            match self.find_lost(after, CONFIRM).await {
                Ok(next) => after = next,
                Err(error) => tracing::error!(%error, "could not search for lost runs; retrying"),
            }
        }
    }

    /// Checks the portion of the unfinished runs after `after`, and resumes lost ones. Returns where the next portion
    /// starts.
    ///
    /// # Errors
    /// If the store cannot be read.
    pub(in crate::runner) async fn find_lost(
        self: &Arc<Self>,
        after: Option<(Uuid, Uuid)>,
        confirm: Duration,
    ) -> Result<Option<(Uuid, Uuid)>> {
        let portion = self.store.runs.survey(move |tx| tx.unfinished(after, PORTION)).await?;
        let is_last = portion.len() < PORTION as usize;
        let next = portion.last().map(|last| (last.tenant, last.id)).filter(|_| !is_last);
        let suspects = self.lost(portion);
        if suspects.is_empty() {
            return Ok(next);
        }
        tokio::time::sleep(confirm).await;
        let mut still = Vec::new();
        for suspect in suspects {
            let now = self.store.runs.get(|tx| tx.unfinished_run(suspect.tenant, suspect.id))?;
            still.extend(now.filter(|now| now.seq == suspect.seq && now.status == suspect.status));
        }
        for run in self.lost(still) {
            let (tenant, instance, status) = (run.tenant, run.id, run.status.as_str());
            tracing::warn!(%tenant, %instance, status, "found a lost run; resuming it");
            self.take_up(&run, self.bound_of(&run).as_ref())?;
        }
        Ok(next)
    }

    /// Returns those of the runs that nothing in the process will continue.
    pub(in crate::runner) fn lost(&self, mut runs: Vec<Unfinished>) -> Vec<Unfinished> {
        // most runs are where they are expected; collect all waiting runs only for the others
        runs.retain(|run| !self.is_expected(run));
        if runs.is_empty() {
            return runs;
        }
        let waiting = Waiting { queued: self.queue.waiting(), timed: self.timers.waiting() };
        runs.retain(|run| !waiting.queued.contains(&run.id) && !waiting.timed.contains(&run.id));
        // a waiting run may have been loaded in the meantime
        runs.retain(|run| !self.is_live(run.id));
        runs
    }

    fn is_expected(&self, run: &Unfinished) -> bool {
        if self.is_deleted(run.tenant) || self.is_live(run.id) {
            return true;
        }
        if run.parent.is_some_and(|(_, has_ended)| has_ended) {
            return false;
        }
        match (run.status, run.due_at) {
            (Status::Waiting, Some(due)) => self.timers.has(due, Ticket { tenant: run.tenant, run: run.id }),
            (Status::Waiting, None) => run.is_awaiting,
            (Status::Pending, _) => run.workflow_id.is_some_and(|workflow| self.gates.has_waiting(workflow, run.id)),
            _ => false,
        }
    }

    fn is_live(&self, run: Uuid) -> bool {
        self.live.lock().unwrap_or_else(PoisonError::into_inner).contains_key(&run)
    }
}
