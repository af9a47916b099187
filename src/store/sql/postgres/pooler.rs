//! Finds a pooler that gives each transaction another server process. A connection sees which process serves it: if one
//! connection is served by two of them, there is such a pooler.
use super::{ConnectPostgres, PgSession, PostgresUrl, quoted, quoted_name};
use crate::store::sql::{SqlError, SqlResult};

/// What is between a server and its database.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Pooling {
    /// Nothing, or a pooler that keeps a server process for each connection.
    Session,
    /// A pooler that gives each transaction a server process.
    Transaction {
        /// Whether prepared statements work through it.
        keeps_prepared: bool,
    },
    /// The same, with a single server process.
    SingleConnection,
}

const BEGIN: &str = "begin read only";
/// A statement that is kept, and one that is not.
const KEPT: &str = "select cast(pg_backend_pid() as bigint) as kept";
const ONCE: &str = "select cast(pg_backend_pid() as bigint) as once";

/// Returns the process that serves a connection, in a new transaction that stays open.
fn process(session: &PgSession, sql: &str) -> SqlResult<i64> {
    session.begin(BEGIN.to_owned());
    let found = session.prepare(sql)?.query(())?;
    Ok(found.first().ok_or(SqlError::NoRows)?.try_get(0)?)
}

/// Finds out what is in between, with two more connections.
///
/// # Errors
/// If they cannot be opened.
pub fn pooling(url: &PostgresUrl) -> SqlResult<Pooling> {
    let one = ConnectPostgres::new(url.with_prepared(true)).open()?;
    let two = ConnectPostgres::new(url.with_prepared(false)).open()?;
    let found = match compare(&one, &two) {
        Err(error) if error.is_of_prepared_statement() => Ok(Pooling::Transaction { keeps_prepared: false }),
        other => other,
    };
    one.roll_back();
    if matches!(found, Ok(Pooling::SingleConnection | Pooling::Transaction { keeps_prepared: false })) {
        // what is left in a process would be in the way of the next connection that it serves
        if let Err(error) = deallocate(&two) {
            tracing::debug!(%error, "a prepared statement is left in a server process");
        }
    }
    two.roll_back();
    found
}

fn compare(one: &PgSession, two: &PgSession) -> SqlResult<Pooling> {
    let first = process(one, KEPT)?;
    one.commit()?;
    let other = process(two, ONCE)?;
    // now the process is in use by the other connection, if there is a pooler
    match process(one, KEPT) {
        Ok(again) if again == first => Ok(Pooling::Session),
        Ok(_) => Ok(Pooling::Transaction { keeps_prepared: true }),
        Err(SqlError::Silent) if other == first => Ok(Pooling::SingleConnection),
        Err(error) => Err(error),
    }
}

fn deallocate(session: &PgSession) -> SqlResult<()> {
    let sql = format!("select name from pg_prepared_statements where statement = {}", quoted(KEPT));
    for row in session.prepare(&sql)?.query(())? {
        let name: String = row.try_get(0)?;
        session.execute_batch(&format!("deallocate {}", quoted_name(&name)))?;
    }
    Ok(())
}
