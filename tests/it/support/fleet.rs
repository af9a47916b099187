//! Several servers that share a database.
use super::{Client, Process, backend::Database, client::id, postgres::Postgres, process};
use serde_json::json;
use std::path::PathBuf;
use tempfile::TempDir;

/// The key that seals the secrets of all servers.
const SECRET: &str = "000102030405060708090a0b0c0d0e0f101112131415161718191a1b1c1d1e1f";

/// Servers with one database and one user, who owns a tenant.
pub struct Fleet {
    pub servers: Vec<Process>,
    database: Database,
    /// The data directory of each server, and its URL of the database.
    places: Vec<(PathBuf, String)>,
    client: Client,
    _dirs: Vec<TempDir>,
}

impl Fleet {
    pub async fn start(count: usize) -> Self {
        Self::on(Database::create(), count).await
    }

    pub async fn on(database: Database, count: usize) -> Self {
        let urls = vec![database.url(); count];
        Self::through(database, urls).await
    }

    /// Starts servers that reach the database at these URLs.
    pub async fn through(database: Database, urls: Vec<String>) -> Self {
        let created = process::run(
            &["user", "create", "ada@example.com", "--database", &database.url()],
            "correct horse battery\n",
        );
        assert!(created.status.success(), "{}", process::text(&created));
        let (dirs, roots): (Vec<_>, Vec<_>) = urls.iter().map(|_| process::data_dir()).unzip();
        let places: Vec<_> = roots.into_iter().zip(urls).collect();
        let servers: Vec<Process> = places.iter().map(serve).collect();
        let client = servers[0].signed_in("ada@example.com").await;
        let tenant = client.post("/api/v1/tenants", json!({"name": "Hers"})).await.expect(201);
        let client = client.in_tenant(id(&tenant));
        Self { servers, database, places, client, _dirs: dirs }
    }

    /// The owner of the tenant as a caller of a server.
    pub fn client(&self, server: usize) -> Client {
        self.client.at(&self.servers[server].url)
    }

    /// How many lives of servers do not count as dead.
    pub fn living(&self) -> usize {
        self.database.number("select count(*) from jet_admin_runs.servers where not is_dead")
    }

    /// Looks for the database on the server that has taken the place of the first one.
    pub fn moved_to(&mut self, server: &Postgres) {
        self.database.moved_to(server);
    }

    /// Starts a server again that was killed or has stopped.
    pub fn again(&mut self, server: usize) {
        self.servers[server] = serve(&self.places[server]);
    }
}

fn serve((root, url): &(PathBuf, String)) -> Process {
    Process::start(root, &["--database", url, "--database-connections", "10", "--secret-key", SECRET])
}
