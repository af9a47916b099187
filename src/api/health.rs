//! A health check for load balancers, watchdogs, and browsers that lost their connection.
use super::App;
use crate::Result;
use axum::{Router, extract::State, http::header::CACHE_CONTROL, response::IntoResponse, routing::get};

/// The path of the health check, which requires no session.
pub const PATH: &str = "/healthz";

pub fn routes() -> Router<App> {
    Router::new().route(PATH, get(health))
}

/// Returns `ok` if the database can be read.
async fn health(State(app): State<App>) -> Result<impl IntoResponse> {
    app.store.get(|tx| tx.has_users())?;
    Ok(([(CACHE_CONTROL, "no-store")], "ok"))
}
