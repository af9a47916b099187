//! A running upload: content that arrives in a temporary file, and is counted and hashed meanwhile.
use super::{TEMPORARY, UploadMetadata, disk, make_private};
use crate::{Error, Result, model::File, quota::ReservedBytes, store::Store};
use sha2::{Digest, Sha256};
use std::{path::PathBuf, sync::Arc};
use tempfile::TempPath;
use tokio::{io::AsyncWriteExt, task::spawn_blocking};
use uuid::Uuid;

/// A running upload. Dropping it removes its content.
pub struct Upload {
    file: tokio::fs::File,
    path: TempPath,
    digest: Sha256,
    taken: ReservedBytes,
}

/// A complete upload, synced to disk. Dropping its path removes its content.
pub(super) struct ArrivedUpload {
    pub path: TempPath,
    /// While it is open, no other server takes the content for a remainder.
    pub held: std::fs::File,
    pub file: File,
    pub taken: ReservedBytes,
}

impl Upload {
    /// Begins an upload in the tenant's folder.
    pub(super) async fn begin(store: Arc<Store>, tenant: Uuid, folder: PathBuf) -> Result<Self> {
        let begun = spawn_blocking(move || {
            store.quotas().disk.check()?;
            make_private(&folder)?;
            let temporary = tempfile::Builder::new().prefix(TEMPORARY).tempfile_in(folder).map_err(disk)?;
            // some file systems have no locks
            let _ = temporary.as_file().try_lock();
            Ok::<_, Error>((store.quotas().files(tenant).upload(), temporary.into_parts()))
        });
        let (taken, (file, path)) = begun.await??;
        Ok(Self { file: file.into(), path, digest: Sha256::new(), taken })
    }

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

    /// Syncs the content to disk.
    pub(super) async fn finish(mut self, about: UploadMetadata) -> Result<ArrivedUpload> {
        self.file.flush().await.map_err(disk)?;
        self.file.sync_all().await.map_err(disk)?;
        let sha256 = hex::encode(self.digest.finalize());
        let file = File { size: self.taken.bytes(), media_type: about.media_type, sha256, file_name: about.file_name };
        Ok(ArrivedUpload { path: self.path, held: self.file.into_std().await, file, taken: self.taken })
    }
}
