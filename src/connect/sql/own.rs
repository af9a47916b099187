//! Bounds the results of internal statements, such as catalog queries: each in size, and large ones in number.
use tokio::sync::{Semaphore, SemaphorePermit};

/// The maximum size of one result, in bytes.
pub const MOST: usize = 32 << 20;
/// Results above this size are large.
const LARGE: usize = 2 << 20;
/// The maximum number of large results read at once, over all connections.
const AT_ONCE: usize = 4;
/// The overhead of a row and of a text, in bytes.
const ROW: usize = 48;
const TEXT: usize = 40;

static TURNS: Semaphore = Semaphore::const_new(AT_ONCE);

/// The size of a result while it is read.
#[derive(Default)]
pub struct InternalResult {
    size: usize,
    turn: Option<SemaphorePermit<'static>>,
}

impl InternalResult {
    /// Counts a row before it is kept, waiting for a turn when the result becomes large. Returns whether the row fits.
    pub async fn takes(&mut self, bytes: usize, texts: usize) -> bool {
        self.size += ROW + bytes + texts * TEXT;
        if self.size > LARGE && self.turn.is_none() {
            self.turn = TURNS.acquire().await.ok();
        }
        self.size <= MOST
    }
}

#[cfg(test)]
mod tests {
    use super::{InternalResult, MOST};

    #[tokio::test]
    async fn empty_rows_are_bounded_too() {
        let mut answer = InternalResult::default();
        let mut rows = 0;
        while answer.takes(0, 0).await {
            rows += 1;
        }
        assert!((100_000..MOST / size_of::<Vec<Option<String>>>()).contains(&rows), "{rows}");
    }
}
