//! Removes the data of deleted tenants: runs, records, uploads and databases. A removal resumes after a restart.
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

/// How long the request that deletes a tenant waits for the removal.
const PATIENCE: Duration = Duration::from_secs(10);

/// The delay before a failed removal is retried.
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

    /// Deletes the scope's tenant. It is inaccessible from the commit on; removing large data may continue after this
    /// returns. The caller must not cancel this.
    ///
    /// # Errors
    /// `VersionConflict`, `NotFound`.
    pub async fn delete(self: &Arc<Self>, scope: &Scope, expected: Expected) -> Result<()> {
        let (removal, tenant, scope) = (Arc::clone(self), scope.tenant, scope.clone());
        self.store.write(move |tx| tx.delete_tenant(&scope, expected)).await?;
        let finishing = tokio::spawn(async move { removal.finish(tenant).await });
        // the result is the same for the caller whether or not the removal finishes in time
        let _ = tokio::time::timeout(PATIENCE, finishing).await;
        Ok(())
    }

    /// Resumes unfinished removals. Must be called before runs are resumed.
    ///
    /// # Errors
    /// If the store cannot be read.
    pub async fn resume(self: &Arc<Self>) -> Result<()> {
        let tenants = self.store.half_deleted_tenants().await?;
        for tenant in &tenants {
            self.runner.forget_tenant(*tenant);
        }
        let removal = Arc::clone(self);
        tokio::spawn(async move {
            for tenant in tenants {
                tracing::info!(%tenant, "removing the remaining data of a deleted tenant");
                removal.finish(tenant).await;
            }
        });
        Ok(())
    }

    /// Removes the rest of a tenant, and retries until this succeeds. After a restart, the next process continues.
    async fn finish(&self, tenant: Uuid) {
        while let Err(error) = self.remove(tenant).await {
            tracing::error!(%tenant, why = error.in_full(), "could not remove the data of a deleted tenant; retrying");
            tokio::time::sleep(AGAIN).await;
        }
    }

    async fn remove(&self, tenant: Uuid) -> Result<()> {
        self.runner.forget_tenant(tenant);
        // checked again right before the irreversible part
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
