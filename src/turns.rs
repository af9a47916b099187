//! Limits how many scripts, queries and the like run at once, and decides who goes next.
use crate::lanes::Lanes;
use std::{
    collections::HashMap,
    hash::Hash,
    pin::pin,
    sync::{Arc, Mutex, MutexGuard, PoisonError},
    time::{Duration, Instant},
};
use tokio::sync::{Notify, oneshot};
use uuid::Uuid;

pub use crate::lanes::{Accounts, LaneOwner};

/// How long a tenant that holds no turn waits before it asks for one back, and then the interval between its requests.
const PATIENCE: Duration = Duration::from_millis(250);
const AGAIN: Duration = Duration::from_millis(50);

/// Hands out a bounded number of turns, shared fairly among owners, so that one owner's endless work never blocks
/// another's.
pub struct Turns {
    /// How many may wait in total.
    queue: usize,
    accounts: Accounts,
    state: Mutex<State>,
}

struct State {
    lanes: Lanes<oneshot::Sender<Turn>>,
    /// Turns that may be asked back, by number.
    lent: HashMap<u64, Lent>,
    next: u64,
}

struct Lent {
    owner: LaneOwner,
    since: Instant,
    /// How long the turn may be held before it can be asked back.
    quantum: Duration,
    asked: bool,
    notice: Arc<Notify>,
}

/// Permission to run; returned when dropped.
pub struct Turn {
    turns: Arc<Turns>,
    owner: LaneOwner,
    lent: Option<u64>,
}

impl Turns {
    /// Creates `limit` turns, of which one tenant may hold at most `share`; at most `queue` callers may wait.
    pub fn new(limit: usize, share: usize, queue: usize, accounts: Accounts) -> Arc<Self> {
        let state = State { lanes: Lanes::new(limit, share), lent: HashMap::new(), next: 0 };
        Arc::new(Self { queue, accounts, state: Mutex::new(state) })
    }

    /// Waits for a turn; `None` if too many are waiting already.
    pub async fn take(self: &Arc<Self>, tenant: Uuid) -> Option<Turn> {
        self.wait(self.accounts.owner(tenant), self.queue).await
    }

    /// Waits for a turn for the server's own work, which is bounded elsewhere: it may wait even if the queue is full.
    pub async fn take_own(self: &Arc<Self>) -> Option<Turn> {
        self.wait(self.accounts.owner(Uuid::nil()), usize::MAX).await
    }

    /// Waits for a turn for work that can be restarted. After `quantum`, the turn may be asked back through the
    /// returned notice if an owner that holds fewer is waiting, so that long work does not keep others waiting for
    /// long.
    pub async fn borrow(self: &Arc<Self>, tenant: Uuid, quantum: Duration) -> Option<(Turn, Arc<Notify>)> {
        let owner = self.accounts.owner(tenant);
        let mut waiting = pin!(self.wait(owner, self.queue));
        let mut patience = PATIENCE;
        let mut turn = loop {
            match tokio::time::timeout(patience, &mut waiting).await {
                Ok(turn) => break turn?,
                Err(_) => self.lock().ask_back(owner),
            }
            patience = AGAIN;
        };
        let notice = Arc::new(Notify::new());
        let mut state = self.lock();
        state.next += 1;
        let number = state.next;
        let lent = Lent { owner, since: Instant::now(), quantum, asked: false, notice: Arc::clone(&notice) };
        state.lent.insert(number, lent);
        drop(state);
        turn.lent = Some(number);
        Some((turn, notice))
    }

    /// How many turns are held by all tenants that share an account with `tenant`.
    pub fn held_with(&self, tenant: Uuid) -> usize {
        self.lock().lanes.held_by(self.accounts.owner(tenant).account)
    }

    async fn wait(self: &Arc<Self>, owner: LaneOwner, queue: usize) -> Option<Turn> {
        let (receiver, next) = {
            let mut state = self.lock();
            let lanes = &mut state.lanes;
            if lanes.try_take(owner) {
                return Some(self.turn(owner));
            }
            if !lanes.has_room(owner, queue) {
                lanes.retain(owner.tenant, |sender| !sender.is_closed());
                if !lanes.has_room(owner, queue) {
                    return None;
                }
            }
            let (sender, receiver) = oneshot::channel();
            lanes.push(owner, sender);
            // earlier waiters may have given up in the meantime
            (receiver, lanes.pop())
        };
        self.grant(next);
        receiver.await.ok()
    }

    fn turn(self: &Arc<Self>, owner: LaneOwner) -> Turn {
        Turn { turns: Arc::clone(self), owner, lent: None }
    }

    /// Hands out free turns. Turns are sent outside the lock, because one whose receiver has gone is dropped, and
    /// dropping it passes it on.
    fn grant(self: &Arc<Self>, mut next: Option<(LaneOwner, oneshot::Sender<Turn>)>) {
        while let Some((owner, sender)) = next {
            drop(sender.send(self.turn(owner)));
            next = self.lock().lanes.pop();
        }
    }

    fn lock(&self) -> MutexGuard<'_, State> {
        self.state.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

impl State {
    /// Asks an owner that holds the most to return a turn, on behalf of a waiting owner that holds none.
    fn ask_back(&mut self, owner: LaneOwner) {
        let (mut tenants, mut accounts) = (HashMap::new(), HashMap::new());
        for lent in self.lent.values() {
            // a turn has been asked back already
            if lent.asked {
                return;
            }
            count(&mut tenants, lent.owner);
            count(&mut accounts, lent.owner.account);
        }
        if tenants.contains_key(&owner) {
            return;
        }
        let of = |account: Uuid| accounts.get(&account).copied().unwrap_or(0);
        let most = accounts.values().copied().max().unwrap_or(0);
        // only tenants of the same account are asked if it holds as many turns as any other account, or if it is at its
        // limit and could not take the turn of another account
        let own = of(owner.account) >= most || !self.lanes.may_take_next(owner.account);
        let asked =
            |lent: &Lent| if own { lent.owner.account == owner.account } else { of(lent.owner.account) == most };
        let due = |lent: &Lent| lent.since.elapsed() >= lent.quantum;
        let candidates = self.lent.values_mut().filter(|lent| asked(lent) && due(lent));
        if let Some(lent) = candidates.max_by_key(|lent| (tenants.get(&lent.owner).copied(), lent.since.elapsed())) {
            lent.asked = true;
            lent.notice.notify_one();
        }
    }
}

fn count<K: Hash + Eq>(counts: &mut HashMap<K, usize>, key: K) {
    *counts.entry(key).or_default() += 1;
}

impl Drop for Turn {
    fn drop(&mut self) {
        let next = {
            let mut state = self.turns.lock();
            if let Some(number) = self.lent {
                state.lent.remove(&number);
            }
            state.lanes.release(self.owner);
            state.lanes.pop()
        };
        self.turns.grant(next);
    }
}

#[cfg(test)]
#[allow(clippy::unwrap_used)]
mod tests {
    use super::{Accounts, Turns};
    use std::{future::Future, task::Poll, time::Duration};
    use uuid::Uuid;

    /// Polls once: a free turn is ready immediately.
    async fn now<T>(future: impl Future<Output = T>) -> Option<T> {
        let mut future = Box::pin(future);
        std::future::poll_fn(|cx| match future.as_mut().poll(cx) {
            Poll::Ready(value) => Poll::Ready(Some(value)),
            Poll::Pending => Poll::Ready(None),
        })
        .await
    }

    #[tokio::test]
    async fn one_owner_leaves_turns_for_others() {
        let turns = Turns::new(4, 4, 10, Accounts::default());
        let (a, b) = (Uuid::from_u128(1), Uuid::from_u128(2));
        let first = turns.take(a).await.unwrap();
        let _second = turns.take(a).await.unwrap();
        assert!(now(turns.take(a)).await.is_none(), "a third turn for the same owner");
        let _other = turns.take(b).await.unwrap();
        drop(first);
        assert!(now(turns.take(a)).await.is_some());
    }

    #[tokio::test]
    async fn a_waiter_that_gives_up_does_not_lose_a_turn() {
        let turns = Turns::new(1, 1, 1, Accounts::default());
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

    #[tokio::test]
    async fn a_new_owner_gets_a_turn_despite_endless_work_of_others() {
        let turns = Turns::new(4, 4, 100, Accounts::default());
        let quantum = Duration::from_millis(20);
        let borrow = async |id| turns.borrow(Uuid::from_u128(id), quantum).await.unwrap();
        let mut held = vec![borrow(1).await, borrow(1).await, borrow(2).await, borrow(3).await];
        let next = borrow(4);
        let mut next = Box::pin(next);
        let (first, rest) = held.split_at_mut(2);
        let asked = async {
            tokio::select! {
                () = first[0].1.notified() => 0,
                () = first[1].1.notified() => 1,
                () = rest[0].1.notified() => panic!("asked an owner that holds one turn"),
                () = rest[1].1.notified() => panic!("asked an owner that holds one turn"),
            }
        };
        let asked = tokio::select! {
            asked = asked => asked,
            _ = &mut next => panic!("granted more turns than there are"),
        };
        held.remove(asked);
        next.await;
    }

    #[tokio::test]
    async fn an_account_at_its_limit_asks_only_its_own_tenants() {
        let accounts = Accounts::new(|tenant| Uuid::from_u128(tenant.as_u128() / 10));
        let turns = Turns::new(4, 4, 100, accounts);
        let borrow = async |id| turns.borrow(Uuid::from_u128(id), Duration::ZERO).await.unwrap();
        let (first, second, other) = (borrow(11).await, borrow(12).await, borrow(21).await);
        let third = borrow(13).await;
        let mut next = Box::pin(borrow(14));
        let asked = tokio::select! {
            _ = &mut next => None,
            () = first.1.notified() => Some(first),
            () = second.1.notified() => Some(second),
            () = third.1.notified() => Some(third),
            () = other.1.notified() => panic!("another account was asked"),
        };
        drop(asked);
        next.await;
    }
}
