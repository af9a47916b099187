//! Checks for load balancers, watchdogs, and browsers that lost their connection: whether the process works, and whether
//! it can serve requests.
use super::App;
use crate::{Error, Result};
use axum::{Router, extract::State, http::header::CACHE_CONTROL, response::IntoResponse, routing::get};
use std::{sync::Arc, time::Duration};

/// The paths of the checks, which require no session.
pub const HEALTH: &str = "/healthz";
pub const READINESS: &str = "/readyz";
/// How long the database may take to answer.
const ANSWER: Duration = Duration::from_secs(2);

pub fn routes() -> Router<App> {
    Router::new().route(HEALTH, get(health)).route(READINESS, get(readiness))
}

/// Returns `ok`, even while the database cannot be reached: restarting the process would not help.
async fn health() -> impl IntoResponse {
    ([(CACHE_CONTROL, "no-store")], "ok")
}

/// Returns `ready` if the database answers, the other servers do not think that this one is dead, and it is not stopping.
async fn readiness(State(app): State<App>) -> Result<impl IntoResponse> {
    if app.runner.is_draining() {
        return Err(Error::Unavailable("the server is stopping"));
    }
    if !app.runner.has_life() {
        return Err(Error::Unavailable("this server has lost contact with its database"));
    }
    let store = Arc::clone(&app.store);
    let reading = async { tokio::task::spawn_blocking(move || store.get(|tx| tx.has_users())).await? };
    match tokio::time::timeout(ANSWER, reading).await {
        Ok(Ok(_)) => return Ok(([(CACHE_CONTROL, "no-store")], "ready")),
        Ok(Err(error)) => tracing::warn!(%error, "not ready: the database cannot be read"),
        Err(_) => tracing::warn!("not ready: the database has not answered within {} s", ANSWER.as_secs()),
    }
    Err(Error::Unavailable("the server's database cannot be read"))
}
