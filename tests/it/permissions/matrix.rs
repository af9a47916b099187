//! Tenant routes: every caller, every way to name the tenant, every broken token.
use super::{
    cases::{self, Case},
    operations,
};
use crate::support::{Answer, Client, World};
use futures_util::{StreamExt, stream};
use reqwest::Method;
use serde_json::{Value, json};
use std::collections::BTreeSet;
use uuid::Uuid;

/// What a role allows, said here once more in the words of the contract.
type May = fn(&str) -> bool;

/// Someone who asks.
struct Caller {
    who: &'static str,
    /// Without a tenant: the header is part of what is tested.
    client: Client,
    may: May,
    /// Keys belong to one tenant and may leave the header out.
    is_key: bool,
}

const CUSTOM: &[&str] = &[
    "tenant:read",
    "widget:list",
    "datasource:create",
    "audit:list",
    "apikey:list",
    "workflow:delete",
    "dashboard:clone",
];

fn noun_and_verb(permission: &str) -> (&str, &str) {
    permission.split_once(':').unwrap()
}
fn is_asset(permission: &str) -> bool {
    ["datasource", "file", "variable", "dataquery", "widget", "dashboard", "workflow"]
        .contains(&noun_and_verb(permission).0)
}
fn everyone(permission: &str) -> bool {
    ["tenant:read", "member:list", "role:list", "role:read"].contains(&permission)
}
fn viewer(permission: &str) -> bool {
    everyone(permission) || is_asset(permission) && ["list", "read"].contains(&noun_and_verb(permission).1)
}
fn operator(permission: &str) -> bool {
    viewer(permission) || is_asset(permission) && ["execute", "test"].contains(&noun_and_verb(permission).1)
}
fn editor(permission: &str) -> bool {
    everyone(permission) || is_asset(permission)
}
fn owner(_: &str) -> bool {
    true
}
fn custom(permission: &str) -> bool {
    CUSTOM.contains(&permission)
}

async fn callers(world: &mut World) -> Vec<Caller> {
    world.role("Custom", CUSTOM).await;
    let roles: [(&str, May); 5] =
        [("Owner", owner), ("Editor", editor), ("Operator", operator), ("Viewer", viewer), ("Custom", custom)];
    let mut callers = Vec::new();
    for (role, may) in roles {
        let (account, _) =
            world.member(&format!("{}@example.com", role.to_lowercase().replace("owner", "second")), role).await;
        callers.push(Caller { who: role, client: account.client, may, is_key: false });
        let key = world.api_key(role, role).await;
        callers.push(Caller { who: role, client: world.server.anyone().with_token(key), may, is_key: true });
    }
    callers
}

async fn send(case: &Case, world: &World, client: &Client, tenant: &str, header: Option<&str>) -> Answer {
    let method = Method::from_bytes(case.method.as_bytes()).unwrap();
    let mut call = client.call(method, &case.path(world, tenant));
    if let Some(header) = header {
        call = call.header("x-tenant-id", header);
    }
    if let Some(tag) = case.if_match {
        call = call.header("if-match", tag);
    }
    match &case.body {
        Some(body) => call.json(body).send().await,
        None if case.is_endless => call.begin().await,
        None => call.send().await,
    }
}

/// One cell of the table; says what is wrong with it.
fn judge(expected: (u16, &str), answer: &Answer, cell: &str) -> Option<String> {
    ((answer.status.as_u16(), answer.code()) != expected)
        .then(|| format!("{cell}: expected {expected:?}, but {answer}"))
}

async fn judge_case(case: &Case, world: &World, caller: &Caller, other: Uuid) -> Vec<String> {
    let own = world.tenant.to_string();
    let (other, unknown) = (other.to_string(), Uuid::now_v7().to_string());
    let denied = (403, "PERMISSION_DENIED");
    let bad_tenant = (400, "INVALID_TENANT");
    let may = (caller.may)(&case.permission)
        && case.also.iter().all(|needed| needed.split('|').any(|permission| (caller.may)(permission)));
    let right = if may { case.answer } else { denied };
    let contexts = [
        ("own tenant", own.as_str(), Some(own.as_str()), right),
        ("no header", &own, None, if caller.is_key { right } else { bad_tenant }),
        ("a malformed header", &own, Some("first"), bad_tenant),
        ("an empty header", &own, Some(""), bad_tenant),
        ("another tenant's header", &own, Some(&other), bad_tenant),
        ("another tenant's path", &other, Some(&own), bad_tenant),
        ("a malformed path", "first", Some(&own), bad_tenant),
        ("another tenant", &other, Some(&other), denied),
        ("an unknown tenant", &unknown, Some(&unknown), denied),
    ];
    let kind = if caller.is_key { "key" } else { "user" };
    let mut wrong = Vec::new();
    let mut strangers = Vec::new();
    for (context, path, header, expected) in contexts {
        let answer = send(case, world, &caller.client, path, header).await;
        wrong.extend(judge(expected, &answer, &format!("{} as {} {kind} with {context}", case.route(), caller.who)));
        if context.ends_with("n tenant") || context == "another tenant" {
            strangers.push(answer.body["error"]["message"].clone());
        }
    }
    if strangers[1] != strangers[2] {
        wrong.push(format!("{}: an unknown tenant and a foreign one can be told apart", case.route()));
    }
    wrong
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn every_route_lets_in_whom_its_permission_says() {
    let mut world = World::full().await;
    let callers = callers(&mut world).await;
    let stranger = world.server.account("stranger@example.com").await;
    let other = world.server.tenant(&stranger, "Other").await.tenant.unwrap();
    let before = world.snapshot().await;
    let cases = cases::all();
    let pairs = cases.iter().flat_map(|case| callers.iter().map(move |caller| (case, caller)));
    let world_ref = &world;
    let wrong: Vec<String> = stream::iter(pairs)
        .map(|(case, caller)| judge_case(case, world_ref, caller, other))
        .buffer_unordered(16)
        .flat_map(stream::iter)
        .collect()
        .await;
    let first = wrong.iter().take(20).map(String::as_str).collect::<Vec<_>>().join("\n");
    assert!(wrong.is_empty(), "{} of the table's cells, such as:\n{first}", wrong.len());
    assert_eq!(world.snapshot().await, before, "none of it changed anything");
}

#[tokio::test]
async fn every_route_refuses_a_bad_token_before_anything_else() {
    let world = World::full().await;
    let anyone = world.server.anyone();
    let foreign_key = jet_admin::auth::Signer::new(&jet_admin::auth::Signer::generate().unwrap()).unwrap();
    let forged = foreign_key.issue(&world.owner.user, jet_admin::clock::Time::now()).unwrap();
    let own = world.tenant.to_string();
    let tokens = [
        ("an expired token", world.server.expired_token(&world.owner.user), "USER_AUTH_TOKEN_EXPIRED"),
        ("a garbage token", "garbage".to_owned(), "USER_AUTH_TOKEN_INVALID"),
        ("another server's token", forged, "USER_AUTH_TOKEN_INVALID"),
        ("an unknown API key", format!("jet_{}", "A".repeat(43)), "USER_AUTH_TOKEN_INVALID"),
    ];
    let mut wrong = Vec::new();
    for case in cases::all() {
        for header in [Some(own.as_str()), None, Some("first")] {
            let bare = send(&case, &world, &anyone, &own, header).await;
            wrong.extend(judge((401, "USER_AUTH_TOKEN_MISSING"), &bare, &case.route()));
            for (what, token, code) in &tokens {
                let answer = send(&case, &world, &anyone.with_token(token), &own, header).await;
                wrong.extend(judge((401, code), &answer, &format!("{} with {what}", case.route())));
            }
        }
    }
    assert!(wrong.is_empty(), "{}", wrong.join("\n"));
}

#[test]
fn every_tenant_route_has_a_case_with_the_permission_of_the_document() {
    let also = |operation: &Value| operation.get("x-permission-also").unwrap_or(&json!([])).to_string();
    let documented: BTreeSet<(String, String, String)> = operations()
        .into_iter()
        .filter(|(route, _)| route.contains(" /api/v1/tenants/{tenantID}"))
        .map(|(route, operation)| {
            (route, operation["x-permission"].as_str().unwrap_or("none").to_owned(), also(&operation))
        })
        .collect();
    let tested: BTreeSet<(String, String, String)> =
        cases::all().into_iter().map(|case| (case.route(), case.permission, json!(case.also).to_string())).collect();
    let untested: Vec<_> = documented.difference(&tested).collect();
    let stale: Vec<_> = tested.difference(&documented).collect();
    assert!(untested.is_empty() && stale.is_empty(), "without a case: {untested:#?}\nnot in the document: {stale:#?}");
}

#[tokio::test]
async fn checks_come_in_the_order_of_the_contract() {
    let world = World::full().await;
    let (_, viewer) = world.member("viewer@example.com", "Viewer").await;
    let broken = |client: &Client, method: &str, path: &str| {
        client.call(Method::from_bytes(method.as_bytes()).unwrap(), path).raw("application/json", "{").send()
    };
    let widget = format!("widgets/{}", world.id("widgetID"));
    let nothing = format!("widgets/{}", Uuid::now_v7());
    // permission before the body and before the id
    broken(&viewer, "POST", "widgets").await.refused(403, "PERMISSION_DENIED");
    broken(&viewer, "PATCH", "widgets/nonsense").await.refused(403, "PERMISSION_DENIED");
    viewer.delete(&nothing).await.refused(403, "PERMISSION_DENIED");
    // the body before existence, existence before the version
    broken(&world.client, "PATCH", &nothing).await.refused(400, "INVALID_REQUEST");
    let late = |path: &str| {
        world
            .client
            .call(Method::PATCH, path)
            .header("if-match", "\"99\"")
            .json(&serde_json::json!({"name": "x"}))
            .send()
    };
    late(&nothing).await.refused(404, "NOT_FOUND");
    late(&widget).await.refused(412, "VERSION_CONFLICT");
}
