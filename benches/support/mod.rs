//! Starts a release binary and measures it with `wrk`.
pub mod pocketbase;

use serde_json::{Value, json};
use std::{
    fs,
    io::{BufRead, BufReader, Read, Write},
    path::Path,
    process::{Child, Command, Stdio},
    time::Instant,
};

const SECONDS: u64 = 8;
const CONNECTIONS: u32 = 32;

/// The results of one run of `wrk`.
pub struct Measured {
    pub rate: f64,
    pub p50: f64,
    pub p99: f64,
    /// Milliseconds of the server's CPU per request.
    pub cpu: f64,
}

pub struct Server {
    process: Child,
    pub url: String,
    dir: std::sync::Arc<tempfile::TempDir>,
}

/// Starts a server on `dir` with additional arguments and returns its URL. `JET_ADMIN_BIN` selects another binary, such
/// as one of an earlier commit.
fn serve(dir: &Path, arguments: &[&str]) -> (Child, String) {
    let binary = std::env::var_os("JET_ADMIN_BIN").unwrap_or_else(|| env!("CARGO_BIN_EXE_jet-admin").into());
    let mut process = Command::new(binary)
        .args(["serve", "--listen", "127.0.0.1:0", "--allow-private-network", "--log-level", "error", "--data-dir"])
        .arg(dir)
        .args(arguments)
        .stdout(Stdio::piped())
        .spawn()
        .unwrap();
    let lines = BufReader::new(process.stdout.take().unwrap()).lines();
    let line = lines.map_while(Result::ok).find(|line| line.starts_with("listening on ")).unwrap();
    (process, line.trim_start_matches("listening on ").to_owned())
}

/// Waits for the first response.
fn wait_for_response(url: &str) {
    let mut stream = std::net::TcpStream::connect(url.trim_start_matches("http://")).unwrap();
    stream.write_all(b"GET /api/v1/setup HTTP/1.1\r\nHost: localhost\r\nConnection: close\r\n\r\n").unwrap();
    let mut status = [0; 12];
    stream.read_exact(&mut status).unwrap();
    assert_eq!(&status, b"HTTP/1.1 200");
}

impl Server {
    pub fn start() -> Self {
        Self::start_with(&[])
    }

    pub fn start_with(arguments: &[&str]) -> Self {
        let dir = std::sync::Arc::new(tempfile::tempdir().unwrap());
        // the first start creates keys and databases, so only the second one is measured
        let (mut first, _) = serve(dir.path(), arguments);
        first.kill().unwrap();
        first.wait().unwrap();
        let started = Instant::now();
        let (process, url) = serve(dir.path(), arguments);
        wait_for_response(&url);
        let duration = started.elapsed().as_secs_f64() * 1000.0;
        println!("start to the first 200 on existing data: {duration:.0} ms (limit 50)");
        Self { process, url, dir }
    }

    /// Starts a server on a new directory without measuring that.
    pub fn begin(arguments: &[String]) -> Self {
        let dir = std::sync::Arc::new(tempfile::tempdir().unwrap());
        let (process, url) = serve(dir.path(), &arguments.iter().map(String::as_str).collect::<Vec<_>>());
        wait_for_response(&url);
        Self { process, url, dir }
    }

    /// Kills the server and restarts it on the same data. Returns when it responds.
    pub fn restart(mut self) -> Self {
        self.process.kill().unwrap();
        self.process.wait().unwrap();
        let (process, url) = serve(self.dir.path(), &[]);
        wait_for_response(&url);
        Self { process, url, dir: std::sync::Arc::clone(&self.dir) }
    }

    pub fn data_dir(&self) -> &Path {
        self.dir.path()
    }

    /// The process ID.
    pub fn id(&self) -> u32 {
        self.process.id()
    }

    fn proc(&self, file: &str) -> String {
        fs::read_to_string(format!("/proc/{}/{file}", self.process.id())).unwrap()
    }

    /// CPU time used so far, in seconds.
    pub fn cpu(&self) -> f64 {
        let stat = self.proc("stat");
        let fields: Vec<f64> = stat.rsplit(") ").next().unwrap().split(' ').filter_map(|f| f.parse().ok()).collect();
        // the state is not a number and is dropped, so utime and stime are the 11th and 12th remaining fields
        (fields[10] + fields[11]) / 100.0
    }

    pub fn resident_mib(&self) -> f64 {
        let status = self.proc("status");
        let line = status.lines().find(|line| line.starts_with("VmRSS")).unwrap();
        line.split_whitespace().nth(1).unwrap().parse::<f64>().unwrap() / 1024.0
    }
}

impl Drop for Server {
    fn drop(&mut self) {
        let _ = self.process.kill();
        let _ = self.process.wait();
    }
}

/// Requests `url` repeatedly, as the `wrk` script specifies.
pub fn measure(server: &Server, url: &str, script: &str) -> Measured {
    measure_at(server, url, script, CONNECTIONS)
}

/// The same with this number of connections.
pub fn measure_at(server: &Server, url: &str, script: &str, connections: u32) -> Measured {
    let file = tempfile::NamedTempFile::with_suffix(".lua").unwrap();
    fs::write(file.path(), script).unwrap();
    let before = server.cpu();
    let out = Command::new("wrk")
        .args([
            &format!("-t{}", connections.min(2)),
            &format!("-c{connections}"),
            &format!("-d{SECONDS}s"),
            "--latency",
            "-s",
        ])
        .arg(file.path())
        .arg(url)
        .output()
        .expect("wrk: apt-get install wrk");
    let text = String::from_utf8_lossy(&out.stdout);
    assert!(!text.contains("Non-2xx"), "{text}");
    let cpu = server.cpu() - before;
    let rate = number(&text, "Requests/sec:");
    let requests: f64 = text
        .lines()
        .find(|l| l.contains("requests in"))
        .and_then(|l| l.split_whitespace().next()?.parse().ok())
        .unwrap();
    let latency = |label| milliseconds(&text, label);
    Measured { rate, p50: latency("50%"), p99: latency("99%"), cpu: cpu * 1000.0 / requests }
}

fn number(text: &str, label: &str) -> f64 {
    let line = text.lines().find(|line| line.trim_start().starts_with(label)).unwrap_or_else(|| panic!("{text}"));
    line.split_whitespace().nth(1).unwrap().parse().unwrap()
}

/// Parses a latency from wrk, such as `1.23ms` or `456.00us`.
fn milliseconds(text: &str, label: &str) -> f64 {
    let line = text.lines().find(|line| line.trim_start().starts_with(label)).unwrap();
    let value = line.split_whitespace().nth(1).unwrap();
    let (digits, unit) = value.split_at(value.find(|c: char| c.is_alphabetic()).unwrap());
    let factor = match unit {
        "us" => 0.001,
        "ms" => 1.0,
        _ => 1000.0,
    };
    digits.parse::<f64>().unwrap() * factor
}

/// A workflow of a start and this many steps, one after the other, for webhook calls that wait for the result.
pub fn chain(name: &str, steps: usize) -> Value {
    let step = |i| json!({"id": format!("s{i}"), "type": "set", "name": format!("s{i}"), "config": {"values": {"n": "{{ input.body.n }}"}}});
    let mut nodes = vec![json!({"id": "start", "type": "start", "name": "start"})];
    nodes.extend((0..steps).map(step));
    let ids: Vec<&str> = nodes.iter().map(|node| node["id"].as_str().unwrap()).collect();
    let edge = |(i, pair): (usize, &[&str])| json!({"id": format!("e{i}"), "source": pair[0], "target": pair[1]});
    let edges: Vec<_> = ids.windows(2).enumerate().map(edge).collect();
    let triggers = json!([{"type": "webhook", "answer": "finish"}]);
    json!({"name": name, "nodes": nodes, "edges": edges, "triggers": triggers, "enabled": true})
}

/// The tenant of a new account, used through the public API.
pub struct Tenant {
    pub base: String,
    token: String,
    id: String,
    http: reqwest::Client,
}

impl Tenant {
    pub async fn make(server: &Server) -> Self {
        Self::of(server, "bench@example.com").await
    }

    /// Signs up with this email address and creates a tenant.
    pub async fn of(server: &Server, email: &str) -> Self {
        let url = &server.url;
        let http = reqwest::Client::new();
        let account = json!({"email": email, "password": "correct horse", "name": "Bench"});
        let session = http.post(format!("{url}/api/v1/session/sign-up")).json(&account).send().await.unwrap();
        let session: Value = session.json().await.unwrap();
        let token = session["idToken"].as_str().unwrap().to_owned();
        let created = http.post(format!("{url}/api/v1/tenants")).bearer_auth(&token).json(&json!({"name": "Bench"}));
        let created: Value = created.send().await.unwrap().json().await.unwrap();
        let id = created["id"].as_str().unwrap().to_owned();
        Self { base: format!("{url}/api/v1/tenants/{id}"), token, id, http }
    }

    /// Creates another tenant of the same account.
    pub async fn another(&self, server: &Server) -> Self {
        let (url, http) = (&server.url, reqwest::Client::new());
        let created =
            http.post(format!("{url}/api/v1/tenants")).bearer_auth(&self.token).json(&json!({"name": "Other"}));
        let created: Value = created.send().await.unwrap().json().await.unwrap();
        let id = created["id"].as_str().unwrap_or_else(|| panic!("{created}")).to_owned();
        Self { base: format!("{url}/api/v1/tenants/{id}"), token: self.token.clone(), id, http }
    }

    /// The same tenant on a restarted server.
    pub fn at(&self, server: &Server) -> Self {
        let base = format!("{}/api/v1/tenants/{}", server.url, self.id);
        Self { base, token: self.token.clone(), id: self.id.clone(), http: reqwest::Client::new() }
    }

    pub fn id(&self) -> &str {
        &self.id
    }

    pub async fn post(&self, path: &str, body: &Value) -> reqwest::Response {
        self.try_post(path, body).await.unwrap()
    }

    pub async fn try_post(&self, path: &str, body: &Value) -> reqwest::Result<reqwest::Response> {
        let request = self.http.post(format!("{}/{path}", self.base)).bearer_auth(&self.token);
        request.header("x-tenant-id", &self.id).json(body).send().await
    }

    pub async fn patch(&self, path: &str, body: &Value) {
        let request = self.http.patch(format!("{}/{path}", self.base)).bearer_auth(&self.token);
        let answer = request.header("x-tenant-id", &self.id).json(body).send().await.unwrap();
        assert!(answer.status().is_success(), "{}", answer.text().await.unwrap());
    }

    /// Opens a stream of events.
    pub async fn open(&self, path: &str) -> reqwest::Response {
        let request = self.http.get(format!("{}/{path}", self.base)).bearer_auth(&self.token);
        request.header("x-tenant-id", &self.id).send().await.unwrap()
    }

    /// Uploads a file and returns its ID.
    pub async fn upload(&self, name: &str, content: Vec<u8>) -> String {
        let request = self.http.post(format!("{}/files?name={name}", self.base)).bearer_auth(&self.token);
        let created: Value =
            request.header("x-tenant-id", &self.id).body(content).send().await.unwrap().json().await.unwrap();
        created["id"].as_str().unwrap_or_else(|| panic!("{created}")).to_owned()
    }

    /// The caller's credentials, as lines of a request head.
    pub fn headers(&self) -> String {
        format!("Authorization: Bearer {}\r\nx-tenant-id: {}\r\n", self.token, self.id)
    }

    pub async fn get(&self, path: &str) -> Value {
        let request = self.http.get(format!("{}/{path}", self.base)).bearer_auth(&self.token);
        request.header("x-tenant-id", &self.id).send().await.unwrap().json().await.unwrap()
    }

    /// Deletes the record at `path` in the tenant, or the tenant itself if `path` is empty.
    pub async fn delete(&self, path: &str) -> reqwest::StatusCode {
        let url = format!("{}/{path}", self.base);
        let request = self.http.delete(url.trim_end_matches('/')).bearer_auth(&self.token);
        request.header("x-tenant-id", &self.id).send().await.unwrap().status()
    }

    /// Creates a record and returns its ID.
    pub async fn create(&self, plural: &str, body: &Value) -> String {
        let created: Value = self.post(plural, body).await.json().await.unwrap();
        created["id"].as_str().unwrap_or_else(|| panic!("{created}")).to_owned()
    }

    /// The start of a `wrk` script, with the caller's credentials.
    pub fn script(&self) -> String {
        format!(
            "wrk.headers['Authorization'] = 'Bearer {}'\nwrk.headers['x-tenant-id'] = '{}'\nwrk.headers['Content-Type'] = 'application/json'\n",
            self.token, self.id
        )
    }
}
