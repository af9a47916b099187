//! Slows down guessing and floods: failed sign-ins per account and address, visits of shared links per address and link.
use moka::sync::Cache;
use std::{
    net::IpAddr,
    sync::{
        Arc,
        atomic::{AtomicU32, Ordering},
    },
    time::Duration,
};

/// How long failures count.
pub const WINDOW: Duration = Duration::from_mins(5);
const PER_ACCOUNT: u32 = 10;
const PER_ADDRESS: u32 = 50;

/// Failures of the last minutes; bounded in size, so that a flood of made-up accounts costs nothing.
pub struct SignInLimit {
    failures: Cache<String, Arc<AtomicU32>>,
}

impl Default for SignInLimit {
    fn default() -> Self {
        Self { failures: Cache::builder().max_capacity(50_000).time_to_live(WINDOW).build() }
    }
}

impl SignInLimit {
    /// Whether one more try is allowed.
    pub fn allows(&self, email: &str, address: Option<IpAddr>) -> bool {
        let below = |key: String, limit| self.failures.get(&key).is_none_or(|n| n.load(Ordering::Relaxed) < limit);
        below(account(email), PER_ACCOUNT) && address.is_none_or(|address| below(address.to_string(), PER_ADDRESS))
    }

    pub fn failed(&self, email: &str, address: Option<IpAddr>) {
        for key in std::iter::once(account(email)).chain(address.map(|address| address.to_string())) {
            self.failures.get_with(key, Arc::default).fetch_add(1, Ordering::Relaxed);
        }
    }

    /// A right password clears the account's count and was no failure of the address: many people may share one.
    pub fn succeeded(&self, email: &str, address: Option<IpAddr>) {
        self.failures.invalidate(&account(email));
        if let Some(failures) = address.and_then(|address| self.failures.get(&address.to_string())) {
            let _ = failures.try_update(Ordering::Relaxed, Ordering::Relaxed, |count| count.checked_sub(1));
        }
    }
}

fn account(email: &str) -> String {
    format!("account {email}")
}

/// How long a visit counts.
pub const VISIT_WINDOW: Duration = Duration::from_mins(1);
const VISITS_PER_ADDRESS: u32 = 600;
const VISITS_PER_LINK: u32 = 3000;

/// Visits without an account in the last minute; bounded in size.
pub struct Visits(Cache<String, Arc<AtomicU32>>);

impl Default for Visits {
    fn default() -> Self {
        Self(Cache::builder().max_capacity(50_000).time_to_live(VISIT_WINDOW).build())
    }
}

impl Visits {
    /// Counts a visit from an address, before it is known where it leads.
    pub fn admit_address(&self, address: Option<IpAddr>) -> bool {
        address.is_none_or(|address| self.admit(address.to_string(), VISITS_PER_ADDRESS))
    }

    /// Counts a visit to a link that there is.
    pub fn admit_link(&self, link: uuid::Uuid) -> bool {
        self.admit(link.to_string(), VISITS_PER_LINK)
    }

    fn admit(&self, key: String, limit: u32) -> bool {
        self.0.get_with(key, Arc::default).fetch_add(1, Ordering::Relaxed) < limit
    }
}

#[cfg(test)]
mod tests {
    use super::{PER_ACCOUNT, PER_ADDRESS, SignInLimit, VISITS_PER_ADDRESS, VISITS_PER_LINK, Visits};

    #[test]
    fn visits_are_counted_per_address_and_per_link() {
        let visits = Visits::default();
        let (near, far, link) = (Some([10, 0, 0, 1].into()), Some([10, 0, 0, 2].into()), uuid::Uuid::from_u128(1));
        for _ in 0..VISITS_PER_ADDRESS {
            assert!(visits.admit_address(near));
        }
        assert!(!visits.admit_address(near) && visits.admit_address(far) && visits.admit_address(None));
        for _ in 0..VISITS_PER_LINK {
            assert!(visits.admit_link(link));
        }
        assert!(!visits.admit_link(link) && visits.admit_link(uuid::Uuid::from_u128(2)));
    }

    #[test]
    fn guessing_is_stopped_per_account_and_per_address() {
        let limit = SignInLimit::default();
        let address = Some([10, 0, 0, 1].into());
        for _ in 0..PER_ACCOUNT {
            assert!(limit.allows("a@x", None));
            limit.failed("a@x", None);
        }
        assert!(!limit.allows("a@x", None) && limit.allows("b@x", address));
        limit.succeeded("a@x", None);
        assert!(limit.allows("a@x", None));
        for i in 0..2 * PER_ADDRESS {
            let email = format!("{i}@office");
            assert!(limit.allows(&email, address), "people who sign in are no danger to their neighbours");
            limit.failed(&email, address);
            limit.succeeded(&email, address);
        }
        for i in 0..PER_ADDRESS {
            limit.failed(&format!("{i}@x"), address);
        }
        assert!(!limit.allows("fresh@x", address) && limit.allows("fresh@x", None));
    }
}
