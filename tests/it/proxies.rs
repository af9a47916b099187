//! Behind a proxy, and for programs that follow conventions of the web.
use crate::support::{Client, TestServer, World, nginx::nginx};
use base64::{Engine, prelude::BASE64_URL_SAFE_NO_PAD};
use reqwest::Method;
use serde_json::{Value, json};
use std::{fs, path::Path, time::Duration};

/// A client of the same caller by way of another address.
fn by_way_of(url: &str, world: &World) -> Client {
    Client::new(url).with_token(world.owner.client.token.clone().unwrap()).in_tenant(world.tenant)
}

#[tokio::test]
async fn nginx_passes_each_event_as_it_comes() {
    let world = World::full().await;
    let proxy = nginx("/", &world.server.url, "");
    let client = by_way_of(&proxy.url, &world);
    // it never ends by itself: a proxy that waits for its end passes nothing
    let mut feed = client.call(Method::GET, "workflows/instances/events").open().await;
    assert_eq!(feed.status(), 200);
    let first = tokio::time::timeout(Duration::from_secs(10), feed.chunk()).await.expect("nginx holds events back");
    assert!(String::from_utf8_lossy(&first.unwrap().unwrap()).starts_with("event: ready"));
}

#[tokio::test]
async fn every_event_stream_says_that_it_must_not_be_buffered() {
    let world = World::full().await;
    let run = world.client.post(&format!("workflows/{}/execute?wait=10", world.id("workflowID")), json!({})).await;
    let run = run.expect(200)["id"].as_str().unwrap().to_owned();
    for (method, path) in [
        (Method::GET, "workflows/instances/events".to_owned()),
        (Method::GET, format!("workflows/instances/{run}/events")),
        (Method::POST, format!("dashboards/{}/data", world.id("dashboardID"))),
    ] {
        let stream = world.client.call(method, &path).open().await;
        assert_eq!(stream.headers().get("x-accel-buffering").unwrap(), "no", "{path}");
        assert_eq!(stream.headers().get("cache-control").unwrap(), "no-store", "{path}");
    }
}

#[tokio::test]
async fn who_has_seen_the_end_of_a_run_is_told_not_to_come_back() {
    let world = World::full().await;
    let run = world.client.post(&format!("workflows/{}/execute?wait=10", world.id("workflowID")), json!({})).await;
    let path = format!("workflows/instances/{}/events", run.expect(200)["id"].as_str().unwrap());
    let story = world.client.get(&path).await;
    assert_eq!(story.status, 200);
    let last = story.text.lines().filter_map(|line| line.strip_prefix("id: ")).next_back().unwrap().to_owned();
    let after = |id: String| world.client.call(Method::GET, &path).header("last-event-id", &id).send();
    let again = after(last.clone()).await;
    assert_eq!((again.status.as_u16(), again.text.as_str()), (204, ""));
    let earlier = after((last.parse::<u64>().unwrap() - 1).to_string()).await;
    assert_eq!(earlier.status, 200);
    assert_eq!(earlier.text.matches("id: ").count(), 1, "{}", earlier.text);
}

#[tokio::test]
async fn paths_that_are_neither_files_nor_pages_are_not_found_in_json() {
    let server = TestServer::start().await;
    let anyone = server.anyone();
    for path in [
        "/readyz",
        "/livez",
        "/metrics",
        "/.well-known/security.txt",
        "/.well-known/oauth-authorization-server",
        "/favicon.ico",
        "/robots.txt",
        "/nope.js",
        "/assets/nope.js",
        "/assets/",
        "/nowhere",
        "/nowhere/t",
        "/index.html",
        "/tx",
        "/api",
        "/identitytoolkit.googleapis.com/v1/x",
    ] {
        let answer = anyone.call(Method::GET, path).header("accept", "text/html,*/*;q=0.8").send().await;
        assert!(answer.header("content-type").unwrap().starts_with("application/json"), "{path}: {answer}");
        answer.refused(404, "NOT_FOUND");
    }
    for path in ["/", "/t/x/dashboards", "/sign-in", "/share/x", "/invite/x.y"] {
        for accept in ["text/html,application/xhtml+xml,*/*;q=0.8", "*/*"] {
            let page = anyone.call(Method::GET, path).header("accept", accept).send().await;
            assert_eq!(page.status, 200, "{path} {accept}");
            assert!(page.header("content-type").unwrap().starts_with("text/html"), "{path}");
        }
        let program = anyone.call(Method::GET, path).header("accept", "application/json").send().await;
        program.refused(404, "NOT_FOUND");
    }
}

/// The server answers with the page where the app has one: both sides name the same paths.
#[test]
fn the_pages_of_the_app_are_those_of_its_router() {
    let features = Path::new(env!("CARGO_MANIFEST_DIR")).join("assets/admin/src/features");
    let mut known: Vec<String> = vec![String::new(), "t".to_owned()];
    for feature in fs::read_dir(features).unwrap() {
        let Ok(routes) = fs::read_to_string(feature.unwrap().path().join("routes.tsx")) else { continue };
        for path in routes.split("page(\"/").skip(1) {
            known.push(path.split(['"', '/']).next().unwrap().to_owned());
        }
    }
    known.sort();
    let mut served: Vec<String> = jet_admin::ui::PAGES.iter().map(|page| (*page).to_owned()).collect();
    served.sort();
    assert_eq!(served, known);
}

#[tokio::test]
async fn below_a_path_everything_leads_below_it() {
    for target in ["", "/"] {
        let server = TestServer::start_with(|config| {
            config.public_url = Some("http://localhost/jet".to_owned());
            config.allow_hosts = vec!["*".to_owned()];
        })
        .await;
        let proxy = nginx("/jet/", &server.url, target);
        let client = Client::new(format!("{}/jet", proxy.url));
        let account = json!({"email": "ada@example.com", "password": "correct horse", "name": "Ada"});
        let opened = client.call(Method::POST, "/api/v1/session/sign-up").json(&account).send().await;
        let cookie = opened.header("set-cookie").unwrap().to_owned();
        assert!(cookie.contains("; Path=/jet/api/v1/session;"), "{cookie}");
        let token = opened.expect(200)["idToken"].as_str().unwrap().to_owned();
        let pair = cookie.split(';').next().unwrap();
        client.call(Method::POST, "/api/v1/session/refresh").header("cookie", pair).send().await.expect(200);
        let client = client.with_token(token);
        let made = client.post("/api/v1/tenants", json!({"name": "Hers"})).await;
        let location = made.header("location").unwrap().to_owned();
        assert!(location.starts_with("/jet/api/v1/tenants/"), "{location}");
        let tenant = made.expect(201);
        Client::new(&proxy.url)
            .with_token(client.token.clone().unwrap())
            .call(Method::GET, &location)
            .header("x-tenant-id", tenant["id"].as_str().unwrap())
            .send()
            .await
            .expect(200);
        let document = client.get("/api/v1/openapi.json").await.expect(200);
        assert_eq!(document["servers"][0]["url"], "/jet");
        let page = client.get("/sign-in").await;
        assert_eq!(page.status, 200);
        assert!(!page.text.contains("=\"/assets"), "{}", page.text);
        let docs = client.get("/api/docs").await;
        assert!(!docs.text.contains("'/api"), "the page asks for its document where it is not");
        client.get("/readyz").await.refused(404, "NOT_FOUND");
    }
}

#[tokio::test]
async fn tokens_name_the_address_where_their_keys_are_found() {
    let url = "https://admin.example.com/jet";
    let server = TestServer::start_with(|config| config.public_url = Some(url.to_owned())).await;
    let found = server.anyone().get("/.well-known/openid-configuration").await.expect(200);
    assert_eq!(found["issuer"], url);
    assert_eq!(found["jwks_uri"], format!("{url}/.well-known/jwks.json"));
    assert_eq!(found["id_token_signing_alg_values_supported"], json!(["RS256"]));
    let account = json!({"email": "ada@example.com", "password": "correct horse"});
    let opened = server.anyone().post("/api/v1/session/sign-up", account).await.expect(200);
    let token = opened["idToken"].as_str().unwrap();
    let claims: Value =
        serde_json::from_slice(&BASE64_URL_SAFE_NO_PAD.decode(token.split('.').nth(1).unwrap()).unwrap()).unwrap();
    assert_eq!((&claims["iss"], &claims["aud"]), (&json!(url), &json!("jet-admin")));
    server.anyone().with_token(token).get("/api/v1/auth").await.expect(200);
    // what an earlier version issued, in no address's name, counts until it expires
    let ada = server.account("grace@example.com").await;
    ada.client.get("/api/v1/auth").await.expect(200);
    // and what this directory's key signed while the server had another address
    let other = TestServer::start().await;
    let pem = fs::read(server.data_dir().join("keys/signing.pem")).unwrap();
    let foreign = jet_admin::auth::Signer::new(&pem).unwrap().at(&other.url);
    let foreign = foreign.issue(&ada.user, jet_admin::clock::Time::now()).unwrap();
    server.anyone().with_token(foreign).get("/api/v1/auth").await.expect(200);
}

#[tokio::test]
async fn who_is_not_signed_in_is_told_how_to() {
    let server = TestServer::start().await;
    let challenge = async |client: Client| {
        let answer = client.get("/api/v1/auth").await;
        assert_eq!(answer.status, 401);
        answer.header("www-authenticate").unwrap().to_owned()
    };
    assert_eq!(challenge(server.anyone()).await, "Bearer");
    assert_eq!(challenge(server.anyone().with_token("x")).await, "Bearer error=\"invalid_token\"");
}

#[tokio::test]
async fn documents_that_stay_the_same_are_sent_once_and_packed() {
    let server = TestServer::start().await;
    let client = server.account("ada@example.com").await.client;
    for path in ["openapi.json", "datasource-types", "widget-types", "node-types", "trigger-types"] {
        let path = format!("/api/v1/{path}");
        let ask = |name: &'static str, value: String| client.call(Method::GET, &path).header(name, &value).open();
        let plain = ask("accept-encoding", "identity".to_owned()).await;
        let tag = plain.headers().get("etag").unwrap().to_str().unwrap().to_owned();
        assert!(plain.headers().get("content-encoding").is_none(), "{path}");
        let refused = ask("accept-encoding", "gzip;q=0".to_owned()).await;
        assert!(refused.headers().get("content-encoding").is_none(), "{path}");
        let (packed, plain) = (ask("accept-encoding", "br, gzip".to_owned()).await, plain.bytes().await.unwrap());
        assert_eq!(packed.headers().get("content-encoding").unwrap(), "gzip", "{path}");
        assert_eq!(packed.headers().get("vary").unwrap(), "accept-encoding", "{path}");
        assert!(packed.bytes().await.unwrap().len() * 3 < plain.len(), "{path}");
        for known in [tag.clone(), format!("\"x\", W/{tag}"), "*".to_owned()] {
            let same = ask("if-none-match", known).await;
            assert_eq!(same.status(), 304, "{path}");
            assert_eq!(same.headers().get("etag").unwrap(), tag.as_str(), "{path}");
            assert!(same.headers().get("content-type").is_none() && same.bytes().await.unwrap().is_empty(), "{path}");
        }
        assert_eq!(ask("if-none-match", "\"x\"".to_owned()).await.status(), 200, "{path}");
    }
}

#[tokio::test]
async fn the_callers_fault_is_no_fault_of_a_gateway() {
    let world = World::full().await;
    let client = &world.client;
    let query =
        |datasource: &Value, sql: &str| json!({"name": "x", "datasourceID": datasource, "options": {"sql": sql}});
    let shop = json!(world.id("datasourceID"));
    let typo = client.post("data-queries/test", query(&shop, "select nope from nothing")).await;
    typo.refused(422, "DATASOURCE_ERROR");
    let gone = json!({"name": "gone", "type": "sqlite", "options": {"path": "nothing.db"}});
    let gone = client.post("datasources", gone).await.expect(201)["id"].clone();
    client.post("data-queries/test", query(&gone, "select 1")).await.refused(422, "DATASOURCE_ERROR");
    // nobody listens there
    let away = json!({"name": "away", "type": "postgresql", "options": {"host": "127.0.0.1", "port": 1, "user": "x", "database": "x"}});
    let away = client.post("datasources", away).await.expect(201)["id"].clone();
    client.post("data-queries/test", query(&away, "select 1")).await.refused(502, "DATASOURCE_ERROR");
    // a file in another encoding is the tenant's own
    let upload = client
        .call(Method::POST, "files?name=latin.csv&fileName=latin.csv")
        .raw("text/csv", b"name\nJos\xe9\n".to_vec());
    let file = upload.send().await.expect(201)["id"].clone();
    let source = json!({"name": "latin", "type": "file", "options": {"fileID": file}});
    let source = client.post("datasources", source).await.expect(201)["id"].clone();
    client.get(&format!("datasources/{}/schema", source.as_str().unwrap())).await.refused(422, "DATASOURCE_ERROR");
}
