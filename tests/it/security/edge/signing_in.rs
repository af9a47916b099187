//! Mass password guessing, sign-ups and requests for codes must not affect others.
use super::{PASSWORD, PATIENCE, sign_in, sign_up};
use crate::support::{
    Answer, Client, Stored, TestServer,
    process::{Process, data_dir},
};
use futures_util::future::join_all;
use jet_admin::auth::Signup;
use serde_json::{Value, json};
use std::time::{Duration, Instant};
use tokio::time::timeout;

async fn server() -> TestServer {
    let server = TestServer::start_with(|config| {
        config.signup = Some(Signup::Open);
        config.trusted_proxies = vec!["127.0.0.1/32".parse().unwrap()];
    });
    server.await
}

fn code(answer: &Answer) -> &str {
    answer.body["error"]["message"].as_str().unwrap_or_default()
}

/// Tries to sign in to one of many accounts that do not exist.
async fn sign_in_as(client: &Client, number: u32, from: &str) -> Answer {
    sign_in(client, &format!("{number}@example.com"), PASSWORD, Some(from)).await
}

#[tokio::test]
async fn guesses_are_delayed_and_the_right_password_still_works() {
    let server = server().await;
    let client = server.anyone();
    sign_up(&client, "ada@example.com").await.expect(200);
    let start = Instant::now();
    for _ in 0..7 {
        let wrong = sign_in(&client, "ada@example.com", "wrong password", None).await;
        assert_eq!(code(&wrong), "INVALID_LOGIN_CREDENTIALS");
    }
    sign_in(&client, "ada@example.com", PASSWORD, None).await.expect(200);
    assert!(start.elapsed() >= Duration::from_millis(250 + 500 + 1000), "{:?}", start.elapsed());
}

#[tokio::test]
async fn guesses_never_lock_out_the_owner() {
    let server = server().await;
    let client = server.anyone();
    sign_up(&client, "owner@example.com").await.expect(200);
    // one address tries many accounts while another tries a single account
    let many = (0..52).map(|n| sign_in_as(&client, n, "203.0.113.1"));
    let one = async {
        for _ in 0..8 {
            sign_in(&client, "owner@example.com", "wrong password", Some("203.0.113.2")).await;
        }
    };
    tokio::join!(join_all(many), one);
    for from in [Some("203.0.113.1"), Some("203.0.113.2"), Some("198.51.100.1"), None] {
        let owner = sign_in(&client, "owner@example.com", PASSWORD, from);
        timeout(PATIENCE, owner).await.expect("the owner waited too long").expect(200);
    }
}

#[tokio::test]
async fn concurrent_guesses_are_limited_with_a_retry_after_header() {
    let server = server().await;
    let client = server.anyone();
    sign_up(&client, "ada@example.com").await.expect(200);
    let guesses = (0..60).map(|_| sign_in(&client, "ada@example.com", "wrong password", Some("203.0.113.1")));
    let refused: Vec<Answer> =
        join_all(guesses).await.into_iter().filter(|answer| code(answer) == "TOO_MANY_ATTEMPTS_TRY_LATER").collect();
    assert!(refused.len() > 30, "{}", refused.len());
    for answer in refused {
        assert!(answer.status == 400 && answer.header("retry-after").unwrap().parse::<u32>().unwrap() > 0, "{answer}");
    }
    sign_in(&client, "ada@example.com", PASSWORD, Some("203.0.113.2")).await.expect(200);
}

#[tokio::test]
async fn a_flood_of_sign_ins_does_not_block_others() {
    let server = server().await;
    let client = server.anyone();
    sign_up(&client, "ada@example.com").await.expect(200);
    sign_in(&client, "ada@example.com", PASSWORD, Some("203.0.113.9")).await.expect(200);
    let flood = (0..300).map(|n| sign_in_as(&client, n, "203.0.113.1"));
    let known = sign_in(&client, "ada@example.com", PASSWORD, Some("203.0.113.9"));
    let stranger = sign_in(&client, "ada@example.com", PASSWORD, Some("203.0.113.8"));
    let (flood, known, stranger) = tokio::join!(join_all(flood), known, stranger);
    known.expect(200);
    stranger.expect(200);
    let refused = flood.iter().filter(|answer| code(answer) == "TOO_MANY_ATTEMPTS_TRY_LATER").count();
    assert!(refused > 100, "too few sign-ins were refused: {refused}");
    let body = json!({"email": "x@example.com", "password": PASSWORD});
    let path = "/api/v1/session";
    let again = (0..200).map(|_| client.post(path, body.clone()));
    let limited =
        join_all(again).await.into_iter().find(|answer| answer.status == 429).expect("no sign-in was limited");
    assert!(limited.header("retry-after").is_some());
    limited.refused(429, "RATE_LIMITED");
}

#[tokio::test]
async fn sign_ups_from_one_network_are_limited() {
    let server = server().await;
    let client = server.anyone();
    let sign_ups = (0..40).map(|n| {
        let body = json!({"email": format!("{n}@example.com"), "password": PASSWORD});
        let call = client.call(reqwest::Method::POST, "/identitytoolkit.googleapis.com/v1/accounts:signUp");
        let from = if n % 2 == 0 { "2001:db8::1" } else { "2001:db8::2" };
        call.header("x-forwarded-for", from).json(&body).send()
    });
    let answers = join_all(sign_ups).await;
    let refused = answers.iter().filter(|answer| code(answer) == "TOO_MANY_ATTEMPTS_TRY_LATER").count();
    assert!((10..40).contains(&refused), "{refused}");
    sign_up(&client, "elsewhere@example.com").await.expect(200);
}

async fn request_code(client: &Client, email: &str) -> Answer {
    let body = json!({"requestType": "PASSWORD_RESET", "email": email});
    client.post("/identitytoolkit.googleapis.com/v1/accounts:sendOobCode", body).await
}

fn codes(server: &TestServer) -> u64 {
    Stored::workspace(&server.data_dir()).number("select count(*) from action_codes")
}

#[tokio::test]
async fn requesting_a_code_does_the_same_for_known_and_unknown_addresses_until_it_responds() {
    // single-threaded, so that work after the response cannot run before it
    let server = server().await;
    let client = server.anyone();
    sign_up(&client, "ada@example.com").await.expect(200);
    let commits = || server.server.app.store.changes();
    // other writes can happen meanwhile, but not every time
    let mut writes = Vec::new();
    for _ in 0..5 {
        let before = commits();
        request_code(&client, "nobody@example.com").await.expect(200);
        writes.push(commits() - before);
    }
    assert!(writes.contains(&0), "{writes:?}");
    request_code(&client, "ada@example.com").await.expect(200);
    let sent = async {
        while codes(&server) == 0 {
            tokio::task::yield_now().await;
        }
    };
    timeout(PATIENCE, sent).await.expect("no code was created after the response");
    let mut refused = None;
    for _ in 0..60 {
        let answer = request_code(&client, "nobody@example.com").await;
        if code(&answer) == "TOO_MANY_ATTEMPTS_TRY_LATER" {
            refused = Some(answer);
            break;
        }
    }
    assert!(refused.expect("requests for codes are not limited").header("retry-after").is_some());
    let known = request_code(&client, "ada@example.com").await;
    assert_eq!(
        code(&known),
        "TOO_MANY_ATTEMPTS_TRY_LATER",
        "the limit must apply to the caller, whatever the email address"
    );
}

#[tokio::test]
async fn requesting_a_code_again_keeps_the_first_one_and_logs_nothing() {
    let (_dir, root) = data_dir();
    let process = Process::start(&root, &["--signup", "open"]);
    let client = process.client();
    for email in ["ada@example.com", "bob@example.com"] {
        sign_up(&client, email).await.expect(200);
    }
    let links = |log: &str| log.matches("oobCode=").count();
    request_code(&client, "ada@example.com").await.expect(200);
    let log = process.log_with("oobCode=");
    let link = log.split_once("oobCode=").unwrap().1.split(['"', '\n']).next().unwrap().to_owned();
    for _ in 0..5 {
        request_code(&client, "ada@example.com").await.expect(200);
    }
    request_code(&client, "bob@example.com").await.expect(200);
    let log = process.log_with("bob@example.com");
    assert_eq!(links(&log), 2, "{log}");
    let body = json!({"oobCode": link});
    let path = "/identitytoolkit.googleapis.com/v1/accounts:resetPassword";
    let lookup: Value = client.post(path, body).await.expect(200);
    assert_eq!(lookup["email"], "ada@example.com", "the first code must still work");
}
