//! The example of a cluster, as a user starts it.
use crate::support::{
    Client,
    background::free_port,
    process::{self, BINARY},
    recorder::{Recorder, Seen},
    wait::until,
};
use axum::{
    http::{Method, StatusCode},
    response::IntoResponse,
};
use serde_json::json;
use std::{
    io::{BufRead, BufReader},
    process::{Child, Command, Stdio},
};

/// The running example; stopped when it is dropped.
struct Cluster {
    script: Child,
    url: String,
}

impl Cluster {
    /// Returns five ports that follow one another and are free.
    fn ports() -> u16 {
        let all_free = |first: &u16| (0..5).all(|n| std::net::TcpListener::bind(("127.0.0.1", first + n)).is_ok());
        std::iter::repeat_with(|| free_port().min(60_000)).find(all_free).unwrap()
    }

    fn start(root: &std::path::Path) -> Self {
        let script = concat!(env!("CARGO_MANIFEST_DIR"), "/examples/cluster/start");
        let mut command = Command::new(script);
        command.arg(root).env("JET_ADMIN_BIN", BINARY).env("PORT", Self::ports().to_string()).stdin(Stdio::null());
        let mut script = command.stdout(Stdio::piped()).spawn().unwrap();
        let mut line = String::new();
        BufReader::new(script.stdout.take().unwrap()).read_line(&mut line).unwrap();
        let url = line.trim().strip_prefix("listening on ").unwrap_or_else(|| panic!("{line}")).to_owned();
        Self { script, url }
    }
}

impl Drop for Cluster {
    fn drop(&mut self) {
        let _ = Command::new("kill").args(["-s", "TERM", &self.script.id().to_string()]).status();
        let _ = self.script.wait();
    }
}

/// The balancer of the example, in front of other servers.
struct Balancer {
    process: Child,
    url: String,
}

impl Balancer {
    async fn start(root: &std::path::Path, servers: [u16; 3]) -> Self {
        let port = free_port();
        let mut settings = include_str!("../../../examples/cluster/nginx.conf").replace("ROOT", root.to_str().unwrap());
        for (n, server) in servers.into_iter().enumerate() {
            settings = settings.replace(&format!("PORT{}", n + 1), &server.to_string());
        }
        let file = root.join("nginx.conf");
        std::fs::write(&file, settings.replace("PORT", &port.to_string())).unwrap();
        let process = Command::new("/usr/sbin/nginx").arg("-c").arg(&file).arg("-e").arg(root.join("log")).spawn();
        let started = Self { process: process.unwrap(), url: format!("http://127.0.0.1:{port}") };
        until("nginx listens", async || tokio::net::TcpStream::connect(("127.0.0.1", port)).await.is_ok()).await;
        started
    }
}

impl Drop for Balancer {
    fn drop(&mut self) {
        let _ = self.process.kill();
        let _ = self.process.wait();
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn a_request_that_no_server_can_answer_does_not_affect_others() {
    let dir = tempfile::tempdir().unwrap();
    let answer = |seen: &Seen| {
        let status = if seen.method == Method::PUT { StatusCode::SERVICE_UNAVAILABLE } else { StatusCode::OK };
        status.into_response()
    };
    let servers = [Recorder::start(answer).await, Recorder::start(answer).await, Recorder::start(answer).await];
    let balancer = Balancer::start(dir.path(), servers.each_ref().map(|server| server.port)).await;
    let anyone = Client::new(&balancer.url);
    for _ in 0..5 {
        let refused = anyone.call(Method::PUT, "/content").raw("text/plain", "x").open().await;
        assert_eq!(refused.status(), 503);
        for server in &servers {
            assert_eq!(
                server.take().iter().filter(|seen| seen.method == Method::PUT).count(),
                1,
                "each server is tried"
            );
        }
        for _ in 0..6 {
            assert_eq!(anyone.call(Method::GET, "/others").open().await.status(), 200);
        }
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn without_any_server_the_balancer_refuses_requests_as_servers_do() {
    let dir = tempfile::tempdir().unwrap();
    let balancer = Balancer::start(dir.path(), [free_port(), free_port(), free_port()]).await;
    let refused = Client::new(&balancer.url).get("/api/v1/tenants").await;
    assert_eq!(refused.headers["retry-after"], "1");
    refused.refused(503, "UNAVAILABLE");
}

#[tokio::test(flavor = "multi_thread")]
async fn the_example_serves_requests_on_three_servers_while_one_is_killed() {
    let dir = tempfile::tempdir().unwrap();
    let root = dir.path().join("cluster");
    let cluster = Cluster::start(&root);
    let anyone = Client::new(&cluster.url);
    let person = json!({"email": "ada@example.com", "password": "correct horse battery"});
    let session = anyone.post("/api/v1/session/sign-up", person).await.expect(200);
    let client = anyone.with_token(session["idToken"].as_str().unwrap());
    until("every server knows the account", async || client.get("/api/v1/auth").await.status == 200).await;
    let tenant = client.post("/api/v1/tenants", json!({"name": "Hers"})).await.expect(201);
    let client = client.in_tenant(crate::support::client::id(&tenant));
    let killed = Command::new("pkill").args(["-9", "-f", &format!("{}/server2", root.display())]).status().unwrap();
    assert!(killed.success());
    for n in 0..30 {
        client.post("variables", json!({"name": format!("v{n}"), "value": "1"})).await.expect(201);
        client.get("variables").await.expect(200);
    }
    let names = process::text(&Command::new("ls").arg(root.join("uploads")).output().unwrap());
    assert!(!names.contains("No such file"), "{names}");
}
