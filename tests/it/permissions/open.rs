//! Routes outside tenants: public, or for anyone with an account.
use super::operations;
use crate::support::World;
use reqwest::Method;
use serde_json::{Value, json};
use std::collections::BTreeSet;

/// Public routes, each with the reason.
const PUBLIC: &[(&str, &str)] = &[
    ("GET /api/v1/setup", "the sign-in page needs it before anyone has signed in"),
    ("POST /api/v1/session", "signs in"),
    ("DELETE /api/v1/session", "signs out with the cookie, even if the token has expired"),
    ("POST /api/v1/session/sign-up", "creates an account"),
    ("POST /api/v1/session/refresh", "uses the cookie instead"),
    ("GET /api/v1/invitations/{token}", "the token in the path is the secret"),
    ("GET /api/v1/shared/{token}", "the token in the path is the secret; it shows one dashboard"),
    ("POST /api/v1/shared/{token}/data", "the same"),
    ("POST /hooks/{token}", "the token in the path is the secret; a signature can be required"),
    ("GET /hooks/{token}", "the same"),
    ("PUT /hooks/{token}", "the same"),
    ("PATCH /hooks/{token}", "the same"),
    ("DELETE /hooks/{token}", "the same"),
    ("GET /.well-known/jwks.json", "public keys"),
    ("GET /.well-known/openid-configuration", "where the public keys are"),
    ("POST /securetoken.googleapis.com/v1/token", "uses the refresh token instead"),
    ("POST /identitytoolkit.googleapis.com/v1/accounts:signUp", "creates an account"),
    ("POST /identitytoolkit.googleapis.com/v1/accounts:signInWithPassword", "signs in"),
    ("POST /identitytoolkit.googleapis.com/v1/accounts:lookup", "has the ID token in its body"),
    ("POST /identitytoolkit.googleapis.com/v1/accounts:update", "has the ID token or a code in its body"),
    ("POST /identitytoolkit.googleapis.com/v1/accounts:delete", "has the ID token in its body"),
    ("POST /identitytoolkit.googleapis.com/v1/accounts:sendOobCode", "people who need a code cannot sign in"),
    ("POST /identitytoolkit.googleapis.com/v1/accounts:resetPassword", "has the code in its body"),
];

/// Routes for anyone with an account: the route, a path, a body, and the status for a user who is in no tenant.
fn signed_in(world: &World) -> Vec<(&'static str, String, Option<Value>, u16)> {
    let tenant = world.tenant;
    vec![
        ("GET /api/v1/auth", "/api/v1/auth".to_owned(), None, 200),
        ("GET /api/v1/auth/config/{tenantID}", format!("/api/v1/auth/config/{tenant}"), None, 403),
        (
            "POST /api/v1/auth/config/{tenantID}",
            format!("/api/v1/auth/config/{tenant}"),
            Some(json!({"config": {}})),
            403,
        ),
        ("GET /api/v1/instance", "/api/v1/instance".to_owned(), None, 403),
        ("GET /api/v1/instance/accounts", "/api/v1/instance/accounts".to_owned(), None, 403),
        ("GET /api/v1/datasource-types", "/api/v1/datasource-types".to_owned(), None, 200),
        ("GET /api/v1/widget-types", "/api/v1/widget-types".to_owned(), None, 200),
        ("GET /api/v1/node-types", "/api/v1/node-types".to_owned(), None, 200),
        ("GET /api/v1/trigger-types", "/api/v1/trigger-types".to_owned(), None, 200),
        ("GET /api/v1/tenants", "/api/v1/tenants".to_owned(), None, 200),
        ("POST /api/v1/tenants", "/api/v1/tenants".to_owned(), Some(json!({})), 400),
        ("POST /api/v1/invitations/{token}/accept", "/api/v1/invitations/unknown/accept".to_owned(), None, 404),
    ]
}

#[tokio::test]
async fn every_route_outside_tenants_requires_an_account_or_is_listed_as_public() {
    let world = World::empty().await;
    let documented: BTreeSet<String> =
        operations().into_keys().filter(|route| !route.contains(" /api/v1/tenants/{tenantID}")).collect();
    let mut tested: BTreeSet<String> = PUBLIC.iter().map(|(route, _)| (*route).to_owned()).collect();
    for (route, ..) in signed_in(&world) {
        tested.insert(route.to_owned());
    }
    assert_eq!(documented, tested);
    for (route, operation) in operations() {
        let public = PUBLIC.iter().any(|(known, _)| *known == route);
        assert_eq!(operation["security"] == json!([]), public, "{route} must document whether it needs a token");
    }
}

#[tokio::test]
async fn account_routes_refuse_api_keys() {
    let world = World::empty().await;
    let (expired, key) = (world.server.expired_token(&world.owner.user), world.api_key("Key", "Owner").await);
    let stranger = world.server.account("stranger@example.com").await;
    let anyone = world.server.anyone();
    for (route, path, body, status) in signed_in(&world) {
        let method = Method::from_bytes(route.split(' ').next().unwrap().as_bytes()).unwrap();
        let send = async |client: &crate::support::Client| {
            let call = client.call(method.clone(), &path);
            match &body {
                Some(body) => call.json(body).send().await,
                None => call.send().await,
            }
        };
        send(&anyone).await.refused(401, "USER_AUTH_TOKEN_MISSING");
        send(&anyone.with_token(&expired)).await.refused(401, "USER_AUTH_TOKEN_EXPIRED");
        send(&anyone.with_token("garbage")).await.refused(401, "USER_AUTH_TOKEN_INVALID");
        send(&anyone.with_token(&key)).await.refused(403, "PERMISSION_DENIED");
        let answer = send(&stranger.client).await;
        assert_eq!(answer.status.as_u16(), status, "{answer}");
    }
}

#[tokio::test]
async fn the_authorization_scheme_is_bearer_or_api_key() {
    let world = World::empty().await;
    let key = world.api_key("Key", "Viewer").await;
    let token = world.owner.client.token.clone().unwrap();
    let path = format!("/api/v1/tenants/{}", world.tenant);
    let ask = async |scheme: &str, token: &str| {
        let tenant = world.tenant.to_string();
        let call = world.server.anyone().call(Method::GET, &path).header("x-tenant-id", &tenant);
        call.header("authorization", &format!("{scheme} {token}")).send().await
    };
    for scheme in ["Bearer", "bearer", "BEARER", "api_key", "API_KEY"] {
        ask(scheme, &key).await.expect(200);
    }
    for scheme in ["Bearer", "bearer"] {
        ask(scheme, &token).await.expect(200);
    }
    for (scheme, token) in
        [("Basic", &token), ("Token", &token), ("api_key", &token), ("", &token), ("Bearer", &String::new())]
    {
        ask(scheme, token).await.refused(401, "USER_AUTH_TOKEN_INVALID");
    }
}
