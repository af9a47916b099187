//! Lists how much the tenants store.
use super::say;
use crate::{
    Result,
    data_dir::Paths,
    quota::{DiskSpace, QuotaLimits, Quotas, UsageKind, size},
    store::directory::databases::Stored,
};
use std::{collections::HashMap, sync::Arc};
use uuid::Uuid;

/// How many of the largest tenants are listed.
const TENANTS: usize = 20;

/// Lists the tenants, largest first, with the files in a data directory: uploads in the file storage, if there are some,
/// instead of those in the directory. Prints nothing if this cannot be read.
pub(super) fn list(stored: Result<Vec<Stored>>, paths: Option<&Paths>) {
    let Ok(stored) = stored else { return };
    let quotas = paths.map(|paths| Quotas::new(QuotaLimits::unlimited(), paths, DiskSpace::unlimited()));
    let uploads: HashMap<Uuid, u64> =
        stored.iter().filter_map(|stored| Some((stored.tenant, *stored.kinds.get(&UsageKind::Files)?))).collect();
    if let Some(quotas) = quotas.as_ref().filter(|_| !uploads.is_empty()) {
        quotas.count_uploads_by(Arc::new(move |tenant| Some(uploads.get(&tenant).copied().unwrap_or_default())));
    }
    let mut all: Vec<_> = stored
        .into_iter()
        .map(|mut stored| {
            if let Some(quotas) = &quotas {
                stored.kinds.insert(UsageKind::Files, quotas.files(stored.tenant).used());
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
