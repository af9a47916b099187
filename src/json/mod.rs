//! JSON from outside becomes values here and nowhere else: counted by the memory that they take, while they are read.
mod build;
pub mod number;
mod size;
#[cfg(test)]
mod tests;

use crate::{Error, Result, budget::Hold};
use build::read;
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

/// What the JSON in one field of a row may take: one that takes more stays text.
pub const CELL: usize = 16 << 20;
/// A text that is read on a thread for long work.
const LONG: usize = 256 << 10;
/// How many of those are read or written at once: half of the processors stay with short requests.
static LONG_WORK: LazyLock<Semaphore> = LazyLock::new(|| {
    let processors = thread::available_parallelism().map_or(1, usize::from);
    Semaphore::new((processors / 2).max(1))
});

thread_local! {
    /// Whether this thread is at such work: a part of it needs no turn of its own.
    static HAS_TURN: Cell<bool> = const { Cell::new(false) };
}

/// How much memory values may take, and where it is counted.
#[derive(Clone, Debug)]
pub struct Room {
    pub bytes: usize,
    pub hold: Option<Arc<Hold>>,
}

impl Room {
    /// At most `bytes`, counted nowhere: for what is small.
    pub fn of(bytes: usize) -> Self {
        Self { bytes, hold: None }
    }

    /// At most `bytes`, counted in `hold` for as long as that lives.
    pub fn within(bytes: usize, hold: &Arc<Hold>) -> Self {
        Self { bytes, hold: Some(Arc::clone(hold)) }
    }
}

impl From<usize> for Room {
    fn from(bytes: usize) -> Self {
        Self::of(bytes)
    }
}

/// Why a text did not become a value.
#[derive(Debug)]
pub enum Refused {
    Syntax(serde_json::Error),
    /// It is no JSON for another reason: the end of a sentence about it.
    Wrong(String),
    /// It would take more than this many bytes.
    TooMuch(usize),
    /// The budget has no more.
    Full(Error),
}

impl Refused {
    /// The error that `about` makes of what is wrong with the text (`is not valid JSON: …`). A budget without room says
    /// so itself.
    pub fn told(self, about: impl FnOnce(&str) -> Error) -> Error {
        match self {
            Self::Syntax(error) if error.is_eof() => about(&format!("is not valid JSON, for it breaks off: {error}")),
            Self::Wrong(why) => about(&why),
            Self::Syntax(error) => about(&format!("is not valid JSON: {error}")),
            Self::TooMuch(bytes) => {
                let size =
                    if bytes < 1 << 20 { format!("{} KiB", bytes >> 10) } else { format!("{} MiB", bytes >> 20) };
                about(&format!("has too many values: they would take more than {size} of memory"))
            }
            Self::Full(error) => error,
        }
    }
}

/// Reads a JSON text from outside. Numbers that a double would change become text (see [`number`]). The memory of the
/// values stays counted in the room's hold.
pub fn parse(text: &[u8], room: &Room) -> Result<Value, Refused> {
    read(&number::exact(text), room, None)
}

/// Reads what a script returned: its numbers are doubles already, and stay numbers.
pub fn parse_doubles(text: &[u8], room: &Room) -> Result<Value, Refused> {
    read(text, room, None)
}

/// The array of a document of which no more than `most` items are wanted.
#[derive(Clone, Debug)]
pub struct Part {
    /// The fields that lead to it; none for the document itself.
    pub path: Vec<String>,
    pub most: usize,
}

/// Reads a JSON text up to what is wanted of it: the other items of that array are checked and left out.
pub fn parse_part(text: &[u8], room: &Room, part: &Part) -> Result<Value, Refused> {
    read(&number::exact(text), room, Some(part))
}

/// Reads a JSON text of any length: a long one on a thread for such work.
pub async fn parse_long(text: Vec<u8>, room: Room, part: Option<Part>) -> Result<Value, Refused> {
    let length = text.len();
    let work = move || match &part {
        Some(part) => parse_part(&text, &room, part),
        None => parse(&text, &room),
    };
    long_work(length, work).await.map_err(Refused::Full)?
}

/// Does what takes long for much JSON: here if `length` is small, on one of a few threads otherwise.
pub async fn long_work<T: Send + 'static>(length: usize, work: impl FnOnce() -> T + Send + 'static) -> Result<T> {
    if length < LONG {
        return Ok(work());
    }
    let _turn = LONG_WORK.acquire().await.map_err(Error::internal)?;
    Ok(spawn_blocking(work).await?)
}

/// Does what takes long for `bytes` of values, in its turn, without making others wait who have work on this thread. For
/// what cannot be sent to another thread.
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
