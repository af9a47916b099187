//! A bounded number of slots, shared fairly among owners, and a line of waiting items for each.
use std::collections::{HashMap, VecDeque};
use uuid::Uuid;

/// An owner (a tenant) gets a slot only while it holds fewer than are free, and fewer than its share: however much one
/// asks for, there is always a slot for another. Owners take turns; each one's items keep their order.
pub struct Lanes<T> {
    free: usize,
    share: usize,
    waiting: usize,
    owners: HashMap<Uuid, Lane<T>>,
    /// Owners with waiting items, in the order of their turns.
    turns: VecDeque<Uuid>,
}

struct Lane<T> {
    held: usize,
    waiting: VecDeque<T>,
}

impl<T> Default for Lane<T> {
    fn default() -> Self {
        Self { held: 0, waiting: VecDeque::new() }
    }
}

impl<T> Lanes<T> {
    /// `slots` in all, of which one owner holds at most `share`.
    pub fn new(slots: usize, share: usize) -> Self {
        Self { free: slots.max(1), share: share.max(1), waiting: 0, owners: HashMap::new(), turns: VecDeque::new() }
    }

    /// Whether one more item of the owner may wait, where `most` may wait in all: it may have as many as it leaves to
    /// others.
    pub fn has_room(&self, owner: Uuid, most: usize) -> bool {
        let own = self.owners.get(&owner).map_or(0, |lane| lane.waiting.len());
        own < most.saturating_sub(self.waiting)
    }

    pub fn push(&mut self, owner: Uuid, item: T) {
        self.waiting += 1;
        let lane = self.owners.entry(owner).or_default();
        lane.waiting.push_back(item);
        if lane.waiting.len() == 1 {
            self.turns.push_back(owner);
        }
    }

    /// A slot at once, unless others of the owner wait already. [`Lanes::release`] gives it back.
    pub fn try_take(&mut self, owner: Uuid) -> bool {
        let most = self.free.min(self.share);
        let lane = self.owners.entry(owner).or_default();
        let taken = lane.waiting.is_empty() && lane.held < most;
        if taken {
            lane.held += 1;
            self.free -= 1;
        } else {
            self.tidy(owner);
        }
        taken
    }

    /// The next item whose owner may have a slot now, with that slot.
    pub fn pop(&mut self) -> Option<(Uuid, T)> {
        for _ in 0..self.turns.len() {
            let owner = self.turns.pop_front()?;
            let most = self.free.min(self.share);
            let Some(lane) = self.owners.get_mut(&owner) else { continue };
            let item = if lane.held < most { lane.waiting.pop_front() } else { None };
            lane.held += usize::from(item.is_some());
            if !lane.waiting.is_empty() {
                self.turns.push_back(owner);
            }
            if let Some(item) = item {
                self.free -= 1;
                self.waiting -= 1;
                return Some((owner, item));
            }
        }
        None
    }

    /// Gives a slot of the owner's back.
    pub fn release(&mut self, owner: Uuid) {
        self.free += 1;
        if let Some(lane) = self.owners.get_mut(&owner) {
            lane.held -= 1;
        }
        self.tidy(owner);
    }

    /// Drops the owner's waiting items that `keep` refuses.
    pub fn retain(&mut self, owner: Uuid, keep: impl FnMut(&T) -> bool) {
        let Some(lane) = self.owners.get_mut(&owner) else { return };
        let before = lane.waiting.len();
        lane.waiting.retain(keep);
        self.waiting -= before - lane.waiting.len();
        if lane.waiting.is_empty() {
            self.turns.retain(|one| *one != owner);
        }
        self.tidy(owner);
    }

    fn tidy(&mut self, owner: Uuid) {
        if self.owners.get(&owner).is_some_and(|lane| lane.held == 0 && lane.waiting.is_empty()) {
            self.owners.remove(&owner);
        }
    }
}

#[cfg(test)]
mod tests {
    use super::Lanes;
    use uuid::Uuid;

    const A: Uuid = Uuid::from_u128(1);
    const B: Uuid = Uuid::from_u128(2);
    const C: Uuid = Uuid::from_u128(3);

    fn fill(lanes: &mut Lanes<usize>, owner: Uuid, items: usize) {
        for item in 0..items {
            lanes.push(owner, item);
        }
    }

    #[test]
    fn a_thousand_items_of_one_owner_leave_room_for_another() {
        let mut lanes = Lanes::new(8, 8);
        fill(&mut lanes, A, 1000);
        let mut held: Vec<Uuid> = std::iter::from_fn(|| lanes.pop()).map(|(owner, _)| owner).collect();
        assert_eq!(held.len(), 4);
        fill(&mut lanes, B, 1);
        held.extend(lanes.pop().map(|(owner, _)| owner));
        assert_eq!(held[4], B);
        assert!(lanes.pop().is_none() && lanes.try_take(C) && !lanes.try_take(A));
        held.push(C);
        for owner in held {
            lanes.release(owner);
        }
        assert_eq!((lanes.waiting, lanes.free, lanes.owners.len()), (996, 8, 1));
    }

    #[test]
    fn an_owner_gets_no_more_than_its_share() {
        let mut lanes = Lanes::new(100, 5);
        for owner in 1..=20 {
            fill(&mut lanes, Uuid::from_u128(owner), 100);
        }
        let held: Vec<Uuid> = std::iter::from_fn(|| lanes.pop()).map(|(owner, _)| owner).collect();
        let of = |owner| held.iter().filter(|one| **one == Uuid::from_u128(owner)).count();
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
        assert!(lanes.owners.is_empty());
    }

    #[test]
    fn nobody_fills_the_line_for_all() {
        let mut lanes = Lanes::new(1, 1);
        while lanes.has_room(A, 100) {
            fill(&mut lanes, A, 1);
        }
        assert_eq!(lanes.waiting, 50);
        assert!(lanes.has_room(B, 100));
    }

    #[test]
    fn what_is_dropped_waits_no_more() {
        let mut lanes = Lanes::new(1, 1);
        fill(&mut lanes, A, 3);
        fill(&mut lanes, B, 1);
        lanes.retain(A, |item| *item == 2);
        assert_eq!(lanes.waiting, 2);
        lanes.retain(A, |_| false);
        assert_eq!((lanes.pop(), lanes.waiting), (Some((B, 0)), 0));
    }
}
