//! The only place that parses JSON from outside into values. Their memory is counted while they are parsed.
mod build;
pub mod number;
mod refused;
mod size;
#[cfg(test)]
mod tests;

use crate::{Error, Result, budget::Hold};
use build::read;
use refused::words;
use serde_json::Value;
use std::{
    cell::Cell,
    panic::{AssertUnwindSafe, catch_unwind, resume_unwind},
    sync::{Arc, LazyLock},
    thread,
};
use tokio::{
    runtime::{Handle, RuntimeFlavor},
    sync::Semaphore,
    task::{block_in_place, spawn_blocking},
};

pub use size::{block, cost, cost_of_text, heap, object, row, weight};

/// The most memory for the JSON in a field of a row. Larger JSON stays text.
pub const CELL: usize = 16 << 20;
/// The size from which a text is parsed on a thread for long work.
const LONG: usize = 256 << 10;
/// Limits concurrent long work to half of the processors. The others are left to short requests.
static LONG_WORK: LazyLock<Semaphore> = LazyLock::new(|| {
    let processors = thread::available_parallelism().map_or(1, usize::from);
    Semaphore::new((processors / 2).max(1))
});

thread_local! {
    /// Whether this thread already does long work, so that nested work needs no permit.
    static HAS_TURN: Cell<bool> = const { Cell::new(false) };
}

/// How much memory values may take, and where it is counted.
#[derive(Clone, Debug)]
pub struct Room {
    pub bytes: usize,
    pub hold: Option<Arc<Hold>>,
}

impl Room {
    /// At most `bytes`, not counted: for small values.
    pub fn of(bytes: usize) -> Self {
        Self { bytes, hold: None }
    }

    /// At most `bytes`, counted in `hold` as long as it exists.
    pub fn within(bytes: usize, hold: &Arc<Hold>) -> Self {
        Self { bytes, hold: Some(Arc::clone(hold)) }
    }
}

impl From<usize> for Room {
    fn from(bytes: usize) -> Self {
        Self::of(bytes)
    }
}

/// Why a text could not be parsed.
#[derive(Debug)]
pub enum JsonRefusal {
    Syntax(serde_json::Error),
    /// It is invalid for another reason: the predicate of a sentence about it.
    Wrong(String),
    /// It would take more than this many bytes.
    TooMuch(usize),
    /// The budget is used up.
    Full(Error),
}

impl JsonRefusal {
    /// Creates an error with `about` from a predicate such as `is not valid JSON: …`. If the budget is used up, returns
    /// its error.
    pub fn into_error(self, about: impl FnOnce(&str) -> Error) -> Error {
        match self {
            Self::Syntax(error) if error.is_eof() => {
                about(&format!("is not valid JSON because it is incomplete: {}", words(&error)))
            }
            Self::Wrong(why) => about(&why),
            Self::Syntax(error) => about(&format!("is not valid JSON: {}", words(&error))),
            Self::TooMuch(bytes) => {
                let size =
                    if bytes < 1 << 20 { format!("{} KiB", bytes >> 10) } else { format!("{} MiB", bytes >> 20) };
                about(&format!("has too many values: they would take more than {size} of memory"))
            }
            Self::Full(error) => error,
        }
    }
}

/// Parses JSON from outside. Numbers that a double would change become text (see [`number`]). The memory of the values stays
/// counted in the hold of `room`.
pub fn parse(text: &[u8], room: &Room) -> Result<Value, JsonRefusal> {
    read(&number::exact(text), room, None)
}

/// Reads what a script returned: its numbers are doubles already, and stay numbers.
pub fn parse_doubles(text: &[u8], room: &Room) -> Result<Value, JsonRefusal> {
    read(text, room, None)
}

/// An array in a document that is truncated to `most` items.
#[derive(Clone, Debug)]
pub struct TruncatedArray {
    /// The path of fields to the array. Empty for the document itself.
    pub path: Vec<String>,
    pub most: usize,
}

/// Parses JSON and truncates the array of `part`. The omitted items are only checked.
pub fn parse_part(text: &[u8], room: &Room, part: &TruncatedArray) -> Result<Value, JsonRefusal> {
    read(&number::exact(text), room, Some(part))
}

/// Parses JSON of any length. Long JSON is parsed on a thread for long work.
pub async fn parse_long(text: Vec<u8>, room: Room, part: Option<TruncatedArray>) -> Result<Value, JsonRefusal> {
    let length = text.len();
    let work = move || match &part {
        Some(part) => parse_part(&text, &room, part),
        None => parse(&text, &room),
    };
    long_work(length, work).await.map_err(JsonRefusal::Full)?
}

/// Runs work on JSON: on this thread if `length` is small, else on one of a few threads.
pub async fn long_work<T: Send + 'static>(length: usize, work: impl FnOnce() -> T + Send + 'static) -> Result<T> {
    if length < LONG {
        return Ok(work());
    }
    let _turn = LONG_WORK.acquire().await.map_err(Error::internal)?;
    Ok(spawn_blocking(work).await?)
}

/// Runs work on `bytes` of values that cannot be sent to another thread. Waits for its turn, and does not block other
/// tasks of this thread.
pub fn in_place<T>(bytes: usize, work: impl FnOnce() -> T) -> T {
    let Some(now) = Handle::try_current().ok().filter(|_| bytes >= LONG && !HAS_TURN.get()) else { return work() };
    if now.runtime_flavor() != RuntimeFlavor::MultiThread {
        return work();
    }
    block_in_place(|| {
        let _turn = now.block_on(LONG_WORK.acquire());
        HAS_TURN.set(true);
        let done = catch_unwind(AssertUnwindSafe(work));
        HAS_TURN.set(false);
        done.unwrap_or_else(|panic| resume_unwind(panic))
    })
}
