//! Removing what a deleted tenant leaves: its runs, records, uploads and databases. Goes on after a restart.
use crate::{Result, clock::Time, data_dir::Paths, model::Scope, runner::Runner, store::Store, uploads::Uploads};
use std::{sync::Arc, time::Duration};
use tokio::task::{JoinHandle, spawn_blocking};
use uuid::Uuid;

/// How long whoever deletes a tenant waits for its end.
const PATIENCE: Duration = Duration::from_secs(10);

pub struct Removal {
    store: Arc<Store>,
    runner: Runner,
    uploads: Arc<Uploads>,
    dir: Paths,
}

impl Removal {
    pub fn new(store: Arc<Store>, runner: Runner, uploads: Arc<Uploads>, dir: Paths) -> Self {
        Self { store, runner, uploads, dir }
    }

    /// Deletes the scope's tenant. From the commit on nobody reaches it; the rest is removed even if the caller goes away,
    /// and what is large goes on being removed after this answers.
    ///
    /// # Errors
    /// `VersionConflict`, `NotFound`.
    pub async fn delete(self: &Arc<Self>, scope: &Scope, expected: Option<u64>) -> Result<()> {
        let (removal, scope) = (Arc::clone(self), scope.clone());
        let deleting: JoinHandle<Result<JoinHandle<()>>> = tokio::spawn(async move {
            let tenant = scope.tenant;
            removal.store.write(move |tx| tx.delete_tenant(&scope, expected)).await?;
            Ok(tokio::spawn(async move { removal.finish(tenant).await }))
        });
        // whether it ends in time changes nothing for the caller
        let _ = tokio::time::timeout(PATIENCE, deleting.await??).await;
        Ok(())
    }

    /// Ends what earlier deletions have left, before any run is taken up.
    ///
    /// # Errors
    /// When the store cannot be read.
    pub async fn resume(self: &Arc<Self>) -> Result<()> {
        let tenants = self.store.half_deleted_tenants().await?;
        for tenant in &tenants {
            self.runner.forget_tenant(*tenant);
        }
        let removal = Arc::clone(self);
        tokio::spawn(async move {
            for tenant in tenants {
                tracing::info!(%tenant, "removing what is left of a deleted tenant");
                removal.finish(tenant).await;
            }
        });
        Ok(())
    }

    async fn finish(&self, tenant: Uuid) {
        if let Err(error) = self.remove(tenant).await {
            tracing::error!(%tenant, %error, "a deleted tenant could not be removed: the next start tries again");
        }
    }

    async fn remove(&self, tenant: Uuid) -> Result<()> {
        self.runner.forget_tenant(tenant);
        // asked once more, next to what cannot be undone
        if !self.store.get(|tx| tx.is_deleted(tenant))? {
            return Ok(());
        }
        self.store.remove_tenant(tenant).await?;
        self.uploads.forget_tenant(tenant).await?;
        let (quarantine, folder) = (self.dir.quarantine(), self.dir.files().join(tenant.to_string()));
        spawn_blocking(move || quarantine.take(&folder)).await??;
        self.store.quotas().forget(tenant);
        self.store.write(move |tx| tx.note_removed(tenant, Time::now())).await
    }
}
