//! Closes a database: writes everything to its file, which is then complete without the write-ahead log.
use super::{Connect, FileDb};
use crate::{Error, Result};
use rusqlite::OpenFlags;
use std::{
    sync::atomic::Ordering,
    time::{Duration, Instant},
};

/// How long closing waits for running reads.
const PATIENCE: Duration = Duration::from_secs(2);

/// Returns whether the whole log was copied.
fn copy_log(lookups: &r2d2::Pool<Connect>) -> bool {
    let frames = |row: &rusqlite::Row<'_>| Ok((row.get::<_, i64>("log")?, row.get::<_, i64>("checkpointed")?));
    let found = lookups.get().map(|db| db.query_row("pragma wal_checkpoint(passive)", (), frames));
    if let Ok(Ok((all, copied))) = found {
        return all == copied;
    }
    tracing::debug!("the log was not copied");
    false
}

impl FileDb {
    /// Writes everything in the queue and closes every connection, so that the file is complete without the write-ahead
    /// log.
    pub(in crate::store::database) fn close(&self) {
        self.writer.stop();
        self.connect.closed.store(true, Ordering::Release);
        self.readers.close(PATIENCE);
        let begun = Instant::now();
        while self.lookups.state().connections > 0 && begun.elapsed() < PATIENCE {
            // the pool discards the connection, because the database is closed
            drop(self.lookups.get_timeout(Duration::from_millis(50)));
        }
        // closing the last connection removes the write-ahead log
        let last = self.connect.open(OpenFlags::SQLITE_OPEN_READ_WRITE);
        let moved = last.and_then(|db| db.query_row("pragma wal_checkpoint(truncate)", (), |row| row.get::<_, i64>(0)));
        if !matches!(moved, Ok(0)) {
            let file = self.connect.path.display();
            tracing::warn!(%file, "another process still reads the database: keep its -wal file with it");
        }
    }

    /// Copies the write-ahead log into the file as far as no reader needs it, without blocking anyone. Starts by syncing
    /// the log.
    pub(in crate::store::database) fn copy_log(&self) {
        copy_log(&self.lookups);
    }

    /// Like [`FileDb::copy_log`], on another thread. Returns whether no reader needed a part of the log.
    pub(in crate::store::database) async fn copy_log_aside(&self) -> bool {
        let lookups = self.lookups.clone();
        tokio::task::spawn_blocking(move || copy_log(&lookups)).await.unwrap_or(false)
    }

    /// Copies the write-ahead log into the file and empties the log, unless a reader uses it.
    pub(in crate::store::database) fn empty_log(&self) {
        let moved = self.lookups.get().map(|db| db.query_row("pragma wal_checkpoint(truncate)", [], |_| Ok(())));
        if !matches!(moved, Ok(Ok(()))) {
            tracing::debug!("the log was not emptied");
        }
    }

    pub(super) fn check_open(&self) -> Result<()> {
        if self.connect.closed.load(Ordering::Acquire) {
            return Err(Error::Unavailable("the server is stopping"));
        }
        Ok(())
    }
}
