//! A permission must not allow what another permission protects.
mod cascades;
mod drafts;
mod exports;
mod lending;
mod limits;
mod variables;

use crate::support::{Client, World, client::id};
use jet_admin::model::Permission;
use serde_json::{Value, json};
use uuid::Uuid;

const DENIED: (u16, &str) = (403, "PERMISSION_DENIED");

/// A new member whose role has exactly these permissions.
async fn member_with<P: AsRef<str>>(world: &mut World, name: &str, permissions: &[P]) -> Client {
    let permissions: Vec<&str> = permissions.iter().map(AsRef::as_ref).collect();
    world.role(name, &permissions).await;
    world.member(&format!("{}@example.com", name.to_lowercase().replace([' ', ':'], "-")), name).await.1
}

/// Every permission except these.
fn all_but(missing: &[&str]) -> Vec<String> {
    let all = Permission::ALL.iter().map(Permission::to_string);
    all.filter(|name| !missing.contains(&name.as_str())).collect()
}

fn node(name: &str, kind: &str, config: Value) -> Value {
    json!({"id": name, "type": kind, "name": name, "config": config})
}

/// Edges that connect the nodes one after another.
fn in_a_row(names: &[&str]) -> Value {
    names.windows(2).map(|pair| json!({"id": pair.join("-"), "source": pair[0], "target": pair[1]})).collect()
}

async fn make(client: &Client, plural: &str, body: Value) -> Uuid {
    id(&client.post(plural, body).await.expect(201))
}
