//! Deletes expired data: at startup, every ten minutes, and as soon as much has been written.
use crate::{
    Result,
    clock::{Recurring, Time},
    data_dir::Quarantine,
    store::{Mark, MarkClaim, Marks, MemoryPlace, RetentionLimits, Store},
    uploads::Uploads,
};
use std::{sync::Arc, time::Duration};
use tokio::time::MissedTickBehavior;
use tokio_util::sync::CancellationToken;

/// How often expired data is deleted, and how often the amount of written data is checked.
const INTERVAL: Duration = Duration::from_mins(10);
const LOOK: Duration = Duration::from_secs(1);
/// How often the usage counters are recounted: at startup, and then once a day.
const RECOUNT: Duration = Duration::from_hours(24);

/// How often the parts of the data directory get a new mark, if anything was written.
const MARKS: Duration = Duration::from_secs(30);
/// How often expired files are deleted from the quarantine.
const QUARANTINE: Duration = Duration::from_hours(1);

/// How long, and up to how many bytes, the quarantine keeps what clean-up removed.
#[derive(Clone, Copy, Debug)]
pub struct Quarantining {
    pub days: u32,
    pub bytes: u64,
}

impl Default for Quarantining {
    fn default() -> Self {
        Self { days: 7, bytes: 2 << 30 }
    }
}

/// Marks the parts of the data directory, so that an older copy of a part is detected, and deletes expired files from
/// the quarantine. Runs until `stop`.
pub async fn keep_marks(store: Arc<Store>, (quarantine, keep): (Quarantine, Quarantining), stop: CancellationToken) {
    let mut ticks = tokio::time::interval(MARKS);
    ticks.set_missed_tick_behavior(MissedTickBehavior::Delay);
    let mut emptying = Recurring::new(QUARANTINE);
    loop {
        tokio::select! {
            _ = ticks.tick() => {}
            () = stop.cancelled() => return,
        }
        let (store, quarantine) = (Arc::clone(&store), quarantine.clone());
        let is_time = emptying.is_due(Time::now());
        let work = tokio::task::spawn_blocking(move || {
            if is_time {
                let days = Duration::from_hours(24 * u64::from(keep.days));
                log_outcome("quarantined files", Ok(quarantine.expire(Time::now(), days, keep.bytes)));
            }
            store.tick()
        });
        if let Ok(Err(error)) = work.await {
            tracing::warn!(%error, "could not mark the data directory");
        }
    }
}

/// The duty to delete expired data. Two servers at the same time would each delete what is too much, and each correct the
/// same counter. If a server dies, another one takes its duty over at once.
struct Duty(Marks);

impl Duty {
    const KEY: &str = "housekeeping";
    const LONGEST: Duration = Duration::from_hours(1);

    /// Returns whether no other server has the duty. Then this one has it until [`Duty::end`].
    async fn begin(&self) -> bool {
        let mark = Mark { key: Self::KEY.to_owned(), lifetime: Self::LONGEST, ..Mark::default() };
        self.0.claim(mark).await.is_ok_and(|claim| claim == MarkClaim::Fresh)
    }

    async fn end(&self) {
        if let Err(error) = self.0.release(Self::KEY).await {
            tracing::warn!(%error, "the next deletion of expired data will be late");
        }
    }
}

/// Deletes expired runs, audit entries, versions and records in the trash until `stop`.
pub async fn run(store: Arc<Store>, uploads: Arc<Uploads>, keep: RetentionLimits, stop: CancellationToken) {
    let mut ticks = tokio::time::interval(LOOK);
    ticks.set_missed_tick_behavior(MissedTickBehavior::Delay);
    let enough = store.quotas().limits.housekeeping_step().min(keep.bytes / 8);
    let (mut looks, mut recounts) = (Recurring::new(INTERVAL), Recurring::new(RECOUNT));
    let duty = Duty(Marks::new("duty", Duty::LONGEST, MemoryPlace::of(&store)));
    let mut written = 0;
    loop {
        tokio::select! {
            _ = ticks.tick() => {}
            () = stop.cancelled() => return,
        }
        written += store.take_written();
        let is_time = looks.is_due(Time::now());
        if !is_time && written < enough {
            continue;
        }
        if is_time {
            let files = Arc::clone(store.quotas());
            let _ = tokio::task::spawn_blocking(move || files.recount_files()).await;
        }
        if duty.begin().await {
            written = 0;
            delete_expired(&store, keep, &mut recounts).await;
            duty.end().await;
        }
        if let Err(error) = uploads.remove_deleted().await {
            tracing::warn!(%error, "could not remove the content of deleted files");
        }
    }
}

async fn delete_expired(store: &Store, keep: RetentionLimits, recounts: &mut Recurring) {
    if recounts.is_due(Time::now()) {
        match store.recount_usage().await {
            Ok(0) => {}
            Ok(wrong) => tracing::warn!(wrong, "corrected the counters of what tenants store"),
            Err(error) => tracing::warn!(%error, "could not recount what tenants store"),
        }
    }
    log_outcome("runs", store.prune_runs(keep, Time::now()).await);
    log_outcome("audit entries, versions and records in the trash", store.prune_workspace(keep, Time::now()).await);
}

fn log_outcome(what: &str, outcome: Result<u64>) {
    match outcome {
        Ok(0) => {}
        Ok(count) => tracing::info!(what, count, "deleted expired data"),
        Err(error) => tracing::warn!(what, %error, "could not delete expired data"),
    }
}
