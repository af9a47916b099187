//! Rate limits for requests without an account, per network, account or share link. Their memory is bounded, so that a
//! flood of invented keys is harmless.
use crate::{
    Error, Result,
    caller::network,
    store::{AttemptRule, Attempts, MemoryPlace},
};
use moka::sync::Cache;
use std::{
    hash::Hash,
    net::IpAddr,
    sync::{
        Arc,
        atomic::{AtomicU32, Ordering},
    },
    time::Duration,
};
use uuid::Uuid;

/// Counters by key, reset after the window.
struct Meter<K> {
    counts: Cache<K, Arc<AtomicU32>>,
    limit: u32,
    window: Duration,
}

impl<K: Hash + Eq + Send + Sync + 'static> Meter<K> {
    fn new(limit: u32, window: Duration) -> Self {
        Self { counts: Cache::builder().max_capacity(50_000).time_to_live(window).build(), limit, window }
    }

    /// Counts a request.
    ///
    /// # Errors
    /// `RateLimited` beyond the limit.
    fn admit(&self, key: K) -> Result<()> {
        if self.counts.get_with(key, Arc::default).fetch_add(1, Ordering::Relaxed) < self.limit {
            return Ok(());
        }
        Err(Error::RateLimited { retry_after: self.window })
    }
}

const VISIT_WINDOW: Duration = Duration::from_mins(1);
const VISITS_PER_NETWORK: u32 = 600;
const VISITS_PER_LINK: u32 = 3000;

/// Visits of shared dashboards. They protect this server, so each server counts its own.
pub struct Visits {
    networks: Meter<IpAddr>,
    links: Meter<Uuid>,
}

impl Default for Visits {
    fn default() -> Self {
        Self {
            networks: Meter::new(VISITS_PER_NETWORK, VISIT_WINDOW),
            links: Meter::new(VISITS_PER_LINK, VISIT_WINDOW),
        }
    }
}

impl Visits {
    /// Counts a visit from an IP address, before its link is looked up.
    pub fn admit_address(&self, address: Option<IpAddr>) -> Result<()> {
        address.map_or(Ok(()), |address| self.networks.admit(network(address)))
    }

    /// Counts a visit of an existing share link.
    pub fn admit_link(&self, link: Uuid) -> Result<()> {
        self.links.admit(link)
    }
}

const ACCOUNT_WINDOW: Duration = Duration::from_mins(5);
const SIGN_UPS_PER_NETWORK: u32 = 30;
const CODES_PER_NETWORK: u32 = 30;
const PASSWORDS_PER_ACCOUNT: u32 = 10;

/// Limits for sign-up, password hashing and email, which hold for all servers together.
pub(super) struct AccountMeters {
    sign_ups: Attempts,
    codes: Attempts,
    passwords: Attempts,
}

/// Counts an attempt.
///
/// # Errors
/// `RateLimited` beyond the limit.
async fn admit(attempts: &Attempts, key: &str, limit: u32) -> Result<()> {
    if attempts.count(key).await?.before < limit {
        return Ok(());
    }
    Err(Error::RateLimited { retry_after: ACCOUNT_WINDOW })
}

/// The same for the network of an address, if there is an address.
async fn admit_network(attempts: &Attempts, address: Option<IpAddr>, limit: u32) -> Result<()> {
    match address {
        Some(address) => admit(attempts, &network(address).to_string(), limit).await,
        None => Ok(()),
    }
}

impl AccountMeters {
    pub(super) fn new(place: &MemoryPlace) -> Self {
        let rule = AttemptRule { window: ACCOUNT_WINDOW, slides: false, pauses: None };
        let attempts = |kind| Attempts::new(kind, rule, place.clone());
        Self { sign_ups: attempts("sign-up"), codes: attempts("code"), passwords: attempts("password") }
    }

    pub(super) async fn admit_sign_up(&self, address: Option<IpAddr>) -> Result<()> {
        admit_network(&self.sign_ups, address, SIGN_UPS_PER_NETWORK).await
    }

    /// Counts a request for a code, whether or not the account exists.
    pub(super) async fn admit_code(&self, address: Option<IpAddr>) -> Result<()> {
        admit_network(&self.codes, address, CODES_PER_NETWORK).await
    }

    /// Counts a password change of an account.
    pub(super) async fn admit_password(&self, user: Uuid) -> Result<()> {
        admit(&self.passwords, &user.to_string(), PASSWORDS_PER_ACCOUNT).await
    }
}

#[cfg(test)]
mod tests {
    use super::{VISITS_PER_LINK, VISITS_PER_NETWORK, Visits};
    use std::net::{IpAddr, Ipv6Addr};

    #[test]
    fn visits_are_counted_per_network_and_per_link() {
        let visits = Visits::default();
        let (near, far, link) = (Some([10, 0, 0, 1].into()), Some([10, 0, 0, 2].into()), uuid::Uuid::from_u128(1));
        for _ in 0..VISITS_PER_NETWORK {
            assert!(visits.admit_address(near).is_ok());
        }
        assert!(visits.admit_address(near).is_err());
        assert!(visits.admit_address(far).is_ok() && visits.admit_address(None).is_ok());
        for _ in 0..VISITS_PER_LINK {
            assert!(visits.admit_link(link).is_ok());
        }
        assert!(visits.admit_link(link).is_err() && visits.admit_link(uuid::Uuid::from_u128(2)).is_ok());
    }

    #[test]
    fn an_ipv6_network_shares_one_limit() {
        let visits = Visits::default();
        let from = |last| Some(IpAddr::from(Ipv6Addr::new(0x2001, 0xdb8, 0, 0, 0, 0, 0, last)));
        for last in 0..VISITS_PER_NETWORK {
            assert!(visits.admit_address(from(u16::try_from(last).unwrap_or_default())).is_ok());
        }
        assert!(visits.admit_address(from(u16::MAX)).is_err());
    }
}
