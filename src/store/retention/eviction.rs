//! Decides what is deleted when all tenants together keep too much history. For each kind of history, the largest
//! tenants lose their oldest entries; tenants below the average lose nothing.
use crate::store::Usage;
use std::collections::BTreeMap;
use uuid::Uuid;

/// What a tenant keeps of a kind of history.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub(super) struct TenantHistory {
    /// The entries that may be deleted.
    pub ended: Usage,
    /// Everything, including what has not ended.
    pub bytes: u64,
}

/// A kind of history, by tenant.
pub(super) type History = BTreeMap<Uuid, TenantHistory>;

pub(super) fn bytes_of(history: &History) -> u64 {
    history.values().map(|kept| kept.bytes).sum()
}

/// Returns the tenant that loses its oldest entries next, and how much of `measure` at most, if all tenants together
/// exceed the limit by `excess`.
pub(super) fn largest(history: &History, excess: u64, measure: impl Fn(&TenantHistory) -> u64) -> Option<(Uuid, u64)> {
    let tenants = history.values().filter(|kept| measure(kept) > 0).count() as u64;
    let all: u64 = history.values().map(&measure).sum();
    let large = history.iter().filter(|(_, kept)| kept.ended.rows > 0);
    let large = large.filter(|(_, kept)| measure(kept).saturating_mul(tenants) >= all);
    let (tenant, kept) = large.max_by_key(|(_, kept)| measure(kept))?;
    // at most down to the average
    let above = measure(kept).saturating_sub(all / tenants.max(1));
    Some((*tenant, if tenants > 1 { excess.min(above.max(1)) } else { excess }))
}

/// Returns whether the kind of history with a quarter of the budget uses more of its share than the kind with the rest.
pub(super) fn is_quarter_fuller(quarter: u64, rest: u64) -> bool {
    quarter.saturating_mul(3) > rest
}

#[cfg(test)]
mod tests {
    use super::{History, TenantHistory, Usage, Uuid, is_quarter_fuller, largest};

    fn history(of: &[(u64, u64)]) -> History {
        let kept = |(at, (rows, bytes)): (usize, &(u64, u64))| {
            let ended = Usage { rows: *rows, bytes: *bytes };
            (Uuid::from_u128(at as u128), TenantHistory { ended, bytes: *bytes })
        };
        of.iter().enumerate().map(kept).collect()
    }

    #[test]
    fn the_largest_tenant_loses_its_oldest_entries_down_to_the_average() {
        let by_bytes = |of: &[(u64, u64)], excess| {
            largest(&history(of), excess, |kept| kept.bytes).map(|(id, much)| (id.as_u128(), much))
        };
        assert_eq!(by_bytes(&[(5, 50), (90, 2000)], 5000), Some((1, 975)), "down to the average");
        assert_eq!(by_bytes(&[(5, 50), (90, 2000)], 50), Some((1, 50)));
        assert_eq!(by_bytes(&[(5, 50), (0, 2000)], 50), None, "active runs do not evict the history of others");
        assert_eq!(by_bytes(&[(500, 5000)], 10), Some((0, 10)), "a single tenant is held to the limit");
        assert_eq!(by_bytes(&[], 10), None);
        let by_rows = largest(&history(&[(60, 50), (50, 60)]), 10, |kept| kept.ended.rows);
        assert_eq!(by_rows.map(|(id, much)| (id.as_u128(), much)), Some((0, 5)));
    }

    #[test]
    fn each_kind_of_history_has_its_share() {
        assert!(is_quarter_fuller(300, 600) && !is_quarter_fuller(200, 600) && !is_quarter_fuller(0, 0));
    }
}
