//! Account takeover, credentials that outlive their creator, and streams that outlive their caller's permissions.
mod clones;
mod departures;
mod invitations;
mod outranked;
mod proof;
mod streams;
mod upgrade;
mod webhooks;

use crate::support::{Answer, Client};
use serde_json::Value;

/// Calls a method of the identity service.
async fn identity(client: &Client, name: &str, body: Value) -> Answer {
    client.post(&format!("/identitytoolkit.googleapis.com/v1/accounts:{name}"), body).await
}

/// Checks that the identity service refused with this code.
#[track_caller]
fn refused(answer: Answer, code: &str) {
    let body = answer.expect(400);
    assert_eq!(body["error"]["message"], code);
}
