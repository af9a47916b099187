//! Removing what a deleted tenant leaves: its runs, records, uploads and databases. Goes on after a restart.
use crate::{
    Result,
    clock::Time,
    data_dir::Paths,
    model::{Expected, Scope},
    runner::Runner,
    store::Store,
    uploads::Uploads,
};
use std::{sync::Arc, time::Duration};
use tokio::task::spawn_blocking;
use uuid::Uuid;

/// How long whoever deletes a tenant waits for its end.
const PATIENCE: Duration = Duration::from_secs(10);

/// When a removal that has failed is tried again.
const AGAIN: Duration = Duration::from_mins(1);

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

    /// Deletes the scope's tenant. From the commit on nobody reaches it; what is large goes on being removed after this
    /// answers. Must not be cancelled by its caller.
    ///
    /// # Errors
    /// `VersionConflict`, `NotFound`.
    pub async fn delete(self: &Arc<Self>, scope: &Scope, expected: Expected) -> Result<()> {
        let (removal, tenant, scope) = (Arc::clone(self), scope.tenant, scope.clone());
        self.store.write(move |tx| tx.delete_tenant(&scope, expected)).await?;
        let finishing = tokio::spawn(async move { removal.finish(tenant).await });
        // whether it ends in time changes nothing for the caller
        let _ = tokio::time::timeout(PATIENCE, finishing).await;
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

    /// Removes the rest of a tenant, again and again until nothing stands in the way; after a restart the next process does.
    async fn finish(&self, tenant: Uuid) {
        while let Err(error) = self.remove(tenant).await {
            tracing::error!(%tenant, why = error.in_full(), "a deleted tenant could not be removed; trying again");
            tokio::time::sleep(AGAIN).await;
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
