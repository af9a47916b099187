//! Opens the content of uploaded files: in the tenant's folder, or wherever the server keeps it.
use crate::{
    Error, Result,
    connect::{Files, ResultFuture},
};
use std::{fs::File, io, path::PathBuf};
use tokio::task::spawn_blocking;
use uuid::Uuid;

/// Uploaded files whose content is not in a folder.
pub trait UploadedContents: Send + Sync {
    /// Opens the present content of a tenant's file.
    ///
    /// # Errors
    /// `NotFound`, `Unavailable`, and `Datasource` for content that was lost.
    fn open(&self, tenant: Uuid, file: Uuid) -> ResultFuture<'_, File>;
}

/// Opens the present content of a file of the tenant that `files` belongs to.
///
/// # Errors
/// `Datasource` if it was lost, and `Unavailable`.
pub async fn open(files: &Files, id: Uuid) -> Result<File> {
    match (&files.contents, files.tenant) {
        (Some(contents), Some(tenant)) => contents.open(tenant, id).await.map_err(|error| match error {
            Error::NotFound(_) => lost(),
            other => other,
        }),
        _ => open_at(files.uploads.join(id.to_string())).await,
    }
}

/// Opens the content at a path.
///
/// # Errors
/// `Datasource` if the content was lost.
pub async fn open_at(path: PathBuf) -> Result<File> {
    let open = move || {
        File::open(path).map_err(|error| match error.kind() {
            io::ErrorKind::NotFound => lost(),
            _ => error.into(),
        })
    };
    spawn_blocking(open).await?
}

fn lost() -> Error {
    Error::datasource("the file was deleted or its content was lost: upload it again, or restore a backup")
}
