//! Datasources: the connectors, and the engine that runs queries through them.
mod columns;
mod edits;
mod effect;
mod file;
mod graphql;
pub mod http;
mod imports;
mod javascript;
mod mysql;
mod network;
pub mod options;
pub mod params;
mod postgresql;
mod presets;
mod queries;
mod redis;
mod restapi;
mod rows;
mod s3;
mod sql;
mod sqlite;
mod stream;

use crate::{
    Error, Result,
    budget::{Account, MemoryOwner},
    quota::{FileSpace, Quotas},
    script::Sandbox,
    turns::{Accounts, Turns},
};
use schemars::{JsonSchema, Schema};
use serde::{Deserialize, Serialize};
use serde_json::{Map, Value};
use std::{future::Future, path::PathBuf, pin::Pin, sync::Arc, time::Duration};
use uuid::Uuid;

pub use columns::DescribedColumn;
pub use edits::{CommitGate, EditCounts, EditRequest, ReferenceLookup, RowEdit, TableEdits, WantedRows};
pub use effect::{QueryEffect, changes_data, effect};
pub use file::{FilePreview, ReadColumn, UploadedContents, WantedColumn, WantedFileRows};
pub use imports::{ImportRequest, ImportType, NewTable};
pub use network::egress::{self, Guard};
pub use options::{destination, secrets};
pub use params::{GivenParameters, Params, Unset};
pub use queries::{CacheState, Export, FileImport, Imported, NamedColumn, Queries, QueryJob, QueryOutcome, Target};
pub use rows::{Column, ResultLimits, RowChange, Rows, Written};
pub use s3::{ObjectAddress, ObjectStorage};
pub use sql::{SqlDialect, check_statement};
pub use sqlite::{keep_temporary_files_in, seats as sqlite_seats};
pub use stream::{Sink, StreamPart, pipe};

/// The built-in datasource types, in the order of the UI.
static ALL: &[&dyn Connector] = &[
    &postgresql::PostgresConnector,
    &mysql::MysqlConnector,
    &sqlite::SqliteConnector,
    &redis::RedisConnector,
    &file::FileConnector,
    &restapi::RestApiConnector,
    &graphql::GraphQlConnector,
    &s3::S3Connector,
    &javascript::JavascriptConnector,
];

/// The type of datasource whose databases are files of the tenant.
pub const LOCAL: &str = sqlite::KIND;

/// Returns every datasource type: first the connectors in code, then the presets.
pub fn all() -> impl Iterator<Item = &'static dyn Connector> {
    ALL.iter().copied().chain(presets::all())
}

/// Returns the connector of a datasource type.
pub fn find(kind: &str) -> Option<&'static dyn Connector> {
    all().find(|connector| connector.kind() == kind)
}

pub type ResultFuture<'a, T> = Pin<Box<dyn Future<Output = Result<T>> + Send + 'a>>;

/// A datasource type: its description and schemas, and how to connect.
pub trait Connector: Sync {
    /// The `type` in the API.
    fn kind(&self) -> &'static str;
    fn about(&self) -> ConnectorInfo;
    /// The JSON schema of a datasource's `options`. `writeOnly` marks secrets; `x-harmless` marks options that may
    /// change without entering the secrets again.
    fn options_schema(&self) -> Schema;
    /// The JSON schema of a query's `options`.
    fn query_schema(&self) -> Schema;
    /// Returns the database file that the options (without secrets) name, and whether it must already exist. The path
    /// is absolute or relative to the tenant's folder. `None` for types without files.
    fn local_file(&self, _options: &Map<String, Value>) -> Option<(PathBuf, bool)> {
        None
    }
    /// Returns the dialect of the SQL that changes rows of its tables; `None` for types whose tables cannot be changed
    /// with SQL.
    fn dialect(&self) -> Option<SqlDialect> {
        None
    }
    /// Checks what the schema of a query's options cannot express.
    ///
    /// # Errors
    /// `Invalid` at `options.sql` for a placeholder that is inside quotes or not a parameter.
    fn check_query(&self, options: &Map<String, Value>) -> Result<()> {
        let statement = options.get("sql").and_then(Value::as_str).zip(self.dialect());
        statement.map_or(Ok(()), |(sql, dialect)| check_statement(sql, dialect))
    }
    /// Returns what a query with these options does with data, as far as the options tell.
    fn effect(&self, options: &Map<String, Value>) -> QueryEffect;
    /// Opens a datasource from options with their secrets. May connect lazily: `OpenDatasource::test` checks the
    /// connection.
    fn connect<'a>(
        &'a self,
        options: &'a Map<String, Value>,
        context: &'a Context,
    ) -> ResultFuture<'a, Arc<dyn OpenDatasource>>;
}

/// An open datasource, with its own connection pool.
pub trait OpenDatasource: Send + Sync {
    /// Connects and returns the server's version, if known.
    fn test(&self) -> ResultFuture<'_, Option<String>>;
    /// Returns a note about ignored options, shown after a successful test.
    fn notes(&self) -> Option<String> {
        None
    }
    /// Lists the tables with their columns; empty for types without tables.
    fn schema(&self) -> ResultFuture<'_, Vec<TableInfo>>;
    /// Runs a query with its `mode` and `slice`, which are only set if `ConnectorInfo::capabilities` lists them.
    /// Dropping the future cancels the query, also on the server.
    fn run(&self, request: QueryRequest) -> ResultFuture<'_, Rows>;
    /// Sends every row of a query to `sink`, ignoring `limits.rows`. The default suits sources that hold the whole
    /// result in memory anyway.
    fn stream(&self, request: QueryRequest, sink: Sink) -> ResultFuture<'_, ()> {
        Box::pin(async move { sink.send_all(self.run(request).await?).await })
    }
    /// Writes changes to rows of a table in one transaction. Dropping the future rolls it back, unless the commit has
    /// begun. Only for types whose `ConnectorInfo::capabilities` lists it.
    fn edit(&self, _request: EditRequest) -> ResultFuture<'_, EditCounts> {
        Box::pin(async { Err(Error::datasource("rows of this datasource cannot be edited")) })
    }
    /// Writes the rows of a file to a table in one transaction, and creates the table if it is new. Returns how many
    /// rows. If it fails or is dropped, neither the rows nor the table remain. Only for types whose
    /// `ConnectorInfo::capabilities` lists `edits`.
    fn import(&self, _request: ImportRequest) -> ResultFuture<'_, u64> {
        Box::pin(async { Err(Error::datasource("tables of this datasource cannot be created")) })
    }
}

/// The parts of the server that connectors may use.
#[derive(Clone)]
pub struct Context {
    pub files: Files,
    pub guard: Guard,
    pub sandbox: Sandbox,
    /// Counts the memory of results.
    pub budget: Account,
    /// The accounts that tenants belong to: tenants of one account share its turns.
    pub accounts: Accounts,
}

/// The folders and limits of datasources that read files.
#[derive(Clone, Default)]
pub struct Files {
    /// Contains a folder per tenant, named by its id. Tenants cannot access each other's folders.
    pub own: PathBuf,
    /// Uploaded files: a folder per tenant, in it one file per `File` record, named by its id.
    pub uploads: PathBuf,
    /// Opens their content if it is somewhere else; the tenant's folder then only has temporary files.
    pub contents: Option<Arc<dyn UploadedContents>>,
    /// The operator's folders that every tenant may read.
    pub shared: Vec<PathBuf>,
    /// Storage quotas; `None` if unlimited.
    pub quotas: Option<Arc<Quotas>>,
    /// The tenant that the folders belong to.
    pub tenant: Option<Uuid>,
    /// Limits how many queries may use SQLite files at once; `None` if unlimited.
    pub seats: Option<Arc<Turns>>,
}

impl Files {
    /// Returns the tenant's file quota, measuring the current usage on first use.
    fn space(&self) -> Option<Arc<FileSpace>> {
        Some(self.quotas.as_ref()?.files(self.tenant?))
    }
}

impl Context {
    /// Returns the context of one tenant, with its own folders and turns.
    #[must_use]
    pub fn of(&self, tenant: Uuid) -> Self {
        let name = tenant.to_string();
        let files = Files {
            own: self.files.own.join(&name),
            uploads: self.files.uploads.join(&name),
            contents: self.files.contents.clone(),
            shared: self.files.shared.clone(),
            quotas: self.files.quotas.clone(),
            tenant: Some(tenant),
            seats: self.files.seats.clone(),
        };
        let (guard, sandbox, accounts) = (self.guard.clone(), self.sandbox.owned_by(tenant), self.accounts.clone());
        Self { files, guard, sandbox, budget: self.budget.of(MemoryOwner::Tenant(tenant)), accounts }
    }
}

/// One execution of a query.
#[derive(Clone, Debug)]
pub struct QueryRequest {
    /// The query's options, valid for the connector's `query_schema`.
    pub options: Arc<Map<String, Value>>,
    pub params: Params,
    pub mode: Mode,
    /// The requested page of rows; `None` for all rows up to the limits.
    pub slice: Option<Slice>,
    pub limits: ResultLimits,
    /// The query's timeout, which the caller enforces.
    pub timeout: Duration,
    /// Whether the query runs only to show data: a source that can have the database refuse changes does.
    pub must_read: bool,
}

impl QueryRequest {
    /// Creates a request of the server itself, with nothing from a user.
    fn own(bytes: usize, timeout: Duration, budget: &Account) -> Self {
        let hold = budget.hold();
        Self {
            options: Arc::default(),
            params: Params::default(),
            mode: Mode::Run,
            slice: None,
            limits: ResultLimits { rows: usize::MAX, bytes, hold },
            timeout,
            must_read: false,
        }
    }
}

/// How to run a query.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
#[serde(rename_all = "lowercase")]
#[schemars(rename = "QueryMode")]
pub enum Mode {
    #[default]
    Run,
    /// Run it in a transaction that is rolled back; the result contains the number of rows that would change.
    Preview,
    /// Return the database's execution plan without running the query.
    Explain,
}

impl Mode {
    /// Returns the value used in the API and in the query history.
    pub fn name(self) -> &'static str {
        match self {
            Self::Run => "run",
            Self::Preview => "preview",
            Self::Explain => "explain",
        }
    }
}

/// One page of a query's rows.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
#[schemars(rename = "QuerySlice")]
pub struct Slice {
    /// Number of rows to skip.
    #[serde(default)]
    pub offset: u64,
    /// Maximum number of rows to return; `truncated` is true if there are more.
    #[schemars(range(min = 1, max = 100_000))]
    pub limit: u32,
}

/// Describes a datasource type.
#[derive(Clone, Debug, Serialize, JsonSchema)]
#[serde(rename_all = "camelCase")]
#[schemars(rename = "DatasourceAbout")]
pub struct ConnectorInfo {
    pub name: &'static str,
    pub category: &'static str,
    pub description: &'static str,
    pub capabilities: Capabilities,
}

#[derive(Clone, Copy, Debug, Default, Serialize, JsonSchema)]
#[serde(rename_all = "camelCase")]
#[schemars(rename = "DatasourceCapabilities")]
#[allow(clippy::struct_excessive_bools)] // a list of independent flags
pub struct Capabilities {
    /// Queries are written in SQL.
    pub sql: bool,
    /// Can list its tables.
    pub schema: bool,
    /// Can be opened read-only.
    pub read_only: bool,
    /// Can explain a query without running it.
    pub explain: bool,
    /// Can run a query and roll back its changes.
    pub preview: bool,
    /// Can return a single page of a query's rows.
    pub slices: bool,
    /// Can change rows of its tables in one transaction.
    pub edits: bool,
    /// Can preview its content before the datasource is saved: `POST …/datasources/preview`.
    pub looks: bool,
}

/// The result of a connection test.
#[derive(Clone, Debug, Serialize, JsonSchema)]
#[serde(rename_all = "camelCase")]
pub struct TestReport {
    pub ok: bool,
    pub latency_ms: u64,
    pub server_version: Option<String>,
    /// The reason for the failure, without secrets.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub error: Option<String>,
    /// A suggestion for what to check.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub hint: Option<String>,
}

/// A table, a view or a similar relation.
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

#[derive(Clone, Debug, Default, PartialEq, Serialize, JsonSchema)]
#[serde(rename_all = "camelCase")]
pub struct ColumnInfo {
    pub name: String,
    pub r#type: String,
    pub nullable: bool,
    pub primary_key: bool,
    /// The column that this column references as a foreign key.
    pub references: Option<Reference>,
    pub default: Option<String>,
    pub comment: Option<String>,
    /// Whether a unique index other than that of the primary key covers only this column.
    #[serde(skip_serializing_if = "std::ops::Not::not")]
    #[schemars(default)]
    pub unique: bool,
    /// What the database sets the column to whenever its row changes, such as `current_timestamp()`.
    #[serde(skip)]
    pub on_update: Option<String>,
    /// How the database generates the column's values; absent if they are written.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub generated: Option<Generation>,
    /// The allowed values of an enum, or of a check constraint such as `status in ('new', 'done')`.
    #[serde(skip_serializing_if = "Vec::is_empty")]
    #[schemars(default)]
    pub values: Vec<String>,
}

/// How a database generates the values of a column.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, JsonSchema)]
#[serde(rename_all = "lowercase")]
#[schemars(rename = "ColumnGeneration")]
pub enum Generation {
    /// A new number for each new row.
    Identity,
    /// From other columns.
    Computed,
}

/// The target column of a foreign key.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, JsonSchema)]
pub struct Reference {
    pub schema: Option<String>,
    pub table: String,
    pub column: String,
    /// Whether the foreign key has other columns, too.
    #[serde(skip_serializing_if = "std::ops::Not::not")]
    #[schemars(default)]
    pub composite: bool,
}
