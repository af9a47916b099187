//! Repairs the uploads of a tenant at the start.
use super::{TEMPORARY, entries, id_of, ignore_missing, is_same, remove, sync};
use crate::{
    Result,
    data_dir::Quarantine,
    model::file::{kept_name, parse_kept_name},
    store::KnownFile,
};
use std::{
    collections::{HashMap, HashSet},
    fs, io,
    path::{Path, PathBuf},
    time::{Duration, SystemTime},
};
use uuid::Uuid;

/// The prefix of the names of tables that the connector `file` creates from content.
const TABLE: &str = ".table-";

/// How old what other servers may be using must be.
const OLD: Duration = Duration::from_hours(1);

/// The totals for all tenants.
#[derive(Default)]
pub(super) struct Swept {
    unknown: u64,
    missing: u64,
    altered: u64,
    taken: u64,
}

impl Swept {
    pub fn log(&self) {
        if self.unknown > 0 {
            tracing::warn!(files = self.unknown, "uploads/ contains files that are not in the database: they are kept");
        }
        if self.missing + self.altered > 0 {
            let (missing, altered) = (self.missing, self.altered);
            tracing::warn!(
                missing,
                altered,
                "uploaded files are missing or altered: run `jet-admin doctor` to list them"
            );
        }
        if self.taken > 0 {
            tracing::info!(files = self.taken, "moved the remains of interrupted uploads and deletions to quarantine");
        }
    }
}

/// Returns whether a file was written, linked or renamed a short time ago.
#[cfg(unix)]
fn is_young(path: &Path) -> bool {
    use std::os::unix::fs::MetadataExt;
    fs::metadata(path).is_ok_and(|about| {
        let changed = SystemTime::UNIX_EPOCH + Duration::from_secs(about.ctime().unsigned_abs());
        changed.elapsed().is_ok_and(|age| age < OLD)
    })
}

#[cfg(not(unix))]
fn is_young(path: &Path) -> bool {
    fs::metadata(path).and_then(|about| about.modified()).is_ok_and(|at| at.elapsed().is_ok_and(|age| age < OLD))
}

/// Holds a file while it is handled; `None` if another server is working with it, or has just moved it.
fn hold(path: &Path) -> Option<fs::File> {
    let file = fs::File::open(path).ok()?;
    match file.try_lock() {
        Err(fs::TryLockError::WouldBlock) => None,
        _ => path.exists().then_some(file),
    }
}

pub(super) struct Sweep<'a> {
    pub folder: PathBuf,
    pub quarantine: &'a Quarantine,
    /// Whether other servers may be writing to the folder.
    pub is_shared: bool,
}

impl Sweep<'_> {
    /// Moves content into place, and moves to quarantine what is deleted according to the database or was left by an
    /// interrupted replacement.
    pub fn run(&self, known: &HashMap<Uuid, KnownFile>, marked: &HashSet<Uuid>, swept: &mut Swept) -> Result<()> {
        for path in entries(&self.folder)? {
            let name = path.file_name().and_then(|name| name.to_str()).unwrap_or_default();
            let is_kept = name.starts_with(TABLE) || parse_kept_name(name).is_some();
            if self.is_shared && is_kept && is_young(&path) {
                continue;
            }
            let Some(_held) = hold(&path) else { continue };
            if name.starts_with(TEMPORARY) || name.starts_with(TABLE) {
                remove(&path)?;
                continue;
            }
            if let Some((id, digest)) = parse_kept_name(name) {
                // of a file without a row, it may belong to a newer copy of the database
                let is_left = marked.contains(&id) && !known.contains_key(&id);
                if is_left || known.get(&id).is_some_and(|file| !file.versions.contains(digest)) {
                    self.take(&path, swept)?;
                }
                continue;
            }
            let mut parts = name.split('.');
            if let (Some(id), Some(digest)) = (parts.next().and_then(id_of), parts.next()) {
                let known = known.get(&id);
                let is_right = known.map(|known| known.file.sha256 == digest);
                // it was replaced, and the end of that was interrupted
                let is_earlier = is_right == Some(false) && known.is_some_and(|known| known.versions.contains(digest));
                let kept = self.folder.join(kept_name(id, digest));
                if is_earlier && !kept.exists() {
                    fs::rename(&path, kept)?;
                } else {
                    self.settle(&path, id, is_right, swept)?;
                }
            }
        }
        // only files that are marked as deleted and have no row
        for id in marked.iter().filter(|id| !known.contains_key(*id)) {
            self.take(&self.content(*id), swept)?;
        }
        self.count(known, swept)?;
        // another server may be about to write to it
        if self.is_shared {
            return if self.folder.exists() { sync(&self.folder) } else { Ok(()) };
        }
        match fs::remove_dir(&self.folder) {
            Err(error) if error.kind() == io::ErrorKind::DirectoryNotEmpty => sync(&self.folder),
            done => ignore_missing(done),
        }
    }

    /// Handles content that is not at its final path. `is_right` is whether the row has its digest, `None` without a
    /// row.
    fn settle(&self, path: &Path, id: Uuid, is_right: Option<bool>, swept: &mut Swept) -> Result<()> {
        let content = self.content(id);
        match is_right {
            // it was moved into place, but its row was not written: both names are the same file
            None if is_same(path, &content) => self.take(&content, swept)?,
            // a single name is enough
            _ if is_same(path, &content) => {}
            Some(true) => {
                self.take(&content, swept)?;
                return Ok(fs::rename(path, content)?);
            }
            _ => return self.take(path, swept),
        }
        remove(path)
    }

    fn count(&self, known: &HashMap<Uuid, KnownFile>, swept: &mut Swept) -> Result<()> {
        for (id, KnownFile { file, .. }) in known {
            match self.content(*id).metadata() {
                Ok(about) => swept.altered += u64::from(about.len() != file.size),
                Err(_) => swept.missing += 1,
            }
        }
        let is_unknown = |path: &PathBuf| {
            let name = path.file_name().and_then(|name| name.to_str());
            let id = name.and_then(|name| id_of(name).or_else(|| Some(parse_kept_name(name)?.0)));
            id.is_none_or(|id| !known.contains_key(&id))
        };
        swept.unknown += entries(&self.folder)?.iter().filter(|path| is_unknown(path)).count() as u64;
        Ok(())
    }

    fn take(&self, path: &Path, swept: &mut Swept) -> Result<()> {
        swept.taken += u64::from(path.exists());
        self.quarantine.take(path)
    }

    fn content(&self, id: Uuid) -> PathBuf {
        self.folder.join(id.to_string())
    }
}
