//! Files that people upload: bytes on the disk and a row in the store, never one without the other.
//!
//! Content is at `<tenant>/<file>`. New content arrives under a name that says its digest, and takes its place in the
//! transaction that writes the row; what was there before is kept under such a name until that is committed. After a
//! crash the row's digest tells which of them is right. The database may be an older copy: so what clean-up takes away
//! goes to quarantine, and what no row knows stays.
mod sweep;

use crate::{
    Error, Result,
    data_dir::{Paths, Quarantine},
    model::{Expected, File, Label, Record, Scope},
    quota::Taken,
    store::{Store, Tx},
};
use sha2::{Digest, Sha256};
use std::{
    fs, io,
    path::{Path, PathBuf},
    sync::{Arc, OnceLock},
};
use sweep::{Sweep, Swept};
use tempfile::TempPath;
use tokio::{io::AsyncWriteExt, task::spawn_blocking};
use uuid::Uuid;

/// How the names of content on its way in begin.
const TEMPORARY: &str = ".upload-";

pub struct Uploads {
    store: Arc<Store>,
    root: PathBuf,
    quarantine: Quarantine,
    largest: u64,
}

/// What is said of new content.
pub struct About {
    pub media_type: String,
    pub file_name: String,
}

/// Content on its way in; dropping it leaves nothing behind.
pub struct Upload {
    file: tokio::fs::File,
    path: TempPath,
    digest: Sha256,
    taken: Taken,
}

impl Upload {
    /// How much has arrived.
    pub fn size(&self) -> u64 {
        self.taken.bytes()
    }

    /// # Errors
    /// `QuotaExceeded` when the tenant has no more space, `Unavailable` when the disk has none.
    pub async fn write(&mut self, bytes: &[u8]) -> Result<()> {
        self.taken.take(bytes.len() as u64)?;
        self.digest.update(bytes);
        self.file.write_all(bytes).await.map_err(disk)
    }

    /// Where the content is as long as nothing becomes of it, with all that has arrived.
    pub async fn arrived(&mut self) -> Result<PathBuf> {
        self.file.flush().await.map_err(disk)?;
        Ok(self.path.to_path_buf())
    }

    /// Writes it to the disk for good, under a name that says its digest.
    async fn stage(mut self, place: &Place, about: About) -> Result<(PathBuf, File, Taken)> {
        self.file.flush().await.map_err(disk)?;
        self.file.sync_all().await.map_err(disk)?;
        let sha256 = hex::encode(self.digest.finalize());
        let file = File { size: self.taken.bytes(), media_type: about.media_type, sha256, file_name: about.file_name };
        let staged = place.aside(&file.sha256);
        let (path, to, folder) = (self.path, staged.clone(), place.folder.clone());
        spawn_blocking(move || {
            path.persist(to).map_err(|error| disk(error.error))?;
            sync(&folder)
        })
        .await??;
        Ok((staged, file, self.taken))
    }
}

impl Uploads {
    /// Puts in order what a crash has left behind, and puts back what it has taken away.
    pub fn open(store: Arc<Store>, dir: &Paths, largest: u64) -> Result<Self> {
        let uploads = Self { store, root: dir.uploads(), quarantine: dir.quarantine(), largest };
        uploads.sweep()?;
        Ok(uploads)
    }

    /// How many bytes one file may have.
    pub fn largest(&self) -> u64 {
        self.largest
    }

    pub async fn begin(self: &Arc<Self>, tenant: Uuid) -> Result<Upload> {
        let uploads = Arc::clone(self);
        let begun = spawn_blocking(move || {
            uploads.store.quotas().disk.check()?;
            let folder = uploads.folder(tenant);
            make_private(&folder)?;
            let temporary = tempfile::Builder::new().prefix(TEMPORARY).tempfile_in(folder).map_err(disk)?;
            Ok::<_, Error>((uploads.store.quotas().files(tenant).upload(), temporary.into_parts()))
        });
        let (taken, (file, path)) = begun.await??;
        Ok(Upload { file: file.into(), path, digest: Sha256::new(), taken })
    }

    /// A new file. Goes on to its end when the caller goes away.
    pub async fn create(
        self: &Arc<Self>,
        scope: &Scope,
        label: Label,
        about: About,
        upload: Upload,
    ) -> Result<Record<File>> {
        let scope = scope.clone();
        self.put(scope.tenant, Uuid::now_v7(), about, upload, move |tx, id, file| {
            Ok((tx.insert(&scope, id, label, file)?, None))
        })
        .await
    }

    /// New content for a file, as a new version. Goes on to its end when the caller goes away.
    pub async fn replace(
        self: &Arc<Self>,
        scope: &Scope,
        id: Uuid,
        expected: Expected,
        about: About,
        upload: Upload,
    ) -> Result<Record<File>> {
        let scope = scope.clone();
        self.put(scope.tenant, id, about, upload, move |tx, id, file| {
            let before = tx.find::<File>(&scope, id)?.spec;
            let record = tx.update(&scope, id, expected, |old| Ok((old.label.clone(), file)))?;
            Ok((record, Some(before)))
        })
        .await
    }

    /// Content takes its place with the row that `write` makes of it; `write` gives the content that was there before.
    async fn put(
        self: &Arc<Self>,
        tenant: Uuid,
        id: Uuid,
        about: About,
        upload: Upload,
        write: impl FnOnce(&Tx<'_>, Uuid, File) -> Result<(Record<File>, Option<File>)> + Send + 'static,
    ) -> Result<Record<File>> {
        let uploads = Arc::clone(self);
        let work = async move {
            let place = uploads.place(tenant, id);
            let (staged, file, taken) = upload.stage(&place, about).await?;
            let swap = Swap::new(place, staged);
            let there = swap.clone();
            let written = uploads.store.write(move |tx| {
                let (record, before) = write(tx, id, file)?;
                there.take_place(before.as_ref().map(|file| file.sha256.as_str()))?;
                Ok((record, before.map_or(0, |file| file.size)))
            });
            let (record, before) = swap.end(written.await).await?;
            taken.keep(before);
            Ok(record)
        };
        tokio::spawn(work).await?
    }

    /// The content, open for reading.
    pub async fn content(&self, scope: &Scope, id: Uuid) -> Result<fs::File> {
        let path = self.place(scope.tenant, id).content();
        spawn_blocking(move || match fs::File::open(path) {
            Ok(file) => Ok(file),
            Err(error) if error.kind() == io::ErrorKind::NotFound => Err(Error::NotFound("content")),
            Err(error) => Err(error.into()),
        })
        .await?
    }

    /// Removes the content of a file whose row is deleted.
    pub async fn remove(self: &Arc<Self>, tenant: Uuid, id: Uuid, size: u64) -> Result<()> {
        let uploads = Arc::clone(self);
        let removed = spawn_blocking(move || {
            // counted first: what is counted after it is gone must not be taken off
            let space = uploads.store.quotas().files(tenant);
            remove(&uploads.place(tenant, id).content())?;
            space.removed(size);
            Ok::<_, Error>(())
        });
        removed.await??;
        self.store.write(move |tx| tx.unmark_files(&[(tenant, id)])).await
    }

    /// Moves everything that a deleted tenant has uploaded to quarantine.
    pub async fn forget_tenant(&self, tenant: Uuid) -> Result<()> {
        let (folder, quarantine) = (self.folder(tenant), self.quarantine.clone());
        spawn_blocking(move || quarantine.take(&folder)).await?
    }

    fn folder(&self, tenant: Uuid) -> PathBuf {
        self.root.join(tenant.to_string())
    }

    fn place(&self, tenant: Uuid, id: Uuid) -> Place {
        Place { folder: self.folder(tenant), id }
    }

    /// Puts in order what the end of the process has interrupted. Content that no row knows stays where it is, because it
    /// may belong to a newer copy of the database than the one that is there.
    fn sweep(&self) -> Result<()> {
        let (marked, mut tenants) = self.store.get(|tx| Ok((tx.deleted_files()?, tx.tenants_with_files()?)))?;
        tenants.extend(entries(&self.root)?.iter().filter_map(|folder| id_of(folder.file_name()?.to_str()?)));
        let mut swept = Swept::default();
        for tenant in tenants {
            let sweep = Sweep { folder: self.folder(tenant), quarantine: &self.quarantine };
            let of_tenant = marked.iter().filter(|(of, _)| *of == tenant).map(|(_, id)| *id).collect();
            sweep.run(&self.store.get(|tx| tx.files(tenant))?, &of_tenant, &mut swept)?;
        }
        swept.tell();
        self.store.write_now(move |tx| tx.unmark_files(&marked))
    }
}

/// Where a file's content is.
#[derive(Clone)]
struct Place {
    folder: PathBuf,
    id: Uuid,
}

impl Place {
    fn content(&self) -> PathBuf {
        self.folder.join(self.id.to_string())
    }

    /// A new name for content of that digest, beside its place.
    fn aside(&self, sha256: &str) -> PathBuf {
        self.folder.join(format!("{}.{sha256}.{}", self.id, Uuid::new_v4().simple()))
    }
}

/// New content on its way to its place.
#[derive(Clone)]
struct Swap {
    place: Place,
    staged: PathBuf,
    /// Once the place is taken: where what was there before is kept, if anything was.
    before: Arc<OnceLock<Option<PathBuf>>>,
}

impl Swap {
    fn new(place: Place, staged: PathBuf) -> Self {
        Self { place, staged, before: Arc::default() }
    }

    /// Within the transaction: last, so that only the commit can fail after it. `old` is the digest of what is there.
    fn take_place(&self, old: Option<&str>) -> Result<()> {
        let content = self.place.content();
        let backup = old.map(|sha256| self.place.aside(sha256)).filter(|_| content.exists());
        if let Some(backup) = &backup {
            fs::hard_link(&content, backup)?;
        }
        let is_new = old.is_none();
        // the transaction runs once
        let _ = self.before.set(backup);
        if is_new {
            // both names until the commit: should the process end before it, they tell that no row was written
            return Ok(fs::hard_link(&self.staged, content)?);
        }
        Ok(fs::rename(&self.staged, content)?)
    }

    /// After the transaction: clears away what is not needed, or puts back what was there.
    async fn end<T: Send + 'static>(self, written: Result<T>) -> Result<T> {
        spawn_blocking(move || {
            let content = self.place.content();
            match self.before.get() {
                Some(None) if written.is_err() => remove(&content)?,
                Some(Some(backup)) => {
                    if written.is_err() {
                        fs::rename(backup, content)?;
                    }
                    // renaming one of two names of the same content leaves both
                    remove(backup)?;
                }
                _ => {}
            }
            remove(&self.staged)?;
            sync(&self.place.folder)?;
            written
        })
        .await?
    }
}

fn id_of(name: &str) -> Option<Uuid> {
    Uuid::parse_str(name).ok().filter(|id| id.to_string() == name)
}

/// Whether both names lead to the same file.
#[cfg(unix)]
fn is_same(one: &Path, other: &Path) -> bool {
    use std::os::unix::fs::MetadataExt;
    let inode = |path: &Path| fs::metadata(path).map(|about| (about.dev(), about.ino())).ok();
    inode(one).is_some_and(|one| inode(other) == Some(one))
}

#[cfg(not(unix))]
fn is_same(_: &Path, _: &Path) -> bool {
    false
}

fn entries(folder: &Path) -> Result<Vec<PathBuf>> {
    let found = match fs::read_dir(folder) {
        Ok(found) => found,
        Err(error) if [io::ErrorKind::NotFound, io::ErrorKind::NotADirectory].contains(&error.kind()) => {
            return Ok(Vec::new());
        }
        Err(error) => return Err(error.into()),
    };
    Ok(found.map(|entry| entry.map(|entry| entry.path())).collect::<io::Result<_>>()?)
}

fn remove(path: &Path) -> Result<()> {
    ignore_missing(if path.is_dir() { fs::remove_dir_all(path) } else { fs::remove_file(path) })
}

fn ignore_missing(done: io::Result<()>) -> Result<()> {
    match done {
        Err(error) if error.kind() != io::ErrorKind::NotFound => Err(disk(error)),
        _ => Ok(()),
    }
}

/// Makes the names in a folder last.
fn sync(folder: &Path) -> Result<()> {
    fs::File::open(folder).and_then(|folder| folder.sync_all()).map_err(disk)
}

fn make_private(folder: &Path) -> Result<()> {
    let mut builder = fs::DirBuilder::new();
    builder.recursive(true);
    #[cfg(unix)]
    std::os::unix::fs::DirBuilderExt::mode(&mut builder, 0o700);
    builder.create(folder).map_err(disk)
}

fn disk(error: io::Error) -> Error {
    match error.kind() {
        io::ErrorKind::StorageFull | io::ErrorKind::QuotaExceeded => Error::Unavailable("the disk is full"),
        _ => error.into(),
    }
}
