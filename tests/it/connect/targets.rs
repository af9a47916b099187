//! A connection test answers in time, whatever the datasource's address leads to.
use super::{https, presets};
use crate::support::{Authority, TestServer};
use futures_util::future::join_all;
use jet_admin::connect;
use serde_json::{Value, json};
use std::time::{Duration, Instant};
use tokio::{
    io::AsyncWriteExt,
    net::{TcpListener, TcpStream},
};

/// Datasource types that use no network.
const LOCAL: &[&str] = &["sqlite", "file", "javascript"];

/// Returns the options of a datasource of this type at `port`. Add a line here for each new type that uses the network.
fn at(kind: &str, port: u16, secure: bool) -> Option<Value> {
    let url = format!("{}://127.0.0.1:{port}", if secure { "https" } else { "http" });
    let server = json!({"host": "127.0.0.1", "port": port, "database": "d", "user": "u", "password": "p"});
    let options = match kind {
        "restapi" => json!({"baseUrl": url}),
        "graphql" => json!({"endpoint": url}),
        "postgresql" | "mysql" | "mssql" if secure => return None,
        "postgresql" | "mysql" | "mssql" => server,
        "redis" if secure => json!({"host": "127.0.0.1", "port": port, "sslMode": "verify-full"}),
        "redis" => json!({"host": "127.0.0.1", "port": port}),
        "s3" => json!({
            "endpoint": url, "region": "r", "bucket": "bucket", "accessKeyID": "a", "secretAccessKey": "s", "pathStyle": true,
        }),
        _ => presets::options(kind, &url)?,
    };
    Some(options)
}

/// Starts a server that handles each connection with `serve`. Returns its port.
async fn target<F: Future<Output = std::io::Result<()>> + Send + 'static>(serve: fn(TcpStream) -> F) -> u16 {
    let listener = TcpListener::bind("127.0.0.1:0").await.unwrap();
    let port = listener.local_addr().unwrap().port();
    tokio::spawn(async move {
        while let Ok((stream, _)) = listener.accept().await {
            tokio::spawn(serve(stream));
        }
    });
    port
}

async fn silent(stream: TcpStream) -> std::io::Result<()> {
    stream.readable().await?;
    std::future::pending().await
}

async fn slow(mut stream: TcpStream) -> std::io::Result<()> {
    let mut tick = tokio::time::interval(Duration::from_secs(1));
    for byte in b"HTTP/1.1 200 OK\r\nserver: slow\r\n".iter().cycle() {
        tick.tick().await;
        stream.write_all(&[*byte]).await?;
    }
    Ok(())
}

async fn garbage(mut stream: TcpStream) -> std::io::Result<()> {
    stream.write_all(b"\x00\xff\x13\x37 nonsense\r\n\r\n\x01").await?;
    std::future::pending().await
}

async fn closed(stream: TcpStream) -> std::io::Result<()> {
    drop(stream);
    Ok(())
}

async fn headers(mut stream: TcpStream) -> std::io::Result<()> {
    stream.write_all(b"HTTP/1.1 200 OK\r\n").await?;
    loop {
        stream.write_all(b"x-more: and more\r\n").await?;
    }
}

async fn body(mut stream: TcpStream) -> std::io::Result<()> {
    stream.write_all(b"HTTP/1.1 200 OK\r\ncontent-type: application/json\r\n\r\n[").await?;
    loop {
        stream.write_all(b"{\"and\": \"more\"},").await?;
        tokio::task::yield_now().await;
    }
}

async fn redirects(mut stream: TcpStream) -> std::io::Result<()> {
    stream
        .write_all(b"HTTP/1.1 302 Found\r\nlocation: /again\r\ncontent-length: 0\r\nconnection: close\r\n\r\n")
        .await?;
    std::future::pending().await
}

#[tokio::test(flavor = "multi_thread")]
async fn a_connection_test_answers_in_time_for_every_target() {
    let server = TestServer::start().await;
    let owner = server.account("owner@example.com").await;
    let tenant = server.tenant(&owner, "Acme").await;
    let encrypted = https::serve(&Authority::new(), "127.0.0.1", false).await;
    let closing = target(closed).await;
    // each target with its port, whether the test uses TLS, and whether the test may succeed
    let targets = [
        ("black hole", target(silent).await, false, false),
        ("black hole over TLS", target(silent).await, true, false),
        ("slow loris", target(slow).await, false, false),
        ("garbage", target(garbage).await, false, false),
        ("garbage over TLS", target(garbage).await, true, false),
        ("closed immediately", closing, false, false),
        ("TLS to a plain port", target(body).await, true, false),
        ("plain to a TLS port", encrypted, false, false),
        ("an untrusted certificate", encrypted, true, false),
        ("endless headers", target(headers).await, false, false),
        ("endless redirects", target(redirects).await, false, false),
        // a REST API accepts any response
        ("endless body", target(body).await, false, true),
    ];
    let kinds: Vec<_> = connect::all().map(connect::Connector::kind).filter(|kind| !LOCAL.contains(kind)).collect();
    let missing: Vec<_> = kinds.iter().filter(|kind| at(kind, 1, false).is_none()).collect();
    assert!(missing.is_empty(), "add options for {missing:?} to `at`, or list them in LOCAL if they use no network");
    let mut tests = Vec::new();
    for kind in kinds {
        for (what, port, secure, may_succeed) in targets {
            let Some(options) = at(kind, port, secure) else { continue };
            let tenant = &tenant;
            tests.push(async move {
                let started = Instant::now();
                let report =
                    tenant.post("datasources/test", json!({"type": kind, "options": options})).await.expect(200);
                assert!(started.elapsed() < Duration::from_secs(25), "{kind}, {what}: {:?}", started.elapsed());
                assert!(may_succeed || report["ok"] == false, "{kind}, {what}: {report}");
                let error = report["error"].as_str().unwrap_or_default();
                assert!(report["ok"] == true || !error.is_empty(), "{kind}, {what}: {report}");
            });
        }
    }
    assert!(tests.len() > 100);
    join_all(tests).await;
}
