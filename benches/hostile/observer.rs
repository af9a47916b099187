//! Watches the server while it is attacked: its memory, its health, and what another tenant can still do.
use crate::support::Tenant;
use serde_json::{Value, json};
use std::{
    fs,
    io::{self, Read, Write},
    net::TcpStream,
    sync::Arc,
    thread,
    time::{Duration, Instant},
};
use tokio::task::JoinHandle;
use tokio_util::sync::CancellationToken;

/// Measurements from the first request of an attack to the last.
pub struct Observation {
    pub peak_mib: f64,
    /// Milliseconds.
    pub health_max: f64,
    pub health_p99: f64,
    /// Queries and runs of the other tenant.
    pub requests: usize,
    pub succeeded: usize,
    /// The first few errors.
    pub failures: Vec<String>,
}

pub struct Observer {
    stop: CancellationToken,
    memory: JoinHandle<f64>,
    health: thread::JoinHandle<Vec<f64>>,
    neighbor: JoinHandle<(usize, Vec<String>)>,
}

impl Observer {
    pub fn watch(process: u32, url: String, neighbor: Arc<Neighbor>) -> Self {
        let stop = CancellationToken::new();
        Self {
            memory: tokio::spawn(memory(process, stop.clone())),
            health: thread::spawn({
                let stop = stop.clone();
                move || health(&url, &stop)
            }),
            neighbor: tokio::spawn(use_normally(neighbor, stop.clone())),
            stop,
        }
    }

    pub async fn finish(self) -> Observation {
        self.stop.cancel();
        let mut health = tokio::task::spawn_blocking(|| self.health.join().unwrap()).await.unwrap();
        health.sort_by(f64::total_cmp);
        let (requests, failures) = self.neighbor.await.unwrap();
        Observation {
            peak_mib: self.memory.await.unwrap(),
            health_max: health.last().copied().unwrap_or(f64::INFINITY),
            health_p99: health.get(health.len() * 99 / 100).copied().unwrap_or(f64::INFINITY),
            requests,
            succeeded: requests - failures.len(),
            failures: failures.into_iter().take(3).collect(),
        }
    }
}

async fn memory(process: u32, stop: CancellationToken) -> f64 {
    let mut peak: f64 = 0.0;
    while !stop.is_cancelled() {
        peak = peak.max(resident_mib(process));
        tokio::time::sleep(Duration::from_millis(10)).await;
    }
    peak.max(resident_mib(process))
}

/// Runs on its own thread, so that this program's attacks do not delay the measurement.
fn health(url: &str, stop: &CancellationToken) -> Vec<f64> {
    let mut durations = Vec::new();
    while !stop.is_cancelled() || durations.is_empty() {
        let start = Instant::now();
        durations.push(if healthy(url) { start.elapsed().as_secs_f64() * 1000.0 } else { f64::INFINITY });
        thread::sleep(Duration::from_millis(20));
    }
    durations
}

async fn use_normally(neighbor: Arc<Neighbor>, stop: CancellationToken) -> (usize, Vec<String>) {
    let (mut requests, mut failures) = (0, Vec::new());
    while !stop.is_cancelled() || requests == 0 {
        for answer in [neighbor.query().await, neighbor.run().await] {
            requests += 1;
            failures.extend(answer.err());
        }
        tokio::time::sleep(Duration::from_millis(100)).await;
    }
    (requests, failures)
}

/// Whether `/healthz` responds with 200 on a new connection, as for a health probe.
pub fn healthy(url: &str) -> bool {
    probe(url.trim_start_matches("http://")).is_ok_and(|answer| answer.starts_with("HTTP/1.1 200"))
}

fn probe(address: &str) -> io::Result<String> {
    let mut socket = TcpStream::connect(address)?;
    socket.set_nodelay(true)?;
    socket.set_read_timeout(Some(Duration::from_secs(20)))?;
    socket.write_all(format!("GET /healthz HTTP/1.1\r\nHost: {address}\r\nConnection: close\r\n\r\n").as_bytes())?;
    let mut answer = String::new();
    socket.read_to_string(&mut answer)?;
    Ok(answer)
}

/// The resident memory of a process and of its children.
pub fn resident_mib(process: u32) -> f64 {
    let children = fs::read_to_string(format!("/proc/{process}/task/{process}/children")).unwrap_or_default();
    // a child belongs to the thread that started it
    let threads = fs::read_dir(format!("/proc/{process}/task")).into_iter().flatten().flatten();
    let of_threads = threads.filter_map(|thread| fs::read_to_string(thread.path().join("children")).ok());
    let mut ids: Vec<u32> = of_threads.chain([children]).flat_map(|ids| numbers(&ids)).chain([process]).collect();
    ids.sort_unstable();
    ids.dedup();
    ids.into_iter().map(own_mib).sum()
}

fn numbers(text: &str) -> Vec<u32> {
    text.split_whitespace().filter_map(|number| number.parse().ok()).collect()
}

fn own_mib(process: u32) -> f64 {
    let status = fs::read_to_string(format!("/proc/{process}/status")).unwrap_or_default();
    let line = status.lines().find(|line| line.starts_with("VmRSS"));
    let kib = line.and_then(|line| line.split_whitespace().nth(1)?.parse::<f64>().ok());
    kib.unwrap_or_default() / 1024.0
}

/// Another tenant on the same server, with normal use.
pub struct Neighbor {
    tenant: Tenant,
    query: String,
    graph: Value,
}

impl Neighbor {
    pub async fn new(tenant: Tenant) -> Self {
        let source = json!({"name": "own", "type": "sqlite", "options": {"path": "own.db", "readOnly": false}});
        let source = tenant.create("datasources", &source).await;
        let query = json!({
            "name": "answer", "datasourceID": source, "options": {"sql": "select {{ params.n }} * 2 as n"},
            "parameters": [{"name": "n", "type": "number", "required": true}],
        });
        let query = tenant.create("data-queries", &query).await;
        let graph = json!({
            "nodes": [
                {"id": "start", "type": "start", "name": "start"},
                {"id": "script", "type": "javascript", "name": "script", "config": {"code": "return 6 * 7"}},
                {"id": "end", "type": "end", "name": "end", "config": {"output": "{{ steps.script }}"}},
            ],
            "edges": [
                {"id": "a", "source": "start", "target": "script"},
                {"id": "b", "source": "script", "target": "end"},
            ],
        });
        Self { tenant, query, graph }
    }

    pub async fn query(&self) -> Result<(), String> {
        let path = format!("data-queries/{}/execute", self.query);
        let answer = post(&self.tenant, &path, &json!({"parameters": {"n": 21}})).await?;
        if answer["data"] == json!([{"n": 42}]) { Ok(()) } else { Err(answer.to_string()) }
    }

    pub async fn run(&self) -> Result<(), String> {
        let answer = post(&self.tenant, "workflows/test?wait=10", &self.graph).await?;
        if answer["status"] == "COMPLETED" && answer["output"] == 42 { Ok(()) } else { Err(answer.to_string()) }
    }
}

async fn post(tenant: &Tenant, path: &str, body: &Value) -> Result<Value, String> {
    let answer = tenant.try_post(path, body).await.map_err(|error| error.to_string())?;
    answer.json().await.map_err(|error| error.to_string())
}
