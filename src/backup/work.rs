//! Temporary folders of a backup. Folders that a killed process left behind are removed by the next backup.
use super::failed;
use crate::{Error, Result, data_dir::sync_folder};
use std::{
    fs::{self, File, TryLockError},
    io::ErrorKind,
    path::{Path, PathBuf},
    sync::{Mutex, PoisonError},
};
use tempfile::TempDir;

const LOCK: &str = "lock";
/// The folders of this process, for when a signal ends it.
static FOLDERS: Mutex<Vec<PathBuf>> = Mutex::new(Vec::new());

/// A folder that is removed when dropped.
pub(super) struct WorkFolder {
    folder: TempDir,
    _lock: File,
}

impl WorkFolder {
    /// Creates a folder in `parent`, which is created if missing. Removes folders with the same prefix that no process
    /// holds any more.
    ///
    /// # Errors
    /// If it cannot be created.
    pub fn new(parent: &Path, prefix: &str) -> Result<Self> {
        let error = || failed(parent, "cannot be written");
        fs::create_dir_all(parent).map_err(error())?;
        remove_abandoned(parent, prefix);
        let mut folders = FOLDERS.lock().unwrap_or_else(PoisonError::into_inner);
        let folder = tempfile::Builder::new().prefix(prefix).tempdir_in(parent).map_err(error())?;
        let lock = File::create(folder.path().join(LOCK)).map_err(error())?;
        lock.try_lock().map_err(|why| match why {
            TryLockError::Error(why) => failed(folder.path(), "cannot be locked")(why),
            // no other process knows it
            TryLockError::WouldBlock => Error::internal("a new folder is locked"),
        })?;
        folders.push(folder.path().to_path_buf());
        Ok(Self { folder, _lock: lock })
    }

    pub fn path(&self) -> &Path {
        self.folder.path()
    }
}

impl Drop for WorkFolder {
    fn drop(&mut self) {
        FOLDERS.lock().unwrap_or_else(PoisonError::into_inner).retain(|path| path != self.folder.path());
    }
}

/// Removes the folders of this process, whose work may go on until the process ends. None can be created afterwards.
pub fn remove_work_folders() {
    let folders = FOLDERS.lock().unwrap_or_else(PoisonError::into_inner);
    for folder in folders.iter() {
        while fs::remove_dir_all(folder).is_err_and(|error| error.kind() == ErrorKind::DirectoryNotEmpty) {}
    }
    std::mem::forget(folders);
}

fn remove_abandoned(parent: &Path, prefix: &str) {
    for entry in fs::read_dir(parent).into_iter().flatten().flatten() {
        if !entry.file_name().to_string_lossy().starts_with(prefix) {
            continue;
        }
        // another process is just creating a folder that has no lock yet
        let held = File::open(entry.path().join(LOCK)).is_ok_and(|lock| lock.try_lock().is_ok());
        if held {
            let _ = fs::remove_dir_all(entry.path());
        }
    }
}

/// Moves a finished file to its final name, unless that exists.
pub(super) fn publish(from: &Path, to: &Path) -> Result<()> {
    let folder = to.parent().filter(|folder| !folder.as_os_str().is_empty()).unwrap_or(Path::new("."));
    let publish = || {
        let from = tempfile::TempPath::try_from_path(from)?;
        from.persist_noclobber(to).map_err(|error| error.error)?;
        sync_folder(folder)
    };
    publish().map_err(failed(to, "cannot be written"))
}
