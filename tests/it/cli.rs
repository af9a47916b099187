//! The command line, run the way users run it.
use crate::support::{
    Client, Process, World,
    backend::is_postgres,
    client::id,
    process::{command, data_dir, fails, run, succeeds, text},
    wait::until,
};
use serde_json::{Value, json};
use std::{
    fs,
    io::{Read, Write},
    net::TcpStream,
    os::unix::fs::PermissionsExt,
};

const PASSWORD: &str = "correct horse";

/// A server notices writes of another process within a second; until then it may still use the old account.
async fn wait_until_refused(client: &Client) {
    until("the session ends", async || client.get("/api/v1/auth").await.status != 200).await;
    client.get("/api/v1/auth").await.refused(401, "USER_AUTH_TOKEN_INVALID");
}

#[test]
fn the_banner_shows_the_address_and_the_data_directory() {
    let (_dir, root) = data_dir();
    let process = Process::start(&root, &[]);
    assert!(process.url.starts_with("http://127.0.0.1:") && !process.url.ends_with(":0"), "{}", process.url);
    assert!(process.banner.contains(root.to_str().unwrap()), "{}", process.banner);
}

#[test]
fn the_stop_signals_end_it_with_exit_code_0() {
    for signal in ["TERM", "INT"] {
        let (_dir, root) = data_dir();
        // immediately after it prints that it listens
        let mut process = Process::start(&root, &[]);
        process.signal(signal);
        assert_eq!(process.wait().code(), Some(0), "{signal}: {}", process.log());
    }
}

#[test]
fn a_request_in_progress_is_answered_before_shutdown() {
    let (_dir, root) = data_dir();
    let mut process = Process::start(&root, &["--signup", "open"]);
    let address = process.url.strip_prefix("http://").unwrap().to_owned();
    let body = json!({"email": "ada@example.com", "password": PASSWORD}).to_string();
    let mut request = TcpStream::connect(&address).unwrap();
    let head = format!(
        "POST /api/v1/session/sign-up HTTP/1.1\r\nHost: localhost\r\nContent-Type: application/json\r\nContent-Length: \
         {}\r\nExpect: 100-continue\r\n\r\n",
        body.len()
    );
    request.write_all(head.as_bytes()).unwrap();
    // the server asks for the body once it handles the request
    let mut answer = [0; 25];
    request.read_exact(&mut answer).unwrap();
    assert!(answer.starts_with(b"HTTP/1.1 100"));
    process.signal("TERM");
    process.log_with("stopping");
    request.write_all(body.as_bytes()).unwrap();
    let mut answer = String::new();
    request.read_to_string(&mut answer).unwrap();
    assert!(answer.starts_with("HTTP/1.1 200"), "{answer}");
    assert_eq!(process.wait().code(), Some(0));
}

#[test]
fn a_second_server_on_the_same_directory_is_refused() {
    let (_dir, root) = data_dir();
    let process = Process::start(&root, &[]);
    let output = fails(&["serve", "--listen", "127.0.0.1:0"], &root, "");
    assert!(output.contains("another jet-admin is using") && output.contains(root.to_str().unwrap()), "{output}");
    let (_other, elsewhere) = data_dir();
    let in_use = process.url.strip_prefix("http://").unwrap();
    let output = fails(&["serve", "--listen", in_use], &elsewhere, "");
    assert!(output.contains("cannot listen on"), "{output}");
}

#[tokio::test]
async fn the_directory_and_its_keys_are_private() {
    let (_dir, root) = data_dir();
    fs::set_permissions(&root, fs::Permissions::from_mode(0o755)).unwrap();
    let process = Process::start(&root, &[]);
    process.client().get("/api/v1/setup").await.expect(200);
    let mode = |path: &str| root.join(path).metadata().unwrap().permissions().mode() & 0o777;
    assert_eq!((mode(""), mode("keys")), (0o700, 0o700));
    for file in ["keys/signing.pem", "keys/secret.key", "lock"] {
        assert_eq!(mode(file), 0o600, "{file}");
    }
}

#[tokio::test]
async fn accounts_can_be_managed_while_a_server_runs() {
    let (_dir, root) = data_dir();
    let process = Process::start(&root, &[]);
    let client = process.client();
    let output = succeeds(&["user", "create", "Ada@example.com", "--name", "Ada"], &root, &format!("{PASSWORD}\n"));
    assert!(output.contains("ada@example.com") && output.contains("admin"), "{output}");
    succeeds(&["user", "create", "bob@example.com"], &root, PASSWORD);
    let sign_in = async |email: &str, password: &str| {
        client.post("/api/v1/session", json!({"email": email, "password": password})).await
    };
    let session = sign_in("ada@example.com", PASSWORD).await.expect(200);
    let ada = client.with_token(session["idToken"].as_str().unwrap());
    ada.get("/api/v1/auth").await.expect(200);
    let list = succeeds(&["user", "list"], &root, "");
    assert_eq!(list.lines().count(), 2);
    assert!(list.lines().any(|line| line.starts_with("ada@example.com\tAda\tactive\tadmin\t20")), "{list}");
    assert!(list.lines().any(|line| line.starts_with("bob@example.com\t\tactive\t\tnever")), "{list}");

    succeeds(&["user", "reset-password", "ada@example.com"], &root, "another horse");
    wait_until_refused(&ada).await;
    sign_in("ada@example.com", PASSWORD).await.refused(401, "INVALID_LOGIN_CREDENTIALS");
    let session = sign_in("ada@example.com", "another horse").await.expect(200);
    let ada = client.with_token(session["idToken"].as_str().unwrap());
    ada.get("/api/v1/auth").await.expect(200);

    succeeds(&["user", "disable", "ada@example.com"], &root, "");
    wait_until_refused(&ada).await;
    sign_in("ada@example.com", "another horse").await.refused(403, "PERMISSION_DENIED");
    assert!(succeeds(&["user", "list"], &root, "").contains("ada@example.com\tAda\tdisabled"));
    succeeds(&["user", "disable", "ada@example.com", "--undo"], &root, "");
    sign_in("ada@example.com", "another horse").await.expect(200);
}

#[test]
fn account_commands_explain_errors() {
    let (_dir, root) = data_dir();
    succeeds(&["user", "create", "ada@example.com"], &root, PASSWORD);
    for (arguments, input, expected) in [
        (["user", "create", "ada@example.com"], PASSWORD, "already exists"),
        (["user", "create", "bob@example.com"], "short", "8 to 1024"),
        (["user", "create", "bob@example.com"], "", "8 to 1024"),
        (["user", "create", "bob"], PASSWORD, "email address is not valid"),
        (["user", "reset-password", "bob@example.com"], PASSWORD, "no local account"),
        (["user", "disable", "bob@example.com"], "", "no account has the email address"),
    ] {
        let answer = fails(&arguments, &root, input);
        assert!(answer.contains(expected), "{arguments:?}: {answer}");
    }
    assert_eq!(succeeds(&["user", "list"], &root, "").lines().count(), 1);
}

#[test]
fn the_doctor_reports_whether_a_data_directory_is_intact() {
    let (_dir, root) = data_dir();
    let missing = root.join("nowhere");
    assert!(succeeds(&["doctor"], &missing, "").contains("does not exist yet"));
    assert!(!missing.exists(), "the doctor must not create the directory");
    {
        let mut process = Process::start(&root, &[]);
        let output = succeeds(&["doctor"], &root, "");
        assert!(
            output.contains("a server is using it") && output.contains("sound, schema") && !output.contains("FAIL"),
            "{output}"
        );
        process.signal("TERM");
        process.wait();
    }
    assert!(succeeds(&["doctor"], &root, "").contains("no server is using it"));
    fs::set_permissions(root.join("keys/secret.key"), fs::Permissions::from_mode(0o644)).unwrap();
    assert!(fails(&["doctor"], &root, "").contains("FAIL  secret key"));
    fs::set_permissions(root.join("keys/secret.key"), fs::Permissions::from_mode(0o600)).unwrap();
    fs::write(root.join("keys/signing.pem"), "no key").unwrap();
    assert!(fails(&["doctor"], &root, "").contains("FAIL  signing key"));
    fs::write(root.join("runs.db"), "no database, but long enough to look at").unwrap();
    assert!(fails(&["doctor"], &root, "").contains("FAIL  runs"));
}

#[test]
fn the_doctor_does_not_look_for_what_an_upgrade_adds() {
    let (_dir, root) = data_dir();
    drop(Process::start(&root, &[]));
    let db = rusqlite::Connection::open(root.join("jet-admin.db")).unwrap();
    db.execute_batch("pragma user_version = 3; drop table deleted_tenants").unwrap();
    drop(db);
    let output = succeeds(&["doctor"], &root, "");
    assert!(output.contains("schema 3, which the next start upgrades"), "{output}");
}

#[test]
fn a_database_of_a_newer_version_is_refused() {
    let (_dir, root) = data_dir();
    drop(Process::start(&root, &[]));
    let db = rusqlite::Connection::open(root.join("jet-admin.db")).unwrap();
    db.pragma_update(None, "user_version", 999).unwrap();
    drop(db);
    let output = fails(&["serve", "--listen", "127.0.0.1:0"], &root, "");
    assert!(output.contains("newer jet-admin") && output.contains("999"), "{output}");
    assert!(fails(&["doctor"], &root, "").contains("newer jet-admin"));
}

#[test]
fn the_api_document_and_the_version_are_printed() {
    let document = run(&["openapi"], "");
    let document: Value = serde_json::from_slice(&document.stdout).unwrap();
    assert!(document["openapi"].as_str().unwrap().starts_with("3.1"));
    for arguments in [["version"], ["--version"]] {
        assert_eq!(text(&run(&arguments, "")).trim(), format!("jet-admin {}", env!("CARGO_PKG_VERSION")));
    }
    let wrong = run(&["serve", "--nonsense"], "");
    assert_eq!(wrong.status.code(), Some(2));
}

#[test]
fn every_flag_has_an_environment_variable() {
    let help = text(&run(&["serve", "--help"], ""));
    let flags: Vec<&str> = help.lines().filter_map(|line| line.trim().strip_prefix("--")).collect();
    assert!(flags.len() > 15, "{help}");
    for flag in flags.iter().map(|flag| flag.split([' ', '[']).next().unwrap()) {
        let variable = format!("[env: JET_ADMIN_{}", flag.to_uppercase().replace('-', "_"));
        assert!([']', '='].iter().any(|end| help.contains(&format!("{variable}{end}"))), "{flag}: {help}");
    }
}

#[tokio::test]
async fn environment_variables_work_like_their_flags() {
    let (_dir, root) = data_dir();
    let variables = [
        ("DATA_DIR", root.to_str().unwrap()),
        ("LISTEN", "127.0.0.1:0"),
        ("DEMO", "1"),
        ("OPEN", "no"),
        ("DURABILITY", "normal"),
        ("PUBLIC_URL", "https://Admin.example.com/"),
        ("SIGNUP", "closed"),
        ("TRUSTED_PROXY", "127.0.0.1,10.0.0.0/8"),
        ("ALLOW_HOST", "tunnel.example.net"),
        ("ALLOW_ORIGIN", "https://app.example.com"),
        ("MAX_CONNECTIONS", "500"),
        ("LOG_FORMAT", "json"),
        ("LOG_LEVEL", "jet_admin=debug,warn"),
    ];
    let mut serve = command(&["serve"]);
    serve.envs(variables.map(|(name, value)| (format!("JET_ADMIN_{name}"), value)));
    let process = Process::of(serve);
    assert!(process.banner.contains(root.to_str().unwrap()), "{}", process.banner);
    let setup = process.client().get("/api/v1/setup").await.expect(200);
    assert_eq!((&setup["demo"], &setup["signup"]), (&json!(true), &json!("closed")));
    let olivia = json!({"email": "olivia@acme.example", "password": "demo-1234"});
    let session = process.client().post("/api/v1/session", olivia).await;
    assert!(session.header("set-cookie").unwrap().ends_with("Secure"), "the public URL uses HTTPS");
    session.expect(200);
}

#[test]
fn the_error_for_an_invalid_flag_names_it() {
    let (_dir, root) = data_dir();
    for (flags, expected) in [
        (&["--log-level", "loud"][..], "`loud` is not a log level"),
        (&["--log-level", "jet_admin=loud"], "--log-level"),
        (&["--public-url", "admin.example.com"], "--public-url"),
        (&["--public-url", "ftp://example.com"], "http or https"),
        (&["--durability", "none"], "--durability"),
        (&["--oidc-issuer", "https://id.example.com"], "--oidc-audience"),
        (&["--oidc-audience", "admin"], "--oidc-issuer"),
        (&["--firebase-keys-url", "https://id.example.com"], "--firebase-project"),
        (&["--secret-key", "short", "--listen", "127.0.0.1:0"], "the secret key must be 32 bytes"),
        (&["--listen", "four"], "--listen"),
        (&["--trusted-proxy", "proxy.example.com"], "10.0.0.0/8"),
        (&["--allow-host", "https://tools.example.com"], "is not a host name"),
        (&["--allow-origin", "*"], "--allow-origin"),
        (&["--allow-origin", "https://app.example.com/page"], "must be a scheme and a host"),
        (&["--max-connections", "0"], "--max-connections"),
    ] {
        let answer = fails(&[&["serve"], flags].concat(), &root, "");
        assert!(answer.contains(expected), "{flags:?}: {answer}");
    }
}

#[tokio::test]
async fn the_log_can_be_json_and_contains_no_secrets() {
    let (_dir, root) = data_dir();
    let process = Process::start(&root, &["--log-format", "json", "--log-level", "debug"]);
    let client = process.client();
    let body = json!({"email": "ada@example.com", "password": PASSWORD});
    let session = client.post("/api/v1/session/sign-up", body).await.expect(200);
    let reset = json!({"requestType": "PASSWORD_RESET", "email": "ada@example.com"});
    client.post("/identitytoolkit.googleapis.com/v1/accounts:sendOobCode", reset).await.expect(200);
    let log = process.log_with("oobCode=");
    for line in log.lines() {
        serde_json::from_str::<Value>(line).unwrap_or_else(|_| panic!("not JSON: {line}"));
    }
    assert!(!log.contains(PASSWORD) && !log.contains(session["idToken"].as_str().unwrap()));
}

#[tokio::test]
async fn acknowledged_writes_survive_a_kill() {
    let (_dir, root) = data_dir();
    let mut process = Process::start(&root, &["--signup", "open"]);
    let body = json!({"email": "ada@example.com", "password": PASSWORD});
    let session = process.client().post("/api/v1/session/sign-up", body).await.expect(200);
    let token = session["idToken"].as_str().unwrap();
    let created = process.client().with_token(token).post("/api/v1/tenants", json!({"name": "Kept"})).await.expect(201);
    let tenant = id(&created);
    let client = process.client().with_token(token).in_tenant(tenant);
    for n in 0..40 {
        client.post("roles", json!({"name": format!("Role {n}"), "permissions": []})).await.expect(201);
    }
    process.kill();
    let process = Process::start(&root, &[]);
    let client = process.client().with_token(token).in_tenant(tenant);
    assert_eq!(client.get("roles").await.expect(200)["total"], 44);
    let whole = if is_postgres() { "both schemas are those of this version" } else { "sound" };
    assert!(succeeds(&["doctor"], &root, "").contains(whole));
}

#[tokio::test]
async fn everything_is_still_there_after_a_restart() {
    let world = World::full().await;
    let (tenant, token) = (world.tenant, world.owner.client.token.clone().unwrap());
    let before = world.snapshot().await;
    let dir = world.server.stop().await;
    let process = Process::start(&dir.path().join("data"), &[]);
    let client = process.client().with_token(token).in_tenant(tenant);
    let roles = client.all("roles?limit=200&sort=createdAt").await;
    assert_eq!(before["roles"], Value::from(roles));
}

#[tokio::test]
async fn results_do_not_depend_on_the_time_zone_of_the_host() {
    let (_dir, root) = data_dir();
    let (process, client) = Process::with_owner_in(&root, &[("TZ", "America/St_Johns")]).await;
    for (kind, source, query, expected) in [
        (
            "javascript",
            json!({}),
            json!({"code": "return [{o: new Date().getTimezoneOffset(), d: new Date(2026, 0, 15).toISOString()}]"}),
            json!([{"o": 0, "d": "2026-01-15T00:00:00.000Z"}]),
        ),
        (
            "sqlite",
            json!({"path": "a.db", "readOnly": false}),
            json!({"sql": "select datetime('2026-01-15 00:00:00', 'localtime') as l"}),
            json!([{"l": "2026-01-15 00:00:00"}]),
        ),
    ] {
        let source =
            client.post("datasources", json!({"name": kind, "type": kind, "options": source})).await.expect(201);
        let question = json!({"datasourceID": id(&source), "options": query});
        let answer = client.post("data-queries/test", question).await.expect(200);
        assert_eq!(answer["data"], expected, "{kind}");
    }
    drop(process);
}
