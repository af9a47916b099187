//! Earlier content of files: how much of it is kept, and reading it.
use super::{Folder, remove};
use crate::{
    Error, Result,
    model::{File, Scope, file::parse_kept_name},
    uploads::{KEPT, PIECE, Upload},
};
use std::{collections::HashSet, fs, io, path::PathBuf, sync::Arc, time::SystemTime};
use tokio::{io::AsyncReadExt, task::spawn_blocking};
use uuid::Uuid;

/// Copies content to an upload.
pub async fn copy(mut content: tokio::fs::File, upload: &mut Upload) -> Result<()> {
    let mut piece = vec![0; PIECE];
    loop {
        let read = content.read(&mut piece).await?;
        if read == 0 {
            return Ok(());
        }
        upload.write(&piece[..read]).await?;
    }
}

impl Folder {
    /// Opens the content that a file has or had; `None` if it is not kept any more.
    pub async fn past_content(
        &self,
        tenant: Uuid,
        id: Uuid,
        current: &File,
        past: &File,
    ) -> Result<Option<tokio::fs::File>> {
        let place = self.place(tenant, id);
        let path = if current.sha256 == past.sha256 { place.content() } else { place.earlier(&past.sha256) };
        match tokio::fs::File::open(&path).await {
            Ok(content) => Ok(Some(content)),
            Err(error) if error.kind() == io::ErrorKind::NotFound => Ok(None),
            Err(error) => Err(error.into()),
        }
    }

    /// Removes earlier content beyond what is kept: the newest ones of each file, and of all files of the tenant together
    /// a part of its quota.
    pub async fn prune(self: &Arc<Self>, scope: &Scope, id: Uuid) -> Result<()> {
        let newest: HashSet<String> =
            self.store.get(|tx| tx.earlier_contents(scope, id))?.into_iter().take(KEPT + 1).collect();
        let (folder, tenant) = (Arc::clone(self), scope.tenant);
        let work = spawn_blocking(move || {
            let space = folder.store.quotas().files(tenant);
            let mut kept = folder.kept_in(tenant)?;
            let is_old = |one: &KeptContent| one.file == id && !newest.contains(&one.sha256);
            let total: u64 = kept.iter().map(|one| one.bytes).sum();
            let mut excess = space.kept_share().map_or(0, |share| total.saturating_sub(share));
            // the oldest first
            kept.sort_by_key(|one| (!is_old(one), one.changed));
            for one in kept {
                if excess == 0 && !is_old(&one) {
                    break;
                }
                remove(&one.path)?;
                space.removed(one.bytes);
                excess = excess.saturating_sub(one.bytes);
            }
            Ok::<_, Error>(())
        });
        work.await?
    }

    fn kept_in(&self, tenant: Uuid) -> Result<Vec<KeptContent>> {
        let mut found = Vec::new();
        for path in super::entries(&self.folder(tenant))? {
            let name = path.file_name().and_then(|name| name.to_str()).unwrap_or_default();
            let Some((file, sha256)) = parse_kept_name(name).map(|(file, sha256)| (file, sha256.to_owned())) else {
                continue;
            };
            let Ok(about) = fs::metadata(&path) else { continue };
            found.push(KeptContent { file, sha256, bytes: about.len(), changed: about.modified().ok(), path });
        }
        Ok(found)
    }
}

/// Earlier content of a file.
struct KeptContent {
    file: Uuid,
    sha256: String,
    bytes: u64,
    /// When it was uploaded.
    changed: Option<SystemTime>,
    path: PathBuf,
}
