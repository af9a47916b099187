//! Who goes next, where a bounded number may go at once: scripts, queries.
use crate::lanes::Lanes;
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};
use tokio::sync::oneshot;
use uuid::Uuid;

/// A gate that lets a bounded number of turns be held at once, shared fairly among owners, so that one owner's endless
/// work never stops another's.
pub struct Turns {
    /// How many may wait in all.
    queue: usize,
    lanes: Mutex<Lanes<oneshot::Sender<Turn>>>,
}

/// The right to go on; given back when dropped.
pub struct Turn {
    turns: Arc<Turns>,
    owner: Uuid,
}

impl Turns {
    /// `limit` at once, of which one owner holds at most `share`; `queue` may wait.
    pub fn new(limit: usize, share: usize, queue: usize) -> Arc<Self> {
        Arc::new(Self { queue, lanes: Mutex::new(Lanes::new(limit, share)) })
    }

    /// Waits for a turn; `None` when too many wait already.
    pub async fn take(self: &Arc<Self>, owner: Uuid) -> Option<Turn> {
        let (receiver, next) = {
            let mut lanes = self.lock();
            if lanes.try_take(owner) {
                return Some(self.turn(owner));
            }
            if !lanes.has_room(owner, self.queue) {
                lanes.retain(owner, |sender| !sender.is_closed());
                if !lanes.has_room(owner, self.queue) {
                    return None;
                }
            }
            let (sender, receiver) = oneshot::channel();
            lanes.push(owner, sender);
            // those before may have given up waiting meanwhile
            (receiver, lanes.pop())
        };
        self.grant(next);
        receiver.await.ok()
    }

    fn turn(self: &Arc<Self>, owner: Uuid) -> Turn {
        Turn { turns: Arc::clone(self), owner }
    }

    /// Hands out what is free. Turns are sent outside the lock: one that nobody waits for any more comes back by its
    /// drop, which hands it on.
    fn grant(self: &Arc<Self>, mut next: Option<(Uuid, oneshot::Sender<Turn>)>) {
        while let Some((owner, sender)) = next {
            drop(sender.send(self.turn(owner)));
            next = self.lock().pop();
        }
    }

    fn lock(&self) -> MutexGuard<'_, Lanes<oneshot::Sender<Turn>>> {
        self.lanes.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

impl Drop for Turn {
    fn drop(&mut self) {
        let next = {
            let mut lanes = self.turns.lock();
            lanes.release(self.owner);
            lanes.pop()
        };
        self.turns.grant(next);
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
    async fn one_owner_leaves_turns_to_others() {
        let turns = Turns::new(4, 4, 10);
        let (a, b) = (Uuid::from_u128(1), Uuid::from_u128(2));
        let first = turns.take(a).await.unwrap();
        let _second = turns.take(a).await.unwrap();
        assert!(now(turns.take(a)).await.is_none(), "a third for the same");
        let _other = turns.take(b).await.unwrap();
        drop(first);
        assert!(now(turns.take(a)).await.is_some());
    }

    #[tokio::test]
    async fn whoever_gives_up_waiting_loses_no_turn() {
        let turns = Turns::new(1, 1, 1);
        let owner = Uuid::nil();
        let held = turns.take(owner).await.unwrap();
        let mut gone = Box::pin(turns.take(owner));
        assert!(now(&mut gone).await.is_none());
        assert!(now(turns.take(owner)).await.unwrap().is_none(), "full");
        drop(gone);
        let mut next = Box::pin(turns.take(owner));
        assert!(now(&mut next).await.is_none());
        drop(held);
        next.await.unwrap();
    }
}
