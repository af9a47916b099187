//! The space for a tenant's files: uploads and the databases in its folder share one quota.
use super::{
    DiskSpace, check, exceeded,
    temporary::{Temporaries, Temporary},
};
use crate::Result;
use std::{
    collections::HashMap,
    fs, io,
    path::{Path, PathBuf},
    sync::{Arc, Mutex, MutexGuard, PoisonError},
    time::{Duration, Instant},
};

/// The minimum size that a file counts with, because many empty files also fill a disk.
const SMALLEST: u64 = 4096;
/// How old the size of shared uploads may be. What adds to them reads it in its transaction.
const FRESH: Duration = Duration::from_secs(1);
/// By which part of the quota deletions may exceed it for a while.
const OVERDRAFT: u64 = 16;
const SUBJECT: &str = "the tenant's files";
const REMEDY: &str = "delete files or rows, or ask the person who runs this server for a larger quota";

/// The files of a tenant.
pub struct FileSpace {
    limit: Option<u64>,
    disk: Arc<DiskSpace>,
    /// The folder of the tenant's databases.
    databases: PathBuf,
    books: Mutex<Books>,
    temporary: Arc<Temporaries>,
    shared: Option<SharedUploads>,
}

/// Uploads in storage that several servers share, where each of them adds and removes content.
pub(super) struct SharedUploads {
    /// Reads their size; `None` if it cannot be read now.
    pub count: Box<dyn Fn() -> Option<u64> + Send + Sync>,
    pub read: Mutex<Option<Instant>>,
}

#[derive(Default)]
struct Books {
    /// Finished uploads.
    uploads: u64,
    /// Running uploads.
    arriving: u64,
    /// The size of each database with its journals, by path.
    databases: HashMap<PathBuf, u64>,
    /// The bytes granted to running statements.
    granted: u64,
}

impl Books {
    fn used(&self) -> u64 {
        self.uploads + self.arriving + self.databases.values().sum::<u64>()
    }
}

impl FileSpace {
    /// Counts the files of a tenant. `limit` applies to permanent files, `temporary` to temporary ones.
    pub(super) fn count(
        limit: Option<u64>,
        folders: Option<&[PathBuf; 2]>,
        disk: Arc<DiskSpace>,
        temporary: Arc<Temporaries>,
    ) -> Self {
        let mut books = Books::default();
        let [uploads, databases] = folders.cloned().unwrap_or_default();
        if folders.is_some() {
            // only finished uploads: running ones are counted as they arrive
            let is_content = |path: &Path| path.file_name().is_some_and(|name| !name.to_string_lossy().contains('.'));
            let _ = each_file(&uploads, &mut |path, bytes| {
                if is_content(path) {
                    books.uploads += bytes;
                }
            });
            books.databases = databases_in(&databases);
        }
        Self { limit, disk, databases, books: Mutex::new(books), temporary, shared: None }
    }

    /// Counts uploads in shared storage instead of those in the data directory.
    pub(super) fn with_shared(self, shared: SharedUploads) -> Self {
        Self { shared: Some(shared), ..self }
    }

    /// Returns the used space.
    pub fn used(&self) -> u64 {
        self.refresh();
        self.books().used()
    }

    /// Reads the size of shared uploads, unless it was read a moment ago. If it cannot be read, the last one counts.
    fn refresh(&self) {
        let Some(shared) = &self.shared else { return };
        let mut read = shared.read.lock().unwrap_or_else(PoisonError::into_inner);
        if read.is_some_and(|at| at.elapsed() < FRESH) {
            return;
        }
        *read = Some(Instant::now());
        drop(read);
        if let Some(bytes) = (shared.count)() {
            self.books().uploads = bytes;
        }
    }

    /// Refuses while free disk space is low.
    pub fn check_disk(&self) -> Result<()> {
        self.disk.check()
    }

    /// Returns whether free disk space is low.
    pub fn disk_is_low(&self) -> bool {
        self.disk.is_low()
    }

    /// Recounts the databases.
    pub fn recount(&self) {
        let databases = databases_in(&self.databases);
        let mut books = self.books();
        if books.granted == 0 {
            books.databases = databases;
        }
    }

    /// Starts an upload, which takes no space yet.
    pub fn upload(self: &Arc<Self>) -> ReservedBytes {
        ReservedBytes { space: Arc::clone(self), bytes: 0 }
    }

    /// Starts a job with temporary files, which take no space yet.
    pub fn temporary(&self) -> Temporary {
        self.temporary.begin()
    }

    /// Grants space to a statement that writes to the database at `path`. `None` without a quota.
    ///
    /// # Errors
    /// `Unavailable` while free disk space is low.
    pub fn grow(self: &Arc<Self>, path: &Path) -> Result<Option<Growth>> {
        self.disk.check()?;
        let Some(limit) = self.limit else { return Ok(None) };
        self.refresh();
        let before = database_size(path);
        let mut books = self.books();
        books.databases.insert(path.to_path_buf(), before);
        let taken = books.used() + books.granted;
        // not all of it, because other statements may write to other files meanwhile
        let share = |of: u64| of.saturating_sub(taken) / 4 * 3;
        // journals may use more than pages, because deleting rows also needs space
        let (granted, pages) = (share(limit), share(limit - limit / 16));
        books.granted += granted;
        drop(books);
        Ok(Some(Growth {
            space: Arc::clone(self),
            path: path.to_path_buf(),
            before,
            granted,
            pages,
            journal: 0,
            limit,
        }))
    }

    /// Refuses a new database if no space is left.
    pub fn check_new(&self) -> Result<()> {
        self.disk.check()?;
        check(self.limit, self.used() + SMALLEST, SUBJECT, REMEDY)
    }

    /// Returns how much of the quota earlier content of files may use; `None` without a quota.
    pub fn kept_share(&self) -> Option<u64> {
        self.limit.map(|limit| limit / 4)
    }

    /// Records that content of this many bytes was removed.
    pub fn removed(&self, bytes: u64) {
        let mut books = self.books();
        books.uploads = books.uploads.saturating_sub(bytes);
    }

    fn books(&self) -> MutexGuard<'_, Books> {
        self.books.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

/// The bytes of the quota that an upload uses. Returned when dropped.
pub struct ReservedBytes {
    space: Arc<FileSpace>,
    bytes: u64,
}

impl ReservedBytes {
    pub fn bytes(&self) -> u64 {
        self.bytes
    }

    /// # Errors
    /// `QuotaExceeded`, or `Unavailable` while free disk space is low.
    pub fn take(&mut self, bytes: u64) -> Result<()> {
        self.space.disk.check()?;
        self.space.refresh();
        let mut books = self.space.books();
        check(self.space.limit, books.used() + books.granted + bytes, SUBJECT, REMEDY)?;
        books.arriving += bytes;
        self.bytes += bytes;
        Ok(())
    }

    /// Refuses if there is no room for the content beside `uploads` bytes, which all servers together have stored.
    ///
    /// # Errors
    /// `QuotaExceeded`.
    pub fn admit(&self, uploads: u64) -> Result<()> {
        let mut books = self.space.books();
        books.uploads = uploads;
        check(self.space.limit, books.used() + books.granted, SUBJECT, REMEDY)
    }

    /// Keeps the content, which replaces content of `before` bytes.
    pub fn keep(mut self, before: u64) {
        let bytes = std::mem::take(&mut self.bytes);
        let mut books = self.space.books();
        books.arriving -= bytes;
        books.uploads = (books.uploads + bytes).saturating_sub(before);
    }
}

impl Drop for ReservedBytes {
    fn drop(&mut self) {
        self.space.books().arriving -= self.bytes;
    }
}

/// The bytes that a statement may add to a database. When dropped, returns what was not used.
pub struct Growth {
    space: Arc<FileSpace>,
    path: PathBuf,
    before: u64,
    /// How many bytes the database may grow with its journals, and without them.
    granted: u64,
    pages: u64,
    /// What journals may take beyond that.
    journal: u64,
    limit: u64,
}

impl Growth {
    /// Allows the journals of a statement that only deletes to become as large as the database: a tenant whose quota is
    /// used up must be able to free space, and SQLite keeps every page it empties until the statement ends. The database
    /// may exceed the quota by a sixteenth, because a full-text index grows before it shrinks: it notes what was deleted.
    /// That is all, however many statements use it.
    #[must_use]
    pub fn for_deletion(mut self) -> Self {
        let database = file_size(&self.path);
        let mut books = self.space.books();
        let most = self.limit + self.limit / OVERDRAFT;
        let more = most.saturating_sub(books.used() + books.granted).min(self.limit / OVERDRAFT);
        books.granted += more;
        drop(books);
        self.granted += more;
        self.pages += more;
        // a write-ahead log that a reader keeps has used a part of it already
        let journals = self.before.saturating_sub(database);
        self.journal = database.saturating_sub(journals);
        self
    }

    /// Returns the largest size of the database itself.
    pub fn most(&self) -> u64 {
        file_size(&self.path) + self.pages
    }

    /// Returns whether the database and its journals have grown by more than was granted.
    pub fn is_exhausted(&self) -> bool {
        database_size(&self.path) > self.before + self.granted + self.journal
    }

    /// Returns the error for a statement that needs more.
    pub fn refusal(&self) -> crate::Error {
        exceeded(SUBJECT, self.limit, REMEDY)
    }
}

impl Drop for Growth {
    fn drop(&mut self) {
        // a rollback journal is deleted when the transaction ends, which may be later
        let size = size_with(&self.path, &["", "-wal"]);
        let mut books = self.space.books();
        books.databases.insert(std::mem::take(&mut self.path), size);
        books.granted -= self.granted;
    }
}

/// Returns the size of a database with its journals.
fn database_size(path: &Path) -> u64 {
    size_with(path, &["", "-journal", "-wal"])
}

/// Returns the total size of the files whose names are that of the database with these endings.
fn size_with(path: &Path, endings: &[&str]) -> u64 {
    let beside = |ending: &&str| {
        let mut name = path.as_os_str().to_owned();
        name.push(ending);
        file_size(Path::new(&name))
    };
    endings.iter().map(beside).sum::<u64>().max(SMALLEST)
}

fn file_size(path: &Path) -> u64 {
    fs::metadata(path).map_or(0, |found| found.len())
}

/// Returns the size of every file below a folder, journals included in their databases, by real path.
fn databases_in(folder: &Path) -> HashMap<PathBuf, u64> {
    let mut found: HashMap<PathBuf, u64> = HashMap::new();
    let Ok(folder) = folder.canonicalize() else { return found };
    let _ = each_file(&folder, &mut |path, bytes| {
        let name = path.to_string_lossy();
        let database = ["-journal", "-wal"].iter().find_map(|ending| name.strip_suffix(ending));
        let database = database.map_or_else(|| path.to_path_buf(), PathBuf::from);
        *found.entry(database).or_default() += bytes;
    });
    for bytes in found.values_mut() {
        *bytes = (*bytes).max(SMALLEST);
    }
    found
}

fn each_file(folder: &Path, each: &mut impl FnMut(&Path, u64)) -> io::Result<()> {
    for entry in fs::read_dir(folder)? {
        let entry = entry?;
        // does not follow links
        let about = entry.metadata()?;
        if about.is_dir() {
            each_file(&entry.path(), each)?;
        } else if about.is_file() {
            each(&entry.path(), about.len());
        }
    }
    Ok(())
}

#[cfg(test)]
#[allow(clippy::unwrap_used)]
mod tests {
    use super::{DiskSpace, FileSpace, Temporaries};
    use std::{fs, sync::Arc};

    #[test]
    fn uploads_and_databases_share_one_quota() {
        let dir = tempfile::tempdir().unwrap();
        let root = dir.path().canonicalize().unwrap();
        let folders = ["uploads", "files"].map(|name| root.join(name));
        for folder in &folders {
            fs::create_dir(folder).unwrap();
        }
        fs::write(folders[0].join("a"), [0; 1000]).unwrap();
        fs::write(folders[0].join(".upload-x"), [0; 1000]).unwrap();
        fs::write(folders[1].join("b.db"), [0; 10_000]).unwrap();
        fs::write(folders[1].join("b.db-wal"), [0; 2000]).unwrap();
        let disk = Arc::new(DiskSpace::unlimited());
        let temporary = Temporaries::new(None, Arc::clone(&disk));
        let space = Arc::new(FileSpace::count(Some(20_000), Some(&folders), disk, temporary));
        assert_eq!(space.used(), 13_000);
        let mut taken = space.upload();
        taken.take(3000).unwrap();
        let growth = space.grow(&folders[1].join("b.db")).unwrap().unwrap();
        // three quarters of the space that 16 000 leaves, of which pages may only use up to 18 750
        assert_eq!(growth.most(), 10_000 + 2061);
        assert!(taken.take(1500).is_err(), "granted space cannot be taken twice");
        fs::write(folders[1].join("b.db"), [0; 12_000]).unwrap();
        assert!(!growth.is_exhausted());
        fs::write(folders[1].join("b.db-journal"), [0; 12_000]).unwrap();
        assert!(growth.is_exhausted());
        let growth = growth.for_deletion();
        assert!(!growth.is_exhausted(), "the journal of a deletion may be as large as the database");
        assert_eq!(growth.most(), 12_000 + 2061 + 1250, "a sixteenth of the quota, within that above it");
        fs::write(folders[1].join("b.db-journal"), vec![0; 17_000]).unwrap();
        assert!(growth.is_exhausted());
        fs::remove_file(folders[1].join("b.db-journal")).unwrap();
        drop(growth);
        drop(taken);
        assert_eq!(space.used(), 15_000);
    }
}
