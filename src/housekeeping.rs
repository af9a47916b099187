//! What the server does by itself to keep its data small: at the start, every ten minutes, and as soon as much was written.
use crate::{
    Result,
    clock::{Recurring, Time},
    store::{Keep, Store},
};
use std::{sync::Arc, time::Duration};
use tokio::time::MissedTickBehavior;
use tokio_util::sync::CancellationToken;

/// How often old data is looked for, and how often it is asked how much was written.
const INTERVAL: Duration = Duration::from_mins(10);
const LOOK: Duration = Duration::from_secs(1);
/// How often the counters are checked: at the start, and then once a day.
const RECOUNT: Duration = Duration::from_hours(24);

/// Deletes what is no longer kept until `stop`.
pub async fn run(store: Arc<Store>, keep: Keep, stop: CancellationToken) {
    let mut ticks = tokio::time::interval(LOOK);
    ticks.set_missed_tick_behavior(MissedTickBehavior::Delay);
    let enough = store.quotas().limits.housekeeping_step().min(keep.bytes / 8);
    let (mut looks, mut recounts) = (Recurring::new(INTERVAL), Recurring::new(RECOUNT));
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
        if recounts.is_due(Time::now()) {
            match store.recount_usage().await {
                Ok(0) => {}
                Ok(wrong) => tracing::warn!(wrong, "counters of what tenants store were wrong and are corrected"),
                Err(error) => tracing::warn!(%error, "what tenants store was not counted"),
            }
        }
        written = 0;
        told("runs", store.prune_runs(keep, Time::now()).await);
        told("audit entries and versions", store.prune_workspace(keep, Time::now()).await);
    }
}

fn told(what: &str, outcome: Result<u64>) {
    match outcome {
        Ok(0) => {}
        Ok(count) => tracing::info!(count, "old {what} were deleted"),
        Err(error) => tracing::warn!(%error, "old {what} were not deleted"),
    }
}
