//! Lists how much the tenants store.
use super::say;
use crate::{
    Result,
    data_dir::Paths,
    quota::{DiskSpace, QuotaLimits, Quotas, UsageKind, size},
    store::directory::databases::Stored,
};

/// How many of the largest tenants are listed.
const TENANTS: usize = 20;

/// Lists the tenants, largest first, with the files in a data directory; prints nothing if this cannot be read.
pub(super) fn list(stored: Result<Vec<Stored>>, paths: Option<&Paths>) {
    let Ok(stored) = stored else { return };
    let quotas = paths.map(|paths| Quotas::new(QuotaLimits::unlimited(), paths, DiskSpace::unlimited()));
    let mut all: Vec<_> = stored
        .into_iter()
        .map(|mut stored| {
            if let Some(quotas) = &quotas {
                *stored.kinds.entry(UsageKind::Files).or_default() += quotas.files(stored.tenant).used();
            }
            (stored.kinds.values().sum::<u64>(), stored)
        })
        .collect();
    all.sort_by_key(|(bytes, _)| std::cmp::Reverse(*bytes));
    for (bytes, stored) in all.iter().take(TENANTS) {
        let kinds: Vec<_> = stored
            .kinds
            .iter()
            .filter(|(_, bytes)| **bytes > 0)
            .map(|(kind, bytes)| format!("{} {}", kind.as_str(), size(*bytes)))
            .collect();
        // a tenant's name must not forge a line
        let name = stored.name.escape_debug();
        say(&format!("info  tenant {} \"{name}\": {} ({})", stored.tenant, size(*bytes), kinds.join(", ")));
    }
    if all.len() > TENANTS {
        say(&format!("info  {} smaller tenants are not listed", all.len() - TENANTS));
    }
}
