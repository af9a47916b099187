//! Writes the rows of an uploaded file to a table of a datasource, with turns and a timeout.
use super::{Queries, Target, scrub, within};
use crate::{
    Error, Result,
    connect::{
        CommitGate, Connector, ImportRequest, NewTable, OpenDatasource, WantedColumn, WantedFileRows,
        file::{self, ReadColumn},
        find,
        imports::{ImportColumn, TableImport},
        options,
    },
};
use serde_json::{Map, Value};
use std::time::{Duration, Instant};
use uuid::Uuid;

/// Timeout of an import.
const IMPORT: Duration = Duration::from_hours(1);
/// How long a commit may take after the timeout.
const COMMIT: Duration = Duration::from_mins(1);

/// A file, and the table that its rows are written to.
#[derive(Clone, Debug)]
pub struct FileImport {
    /// The options of a datasource of the type `file`, with the file.
    pub options: Map<String, Value>,
    /// The table of the file; `None` for the first.
    pub source: Option<String>,
    /// `None` for all columns, under their own names.
    pub columns: Option<Vec<NamedColumn>>,
    pub schema: Option<String>,
    pub table: String,
    /// `None` to append the rows to an existing table.
    pub new: Option<NewTable>,
}

/// A column of the file, and what it is called in the table.
#[derive(Clone, Debug)]
pub struct NamedColumn {
    pub wanted: WantedColumn,
    /// `None` for the name in the file.
    pub name: Option<String>,
    pub nullable: bool,
    pub decimals: Option<u8>,
}

/// What was written.
#[derive(Clone, Debug)]
pub struct Imported {
    pub table: String,
    pub rows: u64,
    pub duration: Duration,
}

impl Queries {
    /// Writes the rows of a file to a table in one transaction, and creates the table if it is new. If it fails or
    /// `cancelled` ends first, neither the rows nor the table remain.
    ///
    /// # Errors
    /// `Invalid` for names, columns and types that do not fit the file or the database; `Datasource` for a value that
    /// does not fit, naming its row and column.
    pub async fn import(
        &self,
        tenant: Uuid,
        target: &Target,
        import: FileImport,
        cancelled: impl Future<Output = ()> + Send,
    ) -> Result<Imported> {
        let connector = find(&target.kind).ok_or_else(|| options::unknown(&target.kind))?;
        let (true, Some(_)) = (connector.about().capabilities.edits, connector.dialect()) else {
            let name = connector.about().name;
            let why = format!("{name} has no tables that rows can be written to: choose PostgreSQL, MySQL or SQLite");
            return Err(Error::invalid("datasourceID", why));
        };
        let _turn = self.turn(tenant).await?;
        let source = self.source(tenant, target).await?;
        let gate = CommitGate::default();
        let mut work = Box::pin(self.fill(tenant, connector, &*source, import, gate.clone()));
        let done = tokio::select! {
            done = within(IMPORT, "the import", &mut work) => done,
            () = cancelled => Err(Error::Timeout("the import was cancelled: nothing was written".to_owned())),
        };
        let done = match done {
            // the commit has begun: only its outcome tells what was written
            Err(Error::Timeout(_)) if !gate.close() => within(COMMIT, "the commit", &mut work).await,
            done => done,
        };
        drop(work);
        self.0.answers.renew(target.id);
        self.0.tables.invalidate(&(tenant, target.id, target.version)).await;
        done.map_err(|error| scrub(error, &target.kind, &target.options))
    }

    /// Removes a database of the tenant that is no datasource.
    pub async fn remove_database(&self, tenant: Uuid, target: &Target) {
        let files = self.0.context.of(tenant).files;
        let Some((path, _)) = find(&target.kind).and_then(|connector| connector.local_file(&target.options)) else {
            return;
        };
        let remove = move || {
            for ending in ["", "-journal", "-wal", "-shm"] {
                let mut name = path.as_os_str().to_owned();
                name.push(ending);
                // most of them do not exist
                let _ = std::fs::remove_file(files.own.join(name));
            }
            if let Some(space) = files.space() {
                space.recount();
            }
        };
        let _ = tokio::task::spawn_blocking(remove).await;
    }

    async fn fill(
        &self,
        tenant: Uuid,
        connector: &dyn Connector,
        source: &dyn OpenDatasource,
        import: FileImport,
        gate: CommitGate,
    ) -> Result<Imported> {
        let started = Instant::now();
        options::check("file", &import.options)?;
        let tenants = self.0.context.of(tenant);
        let id = import.options.get("fileID").and_then(Value::as_str).and_then(|id| Uuid::parse_str(id).ok());
        let content = file::open(&tenants.files, id.unwrap_or_default()).await?;
        let wanted = import.columns.as_ref().map(|columns| columns.iter().map(|one| one.wanted.clone()).collect());
        let wanted = WantedFileRows { table: import.source.clone(), columns: wanted };
        let found = file::rows(content, &import.options, wanted, &tenants.budget).await?;
        let mut table = TableImport {
            columns: columns(found.columns, &import),
            schema: import.schema,
            table: import.table,
            new: import.new,
        };
        if let Some(dialect) = connector.dialect() {
            table.complete(dialect, &source.schema().await?)?;
        }
        let name = table.table.clone();
        let request = ImportRequest { import: table, rows: found.rows, gate, hold: self.hold(tenant) };
        let rows = source.import(request).await?;
        // until here: dropping it stops the reading
        drop(found.reading);
        Ok(Imported { table: name, rows, duration: started.elapsed() })
    }
}

fn columns(read: Vec<ReadColumn>, import: &FileImport) -> Vec<ImportColumn> {
    let key = import.new.iter().flat_map(|new| &new.key).collect::<Vec<_>>();
    let column = |(at, read): (usize, ReadColumn)| {
        let named = import.columns.as_ref().and_then(|columns| columns.get(at));
        let name = named.and_then(|named| named.name.clone()).unwrap_or(read.name);
        ImportColumn {
            // without settings, only the columns of the key must have values
            nullable: named.map_or_else(|| !key.contains(&&name), |named| named.nullable),
            kind: read.kind,
            decimals: named.and_then(|named| named.decimals),
            declared: String::new(),
            name,
        }
    };
    read.into_iter().enumerate().map(column).collect()
}
