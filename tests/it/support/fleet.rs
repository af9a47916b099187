//! Several servers that share a database.
use super::{Client, Process, backend::Database, client::id, postgres::Postgres, process};
use serde_json::json;
use std::path::{Path, PathBuf};
use tempfile::TempDir;

/// The key that seals the secrets of all servers.
pub const SECRET: &str = "000102030405060708090a0b0c0d0e0f101112131415161718191a1b1c1d1e1f";

/// Servers with one database and one user, who owns a tenant.
pub struct Fleet {
    pub servers: Vec<Process>,
    pub database: Database,
    pub roots: Vec<PathBuf>,
    /// Each server's URL of the database.
    urls: Vec<String>,
    flags: Vec<String>,
    client: Client,
    _dirs: Vec<TempDir>,
}

impl Fleet {
    pub async fn start(count: usize) -> Self {
        Self::on(Database::create(), count).await
    }

    pub async fn on(database: Database, count: usize) -> Self {
        let url = database.url();
        Self::with(database, &url, count, &[]).await
    }

    /// Starts servers that reach the database at this URL, with more flags.
    pub async fn with(database: Database, url: &str, count: usize, more: &[&str]) -> Self {
        Self::through(database, vec![url.to_owned(); count], more).await
    }

    /// Starts servers that reach the database at these URLs.
    pub async fn through(database: Database, urls: Vec<String>, more: &[&str]) -> Self {
        let created =
            process::run(&["user", "create", "ada@example.com", "--database", &urls[0]], "correct horse battery\n");
        assert!(created.status.success(), "{}", process::text(&created));
        let (dirs, roots): (Vec<_>, Vec<_>) = urls.iter().map(|_| process::data_dir()).unzip();
        let flags: Vec<String> = more.iter().map(ToString::to_string).collect();
        let servers: Vec<Process> = roots.iter().zip(&urls).map(|(root, url)| serve(root, url, &flags)).collect();
        let client = servers[0].signed_in("ada@example.com").await;
        let tenant = client.post("/api/v1/tenants", json!({"name": "Hers"})).await.expect(201);
        let client = client.in_tenant(id(&tenant));
        Self { servers, database, roots, urls, flags, client, _dirs: dirs }
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

    /// Stops all servers.
    pub fn stop(&mut self) {
        for server in &mut self.servers {
            server.signal("TERM");
            assert!(server.wait().success());
        }
    }

    /// Starts all servers again, at the same time, with more flags.
    pub fn all_again(&mut self, more: &[&str]) {
        let flags: Vec<String> = self.flags.iter().cloned().chain(more.iter().map(ToString::to_string)).collect();
        self.servers = std::thread::scope(|scope| {
            let places = self.roots.iter().zip(&self.urls);
            let starting: Vec<_> = places.map(|(root, url)| scope.spawn(|| serve(root, url, &flags))).collect();
            starting.into_iter().map(|starting| starting.join().unwrap()).collect()
        });
    }

    /// Starts a server again that was killed or has stopped.
    pub fn again(&mut self, server: usize) {
        self.servers[server] = serve(&self.roots[server], &self.urls[server], &self.flags);
    }
}

fn serve(root: &Path, url: &str, more: &[String]) -> Process {
    let flags = ["--database", url, "--database-connections", "10", "--secret-key", SECRET];
    Process::start(root, &flags.into_iter().chain(more.iter().map(String::as_str)).collect::<Vec<_>>())
}
