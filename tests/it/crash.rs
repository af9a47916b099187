//! The real process, killed without warning in the middle of its work: every accepted run reaches its end.
use serde_json::{Value, json};
use std::{
    collections::HashMap,
    io::{BufRead, BufReader},
    path::Path,
    process::{Child, Command, Stdio},
    time::{Duration, Instant},
};

/// How many runs there are when the process dies.
const RUNS: usize = 200;
/// How many of them are started at once.
const AT_ONCE: usize = 16;

struct Process {
    child: Child,
    url: String,
}

impl Process {
    fn start(data: &Path) -> Self {
        let mut child = Command::new(env!("CARGO_BIN_EXE_jet-admin"))
            .args(["serve", "--listen", "127.0.0.1:0", "--log-level", "error", "--data-dir"])
            .arg(data)
            .stdout(Stdio::piped())
            .spawn()
            .unwrap();
        let mut lines = BufReader::new(child.stdout.take().unwrap()).lines();
        let line = lines.find_map(|line| line.unwrap().strip_prefix("listening on ").map(str::to_owned));
        Self { child, url: line.expect("the server says where it listens") }
    }

    /// SIGKILL: nothing is flushed, nobody is told.
    fn kill(&mut self) {
        self.child.kill().unwrap();
        self.child.wait().unwrap();
    }
}

impl Drop for Process {
    fn drop(&mut self) {
        let _ = self.child.kill();
        let _ = self.child.wait();
    }
}

#[derive(Clone)]
struct Client {
    http: reqwest::Client,
    token: String,
    tenant: String,
}

impl Client {
    async fn sign_up(url: &str) -> Self {
        // the client wants a provider even where no connection is encrypted
        let _ = rustls::crypto::ring::default_provider().install_default();
        let tls = rustls::ClientConfig::builder()
            .with_root_certificates(rustls::RootCertStore::empty())
            .with_no_client_auth();
        let http = reqwest::Client::builder().tls_backend_preconfigured(tls).build().unwrap();
        let mut client = Self { http, token: String::new(), tenant: String::new() };
        let account =
            json!({"email": "ada@example.com", "password": "correct horse battery", "returnSecureToken": true});
        let path = format!("{url}/identitytoolkit.googleapis.com/v1/accounts:signUp?key=any");
        let session: Value = client.http.post(path).json(&account).send().await.unwrap().json().await.unwrap();
        session["idToken"].as_str().unwrap().clone_into(&mut client.token);
        let tenant =
            client.send(client.http.post(format!("{url}/api/v1/tenants")).json(&json!({"name": "Crash"}))).await;
        tenant["id"].as_str().unwrap().clone_into(&mut client.tenant);
        client
    }

    async fn send(&self, request: reqwest::RequestBuilder) -> Value {
        self.try_send(request).await.expect("the server answers")
    }

    /// None when the server is gone.
    async fn try_send(&self, request: reqwest::RequestBuilder) -> Option<Value> {
        let request = request.bearer_auth(&self.token).header("x-tenant-id", &self.tenant);
        let answer = request.timeout(Duration::from_secs(30)).send().await.ok()?;
        let status = answer.status();
        let body: Value = answer.json().await.ok()?;
        assert!(status.is_success(), "{status}: {body}");
        Some(body)
    }

    fn path(&self, url: &str, rest: &str) -> String {
        format!("{url}/api/v1/tenants/{}/workflows{rest}", self.tenant)
    }

    async fn create(&self, url: &str, delay: &str) -> String {
        let nodes = json!([
            {"id": "start", "type": "start", "name": "start"},
            {"id": "before", "type": "javascript", "name": "before", "config": {"code": "return input.n * 2"}},
            {"id": "wait", "type": "delay", "name": "wait", "config": {"for": delay}},
            {"id": "even", "type": "condition", "name": "even", "config": {"branches": [{"id": "yes", "when": "input.n % 2 == 0"}]}},
            {"id": "a", "type": "javascript", "name": "a", "config": {"code": "return 'even'"}},
            {"id": "b", "type": "javascript", "name": "b", "config": {"code": "return 'odd'"}},
            {"id": "end", "type": "end", "name": "end", "config": {"output": ["{{ steps.before + 1 }}", "{{ steps.a ?? steps.b }}"]}},
        ]);
        let joins = [
            ("start", "out", "before"),
            ("before", "out", "wait"),
            ("wait", "out", "even"),
            ("even", "yes", "a"),
            ("even", "default", "b"),
            ("a", "out", "end"),
            ("b", "out", "end"),
        ];
        let edge = |(i, (source, handle, target)): (usize, (&str, &str, &str))| json!({"id": format!("e{i}"), "source": source, "sourceHandle": handle, "target": target});
        let edges: Vec<_> = joins.into_iter().enumerate().map(edge).collect();
        let body = json!({"name": "Crash", "nodes": nodes, "edges": edges, "enabled": true});
        let made = self.send(self.http.post(self.path(url, "")).json(&body)).await;
        assert_eq!(made["problems"], json!([]));
        made["id"].as_str().unwrap().to_owned()
    }

    /// Starts run `n`; none when the server went away before it answered.
    async fn execute(&self, url: &str, workflow: &str, n: usize) -> Option<(String, usize)> {
        let path = self.path(url, &format!("/{workflow}/execute"));
        let started = self.try_send(self.http.post(path).json(&json!({"input": {"n": n}}))).await?;
        Some((started["instanceID"].as_str().unwrap().to_owned(), n))
    }

    async fn finished(&self, url: &str, id: &str, patience: Duration) -> Value {
        let begun = Instant::now();
        loop {
            let run = self.send(self.http.get(self.path(url, &format!("/instances/{id}")))).await;
            if run["finishedAt"].is_string() {
                return run;
            }
            assert!(begun.elapsed() < patience, "a run does not end: {run}");
            tokio::time::sleep(Duration::from_millis(50)).await;
        }
    }

    /// The names of all events with their steps, as a follower gets them after the end.
    async fn events(&self, url: &str, id: &str) -> Vec<(String, String)> {
        let path = self.path(url, &format!("/instances/{id}/events"));
        let request = self.http.get(path).bearer_auth(&self.token).header("x-tenant-id", &self.tenant);
        let text = request.send().await.unwrap().text().await.unwrap();
        let frame = |frame: &str| {
            let field = |name: &str| frame.lines().find_map(|line| line.strip_prefix(name)).map(str::trim);
            let data: Value = serde_json::from_str(field("data:")?).unwrap();
            Some((field("event:")?.to_owned(), data["name"].as_str().unwrap_or_default().to_owned()))
        };
        text.split("\n\n").filter_map(frame).collect()
    }
}

async fn start_all(client: &Client, url: &str, workflow: &str) -> Vec<(String, usize)> {
    let mut accepted = Vec::new();
    for first in (0..RUNS).step_by(AT_ONCE) {
        let batch = (first..(first + AT_ONCE).min(RUNS)).map(|n| client.execute(url, workflow, n));
        accepted.extend(futures_util::future::join_all(batch).await.into_iter().flatten());
    }
    accepted
}

async fn check(client: &Client, url: &str, accepted: &[(String, usize)]) {
    for (id, n) in accepted {
        let run = client.finished(url, id, Duration::from_secs(60)).await;
        let word = if n % 2 == 0 { "even" } else { "odd" };
        assert_eq!((&run["status"], &run["output"]), (&json!("COMPLETED"), &json!([n * 2 + 1, word])), "{run}");
        let mut completed: HashMap<String, usize> = HashMap::new();
        for (event, name) in client.events(url, id).await {
            *completed.entry(name).or_default() += usize::from(event == "step.completed");
        }
        for step in ["start", "before", "wait", "even", if n % 2 == 0 { "a" } else { "b" }, "end"] {
            assert_eq!(completed.get(step), Some(&1), "{step} of {id}");
        }
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn two_hundred_waiting_runs_survive_the_death_of_the_process() {
    let data = tempfile::tempdir().unwrap();
    let mut process = Process::start(data.path());
    let client = Client::sign_up(&process.url).await;
    let workflow = client.create(&process.url, "5s").await;
    let accepted = start_all(&client, &process.url, &workflow).await;
    assert_eq!(accepted.len(), RUNS);
    process.kill();
    let process = Process::start(data.path());
    check(&client, &process.url, &accepted).await;
}

#[tokio::test(flavor = "multi_thread")]
async fn a_process_that_dies_again_and_again_loses_no_accepted_run() {
    let data = tempfile::tempdir().unwrap();
    let mut process = Process::start(data.path());
    let client = Client::sign_up(&process.url).await;
    let workflow = client.create(&process.url, "300ms").await;
    let mut accepted = Vec::new();
    for moment in [40, 90, 150, 230, 310, 400] {
        let url = process.url.clone();
        let (client, workflow) = (client.clone(), workflow.clone());
        let starting = tokio::spawn(async move { start_all(&client, &url, &workflow).await });
        tokio::time::sleep(Duration::from_millis(moment)).await;
        process.kill();
        accepted.extend(starting.await.unwrap());
        process = Process::start(data.path());
    }
    assert!(!accepted.is_empty());
    check(&client, &process.url, &accepted).await;
}
