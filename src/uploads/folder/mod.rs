//! Content in a folder of the data directory.
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

use super::{
    TEMPORARY, UploadMetadata, WriteFile, disk,
    upload::{ArrivedUpload, Upload},
};
use crate::{
    Error, Result,
    data_dir::{Paths, Quarantine},
    model::{File, Record, file::kept_name},
    store::Store,
};
use std::{
    fs, io,
    path::{Path, PathBuf},
    sync::Arc,
};
use swap::{Swap, WrittenFile};
use sweep::{Sweep, Swept};
use tokio::task::spawn_blocking;
use uuid::Uuid;
pub(super) use versions::copy;

pub(super) struct Folder {
    store: Arc<Store>,
    root: PathBuf,
    quarantine: Quarantine,
}

impl Folder {
    /// Opens the folder, and repairs what a crash interrupted.
    pub fn open(store: Arc<Store>, dir: &Paths) -> Result<Self> {
        let folder = Self { store, root: dir.uploads(), quarantine: dir.quarantine() };
        folder.check_owned()?;
        folder.sweep()?;
        Ok(folder)
    }

    /// Refuses to serve files whose content is in shared storage.
    fn check_owned(&self) -> Result<()> {
        if !self.store.is_shared() {
            return Ok(());
        }
        match self.store.get(|tx| Ok((tx.count_contents()?, tx.storage_address()?)))? {
            (0, None) => Ok(()),
            (0, Some(address)) => Err(Error::conflict(format!(
                "the servers with this database keep files in {address}: start with --files and this address, or stop all \
                 servers and `drop table jet_admin.storage` to keep files in data directories"
            ))),
            (count, _) => Err(Error::conflict(format!(
                "the database has {count} files whose content is in shared storage: start with --files and its address"
            ))),
        }
    }

    /// Moves content into place together with the row that `write` writes.
    pub async fn put(
        self: &Arc<Self>,
        tenant: Uuid,
        id: Uuid,
        about: UploadMetadata,
        upload: Upload,
        write: impl WriteFile,
    ) -> Result<Record<File>> {
        let folder = Arc::clone(self);
        let work = async move {
            let place = folder.place(tenant, id);
            let ArrivedUpload { path, held: _held, file, taken } = upload.finish(about).await?;
            let staged = place.aside(&file.sha256);
            let (to, parent) = (staged.clone(), place.folder.clone());
            spawn_blocking(move || {
                path.persist(to).map_err(|error| disk(error.error))?;
                sync(&parent)
            })
            .await??;
            let swap = Swap::new(place, staged);
            let there = swap.clone();
            let written = folder.store.write(move |tx| {
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
    pub async fn content(&self, tenant: Uuid, id: Uuid) -> Result<fs::File> {
        let path = self.place(tenant, id).content();
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
        let folder = Arc::clone(self);
        let removed = spawn_blocking(move || {
            for (tenant, id) in &marked {
                // count the space first: a count after the removal must not be reduced again
                let space = folder.store.quotas().files(*tenant);
                let place = folder.place(*tenant, *id);
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
            let sweep =
                Sweep { folder: self.folder(tenant), quarantine: &self.quarantine, is_shared: self.store.is_shared() };
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
