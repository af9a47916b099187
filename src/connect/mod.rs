//! Datasources: connectors, and the engine that runs queries through them.
mod cache;
mod deadlines;
pub mod destination;
pub mod egress;
mod file;
mod graphql;
pub mod http;
mod javascript;
mod mysql;
pub mod options;
pub mod params;
mod pool;
mod postgresql;
mod presets;
mod queries;
mod redis;
mod restapi;
mod rows;
mod s3;
pub mod secrets;
mod sources;
mod sql;
mod sqlite;
mod stage;
mod stream;
mod tls;

use crate::{
    Result,
    budget::{Account, Owner},
    quota::{FileSpace, Quotas},
    script::Sandbox,
    turns::{Accounts, Turns},
};
use schemars::{JsonSchema, Schema};
use serde::{Deserialize, Serialize};
use serde_json::{Map, Value};
use std::{future::Future, path::PathBuf, pin::Pin, sync::Arc, time::Duration};
use uuid::Uuid;

pub use egress::Guard;
pub use file::FilePreview;
pub use params::Params;
pub use queries::{CacheState, Export, Job, Outcome, Queries, Target};
pub use rows::{Column, Limits, Rows};
pub use sqlite::{keep_temporary_files_in, seats as sqlite_seats};
pub use stream::{Part, Sink, pipe};

/// Every datasource type, in the order in which people see them.
static ALL: &[&dyn Connector] = &[
    &postgresql::Postgresql,
    &mysql::Mysql,
    &sqlite::Sqlite,
    &redis::Redis,
    &file::Uploaded,
    &restapi::RestApi,
    &graphql::GraphQl,
    &s3::S3,
    &javascript::Javascript,
];

/// Every datasource type: those that are code, then those that are data.
pub fn all() -> impl Iterator<Item = &'static dyn Connector> {
    ALL.iter().copied().chain(presets::all())
}

/// The connector of a datasource type.
pub fn find(kind: &str) -> Option<&'static dyn Connector> {
    all().find(|connector| connector.kind() == kind)
}

pub type Pending<'a, T> = Pin<Box<dyn Future<Output = Result<T>> + Send + 'a>>;

/// A datasource type: what it says of itself, and how to reach one.
pub trait Connector: Sync {
    /// The name on the wire.
    fn kind(&self) -> &'static str;
    fn about(&self) -> About;
    /// The shape of a datasource's `options`; `writeOnly` marks secrets, `x-harmless` what may change while they stay.
    fn options_schema(&self) -> Schema;
    /// The shape of a query's `options`.
    fn query_schema(&self) -> Schema;
    /// The database file that options without their secrets name, and whether it must be there already: a path below
    /// the tenant's folder, or a whole one. `None` where there is no such thing.
    fn local_file(&self, _options: &Map<String, Value>) -> Option<(PathBuf, bool)> {
        None
    }
    /// Makes a source from options with their secrets. May connect lazily: `Source::test` tells whether it works.
    fn connect<'a>(&'a self, options: &'a Map<String, Value>, context: &'a Context) -> Pending<'a, Arc<dyn Source>>;
}

/// One reachable datasource, with its own pool of connections.
pub trait Source: Send + Sync {
    /// Connects and answers with the server's version, if it tells one.
    fn test(&self) -> Pending<'_, Option<String>>;
    /// What of its options is of no use, for the one who tests it.
    fn notes(&self) -> Option<String> {
        None
    }
    /// Its tables and their columns; empty where there is no such thing.
    fn schema(&self) -> Pending<'_, Vec<TableInfo>>;
    /// Runs one query as its `mode` and `slice` say, where `About::capabilities` promises them. Dropping the future
    /// cancels it, on the server too.
    fn run(&self, request: Request) -> Pending<'_, Rows>;
    /// Sends every row of a query to `sink`, whatever `limits.rows` says. A source that holds its answer whole anyway
    /// leaves this as it is.
    fn stream(&self, request: Request, sink: Sink) -> Pending<'_, ()> {
        Box::pin(async move { sink.send_all(self.run(request).await?).await })
    }
}

/// What connectors may use of the server.
#[derive(Clone)]
pub struct Context {
    pub files: Files,
    pub guard: Guard,
    pub sandbox: Sandbox,
    /// The bytes that answers hold.
    pub budget: Account,
    /// Whose tenants share turns.
    pub accounts: Accounts,
}

/// Where datasources find files.
#[derive(Clone, Default)]
pub struct Files {
    /// A folder for each tenant, named by its id: no tenant sees another's.
    pub own: PathBuf,
    /// What people uploaded: a folder for each tenant, in it a file for each `File`, named by its id.
    pub uploads: PathBuf,
    /// Folders of the operator's that every tenant may read.
    pub shared: Vec<PathBuf>,
    /// What tenants may store; none where nothing is limited.
    pub quotas: Option<Arc<Quotas>>,
    /// Whose files these are.
    pub tenant: Option<Uuid>,
    /// Who may work on files of SQLite at once; none where nothing is limited.
    pub seats: Option<Arc<Turns>>,
}

impl Files {
    /// The quota of these files. Counts them, where they are not yet counted.
    fn space(&self) -> Option<Arc<FileSpace>> {
        Some(self.quotas.as_ref()?.files(self.tenant?))
    }
}

impl Context {
    /// The same for one tenant: its own folders, its own turns.
    #[must_use]
    pub fn of(&self, tenant: Uuid) -> Self {
        let name = tenant.to_string();
        let files = Files {
            own: self.files.own.join(&name),
            uploads: self.files.uploads.join(&name),
            shared: self.files.shared.clone(),
            quotas: self.files.quotas.clone(),
            tenant: Some(tenant),
            seats: self.files.seats.clone(),
        };
        let (guard, sandbox, accounts) = (self.guard.clone(), self.sandbox.owned_by(tenant), self.accounts.clone());
        Self { files, guard, sandbox, budget: self.budget.of(Owner::Tenant(tenant)), accounts }
    }
}

/// One execution of a query.
#[derive(Clone, Debug)]
pub struct Request {
    /// Shaped by the connector's `query_schema`.
    pub options: Arc<Map<String, Value>>,
    pub params: Params,
    pub mode: Mode,
    /// The part of the answer that is wanted; none means all of it, up to the limits.
    pub slice: Option<Slice>,
    pub limits: Limits,
    /// What is left of the query's time; the caller enforces it.
    pub timeout: Duration,
    /// Whether the answer may be kept: the source then finds out whether the query wrote.
    pub cacheable: bool,
}

impl Request {
    /// A request of this server's own: nothing in it comes from a user.
    fn own(bytes: usize, timeout: Duration, budget: &Account) -> Self {
        let hold = budget.hold();
        Self {
            options: Arc::default(),
            params: Params::default(),
            mode: Mode::Run,
            slice: None,
            limits: Limits { rows: usize::MAX, bytes, hold },
            timeout,
            cacheable: false,
        }
    }
}

/// What is to be done with a query.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
#[serde(rename_all = "lowercase")]
#[schemars(rename = "QueryMode")]
pub enum Mode {
    #[default]
    Run,
    /// Run it in a transaction that is rolled back: `Rows::affected` says how many rows would change.
    Preview,
    /// Say how the database would run it, and do not run it.
    Explain,
}

impl Mode {
    /// The word on the wire and in the history.
    pub fn name(self) -> &'static str {
        match self {
            Self::Run => "run",
            Self::Preview => "preview",
            Self::Explain => "explain",
        }
    }
}

/// One page of a long answer.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
#[schemars(rename = "QuerySlice")]
pub struct Slice {
    /// How many rows to pass over.
    #[serde(default)]
    pub offset: u64,
    /// How many rows to answer with, at most; `truncated` says that more follow.
    #[schemars(range(min = 1, max = 100_000))]
    pub limit: u32,
}

/// What a datasource type is.
#[derive(Clone, Debug, Serialize, JsonSchema)]
#[serde(rename_all = "camelCase")]
#[schemars(rename = "DatasourceAbout")]
pub struct About {
    pub name: &'static str,
    pub category: &'static str,
    pub description: &'static str,
    pub capabilities: Capabilities,
}

#[derive(Clone, Copy, Debug, Default, Serialize, JsonSchema)]
#[serde(rename_all = "camelCase")]
#[schemars(rename = "DatasourceCapabilities")]
#[allow(clippy::struct_excessive_bools)] // a list of yes or no is what it is
pub struct Capabilities {
    /// Its queries are SQL.
    pub sql: bool,
    /// It can list its tables.
    pub schema: bool,
    /// It can be opened for reading only.
    pub read_only: bool,
    /// It can say how it would run a query.
    pub explain: bool,
    /// It can run a query and take back what that changed.
    pub preview: bool,
    /// It can answer with one page of a query's rows.
    pub slices: bool,
    /// What it would read can be looked at before it is saved: `POST …/datasources/preview`.
    pub looks: bool,
}

/// What a test found.
#[derive(Clone, Debug, Serialize, JsonSchema)]
#[serde(rename_all = "camelCase")]
pub struct TestReport {
    pub ok: bool,
    pub latency_ms: u64,
    pub server_version: Option<String>,
    /// Why not, without secrets.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub error: Option<String>,
    /// What to look at.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub hint: Option<String>,
}

/// A table, view or the like.
#[derive(Clone, Debug, PartialEq, Serialize, JsonSchema)]
#[serde(rename_all = "camelCase")]
pub struct TableInfo {
    pub schema: Option<String>,
    pub name: String,
    /// `table`, `view`, …
    pub kind: String,
    pub comment: Option<String>,
    pub columns: Vec<ColumnInfo>,
}

#[derive(Clone, Debug, PartialEq, Serialize, JsonSchema)]
#[serde(rename_all = "camelCase")]
pub struct ColumnInfo {
    pub name: String,
    pub r#type: String,
    pub nullable: bool,
    pub primary_key: bool,
    /// The column of another table that this one points to.
    pub references: Option<Reference>,
    pub default: Option<String>,
    pub comment: Option<String>,
}

/// Where a foreign key leads.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, JsonSchema)]
pub struct Reference {
    pub schema: Option<String>,
    pub table: String,
    pub column: String,
}
