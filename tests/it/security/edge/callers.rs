//! The caller's address: that of the connection, or the one that trusted proxies forward.
use crate::support::{TestServer, World};
use serde_json::{Value, json};

async fn logged_address(trusted: &[&str], forwarded: &[&str]) -> Value {
    let trusted = trusted.iter().map(|network| network.parse().unwrap()).collect();
    let server = TestServer::start_with(|config| config.trusted_proxies = trusted);
    let world = World::on(server.await).await;
    let call = world.client.call(reqwest::Method::POST, "variables").json(&json!({"name": "region", "value": "EU"}));
    forwarded.iter().fold(call, |call, line| call.header("x-forwarded-for", line)).send().await.expect(201);
    world.client.get("audit-logs?limit=1").await.expect(200)["items"][0]["ip"].clone()
}

#[tokio::test]
async fn callers_cannot_forge_their_address() {
    for (trusted, forwarded, address) in [
        (&[][..], &["203.0.113.9"][..], "127.0.0.1"),
        (&["10.0.0.0/8"], &["203.0.113.9"], "127.0.0.1"),
        (&["127.0.0.0/8"], &["203.0.113.9"], "203.0.113.9"),
        (&["127.0.0.0/8"], &["198.51.100.1, 203.0.113.9"], "203.0.113.9"),
        (&["127.0.0.0/8", "10.0.0.0/8"], &["198.51.100.1", "203.0.113.9, 10.1.1.1"], "203.0.113.9"),
        (&["127.0.0.0/8"], &["nonsense"], "127.0.0.1"),
        (&["127.0.0.0/8"], &[], "127.0.0.1"),
    ] {
        assert_eq!(logged_address(trusted, forwarded).await, address, "{trusted:?} {forwarded:?}");
    }
}

#[tokio::test]
async fn visits_to_shared_dashboards_are_limited_by_network() {
    let server = TestServer::start_with(|config| config.trusted_proxies = vec!["127.0.0.1/32".parse().unwrap()]).await;
    let anyone = server.anyone();
    let visit = async |address: &str| {
        let call = anyone.call(reqwest::Method::GET, "/api/v1/shared/unknown");
        call.header("x-forwarded-for", address).send().await.status.as_u16()
    };
    let mut visits = 0;
    while visit("2001:db8::1").await != 429 {
        visits += 1;
        assert!(visits <= 600, "visits are not limited");
    }
    assert_eq!(visit("2001:db8::2").await, 429, "an address of the same network must be limited too");
    assert_eq!(
        (visit("2001:db8:0:1::1").await, visit("203.0.113.9").await),
        (404, 404),
        "other networks must not be limited"
    );
}
