//! Checks that the parts of a data directory belong together. Both databases, and a mark in each folder, carry the
//! directory's id and an epoch. The epoch increases at each start and stop, and every 30 seconds in which something was
//! written. A part with a different id belongs to another directory. A part that is behind or ahead of the workspace is
//! from another time. Nothing is opened, created or deleted before the parts agree.
pub mod databases;
mod examine;
mod judge;
pub mod look;
pub mod moment;
pub mod snapshots;

use crate::{
    Error, Result,
    data_dir::{FolderMark, Paths},
    store::{
        Durability, RunsTx, Store, Tx,
        sql::{OptionalExtension, sql},
    },
};
pub use examine::{DirectoryParts, DirectoryRow, FileState};
pub use judge::DirectoryProblem;
use look::Access;
use std::{sync::PoisonError, thread, time::Duration};

/// Reads the state of every part without changing anything.
///
/// # Errors
/// `Conflict` if a database is damaged, is not a database, belongs to another program, or is from a newer version.
pub fn examine(paths: &Paths, access: Access) -> Result<DirectoryParts> {
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
    fn directory(&self) -> Result<DirectoryRow> {
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

    /// Compares the keys with the digests stored at their first use, and stores missing digests. A secret key that
    /// `is_given` by the operator may differ: then existing secrets cannot be decrypted.
    ///
    /// # Errors
    /// `Conflict` for a key of another directory.
    fn check_keys(&self, signing: &str, secret: &str, is_given: bool) -> Result<()> {
        let row = self.directory()?;
        for (what, known, key) in [
            ("keys/signing.pem is not the key that signs this directory's ID tokens", &row.signing_check, signing),
            ("the secret key is not the one that sealed this directory's secrets", &row.secret_check, secret),
        ] {
            if known.as_ref().is_none_or(|known| known.is_empty() || known == key) {
                continue;
            }
            if is_given && key == secret {
                tracing::warn!("{what}: secrets that were sealed with the previous key must be entered again");
                continue;
            }
            return Err(Error::conflict(format!(
                "{what}: put the right one back from a backup; `jet-admin accept` shows what is lost without it"
            )));
        }
        let sql =
            sql!("update directory set signing_check = ?1, secret_check = coalesce(nullif(secret_check, ''), ?2)");
        self.db.prepare(sql)?.execute((signing, secret))?;
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
    /// Raises the epoch of every part if anything was written since the last call. If it is interrupted, the next call
    /// completes it.
    ///
    /// # Errors
    /// If a part cannot be written.
    pub fn tick(&self) -> Result<()> {
        let mut ticked = self.ticked.lock().unwrap_or_else(PoisonError::into_inner);
        let commits = || (self.workspace.commits(), self.runs.commits());
        let before = commits();
        if *ticked == Some(before) {
            return Ok(());
        }
        // on its own thread, because it blocks
        let raised = thread::scope(|scope| scope.spawn(|| self.raise_epoch()).join());
        raised.unwrap_or_else(|_| Err(Error::internal("raising the epoch panicked")))?;
        let after = commits();
        // only if nothing else was written meanwhile: that is left to the next call
        *ticked = (after.0 - before.0 <= 2 && after.1 - before.1 <= 1).then_some(after);
        Ok(())
    }

    fn raise_epoch(&self) -> Result<()> {
        let DirectoryRow { instance, epoch, settled, .. } = self.get(|tx| tx.directory())?;
        // an older workspace moves ahead of newer parts
        let next = if self.newest_epoch > epoch || settled == epoch { self.newest_epoch.max(epoch) + 1 } else { epoch };
        let mark = FolderMark { instance: instance.clone(), epoch: next };
        self.write_now(move |tx| tx.set_epoch(next))?;
        self.runs.write_now(move |tx| tx.set_directory(&instance, next))?;
        if self.durability == Durability::Normal {
            // both must be on disk before the marks are written
            self.workspace.sync();
            self.runs.sync();
        }
        self.dir.set_marks(&mark)?;
        self.write_now(move |tx| tx.settle(next))
    }

    /// Checks that a missing key may be generated: not if it has sealed secrets or signed tokens of this directory.
    ///
    /// # Errors
    /// `Conflict`, with what to do.
    pub fn may_make_key(&self, which: KeyKind) -> Result<()> {
        let (row, used) = self.get(|tx| Ok((tx.directory()?, tx.has_used(which)?)))?;
        let known = match which {
            KeyKind::Signing => row.signing_check,
            KeyKind::Secret => row.secret_check,
        };
        if known.map_or(used, |known| !known.is_empty()) {
            return Err(Error::conflict(format!(
                "{} in {}: put it back from a backup; `jet-admin accept` shows what is lost without it",
                which.missing(),
                self.dir.root().display()
            )));
        }
        Ok(())
    }

    /// Refuses keys of another directory.
    ///
    /// # Errors
    /// `Conflict`, with what to do.
    pub fn check_keys(&self, signing: String, secret: String, is_given: bool) -> Result<()> {
        let row = self.get(|tx| tx.directory())?;
        if row.signing_check.as_ref() == Some(&signing) && row.secret_check.as_ref() == Some(&secret) {
            return Ok(());
        }
        self.write_now(move |tx| tx.check_keys(&signing, &secret, is_given))
    }

    /// Accepts the directory as it is. `keys` says which keys (signing, secret) are lost.
    ///
    /// # Errors
    /// If the store cannot be written.
    pub fn accept(&self, keys: [bool; 2]) -> Result<()> {
        self.write_now(move |tx| tx.accept(keys))?;
        self.raise_epoch()
    }
}

/// A key of the data directory.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum KeyKind {
    Signing,
    Secret,
}

impl KeyKind {
    fn missing(self) -> &'static str {
        match self {
            Self::Signing => "keys/signing.pem, which signs ID tokens, is missing",
            Self::Secret => "keys/secret.key (or JET_ADMIN_SECRET_KEY), which decrypts the stored secrets, is missing",
        }
    }
}

impl Tx<'_> {
    /// Returns whether an earlier version, which did not store digests, has used a key of this kind.
    fn has_used(&self, which: KeyKind) -> Result<bool> {
        let sql = match which {
            KeyKind::Signing => sql!("select exists(select 1 from refresh_tokens)"),
            KeyKind::Secret => sql!(
                "select exists(select 1 from objects where spec like '%\"sealed\":\"%')
                 or exists(select 1 from triggers where token_sealed is not null)"
            ),
        };
        Ok(self.db.prepare(sql)?.query_row((), |row| row.get(0)).optional()?.unwrap_or(false))
    }
}
