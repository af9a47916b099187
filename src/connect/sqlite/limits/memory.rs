//! Memory that all statements take together. `SQLite` does not report what a single statement takes, so while the process
//! takes too much, the statements of accounts that run many are stopped.
use crate::turns::Turns;
use std::{
    fs,
    sync::{Arc, Mutex, PoisonError},
    time::{Duration, Instant},
};
use uuid::Uuid;

/// Resident bytes of the process above which statements are stopped: half of what `SQLite` may allocate in all.
const CROWDED: u64 = super::super::HEAP / 2;
/// How many statements of one account are never stopped for this.
const FEW: usize = 4;
/// How long a measurement is reused.
const FRESH: Duration = Duration::from_millis(25);

/// When the process was last measured, and the result.
static SEEN: Mutex<Option<(Instant, bool)>> = Mutex::new(None);

/// Whose statement it is.
pub struct StatementOwner {
    pub seats: Arc<Turns>,
    pub tenant: Uuid,
}

impl StatementOwner {
    /// Whether this statement must make room: memory is short and its account runs many.
    pub fn must_yield(&self) -> bool {
        self.seats.held_with(self.tenant) > FEW && is_crowded()
    }
}

fn is_crowded() -> bool {
    let mut seen = SEEN.lock().unwrap_or_else(PoisonError::into_inner);
    match *seen {
        Some((at, crowded)) if at.elapsed() < FRESH => crowded,
        _ => seen.insert((Instant::now(), resident().is_some_and(|bytes| bytes > CROWDED))).1,
    }
}

/// Resident bytes of this process; `None` where the system does not report them.
fn resident() -> Option<u64> {
    let status = fs::read_to_string("/proc/self/status").ok()?;
    let line = status.lines().find_map(|line| line.strip_prefix("VmRSS:"))?;
    let kib: u64 = line.trim().strip_suffix("kB")?.trim().parse().ok()?;
    Some(kib << 10)
}
