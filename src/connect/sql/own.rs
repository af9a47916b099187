//! Answers to statements of our own, such as what a catalogue lists: bounded each, and only a few large ones at once.
use tokio::sync::{Semaphore, SemaphorePermit};

/// What one answer may take.
pub const MOST: usize = 32 << 20;
/// From here on an answer is large.
const LARGE: usize = 2 << 20;
/// How many large answers are read at once, of all connections together.
const AT_ONCE: usize = 4;
/// What a row and a text take beside their bytes.
const ROW: usize = 48;
const TEXT: usize = 40;

static TURNS: Semaphore = Semaphore::const_new(AT_ONCE);

/// An answer as it grows.
#[derive(Default)]
pub struct OwnAnswer {
    size: usize,
    turn: Option<SemaphorePermit<'static>>,
}

impl OwnAnswer {
    /// Counts a row before it is kept; waits for a turn when the answer becomes large. Whether it may be kept.
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
    use super::{MOST, OwnAnswer};

    #[tokio::test]
    async fn rows_of_nothing_end_as_well() {
        let mut answer = OwnAnswer::default();
        let mut rows = 0;
        while answer.takes(0, 0).await {
            rows += 1;
        }
        assert!((100_000..MOST / size_of::<Vec<Option<String>>>()).contains(&rows), "{rows}");
    }
}
