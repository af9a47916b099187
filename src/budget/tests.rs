//! Shares, growth and waiting.
#![allow(clippy::unwrap_used)]
use super::{Budget, Hold, MemoryOwner, UNCOUNTED};
use crate::Error;
use std::time::Duration;
use uuid::Uuid;

const MIB: usize = 1 << 20;

fn tenant(number: u128) -> MemoryOwner {
    MemoryOwner::Tenant(Uuid::from_u128(number))
}

/// Returns as many holds of a MiB as the owner gets.
fn fill(budget: &Budget, owner: MemoryOwner) -> Vec<Hold> {
    std::iter::from_fn(|| budget.reserve(owner, UNCOUNTED + MIB).ok()).collect()
}

#[test]
fn an_owner_gets_no_more_than_its_share() {
    let budget = Budget::new(64 * MIB);
    for (owner, share) in [(tenant(1), 32), (MemoryOwner::Hook(Uuid::nil()), 8), (MemoryOwner::address(None), 8)] {
        let held = fill(&budget, owner);
        assert_eq!(held.len(), share);
        assert!(matches!(budget.reserve(owner, MIB), Err(Error::RateLimited { .. })));
        drop(held);
        assert_eq!(budget.in_use(), 0);
    }
}

#[test]
fn another_owner_always_gets_some_of_the_budget() {
    let budget = Budget::new(256 * MIB);
    let held: Vec<Vec<Hold>> = (0..5).map(|number| fill(&budget, tenant(number))).collect();
    assert!(matches!(budget.reserve(tenant(4), MIB), Err(Error::ShortOfMemory(_))));
    assert!(budget.in_use() < budget.total());
    assert!(budget.reserve(tenant(99), UNCOUNTED + MIB).is_ok());
    drop(held);
    assert_eq!(budget.in_use(), 0);
    assert!(budget.lock().owners.is_empty());
}

#[test]
fn a_hold_of_two_owners_is_limited_by_both() {
    let budget = Budget::new(64 * MIB);
    let hook = |number| MemoryOwner::Hook(Uuid::from_u128(number));
    let mut held = Vec::new();
    for number in 0..5 {
        let one = budget.hold_both(tenant(1), hook(number));
        while one.grow(MIB).is_ok() {}
        assert!(one.used() <= 9 * MIB);
        held.push(one);
    }
    assert!(held.iter().map(Hold::used).sum::<usize>() <= 33 * MIB);
}

#[test]
fn a_refused_growth_changes_nothing() {
    let budget = Budget::new(64 * MIB);
    let hold = budget.reserve(tenant(1), MIB).unwrap();
    let before = (hold.used(), budget.in_use());
    assert!(hold.grow(60 * MIB).is_err());
    assert_eq!((hold.used(), budget.in_use()), before);
    hold.set(2 * MIB).unwrap();
    hold.set(0).unwrap();
    assert_eq!((hold.used(), budget.in_use()), (0, 0));
    hold.shrink(MIB);
    assert_eq!((hold.used(), budget.in_use()), (0, 0));
}

#[test]
fn small_holds_are_not_counted() {
    let budget = Budget::new(64 * MIB);
    let _held: Vec<Hold> = (0..10_000).map(|_| budget.reserve(tenant(1), 1000).unwrap()).collect();
    assert_eq!(budget.in_use(), 0);
}

#[tokio::test]
async fn waiting_ends_when_bytes_are_returned_or_it_times_out() {
    let budget = Budget::new(6 * MIB);
    let held = budget.reserve(tenant(1), 2 * MIB).unwrap();
    let refused = budget.reserve_within(tenant(1), 2 * MIB, Duration::from_millis(10)).await;
    assert!(matches!(refused, Err(Error::RateLimited { .. })));
    let waiting = tokio::spawn({
        let budget = budget.clone();
        async move { budget.reserve_within(tenant(1), 2 * MIB, Duration::from_mins(1)).await.map(drop) }
    });
    tokio::task::yield_now().await;
    drop(held);
    waiting.await.unwrap().unwrap();
}

#[test]
fn addresses_of_the_same_network_have_the_same_owner() {
    let owner = |text: &str| MemoryOwner::address(Some(text.parse().unwrap()));
    assert_eq!(owner("2001:db8:1:2::1"), owner("2001:db8:1:2:ffff::9"));
    assert_ne!(owner("2001:db8:1:2::1"), owner("2001:db8:1:3::1"));
    assert_eq!(owner("::ffff:192.0.2.1"), owner("192.0.2.1"));
    assert_ne!(owner("192.0.2.1"), owner("192.0.2.2"));
}
