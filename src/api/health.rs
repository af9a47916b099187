//! Checks for load balancers, watchdogs, and browsers that lost their connection: whether the process works, and whether
//! it can serve requests.
use super::App;
use crate::{Error, Result};
use axum::{Router, extract::State, http::header::CACHE_CONTROL, response::IntoResponse, routing::get};

/// The paths of the checks, which require no session.
pub const HEALTH: &str = "/healthz";
pub const READINESS: &str = "/readyz";

pub fn routes() -> Router<App> {
    Router::new().route(HEALTH, get(health)).route(READINESS, get(readiness))
}

/// Returns `ok`, even while the database cannot be reached: restarting the process would not help.
async fn health() -> impl IntoResponse {
    ([(CACHE_CONTROL, "no-store")], "ok")
}

/// Returns `ready` if the database can be read and the server is not stopping.
async fn readiness(State(app): State<App>) -> Result<impl IntoResponse> {
    if app.runner.is_draining() {
        return Err(Error::Unavailable("the server is stopping"));
    }
    app.store.get(|tx| tx.has_users())?;
    Ok(([(CACHE_CONTROL, "no-store")], "ready"))
}
