//! Reads the identity of each part of a data directory.
use super::look::{self, Access};
use crate::{
    Error, Result,
    data_dir::{MarkState, MarkedFolder, Paths},
    model::{File, Resource},
    store::{
        database::{column, errors},
        migrations,
        sql::{self, Connection, OptionalExtension, Sql, SqlResult},
    },
};
use std::{io, path::Path};
use uuid::Uuid;

const WORKSPACE_ROW: Sql<'_> =
    Sql::composed("select instance, epoch, settled, signing_check, secret_check from directory where only = 1");

/// What a database stores about the directory that it belongs to.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct DirectoryRow {
    pub instance: String,
    pub epoch: u64,
    /// The epoch that every part has reached. 0 before the first one, and always in `runs.db`.
    pub settled: u64,
    pub signing_check: Option<String>,
    pub secret_check: Option<String>,
}

/// The state of a database file.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum FileState {
    Missing,
    /// An empty file, or a database without tables.
    Empty,
    Held {
        schema: usize,
        /// `None` in a database of an earlier version.
        row: Option<DirectoryRow>,
    },
}

impl FileState {
    /// Returns the schema version; 0 for a missing or empty database.
    pub fn schema(&self) -> usize {
        match self {
            Self::Held { schema, .. } => *schema,
            _ => 0,
        }
    }

    pub fn row(&self) -> Option<&DirectoryRow> {
        match self {
            Self::Held { row, .. } => row.as_ref(),
            _ => None,
        }
    }

    pub fn is_held(&self) -> bool {
        matches!(self, Self::Held { .. })
    }

    /// Returns `missing` or `empty`.
    pub fn absence(&self) -> &'static str {
        if *self == Self::Missing { "missing" } else { "empty" }
    }
}

/// Every part of a data directory.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct DirectoryParts {
    pub workspace: FileState,
    pub runs: FileState,
    pub marks: [(MarkedFolder, MarkState); 3],
    /// The number of uploaded files in the workspace if the content of all of them is missing, else 0.
    pub lost_uploads: u64,
    /// Whether `uploads/` has content.
    pub has_uploads: bool,
}

impl DirectoryParts {
    pub(in crate::store) fn read(paths: &Paths, access: Access) -> Result<Self> {
        // in reverse of the order in which a running server writes them, so that concurrent writes cause no false
        // problems
        let marks = [MarkedFolder::Keys, MarkedFolder::Uploads, MarkedFolder::Files];
        let [keys, uploads, files] = marks.map(|part| Ok::<_, Error>((part, paths.mark(part)?)));
        let marks = [keys?, uploads?, files?];
        let (newest, newest_runs) = migrations::newest();
        let (runs, _) = database(&paths.runs_db(), access, newest_runs, "query_runs", |db, has_row| {
            Ok((if has_row { runs_row(db)? } else { None }, ()))
        })?;
        let uploads = paths.uploads();
        let (workspace, lost) = database(&paths.workspace_db(), access, newest, "tenants", |db, has_row| {
            let row = if has_row { db.prepare(WORKSPACE_ROW)?.query_row((), workspace_row).optional()? } else { None };
            Ok((row, lost_uploads(db, &uploads)?))
        })?;
        let has_uploads = has_content(&uploads);
        Ok(Self { workspace, runs, marks, lost_uploads: lost.unwrap_or(0), has_uploads })
    }

    /// Returns whether opening the databases migrates one of them.
    pub fn is_old(&self) -> bool {
        let (newest, newest_runs) = migrations::newest();
        let old = |state: &FileState, newest| state.is_held() && state.schema() < newest;
        old(&self.workspace, newest) || old(&self.runs, newest_runs)
    }
}

pub(super) fn workspace_row(row: &sql::Row<'_>) -> SqlResult<DirectoryRow> {
    Ok(DirectoryRow {
        instance: row.get(0)?,
        epoch: row.get(1)?,
        settled: row.get(2)?,
        signing_check: row.get(3)?,
        secret_check: row.get(4)?,
    })
}

fn runs_row(db: Connection<'_>) -> SqlResult<Option<DirectoryRow>> {
    let sql = Sql::composed("select instance, epoch from directory where only = 1");
    let row = db.prepare(sql)?.query_row((), |row| {
        let (instance, epoch) = (row.get(0)?, row.get(1)?);
        Ok(DirectoryRow { instance, epoch, settled: 0, signing_check: None, secret_check: None })
    });
    row.optional()
}

/// Examines a database file. `table` is a table that only this kind of database has. `read` is told whether it has a
/// `directory` table.
fn database<T>(
    path: &Path,
    access: Access,
    newest: usize,
    table: &str,
    read: impl FnOnce(Connection<'_>, bool) -> SqlResult<(Option<DirectoryRow>, T)>,
) -> Result<(FileState, Option<T>)> {
    match path.metadata() {
        Err(error) if error.kind() == io::ErrorKind::NotFound => return Ok((FileState::Missing, None)),
        Err(error) => return Err(crate::data_dir::explain(path, "cannot be read", &error)),
        // SQLite also treats an empty file as a new database
        Ok(about) if about.is_file() && about.len() == 0 => return Ok((FileState::Empty, None)),
        Ok(about) if about.is_dir() => return Err(errors::explain(path, &rusqlite::Error::InvalidQuery)),
        Ok(_) => {}
    }
    let explained = |error: rusqlite::Error| errors::explain(path, &error);
    let db = look::open(path, access)?;
    let has = |sql: &str, name: &str| db.prepare(sql)?.exists([name]);
    if migrations::number(&db, path)? == 0 {
        let sql = "select 1 from sqlite_schema where name <> ?1";
        if has(sql, "").map_err(explained)? {
            return Err(Error::conflict(format!(
                "{} is a database of another program, or it lost its schema version: restore a backup with `jet-admin \
                 restore`",
                path.display()
            )));
        }
        return Ok((FileState::Empty, None));
    }
    // before the version: of a database in the wrong place it would say something else
    let sql = "select 1 from sqlite_schema where type = 'table' and name = ?1";
    if !has(sql, table).map_err(explained)? {
        return Err(Error::conflict(format!(
            "{} does not have the expected tables: if it was swapped with another database, put the right one back",
            path.display()
        )));
    }
    let schema = migrations::version(&db, newest, path)?;
    let has_row = has(sql, "directory").map_err(explained)?;
    let (row, more) = read(Connection::of(&db), has_row).map_err(|error| errors::explain_statement(path, &error))?;
    Ok((FileState::Held { schema, row }, Some(more)))
}

/// Returns the number of uploaded files if all of them are missing, else 0.
fn lost_uploads(db: Connection<'_>, uploads: &Path) -> SqlResult<u64> {
    let mut query = db.prepare(Sql::composed("select tenant_id, id from objects where kind = ?1"))?;
    let mut rows = query.query([File::KIND.name()])?;
    let mut lost = 0;
    while let Some(row) = rows.next()? {
        let (tenant, id) = (column::id(&row, 0)?, column::id(&row, 1)?);
        if uploads.join(tenant.to_string()).join(id.to_string()).exists() {
            return Ok(0);
        }
        lost += 1;
    }
    Ok(lost)
}

/// Returns whether the folder of any tenant has content.
fn has_content(uploads: &Path) -> bool {
    let folders = std::fs::read_dir(uploads).into_iter().flatten().flatten();
    folders
        .filter(|folder| folder.file_name().to_str().is_some_and(|name| Uuid::try_parse(name).is_ok()))
        .any(|folder| std::fs::read_dir(folder.path()).is_ok_and(|mut entries| entries.next().is_some()))
}
