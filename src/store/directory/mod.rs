//! Checks that the parts of a data directory belong together. Both databases, and a mark in each folder, carry the
//! directory's id and an epoch. The epoch increases at each start and stop, and every 30 seconds in which something was
//! written. A part with a different id belongs to another directory. A part that is behind or ahead of the workspace is
//! from another time. Nothing is opened, created or deleted before the parts agree.
mod attached;
pub mod databases;
mod examine;
mod judge;
mod keys;
pub mod look;
pub mod moment;
pub mod snapshots;

use crate::{
    Error, Result,
    data_dir::{FolderMark, Paths},
    store::{Durability, RunsTx, Store, Tx, sql::sql},
};
pub use attached::check_not_attached;
pub use examine::{DirectoryParts, DirectoryRow, FileState};
pub use judge::DirectoryProblem;
pub use keys::{KeyKind, SIGNING};
use look::Access;
use std::{
    sync::{Mutex, PoisonError},
    thread,
    time::Duration,
};

/// The databases of a store as files of a data directory.
pub struct StoreFiles {
    pub(super) dir: Paths,
    pub(super) durability: Durability,
    /// The commits of both databases when the epoch was last raised.
    pub(super) ticked: Mutex<Option<(u64, u64)>>,
    /// The highest epoch of any part when the store was opened.
    pub(super) newest_epoch: u64,
    /// Whether this process holds the directory, and closes the databases.
    pub(super) is_owner: bool,
}

/// Reads the state of every part without changing anything.
///
/// # Errors
/// `Conflict` if the data is in a database on a server, or a file is damaged, is not a database, belongs to another
/// program, or is from a newer version.
pub fn examine(paths: &Paths, access: Access) -> Result<DirectoryParts> {
    attached::check_not_moved(paths)?;
    DirectoryParts::read(paths, access)
}

/// Reads the state of every part, and refuses parts that do not belong together.
///
/// # Errors
/// `Conflict`, with every problem and what to do.
pub fn check(paths: &Paths, access: Access) -> Result<DirectoryParts> {
    let mut parts = examine(paths, access)?;
    // a running server may change the epoch between two reads
    for _ in 0..LOOKS {
        if access != Access::Beside || parts.problems().is_empty() {
            break;
        }
        thread::sleep(PAUSE);
        parts = examine(paths, access)?;
    }
    parts.check(paths)?;
    Ok(parts)
}

/// How often a directory in use is read again, and the delay between reads.
const LOOKS: u32 = 3;
const PAUSE: Duration = Duration::from_millis(100);

/// Returns the mark that matches the databases in `paths`; `None` if an earlier version wrote them.
fn mark_of(paths: &Paths) -> Result<Option<FolderMark>> {
    let parts = examine(paths, Access::Owned)?;
    let row = parts.workspace.row().filter(|row| row.settled > 0);
    Ok(row.map(|row| FolderMark { instance: row.instance.clone(), epoch: row.epoch }))
}

impl Tx<'_> {
    pub(in crate::store) fn directory(&self) -> Result<DirectoryRow> {
        Ok(self
            .db
            .prepare(sql!(
                "select instance, epoch, settled, signing_check, secret_check from directory where \"only\" = 1"
            ))?
            .query_row((), examine::workspace_row)?)
    }

    fn set_epoch(&self, epoch: u64) -> Result<()> {
        self.db.prepare(sql!("update directory set epoch = ?1"))?.execute([epoch])?;
        Ok(())
    }

    fn settle(&self, epoch: u64) -> Result<()> {
        self.db.prepare(sql!("update directory set settled = ?1"))?.execute([epoch])?;
        Ok(())
    }

    /// Accepts the directory as it is: the next start updates the other parts to match this one.
    fn accept(&self, keys: [bool; 2]) -> Result<()> {
        self.db.prepare(sql!("update directory set settled = 0"))?.execute(())?;
        let forget = [sql!("update directory set signing_check = ''"), sql!("update directory set secret_check = ''")];
        for (sql, _) in forget.into_iter().zip(keys).filter(|(_, lost)| *lost) {
            self.db.prepare(sql)?.execute(())?;
        }
        Ok(())
    }
}

impl RunsTx<'_> {
    fn set_directory(&self, instance: &str, epoch: u64) -> Result<()> {
        let sql = sql!(
            "insert into directory (\"only\", instance, epoch) values (1, ?1, ?2)
                   on conflict (\"only\") do update set instance = excluded.instance, epoch = excluded.epoch"
        );
        self.db.prepare(sql)?.execute((instance, epoch))?;
        Ok(())
    }
}

impl Store {
    /// Raises the epoch of every part of the data directory if anything was written since the last call. If it is
    /// interrupted, the next call completes it. Does nothing for databases on a server.
    ///
    /// # Errors
    /// If a part cannot be written.
    pub fn tick(&self) -> Result<()> {
        let Some(files) = &self.files else { return Ok(()) };
        let mut ticked = files.ticked.lock().unwrap_or_else(PoisonError::into_inner);
        let commits = || (self.workspace.signals.commits(), self.runs.signals.commits());
        let before = commits();
        if *ticked == Some(before) {
            return Ok(());
        }
        // on its own thread, because it blocks
        let raised = thread::scope(|scope| scope.spawn(|| self.raise_epoch(files)).join());
        raised.unwrap_or_else(|_| Err(Error::internal("raising the epoch panicked")))?;
        let after = commits();
        // only if nothing else was written meanwhile: that is left to the next call
        *ticked = (after.0 - before.0 <= 2 && after.1 - before.1 <= 1).then_some(after);
        Ok(())
    }

    fn raise_epoch(&self, files: &StoreFiles) -> Result<()> {
        let DirectoryRow { instance, epoch, settled, .. } = self.get(|tx| tx.directory())?;
        // an older workspace moves ahead of newer parts
        let newest = files.newest_epoch;
        let next = if newest > epoch || settled == epoch { newest.max(epoch) + 1 } else { epoch };
        let mark = FolderMark { instance: instance.clone(), epoch: next };
        self.write_now(move |tx| tx.set_epoch(next))?;
        self.runs.write_now(move |tx| tx.set_directory(&instance, next))?;
        if files.durability == Durability::Normal {
            // both must be on disk before the marks are written
            self.workspace.copy_log();
            self.runs.copy_log();
        }
        files.dir.set_marks(&mark)?;
        self.write_now(move |tx| tx.settle(next))
    }

    /// Accepts the directory as it is. `keys` says which keys (signing, secret) are lost.
    ///
    /// # Errors
    /// If the store cannot be written.
    pub fn accept(&self, keys: [bool; 2]) -> Result<()> {
        self.write_now(move |tx| tx.accept(keys))?;
        self.files.as_ref().map_or(Ok(()), |files| self.raise_epoch(files))
    }
}
