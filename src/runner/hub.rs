//! Live events: what is committed goes to whoever follows the run.
use super::view::LiveEvent;
use std::{
    collections::HashMap,
    sync::{Arc, Mutex, MutexGuard, PoisonError},
};
use tokio::sync::broadcast::{self, Receiver, Sender};
use uuid::Uuid;

/// How far a follower may fall behind before it reads the journal again.
const BACKLOG: usize = 256;

/// The runs that are followed.
#[derive(Default)]
pub struct Hub {
    runs: Mutex<HashMap<Uuid, Sender<Arc<LiveEvent>>>>,
}

/// One follower's end.
pub struct Follower {
    hub: Arc<Hub>,
    run: Uuid,
    receiver: Option<Receiver<Arc<LiveEvent>>>,
}

/// What a follower hears.
pub enum News {
    Event(Arc<LiveEvent>),
    /// Some were missed: the journal has them.
    Missed,
}

impl Hub {
    pub fn follow(self: &Arc<Self>, run: Uuid) -> Follower {
        let mut runs = self.lock();
        let sender = runs.entry(run).or_insert_with(|| broadcast::channel(BACKLOG).0);
        Follower { hub: Arc::clone(self), run, receiver: Some(sender.subscribe()) }
    }

    pub fn is_followed(&self, run: Uuid) -> bool {
        self.lock().contains_key(&run)
    }

    pub fn publish(&self, run: Uuid, event: LiveEvent) {
        if let Some(sender) = self.lock().get(&run) {
            // nobody listening is no failure
            let _ = sender.send(Arc::new(event));
        }
    }

    fn lock(&self) -> MutexGuard<'_, HashMap<Uuid, Sender<Arc<LiveEvent>>>> {
        self.runs.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

impl Follower {
    pub async fn next(&mut self) -> News {
        let Some(receiver) = &mut self.receiver else { return News::Missed };
        match receiver.recv().await {
            Ok(event) => News::Event(event),
            Err(_) => News::Missed,
        }
    }
}

impl Drop for Follower {
    fn drop(&mut self) {
        let mut runs = self.hub.lock();
        self.receiver = None;
        if runs.get(&self.run).is_some_and(|sender| sender.receiver_count() == 0) {
            runs.remove(&self.run);
        }
    }
}
