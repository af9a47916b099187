//! Rows of a file written to a table. Statements that create or rename tables commit by themselves, so a new table gets
//! its name only after all of its rows are committed, and is dropped if anything fails before.
use super::{
    dial::{MysqlConnection, MysqlPool},
    edits::{EditsFailure, MysqlEdits},
    refusal::{refused, to_error},
    undo,
    wire::MysqlFault,
};
use crate::{
    Result,
    connect::{
        edits::EditFault,
        imports::{ImportRequest, ImportSession, NewTable, TableImport, create, fill, of_creation, qualified},
        sql::SqlDialect,
    },
};
use std::sync::Arc;
use uuid::Uuid;

/// The prefix of the name of a table until its rows are committed.
const UNFINISHED: &str = "jet_admin_import_";

/// Returns the number of rows.
pub(super) async fn import(pool: &Arc<MysqlPool>, mut request: ImportRequest) -> Result<u64> {
    if pool.dialer.read_only {
        return Err(refused("this datasource is read-only", "allow writing in the datasource's settings"));
    }
    let Some(new) = request.import.new.clone() else {
        let table = request.import.table.clone();
        return leased(pool, &mut request, &table).await;
    };
    let mut unfinished = Unfinished::new(pool, &request.import);
    let made = make(pool, &mut request, &new, &unfinished.name).await;
    match &made {
        Ok(_) => unfinished.is_gone = true,
        // the caller learns of the failure when nothing is left
        Err(_) => unfinished.drop_now().await,
    }
    made
}

/// Creates a table under the name `unfinished`, fills it, and gives it its own name.
async fn make(pool: &Arc<MysqlPool>, request: &mut ImportRequest, new: &NewTable, unfinished: &str) -> Result<u64> {
    let (table, schema) = (request.import.table.clone(), request.import.schema.clone());
    command(pool, &create(SqlDialect::Mysql, &request.import, new, unfinished)).await?;
    let count = leased(pool, request, unfinished).await?;
    let [from, to] = [unfinished, &table].map(|name| qualified(SqlDialect::Mysql, schema.as_deref(), name));
    let renamed = command(pool, &format!("rename table {from} to {to}")).await;
    renamed.map_err(|error| of_creation(SqlDialect::Mysql, error, &table))?;
    Ok(count)
}

/// Writes the rows in one transaction.
async fn leased(pool: &Arc<MysqlPool>, request: &mut ImportRequest, table: &str) -> Result<u64> {
    let mut lease = pool.lease().await?;
    let connection = lease.connection();
    let done = transact(connection, request, table).await;
    // in the middle of a response, dropping the lease stops the statement
    if connection.wire.is_ready() {
        lease.finish();
    }
    done
}

async fn transact(connection: &mut MysqlConnection, request: &mut ImportRequest, table: &str) -> Result<u64> {
    let failed = |fault: MysqlFault| to_error(&fault, None);
    connection.settle(None, true).await.map_err(failed)?;
    connection.wire.ask("start transaction").await.map_err(failed)?;
    let filled = write(connection, request, table).await;
    let wire = &mut connection.wire;
    let ended = match filled {
        Ok(count) => request.gate.pass().map(|()| count),
        Err(error) => Err(error),
    };
    if ended.is_ok() {
        return match wire.ask("commit").await {
            Ok(_) => ended,
            Err(fault @ MysqlFault::Refused(_)) => Err(to_error(&fault, None)),
            Err(_) => Err(refused(
                "the connection was lost during the commit: the rows may have been written",
                "look at the table to see whether they were",
            )),
        };
    }
    if wire.is_ready() {
        wire.ask("rollback").await.map_err(failed)?;
    }
    ended
}

async fn write(connection: &mut MysqlConnection, request: &mut ImportRequest, table: &str) -> Result<u64> {
    let names: Vec<String> =
        request.import.schema.iter().map(String::as_str).chain([table]).map(str::to_owned).collect();
    let check = undo::check::<EditsFailure>(&mut connection.wire, &names, "the rows cannot be written as a whole");
    check.await.map_err(|failure| EditFault::from(failure).error)?;
    let mut session = MysqlEdits { connection, hold: Arc::clone(&request.hold), refuses_notes: true };
    fill(&mut session, &request.import, table, &mut request.rows).await
}

/// Runs a statement that commits by itself.
async fn command(pool: &Arc<MysqlPool>, sql: &str) -> Result<()> {
    let mut lease = pool.lease().await?;
    let connection = lease.connection();
    let done = async {
        connection.settle(None, true).await?;
        connection.wire.ask(sql).await.map(drop)
    };
    let done = done.await.map_err(|fault| to_error(&fault, None));
    if connection.wire.is_ready() {
        lease.finish();
    }
    done
}

/// A table that is not finished. Dropping this drops the table.
struct Unfinished {
    pool: Arc<MysqlPool>,
    name: String,
    sql: String,
    is_gone: bool,
}

impl Unfinished {
    fn new(pool: &Arc<MysqlPool>, import: &TableImport) -> Self {
        let name = format!("{UNFINISHED}{}", Uuid::new_v4().simple());
        let table = qualified(SqlDialect::Mysql, import.schema.as_deref(), &name);
        let sql = format!("drop table if exists {table}");
        Self { pool: Arc::clone(pool), name, sql, is_gone: false }
    }

    async fn drop_now(&mut self) {
        match command(&self.pool, &self.sql).await {
            Ok(()) => self.is_gone = true,
            Err(error) => tracing::warn!(%error, table = self.name, "could not drop the table of a failed import"),
        }
    }
}

impl Drop for Unfinished {
    fn drop(&mut self) {
        // the caller went away in the middle
        if let (false, Ok(runtime)) = (self.is_gone, tokio::runtime::Handle::try_current()) {
            let (pool, sql) = (Arc::clone(&self.pool), std::mem::take(&mut self.sql));
            runtime.spawn(async move { command(&pool, &sql).await });
        }
    }
}

impl ImportSession for MysqlEdits<'_> {
    const ROWS: usize = 500;

    async fn command(&mut self, sql: &str) -> Result<()> {
        self.connection.wire.ask(sql).await.map(drop).map_err(|fault| to_error(&fault, None))
    }
}
