//! The schemas on a PostgreSQL server: created from `schema.pg.sql`, one for each of the two databases.
use crate::{
    Error, Result,
    store::{
        database::PgSchema,
        sql::{
            Connection, Sql, SqlError, SqlResult,
            postgres::{ConnectPostgres, PgSession, PostgresUrl, quoted},
        },
    },
};
use tokio_postgres::error::SqlState;

const SCHEMA: &str = include_str!("../../../schema.pg.sql");
/// Tables that only servers with a common database need.
const FLEET: &str = include_str!("fleet.sql");
/// The same in the schema of the workspace. Databases that have no such table yet get it.
const CONTENTS: &str = include_str!("contents.sql");

/// All writes to the workspace follow one another, as they do in a file: what one has checked stays true until it commits.
pub const WORKSPACE: PgSchema =
    PgSchema { name: "jet_admin", realm: Some("select 1 from directory where \"only\" = 1 for no key update") };
/// Writes to runs touch only their own rows, and counters in a fixed order.
pub const RUNS: PgSchema = PgSchema { name: "jet_admin_runs", realm: None };

/// Where the data was moved to, if it was.
pub const MOVED: &str = "create table if not exists jet_admin.moved (place text not null)";

/// The oldest version of PostgreSQL that the tests use.
const OLDEST: i64 = 150_000;
/// A number that two servers which start at the same time lock.
const STARTING: i64 = 0x6a65_7461_646d_696e;

/// Connects, and creates missing schemas. Changes nothing if it fails.
///
/// # Errors
/// `Conflict`, with what to do, if the server cannot be used, or a schema belongs to something else or to a newer version.
pub fn prepare(connect: &ConnectPostgres) -> Result<PgSession> {
    let session = connect.open().map_err(|error| explain(&connect.url, &error))?;
    session.begin(format!("begin; select pg_advisory_xact_lock({STARTING})"));
    let prepared = prepare_all(&session, &connect.url);
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
    let is_marked = number(session, "select 1::bigint where to_regclass('jet_admin.moved') is not null");
    if is_marked.map_err(|error| explain(url, &error))?.is_none() {
        return Ok(());
    }
    let mut query =
        Connection::Postgres(session).prepare(Sql::composed("select place from jet_admin.moved limit 1"))?;
    let place: String = query.query_row((), |row| row.get(0))?;
    Err(Error::conflict(format!(
        "the data of {url} was moved to {place}: start with --data-dir {place}, or drop the table jet_admin.moved to use \
         the old data again"
    )))
}

/// Why the schemas cannot be prepared.
enum Failure {
    Refused(Error),
    Sql(SqlError),
}

impl From<SqlError> for Failure {
    fn from(error: SqlError) -> Self {
        Self::Sql(error)
    }
}

impl Failure {
    fn explained(self, url: &PostgresUrl) -> Error {
        match self {
            Self::Refused(error) => error,
            Self::Sql(error) => explain(url, &error),
        }
    }
}

fn prepare_all(session: &PgSession, url: &PostgresUrl) -> Result<(), Failure> {
    let version = number(session, "select cast(current_setting('server_version_num') as bigint)")?.unwrap_or(0);
    if version < OLDEST {
        let major = version / 10_000;
        let why = format!("{url} is PostgreSQL {major}, which is too old: use version 15 or later");
        return Err(Failure::Refused(Error::conflict(why)));
    }
    let (newest, (workspace, runs)) = (super::newest(), SCHEMA.split_once(super::RUNS_PART).unwrap_or((SCHEMA, "")));
    let runs = format!("{runs}{FLEET}");
    for (schema, script, newest) in [(WORKSPACE, workspace, newest.0), (RUNS, &runs, newest.1)] {
        prepare_one(session, url, (schema.name, script, newest))?;
    }
    let exists =
        number(session, &format!("select 1::bigint where to_regclass('{}.contents') is not null", WORKSPACE.name));
    if exists?.is_none() {
        session.execute_batch(&format!("set local search_path to {}; {CONTENTS}", WORKSPACE.name))?;
    }
    Ok(())
}

fn prepare_one(
    session: &PgSession,
    url: &PostgresUrl,
    (name, script, newest): (&str, &str, usize),
) -> Result<(), Failure> {
    let quoted = quoted(name);
    let exists = number(session, &format!("select 1::bigint from pg_namespace where nspname = {quoted}"))?.is_some();
    if !exists {
        session.execute_batch(&format!(
            "create schema {name}; set local search_path to {name};
             create table schema_version (number bigint not null); insert into schema_version values ({newest}); {script}"
        ))?;
        return Ok(());
    }
    let is_ours = format!("select 1::bigint where to_regclass('{name}.schema_version') is not null");
    let known = match number(session, &is_ours)? {
        Some(_) => number(session, &format!("select number from {name}.schema_version"))?,
        None => None,
    };
    let why = match known.and_then(|known| usize::try_from(known).ok()) {
        Some(known) if known == newest => return Ok(()),
        Some(known) if known > newest => format!(
            "the schema {name} in {url} is from a newer jet-admin (schema {known}, this version supports up to {newest}): \
             use that version"
        ),
        Some(known) => format!("the schema {name} in {url} has the unknown version {known}: restore a backup of it"),
        None => format!("the schema {name} in {url} belongs to another program: use another database"),
    };
    Err(Failure::Refused(Error::conflict(why)))
}

/// Returns the number in the first row, if there is a row.
fn number(session: &PgSession, sql: &str) -> SqlResult<Option<i64>> {
    let mut query = Connection::Postgres(session).prepare(Sql::composed(sql))?;
    let mut rows = query.query_map((), |row| row.get(0))?;
    rows.next().transpose()
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
        "use the address of the primary server"
    } else if is(&SqlState::TOO_MANY_CONNECTIONS) {
        "allow more connections, or use fewer with --database-connections"
    } else if state.is_none() {
        "check the host and the port in the URL, whether the server accepts connections, and its certificate"
    } else {
        "check the server's log"
    };
    Error::conflict(format!("the database {url} cannot be used ({}): {remedy}", error.in_full()))
}
