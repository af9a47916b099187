//! Taking over accounts, credentials that outlive their maker, and answers that outlive their caller.
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

/// A call of the identity service.
async fn identity(client: &Client, name: &str, body: Value) -> Answer {
    client.post(&format!("/identitytoolkit.googleapis.com/v1/accounts:{name}"), body).await
}

/// A refusal of the identity service with that code.
#[track_caller]
fn refused(answer: Answer, code: &str) {
    let body = answer.expect(400);
    assert_eq!(body["error"]["message"], code);
}
