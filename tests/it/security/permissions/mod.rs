//! Doing through one right what another right protects.
mod cascades;
mod drafts;
mod exports;
mod lending;
mod limits;
mod variables;

use crate::support::{Client, World, client::id};
use jet_admin::model::permission;
use serde_json::{Value, json};
use uuid::Uuid;

const DENIED: (u16, &str) = (403, "PERMISSION_DENIED");

/// A new member whose role has exactly these permissions.
async fn member_with(world: &mut World, name: &str, permissions: &[&str]) -> Client {
    world.role(name, permissions).await;
    world.member(&format!("{}@example.com", name.to_lowercase().replace([' ', ':'], "-")), name).await.1
}

/// Every permission but these.
fn all_but(lacking: &[&str]) -> Vec<&'static str> {
    permission::ALL.iter().map(|(name, _)| *name).filter(|name| !lacking.contains(name)).collect()
}

fn node(name: &str, kind: &str, config: Value) -> Value {
    json!({"id": name, "type": kind, "name": name, "config": config})
}

/// Edges that join the nodes in a row.
fn in_a_row(names: &[&str]) -> Value {
    names.windows(2).map(|pair| json!({"id": pair.join("-"), "source": pair[0], "target": pair[1]})).collect()
}

async fn make(client: &Client, plural: &str, body: Value) -> Uuid {
    id(&client.post(plural, body).await.expect(201))
}
