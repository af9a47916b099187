//! Sign-ins that ended before their ID tokens expire.
use super::token::{LIFETIME, SKEW_SECONDS};
use crate::{
    Result,
    store::{Remembered, Store},
};
use std::time::Duration;
use uuid::Uuid;

/// The most sign-ins of which it is remembered whether other servers have ended them.
const REMEMBERED: u64 = 50_000;

/// The sign-ins that this process has ended, kept in memory for the lifetime of a token, so that each request can check
/// them. A token that this process has not seen yet is checked against the store, where an ended sign-in has no refresh
/// tokens. So sign-ins also stay ended after a restart. If other servers may end sign-ins, the store is asked again after
/// a second.
pub(super) struct EndedSignIns {
    here: moka::sync::Cache<Uuid, ()>,
    elsewhere: Remembered<Uuid, bool>,
}

impl Default for EndedSignIns {
    fn default() -> Self {
        let lifetime = LIFETIME + Duration::from_secs(2 * SKEW_SECONDS);
        let here = moka::sync::Cache::builder().max_capacity(200_000).time_to_live(lifetime).build();
        Self { here, elsewhere: Remembered::of_permissions(REMEMBERED) }
    }
}

impl EndedSignIns {
    pub(super) fn add(&self, family: Uuid) {
        self.here.insert(family, ());
    }

    /// # Errors
    /// If the store cannot be read.
    pub(super) fn contains(&self, store: &Store, family: Uuid) -> Result<bool> {
        if !store.is_shared() {
            return Ok(self.here.contains_key(&family));
        }
        let has_ended = || Ok(!store.get(|tx| tx.has_family(family))?);
        Ok(self.here.contains_key(&family) || self.elsewhere.get(store, family, has_ended)?)
    }
}
