//! `file`: an uploaded CSV, Excel or JSON file, queried with SQL.
mod contents;
mod formats;
mod inspect;
mod load;
mod options;
mod preview;
mod rows;
mod survey;
mod table;
mod values;

use super::{
    Capabilities, Connector, ConnectorInfo, Context, Files, OpenDatasource, QueryEffect, QueryRequest, ResultFuture,
    Rows, Sink, TableInfo,
    options::schema_of,
    sql::{self, SqlDialect, Statement, check_statement},
    sqlite,
};
use crate::{
    Error, Result,
    budget::{Account, Hold},
    error::DatasourceProblem,
    model::parse,
    turns::{Accounts, Turns},
};
use load::{Comments, SIZE, Tables};
use options::FileOptions;
use schemars::Schema;
use serde_json::{Map, Value};
use std::{
    collections::HashMap,
    fs::File,
    io,
    path::{Path, PathBuf},
    sync::{
        Arc, LazyLock, PoisonError,
        atomic::{AtomicBool, Ordering},
    },
    time::{Duration, SystemTime},
};
use tempfile::TempPath;
use tokio::sync::Mutex;

/// Limits how many files load at once, in total and per tenant: each takes a processor, and memory.
static LOADS: LazyLock<Arc<Turns>> = LazyLock::new(|| Turns::new(3, 1, 200, Accounts::default()));
/// When to retry if too many files wait to load.
const BUSY: Duration = Duration::from_secs(5);
/// The disk space for all loaded files, and for those of one tenant, in bytes.
const ROOM: u64 = 8 * SIZE;
const SHARE: u64 = ROOM / 2;
/// The disk space in use, by the tenant's folder.
static TAKEN: LazyLock<std::sync::Mutex<HashMap<PathBuf, u64>>> = LazyLock::new(std::sync::Mutex::default);

pub use contents::UploadedContents;
pub(super) use contents::{open, open_at};
pub use preview::FilePreview;
pub(super) use rows::rows;
pub use rows::{ReadColumn, WantedColumn, WantedFileRows};

pub(super) struct FileConnector;

impl Connector for FileConnector {
    fn kind(&self) -> &'static str {
        "file"
    }

    fn about(&self) -> ConnectorInfo {
        ConnectorInfo {
            name: "File",
            category: "file",
            description: "An uploaded CSV, Excel or JSON file.",
            capabilities: Capabilities {
                sql: true,
                schema: true,
                explain: true,
                slices: true,
                looks: true,
                ..Capabilities::default()
            },
        }
    }

    fn options_schema(&self) -> Schema {
        schema_of::<FileOptions>()
    }

    fn query_schema(&self) -> Schema {
        schema_of::<Statement>()
    }

    fn check_query(&self, options: &Map<String, Value>) -> Result<()> {
        options.get("sql").and_then(Value::as_str).map_or(Ok(()), |sql| check_statement(sql, SqlDialect::Sqlite))
    }

    fn effect(&self, options: &Map<String, Value>) -> QueryEffect {
        sql::effect(options, SqlDialect::Sqlite)
    }

    fn connect<'a>(
        &'a self,
        options: &'a Map<String, Value>,
        context: &'a Context,
    ) -> ResultFuture<'a, Arc<dyn OpenDatasource>> {
        Box::pin(async move {
            let options: FileOptions = parse::from_value(Value::Object(options.clone()), "options")?;
            let folder = context.files.uploads.clone();
            let (account, files) = (context.budget.clone(), context.files.clone());
            let loaded = Mutex::default();
            Ok(Arc::new(Upload { options, account, folder, files, loaded }) as Arc<dyn OpenDatasource>)
        })
    }
}

/// A file that is loaded on first use, and again when its content has changed.
struct Upload {
    options: FileOptions,
    /// The tenant's account, for the memory that loading takes.
    account: Account,
    folder: PathBuf,
    /// The tenant, where its files are, and its quota on disk.
    files: Files,
    /// Locked while loading, so that other callers wait for the same result.
    loaded: Mutex<Option<Arc<Loaded>>>,
}

/// The content of a file as a database, which is deleted when it is no longer used.
struct Loaded {
    stamp: Stamp,
    summary: String,
    comments: Comments,
    source: Arc<dyn OpenDatasource>,
    _database: TempPath,
    _room: Room,
}

/// Tells whether the content has changed.
#[derive(Clone, Copy, PartialEq, Eq)]
struct Stamp {
    size: u64,
    changed: Option<SystemTime>,
    inode: u64,
}

impl Stamp {
    fn of(file: &File) -> io::Result<Self> {
        let about = file.metadata()?;
        #[cfg(unix)]
        let inode = std::os::unix::fs::MetadataExt::ino(&about);
        #[cfg(not(unix))]
        let inode = 0;
        Ok(Self { size: about.len(), changed: about.modified().ok(), inode })
    }
}

/// A reservation in `TAKEN`.
struct Room {
    folder: PathBuf,
    bytes: u64,
}

impl Drop for Room {
    fn drop(&mut self) {
        let mut taken = TAKEN.lock().unwrap_or_else(PoisonError::into_inner);
        let left = taken.get(&self.folder).map_or(0, |bytes| bytes.saturating_sub(self.bytes));
        if left == 0 {
            taken.remove(&self.folder);
        } else {
            taken.insert(std::mem::take(&mut self.folder), left);
        }
    }
}

impl Room {
    fn take(folder: &Path, bytes: u64) -> Result<Self> {
        let mut taken = TAKEN.lock().unwrap_or_else(PoisonError::into_inner);
        let (all, own): (u64, u64) = (taken.values().sum(), taken.get(folder).copied().unwrap_or_default());
        if all + bytes > ROOM || own + bytes > SHARE {
            return Err(Error::Unavailable("too many files are in use: try again in a few minutes"));
        }
        taken.insert(folder.to_path_buf(), own + bytes);
        Ok(Self { folder: folder.to_path_buf(), bytes })
    }
}

impl Upload {
    async fn loaded(&self) -> Result<Arc<Loaded>> {
        let mut kept = self.loaded.lock().await;
        let file = open(&self.files, self.options.file_id).await?;
        let stamp = Stamp::of(&file)?;
        if let Some(loaded) = kept.as_ref().filter(|loaded| loaded.stamp == stamp) {
            return Ok(Arc::clone(loaded));
        }
        *kept = None;
        // the tables are written to the same disk
        self.files.quotas.as_ref().map_or(Ok(()), |quotas| quotas.disk.check())?;
        let folder = self.folder.clone();
        let tables = read(&self.account, self.options.clone(), move |options, stop, hold| {
            load::load(&file, options, &folder, stop, hold)
        });
        let Tables { database, size, summary, comments } = tables.await?;
        let source = sqlite::reading(&database, &self.files);
        let room = Room::take(&self.folder, size)?;
        let loaded = Arc::new(Loaded { stamp, summary, comments, source, _room: room, _database: database });
        *kept = Some(Arc::clone(&loaded));
        Ok(loaded)
    }
}

/// Marks the datasource as unreachable: the statement that asks for the rows is not at fault.
fn unreadable(error: Error) -> Error {
    match error {
        Error::Datasource(problem) => Error::Datasource(Box::new(DatasourceProblem { unreachable: true, ..*problem })),
        other => other,
    }
}

/// Reads a file, one at a time per tenant, until the caller goes away.
async fn read<T: Send + 'static>(
    account: &Account,
    options: FileOptions,
    work: impl FnOnce(&FileOptions, &AtomicBool, &Hold) -> Result<T> + Send + 'static,
) -> Result<T> {
    let _turn = LOADS.take(account.id()).await.ok_or(Error::RateLimited { retry_after: BUSY })?;
    let hold = account.hold();
    let stop = Stop::default();
    let stopped = Arc::clone(&stop.0);
    let reading = tokio::task::spawn_blocking(move || work(&options, &stopped, &hold));
    reading.await.map_err(|_| Error::datasource("the file is malformed: it cannot be read"))?
}

/// Previews a file as a datasource with these options would read it. Nothing is stored.
///
/// # Errors
/// `Invalid` if the options are not valid.
pub async fn preview(file: File, options: &Map<String, Value>, account: &Account) -> Result<FilePreview> {
    let options: FileOptions = parse::from_value(Value::Object(options.clone()), "options")?;
    read(account, options, move |options, stop, hold| inspect::inspect(&file, options, stop, hold)).await
}

/// Stops the loading when the caller goes away.
#[derive(Default)]
pub(super) struct Stop(Arc<AtomicBool>);

impl Drop for Stop {
    fn drop(&mut self) {
        self.0.store(true, Ordering::Relaxed);
    }
}

impl OpenDatasource for Upload {
    fn test(&self) -> ResultFuture<'_, Option<String>> {
        Box::pin(async move { Ok(Some(self.loaded().await?.summary.clone())) })
    }

    fn schema(&self) -> ResultFuture<'_, Vec<TableInfo>> {
        Box::pin(async move {
            let loaded = self.loaded().await?;
            let mut tables = loaded.source.schema().await?;
            loaded.comments.write(&mut tables);
            Ok(tables)
        })
    }

    fn run(&self, request: QueryRequest) -> ResultFuture<'_, Rows> {
        Box::pin(async move { self.loaded().await.map_err(unreadable)?.source.run(request).await })
    }

    fn stream(&self, request: QueryRequest, sink: Sink) -> ResultFuture<'_, ()> {
        Box::pin(async move { self.loaded().await.map_err(unreadable)?.source.stream(request, sink).await })
    }
}
