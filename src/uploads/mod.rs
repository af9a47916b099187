//! Uploaded files: content and a row in the store, never one without the other.
//!
//! Content is in a folder of the data directory (`folder`), or in storage that servers share (`shared`). Uploads arrive in
//! a temporary file in both cases.
mod folder;
mod shared;
mod upload;

use crate::{
    Error, Result,
    connect::{ObjectStorage, UploadedContents},
    data_dir::Paths,
    model::{Expected, File, Label, Record, Scope},
    store::{Store, Tx},
};
use folder::Folder;
use sha2::{Digest, Sha256};
use shared::Shared;
pub use shared::transfer::{self, MovedContents};
use std::{
    fs,
    io::{self, Read},
    path::{Path, PathBuf},
    sync::Arc,
    time::Duration,
};
pub use upload::Upload;
use uuid::Uuid;

/// The prefix of the names of running uploads.
const TEMPORARY: &str = ".upload-";
/// How much of a file is read at once.
const PIECE: usize = 256 << 10;
/// How many earlier contents of a file are kept.
const KEPT: usize = 20;

pub struct Uploads {
    store: Arc<Store>,
    /// A folder for each tenant, for uploads that arrive.
    root: PathBuf,
    largest: u64,
    place: ContentPlace,
}

/// Where the content of files is.
enum ContentPlace {
    Folder(Arc<Folder>),
    Shared(Arc<Shared>),
}

/// Settings of uploads.
pub struct UploadOptions {
    /// The largest size of a file in bytes.
    pub largest: u64,
    /// Storage that several servers share; without it, content is in the data directory.
    pub storage: Option<Arc<ObjectStorage>>,
    /// How many bytes of its content are kept in the data directory.
    pub cache: u64,
    /// How long the content of deleted tenants is kept.
    pub quarantine: Duration,
}

/// The metadata of new content.
pub struct UploadMetadata {
    pub media_type: String,
    pub file_name: String,
}

/// Writes the row of a file, and returns also its old metadata, if any.
trait WriteFile: FnOnce(&Tx<'_>, Uuid, File) -> Result<(Record<File>, Option<File>)> + Send + 'static {}
impl<W: FnOnce(&Tx<'_>, Uuid, File) -> Result<(Record<File>, Option<File>)> + Send + 'static> WriteFile for W {}

impl Uploads {
    /// Opens the uploads, and repairs what a crash interrupted in a folder.
    ///
    /// # Errors
    /// If the store or the folder cannot be read.
    pub fn open(store: Arc<Store>, dir: &Paths, options: UploadOptions) -> Result<Self> {
        let (root, place) = match options.storage {
            None => {
                let folder = Folder::open(Arc::clone(&store), dir)?;
                (dir.uploads(), ContentPlace::Folder(Arc::new(folder)))
            }
            Some(storage) => {
                let cache = shared::cache::ContentCache::new(dir.cache(), options.cache);
                let shared = Shared::new(Arc::clone(&store), storage, cache, options.quarantine);
                (dir.cache(), ContentPlace::Shared(Arc::new(shared)))
            }
        };
        Ok(Self { store, root, largest: options.largest, place })
    }

    /// Checks that the content of the files is where this server looks for it.
    ///
    /// # Errors
    /// `Conflict`, with what to do.
    pub async fn prepare(&self) -> Result<()> {
        match &self.place {
            ContentPlace::Folder(_) => Ok(()),
            ContentPlace::Shared(shared) => shared.prepare().await,
        }
    }

    /// Returns the largest size of a file in bytes.
    pub fn largest(&self) -> u64 {
        self.largest
    }

    /// Returns the folder with a folder for each tenant, in which content or temporary files are.
    pub fn root(&self) -> &Path {
        &self.root
    }

    /// Returns what opens content that is not in the folder.
    pub fn contents(&self) -> Option<Arc<dyn UploadedContents>> {
        match &self.place {
            ContentPlace::Folder(_) => None,
            ContentPlace::Shared(shared) => Some(Arc::clone(shared) as Arc<dyn UploadedContents>),
        }
    }

    /// # Errors
    /// `Unavailable` while content cannot be stored, `QuotaExceeded`.
    pub async fn begin(&self, tenant: Uuid) -> Result<Upload> {
        if let ContentPlace::Shared(shared) = &self.place {
            shared.check_available()?;
        }
        Upload::begin(Arc::clone(&self.store), tenant, self.root.join(tenant.to_string())).await
    }

    /// Creates a file. Continues to the end even if the caller goes away.
    pub async fn create(
        &self,
        scope: &Scope,
        label: Label,
        about: UploadMetadata,
        upload: Upload,
    ) -> Result<Record<File>> {
        let writer = scope.clone();
        let write = move |tx: &Tx<'_>, id, file| Ok((tx.insert(&writer, id, label, file)?, None));
        self.put(scope.tenant, Uuid::now_v7(), about, upload, write).await
    }

    /// Replaces the content of a file, as a new version. Continues to the end even if the caller goes away.
    pub async fn replace(
        &self,
        scope: &Scope,
        id: Uuid,
        expected: Expected,
        about: UploadMetadata,
        upload: Upload,
    ) -> Result<Record<File>> {
        let record = self.put(scope.tenant, id, about, upload, replacing(scope, expected, None)).await?;
        self.prune(scope, id).await;
        Ok(record)
    }

    /// Restores the content, the file name and the label of a version, as a new version.
    ///
    /// # Errors
    /// `Conflict` if the content is not kept any more.
    pub async fn restore(&self, scope: &Scope, id: Uuid, expected: Expected, version: u64) -> Result<Record<File>> {
        let (current, (entry, description, past)) =
            self.store.get(|tx| Ok((tx.find::<File>(scope, id)?, tx.version::<File>(scope, id, version)?)))?;
        expected.check(current.version)?;
        let label = Label::new(&entry.name, &description)?;
        let write = replacing(scope, Some(current.version).into(), Some(label));
        let gone = || {
            let why = "is not kept any more: upload it again with \"Replace content\"";
            Error::conflict(format!("the content of version {version} {why}"))
        };
        let restored = match &self.place {
            ContentPlace::Folder(folder) => {
                let content = folder.past_content(scope.tenant, id, &current.spec, &past).await?.ok_or_else(gone)?;
                let mut upload = self.begin(scope.tenant).await?;
                folder::copy(content, &mut upload).await?;
                let about = UploadMetadata { media_type: past.media_type, file_name: past.file_name };
                folder.put(scope.tenant, id, about, upload, write).await
            }
            ContentPlace::Shared(shared) => shared.restore(scope.tenant, id, past, write).await?.ok_or_else(gone),
        };
        let record = restored?;
        self.prune(scope, id).await;
        Ok(record)
    }

    async fn put(
        &self,
        tenant: Uuid,
        id: Uuid,
        about: UploadMetadata,
        upload: Upload,
        write: impl WriteFile,
    ) -> Result<Record<File>> {
        match &self.place {
            ContentPlace::Folder(folder) => folder.put(tenant, id, about, upload, write).await,
            ContentPlace::Shared(shared) => shared.put(tenant, id, about, upload, write).await,
        }
    }

    /// Removes earlier content beyond what is kept: the newest ones of each file, and of all files of the tenant together
    /// a part of its quota.
    async fn prune(&self, scope: &Scope, id: Uuid) {
        let pruned = match &self.place {
            ContentPlace::Folder(folder) => folder.prune(scope, id).await,
            ContentPlace::Shared(shared) => shared.prune(scope, id).await,
        };
        if let Err(error) = pruned {
            tracing::warn!(%error, "could not remove earlier content of a file");
        }
    }

    /// Opens the content of a file for reading.
    ///
    /// # Errors
    /// `NotFound` or `Datasource` if it was lost, `Unavailable`.
    pub async fn content(&self, scope: &Scope, id: Uuid, file: &File) -> Result<fs::File> {
        match &self.place {
            ContentPlace::Folder(folder) => folder.content(scope.tenant, id).await,
            ContentPlace::Shared(shared) => shared.content(scope.tenant, id, &file.sha256).await,
        }
    }

    /// Removes the content of files whose rows are deleted.
    ///
    /// # Errors
    /// If the store cannot be written.
    pub async fn remove_deleted(&self) -> Result<()> {
        match &self.place {
            ContentPlace::Folder(folder) => folder.remove_deleted().await,
            ContentPlace::Shared(shared) => shared.remove_deleted().await,
        }
    }

    /// Removes all uploads of a deleted tenant; they are kept in quarantine for a while.
    ///
    /// # Errors
    /// If they cannot be moved or the store cannot be written.
    pub async fn forget_tenant(&self, tenant: Uuid) -> Result<()> {
        match &self.place {
            ContentPlace::Folder(folder) => folder.forget_tenant(tenant).await,
            ContentPlace::Shared(shared) => shared.forget_tenant(tenant).await,
        }
    }

    /// Removes content from shared storage that nothing needs at `now`. Does nothing without shared storage.
    ///
    /// # Errors
    /// If the store cannot be written, `Unavailable`.
    pub async fn sweep(&self, now: crate::clock::Time) -> Result<u64> {
        match &self.place {
            ContentPlace::Folder(_) => Ok(0),
            ContentPlace::Shared(shared) => shared.sweep(now).await,
        }
    }
}

/// Returns what writes the row of a file with new content and, if it is given, a new label.
fn replacing(scope: &Scope, expected: Expected, label: Option<Label>) -> impl WriteFile + use<> {
    let writer = scope.clone();
    move |tx: &Tx<'_>, id, file| {
        let before = tx.find::<File>(&writer, id)?.spec;
        let new_label = |old: &Record<File>| label.unwrap_or_else(|| old.label.clone());
        let record = tx.update(&writer, id, expected, |old| Ok((new_label(old), file)))?;
        Ok((record, Some(before)))
    }
}

/// Returns the size and the SHA-256 of a file.
///
/// # Errors
/// If it cannot be read.
pub fn digest(path: &Path) -> io::Result<(u64, String)> {
    let mut file = fs::File::open(path)?;
    let (mut digest, mut bytes, mut piece) = (Sha256::new(), 0, vec![0; PIECE]);
    loop {
        let read = file.read(&mut piece)?;
        if read == 0 {
            return Ok((bytes, hex::encode(digest.finalize())));
        }
        digest.update(&piece[..read]);
        bytes += read as u64;
    }
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
