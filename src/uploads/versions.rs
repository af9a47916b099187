//! Earlier content of files: how much of it is kept, and restoring it.
use super::{UploadMetadata, Uploads, remove};
use crate::{
    Error, Result,
    model::{Expected, File, Label, Record, Scope, file::parse_kept_name},
};
use std::{collections::HashSet, fs, io, path::PathBuf, sync::Arc, time::SystemTime};
use tokio::{io::AsyncReadExt, task::spawn_blocking};
use uuid::Uuid;

/// How many earlier contents of a file are kept.
const KEPT: usize = 20;
/// How many bytes are copied at once.
const PIECE: usize = 256 << 10;

impl Uploads {
    /// Restores the content, the file name and the label of a version, as a new version.
    ///
    /// # Errors
    /// `Conflict` if the content is not kept any more.
    pub async fn restore(
        self: &Arc<Self>,
        scope: &Scope,
        id: Uuid,
        expected: Expected,
        version: u64,
    ) -> Result<Record<File>> {
        let (current, (entry, description, past)) =
            self.store.get(|tx| Ok((tx.find::<File>(scope, id)?, tx.version::<File>(scope, id, version)?)))?;
        expected.check(current.version)?;
        let label = Label::new(&entry.name, &description)?;
        let place = self.place(scope.tenant, id);
        let is_current = current.spec.sha256 == past.sha256;
        let path = if is_current { place.content() } else { place.earlier(&past.sha256) };
        let mut content = tokio::fs::File::open(&path).await.map_err(|error| match error.kind() {
            io::ErrorKind::NotFound => Error::conflict(format!(
                "the content of version {version} is not kept any more: upload it again with \"Replace content\""
            )),
            _ => error.into(),
        })?;
        let mut upload = self.begin(scope.tenant).await?;
        let mut piece = vec![0; PIECE];
        loop {
            let read = content.read(&mut piece).await?;
            if read == 0 {
                break;
            }
            upload.write(&piece[..read]).await?;
        }
        let about = UploadMetadata { media_type: past.media_type, file_name: past.file_name };
        self.replace_as(scope, id, Some(current.version).into(), about, upload, Some(label)).await
    }

    /// Removes earlier content beyond what is kept: the newest ones of each file, and of all files of the tenant together
    /// a part of its quota.
    pub(super) async fn prune(self: &Arc<Self>, scope: &Scope, id: Uuid) -> Result<()> {
        let newest: HashSet<String> =
            self.store.get(|tx| tx.earlier_contents(scope, id))?.into_iter().take(KEPT + 1).collect();
        let (uploads, tenant) = (Arc::clone(self), scope.tenant);
        let work = spawn_blocking(move || {
            let space = uploads.store.quotas().files(tenant);
            let mut kept = uploads.kept_in(tenant)?;
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
