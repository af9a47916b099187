//! Uploaded files: content on disk and a row in the store, never one without the other.
//!
//! Content is stored at `<tenant>/<file>`. New content is first staged under a name with its digest, and moved into
//! place in the transaction that writes the row. The old content is kept under such a name until the commit. After a
//! crash, the digest in the row shows which content is right. The database may be an older copy, so clean-up moves
//! files to quarantine instead of deleting them, and keeps files without a row.
//!
//! Replaced content is kept at `<tenant>/<file>@<digest>` for a while, so that a version can be restored.
mod swap;
mod sweep;
mod versions;

use crate::{
    Error, Result,
    data_dir::{Paths, Quarantine},
    model::{Expected, File, Label, Record, Scope, file::kept_name},
    quota::ReservedBytes,
    store::{Store, Tx},
};
use sha2::{Digest, Sha256};
use std::{
    fs, io,
    path::{Path, PathBuf},
    sync::Arc,
};
use swap::{Swap, WrittenFile};
use sweep::{Sweep, Swept};
use tempfile::TempPath;
use tokio::{io::AsyncWriteExt, task::spawn_blocking};
use uuid::Uuid;

/// The prefix of the names of running uploads.
const TEMPORARY: &str = ".upload-";

pub struct Uploads {
    store: Arc<Store>,
    root: PathBuf,
    quarantine: Quarantine,
    largest: u64,
}

/// The metadata of new content.
pub struct UploadMetadata {
    pub media_type: String,
    pub file_name: String,
}

/// A running upload. Dropping it removes its content.
pub struct Upload {
    file: tokio::fs::File,
    path: TempPath,
    digest: Sha256,
    taken: ReservedBytes,
}

impl Upload {
    /// Returns the number of bytes received so far.
    pub fn size(&self) -> u64 {
        self.taken.bytes()
    }

    /// # Errors
    /// `QuotaExceeded` if the tenant has no space left, `Unavailable` if the disk has none.
    pub async fn write(&mut self, bytes: &[u8]) -> Result<()> {
        self.taken.take(bytes.len() as u64)?;
        self.digest.update(bytes);
        self.file.write_all(bytes).await.map_err(disk)
    }

    /// Writes everything received so far to the temporary file, and returns its path.
    pub async fn arrived(&mut self) -> Result<PathBuf> {
        self.file.flush().await.map_err(disk)?;
        Ok(self.path.to_path_buf())
    }

    /// Syncs the content to disk under a name with its digest.
    async fn stage(mut self, place: &Place, about: UploadMetadata) -> Result<(PathBuf, File, ReservedBytes)> {
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
    /// Opens the uploads, and repairs what a crash interrupted.
    pub fn open(store: Arc<Store>, dir: &Paths, largest: u64) -> Result<Self> {
        let uploads = Self { store, root: dir.uploads(), quarantine: dir.quarantine(), largest };
        uploads.sweep()?;
        Ok(uploads)
    }

    /// Returns the largest size of a file in bytes.
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

    /// Creates a file. Continues to the end even if the caller goes away.
    pub async fn create(
        self: &Arc<Self>,
        scope: &Scope,
        label: Label,
        about: UploadMetadata,
        upload: Upload,
    ) -> Result<Record<File>> {
        let scope = scope.clone();
        self.put(scope.tenant, Uuid::now_v7(), about, upload, move |tx, id, file| {
            Ok((tx.insert(&scope, id, label, file)?, None))
        })
        .await
    }

    /// Replaces the content of a file, as a new version. Continues to the end even if the caller goes away.
    pub async fn replace(
        self: &Arc<Self>,
        scope: &Scope,
        id: Uuid,
        expected: Expected,
        about: UploadMetadata,
        upload: Upload,
    ) -> Result<Record<File>> {
        self.replace_as(scope, id, expected, about, upload, None).await
    }

    /// Replaces the content and, if it is given, the label.
    async fn replace_as(
        self: &Arc<Self>,
        scope: &Scope,
        id: Uuid,
        expected: Expected,
        about: UploadMetadata,
        upload: Upload,
        label: Option<Label>,
    ) -> Result<Record<File>> {
        let writer = scope.clone();
        let written = self.put(scope.tenant, id, about, upload, move |tx, id, file| {
            let before = tx.find::<File>(&writer, id)?.spec;
            let new_label = |old: &Record<File>| label.unwrap_or_else(|| old.label.clone());
            let record = tx.update(&writer, id, expected, |old| Ok((new_label(old), file)))?;
            Ok((record, Some(before)))
        });
        let record = written.await?;
        if let Err(error) = self.prune(scope, id).await {
            tracing::warn!(%error, "could not remove earlier content of a file");
        }
        Ok(record)
    }

    /// Moves content into place together with the row that `write` writes. `write` also returns the old file, if any.
    async fn put(
        self: &Arc<Self>,
        tenant: Uuid,
        id: Uuid,
        about: UploadMetadata,
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
                Ok(WrittenFile { record, before })
            });
            let (record, freed) = swap.end(written.await).await?;
            taken.keep(freed);
            Ok(record)
        };
        tokio::spawn(work).await?
    }

    /// Opens the content for reading.
    pub async fn content(&self, scope: &Scope, id: Uuid) -> Result<fs::File> {
        let path = self.place(scope.tenant, id).content();
        spawn_blocking(move || match fs::File::open(path) {
            Ok(file) => Ok(file),
            Err(error) if error.kind() == io::ErrorKind::NotFound => Err(Error::NotFound("content")),
            Err(error) => Err(error.into()),
        })
        .await?
    }

    /// Removes the content of files whose rows are deleted.
    pub async fn remove_deleted(self: &Arc<Self>) -> Result<()> {
        let marked = self.store.get(|tx| tx.deleted_files())?;
        if marked.is_empty() {
            return Ok(());
        }
        let uploads = Arc::clone(self);
        let removed = spawn_blocking(move || {
            for (tenant, id) in &marked {
                // count the space first: a count after the removal must not be reduced again
                let space = uploads.store.quotas().files(*tenant);
                let place = uploads.place(*tenant, *id);
                for path in place.kept()?.into_iter().chain([place.content()]) {
                    let size = path.metadata().map_or(0, |about| about.len());
                    remove(&path)?;
                    space.removed(size);
                }
            }
            Ok::<_, Error>(marked)
        });
        let marked = removed.await??;
        self.store.write(move |tx| tx.unmark_files(&marked)).await
    }

    /// Moves all uploads of a deleted tenant to quarantine.
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

    /// Repairs uploads that the end of the process interrupted. Content without a row is kept, because it may belong to
    /// a newer copy of the database.
    fn sweep(&self) -> Result<()> {
        let (marked, mut tenants) = self.store.get(|tx| Ok((tx.deleted_files()?, tx.tenants_with_files()?)))?;
        tenants.extend(entries(&self.root)?.iter().filter_map(|folder| id_of(folder.file_name()?.to_str()?)));
        let mut swept = Swept::default();
        for tenant in tenants {
            let sweep = Sweep { folder: self.folder(tenant), quarantine: &self.quarantine };
            let of_tenant = marked.iter().filter(|(of, _)| *of == tenant).map(|(_, id)| *id).collect();
            sweep.run(&self.store.get(|tx| tx.files(tenant))?, &of_tenant, &mut swept)?;
        }
        swept.log();
        self.store.write_now(move |tx| tx.unmark_files(&marked))
    }
}

/// The location of a file's content.
#[derive(Clone)]
struct Place {
    folder: PathBuf,
    id: Uuid,
}

impl Place {
    fn content(&self) -> PathBuf {
        self.folder.join(self.id.to_string())
    }

    /// Returns a new path for content with this digest, next to its final path.
    fn aside(&self, sha256: &str) -> PathBuf {
        self.folder.join(format!("{}.{sha256}.{}", self.id, Uuid::new_v4().simple()))
    }

    /// Returns the path of earlier content.
    fn earlier(&self, sha256: &str) -> PathBuf {
        self.folder.join(kept_name(self.id, sha256))
    }

    /// Returns the paths of all earlier content.
    fn kept(&self) -> Result<Vec<PathBuf>> {
        let prefix = format!("{}@", self.id);
        let is_of = |path: &PathBuf| {
            path.file_name().and_then(|name| name.to_str()).is_some_and(|name| name.starts_with(&prefix))
        };
        Ok(entries(&self.folder)?.into_iter().filter(is_of).collect())
    }
}

fn id_of(name: &str) -> Option<Uuid> {
    Uuid::parse_str(name).ok().filter(|id| id.to_string() == name)
}

/// Returns whether both paths are the same file.
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

/// Syncs the entries of a folder to disk.
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
