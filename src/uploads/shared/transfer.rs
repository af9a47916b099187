//! Copies the content of all files from a folder to shared storage, or back. Every copy is read again and compared. What
//! was interrupted can be repeated: the same content gets the same name, and nothing is removed.
use super::claim;
use crate::{
    Error, Result,
    clock::Time,
    connect::ObjectStorage,
    model::file::kept_name,
    store::{Store, StoredContent},
    uploads::{digest, disk, make_private},
};
use sha2::{Digest, Sha256};
use std::{fs, io, path::Path};
use tokio::task::spawn_blocking;
use uuid::Uuid;

/// What was copied.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct MovedContents {
    pub objects: u64,
    pub bytes: u64,
    /// Files whose content was missing or altered before.
    pub lost: u64,
}

/// Copies content from the folder of uploads to the storage, and then lists all of it in the database.
///
/// # Errors
/// `Conflict` if the storage cannot be used or belongs to others. The folder stays as it is.
pub async fn to_storage(store: &Store, storage: &ObjectStorage, folder: &Path) -> Result<MovedContents> {
    let (instance, count) = store.get(|tx| Ok((tx.installation()?, tx.count_contents()?)))?;
    claim(store, storage, &instance, count).await?;
    if count > 0 {
        // an earlier attempt has copied everything
        return Ok(MovedContents { objects: count, ..MovedContents::default() });
    }
    let (mut moved, mut listed) = (MovedContents::default(), Vec::new());
    for tenant in store.get(|tx| tx.tenants_with_files())? {
        for (id, known) in store.get(|tx| tx.files(tenant))? {
            let place = folder.join(tenant.to_string());
            let earlier = known.versions.iter().filter(|sha256| **sha256 != known.file.sha256);
            let earlier = earlier.map(|sha256| (sha256, place.join(kept_name(id, sha256)), false));
            let present = (&known.file.sha256, place.join(id.to_string()), true);
            for (sha256, path, is_present) in std::iter::once(present).chain(earlier) {
                let Some(bytes) = intact(&path, sha256).await? else {
                    // earlier content is kept for a while only
                    moved.lost += u64::from(is_present);
                    continue;
                };
                let object = object_of(id, sha256);
                let content = StoredContent { tenant, file: id, object, sha256: sha256.clone(), bytes };
                put(storage, &content, &path).await?;
                moved.objects += 1;
                moved.bytes += bytes;
                listed.push((content, is_present));
            }
        }
    }
    let list = move |tx: &crate::store::Tx<'_>| {
        let now = Time::now();
        for (content, is_present) in &listed {
            tx.list_content(content, now, *is_present)?;
        }
        Ok(())
    };
    store.write(list).await?;
    Ok(moved)
}

/// Stores content unless it is stored already, and compares what the storage returns.
async fn put(storage: &ObjectStorage, content: &StoredContent, path: &Path) -> Result<()> {
    let key = content.key();
    let mut copy = tokio::fs::File::from_std(tempfile::tempfile()?);
    for _ in 0..2 {
        match storage.get(&key, content.bytes, &mut copy).await {
            Ok(digest) if digest == content.sha256 => return Ok(()),
            Ok(_) | Err(Error::NotFound(_)) => storage.put(&key, path, content.bytes).await?,
            Err(error) => return Err(error),
        }
    }
    match storage.get(&key, content.bytes, &mut copy).await? {
        digest if digest == content.sha256 => Ok(()),
        _ => Err(Error::conflict(format!("{} returns other content than it was given", storage.address()))),
    }
}

/// Copies content from the storage to a folder of uploads.
///
/// # Errors
/// `Unavailable`. The folder is incomplete then.
pub async fn to_folder(
    contents: Vec<(StoredContent, bool)>,
    storage: &ObjectStorage,
    folder: &Path,
) -> Result<MovedContents> {
    let mut moved = MovedContents::default();
    for (content, is_present) in contents {
        let place = folder.join(content.tenant.to_string());
        make_private(&place)?;
        let name = if is_present { content.file.to_string() } else { kept_name(content.file, &content.sha256) };
        let path = place.join(name);
        let mut file = tokio::fs::File::create(&path).await.map_err(disk)?;
        let digest = storage.get(&content.key(), content.bytes, &mut file).await;
        match digest {
            Ok(digest) if digest == content.sha256 => {
                file.sync_all().await.map_err(disk)?;
                moved.objects += 1;
                moved.bytes += content.bytes;
            }
            Ok(_) | Err(Error::NotFound(_)) => {
                fs::remove_file(&path)?;
                moved.lost += 1;
            }
            Err(error) => return Err(error),
        }
    }
    Ok(moved)
}

/// Returns the size of a file. `None` if it is missing, or has another digest.
async fn intact(path: &Path, sha256: &str) -> Result<Option<u64>> {
    let path = path.to_path_buf();
    match spawn_blocking(move || digest(&path)).await? {
        Ok((bytes, found)) => Ok((found == sha256).then_some(bytes)),
        Err(error) if error.kind() == io::ErrorKind::NotFound => Ok(None),
        Err(error) => Err(error.into()),
    }
}

/// Returns the ID of the object with content that a file has: always the same, so that a copy can be repeated.
fn object_of(file: Uuid, sha256: &str) -> Uuid {
    let digest = Sha256::new().chain_update(file.as_bytes()).chain_update(sha256).finalize();
    let mut bytes = [0; 16];
    bytes.copy_from_slice(&digest[..16]);
    uuid::Builder::from_custom_bytes(bytes).into_uuid()
}
