//! Running behind a proxy, and following web conventions for other programs.
use crate::support::{Client, TestServer, World, client::id, nginx::nginx};
use base64::{Engine, prelude::BASE64_URL_SAFE_NO_PAD};
use flate2::read::GzDecoder;
use reqwest::Method;
use serde_json::{Value, json};
use std::{fs, io::Read, path::Path, time::Duration};

/// The world's client, but through another URL.
fn client_through(url: &str, world: &World) -> Client {
    Client::new(url).with_token(world.owner.client.token.clone().unwrap()).in_tenant(world.tenant)
}

#[tokio::test]
async fn nginx_forwards_each_event_immediately() {
    let world = World::full().await;
    let proxy = nginx("/", &world.server.url, "");
    let client = client_through(&proxy.url, &world);
    // the stream never ends, so a proxy that waits for its end would forward nothing
    let mut feed = client.call(Method::GET, "workflows/instances/events").open().await;
    assert_eq!(feed.status(), 200);
    let first =
        tokio::time::timeout(Duration::from_secs(10), feed.chunk()).await.expect("nginx did not forward the event");
    assert!(String::from_utf8_lossy(&first.unwrap().unwrap()).starts_with("event: ready"));
}

#[tokio::test]
async fn every_event_stream_has_headers_that_disable_buffering() {
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
async fn clients_that_have_seen_the_end_of_a_run_are_told_not_to_reconnect() {
    let world = World::full().await;
    let run = world.client.post(&format!("workflows/{}/execute?wait=10", world.id("workflowID")), json!({})).await;
    let path = format!("workflows/instances/{}/events", run.expect(200)["id"].as_str().unwrap());
    let events = world.client.get(&path).await;
    assert_eq!(events.status, 200);
    let last = events.text.lines().filter_map(|line| line.strip_prefix("id: ")).next_back().unwrap().to_owned();
    let after = |id: String| world.client.call(Method::GET, &path).header("last-event-id", &id).send();
    let after_last = after(last.clone()).await;
    assert_eq!((after_last.status.as_u16(), after_last.text.as_str()), (204, ""));
    let earlier = after((last.parse::<u64>().unwrap() - 1).to_string()).await;
    assert_eq!(earlier.status, 200);
    assert_eq!(earlier.text.matches("id: ").count(), 1, "{}", earlier.text);
}

#[tokio::test]
async fn unknown_paths_respond_with_404_in_json() {
    let server = TestServer::start().await;
    let anyone = server.anyone();
    for path in [
        "/readiness",
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

/// The server responds with the app's page for the paths of its pages, so both must list the same paths.
#[test]
fn the_server_knows_the_same_pages_as_the_apps_router() {
    let features = Path::new(env!("CARGO_MANIFEST_DIR")).join("assets/admin/src/features");
    let mut known: Vec<String> = vec![String::new(), "t".to_owned()];
    for feature in fs::read_dir(features).unwrap() {
        let Ok(routes) = fs::read_to_string(feature.unwrap().path().join("routes.tsx")) else { continue };
        for path in routes.split("page(").filter_map(|call| call.trim_start().strip_prefix("\"/")) {
            known.push(path.split(['"', '/']).next().unwrap().to_owned());
        }
    }
    known.sort();
    let mut served: Vec<String> = jet_admin::ui::PAGES.iter().map(|page| (*page).to_owned()).collect();
    served.sort();
    assert_eq!(served, known);
}

#[tokio::test]
async fn below_a_path_prefix_all_urls_contain_the_prefix() {
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
        let created = client.post("/api/v1/tenants", json!({"name": "Hers"})).await;
        let location = created.header("location").unwrap().to_owned();
        assert!(location.starts_with("/jet/api/v1/tenants/"), "{location}");
        let tenant = created.expect(201);
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
        assert!(!docs.text.contains("'/api"), "the page must load its document below the prefix");
        client.get("/readiness").await.refused(404, "NOT_FOUND");
    }
}

#[tokio::test]
async fn the_issuer_of_tokens_is_the_url_that_publishes_their_keys() {
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
    // tokens of an earlier version, whose issuer is not a URL, are valid until they expire
    let ada = server.account("grace@example.com").await;
    ada.client.get("/api/v1/auth").await.expect(200);
    // and so are tokens that this directory's key signed while the server had another URL
    let other = TestServer::start().await;
    let pem = fs::read(server.data_dir().join("keys/signing.pem")).unwrap();
    let foreign = jet_admin::auth::Signer::new(&pem).unwrap().at(&other.url);
    let foreign = foreign.issue(&ada.user, jet_admin::clock::Time::now()).unwrap();
    server.anyone().with_token(foreign).get("/api/v1/auth").await.expect(200);
}

#[tokio::test]
async fn the_www_authenticate_header_explains_how_to_authenticate() {
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
async fn static_documents_can_be_cached_and_are_compressed() {
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
async fn errors_of_the_caller_are_not_reported_as_gateway_errors() {
    let world = World::full().await;
    let client = &world.client;
    let query =
        |datasource: &Value, sql: &str| json!({"name": "x", "datasourceID": datasource, "options": {"sql": sql}});
    let shop = json!(world.id("datasourceID"));
    let typo = client.post("data-queries/test", query(&shop, "select nope from nothing")).await;
    typo.refused(422, "DATASOURCE_ERROR");
    let missing = json!({"name": "gone", "type": "sqlite", "options": {"path": "nothing.db"}});
    let missing = client.post("datasources", missing).await.expect(201)["id"].clone();
    client.post("data-queries/test", query(&missing, "select 1")).await.refused(422, "DATASOURCE_ERROR");
    // nothing listens on this port
    let options = json!({"host": "127.0.0.1", "port": 1, "user": "x", "database": "x"});
    let unreachable = json!({"name": "away", "type": "postgresql", "options": options});
    let unreachable = client.post("datasources", unreachable).await.expect(201)["id"].clone();
    client.post("data-queries/test", query(&unreachable, "select 1")).await.refused(502, "DATASOURCE_ERROR");
    // a file in another encoding is the tenant's error
    let upload = client
        .call(Method::POST, "files?name=latin.csv&fileName=latin.csv")
        .raw("text/csv", b"name\nJos\xe9\n".to_vec());
    let file = upload.send().await.expect(201)["id"].clone();
    let source = json!({"name": "latin", "type": "file", "options": {"fileID": file}});
    let source = client.post("datasources", source).await.expect(201)["id"].clone();
    client.get(&format!("datasources/{}/schema", source.as_str().unwrap())).await.refused(422, "DATASOURCE_ERROR");
}

#[tokio::test]
async fn json_of_at_least_1_kib_is_compressed_for_clients_that_accept_it() {
    let world = World::full().await;
    let client = &world.client;
    let source = json!({"name": "Script", "type": "javascript"});
    let source = id(&client.post("datasources", source).await.expect(201));
    let rows = |count: u32, length: u32| {
        let code =
            format!("return Array.from({{length: {count}}}, (_, i) => ({{i, text: `${{i}}`.repeat({length})}}));");
        json!({"datasourceID": source, "maxRows": 100_000, "options": {"code": code}})
    };
    let ask = async |body: Option<&Value>, path: &str, accepts: &str| {
        let method = if body.is_some() { Method::POST } else { Method::GET };
        let call = client.call(method, path).header("accept-encoding", accepts);
        let answer = match body {
            Some(body) => call.json(body).open().await,
            None => call.open().await,
        };
        assert_eq!(answer.status(), 200, "{path}");
        let header = |name: &str| answer.headers().get(name).map(|value| value.to_str().unwrap().to_owned());
        let (coding, varies, length) = (header("content-encoding"), header("vary"), header("content-length"));
        (coding, varies, length, answer.bytes().await.unwrap().to_vec())
    };
    // a list, and results that are sent in one piece and in several
    for (body, path) in
        [(None, "roles"), (Some(rows(500, 10)), "data-queries/test"), (Some(rows(60_000, 8)), "data-queries/test")]
    {
        let (coding, varies, _, plain) = ask(body.as_ref(), path, "gzip;q=0, br").await;
        assert_eq!((coding, varies.as_deref()), (None, Some("accept-encoding")), "{path}");
        let (coding, varies, length, packed) = ask(body.as_ref(), path, "br, gzip").await;
        assert_eq!((coding.as_deref(), varies.as_deref()), (Some("gzip"), Some("accept-encoding")), "{path}");
        assert!(length.is_none_or(|length| length == packed.len().to_string()), "{path}");
        assert!(packed.len() * 2 < plain.len(), "{path}: {} of {} bytes", packed.len(), plain.len());
        let mut text = Vec::new();
        GzDecoder::new(packed.as_slice()).read_to_end(&mut text).unwrap();
        let read = |text: &[u8]| {
            let mut value: Value = serde_json::from_slice(text).unwrap();
            value.as_object_mut().unwrap().remove("durationMs");
            value
        };
        assert_eq!(read(&text), read(&plain), "{path}");
    }
    let (coding, _, _, text) = ask(Some(&rows(1, 1)), "data-queries/test", "gzip").await;
    assert_eq!((coding, text.len() < 1024), (None, true), "it is short");
}

#[tokio::test]
async fn files_exports_sessions_and_event_streams_are_not_compressed() {
    let world = World::full().await;
    let rows = json!((0..500).map(|i| json!({"i": i, "name": "always the same"})).collect::<Vec<_>>());
    let call = world.client.call(Method::POST, "files?name=rows&fileName=rows.json");
    let file = id(&call.raw("application/json", rows.to_string().into_bytes()).send().await.expect(201));
    for (method, path, body) in [
        (Method::GET, format!("files/{file}/content"), None),
        (Method::POST, format!("data-queries/{}/export?format=ndjson", world.id("queryID")), Some(json!({}))),
        (Method::GET, "workflows/instances/events".to_owned(), None),
    ] {
        let call = world.client.call(method, &path).header("accept-encoding", "gzip");
        let answer = match &body {
            Some(body) => call.json(body).open().await,
            None => call.open().await,
        };
        assert!(answer.status().is_success(), "{path}: {}", answer.status());
        assert!(answer.headers().get("content-encoding").is_none(), "{path}");
    }
    let server = TestServer::start_with(|_| {}).await;
    // longer than 1 KiB with the token
    let account = json!({"email": "new@example.com", "password": "correct horse", "name": "n".repeat(255)});
    let call = server.anyone().call(Method::POST, "/api/v1/session/sign-up").header("accept-encoding", "gzip");
    let answer = call.json(&account).open().await;
    assert!(answer.status().is_success(), "{}", answer.status());
    assert!(answer.headers().get("content-encoding").is_none());
}
