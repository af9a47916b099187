//! Notifies watchers of a tenant about changes of its runs. Notices say which run changed, not what it contains.
use super::change::Change;
use crate::{
    model::{Scope, run::Status},
    runner::{Inner, Runner},
};
use futures_util::{Stream, stream};
use schemars::JsonSchema;
use serde::Serialize;
use std::{
    collections::HashMap,
    sync::{Arc, Mutex, MutexGuard, PoisonError},
};
use tokio::sync::broadcast::{self, error::RecvError};
use uuid::Uuid;

const RUN_CHANGED: &str = "run.changed";
const TASKS_CHANGED: &str = "tasks.changed";

/// How many notices a watcher may fall behind before it must reload everything.
const BACKLOG: usize = 256;

/// The tenants that are watched.
#[derive(Default)]
pub struct Feeds {
    tenants: Mutex<HashMap<Uuid, broadcast::Sender<FeedNotice>>>,
}

/// A notice to watchers.
#[derive(Clone, Debug)]
pub struct FeedNotice {
    pub name: &'static str,
    pub data: RunNotice,
}

/// The data of a notice.
#[derive(Clone, Debug, Default, Serialize, JsonSchema)]
#[serde(rename_all = "camelCase")]
pub struct RunNotice {
    #[serde(rename = "instanceID", skip_serializing_if = "Option::is_none")]
    pub instance_id: Option<Uuid>,
    /// Absent for tests of unsaved workflows.
    #[serde(rename = "workflowID", skip_serializing_if = "Option::is_none")]
    pub workflow_id: Option<Uuid>,
    /// The run's new status.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub status: Option<Status>,
}

impl FeedNotice {
    /// The first notice: every later change is reported.
    fn ready() -> Self {
        Self { name: "ready", data: RunNotice::default() }
    }

    /// Some notices were dropped.
    fn missed() -> Self {
        Self { name: "missed", data: RunNotice::default() }
    }

    fn of(name: &'static str, run: Uuid, workflow_id: Option<Uuid>, status: Option<Status>) -> Self {
        Self { name, data: RunNotice { instance_id: Some(run), workflow_id, status } }
    }
}

impl Feeds {
    fn watch(self: &Arc<Self>, tenant: Uuid) -> Watcher {
        let mut tenants = self.lock();
        let sender = tenants.entry(tenant).or_insert_with(|| broadcast::Sender::new(BACKLOG));
        Watcher { notices: Some(sender.subscribe()), feeds: Arc::clone(self), tenant }
    }

    fn send(&self, tenant: Uuid, notice: FeedNotice) {
        if let Some(sender) = self.lock().get(&tenant) {
            // fails only if the last watcher is being dropped
            let _ = sender.send(notice);
        }
    }

    /// Passes on a notice of another server.
    pub fn pass_on(&self, tenant: Uuid, name: &str, run: Uuid, workflow: Option<Uuid>, status: Option<Status>) {
        if let Some(name) = [RUN_CHANGED, TASKS_CHANGED].into_iter().find(|known| *known == name) {
            self.send(tenant, FeedNotice::of(name, run, workflow, status));
        }
    }

    /// Tells every watcher that notices were lost.
    pub fn miss(&self) {
        for sender in self.lock().values() {
            // fails only if the last watcher is being dropped
            let _ = sender.send(FeedNotice::missed());
        }
    }

    fn lock(&self) -> MutexGuard<'_, HashMap<Uuid, broadcast::Sender<FeedNotice>>> {
        self.tenants.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

/// A subscription to a tenant's notices.
struct Watcher {
    /// `None` only while it is dropped.
    notices: Option<broadcast::Receiver<FeedNotice>>,
    feeds: Arc<Feeds>,
    tenant: Uuid,
}

impl Drop for Watcher {
    fn drop(&mut self) {
        let mut tenants = self.feeds.lock();
        self.notices = None;
        if tenants.get(&self.tenant).is_some_and(|sender| sender.receiver_count() == 0) {
            tenants.remove(&self.tenant);
        }
    }
}

impl Inner {
    /// Notifies watchers of a committed transition.
    pub(in crate::runner) fn notify_watchers(&self, tenant: Uuid, run: Uuid, workflow: Option<Uuid>, change: &Change) {
        let status = change.progress.status;
        if status != change.was {
            self.notify(tenant, FeedNotice::of(RUN_CHANGED, run, workflow, Some(status)));
        }
        if !change.tasks.is_empty() {
            self.notify(tenant, FeedNotice::of(TASKS_CHANGED, run, workflow, None));
        }
        if let Some(error_handler) = &change.error_handler {
            self.notify_begun(tenant, error_handler.id, error_handler.workflow_id);
        }
    }

    /// Notifies watchers of a new run.
    pub(in crate::runner) fn notify_begun(&self, tenant: Uuid, run: Uuid, workflow: Option<Uuid>) {
        self.notify(tenant, FeedNotice::of(RUN_CHANGED, run, workflow, Some(Status::Pending)));
    }

    fn notify(&self, tenant: Uuid, notice: FeedNotice) {
        self.tell_watchers(tenant, &notice);
        self.feeds.send(tenant, notice);
    }
}

impl Runner {
    /// Streams changes of the tenant's runs until the server stops.
    pub fn watch(&self, scope: &Scope) -> impl Stream<Item = FeedNotice> + Send + use<> {
        let watcher = self.0.feeds.watch(scope.tenant);
        let state = (watcher, self.0.draining.clone(), Some(FeedNotice::ready()));
        stream::unfold(state, |(mut watcher, draining, first)| async move {
            if let Some(notice) = first {
                return Some((notice, (watcher, draining, None)));
            }
            let next = watcher.notices.as_mut()?.recv();
            let notice = tokio::select! {
                next = next => next,
                () = draining.cancelled() => return None,
            };
            let notice = match notice {
                Ok(notice) => notice,
                Err(RecvError::Lagged(_)) => FeedNotice::missed(),
                Err(RecvError::Closed) => return None,
            };
            Some((notice, (watcher, draining, None)))
        })
    }
}
