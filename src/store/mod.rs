//! The only place that speaks SQL to our own database files.
mod accounts;
mod audit;
pub mod check;
mod close;
mod counts;
mod credentials;
mod db;
mod deletion;
pub mod directory;
mod eviction;
mod explain;
mod files;
mod instances;
mod journal;
mod keys;
pub mod look;
mod migrate;
pub mod moment;
mod objects;
mod packed;
mod page;
mod portions;
mod readers;
mod remembered;
mod retention;
mod rewrite;
mod roles;
mod run_deletion;
mod run_lists;
mod runs;
mod seal;
mod series;
mod shares;
pub mod snapshots;
mod tasks;
mod tenant_deletion;
mod tenants;
mod tokens;
mod triggers;
mod unfinished;
mod usage;
mod versions;

use crate::{
    Error, Result,
    data_dir::{DataDir, Paths},
    quota::Quotas,
    turns::Accounts,
};
pub use accounts::{NO_PASSWORD, NewUser, User, WayIn};
pub use audit::{Act, AuditCount, AuditEntry, AuditFilter};
pub use credentials::{Credentials, Departure, OwnedKey, OwnedShare, OwnedWebhook};
pub use db::Durability;
use db::{Db, Session};
pub use deletion::Dependent;
pub use directory::KeyKind;
pub use instances::{NewInstance, Parent, Progress, StoredInstance};
pub use journal::{JournalEntry, JournalPart};
pub use keys::{ApiKey, Invitation, KeyHolder};
pub use page::{Page, Paged, Sort, SortKey};
pub use remembered::Remembered;
pub use retention::Keep;
pub use run_lists::InstanceFilter;
pub use runs::{QueryRun, QueryRunEntry};
pub use seal::Sealer;
pub use shares::{NewShare, Share, SharedWith};
use std::{
    sync::{
        Arc, Mutex, OnceLock, Weak,
        atomic::{AtomicBool, Ordering},
    },
    time::Duration,
};
pub use tasks::{OpenTask, TaskChange};
pub use tenants::{Member, Membership};
pub use tokens::{ActionCode, Rotation};
pub use triggers::{DueTrigger, Settled, TriggerRow};
pub use unfinished::Unfinished;
pub use usage::Usage;
use uuid::Uuid;
pub use versions::VersionEntry;

/// The schema versions of the workspace and of the runs that this version makes.
pub fn migrations() -> (usize, usize) {
    migrate::newest()
}

/// The database of everything but runs.
pub struct Workspace;
/// The database of runs and their journals.
pub struct Runs;

/// A transaction on the workspace.
pub type Tx<'c> = Session<'c, Workspace>;
/// A transaction on the runs.
pub type RunsTx<'c> = Session<'c, Runs>;

/// Both databases of a data directory.
pub struct Store {
    workspace: Arc<Db<Workspace>>,
    pub runs: Db<Runs>,
    quotas: Arc<Quotas>,
    accounts: Accounts,
    dir: Paths,
    durability: Durability,
    /// How often both databases were written when the epoch was last raised.
    ticked: Mutex<Option<(u64, u64)>>,
    /// The highest epoch that any part had when this was opened.
    newest_epoch: u64,
    /// Whether this process holds the directory, and closes what it has opened.
    is_owner: bool,
    is_closed: AtomicBool,
}

impl Store {
    /// Opens both files of a directory that this process holds; new ones are made, old ones copied aside and brought up
    /// to date.
    ///
    /// # Errors
    /// When the parts of the directory do not fit together, or a file is from a newer version, is no database, or cannot
    /// be written; then nothing is changed.
    pub fn open(dir: &DataDir, durability: Durability, quotas: Arc<Quotas>) -> Result<Self> {
        let parts = directory::check(dir, look::Access::Owned)?;
        for warning in parts.warnings() {
            tracing::warn!("{warning}");
        }
        Self::open_as_it_is(dir, durability, quotas)
    }

    /// The same, whether or not the parts fit together: for an operator who has accepted that.
    ///
    /// # Errors
    /// When a file cannot be used.
    pub fn open_as_it_is(dir: &DataDir, durability: Durability, quotas: Arc<Quotas>) -> Result<Self> {
        let parts = directory::examine(dir, look::Access::Owned)?;
        if parts.is_old() {
            snapshots::take(dir, &parts)?;
        }
        let mut store = Self::files(dir, durability, quotas, true)?;
        store.newest_epoch = parts.newest_epoch();
        store.tick()?;
        Ok(store)
    }

    /// Opens both files beside the server that uses them.
    ///
    /// # Errors
    /// When that is a server of an earlier version.
    pub fn join(dir: &Paths, durability: Durability, quotas: Arc<Quotas>) -> Result<Self> {
        if directory::examine(dir, look::Access::Beside)?.is_old() {
            return Err(Error::conflict("a server of an earlier version is running: stop it, or use its own command"));
        }
        Self::files(dir, durability, quotas, false)
    }

    fn files(dir: &Paths, durability: Durability, quotas: Arc<Quotas>, is_owner: bool) -> Result<Self> {
        let (path, runs_path) = (dir.workspace_db(), dir.runs_db());
        // whose turn it is to read is known from what is read
        let known = Arc::new(OnceLock::new());
        let accounts = accounts(Arc::clone(&known));
        let turns = readers::turns(accounts.clone());
        let workspace = Db::open(&path, durability, &quotas, Arc::clone(&turns), |db| migrate::workspace(db, &path))?;
        let workspace = Arc::new(workspace);
        let _ = known.set(Arc::downgrade(&workspace));
        let runs = Db::open(&runs_path, durability, &quotas, turns, |db| migrate::runs(db, &runs_path))?;
        Ok(Self {
            workspace,
            runs,
            quotas,
            accounts,
            dir: dir.clone(),
            durability,
            ticked: Mutex::default(),
            newest_epoch: 0,
            is_owner,
            is_closed: AtomicBool::new(false),
        })
    }

    /// The accounts behind tenants: turns are shared by people, who may have any number of tenants.
    pub fn accounts(&self) -> Accounts {
        self.accounts.clone()
    }

    /// Writes what is queued, refuses everything after it, and closes both files: all that was written is in them, and
    /// their logs are gone.
    pub fn close(&self) {
        if let Err(error) = self.tick() {
            tracing::warn!(%error, "the data directory was not marked");
        }
        self.close_files();
    }

    fn close_files(&self) {
        if self.is_owner && !self.is_closed.swap(true, Ordering::AcqRel) {
            self.runs.close();
            self.workspace.close();
        }
    }

    /// What tenants may store, and the state of the disk.
    pub fn quotas(&self) -> &Arc<Quotas> {
        &self.quotas
    }

    /// A short read of the workspace, here and now.
    pub fn get<T>(&self, work: impl FnOnce(&Tx<'_>) -> Result<T>) -> Result<T> {
        self.workspace.get(work)
    }

    /// How often this process has written to the workspace.
    pub fn commits(&self) -> u64 {
        self.workspace.commits()
    }

    /// Gives the key that seals the secrets within the workspace, and seals what an older version kept in the clear.
    ///
    /// # Errors
    /// When the workspace cannot be written.
    pub fn unlock(&self, sealer: Sealer) -> Result<()> {
        self.workspace.set_sealer(sealer);
        self.workspace.write_now(|tx| tx.seal_tokens())?;
        Ok(())
    }

    /// Hears of each change, by this process, of what someone may do: memberships, roles, accounts, keys, links.
    pub fn regrants(&self) -> tokio::sync::watch::Receiver<()> {
        self.workspace.regrants()
    }

    /// A read of the workspace that may scan, in the turn of a tenant, or of an account where it is no tenant's.
    ///
    /// # Errors
    /// `RateLimited` when too many of its reads wait already; those of `work`.
    pub async fn read<T: Send + 'static>(
        &self,
        owner: Uuid,
        work: impl FnOnce(&Tx<'_>) -> Result<T> + Send + 'static,
    ) -> Result<T> {
        self.workspace.read(owner, work).await
    }

    /// The same for what the server reads for itself, over all tenants.
    ///
    /// # Errors
    /// Those of `work`.
    pub async fn survey<T: Send + 'static>(
        &self,
        work: impl FnOnce(&Tx<'_>) -> Result<T> + Send + 'static,
    ) -> Result<T> {
        self.workspace.survey(work).await
    }

    /// A write to the workspace; answers after its commit.
    pub async fn write<T: Send + 'static>(
        &self,
        work: impl FnOnce(&Tx<'_>) -> Result<T> + Send + 'static,
    ) -> Result<T> {
        self.workspace.write(work).await
    }
}

impl Drop for Store {
    fn drop(&mut self) {
        self.close_files();
    }
}

impl Store {
    /// How many bytes of tenants' data were added since this was last asked.
    pub fn take_written(&self) -> u64 {
        self.workspace.take_written() + self.runs.take_written()
    }

    /// A write from a thread that may block: while the server starts.
    pub fn write_now<T: Send + 'static>(&self, work: impl FnOnce(&Tx<'_>) -> Result<T> + Send + 'static) -> Result<T> {
        self.workspace.write_now(work)
    }
}

/// How long the account behind a tenant is remembered, and for how many tenants.
const ACCOUNT_KNOWN: Duration = Duration::from_secs(1);
const ACCOUNTS_KNOWN: u64 = 50_000;

/// Looks up the account behind a tenant; a tenant that has none stands for itself.
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

impl From<rusqlite::Error> for Error {
    fn from(error: rusqlite::Error) -> Self {
        failure(&error)
    }
}

/// What a caller may know of the database's failure.
fn failure(error: &rusqlite::Error) -> Error {
    match error.sqlite_error_code() {
        Some(rusqlite::ErrorCode::DiskFull) => Error::Unavailable("the server's disk is full"),
        Some(rusqlite::ErrorCode::SystemIoFailure) => Error::Unavailable("the server's disk cannot be written or read"),
        Some(rusqlite::ErrorCode::DatabaseBusy | rusqlite::ErrorCode::DatabaseLocked) => {
            Error::Unavailable("the server's database is in use by another process")
        }
        _ => Error::internal(error.to_string()),
    }
}

impl From<r2d2::Error> for Error {
    fn from(error: r2d2::Error) -> Self {
        Self::internal(error)
    }
}

/// Whether `error` is a unique or primary-key constraint's.
fn is_duplicate(error: &rusqlite::Error) -> bool {
    matches!(
        error.sqlite_extended_error_code(),
        Some(rusqlite::ffi::SQLITE_CONSTRAINT_UNIQUE | rusqlite::ffi::SQLITE_CONSTRAINT_PRIMARYKEY)
    )
}

/// Whether `error` is a foreign key's.
fn is_dangling(error: &rusqlite::Error) -> bool {
    error.sqlite_extended_error_code() == Some(rusqlite::ffi::SQLITE_CONSTRAINT_FOREIGNKEY)
}

/// Column readers that turn stored text back into our types.
mod column {
    use crate::clock::Time;
    use rusqlite::{Row, types::Type};
    use uuid::Uuid;

    pub(super) fn id(row: &Row<'_>, at: usize) -> rusqlite::Result<Uuid> {
        parse_id(at, row.get_ref(at)?.as_str()?)
    }
    pub(super) fn optional_id(row: &Row<'_>, at: usize) -> rusqlite::Result<Option<Uuid>> {
        let text = row.get_ref(at)?.as_str_or_null()?;
        text.map(|text| parse_id(at, text)).transpose()
    }
    pub(super) fn time(row: &Row<'_>, at: usize) -> rusqlite::Result<Time> {
        row.get(at).map(Time)
    }
    pub(super) fn optional_time(row: &Row<'_>, at: usize) -> rusqlite::Result<Option<Time>> {
        Ok(row.get::<_, Option<i64>>(at)?.map(Time))
    }
    pub(super) fn json<T: serde::de::DeserializeOwned>(row: &Row<'_>, at: usize) -> rusqlite::Result<T> {
        serde_json::from_str(row.get_ref(at)?.as_str()?).map_err(|error| broken(at, error))
    }
    /// A column whose text is not what we write there.
    pub(super) fn broken(at: usize, why: impl Into<Box<dyn std::error::Error + Send + Sync>>) -> rusqlite::Error {
        rusqlite::Error::FromSqlConversionFailure(at, Type::Text, why.into())
    }
    fn parse_id(at: usize, text: &str) -> rusqlite::Result<Uuid> {
        Uuid::parse_str(text)
            .map_err(|error| rusqlite::Error::FromSqlConversionFailure(at, Type::Text, Box::new(error)))
    }
}
