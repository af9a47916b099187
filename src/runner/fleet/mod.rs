//! Servers that share a database. Each run is executed by one of them, its owner: a life of a server, which others notice
//! to be dead when it was not seen for three seconds. They then take its runs over. What a dead life still writes is
//! refused, because the runs no longer belong to it. Without a common database, none of this happens.
mod lives;
mod mail;
mod notices;

use crate::{
    Error, Result,
    model::{Scope, run::Status},
    runner::{Inner, execution::ErrorHandlerRun, waiting::Ticket},
    store::Unfinished,
};
pub(in crate::runner) use mail::{Answerer, ForwardedAnswer};
pub(in crate::runner) use notices::FleetNotice;
use std::{
    collections::HashSet,
    sync::{
        Arc, Mutex, PoisonError,
        atomic::{AtomicU64, Ordering},
    },
    time::{Duration, Instant},
};
use tokio::sync::{Notify, RwLock, watch};
use uuid::Uuid;

/// How long a start waits until a dead life that admitted runs of its workflow is replaced.
const REPLACED: Duration = Duration::from_secs(8);
const PAUSE: Duration = Duration::from_millis(100);
/// For how long a life that was extended certainly lasts.
const SURE: Duration = Duration::from_millis(2500);
/// How long a start waits until this server has a life again.
const ALIVE: Duration = Duration::from_secs(5);

/// What this server knows about the others.
#[derive(Default)]
pub struct Fleet {
    /// How many other servers live.
    others: AtomicU64,
    /// When this life was begun or extended; nothing before.
    extended: watch::Sender<Option<Instant>>,
    /// The workflows whose runs this life admits.
    admits: Mutex<HashSet<(Uuid, Uuid)>>,
    /// Held while runs are taken over: a new run of a workflow that others admitted before must not overtake them.
    taking: RwLock<()>,
    /// Notices for watchers on other servers, sent together.
    outbox: Mutex<Vec<notices::WatcherNotice>>,
    /// Notified when another server says that it has stopped.
    left: Notify,
    /// Extends the life, until the server has stopped.
    beat: Mutex<Option<tokio::task::JoinHandle<()>>>,
}

impl Fleet {
    /// Returns whether other servers live.
    pub fn has_others(&self) -> bool {
        self.others.load(Ordering::Relaxed) > 0
    }

    /// Forgets what the previous life admitted.
    fn begin(&self) {
        self.admits.lock().unwrap_or_else(PoisonError::into_inner).clear();
    }

    /// Notes that the life was extended by what was sent at `asked`.
    fn extend(&self, asked: Instant) {
        self.extended.send_replace(Some(asked));
    }
}

/// Returns whether a life that was extended at this moment certainly lasts.
fn lasts(extended: Option<Instant>) -> bool {
    extended.is_some_and(|asked| asked.elapsed() < SURE)
}

impl Inner {
    /// Returns whether the life of this server was extended a moment ago, or needs not be.
    pub(in crate::runner) fn has_life(&self) -> bool {
        !self.store.is_shared() || lasts(*self.fleet.extended.borrow())
    }

    /// Waits until the life of this server has just been extended. A server that was paused may not know yet that others
    /// have taken its runs over: what it began now would be executed again by them.
    pub(in crate::runner) async fn wait_for_life(&self) {
        if !self.has_life() {
            // the sender is part of this
            let _ = self.fleet.extended.subscribe().wait_for(|extended| lasts(*extended)).await;
        }
    }

    /// Like [`wait_for_life`](Self::wait_for_life), for callers that do not wait long.
    pub(in crate::runner) async fn expect_life(&self) -> Result<()> {
        let away = |_| Error::Unavailable("this server has lost contact with its database: try again");
        tokio::time::timeout(ALIVE, self.wait_for_life()).await.map_err(away)
    }

    /// Returns the server that admits the runs of a workflow with a concurrency limit; `None` if it is this one.
    pub(in crate::runner) async fn gatekeeper(&self, tenant: Uuid, workflow: Uuid) -> Result<Option<String>> {
        let known =
            |fleet: &Fleet| fleet.admits.lock().unwrap_or_else(PoisonError::into_inner).contains(&(tenant, workflow));
        if !self.store.is_shared() || known(&self.fleet) {
            return Ok(None);
        }
        let begun = Instant::now();
        loop {
            let taken = self.fleet.taking.read().await;
            if let Some(keeper) = self.find_gatekeeper(tenant, workflow).await? {
                return Ok(keeper);
            }
            drop(taken);
            if begun.elapsed() >= REPLACED {
                return Err(Error::Unavailable("the server that limits this workflow has just stopped: try again"));
            }
            tokio::time::sleep(PAUSE).await;
        }
    }

    /// Like [`gatekeeper`](Self::gatekeeper), and `None` while a dead life has not been replaced.
    async fn find_gatekeeper(&self, tenant: Uuid, workflow: Uuid) -> Result<Option<Option<String>>> {
        let life = self.store.life();
        let found = self.store.runs.write_aside(move |tx| tx.gatekeeper(tenant, workflow)).await?;
        Ok(found.map(|keeper| {
            let is_another = *keeper != *life;
            if !is_another {
                self.fleet.admits.lock().unwrap_or_else(PoisonError::into_inner).insert((tenant, workflow));
            }
            is_another.then_some(keeper)
        }))
    }

    /// Resumes runs that now belong to this server.
    pub(super) async fn resume_owned(self: &Arc<Self>, runs: Vec<Unfinished>) -> Result<()> {
        let mut ours = Vec::new();
        for run in runs {
            let bound = self.bound_of(&run);
            if let Some(bound) = &bound
                && let Some(Some(keeper)) = self.find_gatekeeper(run.tenant, bound.workflow).await?
                && run.status == Status::Pending
            {
                self.hand_over(Ticket { tenant: run.tenant, run: run.id }, keeper).await?;
                continue;
            }
            ours.push(run);
        }
        self.resume_all(ours)?;
        Ok(())
    }

    /// Gives a run that has not begun to the server that admits the runs of its workflow.
    pub(in crate::runner) async fn hand_over(&self, ticket: Ticket, keeper: String) -> Result<()> {
        let Ticket { tenant, run } = ticket;
        let notice = FleetNotice::Take { tenant, run }.text()?;
        self.store
            .runs
            .write(move |tx| {
                tx.give_away(tenant, run, &keeper)?;
                tx.tell(&notice)
            })
            .await
    }

    /// Takes up a run that another server has stored for this one.
    async fn take(self: &Arc<Self>, tenant: Uuid, run: Uuid) -> Result<()> {
        let Some(found) = self.store.runs.survey(move |tx| tx.unfinished_run(tenant, run)).await? else {
            return Ok(());
        };
        if found.status != Status::Pending {
            return self.resume_all(vec![found]).map(|_| ());
        }
        let stored = ErrorHandlerRun { run, workflow: found.workflow_id, definition: found.definition };
        self.start_stored(&Scope::system(tenant), &stored, found.parent.map(|(parent, _)| parent));
        Ok(())
    }

    /// Stops executing everything, because the life of this server has ended: others have taken its runs over.
    fn abandon(&self) {
        self.gates.clear();
        let live = self.live.lock().unwrap_or_else(PoisonError::into_inner);
        live.values().for_each(|live| live.token.cancel());
    }
}
