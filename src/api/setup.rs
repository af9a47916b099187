//! Public information about the instance, which the sign-in page needs.
use super::{App, DemoAccount};
use crate::{Result, auth::Signup};
use aide::axum::{ApiRouter, routing::get_with};
use axum::{Json, extract::State};
use schemars::JsonSchema;
use serde::Serialize;

/// The path of the endpoint.
pub const PATH: &str = "/api/v1/setup";

/// The state of the instance.
#[derive(Serialize, JsonSchema)]
#[serde(rename_all = "camelCase")]
pub struct Setup {
    /// Whether the next account becomes the instance's admin.
    needs_first_account: bool,
    /// `open`, `invite` or `closed`.
    #[schemars(extend("enum" = ["open", "invite", "closed"]))]
    signup: &'static str,
    version: &'static str,
    /// Whether the server can send email. If not, links to verify an email address or to reset a password are written
    /// to its log.
    sends_mail: bool,
    /// For how many days deleted records are kept in the trash.
    trash_days: u64,
    demo: bool,
    /// Sample accounts; only on a demo server.
    demo_accounts: Vec<DemoAccount>,
}

pub fn routes() -> ApiRouter<App> {
    ApiRouter::new()
        .api_route("/setup", get_with(setup, |op| op.id("setup").summary("Get the state of the instance").tag("auth")))
}

async fn setup(State(app): State<App>) -> Result<Json<Setup>> {
    Ok(Json(Setup {
        needs_first_account: !app.store.get(|tx| tx.has_users())?,
        signup: name_of(app.identity.signup()?),
        version: env!("CARGO_PKG_VERSION"),
        sends_mail: app.about.mail_from.is_some(),
        trash_days: app.about.trash_kept.as_secs() / (24 * 60 * 60),
        demo: !app.about.demo_accounts.is_empty(),
        demo_accounts: app.about.demo_accounts.clone(),
    }))
}

/// Returns the name of a sign-up rule in the API.
pub(super) const fn name_of(signup: Signup) -> &'static str {
    match signup {
        Signup::Open => "open",
        Signup::Invite => "invite",
        Signup::Closed => "closed",
    }
}
