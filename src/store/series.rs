//! The newest rows of several series together, each read backwards in an index of its own: whatever a list is filtered by,
//! it costs as many look-ups as there are series and rows on the page.
use crate::Result;
use std::collections::BinaryHeap;

/// The `limit` greatest keys of all `series`, greatest first. `before` gives the greatest key of a series that is less
/// than a given one, or the greatest of all.
pub(super) fn newest<S, K: Ord + Clone>(
    series: &[S],
    limit: usize,
    mut before: impl FnMut(&S, Option<&K>) -> Result<Option<K>>,
) -> Result<Vec<K>> {
    let mut heads = BinaryHeap::with_capacity(series.len());
    for (at, one) in series.iter().enumerate() {
        heads.extend(before(one, None)?.map(|key| (key, at)));
    }
    let mut found = Vec::new();
    while found.len() < limit
        && let Some((key, at)) = heads.pop()
    {
        heads.extend(before(&series[at], Some(&key))?.map(|key| (key, at)));
        found.push(key);
    }
    Ok(found)
}

#[cfg(test)]
#[allow(clippy::unwrap_used)]
mod tests {
    use super::newest;
    use proptest::prelude::*;
    use std::collections::BTreeSet;

    proptest! {
        #[test]
        fn several_series_read_like_one(
            series in prop::collection::vec(prop::collection::btree_set(0..200_u32, 0..20), 0..8),
            limit in 0..40_usize,
        ) {
            let mut looks = 0;
            let found = newest(&series, limit, |one: &BTreeSet<u32>, before| {
                looks += 1;
                Ok(match before {
                    Some(before) => one.range(..before).next_back().copied(),
                    None => one.last().copied(),
                })
            })
            .unwrap();
            let mut all: Vec<u32> = series.iter().flatten().copied().collect();
            all.sort_unstable_by(|a, b| b.cmp(a));
            all.truncate(limit);
            prop_assert!(looks <= series.len() + limit);
            prop_assert_eq!(found, all);
        }
    }
}
