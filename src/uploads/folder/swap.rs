//! Moves new content into place in the transaction that writes its row.
use super::{Place, remove, sync};
use crate::{
    Result,
    model::{File, Record},
};
use std::{
    fs,
    path::{Path, PathBuf},
    sync::{Arc, OnceLock},
};
use tokio::task::spawn_blocking;

/// A file that was written.
pub(super) struct WrittenFile {
    pub record: Record<File>,
    /// The file before, if there was one.
    pub before: Option<File>,
}

/// Moves new content into place.
#[derive(Clone)]
pub(super) struct Swap {
    place: Place,
    staged: PathBuf,
    /// Set once the new content is in place: where the old content is kept, if there was any.
    before: Arc<OnceLock<Option<PathBuf>>>,
    /// The old content. While it is open, no other server takes it for a remainder.
    held: Arc<OnceLock<fs::File>>,
}

impl Swap {
    pub fn new(place: Place, staged: PathBuf) -> Self {
        Self { place, staged, before: Arc::default(), held: Arc::default() }
    }

    /// Moves the content into place, as the last step of the transaction, so that only the commit can fail after it.
    /// `old` is the digest of the old content.
    pub fn take_place(&self, old: Option<&str>) -> Result<()> {
        let content = self.place.content();
        let backup = old.map(|sha256| self.place.aside(sha256)).filter(|_| content.exists());
        if let Some(backup) = &backup {
            let old = fs::File::open(&content)?;
            let _ = old.try_lock();
            let _ = self.held.set(old);
            fs::hard_link(&content, backup)?;
        }
        let is_new = old.is_none();
        // never fails: the transaction runs only once
        let _ = self.before.set(backup);
        if is_new {
            // keep both names until the commit: if the process ends before it, they show that no row was written
            return Ok(fs::hard_link(&self.staged, content)?);
        }
        Ok(fs::rename(&self.staged, content)?)
    }

    /// After the transaction, keeps the old content as that of an earlier version, or restores it. Returns the record
    /// and how many bytes were removed.
    pub async fn end(self, written: Result<WrittenFile>) -> Result<(Record<File>, u64)> {
        spawn_blocking(move || {
            let content = self.place.content();
            let mut freed = 0;
            match (self.before.get(), &written) {
                (Some(None), Err(_)) => remove(&content)?,
                (Some(Some(backup)), Err(_)) => {
                    fs::rename(backup, content)?;
                    // renaming a hard link to another name of the same file keeps both names
                    remove(backup)?;
                }
                (Some(Some(backup)), Ok(written)) => freed = self.keep(backup, written)?,
                _ => {}
            }
            remove(&self.staged)?;
            sync(&self.place.folder)?;
            written.map(|written| (written.record, freed))
        })
        .await?
    }

    /// Keeps the old content. What is content again need not be kept. Returns how many bytes were removed.
    fn keep(&self, backup: &Path, written: &WrittenFile) -> Result<u64> {
        let Some(before) = &written.before else { return Ok(0) };
        let (old, new) = (self.place.earlier(&before.sha256), self.place.earlier(&written.record.spec.sha256));
        let mut freed = if before.sha256 == written.record.spec.sha256 || old.exists() { before.size } else { 0 };
        if freed == 0 {
            fs::rename(backup, old)?;
        }
        remove(backup)?;
        if new.exists() {
            freed += new.metadata()?.len();
            remove(&new)?;
        }
        Ok(freed)
    }
}
