//! Splits long work into portions, so that other writers hardly wait.
use super::{db::Db, session::Session};
use crate::Result;
use std::time::{Duration, Instant};

/// How many rows are deleted between two checks of the time, and how many pages are freed in a transaction.
pub const ROWS_AT_ONCE: usize = 100;
const PAGES_AT_ONCE: u32 = 200;
/// How long the writer works on a portion.
const TIME_AT_ONCE: Duration = Duration::from_millis(3);
/// The longest pause between two portions.
const LONGEST_PAUSE: Duration = Duration::from_millis(20);
/// How often the log is copied while readers need parts of it. The rest is copied when more is written.
const COPIES: usize = 50;

/// The time of a portion.
pub struct Portion(Instant);

impl Portion {
    pub fn begin() -> Self {
        Self(Instant::now())
    }

    pub fn is_over(&self) -> bool {
        self.0.elapsed() >= TIME_AT_ONCE
    }
}

/// Repeats `some` until the time of a portion is over, nothing is left, or `most` rows are deleted. `some` gets the
/// number of rows that it may delete, and returns how many it deleted.
pub fn fill(most: usize, mut some: impl FnMut(usize) -> Result<usize>) -> Result<usize> {
    let portion = Portion::begin();
    let mut done = 0;
    loop {
        let next = ROWS_AT_ONCE.min(most - done);
        let gone = some(next)?;
        done += gone;
        if gone < next || done >= most || portion.is_over() {
            return Ok(done);
        }
    }
}

impl<D: 'static> Db<D> {
    /// Repeats `work`, each time in a new transaction, until it returns 0. Returns the sum.
    pub(in crate::store) async fn in_portions(
        &self,
        work: impl Fn(&Session<'_, D>) -> Result<usize> + Clone + Send + 'static,
    ) -> Result<u64> {
        let mut done = 0;
        loop {
            let some = self.portion(work.clone()).await?;
            if some == 0 {
                return Ok(done);
            }
            done += some as u64;
        }
    }

    /// Runs a portion, and pauses for twice as long as it took: others have the writer for most of the time.
    pub(in crate::store) async fn portion<T: Send + 'static>(
        &self,
        work: impl Fn(&Session<'_, D>) -> Result<T> + Send + 'static,
    ) -> Result<T> {
        let begun = Instant::now();
        let done = self.write(move |tx| work(tx)).await?;
        tokio::time::sleep((begun.elapsed() * 2).min(LONGEST_PAUSE)).await;
        Ok(done)
    }

    /// Returns all free pages to the file system.
    pub(in crate::store) async fn give_back_all(&self) -> Result<()> {
        self.in_portions(|tx| Ok(usize::from(tx.db.give_back(PAGES_AT_ONCE)?))).await?;
        // The file shrinks when the whole log is copied into it, which a reader of an earlier state prevents.
        for _ in 0..COPIES {
            if self.copy_log_aside().await {
                break;
            }
            tokio::time::sleep(LONGEST_PAUSE).await;
        }
        Ok(())
    }
}

impl<D> Session<'_, D> {
    /// Returns the used size of the database, without free space.
    pub(in crate::store) fn used_bytes(&self) -> Result<u64> {
        Ok(self.db.used_bytes()?)
    }
}
