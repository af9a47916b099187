//! Tenant routes: every caller, every way to name the tenant, every invalid token.
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

/// Whether a role has a permission: written here independently of the server's own definition.
type May = fn(&str) -> bool;

/// A caller of the API.
struct Caller {
    who: &'static str,
    /// Not bound to a tenant, because the tests set the tenant header.
    client: Client,
    may: May,
    /// API keys belong to one tenant, so they may omit the header.
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
    let shown = ["dashboard:list", "dashboard:read", "workflow:list", "workflow:read"];
    everyone(permission) || shown.contains(&permission)
}
fn operator(permission: &str) -> bool {
    viewer(permission) || ["dashboard:use", "workflow:execute"].contains(&permission)
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

/// Checks one cell of the table, and describes what is wrong with it.
fn check_cell(expected: (u16, &str), answer: &Answer, cell: &str) -> Option<String> {
    ((answer.status.as_u16(), answer.code()) != expected)
        .then(|| format!("{cell}: expected {expected:?}, but {answer}"))
}

async fn check_case(case: &Case, world: &World, caller: &Caller, other: Uuid) -> Vec<String> {
    let own = world.tenant.to_string();
    let (other, unknown) = (other.to_string(), Uuid::now_v7().to_string());
    let denied = (403, "PERMISSION_DENIED");
    let bad_tenant = (400, "INVALID_TENANT");
    let may = (caller.may)(&case.permission)
        && case.also.iter().all(|required| required.split('|').any(|permission| (caller.may)(permission)));
    let allowed = if may { case.answer } else { denied };
    let contexts = [
        ("own tenant", own.as_str(), Some(own.as_str()), allowed),
        ("no header", &own, None, if caller.is_key { allowed } else { bad_tenant }),
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
    let mut messages = Vec::new();
    for (context, path, header, expected) in contexts {
        let answer = send(case, world, &caller.client, path, header).await;
        wrong.extend(check_cell(
            expected,
            &answer,
            &format!("{} as {} {kind} with {context}", case.route(), caller.who),
        ));
        if context.ends_with("n tenant") || context == "another tenant" {
            messages.push(answer.body["error"]["message"].clone());
        }
    }
    if messages[1] != messages[2] {
        wrong.push(format!("{}: the messages for an unknown and another tenant differ", case.route()));
    }
    wrong
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn every_route_admits_exactly_the_callers_with_its_permission() {
    let mut world = World::full().await;
    let callers = callers(&mut world).await;
    let stranger = world.server.account("stranger@example.com").await;
    let other = world.server.tenant(&stranger, "Other").await.tenant.unwrap();
    let before = world.snapshot().await;
    let cases = cases::all();
    let pairs = cases.iter().flat_map(|case| callers.iter().map(move |caller| (case, caller)));
    let world_ref = &world;
    let wrong: Vec<String> = stream::iter(pairs)
        .map(|(case, caller)| check_case(case, world_ref, caller, other))
        .buffer_unordered(16)
        .flat_map(stream::iter)
        .collect()
        .await;
    let first = wrong.iter().take(20).map(String::as_str).collect::<Vec<_>>().join("\n");
    assert!(wrong.is_empty(), "{} cells of the table are wrong, such as:\n{first}", wrong.len());
    assert_eq!(world.snapshot().await, before, "the requests must change nothing");
}

#[tokio::test]
async fn every_route_checks_the_token_first() {
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
            let without_token = send(&case, &world, &anyone, &own, header).await;
            wrong.extend(check_cell((401, "USER_AUTH_TOKEN_MISSING"), &without_token, &case.route()));
            for (what, token, code) in &tokens {
                let answer = send(&case, &world, &anyone.with_token(token), &own, header).await;
                wrong.extend(check_cell((401, code), &answer, &format!("{} with {what}", case.route())));
            }
        }
    }
    assert!(wrong.is_empty(), "{}", wrong.join("\n"));
}

#[test]
fn every_tenant_route_has_a_case_with_its_documented_permission() {
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
async fn checks_run_in_the_documented_order() {
    let world = World::full().await;
    let (_, viewer) = world.member("viewer@example.com", "Viewer").await;
    let broken = |client: &Client, method: &str, path: &str| {
        client.call(Method::from_bytes(method.as_bytes()).unwrap(), path).raw("application/json", "{").send()
    };
    let widget = format!("widgets/{}", world.id("widgetID"));
    let nothing = format!("widgets/{}", Uuid::now_v7());
    // the permission is checked before the body and the ID
    broken(&viewer, "POST", "widgets").await.refused(403, "PERMISSION_DENIED");
    broken(&viewer, "PATCH", "widgets/nonsense").await.refused(403, "PERMISSION_DENIED");
    viewer.delete(&nothing).await.refused(403, "PERMISSION_DENIED");
    // the body is checked before existence, existence before the version
    broken(&world.client, "PATCH", &nothing).await.refused(400, "INVALID_REQUEST");
    let with_old_version = |path: &str| {
        world
            .client
            .call(Method::PATCH, path)
            .header("if-match", "\"99\"")
            .json(&serde_json::json!({"name": "x"}))
            .send()
    };
    with_old_version(&nothing).await.refused(404, "NOT_FOUND");
    with_old_version(&widget).await.refused(412, "VERSION_CONFLICT");
}
