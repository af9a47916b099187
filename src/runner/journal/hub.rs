//! Live events. Committed events go to the run's followers, which share what is read from the store.
use super::view::LiveEvent;
use crate::model::Json;
use std::{
    collections::{HashMap, VecDeque},
    fmt,
    sync::{
        Arc, Mutex, MutexGuard, PoisonError,
        atomic::{AtomicUsize, Ordering::Relaxed},
    },
};
use tokio::sync::{Mutex as Turn, watch};
use uuid::Uuid;

/// Limits of the events kept for a run's followers: their number, and their size in bytes.
const KEPT_EVENTS: usize = 4096;
const KEPT_BYTES: usize = 8 << 20;
/// Once the events of all runs take this many bytes, each run keeps only its newest ones.
const KEPT_IN_ALL: usize = 64 << 20;

/// The followed runs, each with the number of its followers.
#[derive(Default)]
pub struct Hub {
    runs: Mutex<HashMap<Uuid, Followed>>,
    /// The size of all kept events, in bytes.
    bytes: Arc<AtomicUsize>,
}

/// A followed run: its tenant, its newest events, and the number of its followers.
type Followed = (Uuid, Arc<RecentEvents>, usize);

/// The newest events of a run, without gaps.
pub struct RecentEvents {
    kept: Mutex<KeptEvents>,
    in_all: Arc<AtomicUsize>,
    /// The number of the newest event.
    newest: watch::Sender<u64>,
    /// Held by the follower that reads the journal for all followers.
    pub reading: Turn<()>,
}

#[derive(Default)]
struct KeptEvents {
    events: VecDeque<Arc<LiveEvent>>,
    bytes: usize,
}

/// A subscription to a run's events.
pub struct Follower {
    hub: Arc<Hub>,
    run: Uuid,
    pub story: Arc<RecentEvents>,
    changes: watch::Receiver<u64>,
}

impl Hub {
    pub fn follow(self: &Arc<Self>, tenant: Uuid, run: Uuid) -> Follower {
        let mut runs = self.lock();
        let (_, story, followers) = runs.entry(run).or_insert_with(|| {
            let story = RecentEvents {
                kept: Mutex::default(),
                in_all: Arc::clone(&self.bytes),
                newest: watch::Sender::new(0),
                reading: Turn::new(()),
            };
            (tenant, Arc::new(story), 0)
        });
        *followers += 1;
        let story = Arc::clone(story);
        Follower { hub: Arc::clone(self), run, changes: story.newest.subscribe(), story }
    }

    pub fn is_followed(&self, run: Uuid) -> bool {
        self.lock().contains_key(&run)
    }

    pub fn publish(&self, run: Uuid, events: impl Iterator<Item = LiveEvent>) {
        let story = self.lock().get(&run).map(|(_, story, _)| Arc::clone(story));
        if let Some(story) = story {
            story.add(events.map(Arc::new));
        }
    }

    /// Returns the followed runs, as tenant and ID.
    pub fn followed(&self) -> Vec<(Uuid, Uuid)> {
        self.lock().iter().map(|(run, (tenant, ..))| (*tenant, *run)).collect()
    }

    /// Lets the followers of a run read its journal up to the entry `seq`, which another server has written.
    pub fn nudge(&self, run: Uuid, seq: u64) {
        if let Some((_, story, _)) = self.lock().get(&run) {
            story.has_reached(seq);
        }
    }

    fn lock(&self) -> MutexGuard<'_, HashMap<Uuid, Followed>> {
        self.runs.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

impl RecentEvents {
    /// Adds events after the kept ones, or directly before them. Discards the kept events if there would be a gap.
    pub fn add(&self, events: impl Iterator<Item = Arc<LiveEvent>>) {
        let mut kept = self.kept.lock().unwrap_or_else(PoisonError::into_inner);
        let events: Vec<_> = events.collect();
        // events read from the journal while later ones were published belong before those
        let front = kept.events.front().map_or(0, |first| first.id);
        if events.iter().any(|event| event.id + 1 == front) {
            for event in events.iter().rev().filter(|event| event.id < front) {
                if kept.events.len() >= KEPT_EVENTS || kept.bytes > KEPT_BYTES {
                    break;
                }
                kept.bytes += size(event);
                self.in_all.fetch_add(size(event), Relaxed);
                kept.events.push_front(Arc::clone(event));
            }
        }
        for event in events {
            match kept.events.back().map(|last| last.id) {
                Some(last) if event.id <= last => continue,
                Some(last) if event.id > last + 1 => {
                    kept.events.clear();
                    self.in_all.fetch_sub(std::mem::take(&mut kept.bytes), Relaxed);
                }
                _ => {}
            }
            let bytes = size(&event);
            kept.bytes += bytes;
            let in_all = self.in_all.fetch_add(bytes, Relaxed) + bytes;
            kept.events.push_back(event);
            let most = if in_all > KEPT_IN_ALL { KEPT_BYTES / 128 } else { KEPT_BYTES };
            while kept.events.len() > KEPT_EVENTS || (kept.bytes > most && kept.events.len() > 1) {
                if let Some(first) = kept.events.pop_front() {
                    kept.bytes -= size(&first);
                    self.in_all.fetch_sub(size(&first), Relaxed);
                }
            }
        }
        let newest = kept.events.back().map_or(0, |last| last.id);
        drop(kept);
        self.has_reached(newest);
    }

    fn has_reached(&self, newest: u64) {
        self.newest.send_if_modified(|known| {
            let changed = newest > *known;
            *known = newest.max(*known);
            changed
        });
    }

    /// Returns the events after the one numbered `last`; `None` if they are not kept or do not exist yet.
    pub fn after(&self, last: u64) -> Option<Vec<Arc<LiveEvent>>> {
        let kept = self.kept.lock().unwrap_or_else(PoisonError::into_inner);
        let first = kept.events.front()?.id;
        let skip = usize::try_from((last + 1).checked_sub(first)?).unwrap_or(usize::MAX);
        (skip < kept.events.len()).then(|| kept.events.iter().skip(skip).cloned().collect())
    }
}

fn size(event: &LiveEvent) -> usize {
    let length = |value: &Option<Json>| value.as_ref().map_or(0, |value| value.text().len());
    256 + length(&event.data.input)
        + length(&event.data.output)
        + event.data.logs.iter().map(String::len).sum::<usize>()
}

impl Drop for RecentEvents {
    fn drop(&mut self) {
        let kept = self.kept.get_mut().unwrap_or_else(PoisonError::into_inner);
        self.in_all.fetch_sub(kept.bytes, Relaxed);
    }
}

impl Follower {
    /// Waits until an event after `last` is published.
    pub async fn wait(&mut self, last: u64) {
        // cannot fail: `story` keeps the sender alive
        let _ = self.changes.wait_for(|newest| *newest > last).await;
    }
}

impl fmt::Debug for Follower {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "follower of {}", self.run)
    }
}

impl Drop for Follower {
    fn drop(&mut self) {
        let mut runs = self.hub.lock();
        if let Some((.., followers)) = runs.get_mut(&self.run) {
            *followers -= 1;
            if *followers == 0 {
                runs.remove(&self.run);
            }
        }
    }
}
