//! Merges the newest rows of several series, each read backwards from an index. A list costs one lookup per series and
//! per row of the page, whatever the filter.
use crate::Result;
use std::collections::BinaryHeap;

/// Returns the `limit` greatest keys of all `series`, greatest first. `before` returns the greatest key of a series
/// that is less than a given key, or the greatest of all.
pub fn newest<S, K: Ord + Clone>(
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
