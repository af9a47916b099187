//! Moves all data from the files of a data directory to a PostgreSQL database, or back. The source is only read. The copy
//! is one transaction, and every table is compared on both sides before it ends.
mod copy;
mod tables;

use super::{
    Sealer,
    database::add_up,
    fleet::count_living,
    migrations::{self, postgres as server},
    sql::{
        Connection, OptionalExtension, Sql,
        postgres::{ConnectPostgres, PgSession, PostgresUrl},
    },
};
use crate::{
    Error, Result,
    data_dir::{DataDir, Paths},
};
use copy::{CopySide, compare, copy, digest, each_row, is_empty};
use std::path::Path;
use tables::{MovedTable, tables};

/// How many rows that cannot be stored are listed.
const LISTED: usize = 20;

/// A table that was copied.
#[derive(Clone, Debug)]
pub struct CopiedTable {
    pub name: String,
    pub rows: u64,
}

/// Copies the databases of a data directory to a server.
///
/// # Errors
/// `Conflict`, with what to do. Nothing is changed then, except that empty schemas may have been created.
pub fn to_server(dir: &DataDir, url: &PostgresUrl) -> Result<Vec<CopiedTable>> {
    let files = Files::read(dir)?;
    let session = server::prepare(&ConnectPostgres::new(url.clone()))?;
    server::check_current(&session, url)?;
    let [workspace, runs] = tables();
    let sides =
        [(&files.workspace, server::WORKSPACE.name, workspace, false), (&files.runs, server::RUNS.name, runs, true)];
    check_texts(&sides)?;
    begin_alone(&session, "begin", url)?;
    let copied = sides.iter().map(|(from, schema, tables, is_runs)| {
        session.execute_batch(&format!("set local search_path to {schema}"))?;
        let from = CopySide { db: Connection::of(from), is_runs: *is_runs };
        let to = CopySide { db: Connection::Postgres(&session), is_runs: *is_runs };
        copy_all(from, to, tables, url)
    });
    match copied.collect::<Result<Vec<_>>>() {
        Ok(copied) => {
            session.commit()?;
            // the first queries of empty tables that were never examined are slow
            if let Err(error) = session.execute_batch("analyze") {
                tracing::warn!(%error, "run `analyze` in the database: the first queries are slow without it");
            }
            Ok(copied.concat())
        }
        Err(error) => {
            session.roll_back();
            Err(error)
        }
    }
}

/// Copies the databases on a server to new files in a data directory. Returns also the signing key of the servers.
///
/// # Errors
/// `Conflict`, with what to do. The files are incomplete then.
pub fn to_files(url: &PostgresUrl, dir: &Paths, sealer: &Sealer) -> Result<(Vec<CopiedTable>, Option<Vec<u8>>)> {
    let session = server::prepare(&ConnectPostgres::new(url.clone()))?;
    server::check_current(&session, url)?;
    begin_alone(&session, "begin isolation level serializable", url)?;
    let outcome = copy_to_files(&session, url, dir, sealer);
    if outcome.is_ok() {
        // counters that were added up
        session.commit()?;
    } else {
        session.roll_back();
    }
    outcome
}

/// Begins a transaction during which no server can join.
///
/// # Errors
/// `Conflict` if one uses the database.
fn begin_alone(session: &PgSession, begin: &str, url: &PostgresUrl) -> Result<()> {
    session.begin(format!(
        "{begin}; set local lock_timeout to 5000; set local search_path to {}; \
         lock table servers in share row exclusive mode",
        server::RUNS.name
    ));
    let living = count_living(Connection::Postgres(session)).inspect_err(|_| session.roll_back())?;
    if living > 0 {
        session.roll_back();
        return Err(in_use(url, living));
    }
    Ok(())
}

/// Refuses a database that servers use.
pub fn in_use(url: &PostgresUrl, living: u64) -> Error {
    let servers = if living == 1 { "a server uses".to_owned() } else { format!("{living} servers use") };
    Error::conflict(format!("{servers} {url}: stop first what uses it"))
}

fn copy_to_files(
    session: &PgSession,
    url: &PostgresUrl,
    dir: &Paths,
    sealer: &Sealer,
) -> Result<(Vec<CopiedTable>, Option<Vec<u8>>)> {
    let db = Connection::Postgres(session);
    while add_up(db)? {}
    let mut files = Files::create(dir)?;
    let [workspace, runs] = tables();
    let mut copied = Vec::new();
    let sides = [
        (&mut files.workspace, server::WORKSPACE.name, workspace, false),
        (&mut files.runs, server::RUNS.name, runs, true),
    ];
    for (to, schema, tables, is_runs) in sides {
        session.execute_batch(&format!("set local search_path to {schema}"))?;
        let transaction = to.transaction()?;
        let to = CopySide { db: Connection::of(&transaction), is_runs };
        copied.extend(copy_all(CopySide { db, is_runs }, to, &tables, url)?);
        transaction.commit()?;
    }
    session.execute_batch(&format!("set local search_path to {}", server::WORKSPACE.name))?;
    let mut keys = db.prepare(Sql::composed("select signing_key, secret_check from directory"))?;
    let found: Option<(Option<String>, Option<String>)> =
        keys.query_row((), |row| Ok((row.get(0)?, row.get(1)?))).optional()?;
    let Some((shared, check)) = found else { return Ok((copied, None)) };
    if check.is_some_and(|check| check != sealer.check()) {
        return Err(Error::conflict(
            "the secret key is not the one of the servers: set JET_ADMIN_SECRET_KEY to theirs",
        ));
    }
    let key = shared.map(|shared| sealer.open(&shared, super::directory::SIGNING)).transpose()?;
    Ok((copied, key))
}

/// Marks a database whose data was copied to files: no server starts with it.
///
/// # Errors
/// If it cannot be written.
pub fn mark_moved(url: &PostgresUrl, to: &str) -> Result<()> {
    let session = ConnectPostgres::new(url.clone()).open().map_err(|error| server::explain(url, &error))?;
    session.begin("begin".to_owned());
    session.execute_batch(server::MOVED)?;
    Connection::Postgres(&session)
        .prepare(Sql::composed("insert into jet_admin.moved (place) values (?1)"))?
        .execute([to])?;
    Ok(session.commit()?)
}

/// Copies every table of one of the databases, and compares it.
fn copy_all(
    from: CopySide<'_>,
    to: CopySide<'_>,
    tables: &[MovedTable],
    url: &PostgresUrl,
) -> Result<Vec<CopiedTable>> {
    let own = |table: &MovedTable| table.name == "directory";
    if let Some(full) = tables.iter().filter(|table| !own(table)).find_map(|table| match is_empty(to, table) {
        Ok(true) => None,
        Ok(false) => Some(Ok(&table.name)),
        Err(error) => Some(Err(error)),
    }) {
        let full = full?;
        // an earlier attempt was interrupted after it had copied everything
        let same = |table: &&MovedTable| Ok(own(table) || digest(from, table)? == digest(to, table)?);
        if tables.iter().map(|table| same(&table)).collect::<Result<Vec<_>>>()?.into_iter().all(|same| same) {
            let rows = |table: &MovedTable| Ok(CopiedTable { name: table.name.clone(), rows: digest(to, table)?.rows });
            return tables.iter().map(rows).collect();
        }
        return Err(not_empty(from, to, full, url));
    }
    let mut copied = Vec::new();
    for table in tables {
        if own(table) {
            if from.is_runs {
                continue;
            }
            to.db.prepare(Sql::composed("delete from directory"))?.execute(())?;
        }
        let expected = copy(from, to, table)?;
        compare(digest(to, table)?, expected, table)?;
        copied.push(CopiedTable { name: table.name.clone(), rows: expected.rows });
    }
    Ok(copied)
}

/// Says what is in a target that is not empty.
fn not_empty(from: CopySide<'_>, to: CopySide<'_>, full: &str, url: &PostgresUrl) -> Error {
    let instance = |side: CopySide<'_>| {
        let mut query = side.db.prepare(Sql::composed("select instance from directory"))?;
        query.query_row((), |row| row.get::<String>(0))
    };
    match (instance(from), instance(to)) {
        (Ok(from), Ok(to)) if from == to => Error::conflict(format!(
            "the target contains a copy of this data from an earlier attempt, and the data has changed since: remove that \
             copy (`drop schema jet_admin, jet_admin_runs cascade` in {url}, or the new directory), and repeat the command"
        )),
        _ => Error::conflict(format!("{url} is not empty: the table {full} has rows; use an empty database")),
    }
}

/// Checks that PostgreSQL can store every text.
fn check_texts(sides: &[(&rusqlite::Connection, &str, Vec<MovedTable>, bool)]) -> Result<()> {
    let mut found = Vec::new();
    for (from, _, tables, is_runs) in sides {
        let place = CopySide { db: Connection::of(from), is_runs: *is_runs };
        for table in tables {
            each_row(place, table, |row| {
                if let Some(column) = table.unstorable(&row) {
                    let key = row.iter().take(2).map(|cell| format!("{cell:?}")).collect::<Vec<_>>().join(", ");
                    found.push(format!("{}.{column} of {key}", table.name));
                }
                Ok(())
            })?;
        }
    }
    if found.is_empty() {
        return Ok(());
    }
    let (count, listed) = (found.len(), found[..found.len().min(LISTED)].join("; "));
    Err(Error::conflict(format!(
        "{count} texts contain the character U+0000, which PostgreSQL cannot store: remove it from {listed}"
    )))
}

/// The database files of a data directory.
struct Files {
    workspace: rusqlite::Connection,
    runs: rusqlite::Connection,
}

impl Files {
    /// Opens the files of a directory that this process holds.
    fn read(dir: &DataDir) -> Result<Self> {
        let parts = super::directory::check(dir, super::directory::look::Access::Owned)?;
        if !parts.workspace.is_held() || !parts.runs.is_held() {
            return Err(Error::conflict(format!("there is no data in {} yet", dir.root().display())));
        }
        if parts.is_old() {
            return Err(Error::conflict(
                "the data is from an earlier version: start this version with it once, and stop it",
            ));
        }
        let open = |path: &Path| {
            let db = rusqlite::Connection::open_with_flags(path, rusqlite::OpenFlags::SQLITE_OPEN_READ_WRITE)?;
            db.pragma_update(None, "query_only", true)?;
            Ok::<_, Error>(db)
        };
        Ok(Self { workspace: open(&dir.workspace_db())?, runs: open(&dir.runs_db())? })
    }

    /// Creates the files with empty tables.
    fn create(dir: &Paths) -> Result<Self> {
        let open = |path: &Path| {
            crate::data_dir::private_file(path)?;
            let db = rusqlite::Connection::open(path)?;
            db.execute_batch("pragma auto_vacuum = incremental; pragma journal_mode = wal; pragma foreign_keys = on")?;
            Ok::<_, Error>(db)
        };
        let mut files = Self { workspace: open(&dir.workspace_db())?, runs: open(&dir.runs_db())? };
        migrations::workspace(&mut files.workspace, &dir.workspace_db())?;
        migrations::runs(&mut files.runs, &dir.runs_db())?;
        Ok(files)
    }
}
