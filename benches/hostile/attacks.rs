//! The attacks: requests from strangers, and work that a tenant can cause.
use crate::{
    bombs,
    observer::Neighbor,
    support::{Server, Tenant},
};
use axum::{Router, http::header, routing::get};
use flate2::{Compression, write::GzEncoder};
use futures_util::future::{BoxFuture, FutureExt, join_all};
use serde_json::{Value, json};
use std::{collections::BTreeMap, io::Write, sync::Arc, time::Duration};
use tokio::{
    io::AsyncWriteExt,
    net::{TcpListener, TcpStream},
};

/// How long half-sent requests are kept open.
const HELD: Duration = Duration::from_secs(8);
const MIB: usize = 1 << 20;

/// Everything that the attacks need.
pub struct Stage {
    url: String,
    address: String,
    pub attacker: Tenant,
    pub neighbor: Arc<Neighbor>,
    hook: String,
    query: String,
    file_queries: Vec<(&'static str, String)>,
    hook_body: bytes::Bytes,
}

impl Stage {
    pub async fn prepare(server: &Server) -> Self {
        let attacker = Tenant::of(server, "attacker@example.com").await;
        let neighbor = Neighbor::new(Tenant::of(server, "neighbour@example.com").await).await;
        let upstream = upstream().await;
        let options = json!({"baseUrl": format!("http://127.0.0.1:{upstream}")});
        let source = json!({"name": "zeros", "type": "restapi", "options": options});
        let source = attacker.create("datasources", &source).await;
        let query = json!({"name": "zeros", "datasourceID": source, "options": {"method": "GET", "path": "/"}});
        let query = attacker.create("data-queries", &query).await;
        let flow = json!({
            "name": "hook", "enabled": true, "triggers": [{"type": "webhook", "answer": "finish"}],
            "nodes": [
                {"id": "start", "type": "start", "name": "start"},
                {"id": "set", "type": "set", "name": "set", "config": {"values": {"n": "{{ input.body.length }}"}}},
            ],
            "edges": [{"id": "a", "source": "start", "target": "set"}],
        });
        let flow: Value = attacker.post("workflows", &flow).await.json().await.unwrap();
        let path = flow["triggerStates"][0]["path"].as_str().unwrap_or_else(|| panic!("{flow}"));
        let mut file_queries = Vec::new();
        for (name, file, content) in [
            ("CSV of commas", "commas.csv", bombs::commas()),
            ("JSON object of 1.5 M names", "names.json", bombs::names()),
            ("XLSX of blanks", "blanks.xlsx", bombs::blanks()),
            ("XLSX of shared strings", "strings.xlsx", bombs::strings()),
        ] {
            file_queries.push((name, upload(&attacker, file, content).await));
        }
        Self {
            url: server.url.clone(),
            address: server.url.trim_start_matches("http://").to_owned(),
            hook: format!("{}{path}", server.url),
            attacker,
            neighbor: Arc::new(neighbor),
            query,
            file_queries,
            hook_body: bombs::zeros(MIB - 1024).into(),
        }
    }
}

/// Uploads a file, creates a datasource with a query for it, and returns the query's ID.
async fn upload(tenant: &Tenant, name: &str, content: Vec<u8>) -> String {
    let file = tenant.upload(name, content).await;
    let source = json!({"name": name, "type": "file", "options": {"fileID": file}});
    let source = tenant.create("datasources", &source).await;
    let query = json!({"name": name, "datasourceID": source, "options": {"sql": "select count(*) as n from data"}});
    tenant.create("data-queries", &query).await
}

/// A service that responds with 30 MB of JSON, compressed to 30 KB.
async fn upstream() -> u16 {
    let mut compressed = GzEncoder::new(Vec::new(), Compression::best());
    compressed.write_all(&bombs::zeros(30_000_000)).unwrap();
    let compressed = bytes::Bytes::from(compressed.finish().unwrap());
    let headers = [(header::CONTENT_TYPE, "application/json"), (header::CONTENT_ENCODING, "gzip")];
    let router = Router::new().route("/", get(move || async move { (headers, compressed) }));
    let listener = TcpListener::bind("127.0.0.1:0").await.unwrap();
    let port = listener.local_addr().unwrap().port();
    tokio::spawn(async move { axum::serve(listener, router).await.unwrap() });
    port
}

pub struct Attack {
    pub name: &'static str,
    pub run: for<'a> fn(&'a Stage) -> BoxFuture<'a, Held>,
}

/// The results of an attack: the responses, and connections that are still open.
#[derive(Default)]
pub struct Held {
    pub outcomes: Vec<String>,
    #[expect(dead_code, reason = "kept open until it is dropped")]
    sockets: Vec<TcpStream>,
}

pub const ALL: &[Attack] = &[
    Attack { name: "1 000 half-sent heads", run: |stage| heads(stage).boxed() },
    Attack { name: "400 unfinished bodies", run: |stage| bodies(stage).boxed() },
    Attack { name: "200 webhook calls of 1 MB", run: |stage| hooks(stage).boxed() },
    Attack { name: "64 queries with 30 MB answers", run: |stage| answers(stage).boxed() },
    Attack { name: "upload bombs", run: |stage| uploads(stage).boxed() },
    Attack { name: "25 stuck scripts", run: |stage| scripts(stage).boxed() },
];

async fn heads(stage: &Stage) -> Held {
    half_sent(stage, 1000, |_| b"GET /api/v1/setup HTTP/1.1\r\nHost: 127.0.0.1\r\nX-Half".to_vec()).await
}

/// Sends most of a body, to a public route and to one that requires a token.
async fn bodies(stage: &Stage) -> Held {
    let mut open = b"POST /api/v1/session HTTP/1.1\r\nHost: 127.0.0.1\r\nContent-Type: application/json\r\nContent-Length: 65000\r\n\r\n".to_vec();
    open.resize(open.len() + 64_000, b' ');
    let mut own = format!(
        "POST {}/widgets HTTP/1.1\r\nHost: 127.0.0.1\r\nContent-Type: application/json\r\n{}Content-Length: 4194000\r\n\r\n",
        stage.attacker.base.trim_start_matches(&stage.url),
        stage.attacker.headers(),
    )
    .into_bytes();
    own.resize(own.len() + 4_100_000, b' ');
    half_sent(stage, 400, move |i| if i % 2 == 0 { open.clone() } else { own.clone() }).await
}

async fn half_sent(stage: &Stage, connections: usize, bytes: impl Fn(usize) -> Vec<u8>) -> Held {
    let connect = async |bytes: Vec<u8>| {
        let mut socket = TcpStream::connect(&stage.address).await.ok()?;
        // a server that refuses stops reading
        let _ = tokio::time::timeout(HELD, socket.write_all(&bytes)).await;
        Some(socket)
    };
    let sockets: Vec<TcpStream> =
        join_all((0..connections).map(|i| connect(bytes(i)))).await.into_iter().flatten().collect();
    tokio::time::sleep(HELD).await;
    Held { outcomes: vec![format!("{} connections were kept open for {} s", sockets.len(), HELD.as_secs())], sockets }
}

async fn hooks(stage: &Stage) -> Held {
    let client = reqwest::Client::new();
    let call = |_| {
        let call =
            client.post(&stage.hook).header(header::CONTENT_TYPE, "application/json").body(stage.hook_body.clone());
        async move { status_of(call.send().await) }
    };
    tally("webhook calls", join_all((0..200).map(call)).await)
}

async fn answers(stage: &Stage) -> Held {
    let path = format!("data-queries/{}/execute", stage.query);
    let ask = |_| async { status_of(stage.attacker.try_post(&path, &json!({})).await) };
    tally("queries", join_all((0..64).map(ask)).await)
}

async fn uploads(stage: &Stage) -> Held {
    let read = |(name, query): &(&'static str, String)| {
        let (name, path) = (*name, format!("data-queries/{query}/execute"));
        async move {
            let answer: Value = match stage.attacker.try_post(&path, &json!({})).await {
                Ok(answer) => answer.json().await.unwrap_or_default(),
                Err(error) => Value::String(error.to_string()),
            };
            let message = answer["error"]["message"].as_str().map_or_else(|| answer.to_string(), str::to_owned);
            format!("{name}: {}", message.chars().take(120).collect::<String>())
        }
    };
    Held { outcomes: join_all(stage.file_queries.iter().map(read)).await, ..Held::default() }
}

async fn scripts(stage: &Stage) -> Held {
    const STUCK: &str = "const h = 'a'.repeat(2e7), n = 'a'.repeat(1e7) + 'b'; return h.indexOf(n)";
    let graph = json!({
        "nodes": [
            {"id": "start", "type": "start", "name": "start"},
            {"id": "stuck", "type": "javascript", "name": "stuck", "config": {"code": STUCK}, "settings": {"timeoutMs": 5000}},
        ],
        "edges": [{"id": "a", "source": "start", "target": "stuck"}],
    });
    let run = |_| async { status_of(stage.attacker.try_post("workflows/test?wait=30", &graph).await) };
    tally("stuck scripts", join_all((0..25).map(run)).await)
}

/// The status of a response, or `no answer`.
fn status_of(answer: reqwest::Result<reqwest::Response>) -> String {
    answer.map_or_else(|_| "no answer".to_owned(), |answer| answer.status().as_u16().to_string())
}

fn tally(what: &str, answers: Vec<String>) -> Held {
    let mut counts = BTreeMap::new();
    for answer in answers {
        *counts.entry(answer).or_insert(0) += 1;
    }
    let counts: Vec<String> = counts.into_iter().map(|(answer, count)| format!("{count} × {answer}")).collect();
    Held { outcomes: vec![format!("{what}: {}", counts.join(", "))], ..Held::default() }
}

/// Whether the attacker's own tenant can run a script again.
pub async fn works(tenant: &Tenant) -> bool {
    let graph = json!({
        "nodes": [
            {"id": "start", "type": "start", "name": "start"},
            {"id": "one", "type": "javascript", "name": "one", "config": {"code": "return 1"}},
        ],
        "edges": [{"id": "a", "source": "start", "target": "one"}],
    });
    let answer: Value = match tenant.try_post("workflows/test?wait=5", &graph).await {
        Ok(answer) => answer.json().await.unwrap_or_default(),
        Err(_) => return false,
    };
    answer["status"] == "COMPLETED"
}
