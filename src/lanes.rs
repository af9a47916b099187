//! A bounded number of slots, shared fairly among accounts and their tenants, with a queue of waiting items for each
//! tenant.
use std::{
    collections::{HashMap, VecDeque},
    fmt,
    sync::Arc,
};
use uuid::Uuid;

/// An account may hold at most this many times the number of slots that are left free. A single tenant may hold at most
/// as many as are free, so that the account's other tenants still get slots.
const ACCOUNT: usize = 3;

/// A tenant and the account that it counts for: all tenants of one person share that person's limit.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub struct LaneOwner {
    pub account: Uuid,
    pub tenant: Uuid,
}

/// Maps a tenant to its account. By default, each tenant is a separate account.
#[derive(Clone)]
pub struct Accounts(Arc<dyn Fn(Uuid) -> Uuid + Send + Sync>);

impl Accounts {
    pub fn new(account: impl Fn(Uuid) -> Uuid + Send + Sync + 'static) -> Self {
        Self(Arc::new(account))
    }

    pub fn owner(&self, tenant: Uuid) -> LaneOwner {
        LaneOwner { account: (self.0)(tenant), tenant }
    }
}

impl Default for Accounts {
    fn default() -> Self {
        Self::new(|tenant| tenant)
    }
}

impl fmt::Debug for Accounts {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("Accounts")
    }
}

/// A tenant gets a slot only while it holds fewer slots than are free, and fewer than its share. An account, with all
/// its tenants, gets one only while it holds fewer than three times as many as are free. So there is always a free slot
/// for another account, whatever the load. Accounts take turns, as do the tenants of an account; the items of a tenant
/// keep their order.
pub struct Lanes<T> {
    free: usize,
    share: usize,
    waiting: usize,
    tenants: HashMap<LaneOwner, Lane<T>>,
    accounts: HashMap<Uuid, Account>,
    /// Accounts with waiting items, in the order of their turns.
    turns: VecDeque<Uuid>,
}

struct Lane<T> {
    held: usize,
    waiting: VecDeque<T>,
}

#[derive(Default)]
struct Account {
    held: usize,
    waiting: usize,
    /// Tenants with waiting items, in the order of their turns.
    turns: VecDeque<Uuid>,
}

impl<T> Default for Lane<T> {
    fn default() -> Self {
        Self { held: 0, waiting: VecDeque::new() }
    }
}

impl<T> Lanes<T> {
    /// Creates `slots` slots, of which one tenant may hold at most `share`.
    pub fn new(slots: usize, share: usize) -> Self {
        Self {
            free: slots.max(1),
            share: share.max(1),
            waiting: 0,
            tenants: HashMap::new(),
            accounts: HashMap::new(),
            turns: VecDeque::new(),
        }
    }

    /// Returns whether another item of the owner may be queued if `most` may wait in total. The rules are those for
    /// slots.
    pub fn has_room(&self, owner: LaneOwner, most: usize) -> bool {
        let left = most.saturating_sub(self.waiting);
        let of_tenant = self.tenants.get(&owner).map_or(0, |lane| lane.waiting.len());
        let of_account = self.accounts.get(&owner.account).map_or(0, |account| account.waiting);
        of_tenant < left && of_account < left.saturating_mul(ACCOUNT)
    }

    pub fn push(&mut self, owner: LaneOwner, item: T) {
        self.waiting += 1;
        let lane = self.tenants.entry(owner).or_default();
        lane.waiting.push_back(item);
        let account = self.accounts.entry(owner.account).or_default();
        account.waiting += 1;
        if lane.waiting.len() == 1 {
            account.turns.push_back(owner.tenant);
        }
        if account.waiting == 1 {
            self.turns.push_back(owner.account);
        }
    }

    /// Takes a slot if one is available and no other item of the tenant is waiting. [`Lanes::release`] returns it.
    pub fn try_take(&mut self, owner: LaneOwner) -> bool {
        let taken = self.may_take(owner) && self.tenants.get(&owner).is_none_or(|lane| lane.waiting.is_empty());
        if taken {
            self.take(owner);
        }
        taken
    }

    /// Removes the next item whose owner may take a slot now, and takes that slot for it.
    pub fn pop(&mut self) -> Option<(LaneOwner, T)> {
        for _ in 0..self.turns.len() {
            let id = self.turns.pop_front()?;
            let found = self.pop_of(id);
            if self.accounts.get(&id).is_some_and(|account| account.waiting > 0) {
                self.turns.push_back(id);
            }
            if found.is_some() {
                return found;
            }
        }
        None
    }

    fn pop_of(&mut self, id: Uuid) -> Option<(LaneOwner, T)> {
        for _ in 0..self.accounts.get(&id)?.turns.len() {
            let tenant = self.accounts.get_mut(&id)?.turns.pop_front()?;
            let owner = LaneOwner { account: id, tenant };
            let may = self.may_take(owner);
            let Some(lane) = self.tenants.get_mut(&owner) else { continue };
            let item = if may { lane.waiting.pop_front() } else { None };
            let more = !lane.waiting.is_empty();
            let account = self.accounts.get_mut(&id)?;
            if more {
                account.turns.push_back(tenant);
            }
            if let Some(item) = item {
                account.waiting -= 1;
                self.waiting -= 1;
                self.take(owner);
                return Some((owner, item));
            }
        }
        None
    }

    /// Returns a slot that the owner holds.
    pub fn release(&mut self, owner: LaneOwner) {
        self.free += 1;
        if let Some(lane) = self.tenants.get_mut(&owner) {
            lane.held -= 1;
        }
        if let Some(account) = self.accounts.get_mut(&owner.account) {
            account.held -= 1;
        }
        self.tidy(owner);
    }

    /// Iterates over all waiting items, in no particular order.
    pub fn waiting(&self) -> impl Iterator<Item = &T> {
        self.tenants.values().flat_map(|lane| &lane.waiting)
    }

    /// Drops the tenant's waiting items for which `keep` returns false.
    pub fn retain(&mut self, tenant: Uuid, mut keep: impl FnMut(&T) -> bool) {
        let owners: Vec<LaneOwner> = self.tenants.keys().filter(|owner| owner.tenant == tenant).copied().collect();
        for owner in owners {
            let Some(lane) = self.tenants.get_mut(&owner) else { continue };
            let before = lane.waiting.len();
            lane.waiting.retain(&mut keep);
            let (gone, left) = (before - lane.waiting.len(), lane.waiting.len());
            self.waiting -= gone;
            if let Some(account) = self.accounts.get_mut(&owner.account) {
                account.waiting -= gone;
                if left == 0 {
                    account.turns.retain(|one| *one != tenant);
                }
                if account.waiting == 0 {
                    self.turns.retain(|one| *one != owner.account);
                }
            }
            self.tidy(owner);
        }
    }

    /// Returns whether the owner may take a slot now.
    fn may_take(&self, owner: LaneOwner) -> bool {
        let of_tenant = self.tenants.get(&owner).map_or(0, |lane| lane.held);
        let of_account = self.accounts.get(&owner.account).map_or(0, |account| account.held);
        of_tenant < self.free.min(self.share) && of_account < self.free.saturating_mul(ACCOUNT)
    }

    /// Returns how many slots all tenants of the account hold.
    pub fn held_by(&self, account: Uuid) -> usize {
        self.accounts.get(&account).map_or(0, |account| account.held)
    }

    /// Returns whether the account could take the next slot that is released.
    pub fn may_take_next(&self, account: Uuid) -> bool {
        let held = self.accounts.get(&account).map_or(0, |account| account.held);
        held < (self.free + 1).saturating_mul(ACCOUNT)
    }

    fn take(&mut self, owner: LaneOwner) {
        self.free -= 1;
        self.tenants.entry(owner).or_default().held += 1;
        self.accounts.entry(owner.account).or_default().held += 1;
    }

    fn tidy(&mut self, owner: LaneOwner) {
        if self.tenants.get(&owner).is_some_and(|lane| lane.held == 0 && lane.waiting.is_empty()) {
            self.tenants.remove(&owner);
        }
        if self.accounts.get(&owner.account).is_some_and(|account| account.held == 0 && account.waiting == 0) {
            self.accounts.remove(&owner.account);
        }
    }
}

#[cfg(test)]
mod tests {
    use super::{LaneOwner, Lanes};
    use uuid::Uuid;

    const A: LaneOwner = alone(1);
    const B: LaneOwner = alone(2);
    const C: LaneOwner = alone(3);

    /// A tenant with a separate account.
    const fn alone(id: u128) -> LaneOwner {
        LaneOwner { account: Uuid::from_u128(id), tenant: Uuid::from_u128(id) }
    }

    fn fill(lanes: &mut Lanes<usize>, owner: LaneOwner, items: usize) {
        for item in 0..items {
            lanes.push(owner, item);
        }
    }

    #[test]
    fn a_thousand_items_of_one_owner_leave_slots_for_another() {
        let mut lanes = Lanes::new(8, 8);
        fill(&mut lanes, A, 1000);
        let mut held: Vec<LaneOwner> = std::iter::from_fn(|| lanes.pop()).map(|(owner, _)| owner).collect();
        assert_eq!(held.len(), 4);
        fill(&mut lanes, B, 1);
        held.extend(lanes.pop().map(|(owner, _)| owner));
        assert_eq!(held[4], B);
        assert!(lanes.pop().is_none() && lanes.try_take(C) && !lanes.try_take(A));
        held.push(C);
        for owner in held {
            lanes.release(owner);
        }
        assert_eq!((lanes.waiting, lanes.free, lanes.tenants.len()), (996, 8, 1));
    }

    #[test]
    fn an_owner_gets_no_more_than_its_share() {
        let mut lanes = Lanes::new(100, 5);
        for owner in 1..=20 {
            fill(&mut lanes, alone(owner), 100);
        }
        let held: Vec<LaneOwner> = std::iter::from_fn(|| lanes.pop()).map(|(owner, _)| owner).collect();
        let of = |owner| held.iter().filter(|one| **one == alone(owner)).count();
        assert!((1..=20).all(|owner| (1..=5).contains(&of(owner))));
    }

    #[test]
    fn owners_take_turns_and_their_items_keep_their_order() {
        let mut lanes = Lanes::new(1, 1);
        fill(&mut lanes, A, 3);
        fill(&mut lanes, B, 2);
        let mut order = Vec::new();
        while let Some((owner, item)) = lanes.pop() {
            order.push((owner, item));
            lanes.release(owner);
        }
        assert_eq!(order, [(A, 0), (B, 0), (A, 1), (B, 1), (A, 2)]);
        assert!(lanes.tenants.is_empty() && lanes.accounts.is_empty());
    }

    #[test]
    fn one_owner_cannot_fill_the_queue() {
        let mut lanes = Lanes::new(1, 1);
        while lanes.has_room(A, 100) {
            fill(&mut lanes, A, 1);
        }
        assert_eq!(lanes.waiting, 50);
        assert!(lanes.has_room(B, 100));
    }

    #[test]
    fn dropped_items_no_longer_count_as_waiting() {
        let mut lanes = Lanes::new(1, 1);
        fill(&mut lanes, A, 3);
        fill(&mut lanes, B, 1);
        lanes.retain(A.tenant, |item| *item == 2);
        assert_eq!(lanes.waiting, 2);
        lanes.retain(A.tenant, |_| false);
        assert_eq!((lanes.pop(), lanes.waiting), (Some((B, 0)), 0));
    }

    #[test]
    fn a_hundred_tenants_of_one_account_leave_slots_and_queue_room_for_another() {
        let mut lanes = Lanes::new(8, 8);
        let tenant = |id: u128| LaneOwner { account: Uuid::from_u128(1), tenant: Uuid::from_u128(1000 + id) };
        // the first tenants use up all the room that the account has in the queue
        for id in 0..100 {
            while lanes.has_room(tenant(id), 1000) {
                fill(&mut lanes, tenant(id), 1);
            }
        }
        assert_eq!((lanes.waiting, lanes.tenants.len()), (750, 2));
        let held: Vec<LaneOwner> = std::iter::from_fn(|| lanes.pop()).map(|(owner, _)| owner).collect();
        assert!(held.len() < 8, "{}", held.len());
        let different: std::collections::HashSet<_> = held.iter().collect();
        assert!(different.len() > 1, "tenants of one account share its slots");
        assert!(lanes.has_room(B, 1000) && lanes.try_take(B));
    }

    #[test]
    fn a_busy_tenant_leaves_a_slot_for_another_tenant_of_its_account() {
        let mut lanes = Lanes::new(4, 4);
        let second = LaneOwner { tenant: Uuid::from_u128(9), ..A };
        fill(&mut lanes, A, 100);
        while lanes.pop().is_some() {}
        assert!(lanes.try_take(second));
        assert!(!lanes.try_take(LaneOwner { tenant: Uuid::from_u128(10), ..A }), "the last slot is for other accounts");
        assert!(lanes.try_take(B));
    }
}
