//! Servers on one database.
use crate::{
    postgres::{PASSWORD, Postgres},
    support::{Server, Tenant},
};
use serde_json::{Value, json};
use std::{fs, process::Command};

/// The key that seals the secrets of all servers.
const SECRET: &str = "000102030405060708090a0b0c0d0e0f101112131415161718191a1b1c1d1e1f";

/// Servers on a new database, and a tenant.
pub struct Servers {
    pub all: Vec<Server>,
    pub tenant: Tenant,
    /// Reads what the servers write.
    pub sql: tokio_postgres::Client,
    arguments: Vec<String>,
}

impl Servers {
    pub async fn start(postgres: &Postgres, count: usize) -> Self {
        let name = format!("jet_{}", uuid::Uuid::new_v4().simple());
        let create = format!("create database {name}");
        connect(&url_of(postgres, "postgres")).await.batch_execute(&create).await.unwrap();
        let url = url_of(postgres, &name);
        let arguments =
            ["--database", &url, "--database-connections", "16", "--secret-key", SECRET, "--quota-tenants", "1000"]
                .map(str::to_owned);
        let all: Vec<Server> = (0..count).map(|_| Server::begin(&arguments)).collect();
        let tenant = Tenant::make(&all[0]).await;
        Self { all, tenant, sql: connect(&url).await, arguments: arguments.to_vec() }
    }

    /// The tenant on one of the servers.
    pub fn at(&self, server: usize) -> Tenant {
        self.tenant.at(&self.all[server])
    }

    /// Starts another server in the place of one that has ended.
    pub fn again(&mut self, server: usize) {
        self.all[server] = Server::begin(&self.arguments);
        // it has another address
        self.tenant = self.at(0);
    }

    /// Returns the number that a query finds.
    pub async fn number(&self, sql: &str) -> i64 {
        self.sql.query_one(sql, &[]).await.unwrap().get(0)
    }

    pub fn signal(&self, server: usize, name: &str) {
        let sent = Command::new("kill").args(["-s", name, &self.all[server].id().to_string()]).status().unwrap();
        assert!(sent.success());
    }
}

/// Returns the URL of a database.
pub fn url_of(postgres: &Postgres, name: &str) -> String {
    let password: String = url::form_urlencoded::byte_serialize(PASSWORD.as_bytes()).collect();
    format!("postgresql://admin:{password}@127.0.0.1:{}/{name}", postgres.port)
}

async fn connect(url: &str) -> tokio_postgres::Client {
    let (client, connection) = tokio_postgres::connect(url, tokio_postgres::NoTls).await.unwrap();
    tokio::spawn(connection);
    client
}

/// CPU time that PostgreSQL has used so far, in seconds: its processes, and those that have ended.
pub fn cpu(postgres: &Postgres) -> f64 {
    let parent = postgres.process();
    let of = |id: u32, fields: &[usize]| {
        let stat = fs::read_to_string(format!("/proc/{id}/stat")).unwrap_or_default();
        let after = stat.rsplit(") ").next().unwrap_or_default().split(' ').map(str::to_owned).collect::<Vec<_>>();
        let number = |at: &usize| after.get(*at).and_then(|text| text.parse::<f64>().ok()).unwrap_or(0.0);
        (after.get(1).and_then(|text| text.parse().ok()) == Some(parent), fields.iter().map(number).sum::<f64>())
    };
    let processes =
        fs::read_dir("/proc").unwrap().flatten().filter_map(|entry| entry.file_name().to_str()?.parse().ok());
    let children: f64 =
        processes.map(|id| of(id, &[11, 12])).filter(|(is_child, _)| *is_child).map(|(_, used)| used).sum();
    // with those that it has waited for
    (children + of(parent, &[11, 12, 13, 14]).1) / 100.0
}

/// A workflow of a start, these steps one after the other, and an end.
pub fn flow(name: &str, steps: &[Value]) -> Value {
    let mut nodes = vec![json!({"id": "start", "type": "start", "name": "start"})];
    nodes.extend_from_slice(steps);
    nodes.push(json!({"id": "end", "type": "end", "name": "end"}));
    let edge =
        |(i, pair): (usize, &[Value])| json!({"id": format!("e{i}"), "source": pair[0]["id"], "target": pair[1]["id"]});
    let edges: Vec<_> = nodes.windows(2).enumerate().map(edge).collect();
    json!({"name": name, "inputs": [{"name": "until"}], "nodes": nodes, "edges": edges})
}

/// Starts a run and returns its ID.
pub async fn begin(tenant: &Tenant, workflow: &str, input: &Value) -> String {
    let answer = tenant.post(&format!("workflows/{workflow}/execute"), &json!({"input": input})).await;
    let started: Value = answer.json().await.unwrap();
    started["instanceID"].as_str().unwrap_or_else(|| panic!("{started}")).to_owned()
}
