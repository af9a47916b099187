//! Whether the server answers: for browsers that lost it, load balancers and watchdogs.
use super::App;
use crate::Result;
use axum::{Router, extract::State, http::header::CACHE_CONTROL, response::IntoResponse, routing::get};

/// Where it lives; needs no session.
pub const PATH: &str = "/healthz";

pub fn routes() -> Router<App> {
    Router::new().route(PATH, get(health))
}

/// `ok` as long as the database can be read.
async fn health(State(app): State<App>) -> Result<impl IntoResponse> {
    app.store.get(|tx| tx.has_users())?;
    Ok(([(CACHE_CONTROL, "no-store")], "ok"))
}
