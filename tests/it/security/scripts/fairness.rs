//! One person's scripts, however many tenants they are in, leave room for others'.
use super::{STUCK, begin, is_one, run};
use crate::support::{Client, TestServer, process::BINARY};
use jet_admin::script::{Limits, ProblemKind, Sandbox};
use std::time::{Duration, Instant};

/// Somebody with tenants of their own.
async fn tenants(server: &TestServer, email: &str, count: usize) -> Vec<Client> {
    let account = server.account(email).await;
    let mut tenants = Vec::new();
    for i in 0..count {
        tenants.push(server.tenant(&account, &format!("{i} of {email}")).await);
    }
    tenants
}

#[tokio::test(flavor = "multi_thread")]
async fn many_tenants_of_one_account_leave_scripts_to_others_and_to_each_other() {
    let server = TestServer::start().await;
    let greedy = tenants(&server, "greedy@example.com", 9).await;
    for tenant in &greedy[..8] {
        for _ in 0..6 {
            begin(tenant, STUCK, 50_000).await;
        }
    }
    let begun = Instant::now();
    let other = tenants(&server, "other@example.com", 1).await;
    is_one(&run(&other[0], "return 1", 20_000).await);
    // its own tenants are held up by each other for a short time only
    is_one(&run(&greedy[8], "return 1", 20_000).await);
    assert!(begun.elapsed() < Duration::from_secs(30), "{:?}", begun.elapsed());
}

#[tokio::test(flavor = "multi_thread")]
async fn endless_scripts_of_many_accounts_keep_no_newcomer_waiting() {
    let server = TestServer::start().await;
    for account in 0..6 {
        let tenants = tenants(&server, &format!("a{account}@example.com"), 2).await;
        for tenant in &tenants {
            for _ in 0..3 {
                begin(tenant, STUCK, 50_000).await;
            }
        }
    }
    let begun = Instant::now();
    let newcomer = tenants(&server, "newcomer@example.com", 1).await;
    is_one(&run(&newcomer[0], "return 1", 20_000).await);
    assert!(begun.elapsed() < Duration::from_secs(30), "{:?}", begun.elapsed());
}

#[tokio::test(flavor = "multi_thread")]
async fn the_server_answers_while_scripts_take_all_the_time_there_is() {
    let server = TestServer::start().await;
    let greedy = tenants(&server, "greedy@example.com", 4).await;
    for i in 0..25 {
        begin(&greedy[i % 4], "while (true) {}", 20_000).await;
    }
    let anyone = server.anyone();
    for _ in 0..20 {
        let begun = Instant::now();
        assert_eq!(anyone.get("/healthz").await.status, 200);
        assert!(begun.elapsed() < Duration::from_secs(5), "{:?}", begun.elapsed());
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn no_caller_gives_a_script_more_time_than_the_server_does() {
    let limits = Limits { worker: Some(BINARY.into()), time: Duration::from_millis(300), ..Limits::default() };
    let ran = Sandbox::new(limits).run(STUCK, serde_json::Map::new(), Duration::from_hours(1)).await;
    let problem = ran.unwrap_err();
    assert_eq!(problem.kind, ProblemKind::Timeout);
    assert!(problem.message.contains("stopped after 300 ms"), "{problem}");
}
