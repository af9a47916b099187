//! Sign-ins that ended before their ID tokens expire.
use super::token::{LIFETIME, SKEW_SECONDS};
use std::time::Duration;
use uuid::Uuid;

/// The sign-ins that this process has ended, kept in memory for the lifetime of a token, so that each request can check
/// them. A token that this process has not seen yet is checked against the store, where an ended sign-in has no refresh
/// tokens. So sign-ins also stay ended after a restart.
pub(super) struct EndedSignIns(moka::sync::Cache<Uuid, ()>);

impl Default for EndedSignIns {
    fn default() -> Self {
        let lifetime = LIFETIME + Duration::from_secs(2 * SKEW_SECONDS);
        Self(moka::sync::Cache::builder().max_capacity(200_000).time_to_live(lifetime).build())
    }
}

impl EndedSignIns {
    pub(super) fn add(&self, family: Uuid) {
        self.0.insert(family, ());
    }

    pub(super) fn contains(&self, family: Uuid) -> bool {
        self.0.contains_key(&family)
    }
}
