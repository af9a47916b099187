//! Where the servers of the tests keep their data: in files, or in databases on a `PostgreSQL` server if the
//! variable `BACKEND` is `postgres`.
use super::postgres::{PASSWORD, Postgres, postgres};
use jet_admin::{
    quota::Quotas,
    store::{Durability, PostgresLimits, Store},
};
use std::{
    path::{Path, PathBuf},
    sync::{Arc, LazyLock, Mutex},
    thread,
};
use tokio_postgres::NoTls;
use uuid::Uuid;

/// The database of each data directory, newest last.
static DATABASES: LazyLock<Mutex<Vec<(PathBuf, Database)>>> = LazyLock::new(Mutex::default);

/// How many databases are kept without their directories. A server that a test has dropped runs until the end of the
/// test, and would block its only thread while it looks for its database.
const KEPT: usize = 60;

/// A database with the current schemas, which others are copied from.
static TEMPLATE: LazyLock<Database> = LazyLock::new(|| {
    let template = Database::create();
    let limits = PostgresLimits { connections: 2, durability: Durability::Normal };
    let store = Store::connect(&template.url().parse().unwrap(), limits, &Arc::new(Quotas::unlimited())).unwrap();
    store.close();
    drop(store);
    // its connections end a moment later, and a database with connections cannot be copied
    let name = template.name();
    execute(
        template.port,
        &[
            &format!("alter database {name} allow_connections false"),
            &format!("select pg_terminate_backend(pid) from pg_stat_activity where datname = '{name}'"),
        ],
    );
    template
});

/// A new database, which is deleted when this is dropped.
pub struct Database {
    port: u16,
    name: String,
}

impl Database {
    /// Creates an empty database on the server that all tests share.
    pub fn create() -> Self {
        Self::on(postgres())
    }

    pub fn on(server: &Postgres) -> Self {
        let database = Self { port: server.port, name: format!("jet_{}", Uuid::new_v4().simple()) };
        execute(database.port, &[&format!("create database {}", database.name)]);
        database
    }

    fn copy(template: &Self) -> Self {
        let database = Self { port: template.port, name: format!("jet_{}", Uuid::new_v4().simple()) };
        let name = &database.name;
        execute(
            database.port,
            &[
                &format!("create database {name} template {}", template.name),
                &format!("alter database {name} allow_connections true"),
            ],
        );
        database
    }

    pub fn name(&self) -> &str {
        &self.name
    }

    pub fn url(&self) -> String {
        url_of(self.port, &self.name)
    }

    /// Returns the URL of this database through another port.
    pub fn url_through(&self, port: u16) -> String {
        url_of(port, &self.name)
    }

    /// The same database, on the server that has taken the place of the first one.
    pub fn moved_to(&mut self, server: &Postgres) {
        self.port = server.port;
    }

    /// Returns the URL of this database on whichever of both servers accepts writes.
    pub fn url_on(&self, ports: [u16; 2]) -> String {
        let [one, other] = ports;
        url_of(one, &self.name).replacen(&format!("127.0.0.1:{one}"), &format!("127.0.0.1:{one},127.0.0.1:{other}"), 1)
    }

    /// Returns the number that a query finds.
    pub fn number(&self, sql: &str) -> usize {
        let found = rows_at(&self.url(), sql);
        usize::try_from(found[0].get::<_, i64>(0)).unwrap()
    }

    /// Executes statements as the administrator, each in its own transaction.
    pub fn execute(&self, sql: &str) {
        execute_at(&self.url(), &sql.split(';').collect::<Vec<_>>()).unwrap();
    }
}

impl Drop for Database {
    fn drop(&mut self) {
        // the server may have stopped before
        let _ = execute_at(
            &url_of(self.port, "postgres"),
            &[&format!("drop database if exists {} with (force)", self.name)],
        );
    }
}

/// Whether the data is on a server.
pub fn is_postgres() -> bool {
    match std::env::var("BACKEND").as_deref() {
        Err(_) | Ok("" | "sqlite") => false,
        Ok("postgres") => true,
        Ok(other) => panic!("BACKEND is {other}: use sqlite or postgres"),
    }
}

/// Returns the URL of the database of a data directory; `None` if its databases are files.
pub fn database_of(root: &Path) -> Option<String> {
    is_postgres().then(|| {
        let mut known = DATABASES.lock().unwrap();
        if let Some((_, database)) = known.iter().find(|(known, _)| known == root) {
            return database.url();
        }
        let (old, mut at) = (known.len().saturating_sub(KEPT), 0);
        known.retain(|(root, _)| {
            at += 1;
            at > old || root.parent().is_some_and(Path::exists)
        });
        let database = Database::copy(&TEMPLATE);
        let url = database.url();
        known.push((root.to_path_buf(), database));
        url
    })
}

fn url_of(port: u16, name: &str) -> String {
    let password = url::form_urlencoded::byte_serialize(PASSWORD.as_bytes()).collect::<String>();
    format!("postgres://admin:{password}@127.0.0.1:{port}/{name}")
}

fn execute(port: u16, statements: &[&str]) {
    execute_at(&url_of(port, "postgres"), statements).unwrap();
}

fn execute_at(url: &str, statements: &[&str]) -> Result<(), String> {
    let statements = statements.iter().map(ToString::to_string).collect::<Vec<_>>();
    on_database(url, async move |client| {
        for statement in statements {
            client.batch_execute(&statement).await.map_err(|error| format!("{statement}: {error:?}"))?;
        }
        Ok(())
    })
}

fn rows_at(url: &str, sql: &str) -> Vec<tokio_postgres::Row> {
    let sql = sql.to_owned();
    on_database(url, async move |client| Ok(client.query(&sql, &[]).await.unwrap())).unwrap()
}

/// Runs `work` with a connection in its own runtime, because tests call this on their only thread.
pub fn on_database<T: Send + 'static>(
    url: &str,
    work: impl AsyncFnOnce(tokio_postgres::Client) -> Result<T, String> + Send + 'static,
) -> Result<T, String> {
    let url = url.to_owned();
    let done = thread::spawn(move || {
        let runtime = tokio::runtime::Builder::new_current_thread().enable_all().build().unwrap();
        runtime.block_on(async {
            let (client, connection) = tokio_postgres::connect(&url, NoTls).await.map_err(|error| error.to_string())?;
            tokio::spawn(connection);
            work(client).await
        })
    });
    done.join().unwrap()
}
