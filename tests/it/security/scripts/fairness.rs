//! One account's scripts do not block those of others, in however many tenants they run.
use super::{STUCK, assert_one, begin, run};
use crate::support::{Client, TestServer, process::BINARY};
use jet_admin::script::{Sandbox, ScriptLimits, ScriptProblemKind};
use std::time::{Duration, Instant};

/// Creates an account that owns `count` tenants.
async fn tenants(server: &TestServer, email: &str, count: usize) -> Vec<Client> {
    let account = server.account(email).await;
    let mut tenants = Vec::new();
    for i in 0..count {
        tenants.push(server.tenant(&account, &format!("{i} of {email}")).await);
    }
    tenants
}

#[tokio::test(flavor = "multi_thread")]
async fn many_tenants_of_one_account_do_not_block_other_accounts_or_each_other() {
    let server = TestServer::start().await;
    let greedy = tenants(&server, "greedy@example.com", 9).await;
    for tenant in &greedy[..8] {
        for _ in 0..6 {
            begin(tenant, STUCK, 50_000).await;
        }
    }
    let start = Instant::now();
    let other = tenants(&server, "other@example.com", 1).await;
    assert_one(&run(&other[0], "return 1", 20_000).await);
    // tenants of the same account delay each other only for a short time
    assert_one(&run(&greedy[8], "return 1", 20_000).await);
    assert!(start.elapsed() < Duration::from_secs(30), "{:?}", start.elapsed());
}

#[tokio::test(flavor = "multi_thread")]
async fn endless_scripts_of_many_accounts_do_not_block_a_new_account() {
    let server = TestServer::start().await;
    for account in 0..6 {
        let tenants = tenants(&server, &format!("a{account}@example.com"), 2).await;
        for tenant in &tenants {
            for _ in 0..3 {
                begin(tenant, STUCK, 50_000).await;
            }
        }
    }
    let start = Instant::now();
    let newcomer = tenants(&server, "newcomer@example.com", 1).await;
    assert_one(&run(&newcomer[0], "return 1", 20_000).await);
    assert!(start.elapsed() < Duration::from_secs(30), "{:?}", start.elapsed());
}

#[tokio::test(flavor = "multi_thread")]
async fn the_server_responds_while_scripts_use_all_their_time() {
    let server = TestServer::start().await;
    let greedy = tenants(&server, "greedy@example.com", 4).await;
    for i in 0..25 {
        begin(&greedy[i % 4], "while (true) {}", 20_000).await;
    }
    let anyone = server.anyone();
    for _ in 0..20 {
        let start = Instant::now();
        assert_eq!(anyone.get("/healthz").await.status, 200);
        assert!(start.elapsed() < Duration::from_secs(5), "{:?}", start.elapsed());
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn callers_cannot_exceed_the_servers_time_limit_for_scripts() {
    let limits =
        ScriptLimits { worker: Some(BINARY.into()), time: Duration::from_millis(300), ..ScriptLimits::default() };
    let result = Sandbox::new(limits).run(STUCK, serde_json::Map::new(), Duration::from_hours(1)).await;
    let problem = result.unwrap_err();
    assert_eq!(problem.kind, ScriptProblemKind::Timeout);
    assert!(problem.message.contains("stopped after 300 ms"), "{problem}");
}
