//! Closing a database: what was accepted is in its file, which is whole without its log.
use super::db::Db;
use crate::{Error, Result};
use rusqlite::OpenFlags;
use std::{
    sync::{PoisonError, atomic::Ordering},
    time::{Duration, Instant},
};

/// How long closing waits for reads that are under way.
const PATIENCE: Duration = Duration::from_secs(2);

impl<D: 'static> Db<D> {
    /// Writes what is queued, then closes every connection, so that the file is whole without its log.
    pub(super) fn close(&self) {
        let _ = self.writer.send(None);
        if let Some(thread) = self.thread.lock().unwrap_or_else(PoisonError::into_inner).take() {
            let _ = thread.join();
        }
        self.connect.closed.store(true, Ordering::Release);
        self.readers.close(PATIENCE);
        let begun = Instant::now();
        while self.lookups.state().connections > 0 && begun.elapsed() < PATIENCE {
            // taken and dropped: it is broken now
            drop(self.lookups.get_timeout(Duration::from_millis(50)));
        }
        // the last connection takes the log with it
        let last = self.connect.open(OpenFlags::SQLITE_OPEN_READ_WRITE);
        let moved = last.and_then(|db| db.query_row("pragma wal_checkpoint(truncate)", (), |row| row.get::<_, i64>(0)));
        if !matches!(moved, Ok(0)) {
            tracing::warn!(file = %self.connect.path.display(), "something still reads the database: its -wal file belongs to it");
        }
    }

    /// Makes what is committed last through a power failure, where commits alone do not.
    pub(super) fn sync(&self) {
        // a checkpoint begins with that
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
