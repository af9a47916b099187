//! What the writes of a database publish.
use std::sync::atomic::{AtomicU64, Ordering};
use tokio::sync::watch;

/// Counters of commits, and a signal for changed permissions.
#[derive(Default)]
pub struct CommitSignals {
    /// How many transactions have ended.
    commits: AtomicU64,
    /// How many of them may have changed what is cached.
    changes: AtomicU64,
    /// How many of them have changed permissions.
    permissions: AtomicU64,
    /// How many bytes of tenants' data were added.
    written: AtomicU64,
    regrants: watch::Sender<()>,
}

impl CommitSignals {
    /// Publishes a transaction before the results of its writes are sent: what was cached earlier is now invalid.
    pub(super) fn publish(&self, changes: bool, regrants: bool) {
        self.commits.fetch_add(1, Ordering::Release);
        if changes {
            self.changes.fetch_add(1, Ordering::Release);
        }
        if regrants {
            self.permissions.fetch_add(1, Ordering::Release);
            self.regrants.send_replace(());
        }
    }

    pub(super) fn add_written(&self, bytes: u64) {
        self.written.fetch_add(bytes, Ordering::Relaxed);
    }

    /// Returns how many bytes were added since the last call.
    pub fn take_written(&self) -> u64 {
        self.written.swap(0, Ordering::Relaxed)
    }

    /// Returns the number of this process's commits.
    pub fn commits(&self) -> u64 {
        self.commits.load(Ordering::Acquire)
    }

    /// Returns the number of this process's commits that may have changed what is cached. Anything read before the
    /// latest one may be out of date.
    pub fn changes(&self) -> u64 {
        self.changes.load(Ordering::Acquire)
    }

    /// Returns the number of this process's commits that changed permissions.
    pub fn permissions(&self) -> u64 {
        self.permissions.load(Ordering::Acquire)
    }

    /// Returns a receiver that is notified of each commit that changes permissions.
    pub fn regrants(&self) -> watch::Receiver<()> {
        self.regrants.subscribe()
    }
}
