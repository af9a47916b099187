//! Copies of shared content in the data directory: bounded, and deleted when they were not used for long. A copy has the
//! digest of its content, which was compared when it was written.
use crate::{
    Error, Result,
    connect::ObjectStorage,
    quota::DiskSpace,
    store::StoredContent,
    uploads::{disk, make_private},
};
use moka::{future::Cache, policy::EvictionPolicy};
use std::{
    fs, io,
    path::{Path, PathBuf},
    sync::Arc,
    time::{Duration, SystemTime},
};
use tempfile::TempPath;
use tokio::{sync::Semaphore, task::spawn_blocking};
use uuid::Uuid;

/// The prefix of the names of incomplete copies.
const INCOMPLETE: &str = ".copy-";
/// How long a copy is kept that nobody uses: also that of a file that another server has deleted.
const UNUSED: Duration = Duration::from_hours(24);
/// How many objects are copied at the same time.
const COPIES: usize = 8;

const ALTERED: &str =
    "the content of this file was altered in the file storage: restore it there, or upload the file again";
const MISSING: &str =
    "the content of this file is missing in the file storage: restore it there, or upload the file again";

/// A tenant and a digest.
type Key = (Uuid, String);

pub struct ContentCache {
    root: PathBuf,
    most: u64,
    copies: Cache<Key, Arc<CachedContent>>,
    turns: Semaphore,
}

/// A copy in the cache, which has its own file.
struct CachedContent {
    path: PathBuf,
    bytes: u64,
}

impl ContentCache {
    /// Creates a cache of at most `most` bytes.
    pub fn new(root: PathBuf, most: u64) -> Self {
        let copies = Cache::builder()
            .max_capacity(most >> 10)
            .weigher(|_: &Key, copy: &Arc<CachedContent>| {
                u32::try_from(copy.bytes >> 10).unwrap_or(u32::MAX).saturating_add(1)
            })
            // what was just copied stays, because somebody is about to open it
            .eviction_policy(EvictionPolicy::lru())
            .time_to_idle(UNUSED)
            .support_invalidation_closures()
            // who has opened the file reads it to its end; what cannot be deleted is found at the next start
            .eviction_listener(|_, copy: Arc<CachedContent>, _| drop(fs::remove_file(&copy.path)))
            .build();
        Self { root, most, copies, turns: Semaphore::new(COPIES) }
    }

    /// Finds the copies of an earlier process, and deletes incomplete ones.
    ///
    /// # Errors
    /// If the folder cannot be read.
    pub async fn find(&self) -> Result<()> {
        let root = self.root.clone();
        let mut found = spawn_blocking(move || copies_in(&root)).await??;
        found.sort_by_key(|(_, _, used)| *used);
        for (key, copy, _) in found {
            self.copies.insert(key, Arc::new(copy)).await;
        }
        self.tidy().await;
        Ok(())
    }

    /// Opens content, and copies it from the storage first if there is no copy. Callers that need the same copy wait for
    /// one of them.
    ///
    /// # Errors
    /// `Datasource` if it is missing or altered, `Unavailable`.
    pub async fn open(&self, content: &StoredContent, storage: &ObjectStorage, disk: &DiskSpace) -> Result<fs::File> {
        if self.is_too_large(content) {
            let path = self.fetch(content, storage, disk).await?;
            return Ok(spawn_blocking(move || fs::File::open(path)).await??);
        }
        let key = (content.tenant, content.sha256.clone());
        for _ in 0..3 {
            let copying = async { self.place(content, self.fetch(content, storage, disk).await?).await };
            // boxed: the cache's future is large
            let copy = Box::pin(self.copies.try_get_with(key.clone(), copying)).await.map_err(|error| own(&error))?;
            let opening = Arc::clone(&copy);
            match spawn_blocking(move || fs::File::open(&opening.path)).await? {
                Ok(file) if file.metadata()?.len() == content.bytes => return Ok(file),
                // somebody has deleted or truncated it
                Ok(_) => {}
                Err(error) if error.kind() == io::ErrorKind::NotFound => {}
                Err(error) => return Err(error.into()),
            }
            self.copies.invalidate(&key).await;
        }
        Err(Error::internal("a copy of a file's content disappears"))
    }

    /// Returns whether content takes too much of the cache to be kept in it.
    fn is_too_large(&self, content: &StoredContent) -> bool {
        content.bytes > self.most / 2
    }

    /// Copies content to a temporary file, and compares its digest.
    async fn fetch(&self, content: &StoredContent, storage: &ObjectStorage, disk: &DiskSpace) -> Result<TempPath> {
        // never closed
        let _turn = self.turns.acquire().await.map_err(Error::internal)?;
        disk.check()?;
        let folder = self.folder(content.tenant);
        let begun = spawn_blocking(move || {
            make_private(&folder)?;
            tempfile::Builder::new().prefix(INCOMPLETE).tempfile_in(folder).map_err(crate::uploads::disk)
        });
        let (file, path) = begun.await??.into_parts();
        let mut file = tokio::fs::File::from_std(file);
        let digest = match storage.get(&content.key(), content.bytes, &mut file).await {
            Err(Error::NotFound(_)) => {
                tracing::error!(key = content.key(), "the content of a file is missing in the file storage");
                return Err(Error::datasource(MISSING));
            }
            read => read?,
        };
        if digest != content.sha256 {
            tracing::error!(key = content.key(), digest, "the content of a file was altered in the file storage");
            return Err(Error::datasource(ALTERED));
        }
        file.sync_all().await?;
        Ok(path)
    }

    /// Moves a file with this content into the cache.
    async fn place(&self, content: &StoredContent, path: TempPath) -> Result<Arc<CachedContent>> {
        // a new name: the removal of another copy must not remove this one
        let name = format!("{}.{}", content.sha256, Uuid::new_v4().simple());
        let to = self.folder(content.tenant).join(name);
        let bytes = content.bytes;
        spawn_blocking(move || {
            path.persist(&to).map_err(|error| disk(error.error))?;
            Ok(Arc::new(CachedContent { path: to, bytes }))
        })
        .await?
    }

    /// Adds content that has arrived at this server.
    pub async fn keep(&self, content: &StoredContent, path: TempPath) {
        if self.is_too_large(content) {
            return;
        }
        match self.place(content, path).await {
            Ok(copy) => self.copies.insert((content.tenant, content.sha256.clone()), copy).await,
            Err(error) => tracing::warn!(%error, "could not keep a copy of an upload"),
        }
    }

    /// Removes the copy of content that was deleted.
    pub async fn forget(&self, content: &StoredContent) {
        self.copies.invalidate(&(content.tenant, content.sha256.clone())).await;
    }

    /// Removes the copies of a tenant.
    pub async fn forget_tenant(&self, tenant: Uuid) {
        // the closures are supported, see `new`
        let _ = self.copies.invalidate_entries_if(move |(of, _), _| *of == tenant);
        self.tidy().await;
    }

    /// Removes what is too much or was not used for long.
    pub async fn tidy(&self) {
        self.copies.run_pending_tasks().await;
    }

    fn folder(&self, tenant: Uuid) -> PathBuf {
        self.root.join(tenant.to_string())
    }
}

/// Returns an error that several callers have got.
fn own(error: &Error) -> Error {
    match error {
        Error::Datasource(problem) => Error::Datasource(problem.clone()),
        Error::Unavailable(why) => Error::Unavailable(why),
        Error::ShortOfMemory(why) => Error::ShortOfMemory(why),
        other => Error::internal(other.in_full()),
    }
}

/// Finds the complete copies below a folder, with the time at which each was last used.
fn copies_in(root: &Path) -> io::Result<Vec<(Key, CachedContent, SystemTime)>> {
    let mut found = Vec::new();
    let entries = |folder: &Path| match fs::read_dir(folder) {
        Err(error) if error.kind() == io::ErrorKind::NotFound => Ok(Vec::new()),
        entries => entries?.collect::<io::Result<Vec<_>>>(),
    };
    for folder in entries(root)? {
        let Some(tenant) = folder.file_name().to_str().and_then(|name| Uuid::parse_str(name).ok()) else { continue };
        for entry in entries(&folder.path())? {
            let (name, about) = (entry.file_name().to_string_lossy().into_owned(), entry.metadata()?);
            if name.starts_with('.') {
                // left by an upload, a copy or a query that was interrupted
                fs::remove_file(entry.path())?;
            } else if let Some((sha256, _)) = name.split_once('.').filter(|(sha256, _)| sha256.len() == 64) {
                let used = about.accessed().or_else(|_| about.modified()).unwrap_or(SystemTime::UNIX_EPOCH);
                let copy = CachedContent { path: entry.path(), bytes: about.len() };
                found.push(((tenant, sha256.to_owned()), copy, used));
            }
        }
        // fails unless it is empty
        let _ = fs::remove_dir(folder.path());
    }
    Ok(found)
}
