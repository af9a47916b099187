//! The data directory: its paths, its lock and its file modes.
mod marks;
mod quarantine;
mod replacing;

use crate::{Error, Result};
pub use marks::{FolderMark, MarkState, MarkedFolder};
pub use quarantine::{Quarantine, Quarantined};
pub use replacing::Replacing;
use std::{
    fs::{self, File, OpenOptions, TryLockError},
    io::{self, Read, Write},
    path::{Path, PathBuf},
    thread,
    time::Duration,
};

/// How often to try the lock, and the pause between attempts.
const TRIES: u32 = 5;
const PAUSE: Duration = Duration::from_millis(20);

/// The paths in a data directory.
#[derive(Clone, Debug)]
pub struct Paths {
    root: PathBuf,
}

/// A data directory that this process holds exclusively until it is dropped.
pub struct DataDir {
    paths: Paths,
    /// Whether this process created the directory.
    is_new: bool,
    _lock: File,
}

impl Drop for DataDir {
    /// Removes the lock and a new directory if nothing was stored: a refused start changes nothing.
    fn drop(&mut self) {
        let lock = self.lock();
        let is_lock = |entry: io::Result<fs::DirEntry>| entry.is_ok_and(|entry| entry.path() == lock);
        if fs::read_dir(&self.root).is_ok_and(|mut entries| entries.all(is_lock)) {
            // what cannot be removed does no harm
            let _ = fs::remove_file(&lock);
            if self.is_new {
                let _ = fs::remove_dir(&self.root);
            }
        }
    }
}

impl std::ops::Deref for DataDir {
    type Target = Paths;
    fn deref(&self) -> &Paths {
        &self.paths
    }
}

impl DataDir {
    /// Returns the default path of the data directory.
    pub fn default_path() -> Option<PathBuf> {
        directories::ProjectDirs::from("", "", "jet-admin").map(|dirs| dirs.data_dir().to_path_buf())
    }

    /// Creates the directory if it is missing (mode 0700), and locks it.
    ///
    /// # Errors
    /// `Conflict` if another process holds it.
    pub fn open(root: &Path) -> Result<Self> {
        for _ in 0..TRIES {
            if let (Some(held), _) = Self::open_or_join(root)? {
                return Ok(held);
            }
            // a command that checks whether the directory is in use locks it for an instant
            thread::sleep(PAUSE);
        }
        let root = root.display();
        Err(Error::conflict(format!("another jet-admin is using {root}: stop it, or use another --data-dir")))
    }

    /// Opens the directory, or returns only its paths if a server already holds it: for commands that work while the
    /// server runs.
    pub fn open_or_join(root: &Path) -> Result<(Option<Self>, Paths)> {
        let is_new = !root.exists();
        fs::create_dir_all(root).map_err(|error| explain(root, "cannot be created", &error))?;
        restrict(root, 0o700)?;
        let paths = Paths::new(root);
        let Some(lock) = lock(&paths.lock())? else { return Ok((None, paths)) };
        let held = Self { paths: paths.clone(), is_new, _lock: lock };
        replacing::finish(root)?;
        // files that an older version or a restored copy left readable by others
        restrict_below(root)?;
        Ok((Some(held), paths))
    }
}

/// Creates and locks a file; `None` if another process holds it.
fn lock(path: &Path) -> Result<Option<File>> {
    let mut options = OpenOptions::new();
    options.create(true).truncate(false).write(true);
    let lock = options.open(path).map_err(|error| explain(path, "cannot be written", &error))?;
    match lock.try_lock() {
        // its last holder may have removed it a moment ago
        Ok(()) if is_at(&lock, path) => {
            restrict(path, 0o600)?;
            Ok(Some(lock))
        }
        Ok(()) | Err(TryLockError::WouldBlock) => Ok(None),
        Err(TryLockError::Error(error)) => Err(explain(path, "cannot be locked", &error)),
    }
}

#[cfg(unix)]
fn is_at(file: &File, path: &Path) -> bool {
    use std::os::unix::fs::MetadataExt;
    let place = |about: io::Result<fs::Metadata>| about.map(|about| (about.dev(), about.ino())).ok();
    place(file.metadata()) == place(fs::metadata(path))
}

/// An open file cannot be removed there.
#[cfg(not(unix))]
fn is_at(_file: &File, _path: &Path) -> bool {
    true
}

/// Returns whether a server or another command uses the directory. Changes nothing.
pub fn is_in_use(root: &Path) -> bool {
    let lock = File::open(Paths::new(root).lock());
    lock.is_ok_and(|lock| matches!(lock.try_lock_shared(), Err(TryLockError::WouldBlock)))
}

impl Paths {
    /// Returns the paths below `root`, whether or not they exist.
    pub fn new(root: &Path) -> Self {
        Self { root: root.to_path_buf() }
    }

    pub fn root(&self) -> &Path {
        &self.root
    }
    fn lock(&self) -> PathBuf {
        self.root.join("lock")
    }
    pub fn workspace_db(&self) -> PathBuf {
        self.root.join("jet-admin.db")
    }
    pub fn runs_db(&self) -> PathBuf {
        self.root.join("runs.db")
    }
    /// Copies of the databases from before a migration.
    pub fn snapshots(&self) -> PathBuf {
        self.root.join("snapshots")
    }
    /// Files that datasources may read and write, in a folder for each tenant. Never jet-admin's own files.
    pub fn files(&self) -> PathBuf {
        self.root.join("files")
    }
    /// Uploaded files, in a folder for each tenant.
    pub fn uploads(&self) -> PathBuf {
        self.root.join("uploads")
    }
    /// Copies of uploaded files that are in shared storage, in a folder for each tenant.
    pub fn cache(&self) -> PathBuf {
        self.root.join("cache")
    }
    /// Temporary files of databases. Emptied at each start.
    pub fn temporary(&self) -> PathBuf {
        self.root.join("tmp")
    }
    /// What clean-up has removed, kept for some days.
    pub fn quarantine(&self) -> Quarantine {
        Quarantine::new(&self.root)
    }
    /// Where a running backup keeps links to uploads.
    pub fn backup_staging(&self) -> PathBuf {
        self.root.join("backup")
    }
    /// The key that signs ID tokens.
    pub fn signing_key(&self) -> PathBuf {
        self.root.join("keys").join("signing.pem")
    }
    /// The key that seals datasource secrets and secret variables.
    pub fn secret_key(&self) -> PathBuf {
        self.root.join("keys").join("secret.key")
    }

    /// Reads a key file, or creates it with `make` (mode 0600, written atomically).
    ///
    /// # Errors
    /// The errors of `make`, and `Conflict` for a file that is empty or cannot be read.
    pub fn key(&self, path: &Path, make: impl FnOnce() -> Result<Vec<u8>>) -> Result<Vec<u8>> {
        if let Some(bytes) = read_key(path)? {
            return Ok(bytes);
        }
        let bytes = make()?;
        write_private(path, &bytes)?;
        Ok(bytes)
    }
}

/// Reads a key file; `None` if it does not exist.
///
/// # Errors
/// `Conflict` if it is empty, not a file, or cannot be read.
pub fn read_key(path: &Path) -> Result<Option<Vec<u8>>> {
    let mut bytes = Vec::new();
    let read = File::open(path).and_then(|file| file.take(1 << 20).read_to_end(&mut bytes));
    match read {
        Ok(0) => Err(Error::conflict(format!("{} is empty: restore it from a backup", path.display()))),
        Ok(_) => Ok(Some(bytes)),
        Err(error) if error.kind() == io::ErrorKind::NotFound => Ok(None),
        Err(error) => Err(explain(path, "cannot be read", &error)),
    }
}

/// Writes a file that only this user can read, atomically, and syncs it to disk. Creates its folder.
///
/// # Errors
/// `Conflict`, with the path.
pub fn write_private(path: &Path, bytes: &[u8]) -> Result<()> {
    let folder = path.parent().unwrap_or(path);
    let write = || {
        fs::create_dir_all(folder)?;
        let part = path.with_extension("part");
        let mut options = OpenOptions::new();
        options.create(true).truncate(true).write(true);
        #[cfg(unix)]
        std::os::unix::fs::OpenOptionsExt::mode(&mut options, 0o600);
        let mut file = options.open(&part)?;
        file.write_all(bytes)?;
        file.sync_all()?;
        fs::rename(&part, path)?;
        sync_folder(folder)
    };
    write().map_err(|error| explain(path, "cannot be written", &error))?;
    restrict(folder, 0o700)
}

/// Syncs the entries of a folder to disk.
pub fn sync_folder(folder: &Path) -> io::Result<()> {
    File::open(folder)?.sync_all()
}

/// Creates an empty file that only this user can read, if it does not exist. `SQLite` gives its other files the same
/// mode.
pub fn private_file(path: &Path) -> Result<()> {
    let mut options = OpenOptions::new();
    options.create_new(true).write(true);
    #[cfg(unix)]
    std::os::unix::fs::OpenOptionsExt::mode(&mut options, 0o600);
    match options.open(path) {
        Err(error) if error.kind() != io::ErrorKind::AlreadyExists => Err(explain(path, "cannot be created", &error)),
        _ => Ok(()),
    }
}

/// Makes every file that this process creates from now on private to this user.
pub fn restrict_new_files() {
    #[cfg(unix)]
    rustix::process::umask(rustix::fs::Mode::from_raw_mode(0o077));
}

/// Creates an error for the operator that names the path, and what to do if that is known.
pub fn explain(path: &Path, what: &str, error: &io::Error) -> Error {
    let remedy = match error.kind() {
        io::ErrorKind::PermissionDenied => {
            ": it must belong to the user that runs jet-admin, who must also have access to the folders above it"
        }
        io::ErrorKind::ReadOnlyFilesystem => ": mount its file system for writing, or use another --data-dir",
        io::ErrorKind::StorageFull | io::ErrorKind::QuotaExceeded => ": free some disk space",
        io::ErrorKind::IsADirectory => {
            ": a file is expected here; move the folder away and restore the file from a backup"
        }
        io::ErrorKind::NotADirectory | io::ErrorKind::AlreadyExists => {
            ": a folder is expected here; move the file away or use another path"
        }
        _ => "",
    };
    Error::conflict(format!("{} {what} ({error}){remedy}", path.display()))
}

/// Makes a path private to this user, unless it already is, because the disk may be read-only.
#[cfg(unix)]
fn restrict(path: &Path, mode: u32) -> Result<()> {
    use std::os::unix::fs::PermissionsExt;
    let found = fs::metadata(path).map(|about| about.permissions().mode() & 0o7777);
    if found.is_ok_and(|found| found == mode) {
        return Ok(());
    }
    fs::set_permissions(path, fs::Permissions::from_mode(mode))
        .map_err(|error| explain(path, "cannot be made private", &error))
}

/// Makes everything below `folder` private to this user. Ignores links.
#[cfg(unix)]
fn restrict_below(folder: &Path) -> Result<()> {
    use std::os::unix::fs::PermissionsExt;
    let entries = fs::read_dir(folder).map_err(|error| explain(folder, "cannot be read", &error))?;
    for entry in entries.flatten() {
        let (path, Ok(found)) = (entry.path(), entry.metadata()) else { continue };
        if found.is_symlink() {
            continue;
        }
        let mode = found.permissions().mode() & 0o7777;
        if mode & 0o077 != 0 {
            restrict(&path, mode & 0o700)?;
        }
        if found.is_dir() {
            restrict_below(&path)?;
        }
    }
    Ok(())
}

#[cfg(not(unix))]
fn restrict_below(_: &Path) -> Result<()> {
    Ok(())
}

#[cfg(not(unix))]
fn restrict(_: &Path, _: u32) -> Result<()> {
    Ok(())
}

#[cfg(test)]
#[allow(clippy::unwrap_used)]
mod tests {
    use super::DataDir;
    use std::os::unix::fs::PermissionsExt;

    #[test]
    fn a_directory_is_private_and_held_by_one_process() {
        let dir = tempfile::tempdir().unwrap();
        let root = dir.path().join("data");
        let held = DataDir::open(&root).unwrap();
        let refused = DataDir::open(&root).err().unwrap();
        assert!(refused.to_string().contains("another jet-admin is using"), "{refused}");
        let key = held.key(&held.secret_key(), || Ok(vec![7; 32])).unwrap();
        assert_eq!(held.key(&held.secret_key(), || panic!("made twice")).unwrap(), key);
        let mode = |path: &std::path::Path| path.metadata().unwrap().permissions().mode() & 0o777;
        assert_eq!(mode(&root), 0o700);
        assert_eq!(mode(&held.secret_key()), 0o600);
        drop(held);
        DataDir::open(&root).unwrap();
    }

    #[test]
    fn a_directory_in_which_nothing_was_stored_is_left_as_it_was() {
        let dir = tempfile::tempdir().unwrap();
        let root = dir.path().join("data");
        drop(DataDir::open(&root).unwrap());
        assert!(!root.exists());
        std::fs::create_dir(&root).unwrap();
        drop(DataDir::open(&root).unwrap());
        assert!(root.read_dir().unwrap().next().is_none());
        std::fs::write(root.join("jet-admin.db"), "").unwrap();
        drop(DataDir::open(&root).unwrap());
        assert!(root.join("lock").exists());
    }
}
