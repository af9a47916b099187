//! Whose script runs next: a bounded number at once, shared fairly among owners.
use std::{
    collections::{HashMap, VecDeque},
    sync::{Arc, Mutex, MutexGuard, PoisonError},
};
use tokio::sync::oneshot;
use uuid::Uuid;

/// A gate that lets `limit` turns be held at once, at most half of them by one owner, so that one owner's endless
/// loops never stop another's scripts.
pub(super) struct Turns {
    limit: usize,
    queue: usize,
    state: Mutex<State>,
}

#[derive(Default)]
struct State {
    held: HashMap<Uuid, usize>,
    total: usize,
    waiting: VecDeque<(Uuid, oneshot::Sender<Turn>)>,
}

/// The right to run; given back when dropped.
pub(super) struct Turn {
    turns: Arc<Turns>,
    owner: Uuid,
}

impl Turns {
    pub fn new(limit: usize, queue: usize) -> Arc<Self> {
        Arc::new(Self { limit: limit.max(1), queue, state: Mutex::default() })
    }

    /// Waits for a turn; `None` when too many wait already.
    pub async fn take(self: &Arc<Self>, owner: Uuid) -> Option<Turn> {
        let (sender, receiver) = oneshot::channel();
        {
            let mut state = self.lock();
            state.waiting.retain(|(_, sender)| !sender.is_closed());
            if state.waiting.len() >= self.queue {
                return None;
            }
            state.waiting.push_back((owner, sender));
        }
        self.grant();
        receiver.await.ok()
    }

    /// Hands out what is free. Turns are sent outside the lock: one that nobody waits for any more comes back by its drop.
    fn grant(self: &Arc<Self>) {
        loop {
            let Some((owner, sender)) = self.next() else {
                return;
            };
            let turn = Turn { turns: Arc::clone(self), owner };
            drop(sender.send(turn));
        }
    }

    /// The first in line of the owner who holds least, when a turn is free.
    fn next(&self) -> Option<(Uuid, oneshot::Sender<Turn>)> {
        let mut state = self.lock();
        if state.total >= self.limit {
            return None;
        }
        let share = (self.limit / 2).max(1);
        let held = |owner: &Uuid| state.held.get(owner).copied().unwrap_or(0);
        let (index, _) = state
            .waiting
            .iter()
            .enumerate()
            .map(|(i, (owner, _))| (i, held(owner)))
            .filter(|(_, held)| *held < share)
            .min_by_key(|(_, held)| *held)?;
        let (owner, sender) = state.waiting.remove(index)?;
        *state.held.entry(owner).or_default() += 1;
        state.total += 1;
        Some((owner, sender))
    }

    fn lock(&self) -> MutexGuard<'_, State> {
        self.state.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

impl Drop for Turn {
    fn drop(&mut self) {
        {
            let mut state = self.turns.lock();
            state.total -= 1;
            if let Some(held) = state.held.get_mut(&self.owner) {
                *held -= 1;
                if *held == 0 {
                    state.held.remove(&self.owner);
                }
            }
        }
        self.turns.grant();
    }
}

#[cfg(test)]
#[allow(clippy::unwrap_used)]
mod tests {
    use super::Turns;
    use std::{future::Future, task::Poll};
    use uuid::Uuid;

    /// Polls once: a turn that is free is there at once.
    async fn now<T>(future: impl Future<Output = T>) -> Option<T> {
        let mut future = Box::pin(future);
        std::future::poll_fn(|cx| match future.as_mut().poll(cx) {
            Poll::Ready(value) => Poll::Ready(Some(value)),
            Poll::Pending => Poll::Ready(None),
        })
        .await
    }

    #[tokio::test]
    async fn one_owner_gets_at_most_half() {
        let turns = Turns::new(4, 10);
        let (a, b) = (Uuid::from_u128(1), Uuid::from_u128(2));
        let first = turns.take(a).await.unwrap();
        let _second = turns.take(a).await.unwrap();
        assert!(now(turns.take(a)).await.is_none(), "a third for the same");
        let _other = turns.take(b).await.unwrap();
        drop(first);
        assert!(now(turns.take(a)).await.is_some());
    }

    #[tokio::test]
    async fn a_freed_turn_goes_to_whoever_holds_least() {
        let turns = Turns::new(2, 10);
        let (a, b) = (Uuid::from_u128(1), Uuid::from_u128(2));
        let held = turns.take(a).await.unwrap();
        let mut waiting_a = Box::pin(turns.take(a));
        let _ = now(&mut waiting_a).await;
        let got_b = turns.take(b).await.unwrap();
        drop(held);
        assert!(now(&mut waiting_a).await.is_some());
        drop(got_b);
    }

    #[tokio::test]
    async fn whoever_gives_up_waiting_loses_no_turn() {
        let turns = Turns::new(1, 1);
        let owner = Uuid::nil();
        let held = turns.take(owner).await.unwrap();
        let mut gone = Box::pin(turns.take(owner));
        assert!(now(&mut gone).await.is_none());
        assert!(now(turns.take(owner)).await.unwrap().is_none(), "full");
        drop(gone);
        drop(held);
        turns.take(owner).await.unwrap();
    }
}
