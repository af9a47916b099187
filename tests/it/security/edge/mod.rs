//! The server's outer surface: connections, host names, pages of other origins, proxies, sign-ins, logs and files.
mod callers;
mod connections;
mod files;
mod issuers;
mod log;
mod network;
mod pages;
mod sessions;
mod signing_in;

use crate::support::{Client, wait::PATIENCE};
use serde_json::{Value, json};

const PASSWORD: &str = "correct horse";

/// Every method and path of the API document, with a placeholder for each parameter.
fn routes() -> Vec<(reqwest::Method, String)> {
    let document: Value = serde_json::from_slice(&jet_admin::api::document()).unwrap();
    let mut routes = Vec::new();
    for (path, item) in document["paths"].as_object().unwrap() {
        let path: String =
            path.split('/').map(|part| if part.starts_with('{') { "x" } else { part }).collect::<Vec<_>>().join("/");
        for method in item.as_object().unwrap().keys() {
            routes.push((method.to_uppercase().parse().unwrap(), path.clone()));
        }
    }
    assert!(routes.len() > 100);
    routes
}

/// Signs in at the Firebase-compatible route.
async fn sign_in(client: &Client, email: &str, password: &str, forwarded: Option<&str>) -> crate::support::Answer {
    let path = "/identitytoolkit.googleapis.com/v1/accounts:signInWithPassword";
    let body = json!({"email": email, "password": password});
    let call = client.call(reqwest::Method::POST, path).json(&body);
    match forwarded {
        Some(address) => call.header("x-forwarded-for", address),
        None => call,
    }
    .send()
    .await
}

async fn sign_up(client: &Client, email: &str) -> crate::support::Answer {
    let body = json!({"email": email, "password": PASSWORD});
    client.post("/identitytoolkit.googleapis.com/v1/accounts:signUp", body).await
}
