//! The schemas on a PostgreSQL server: created from `schema.pg.sql`, one for each of the two databases.
use super::{
    SchemaStep, SchemaVersions,
    usable::{some_tables, tables_without_rights},
    versions,
};
use crate::{
    Error, Result,
    store::{
        database::PgSchema,
        sql::{
            Connection, OptionalExtension, Sql, SqlError, SqlResult,
            postgres::{ConnectPostgres, PgSession, Pooling, PostgresUrl, pooling},
        },
    },
};
use tokio_postgres::error::SqlState;

/// The versions of the schemas of the workspace and of the runs that were the first on PostgreSQL.
const FIRST: (usize, usize) = (15, 7);
/// Released steps are never edited: existing databases have already run them.
const WORKSPACE_STEPS: &[SchemaStep] = &[];
const RUNS_STEPS: &[SchemaStep] = &[];

const SCHEMA: &str = include_str!("../../../schema.pg.sql");
/// Tables that only servers with a common database need.
const FLEET: &str = include_str!("fleet.sql");
/// The same in the schema of the workspace.
const CONTENTS: &str = include_str!("contents.sql");

/// All writes to the workspace follow one another, as they do in a file: what one has checked stays true until it commits.
pub const WORKSPACE: PgSchema = PgSchema {
    name: "jet_admin",
    realm: Some("select 1 from directory where \"only\" = 1 for no key update"),
    planned_by: None,
};
/// Writes to runs touch only their own rows, and counters in a fixed order.
pub const RUNS: PgSchema = PgSchema { name: "jet_admin_runs", realm: None, planned_by: Some("instances") };

/// Where the data was moved to, if it was.
pub const MOVED: &str = "create table if not exists jet_admin.moved (place text not null)";

/// The oldest version of PostgreSQL that the tests use.
pub const OLDEST: i64 = 150_000;
const PREPARE_OFF: &str = "a pooler in transaction mode is in between: add ?prepare=off to the URL, or use PgBouncer 1.21 or \
                           later with max_prepared_statements";
const WRITABLE: &str =
    "use the address of the primary server, and a database whose transactions are not read-only by default";
/// A number that two servers which start at the same time lock.
const STARTING: i64 = 0x6a65_7461_646d_696e;

/// Returns the versions of the schemas of the workspace and of the runs in this version of jet-admin.
#[cfg(test)]
pub fn newest() -> (usize, usize) {
    (FIRST.0 + WORKSPACE_STEPS.len(), FIRST.1 + RUNS_STEPS.len())
}

/// Connects, and creates missing schemas. Changes nothing if it fails.
///
/// # Errors
/// `Conflict`, with what to do, if the server cannot be used, or a schema belongs to something else or to a newer version.
pub fn prepare(connect: &ConnectPostgres) -> Result<PgSession> {
    with_schemas(|schemas| prepare_schemas(connect, schemas))
}

/// Passes the schemas of the workspace and of the runs in this version of jet-admin.
pub fn with_schemas<T>(work: impl FnOnce(&[SchemaVersions<'_>]) -> T) -> T {
    let (workspace, runs) = SCHEMA.split_once(super::RUNS_PART).unwrap_or((SCHEMA, ""));
    let (workspace, runs) = (format!("{workspace}{CONTENTS}"), format!("{runs}{FLEET}"));
    work(&[
        SchemaVersions { name: WORKSPACE.name, script: &workspace, first: FIRST.0, steps: WORKSPACE_STEPS },
        SchemaVersions { name: RUNS.name, script: &runs, first: FIRST.1, steps: RUNS_STEPS },
    ])
}

/// Connects, and creates or upgrades these schemas. Changes nothing if it fails.
///
/// # Errors
/// As [`prepare`].
pub fn prepare_schemas(connect: &ConnectPostgres, schemas: &[SchemaVersions<'_>]) -> Result<PgSession> {
    check_pooling(&connect.url)?;
    let session = connect.open().map_err(|error| explain(&connect.url, &error))?;
    session.begin(format!("begin; select pg_advisory_xact_lock({STARTING})"));
    let prepared = check_engine(&session, &connect.url)
        .and_then(|()| versions::prepare(schemas, &session, &connect.url))
        .and_then(|()| check_rights(&session, &connect.url));
    match prepared.map_err(|failure| failure.explained(&connect.url)) {
        Ok(()) => {
            session.commit().map_err(|error| explain(&connect.url, &error))?;
            Ok(session)
        }
        Err(error) => {
            session.roll_back();
            Err(error)
        }
    }
}

/// Refuses a database whose data was copied to files.
///
/// # Errors
/// `Conflict`, with where it is.
pub fn check_not_moved(session: &PgSession, url: &PostgresUrl) -> Result<()> {
    let Some(place) = reading(session, || moved_to(session)).map_err(|error| explain(url, &error))? else {
        return Ok(());
    };
    Err(Error::conflict(format!(
        "the data of {url} was moved to {place}: start with --data-dir {place}, or drop the table jet_admin.moved to use \
         the old data again"
    )))
}

/// Returns where the data was moved to.
pub fn moved_to(session: &PgSession) -> SqlResult<Option<String>> {
    if number(session, "select 1::bigint where to_regclass('jet_admin.moved') is not null")?.is_none() {
        return Ok(None);
    }
    let mut query =
        Connection::Postgres(session).prepare(Sql::composed("select place from jet_admin.moved limit 1"))?;
    query.query_row((), |row| row.get(0)).optional()
}

/// Reads in a transaction, because without one, an old pooler may pass each request to another server process.
fn reading<T>(session: &PgSession, read: impl FnOnce() -> SqlResult<T>) -> SqlResult<T> {
    session.begin("begin read only".to_owned());
    let found = read();
    session.roll_back();
    found
}

/// Refuses schemas of a newer version, whose other servers this one may work with, but whose tables it does not know.
///
/// # Errors
/// `Conflict` in that case.
pub fn check_current(session: &PgSession, url: &PostgresUrl) -> Result<()> {
    let newest = super::newest();
    for (schema, newest) in [(WORKSPACE, newest.0), (RUNS, newest.1)] {
        let sql = format!("select number from {}.schema_version", schema.name);
        let version = reading(session, || number(session, &sql));
        let version = version.map_err(|error| explain(url, &error))?;
        if version.and_then(|version| usize::try_from(version).ok()) != Some(newest) {
            return Err(Error::conflict(format!("the data in {url} is from a newer jet-admin: use that version")));
        }
    }
    Ok(())
}

/// Why the schemas cannot be prepared.
pub(super) enum Unprepared {
    Refused(Error),
    Sql(SqlError),
}

impl From<SqlError> for Unprepared {
    fn from(error: SqlError) -> Self {
        Self::Sql(error)
    }
}

impl Unprepared {
    fn explained(self, url: &PostgresUrl) -> Error {
        match self {
            Self::Refused(error) => error,
            Self::Sql(error) => explain(url, &error),
        }
    }
}

fn check_engine(session: &PgSession, url: &PostgresUrl) -> Result<(), Unprepared> {
    let version = number(session, "select cast(current_setting('server_version_num') as bigint)")?.unwrap_or(0);
    if version < OLDEST {
        let major = version / 10_000;
        let why = format!("{url} is PostgreSQL {major}, which is too old: use version 15 or later");
        return Err(Unprepared::Refused(Error::conflict(why)));
    }
    let mut query = Connection::Postgres(session)
        .prepare(Sql::composed("select cast(current_setting('server_encoding') as text)"))?;
    let encoding: String = query.query_row((), |row| row.get(0))?;
    if encoding != "UTF8" {
        let why = format!(
            "{url} has the encoding {encoding}, which cannot store all texts: use a database with the encoding UTF8"
        );
        return Err(Unprepared::Refused(Error::conflict(why)));
    }
    Ok(())
}

/// Refuses schemas that the user cannot use: what needs them would fail later.
fn check_rights(session: &PgSession, url: &PostgresUrl) -> Result<(), Unprepared> {
    let tables = tables_without_rights(Connection::Postgres(session))?;
    if tables.is_empty() {
        return Ok(());
    }
    let tables = some_tables(&tables);
    Err(Unprepared::Refused(Error::conflict(format!(
        "the user may not read and write {tables} in {url}: use the user that created the schemas, or make this one a \
         member of that role"
    ))))
}

/// Refuses a pooler through which prepared statements fail at random.
fn check_pooling(url: &PostgresUrl) -> Result<()> {
    let found = if url.keeps_prepared() { pooling(url) } else { return Ok(()) };
    match found.map_err(|error| explain(url, &error))? {
        Pooling::Transaction { keeps_prepared: false } => Err(Error::conflict(format!(
            "the database {url} cannot be used (prepared statements fail at random): {PREPARE_OFF}"
        ))),
        _ => Ok(()),
    }
}

/// Returns the number in the first row, if there is a row.
pub(super) fn number(session: &PgSession, sql: &str) -> SqlResult<Option<i64>> {
    let mut query = Connection::Postgres(session).prepare(Sql::composed(sql))?;
    let mut rows = query.query_map((), |row| row.get(0))?;
    rows.next().transpose()
}

/// Returns what to do when no connection could be made, for which there is no code.
fn remedy_of_connection(why: &str) -> &'static str {
    let remedies = [
        ("password missing", "add the password to the URL"),
        ("does not allow writes", WRITABLE),
        (
            "TLS",
            "check that the server's certificate is valid for the host in the URL; `?sslrootcert=` names the authority that \
             signed it, and `?sslmode=disable` turns encryption off",
        ),
        ("lookup address", "check the host in the URL"),
    ];
    let found = remedies.into_iter().find(|(part, _)| why.contains(part));
    found.map_or("check the host and the port in the URL, and whether the server accepts connections", |(_, remedy)| {
        remedy
    })
}

/// Returns an error that says why the database cannot be used, and what to do. It never contains a password.
pub fn explain(url: &PostgresUrl, error: &SqlError) -> Error {
    let state = error.state();
    let is = |known: &SqlState| state == Some(known);
    let remedy = if is(&SqlState::INVALID_PASSWORD) || is(&SqlState::INVALID_AUTHORIZATION_SPECIFICATION) {
        "check the user and the password in the URL, and the server's pg_hba.conf"
    } else if is(&SqlState::INVALID_CATALOG_NAME) {
        "create the database, or correct its name in the URL"
    } else if is(&SqlState::INSUFFICIENT_PRIVILEGE) {
        "the user needs the right to create schemas in this database: `grant create on database … to …`"
    } else if is(&SqlState::READ_ONLY_SQL_TRANSACTION) {
        WRITABLE
    } else if is(&SqlState::TOO_MANY_CONNECTIONS) {
        "allow more connections, or use fewer with --database-connections"
    } else if error.is_of_prepared_statement() {
        PREPARE_OFF
    } else if state.is_none() {
        remedy_of_connection(&error.in_full())
    } else {
        "check the server's log"
    };
    Error::conflict(format!("the database {url} cannot be used ({}): {remedy}", error.in_full()))
}
