//! Content in storage that several servers share, with a cache on each of them.
//!
//! Content is announced in the database, stored under a name that was never used before, and kept in the transaction that
//! writes the row of the file. What was announced and not kept is deleted an hour later. Since no name is used twice, a
//! server that deletes content cannot hit what another one stores at the same time.
pub(super) mod cache;
pub mod transfer;

use super::{
    KEPT, WriteFile,
    upload::{ArrivedUpload, Upload},
};
use crate::{
    Error, Result,
    clock::Time,
    connect::{ObjectStorage, UploadedContents},
    model::{File, Record, Scope},
    store::{Store, StoredContent, Tx},
    uploads::UploadMetadata,
};
use cache::ContentCache;
use std::{
    collections::HashSet,
    future::Future,
    pin::Pin,
    sync::{Arc, Weak},
    time::Duration,
};
use uuid::Uuid;

/// The object that says which installation the others belong to.
const MARK: &str = ".instance";
/// How long content may take from its announcement to the row of its file.
const ARRIVES: Duration = Duration::from_hours(1);
/// How long a server may take to delete objects before another one tries.
const DELETES: Duration = Duration::from_mins(5);
/// How many objects are deleted between two transactions.
const AT_ONCE: u32 = 50;

pub(super) struct Shared {
    store: Arc<Store>,
    storage: Arc<ObjectStorage>,
    cache: ContentCache,
    quarantine: Duration,
}

impl Shared {
    pub fn new(store: Arc<Store>, storage: Arc<ObjectStorage>, cache: ContentCache, quarantine: Duration) -> Self {
        // the store has the quotas
        let counted: Weak<Store> = Arc::downgrade(&store);
        store.quotas().count_uploads_by(Arc::new(move |tenant| {
            counted.upgrade().and_then(|store| store.get(|tx| tx.content_bytes(tenant)).ok())
        }));
        Self { store, storage, cache, quarantine }
    }

    /// Checks that the storage belongs to this installation and has its files, and finds what is in the cache.
    ///
    /// # Errors
    /// `Conflict`, with what to do.
    pub async fn prepare(&self) -> Result<()> {
        let (instance, count, (tenants, elsewhere)) =
            self.store.get(|tx| Ok((tx.installation()?, tx.count_contents()?, tx.files_elsewhere()?)))?;
        if count == 0 && elsewhere > 0 {
            return Err(Error::conflict(format!(
                "the content of {elsewhere} files is not in {}: stop all servers, and copy it there with `jet-admin \
                 migrate-store --from DATABASE --to STORAGE --data-dir DIR`",
                self.storage.address()
            )));
        }
        claim(&self.store, &self.storage, &instance, count).await?;
        if elsewhere > 0 {
            let tenants = tenants.len();
            tracing::warn!(files = elsewhere, tenants, "the content of files is not in the file storage");
        }
        self.cache.find().await
    }

    /// # Errors
    /// `Unavailable` if the storage did not answer a moment ago.
    pub fn check_available(&self) -> Result<()> {
        self.storage.check_available()
    }

    /// Stores content, and keeps it together with the row that `write` writes. Continues to the end even if the caller
    /// goes away.
    pub async fn put(
        self: &Arc<Self>,
        tenant: Uuid,
        id: Uuid,
        about: UploadMetadata,
        upload: Upload,
        write: impl WriteFile,
    ) -> Result<Record<File>> {
        let shared = Arc::clone(self);
        let work = async move {
            let ArrivedUpload { path, held: _held, file, taken } = upload.finish(about).await?;
            let (sha256, bytes) = (file.sha256.clone(), file.size);
            let content = StoredContent { tenant, file: id, object: Uuid::now_v7(), sha256, bytes };
            let (announced, now) = (content.clone(), Time::now());
            let taken = shared.store.write(move |tx| {
                // every server counts in its transaction, one after the other
                taken.admit(tx.content_bytes(tenant)?)?;
                tx.announce_content(&announced, now, now.plus(ARRIVES))?;
                Ok(taken)
            });
            taken.await?.keep(0);
            let written = shared.put_announced(&content, path, file, write).await;
            if written.is_err() {
                // unless the row was written after all: the connection may have broken after the commit
                let discarded = shared.store.write(move |tx| tx.withdraw_content(content.object, Time::now()));
                if let Err(error) = discarded.await {
                    tracing::warn!(%error, "content of a file that was not stored is deleted in an hour");
                }
            }
            written
        };
        tokio::spawn(work).await?
    }

    async fn put_announced(
        &self,
        content: &StoredContent,
        path: tempfile::TempPath,
        file: File,
        write: impl WriteFile,
    ) -> Result<Record<File>> {
        self.storage.put(&content.key(), &path, content.bytes).await?;
        self.cache.keep(content, path).await;
        let kept = content.clone();
        let written = self.store.write(move |tx| {
            let (record, _) = write(tx, kept.file, file)?;
            if !tx.keep_content(&kept, Time::now())? {
                return Err(Error::Unavailable("storing the file took too long: upload it again"));
            }
            Ok(record)
        });
        written.await
    }

    /// Makes past content the present one again, together with the row that `write` writes. `None` if it is not kept any
    /// more.
    pub async fn restore(
        &self,
        tenant: Uuid,
        id: Uuid,
        past: File,
        write: impl WriteFile,
    ) -> Result<Option<Record<File>>> {
        let restored = self.store.write(move |tx| {
            if !tx.return_to_content(tenant, id, &past.sha256)? {
                return Ok(None);
            }
            Ok(Some(write(tx, id, past)?.0))
        });
        restored.await
    }

    pub async fn content(&self, tenant: Uuid, id: Uuid, sha256: &str) -> Result<std::fs::File> {
        let found = self.store.get(|tx| tx.find_content(tenant, id, sha256))?;
        self.read(found).await
    }

    async fn read(&self, found: Option<StoredContent>) -> Result<std::fs::File> {
        let content = found.ok_or(Error::NotFound("content"))?;
        self.cache.open(&content, &self.storage, &self.store.quotas().disk).await
    }

    /// Removes earlier content beyond what is kept, oldest first.
    pub async fn prune(&self, scope: &Scope, id: Uuid) -> Result<()> {
        let (scope, share) = (scope.clone(), self.store.quotas().files(scope.tenant).kept_share());
        self.store.write(move |tx| prune(tx, &scope, id, share)).await
    }

    /// Removes the content of files whose rows are deleted, and what else nothing needs. While the storage cannot be
    /// reached, that is left for later.
    pub async fn remove_deleted(&self) -> Result<()> {
        let marked = self.store.get(|tx| tx.deleted_files())?;
        if !marked.is_empty() {
            let discard = move |tx: &Tx<'_>| {
                tx.discard_files(&marked, Time::now())?;
                tx.unmark_files(&marked)
            };
            self.store.write(discard).await?;
        }
        self.cache.tidy().await;
        match self.sweep(Time::now()).await {
            Err(Error::Unavailable(_)) => Ok(()),
            swept => swept.map(drop),
        }
    }

    /// Removes all content of a deleted tenant, after some days in which it could be brought back.
    pub async fn forget_tenant(&self, tenant: Uuid) -> Result<()> {
        let at = Time::now().plus(self.quarantine);
        self.store.write(move |tx| tx.discard_tenant(tenant, at)).await?;
        self.cache.forget_tenant(tenant).await;
        Ok(())
    }

    /// Deletes the objects that nothing needs at `now`. Returns how many.
    pub async fn sweep(&self, now: Time) -> Result<u64> {
        let mut deleted = 0;
        while self.store.get(|tx| tx.has_discarded(now))? {
            let taken = self.store.write(move |tx| tx.take_discarded(now, now.plus(DELETES), AT_ONCE)).await?;
            for content in &taken {
                // deleting twice is harmless
                self.storage.delete(&content.key()).await?;
                self.cache.forget(content).await;
                let object = content.object;
                self.store.write(move |tx| tx.forget_content(object)).await?;
                deleted += 1;
            }
        }
        if deleted > 0 {
            tracing::info!(objects = deleted, "deleted content that nothing needs from the file storage");
        }
        Ok(deleted)
    }
}

impl UploadedContents for Shared {
    fn open(&self, tenant: Uuid, file: Uuid) -> Pin<Box<dyn Future<Output = Result<std::fs::File>> + Send + '_>> {
        Box::pin(async move {
            let found = self.store.get(|tx| tx.present_content(tenant, file))?;
            self.read(found).await
        })
    }
}

fn prune(tx: &Tx<'_>, scope: &Scope, id: Uuid, share: Option<u64>) -> Result<()> {
    let newest: HashSet<String> = tx.earlier_contents(scope, id)?.into_iter().take(KEPT + 1).collect();
    let mut kept = tx.earlier_content(scope.tenant)?;
    let is_old = |one: &StoredContent| one.file == id && !newest.contains(&one.sha256);
    let total: u64 = kept.iter().map(|one| one.bytes).sum();
    let mut excess = share.map_or(0, |share| total.saturating_sub(share));
    // they are in order of their age
    kept.sort_by_key(|one| !is_old(one));
    for one in kept {
        if excess == 0 && !is_old(&one) {
            break;
        }
        tx.discard_content(one.object, Time::now())?;
        excess = excess.saturating_sub(one.bytes);
    }
    Ok(())
}

/// Marks the storage as that of an installation, which has `count` objects in it, and notes its address, so that all
/// servers use the same one.
///
/// # Errors
/// `Conflict` if it belongs to another one, has lost its mark, or is not the one of the other servers.
async fn claim(store: &Store, storage: &ObjectStorage, instance: &str, count: u64) -> Result<()> {
    let (mark, address) = (format!("instance {instance}\n"), storage.address().to_string());
    check_known(&address, store.get(|tx| tx.storage_address())?)?;
    let mut found = storage.read(MARK).await?;
    if found.is_none() {
        if count > 0 {
            return Err(Error::conflict(format!(
                "{address} is not the file storage of this database, which has {count} files: correct the address, or restore \
                 the bucket"
            )));
        }
        if !storage.is_empty().await? {
            return Err(Error::conflict(format!(
                "{address} contains objects of another program: use another prefix, such as {address}/jet-admin"
            )));
        }
        storage.create(MARK, mark.clone().into_bytes()).await?;
        found = storage.read(MARK).await?;
    }
    if found.as_deref() != Some(mark.as_bytes()) {
        return Err(Error::conflict(format!(
            "{address} belongs to another installation of jet-admin: use another prefix or bucket"
        )));
    }
    let noted = address.clone();
    let known = store.write(move |tx| tx.note_storage(&noted)).await?;
    check_known(&address, Some(known))
}

/// Refuses another storage than the one of the other servers: they would not find each other's files.
fn check_known(address: &str, known: Option<String>) -> Result<()> {
    match known.filter(|known| known != address) {
        Some(known) => Err(Error::conflict(format!(
            "the servers with this database keep files in {known}, not in {address}: start with the same --files; if the \
             files were moved, stop all servers and `update jet_admin.storage set address = '{address}'`"
        ))),
        None => Ok(()),
    }
}
