//! Notices between servers: what has happened to runs that others execute or show.
use crate::{
    Result,
    model::run::Status,
    runner::{
        Inner,
        journal::FeedNotice,
        waiting::{Signal, Ticket},
    },
    store::Notice,
};
use serde::{Deserialize, Serialize};
use std::{
    collections::{BTreeSet, HashSet},
    sync::{Arc, PoisonError},
    time::{Duration, Instant},
};
use uuid::Uuid;

/// How often notices are read and sent.
const LISTEN: Duration = Duration::from_millis(100);
/// How many notices for watchers are sent together. If there are more, watchers read everything again.
const TOGETHER: usize = 500;
/// How much later than a later one a notice may become visible, because its transaction took longer.
const LATE: Duration = Duration::from_secs(5);
/// How long notices are kept in the database.
const KEPT: Duration = Duration::from_mins(1);
/// How many numbers of notices are remembered, so that none is handled twice.
const REMEMBERED: usize = 20_000;

/// A notice to all other servers.
#[derive(Debug, Serialize, Deserialize)]
#[serde(tag = "is", rename_all = "camelCase")]
pub enum FleetNotice {
    /// A run has ended that another server executes.
    Ended { tenant: Uuid, run: Uuid, workflow: Option<Uuid> },
    /// Something that a run waits for has happened.
    Wake { tenant: Uuid, run: Uuid, stray: bool },
    /// A run was stored for its new owner.
    Take { tenant: Uuid, run: Uuid },
    /// A server has stopped, and its runs have no owner.
    Left,
    /// Concurrency limits were changed.
    Limits,
    /// A tenant was deleted.
    Forget { tenant: Uuid },
    /// For watchers. Empty if there are too many.
    Watchers { changes: Vec<WatcherNotice> },
}

/// A change of a run, for watchers of its tenant.
#[derive(Clone, Debug, Serialize, Deserialize)]
pub struct WatcherNotice {
    pub tenant: Uuid,
    pub name: String,
    pub run: Uuid,
    pub workflow: Option<Uuid>,
    pub status: Option<Status>,
}

impl FleetNotice {
    pub fn text(&self) -> Result<String> {
        Ok(serde_json::to_string(self)?)
    }
}

impl Inner {
    /// Tells the other servers something, without waiting. A lost notice about a run only delays it.
    pub(in crate::runner) fn tell(self: &Arc<Self>, notice: FleetNotice) {
        if !self.fleet.has_others() {
            return;
        }
        let inner = Arc::clone(self);
        self.tasks.spawn(async move {
            let told = async {
                let text = notice.text()?;
                inner.store.runs.write_aside(move |tx| tx.tell(&text)).await
            };
            if let Err(error) = told.await {
                tracing::warn!(%error, "could not tell the other servers about a run");
            }
        });
    }

    /// Returns the notice for the server that executes a run that the run has ended.
    pub(in crate::runner) fn notice_of_end(tenant: Uuid, run: Uuid, workflow: Option<Uuid>) -> Result<String> {
        FleetNotice::Ended { tenant, run, workflow }.text()
    }

    /// Tells the server that executes a run that something has happened that the run waits for.
    pub(in crate::runner) fn tell_wake(self: &Arc<Self>, tenant: Uuid, run: Uuid, stray: bool) {
        self.tell(FleetNotice::Wake { tenant, run, stray });
    }

    /// Notifies watchers on other servers soon.
    pub(in crate::runner) fn tell_watchers(&self, tenant: Uuid, notice: &FeedNotice) {
        if !self.fleet.has_others() {
            return;
        }
        let mut outbox = self.fleet.outbox.lock().unwrap_or_else(PoisonError::into_inner);
        if outbox.len() <= TOGETHER
            && let Some(run) = notice.data.instance_id
        {
            let (name, workflow, status) = (notice.name.to_owned(), notice.data.workflow_id, notice.data.status);
            outbox.push(WatcherNotice { tenant, name, run, workflow, status });
        }
    }

    /// Reads and sends notices until the server shuts down.
    pub(super) async fn listen(self: Arc<Self>) {
        let (mut known, mut exchanged) = (BTreeSet::new(), Instant::now());
        loop {
            tokio::select! {
                () = tokio::time::sleep(LISTEN) => {}
                () = self.draining.cancelled() => return,
            }
            // what others have told before is still read when they are noticed
            if !self.fleet.has_others() {
                continue;
            }
            match self.exchange(&mut known, exchanged.elapsed() + LATE).await {
                Ok(()) => exchanged = Instant::now(),
                // the database may be away: everything is read again later
                Err(error) => tracing::debug!(%error, "could not exchange notices with the other servers"),
            }
        }
    }

    async fn exchange(self: &Arc<Self>, known: &mut BTreeSet<u64>, since: Duration) -> Result<()> {
        self.send_watchers().await?;
        let followed = self.followed_elsewhere();
        let seconds = since.as_secs().min(KEPT.as_secs());
        let read =
            self.store.runs.survey(move |tx| Ok((tx.notices(seconds)?, tx.has_mail()?, tx.progress_of(&followed)?)));
        let (notices, has_mail, progress) = read.await?;
        for (run, seq) in progress {
            self.hub.nudge(run, seq);
        }
        for Notice { n, body } in notices {
            if known.insert(n)
                && let Ok(notice) = serde_json::from_str(&body)
            {
                self.hear(notice).await;
            }
        }
        while known.len() > REMEMBERED {
            known.pop_first();
        }
        if has_mail {
            self.handle_mail().await?;
        }
        Ok(())
    }

    async fn send_watchers(&self) -> Result<()> {
        let mut changes = std::mem::take(&mut *self.fleet.outbox.lock().unwrap_or_else(PoisonError::into_inner));
        if changes.is_empty() {
            return Ok(());
        }
        if changes.len() > TOGETHER {
            changes.clear();
        }
        let text = FleetNotice::Watchers { changes }.text()?;
        self.store.runs.write_aside(move |tx| tx.tell(&text)).await
    }

    /// Returns the runs that are shown here and executed elsewhere, as tenant and ID.
    fn followed_elsewhere(&self) -> Vec<(Uuid, Uuid)> {
        let mut followed = self.hub.followed();
        if !followed.is_empty() {
            let live: HashSet<Uuid> =
                self.live.lock().unwrap_or_else(PoisonError::into_inner).keys().copied().collect();
            followed.retain(|(_, run)| !live.contains(run));
        }
        followed
    }

    async fn hear(self: &Arc<Self>, notice: FleetNotice) {
        match notice {
            FleetNotice::Ended { run, workflow, .. } => {
                self.revoke(run);
                self.leave_gate(workflow, run);
            }
            FleetNotice::Wake { tenant, run, stray } => {
                if self.is_owned(tenant, run) {
                    let signal = if stray { Signal::Stray } else { Signal::ChildEnded };
                    self.post_here(Ticket { tenant, run }, signal);
                }
            }
            FleetNotice::Take { tenant, run } => {
                if let Err(error) = self.take(tenant, run).await {
                    tracing::error!(instance = %run, %error, "could not take up a run; it is found again in some minutes");
                }
            }
            FleetNotice::Left => self.fleet.left.notify_one(),
            FleetNotice::Limits => {
                if let Err(error) = self.limits_changed() {
                    tracing::error!(%error, "could not read the concurrency limits of workflows");
                }
            }
            FleetNotice::Forget { tenant } => self.forget_tenant_here(tenant),
            FleetNotice::Watchers { changes } if changes.is_empty() => self.feeds.miss(),
            FleetNotice::Watchers { changes } => {
                for WatcherNotice { tenant, name, run, workflow, status } in changes {
                    self.feeds.pass_on(tenant, &name, run, workflow, status);
                }
            }
        }
    }

    /// Returns whether this server executes a run.
    pub(in crate::runner) fn is_owned(&self, tenant: Uuid, run: Uuid) -> bool {
        if !self.store.is_shared() {
            return true;
        }
        let owner = self.store.runs.get(|tx| tx.owner_of(tenant, run));
        matches!(owner, Ok(Some((owner, _))) if *owner == *self.store.life())
    }
}
