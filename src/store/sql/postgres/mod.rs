//! Statements on PostgreSQL. The texts are those for SQLite, with its parameters and hints rewritten.
mod bulk;
mod connect;
mod pooler;
mod rows;
mod values;
mod wait;

use super::{SqlError, SqlParams, SqlResult};
pub use connect::{ConnectPostgres, PostgresUrl};
use futures_util::{StreamExt, TryStreamExt, future};
pub use pooler::{Pooling, pooling};
use std::{
    cell::{Cell, RefCell},
    collections::HashMap,
    pin::{Pin, pin},
    sync::Arc,
    task::{Context, Poll, Waker},
    time::Duration,
};
use tokio_postgres::{Client, Row, RowStream, Statement};
pub use values::ReceivedColumn;
use values::{Encoded, ValueUse};
use wait::wait;

/// How long a statement may take before its connection is given up. The server ends statements earlier.
const LIMIT: Duration = Duration::from_secs(15);

/// The answer to a request that was sent: how many rows it has changed.
type Answer = Pin<Box<dyn Future<Output = Result<u64, tokio_postgres::Error>> + Send>>;

/// A connection, with its open transaction.
pub struct PgSession {
    client: Arc<Client>,
    statements: RefCell<HashMap<Arc<str>, (Statement, ValueUse)>>,
    /// Statements that begin the transaction, sent together with its first statement.
    begin: RefCell<Option<String>>,
    /// The answers that nobody has waited for yet, in the order of their requests.
    sent: RefCell<Vec<Answer>>,
    is_open: Cell<bool>,
    /// Set after a failure that leaves the state of the connection unknown.
    is_broken: Cell<bool>,
    /// Whether prepared statements are kept for the next transaction, which may have another server process behind an old
    /// pooler.
    keeps: bool,
}

impl PgSession {
    fn new(client: Client, keeps: bool) -> Self {
        Self {
            client: Arc::new(client),
            statements: RefCell::default(),
            begin: RefCell::default(),
            sent: RefCell::default(),
            is_open: Cell::new(false),
            is_broken: Cell::new(false),
            keeps,
        }
    }

    /// Begins a transaction with these statements, together with the first statement that is executed.
    pub fn begin(&self, statements: String) {
        self.begin.replace(Some(statements));
    }

    /// Ends the transaction, and waits until its changes are stored.
    ///
    /// # Errors
    /// If they are not, or if it is unknown whether they are.
    pub fn commit(&self) -> SqlResult<()> {
        self.begin.replace(None);
        if !self.keeps {
            // statements can only be closed when they are not executed any more
            self.run(future::ready(Ok(()))).inspect_err(|_| self.roll_back())?;
            self.forget();
        }
        if self.is_open.replace(false) {
            self.run(self.client.batch_execute("commit"))?;
        }
        Ok(())
    }

    /// Ends the transaction without its changes. Does not wait for the server: what is executed next comes after it.
    pub fn roll_back(&self) {
        self.begin.replace(None);
        self.sent.take();
        self.forget();
        if self.is_open.replace(false)
            && let Poll::Ready(Err(_)) = begin(pin!(self.client.batch_execute("rollback")))
        {
            self.is_broken.set(true);
        }
    }

    /// Closes statements that are not kept, before the transaction ends: after it, an old pooler may pass that to another
    /// server process, and their names would stay taken in this one.
    fn forget(&self) {
        if !self.keeps {
            self.statements.borrow_mut().clear();
        }
    }

    /// Returns whether the connection cannot be used any more.
    pub fn is_broken(&self) -> bool {
        self.is_broken.get() || self.client.is_closed() || self.is_open.get()
    }

    /// Executes statements without parameters.
    ///
    /// # Errors
    /// If the server refuses one of them.
    pub fn execute_batch(&self, sql: &str) -> SqlResult<()> {
        self.run(self.client.batch_execute(sql))
    }

    /// Prepares a statement, unless the connection has done so already.
    ///
    /// # Errors
    /// If the server refuses it.
    pub fn prepare(&self, sql: &str) -> SqlResult<PgPrepared<'_>> {
        if let Some((sql, (statement, purpose))) = self.statements.borrow().get_key_value(sql) {
            let (sql, statement) = (Arc::clone(sql), statement.clone());
            return Ok(PgPrepared { session: self, sql, statement, purpose: *purpose });
        }
        let statement = self.run(self.client.prepare(&rewritten(sql)))?;
        let searches = ["select", "delete"].iter().any(|word| sql.trim_start().starts_with(word));
        let purpose = if searches { ValueUse::Search } else { ValueUse::Store };
        let sql: Arc<str> = sql.into();
        self.statements.borrow_mut().insert(Arc::clone(&sql), (statement.clone(), purpose));
        Ok(PgPrepared { session: self, sql, statement, purpose })
    }

    /// Sends a request without waiting for its answer. What is executed next comes after it.
    fn send(&self, request: impl Future<Output = Result<u64, tokio_postgres::Error>> + Send + 'static) {
        self.send_begin();
        let mut request: Answer = Box::pin(request);
        // the connection is driven by another thread, so that the answer may be there already
        match begin(request.as_mut()) {
            Poll::Pending => self.sent.borrow_mut().push(request),
            Poll::Ready(Ok(_)) => {}
            Poll::Ready(Err(error)) => self.sent.borrow_mut().push(Box::pin(future::ready(Err(error)))),
        }
    }

    fn send_begin(&self) {
        if let Some(begin) = self.begin.take() {
            self.is_open.set(true);
            let client = Arc::clone(&self.client);
            self.send(async move { client.batch_execute(&begin).await.map(|()| 0) });
        }
    }

    /// Runs a request, after those that were sent before it.
    fn run<T>(&self, request: impl Future<Output = Result<T, tokio_postgres::Error>>) -> SqlResult<T> {
        self.send_begin();
        let sent = self.sent.take();
        let done = if sent.is_empty() {
            wait(request, LIMIT)
        } else {
            let all = async {
                let (earlier, done) = future::join(future::join_all(sent), request).await;
                // the first failure is the reason for those after it
                earlier.into_iter().collect::<Result<Vec<_>, _>>().and(done)
            };
            wait(all, LIMIT)
        };
        match done {
            Some(Ok(done)) => Ok(done),
            Some(Err(error)) => {
                let error = SqlError::from(error);
                self.is_broken.set(self.is_broken.get() || error.is_of_connection());
                Err(error)
            }
            None => {
                self.is_broken.set(true);
                Err(SqlError::Silent)
            }
        }
    }
}

/// Polls a request for the first time, which sends it.
fn begin<T>(request: Pin<&mut (impl Future<Output = T> + ?Sized)>) -> Poll<T> {
    request.poll(&mut Context::from_waker(Waker::noop()))
}

/// A statement that the connection keeps prepared.
pub struct PgPrepared<'c> {
    session: &'c PgSession,
    sql: Arc<str>,
    statement: Statement,
    purpose: ValueUse,
}

impl PgPrepared<'_> {
    fn encode(&self, params: impl SqlParams) -> SqlResult<Encoded> {
        Encoded::of(self.statement.params(), self.purpose, params)
    }

    pub fn execute(&self, params: impl SqlParams) -> SqlResult<usize> {
        let encoded = self.encode(params)?;
        let changed = self.session.run(self.session.client.execute_raw(&self.statement, encoded.values()))?;
        Ok(usize::try_from(changed).unwrap_or(usize::MAX))
    }

    /// Sends it. What is executed next comes after it, and returns its error.
    pub fn send(&self, params: impl SqlParams) -> SqlResult<()> {
        self.send_encoded(self.encode(params)?);
        Ok(())
    }

    fn send_encoded(&self, encoded: Encoded) {
        let (client, statement) = (Arc::clone(&self.session.client), self.statement.clone());
        self.session.send(async move { client.execute_raw(&statement, encoded.values()).await });
    }

    /// Returns the rows, which are all received.
    pub fn query(&self, params: impl SqlParams) -> SqlResult<Vec<Row>> {
        let encoded = self.encode(params)?;
        self.session
            .run(async { self.session.client.query_raw(&self.statement, encoded.values()).await?.try_collect().await })
    }

    /// Returns the rows, which are received as they are read. No other statement may be executed until then.
    pub fn stream(&self, params: impl SqlParams) -> SqlResult<PgStream<'_>> {
        let encoded = self.encode(params)?;
        let rows = self.session.run(self.session.client.query_raw(&self.statement, encoded.values()))?;
        Ok(PgStream { session: self.session, rows: Box::pin(rows) })
    }
}

/// Rows that are received as they are read.
pub struct PgStream<'s> {
    session: &'s PgSession,
    rows: Pin<Box<RowStream>>,
}

impl PgStream<'_> {
    /// # Errors
    /// If the server cannot go on.
    pub fn next(&mut self) -> SqlResult<Option<Row>> {
        let rows = &mut self.rows;
        self.session.run(async { rows.next().await.transpose() })
    }
}

/// Returns a statement as PostgreSQL writes it.
fn rewritten(sql: &str) -> String {
    let mut text = String::with_capacity(sql.len() + 16);
    let mut rest = sql;
    while let Some((before, after)) = rest.split_once('?') {
        text.push_str(before);
        text.push('$');
        rest = after;
    }
    text.push_str(rest);
    while let Some(at) = text.find(" indexed by ") {
        let name = at + " indexed by ".len();
        let end = text[name..].find(|c: char| !c.is_alphanumeric() && c != '_').map_or(text.len(), |end| name + end);
        text.replace_range(at..end, "");
    }
    text
}

/// Returns a text as a literal.
pub fn quoted(text: &str) -> String {
    format!("'{}'", text.replace('\'', "''"))
}

/// Returns a name as an identifier.
pub fn quoted_name(name: &str) -> String {
    format!("\"{}\"", name.replace('"', "\"\""))
}

#[cfg(test)]
mod tests {
    use super::rewritten;

    #[test]
    fn parameters_and_hints_are_rewritten() {
        for (sql, expected) in [
            ("select 1", "select 1"),
            ("select a from t where b = ?1 and c = ?12", "select a from t where b = $1 and c = $12"),
            ("select a from t indexed by t_a where b = ?1", "select a from t where b = $1"),
            ("select a from t indexed by t_a", "select a from t"),
        ] {
            assert_eq!(rewritten(sql), expected);
        }
    }
}
