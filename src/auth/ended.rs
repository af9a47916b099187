//! Sign-ins that have ended before their ID tokens expire.
use super::token::{LIFETIME, SKEW_SECONDS};
use std::time::Duration;
use uuid::Uuid;

/// Remembers for as long as a token lives which sign-ins this process has ended: a look into memory for each request. A
/// token that this process has not seen yet is checked against the store, which forgets the refresh tokens of an ended
/// sign-in; together that also holds across a restart.
pub(super) struct Ended(moka::sync::Cache<Uuid, ()>);

impl Default for Ended {
    fn default() -> Self {
        let lifetime = LIFETIME + Duration::from_secs(2 * SKEW_SECONDS);
        Self(moka::sync::Cache::builder().max_capacity(200_000).time_to_live(lifetime).build())
    }
}

impl Ended {
    pub(super) fn add(&self, family: Uuid) {
        self.0.insert(family, ());
    }

    pub(super) fn contains(&self, family: Uuid) -> bool {
        self.0.contains_key(&family)
    }
}
