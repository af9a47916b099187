//! The store: the only module that runs SQL on jet-admin's own databases.
mod accounts;
mod audit;
mod contents;
mod database;
pub mod directory;
pub mod exam;
mod fleet;
mod hidden;
mod memory;
mod migrations;
mod records;
mod remembered;
mod retention;
mod runs;
mod seal;
mod sql;
mod tenants;
#[cfg(test)]
mod tests;
pub mod transfer;
mod usage;

use crate::{
    Error, Result,
    data_dir::{DataDir, Paths},
    model::Scope,
    quota::Quotas,
    turns::{Accounts, Turns},
};
pub use accounts::{
    Credential, NO_PASSWORD, NewUser, User,
    tokens::{ActionCode, Rotation},
};
pub use audit::{AuditCount, AuditEntry, AuditFilter, AuditedChange};
pub use contents::StoredContent;
pub use database::{
    Durability, PostgresLimits,
    page::{ListPart, Page, Paged, Sort, SortKey},
};
use database::{Session, db::Db, jobs::turns};
pub use directory::KeyKind;
use directory::{StoreFiles, look::Access, snapshots};
pub use fleet::{ClockSkew, MailedAnswer, Notice};
pub use memory::{AttemptRule, Attempts, CountedAttempt, Mark, MarkClaim, Marks, MemoryPlace, Pauses};
pub use migrations::{SchemaStep, SchemaVersions};
pub use records::{
    belonging::LinkSource,
    deletion::Dependent,
    files::KnownFile,
    parts::PartVersion,
    revival::{LeftOut, ReducedRecord, Revival, WhyLeftOut},
    trash::{DeletedRecord, ListedDeletion, TrashFilter},
    triggers::{DueOutcome, DueTrigger, TriggerRow},
    versions::VersionEntry,
};
pub use remembered::Remembered;
pub use retention::RetentionLimits;
pub use runs::{
    instances::{ChangedBy, FirstTransition, NewInstance, Parent, Progress, StoredInstance},
    journal::{JournalEntry, JournalPart, PackedEntries},
    lists::InstanceFilter,
    query_history::{QueryRun, QueryRunEntry},
    tasks::{OpenTask, TaskChange},
    unfinished::Unfinished,
};
pub use seal::{Sealer, Secret};
use serde_json::Value;
use sql::postgres::ConnectPostgres;
pub use sql::postgres::PostgresUrl;
use std::{
    sync::{
        Arc, Mutex, OnceLock, Weak,
        atomic::{AtomicBool, Ordering},
    },
    time::Duration,
};
pub use tenants::{
    Member, Membership,
    access::{DashboardGrant, GrantHolder, NamedGrant},
    credentials::{Departure, MemberCredentials, OwnedKey, OwnedShare, OwnedWebhook},
    keys::{ApiKey, Invitation, KeyHolder},
    shares::{NewShare, Share, SharedWith},
};
pub use usage::Usage;
use uuid::Uuid;

/// Returns the schema versions of the workspace and of the runs in this version of jet-admin.
pub fn migrations() -> (usize, usize) {
    migrations::newest()
}

/// Returns the statements that are put together at run time, in every form that they can have.
pub fn composed_statements() -> Vec<String> {
    [records::objects::list_texts(), audit::texts()].concat()
}

/// The database of everything but runs.
pub struct Workspace;
/// The database of runs and their journals.
pub struct Runs;

/// A transaction on the workspace.
pub type Tx<'c> = Session<'c, Workspace>;
/// A transaction on the runs.
pub type RunsTx<'c> = Session<'c, Runs>;

/// Both databases: in the files of a data directory, or on a PostgreSQL server.
pub struct Store {
    workspace: Arc<Db<Workspace>>,
    pub runs: Db<Runs>,
    quotas: Arc<Quotas>,
    accounts: Accounts,
    /// `None` if the databases are on a server.
    files: Option<StoreFiles>,
    is_closed: AtomicBool,
}

impl Store {
    /// Opens both databases of a directory that this process holds. Creates missing databases; takes a snapshot of old
    /// ones and migrates them.
    ///
    /// # Errors
    /// If the parts of the directory do not belong together, or a file is from a newer version, is not a database, or
    /// cannot be written. Nothing is changed then.
    pub fn open(dir: &DataDir, durability: Durability, quotas: &Arc<Quotas>) -> Result<Self> {
        let parts = directory::check(dir, Access::Owned)?;
        for warning in parts.warnings() {
            tracing::warn!("{warning}");
        }
        Self::open_as_it_is(dir, durability, quotas)
    }

    /// Opens both databases even if the parts do not belong together, because the operator accepted that.
    ///
    /// # Errors
    /// If a file cannot be used.
    pub fn open_as_it_is(dir: &DataDir, durability: Durability, quotas: &Arc<Quotas>) -> Result<Self> {
        let parts = directory::examine(dir, Access::Owned)?;
        if parts.is_old() {
            snapshots::take(dir, &parts)?;
        }
        let store = Self::of_files(dir, (durability, parts.newest_epoch(), true), quotas)?;
        store.tick()?;
        Ok(store)
    }

    /// Opens both databases while a server uses them.
    ///
    /// # Errors
    /// If the server is of an earlier version.
    pub fn join(dir: &Paths, durability: Durability, quotas: &Arc<Quotas>) -> Result<Self> {
        if directory::examine(dir, Access::Beside)?.is_old() {
            return Err(Error::conflict(
                "a server of an earlier version is running: stop it, or use the command of that version",
            ));
        }
        Self::of_files(dir, (durability, 0, false), quotas)
    }

    fn of_files(
        dir: &Paths,
        (durability, newest_epoch, is_owner): (Durability, u64, bool),
        quotas: &Arc<Quotas>,
    ) -> Result<Self> {
        let (path, runs_path) = (dir.workspace_db(), dir.runs_db());
        let workspace = |turns| Db::open_file(&path, durability, quotas, turns, |db| migrations::workspace(db, &path));
        let runs = |turns| Db::open_file(&runs_path, durability, quotas, turns, |db| migrations::runs(db, &runs_path));
        let (dir, ticked) = (dir.clone(), Mutex::default());
        let files = StoreFiles { dir, durability, ticked, newest_epoch, is_owner };
        Self::assemble(workspace, runs, Arc::clone(quotas), Some(files))
    }

    /// Opens both databases on a PostgreSQL server. Creates missing ones.
    ///
    /// # Errors
    /// `Conflict`, with what to do, if the server cannot be used.
    pub fn connect(url: &PostgresUrl, limits: PostgresLimits, quotas: &Arc<Quotas>) -> Result<Self> {
        use migrations::postgres::{RUNS, WORKSPACE, check_not_moved, prepare};
        check_not_moved(&prepare(&ConnectPostgres::new(url.clone()))?, url)?;
        let workspace = |turns| Db::open_postgres(ConnectPostgres::new(url.clone()), WORKSPACE, limits, quotas, turns);
        let runs = |turns| Db::open_postgres(ConnectPostgres::new(url.clone()), RUNS, limits, quotas, turns);
        Self::assemble(workspace, runs, Arc::clone(quotas), None)
    }

    /// Creates or upgrades schemas on a PostgreSQL server, as the start of a server does with those of this version.
    ///
    /// # Errors
    /// `Conflict`, with what to do. Nothing is changed then.
    pub fn prepare_schemas(url: &PostgresUrl, schemas: &[SchemaVersions<'_>]) -> Result<()> {
        migrations::postgres::prepare_schemas(&ConnectPostgres::new(url.clone()), schemas).map(drop)
    }

    fn assemble(
        workspace: impl FnOnce(Arc<Turns>) -> Result<Db<Workspace>>,
        runs: impl FnOnce(Arc<Turns>) -> Result<Db<Runs>>,
        quotas: Arc<Quotas>,
        files: Option<StoreFiles>,
    ) -> Result<Self> {
        // the turns of readers depend on accounts, which are read from the workspace
        let known = Arc::new(OnceLock::new());
        let accounts = accounts(Arc::clone(&known));
        let turns = turns(accounts.clone());
        let workspace = Arc::new(workspace(Arc::clone(&turns))?);
        let _ = known.set(Arc::downgrade(&workspace));
        Ok(Self { workspace, runs: runs(turns)?, quotas, accounts, files, is_closed: AtomicBool::new(false) })
    }

    /// Returns the accounts behind tenants. Turns are per account, because an account may have any number of tenants.
    pub fn accounts(&self) -> Accounts {
        self.accounts.clone()
    }

    /// Writes everything in the queue, refuses further writes, and closes both databases. Files are then complete without
    /// their logs.
    pub fn close(&self) {
        if let Err(error) = self.tick() {
            tracing::warn!(%error, "could not update the marks of the data directory");
        }
        self.close_databases();
    }

    fn close_databases(&self) {
        if self.files.as_ref().is_none_or(|files| files.is_owner) && !self.is_closed.swap(true, Ordering::AcqRel) {
            self.runs.close();
            self.workspace.close();
        }
    }

    /// Returns the quotas of tenants, and the state of the disk.
    pub fn quotas(&self) -> &Arc<Quotas> {
        &self.quotas
    }

    /// Runs a short read of the workspace on this thread.
    pub fn get<T>(&self, work: impl FnOnce(&Tx<'_>) -> Result<T>) -> Result<T> {
        self.workspace.get(work)
    }

    /// Returns the number of this process's commits that changed the workspace, not counting those that only added to
    /// the audit log.
    pub fn changes(&self) -> u64 {
        self.workspace.signals.changes()
    }

    /// Returns the number of this process's commits that changed accounts or permissions.
    pub fn permissions(&self) -> u64 {
        self.workspace.signals.permissions()
    }

    /// Sets the key that seals secrets in the workspace, and seals what an older version stored as plain text.
    ///
    /// # Errors
    /// If the workspace cannot be written.
    pub fn unlock(&self, sealer: Sealer) -> Result<()> {
        self.workspace.set_sealer(sealer);
        self.workspace.write_now(|tx| tx.seal_tokens())?;
        Ok(())
    }

    /// Returns a receiver that is notified of each change of permissions by this process: memberships, roles, accounts,
    /// API keys, share links.
    pub fn regrants(&self) -> tokio::sync::watch::Receiver<()> {
        self.workspace.signals.regrants()
    }

    /// Runs a read of the workspace that may scan, when it is the turn of `owner`: a tenant, or an account for reads
    /// outside tenants.
    ///
    /// # Errors
    /// `RateLimited` if too many of its reads are waiting, and the errors of `work`.
    pub async fn read<T: Send + 'static>(
        &self,
        owner: Uuid,
        work: impl FnOnce(&Tx<'_>) -> Result<T> + Send + 'static,
    ) -> Result<T> {
        self.workspace.read(owner, work).await
    }

    /// Runs a read of the server itself, across all tenants.
    ///
    /// # Errors
    /// The errors of `work`.
    pub async fn survey<T: Send + 'static>(
        &self,
        work: impl FnOnce(&Tx<'_>) -> Result<T> + Send + 'static,
    ) -> Result<T> {
        self.workspace.survey(work).await
    }

    /// Adds an entry to the audit log, about something that changed no record, such as rows of a datasource. Cached
    /// results stay valid.
    ///
    /// # Errors
    /// If the entry cannot be written.
    pub async fn record_act(&self, scope: &Scope, act: AuditedChange<'_>, details: Option<Value>) -> Result<()> {
        let AuditedChange { verb, kind, id, name } = act;
        let (scope, verb, kind, name) = (scope.clone(), verb.to_owned(), kind.to_owned(), name.to_owned());
        let write = move |tx: &Tx<'_>| {
            let act = AuditedChange { verb: &verb, kind: &kind, id, name: &name };
            tx.record_detailed_act(&scope, &act, details.as_ref())
        };
        self.workspace.write_aside(write).await
    }

    /// Runs a write to the workspace, and returns after its commit.
    pub async fn write<T: Send + 'static>(
        &self,
        work: impl FnOnce(&Tx<'_>) -> Result<T> + Send + 'static,
    ) -> Result<T> {
        self.workspace.write(work).await
    }
}

impl Drop for Store {
    fn drop(&mut self) {
        self.close_databases();
    }
}

impl Store {
    /// Returns how many bytes of tenants' data were added since the last call.
    pub fn take_written(&self) -> u64 {
        self.workspace.signals.take_written() + self.runs.signals.take_written()
    }

    /// Runs a write from a thread that may block, while the server starts.
    pub fn write_now<T: Send + 'static>(&self, work: impl FnOnce(&Tx<'_>) -> Result<T> + Send + 'static) -> Result<T> {
        self.workspace.write_now(work)
    }
}

/// How long the account behind a tenant is cached, and for how many tenants.
const ACCOUNT_KNOWN: Duration = Duration::from_secs(1);
const ACCOUNTS_KNOWN: u64 = 50_000;

/// Looks up the account behind a tenant. A tenant without one counts as its own account.
fn accounts(workspace: Arc<OnceLock<Weak<Db<Workspace>>>>) -> Accounts {
    let known = moka::sync::Cache::builder().max_capacity(ACCOUNTS_KNOWN).time_to_live(ACCOUNT_KNOWN).build();
    Accounts::new(move |tenant: Uuid| {
        known.get_with(tenant, || {
            let workspace = workspace.get().and_then(Weak::upgrade);
            let found = workspace.and_then(|workspace| workspace.get(|tx| tx.account_behind(tenant)).ok().flatten());
            found.unwrap_or(tenant)
        })
    })
}
