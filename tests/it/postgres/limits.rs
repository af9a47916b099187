//! Limits and marks hold for all servers of a database together.
use crate::{
    support::{
        Answer, Client,
        backend::Database,
        client::id,
        fleet::Fleet,
        process,
        wait::{until, until_shown},
    },
    triggers::{echo, hook, save, signatures::hmac},
};
use reqwest::Method;
use serde_json::{Value, json};
use std::time::{Duration, Instant};

const PASSWORD: &str = "correct horse battery";
const ACCOUNTS: &str = "/identitytoolkit.googleapis.com/v1/accounts";

/// Signs in from an address, and returns the answer and how long it took.
async fn sign_in(client: &Client, email: &str, password: &str, from: &str) -> (Answer, Duration) {
    let begun = Instant::now();
    let body = json!({"email": email, "password": password, "returnSecureToken": true});
    let call = client.call(Method::POST, &format!("{ACCOUNTS}:signInWithPassword")).header("x-forwarded-for", from);
    (call.json(&body).send().await, begun.elapsed())
}

/// Two servers behind a proxy on this machine.
async fn behind_a_proxy() -> (Fleet, [Client; 2]) {
    let database = Database::create();
    let url = database.url();
    let fleet = Fleet::with(database, &url, 2, &["--trusted-proxy", "127.0.0.1"]).await;
    let clients = [0, 1].map(|server: usize| fleet.servers[server].client());
    (fleet, clients)
}

#[tokio::test(flavor = "multi_thread")]
async fn wrong_passwords_count_on_all_servers_together() {
    let (_fleet, clients) = behind_a_proxy().await;
    let near = "203.0.113.1";
    for attempt in 0..8 {
        sign_in(&clients[attempt % 2], "ada@example.com", "wrong password", near).await.0.expect(400);
    }
    // each server alone has seen four of them, after which there is no pause
    let (refused, took) = sign_in(&clients[0], "ada@example.com", "wrong password", near).await;
    assert!(refused.status == 400 && took > Duration::from_millis(1900), "{took:?}");
    let (signed_in, took) = sign_in(&clients[1], "ada@example.com", PASSWORD, near).await;
    signed_in.expect(200);
    assert!(took > Duration::from_millis(3900), "{took:?}");
    // the right password has cleared the failures on both
    for client in &clients {
        let (_, took) = sign_in(client, "ada@example.com", "wrong password", near).await;
        assert!(took < Duration::from_millis(1900), "{took:?}");
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn attempts_at_the_same_time_on_two_servers_keep_their_distance() {
    let (_fleet, clients) = behind_a_proxy().await;
    let near = "203.0.113.1";
    for attempt in 0..7 {
        sign_in(&clients[attempt % 2], "ada@example.com", "wrong password", near).await.0.expect(400);
    }
    let begun = Instant::now();
    let (one, two) = tokio::join!(
        sign_in(&clients[0], "ada@example.com", "wrong password", near),
        sign_in(&clients[1], "ada@example.com", "wrong password", near)
    );
    assert!(one.0.status == 400 && two.0.status == 400);
    // one second before the first of them, and two more before the other
    assert!(begun.elapsed() > Duration::from_millis(2900), "{:?}", begun.elapsed());
}

#[tokio::test(flavor = "multi_thread")]
async fn people_who_have_signed_in_on_one_server_do_not_wait_for_strangers_on_another() {
    let (_fleet, clients) = behind_a_proxy().await;
    let home = "203.0.113.1";
    sign_in(&clients[0], "ada@example.com", PASSWORD, home).await.0.expect(200);
    for stranger in 0..53 {
        let from = format!("198.51.100.{stranger}");
        sign_in(&clients[stranger % 2], "ada@example.com", "wrong password", &from).await.0.expect(400);
    }
    let (_, took) = sign_in(&clients[1], "ada@example.com", "wrong password", "198.51.100.99").await;
    assert!(took > Duration::from_millis(1900), "a stranger waits: {took:?}");
    let (signed_in, took) = sign_in(&clients[1], "ada@example.com", PASSWORD, home).await;
    signed_in.expect(200);
    assert!(took < Duration::from_millis(1500), "{took:?}");
}

#[tokio::test(flavor = "multi_thread")]
async fn codes_and_letters_are_limited_on_all_servers_together() {
    let (fleet, clients) = behind_a_proxy().await;
    let request = async |client: &Client, email: &str| {
        let body = json!({"requestType": "PASSWORD_RESET", "email": email});
        client.post(&format!("{ACCOUNTS}:sendOobCode"), body).await
    };
    request(&clients[0], "ada@example.com").await.expect(200);
    fleet.servers[0].log_with("oobCode=");
    for n in 0..27 {
        request(&clients[n % 2], "ada@example.com").await.expect(200);
    }
    let arguments = ["user", "create", "bob@example.com", "--database", &fleet.database.url()];
    let created = process::run(&arguments, &format!("{PASSWORD}\n"));
    assert!(created.status.success(), "{}", process::text(&created));
    for client in &clients {
        request(client, "bob@example.com").await.expect(200);
    }
    for client in &clients {
        let refused = request(client, "ada@example.com").await;
        assert_eq!(refused.body["error"]["message"], "TOO_MANY_ATTEMPTS_TRY_LATER", "{refused}");
    }
    // letters are sent after the response, in the order of the requests
    let letters = |to: &str| {
        let is_to = |line: &&str| line.contains("oobCode=") && line.contains(to);
        fleet.servers.iter().map(|server| server.log().lines().filter(is_to).count()).sum::<usize>()
    };
    until("the last one is sent", async || letters("bob@example.com") > 0).await;
    assert_eq!((letters("ada@example.com"), letters("bob@example.com")), (1, 1));
}

#[tokio::test(flavor = "multi_thread")]
async fn a_sign_in_that_ends_on_one_server_ends_on_all() {
    let (_fleet, clients) = behind_a_proxy().await;
    let answer = clients[0].post("/api/v1/session", json!({"email": "ada@example.com", "password": PASSWORD})).await;
    let cookie = answer.header("set-cookie").unwrap().split(';').next().unwrap().to_owned();
    let token = answer.expect(200)["idToken"].as_str().unwrap().to_owned();
    let signed_in = clients.clone().map(|client| client.with_token(&token));
    for client in &signed_in {
        client.get("/api/v1/auth").await.expect(200);
    }
    clients[0].call(Method::DELETE, "/api/v1/session").header("cookie", &cookie).send().await.expect(204);
    signed_in[0].get("/api/v1/auth").await.refused(401, "USER_AUTH_TOKEN_INVALID");
    let ended = async || signed_in[1].get("/api/v1/auth").await.status == 401;
    tokio::time::timeout(Duration::from_secs(5), until("the other server knows it", ended)).await.unwrap();
}

#[tokio::test(flavor = "multi_thread")]
async fn event_streams_of_all_servers_end_when_access_ends() {
    let fleet = Fleet::start(2).await;
    let (one, two) = (fleet.client(0), fleet.client(1));
    let roles = one.get("roles").await.expect(200);
    let role = &roles["items"].as_array().unwrap().iter().find(|role| role["name"] == "Viewer").unwrap()["id"];
    let key = one.post("api-keys", json!({"name": "Watcher", "roleID": role})).await.expect(201);
    let watcher = two.with_token(key["key"].as_str().unwrap());
    let mut stream = watcher.call(Method::GET, "workflows/instances/events").open().await;
    assert_eq!(stream.status(), 200);
    let begun = Instant::now();
    one.delete(&format!("api-keys/{}", id(&key))).await.expect(204);
    while stream.chunk().await.unwrap().is_some() {}
    assert!(begun.elapsed() < Duration::from_secs(4), "{:?}", begun.elapsed());
}

/// Saves a workflow with a signed webhook. Returns the path of the webhook.
async fn signed_hook(client: &Client, name: &str, more: Value) -> String {
    let mut signature = json!({"header": "X-Sig", "secret": "the key", "toleranceSeconds": 600});
    signature.as_object_mut().unwrap().extend(more.as_object().unwrap().clone());
    hook(&save(client, echo(name, json!([{"type": "webhook", "signature": signature}]))).await, 0)
}

async fn call(client: &Client, path: &str, body: &str, time: &str) -> Answer {
    let signed = if time.is_empty() { body.to_owned() } else { format!("{time}.{body}") };
    let call = client.call(Method::POST, path).header("x-sig", &hmac("the key", signed.as_bytes()));
    let call = if time.is_empty() { call } else { call.header("x-time", time) };
    call.raw("application/json", body).send().await
}

#[tokio::test(flavor = "multi_thread")]
async fn a_signed_call_is_accepted_by_one_server_once() {
    let mut fleet = Fleet::start(2).await;
    let client = fleet.client(0);
    let clients = [0, 1].map(|server: usize| fleet.servers[server].client());
    let plain = signed_hook(&client, "Plain", json!({})).await;
    let timed = signed_hook(&client, "Timed", json!({"timestampHeader": "X-Time"})).await;
    let now = jet_admin::clock::Time::now().seconds().to_string();
    for (path, time) in [(&plain, ""), (&timed, now.as_str())] {
        let found = async || clients[1].call(Method::POST, path).send().await.status != 404;
        until("the other server knows the webhook", found).await;
        let calls = (0..16).map(|n| call(&clients[n % 2], path, "{}", time));
        let answers = futures_util::future::join_all(calls).await;
        let accepted = answers.iter().filter(|answer| answer.status == 202).count();
        assert_eq!(accepted, 1, "{:?}", answers.iter().map(|answer| answer.status).collect::<Vec<_>>());
        for answer in answers.into_iter().filter(|answer| answer.status != 202) {
            answer.refused(401, "INVALID_SIGNATURE");
        }
    }
    // a call that was not accepted may be repeated, on another server
    call(&clients[0], &plain, "{", "").await.refused(400, "INVALID_REQUEST");
    let again = async || call(&clients[1], &plain, "{", "").await.status == 400;
    tokio::time::timeout(Duration::from_secs(5), until("the mark was removed", again)).await.unwrap();
    // the marks survive the server that has set them
    let calls = [("{\"n\": 1}", ""), ("{\"n\": 2}", now.as_str())];
    for ((body, time), path) in calls.into_iter().zip([&plain, &timed]) {
        call(&clients[0], path, body, time).await.expect(202);
    }
    fleet.servers[0].kill();
    until("the server counts as dead", async || fleet.living() == 1).await;
    call(&clients[1], &plain, calls[0].0, "").await.refused(401, "INVALID_SIGNATURE");
    // the run is found by its key, in case the server has died before its caller got the answer
    call(&clients[1], &timed, calls[1].0, &now).await.expect(202);
    let client = fleet.client(1);
    let ended = |list: &Value| list["items"][0]["finishedAt"].is_string();
    let runs = until_shown(&client, "workflows/instances", ended).await;
    assert_eq!(runs["items"].as_array().unwrap().len(), 4);
}

#[tokio::test(flavor = "multi_thread")]
async fn a_call_that_died_with_its_server_may_be_repeated() {
    let fleet = Fleet::start(2).await;
    let path = signed_hook(&fleet.client(0), "Plain", json!({})).await;
    call(&fleet.servers[0].client(), &path, "{}", "").await.expect(202);
    // as if the server had died before it has started the run
    fleet.database.execute(
        "insert into jet_admin_runs.servers (id, name, is_dead) values ('dead', 'dead', true);
         update jet_admin_runs.marks set is_final = false, owner = 'dead' where key like 'signature/%'",
    );
    call(&fleet.servers[1].client(), &path, "{}", "").await.expect(202);
    call(&fleet.servers[0].client(), &path, "{}", "").await.refused(401, "INVALID_SIGNATURE");
}
