//! The space for one tenant's files: what is uploaded and the databases in its folder share one quota.
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
};

/// What a file takes at least: a flood of empty files fills a disk, too.
const SMALLEST: u64 = 4096;
const SUBJECT: &str = "the tenant's files";
const REMEDY: &str = "delete files or rows, or ask the operator for a larger quota";

/// The files of one tenant.
pub struct FileSpace {
    limit: Option<u64>,
    disk: Arc<DiskSpace>,
    /// The folder of the tenant's databases.
    databases: PathBuf,
    books: Mutex<Books>,
    temporary: Arc<Temporaries>,
}

#[derive(Default)]
struct Books {
    uploads: u64,
    /// Size by path, each with its journals.
    databases: HashMap<PathBuf, u64>,
    /// Granted to statements that are running.
    granted: u64,
}

impl Books {
    fn used(&self) -> u64 {
        self.uploads + self.databases.values().sum::<u64>()
    }
}

impl FileSpace {
    /// `limit` is for what stays, and what `temporary` bounds for what goes again.
    pub(super) fn count(
        limit: Option<u64>,
        folders: Option<&[PathBuf; 2]>,
        disk: Arc<DiskSpace>,
        temporary: Arc<Temporaries>,
    ) -> Self {
        let mut books = Books::default();
        let [uploads, databases] = folders.cloned().unwrap_or_default();
        if folders.is_some() {
            // content only, not what is on its way in: that is counted as it comes
            let is_content = |path: &Path| path.file_name().is_some_and(|name| !name.to_string_lossy().contains('.'));
            let _ = each_file(&uploads, &mut |path, bytes| {
                if is_content(path) {
                    books.uploads += bytes;
                }
            });
            books.databases = databases_in(&databases);
        }
        Self { limit, disk, databases, books: Mutex::new(books), temporary }
    }

    /// What is used now.
    pub fn used(&self) -> u64 {
        self.books().used()
    }

    /// Refuses while the disk is low.
    pub fn check_disk(&self) -> Result<()> {
        self.disk.check()
    }

    /// Whether the disk is low.
    pub fn disk_is_low(&self) -> bool {
        self.disk.is_low()
    }

    /// Looks at the databases again.
    pub fn recount(&self) {
        let databases = databases_in(&self.databases);
        let mut books = self.books();
        if books.granted == 0 {
            books.databases = databases;
        }
    }

    /// Space for an upload: nothing yet.
    pub fn upload(self: &Arc<Self>) -> Taken {
        Taken { space: Arc::clone(self), bytes: 0 }
    }

    /// Space for temporary files of one piece of work: nothing yet.
    pub fn temporary(&self) -> Temporary {
        self.temporary.begin()
    }

    /// What a statement that is about to write to the database at `path` may add; `None` without a quota.
    ///
    /// # Errors
    /// `QuotaExceeded` when nothing is left, `Unavailable` while the disk is low.
    pub fn grow(self: &Arc<Self>, path: &Path) -> Result<Option<Growth>> {
        self.disk.check()?;
        let Some(limit) = self.limit else { return Ok(None) };
        let before = database_size(path);
        let mut books = self.books();
        books.databases.insert(path.to_path_buf(), before);
        let taken = books.used() + books.granted;
        // not all of it: others may write to other files meanwhile
        let share = |of: u64| of.saturating_sub(taken) / 4 * 3;
        // journals may use what pages may not: deleting needs some, too
        let (granted, pages) = (share(limit), share(limit - limit / 16));
        books.granted += granted;
        drop(books);
        Ok(Some(Growth { space: Arc::clone(self), path: path.to_path_buf(), before, granted, pages, limit }))
    }

    /// Refuses a new database when nothing is left.
    pub fn check_new(&self) -> Result<()> {
        self.disk.check()?;
        check(self.limit, self.used() + SMALLEST, SUBJECT, REMEDY)
    }

    /// Content of so many bytes was removed.
    pub fn removed(&self, bytes: u64) {
        let mut books = self.books();
        books.uploads = books.uploads.saturating_sub(bytes);
    }

    fn books(&self) -> MutexGuard<'_, Books> {
        self.books.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

/// Bytes of the quota that an upload has taken; given back when dropped.
pub struct Taken {
    space: Arc<FileSpace>,
    bytes: u64,
}

impl Taken {
    pub fn bytes(&self) -> u64 {
        self.bytes
    }

    /// # Errors
    /// `QuotaExceeded`; `Unavailable` while the disk is low.
    pub fn take(&mut self, bytes: u64) -> Result<()> {
        self.space.disk.check()?;
        let mut books = self.space.books();
        check(self.space.limit, books.used() + books.granted + bytes, SUBJECT, REMEDY)?;
        books.uploads += bytes;
        self.bytes += bytes;
        Ok(())
    }

    /// The content stays, in the place of one of `before` bytes.
    pub fn keep(mut self, before: u64) {
        self.bytes = before;
    }
}

impl Drop for Taken {
    fn drop(&mut self) {
        let mut books = self.space.books();
        // never below nothing: content may have been removed behind our back
        books.uploads = books.uploads.saturating_sub(self.bytes);
    }
}

/// What one statement may add to a database; given back when dropped, less what it has added.
pub struct Growth {
    space: Arc<FileSpace>,
    path: PathBuf,
    before: u64,
    /// Bytes by which the database and its journals may grow, and the database alone.
    granted: u64,
    pages: u64,
    limit: u64,
}

impl Growth {
    /// Bytes that the database itself may have afterwards.
    pub fn most(&self) -> u64 {
        fs::metadata(&self.path).map_or(0, |found| found.len()) + self.pages
    }

    /// Whether the database and its journals have grown by more than was granted.
    pub fn is_exhausted(&self) -> bool {
        database_size(&self.path) > self.before + self.granted
    }

    /// What is said when it is not enough.
    pub fn refusal(&self) -> crate::Error {
        exceeded(SUBJECT, self.limit, REMEDY)
    }
}

impl Drop for Growth {
    fn drop(&mut self) {
        let size = database_size(&self.path);
        let mut books = self.space.books();
        books.databases.insert(std::mem::take(&mut self.path), size);
        books.granted -= self.granted;
    }
}

/// A database with its journals.
fn database_size(path: &Path) -> u64 {
    let beside = |ending: &str| {
        let mut name = path.as_os_str().to_owned();
        name.push(ending);
        fs::metadata(name).map_or(0, |found| found.len())
    };
    ["", "-journal", "-wal"].map(beside).iter().sum::<u64>().max(SMALLEST)
}

/// Every file below the folder, the journals with their databases; by their real paths, as statements name them.
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
        // no link is followed
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
        // three quarters of what 16 000 leaves, of which pages may use 15 000 only
        assert_eq!(growth.most(), 10_000 + 2061);
        assert!(taken.take(1500).is_err(), "what is granted is not to be had twice");
        fs::write(folders[1].join("b.db"), [0; 12_000]).unwrap();
        assert!(!growth.is_exhausted());
        drop(growth);
        drop(taken);
        assert_eq!(space.used(), 15_000);
    }
}
