//! Connections that idle, stall or arrive in large numbers must not affect others.
use super::PATIENCE;
use crate::support::{
    Client, TestServer, World,
    client::id,
    process::{BINARY, Process, command, data_dir},
};
use futures_util::future::select_all;
use jet_admin::server::{ConnectionTimeouts, ServerConfig};
use reqwest::Method;
use serde_json::json;
use std::{
    fs,
    io::ErrorKind,
    net::SocketAddr,
    process::Command,
    time::{Duration, Instant},
};
use tokio::{
    io::{AsyncReadExt, AsyncWriteExt},
    net::TcpStream,
    time::timeout,
};

const SHORT: Duration = Duration::from_millis(300);
const LONG: Duration = Duration::from_hours(1);
const HEALTH: &[u8] = b"GET /healthz HTTP/1.1\r\nHost: localhost\r\n\r\n";

fn patience(head: Duration, idle: Duration, write: Duration) -> impl FnOnce(&mut ServerConfig) {
    move |config| config.patience = ConnectionTimeouts { head, idle, write }
}

async fn open(address: SocketAddr, first: &[u8]) -> TcpStream {
    let mut stream = TcpStream::connect(address).await.unwrap();
    stream.write_all(first).await.unwrap();
    stream
}

/// Reads until the server closes the connection.
async fn rest(stream: &mut TcpStream) -> String {
    let mut bytes = Vec::new();
    match timeout(PATIENCE, stream.read_to_end(&mut bytes)).await.expect("the server did not close the connection") {
        Ok(_) => {}
        Err(error) => assert_eq!(error.kind(), ErrorKind::ConnectionReset),
    }
    String::from_utf8_lossy(&bytes).into_owned()
}

/// Reads one response of `/healthz`.
async fn read_health(stream: &mut TcpStream) {
    let mut text = String::new();
    while !text.ends_with("ok") {
        let mut bytes = [0; 1024];
        let read = timeout(PATIENCE, stream.read(&mut bytes)).await.expect("the server did not respond").unwrap();
        assert!(read > 0, "closed after `{text}`");
        text.push_str(std::str::from_utf8(&bytes[..read]).unwrap());
    }
    assert!(text.starts_with("HTTP/1.1 200"), "{text}");
}

#[tokio::test]
async fn connections_with_an_incomplete_request_head_are_closed() {
    let server = TestServer::start_with(patience(SHORT, LONG, LONG)).await;
    let address = server.server.address;
    let mut silent = open(address, b"").await;
    let mut half = open(address, b"GET /healthz HTTP/1.1\r\nHost: loc").await;
    let mut second = open(address, HEALTH).await;
    read_health(&mut second).await;
    second.write_all(b"GET /healthz HT").await.unwrap();
    let mut trickling = open(address, b"GET /healthz HTTP/1.1\r\nX-Slow: ").await;
    let drops = async {
        while trickling.write_all(b"x").await.is_ok() {
            tokio::time::sleep(SHORT / 10).await;
        }
    };
    timeout(PATIENCE, drops).await.expect("a byte now and then must not keep a connection open");
    for stream in [&mut silent, &mut half, &mut second] {
        assert_eq!(rest(stream).await, "");
    }
}

#[tokio::test]
async fn idle_connections_are_closed_and_event_streams_stay_open() {
    let world = World::on(TestServer::start_with(patience(SHORT, SHORT, LONG)).await).await;
    let mut feed = world.client.call(Method::GET, "workflows/instances/events").open().await;
    assert!(!feed.chunk().await.unwrap().unwrap().is_empty());
    for _ in 0..3 {
        let mut idle = open(world.server.server.address, HEALTH).await;
        read_health(&mut idle).await;
        assert_eq!(rest(&mut idle).await, "");
    }
    let nodes = json!([{"id": "s", "type": "start", "name": "start"}, {"id": "e", "type": "end", "name": "end"}]);
    let draft = json!({"name": "Short", "nodes": nodes, "edges": [{"id": "a", "source": "s", "target": "e"}]});
    let workflow = id(&world.client.post("workflows", draft).await.expect(201));
    world.client.post(&format!("workflows/{workflow}/execute?wait=10"), json!({})).await.expect(200);
    let chunk = timeout(PATIENCE, feed.chunk()).await.expect("no event arrived").unwrap();
    assert!(chunk.is_some_and(|chunk| !chunk.is_empty()), "the stream ended");
}

#[tokio::test]
async fn a_connection_whose_client_does_not_read_is_closed() {
    let server = TestServer::start_with(patience(LONG, LONG, SHORT)).await;
    let many = 400;
    let request = "GET /api/v1/openapi.json HTTP/1.1\r\nHost: localhost\r\n\r\n";
    let mut stream = open(server.server.address, request.repeat(many).as_bytes()).await;
    let closed = async {
        while stream.write_all(b"\r\n").await.is_ok() {
            tokio::time::sleep(SHORT / 10).await;
        }
    };
    timeout(PATIENCE, closed).await.expect("the server did not close the connection");
    let answers = rest(&mut stream).await.matches("HTTP/1.1 200").count();
    assert!(answers < many, "all {answers} responses were written");
    server.anyone().get("/healthz").await;
}

#[tokio::test]
async fn idle_connections_are_closed_to_accept_new_ones() {
    for first in [HEALTH, b"GET /healthz HTTP/1.1\r\nHost: loc", b""] {
        let server = TestServer::start_with(|config| {
            config.max_connections = Some(10);
            patience(LONG, LONG, LONG)(config);
        });
        let server = server.await;
        let mut connections = Vec::new();
        for _ in 0..30 {
            connections.push(open(server.server.address, first).await);
        }
        for _ in 0..20 {
            let fresh = Client::new(&server.url);
            assert_eq!(timeout(PATIENCE, fresh.get("/healthz")).await.expect("the server did not respond").text, "ok");
        }
        rest(&mut connections[0]).await;
    }
}

#[tokio::test]
async fn active_requests_keep_their_connections_and_new_ones_wait() {
    let server = TestServer::start_with(|config| config.max_connections = Some(4));
    let world = World::on(server.await).await;
    let mut feeds = Vec::new();
    for _ in 0..4 {
        // each uses its own connection
        let token = world.client.token.clone().unwrap();
        let client = Client::new(&world.server.url).with_token(token).in_tenant(world.tenant);
        let mut feed = client.call(Method::GET, "workflows/instances/events").open().await;
        assert!(feed.chunk().await.unwrap().is_some());
        feeds.push(feed);
    }
    let mut waiting = open(world.server.server.address, HEALTH).await;
    let mut byte = [0];
    assert!(timeout(SHORT, waiting.read(&mut byte)).await.is_err(), "the connection limit was exceeded");
    drop(feeds.pop());
    read_health(&mut waiting).await;
    assert!(timeout(SHORT, feeds[0].chunk()).await.is_err(), "the other streams must stay open");
    // an active connection keeps its place, and a new one is refused after a while
    let token = world.client.token.clone().unwrap();
    let client = Client::new(&world.server.url).with_token(token).in_tenant(world.tenant);
    drop(waiting);
    feeds.push(client.call(Method::GET, "workflows/instances/events").open().await);
    let mut refused = open(world.server.server.address, b"").await;
    assert!(rest(&mut refused).await.starts_with("HTTP/1.1 503 "));
}

/// Starts a server from a shell that sets its limits first.
fn limited(limits: &str, root: &std::path::Path, flags: &[&str]) -> Process {
    let mut shell = Command::new("sh");
    shell.args(["-c", &format!("{limits}; exec \"$0\" \"$@\""), BINARY, "serve", "--listen", "127.0.0.1:0"]);
    shell.arg("--data-dir").arg(root).args(flags);
    Process::of(shell)
}

#[tokio::test]
async fn the_soft_limit_of_open_files_is_raised_to_the_hard_limit() {
    let (_dir, root) = data_dir();
    let process = limited("ulimit -Sn 100", &root, &[]);
    let limits = fs::read_to_string(format!("/proc/{}/limits", process.id())).unwrap();
    let line = limits.lines().find(|line| line.starts_with("Max open files")).unwrap();
    let [soft, hard] = [3, 4].map(|at| line.split_whitespace().nth(at).unwrap());
    assert!(soft == hard && soft != "100", "{line}");
}

#[tokio::test]
async fn many_connections_under_a_low_file_limit_do_not_stop_the_server() {
    let (_dir, root) = data_dir();
    let process = limited("ulimit -n 200", &root, &[]);
    let address = process.url.strip_prefix("http://").unwrap().parse().unwrap();
    let mut connections = Vec::new();
    for _ in 0..300 {
        connections.push(open(address, HEALTH).await);
    }
    assert_eq!(process.client().get("/healthz").await.text, "ok");
    process.client().get("/api/v1/setup").await.expect(200);
}

#[tokio::test]
async fn running_out_of_files_is_logged_once_and_the_server_recovers() {
    let (_dir, root) = data_dir();
    let process = limited("ulimit -n 128", &root, &["--max-connections", "1000"]);
    let address = process.url.strip_prefix("http://").unwrap().parse().unwrap();
    let mut connections = Vec::new();
    for _ in 0..300 {
        connections.push(open(address, b"GET /healthz HTTP/1.1\r\n").await);
    }
    process.log_with("cannot accept connections");
    drop(connections);
    let fresh = timeout(PATIENCE, async {
        while !process.client().call(Method::GET, "/healthz").try_send().await.is_ok_and(|answer| answer.text == "ok") {
        }
    });
    fresh.await.expect("the server did not recover");
    assert_eq!(process.log().matches("cannot accept connections").count(), 1, "{}", process.log());
}

#[tokio::test]
async fn a_client_that_sends_nothing_or_half_a_request_does_not_delay_shutdown() {
    let (_dir, root) = data_dir();
    let mut serve = command(&["serve", "--listen", "127.0.0.1:0", "--shutdown-grace", "3600", "--data-dir"]);
    serve.arg(&root);
    let mut process = Process::of(serve);
    let address = process.url.strip_prefix("http://").unwrap().parse().unwrap();
    let _silent = open(address, b"").await;
    let mut idle = open(address, HEALTH).await;
    read_health(&mut idle).await;
    let _head = open(address, b"GET /healthz HTTP/1.1\r\nHost: loc").await;
    let half = "POST /identitytoolkit.googleapis.com/v1/accounts:signUp?key=a HTTP/1.1\r\nHost: localhost\r\n\
                Content-Type: application/json\r\nContent-Length: 100\r\n\r\n{\"email\":";
    let _body = open(address, half.as_bytes()).await;
    let mut half_of_the_next = open(address, HEALTH).await;
    read_health(&mut half_of_the_next).await;
    half_of_the_next.write_all(b"GET /heal").await.unwrap();
    process.signal("TERM");
    assert_eq!(process.wait().code(), Some(0));
}

/// Creates a query that returns endless rows and one that returns a single row, and returns both IDs.
async fn endless(world: &World) -> String {
    let source = json!({"name": "rows", "type": "sqlite", "options": {"path": "shop.db"}});
    let source = id(&world.client.post("datasources", source).await.expect(201));
    let sql =
        "with recursive c(i) as (select 1 union all select i + 1 from c) select i, hex(zeroblob(2000)) as x from c";
    let query = json!({"name": "endless", "datasourceID": source, "options": {"sql": sql}});
    let query = id(&world.client.post("data-queries", query).await.expect(201));
    let short = json!({"name": "short", "datasourceID": source, "options": {"sql": "select 1 as n"}});
    let short = id(&world.client.post("data-queries", short).await.expect(201));
    format!("{query} {short}")
}

#[tokio::test(flavor = "multi_thread")]
async fn exports_that_nobody_reads_do_not_block_queries_and_are_aborted() {
    let server = TestServer::start_with(patience(LONG, LONG, Duration::from_secs(2))).await;
    let world = World::on(server).await;
    let queries = endless(&world).await;
    let (query, short) = queries.split_once(' ').unwrap();
    let (address, tenant) = (world.server.server.address, world.tenant);
    let token = world.client.token.as_deref().unwrap();
    let request = format!(
        "POST /api/v1/data-queries/{query}/export?format=csv HTTP/1.1\r\nHost: localhost\r\nAuthorization: Bearer {token}\r\n\
         x-tenant-id: {tenant}\r\nContent-Type: application/json\r\nContent-Length: 2\r\n\r\n{{}}"
    );
    let mut unread = Vec::new();
    for _ in 0..40 {
        unread.push(open(address, request.as_bytes()).await);
    }
    // wait until data of one of them arrives
    timeout(PATIENCE, select_all(unread.iter().map(|stream| Box::pin(stream.readable())))).await.unwrap().0.unwrap();
    let execute = format!("data-queries/{short}/execute");
    for _ in 0..20 {
        let execution = timeout(PATIENCE, world.client.post(&execute, json!({})));
        execution.await.expect("a query did not get its turn").expect(200);
    }
    // closed connections free their place immediately, and those that stay without reading do so soon
    unread.truncate(6);
    let path = format!("data-queries/{short}/export?format=csv");
    let exported =
        timeout(PATIENCE, world.client.post(&path, json!({}))).await.expect("an export did not get its turn");
    assert_eq!(exported.text.lines().collect::<Vec<_>>(), ["n", "1"]);
}

#[tokio::test(flavor = "multi_thread")]
async fn streamed_responses_do_not_wait_for_acknowledgements() {
    let world = World::on(TestServer::start().await).await;
    let queries = endless(&world).await;
    let short = queries.split_once(' ').unwrap().1;
    let path = format!("data-queries/{short}/export?format=csv");
    let mut durations = Vec::new();
    for _ in 0..30 {
        let start = Instant::now();
        assert_eq!(world.client.post(&path, json!({})).await.text.lines().count(), 2);
        durations.push(start.elapsed());
    }
    durations.sort_unstable();
    // with Nagle's algorithm and delayed acknowledgements, each would take 40 ms
    assert!(durations[5] < Duration::from_millis(35), "{durations:?}");
}
