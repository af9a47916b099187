//! `sqlite`: database files in the data directory's `files` folder or in shared folders, read-only by default.
mod build;
mod catalog;
mod edits;
mod functions;
mod imports;
mod limits;
mod open;
mod run;
mod stamp;
mod threads;

use super::{
    Capabilities, Connector, ConnectorInfo, Context, EditCounts, EditRequest, Files, ImportRequest, OpenDatasource,
    QueryEffect, QueryRequest, ResultFuture, Rows, Sink, TableInfo,
    options::schema_of,
    rows::Column,
    sql::{self, BoundSql, SqlDialect, Statement, Statements},
};
use crate::{Error, Result, error::DatasourceProblem, model::parse};
use rusqlite::{Connection, ErrorCode};
use schemars::{JsonSchema, Schema};
use serde::Deserialize;
use serde_json::{Map, Value};
use std::{
    collections::HashMap,
    path::{Component, Path, PathBuf},
    sync::Arc,
};

pub use threads::seats;

use limits::watch::StatementWatch;
use stamp::Stamp;
use threads::SqliteThreads;

pub(super) use build::{Builder, Scalar};

/// The maximum size of a text, a blob or a row, in bytes. For statements with many values, it is lower ([`room`]).
const LENGTH: usize = 8 << 20;
/// The maximum memory of SQLite in the whole process, including our own databases, in bytes. It is the last resort if
/// the other limits fail.
const HEAP: u64 = 2 << 30;

pub(super) const KIND: &str = "sqlite";

pub(super) struct SqliteConnector;

/// A database file
#[derive(Deserialize, JsonSchema)]
#[serde(rename_all = "camelCase", deny_unknown_fields)]
struct Options {
    /// The file's path within the tenant's folder, or its absolute path within a folder that the person who
    /// runs this server has shared.
    #[schemars(title = "File", length(min = 1, max = 500))]
    path: String,
    /// Refuses all changes. Turn off to allow writing; a missing file is then created.
    #[schemars(title = "Read-only")]
    #[serde(default = "yes")]
    read_only: bool,
}

fn yes() -> bool {
    true
}

impl Connector for SqliteConnector {
    fn kind(&self) -> &'static str {
        KIND
    }

    fn dialect(&self) -> Option<SqlDialect> {
        Some(SqlDialect::Sqlite)
    }

    fn about(&self) -> ConnectorInfo {
        ConnectorInfo {
            name: "SQLite",
            category: "database",
            description: "A database file on the server.",
            capabilities: Capabilities {
                sql: true,
                schema: true,
                read_only: true,
                explain: true,
                preview: true,
                slices: true,
                edits: true,
                ..Capabilities::default()
            },
        }
    }

    fn options_schema(&self) -> Schema {
        schema_of::<Options>()
    }

    fn query_schema(&self) -> Schema {
        schema_of::<Statement>()
    }

    fn effect(&self, options: &Map<String, Value>) -> QueryEffect {
        sql::effect(options, SqlDialect::Sqlite)
    }

    fn local_file(&self, options: &Map<String, Value>) -> Option<(PathBuf, bool)> {
        let options: Options = parse::from_value(Value::Object(options.clone()), "options").ok()?;
        Some((plain(&options.path).ok()?, options.read_only))
    }

    fn connect<'a>(
        &'a self,
        options: &'a Map<String, Value>,
        context: &'a Context,
    ) -> ResultFuture<'a, Arc<dyn OpenDatasource>> {
        Box::pin(async move {
            let options: Options = parse::from_value(Value::Object(options.clone()), "options")?;
            let database =
                Database { files: context.files.clone(), path: plain(&options.path)?, read_only: options.read_only };
            Ok(Arc::new(File::new(database)) as Arc<dyn OpenDatasource>)
        })
    }
}

/// Opens a finished database for reading. `files` belongs to its tenant.
pub(super) fn reading(path: &Path, files: &Files) -> Arc<dyn OpenDatasource> {
    let own = path.parent().map(Path::to_path_buf).unwrap_or_default();
    let database = Database {
        files: Files { own, ..files.clone() },
        path: path.file_name().map(PathBuf::from).unwrap_or_default(),
        read_only: true,
    };
    Arc::new(File::new(database))
}

/// Sets the folder for SQLite's temporary files and its maximum memory, for the whole process. The folder is emptied
/// first. It should be on the disk whose free space is monitored.
///
/// # Errors
/// If the folder cannot be created.
pub fn keep_temporary_files_in(folder: &Path) -> Result<()> {
    let _ = std::fs::remove_dir_all(folder);
    std::fs::create_dir_all(folder)?;
    let connection = Connection::open_in_memory().map_err(Error::internal)?;
    let path = folder.to_string_lossy();
    connection.pragma_update(None, "temp_store_directory", path).map_err(Error::internal)?;
    let set = format!("pragma hard_heap_limit = {HEAP}");
    connection.query_row(&set, [], |_| Ok(())).map_err(Error::internal)
}

/// Checks that a path contains only plain names and no `..`. Whether an absolute path is allowed is checked when the
/// file is opened.
fn plain(path: &str) -> Result<PathBuf> {
    let path = Path::new(path);
    let plain = path.components().all(|part| matches!(part, Component::Normal(_) | Component::RootDir));
    if plain && path.file_name().is_some() && !path.to_string_lossy().contains('\0') {
        return Ok(path.to_path_buf());
    }
    Err(Error::invalid("options.path", "must be the path of a file, without `.` and `..`"))
}

struct File {
    threads: Arc<SqliteThreads>,
    read_only: bool,
    statements: Statements,
}

/// A connection.
struct Open {
    connection: Connection,
    /// The columns of its statements when they last ran.
    columns: HashMap<String, Arc<[Column]>>,
    /// The maximum length of values in its statements.
    rooms: limits::room::CachedLimits,
    /// The disk limits of its statements.
    watch: Arc<StatementWatch>,
    /// The file that was opened; `None` if opening created it.
    stamp: Option<Stamp>,
}

/// A database file and how to open it.
struct Database {
    files: Files,
    path: PathBuf,
    read_only: bool,
}

impl OpenDatasource for File {
    fn test(&self) -> ResultFuture<'_, Option<String>> {
        Box::pin(async {
            // a test must not create the file
            if !self.threads.is_to_come()? {
                let look = |open: &mut Open| {
                    let looked = open.connection.query_row("select count(*) from sqlite_schema", [], |_| Ok(()));
                    looked.map_err(|error| to_error(&error, None))
                };
                self.threads.work(look).await?;
            }
            Ok(Some(rusqlite::version().to_owned()))
        })
    }

    fn schema(&self) -> ResultFuture<'_, Vec<TableInfo>> {
        Box::pin(async {
            if self.threads.is_to_come()? {
                return Ok(Vec::new());
            }
            let tables = |open: &mut Open| catalog::tables(&open.connection).map_err(|error| to_error(&error, None));
            self.threads.work(tables).await
        })
    }

    fn run(&self, request: QueryRequest) -> ResultFuture<'_, Rows> {
        Box::pin(async move {
            let statement = self.statements.compile(&request)?;
            let run = move |open: &mut Open| {
                let rows = run::run(open, &statement, &request)?;
                Ok(statement.describe(rows, SqlDialect::Sqlite))
            };
            self.threads.work(run).await
        })
    }

    fn stream(&self, request: QueryRequest, sink: Sink) -> ResultFuture<'_, ()> {
        Box::pin(async move {
            let statement = self.statements.compile(&request)?;
            self.threads.work(move |open| run::stream(open, &statement, &request, &sink)).await
        })
    }

    fn edit(&self, request: EditRequest) -> ResultFuture<'_, EditCounts> {
        Box::pin(async move {
            if self.read_only {
                return Err(Error::datasource("this datasource is read-only: allow writing in its settings"));
            }
            if self.threads.is_to_come()? {
                return Err(Error::datasource("the file does not exist yet: create it with a query"));
            }
            self.threads.work(move |open| edits::edit(open, &request)).await
        })
    }

    fn import(&self, request: ImportRequest) -> ResultFuture<'_, u64> {
        Box::pin(async move {
            if self.read_only {
                return Err(Error::datasource("this datasource is read-only: allow writing in its settings"));
            }
            self.threads.work(move |open| imports::import(open, request)).await
        })
    }
}

impl File {
    fn new(database: Database) -> Self {
        let read_only = database.read_only;
        Self { threads: SqliteThreads::of(database), read_only, statements: Statements::new(SqlDialect::Sqlite) }
    }
}

/// Converts an error of SQLite, without paths of the server.
fn to_error(error: &rusqlite::Error, statement: Option<&BoundSql>) -> Error {
    let code = error.sqlite_error_code();
    let (message, offset) = match error {
        rusqlite::Error::SqlInputError { msg, offset, .. } => (msg.clone(), u32::try_from(*offset).ok()),
        rusqlite::Error::SqliteFailure(_, Some(message)) => (message.clone(), None),
        rusqlite::Error::MultipleStatement => ("only one statement can be run at a time".to_owned(), None),
        rusqlite::Error::InvalidParameterCount(..) => {
            ("write values as `{{ params.name }}`, not as placeholders".to_owned(), None)
        }
        other => (other.to_string(), None),
    };
    let message = match code {
        Some(ErrorCode::TooBig) => format!(
            "{message}: the limit for a value or a row is {} MiB, and lower in statements with many values: \
             select fewer or shorter columns",
            LENGTH >> 20
        ),
        Some(ErrorCode::ConstraintViolation) if message == "FOREIGN KEY constraint failed" => {
            format!("{message}: other rows refer to the row, or it would refer to a row that does not exist")
        }
        Some(ErrorCode::CannotOpen) => "the file cannot be opened".to_owned(),
        Some(ErrorCode::AuthorizationForStatementDenied) => {
            format!(
                "{message}: transactions, attached files, temporary tables, settings and functions about earlier \
                 statements are not allowed"
            )
        }
        _ => message,
    };
    let position = offset.zip(statement).map(|(offset, statement)| {
        let before = statement.text.get(..offset as usize).unwrap_or_default();
        statement.origin(u32::try_from(before.chars().count()).unwrap_or(u32::MAX - 1) + 1)
    });
    Error::Datasource(Box::new(DatasourceProblem {
        message,
        code: error.sqlite_error().map(|error| error.extended_code.to_string()),
        position,
        hint: None,
        transient: matches!(code, Some(ErrorCode::DatabaseBusy | ErrorCode::DatabaseLocked)),
        retry_after: None,
        unreachable: false,
    }))
}
