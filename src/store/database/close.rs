//! Closes a database: writes everything to its file, which is then complete without the write-ahead log.
use super::db::Db;
use crate::{Error, Result};
use rusqlite::OpenFlags;
use std::{
    sync::{PoisonError, atomic::Ordering},
    time::{Duration, Instant},
};

/// How long closing waits for running reads.
const PATIENCE: Duration = Duration::from_secs(2);

impl<D: 'static> Db<D> {
    /// Writes everything in the queue and closes every connection, so that the file is complete without the write-ahead
    /// log.
    pub(in crate::store) fn close(&self) {
        let _ = self.writer.send(None);
        if let Some(thread) = self.thread.lock().unwrap_or_else(PoisonError::into_inner).take() {
            let _ = thread.join();
        }
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

    /// Makes committed transactions survive a power failure if the durability setting does not.
    pub(in crate::store) fn sync(&self) {
        // a checkpoint starts by syncing the log
        let synced = self.lookups.get().map(|db| db.query_row("pragma wal_checkpoint(passive)", (), |_| Ok(())));
        if !matches!(synced, Ok(Ok(()))) {
            tracing::debug!("the log was not synced");
        }
    }

    pub(super) fn check_open(&self) -> Result<()> {
        if self.connect.closed.load(Ordering::Acquire) {
            return Err(Error::Unavailable("the server is stopping"));
        }
        Ok(())
    }
}
