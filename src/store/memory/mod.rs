//! What is remembered for a while, such as failed sign-ins: in this process if it is the only server, or in the database
//! that several servers share. Lost with the process, or kept with the database.
mod attempts;
mod marks;

use super::Store;
pub use attempts::{AttemptRule, Attempts, CountedAttempt, Pauses};
pub use marks::{Mark, MarkClaim, Marks};
use sha2::{Digest, Sha256};
use std::sync::Arc;

/// Where something is remembered.
#[derive(Clone)]
pub enum MemoryPlace {
    Process,
    /// In the database of these servers.
    Servers(Arc<Store>),
}

impl MemoryPlace {
    /// Returns where the servers of a store remember what counts for all of them.
    pub fn of(store: &Arc<Store>) -> Self {
        if store.is_shared() { Self::Servers(Arc::clone(store)) } else { Self::Process }
    }
}

/// How many keys a process remembers of each kind, so that a flood of invented ones is harmless.
const MOST: u64 = 50_000;

/// Does not wait until the disk has a change. It is lost only if the database server crashes within a moment, unless a
/// later change was acknowledged: that is stored after it.
const SOON: &str = "(select set_config('synchronous_commit', 'off', true) as mode) as soon where soon.mode = 'off'";

/// Returns what a key is stored as: addresses and signatures cannot be read in the database.
fn stored_key(kind: &str, key: &str) -> String {
    format!("{kind}/{}", hex::encode(Sha256::digest(key.as_bytes())))
}
