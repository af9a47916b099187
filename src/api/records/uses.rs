//! Which records use a record.
use super::crud::{Crud, about};
use crate::{
    Result,
    api::{
        App,
        access::permit::{Permit, Read},
        requests::extract::At,
    },
    model::{Resource, Scope},
    store::Dependent,
};
use aide::axum::{ApiRouter, routing::get_with};
use axum::{Json, extract::State};
use schemars::JsonSchema;
use serde::Serialize;
use std::collections::BTreeMap;
use uuid::Uuid;

/// The most records that are listed by name.
const LISTED: usize = 500;

/// The records that use a record.
#[derive(Serialize, JsonSchema)]
#[schemars(rename = "Uses")]
struct Uses {
    /// Those that the caller may see, at most 500.
    items: Vec<Use>,
    /// How many there are besides, by kind.
    more: Vec<MoreUses>,
}

/// A record that uses another.
#[derive(Serialize, JsonSchema)]
struct Use {
    id: Uuid,
    /// The kind of record, as in permissions, such as `dataquery`.
    kind: &'static str,
    name: String,
}

#[derive(Serialize, JsonSchema)]
struct MoreUses {
    kind: &'static str,
    count: u64,
}

pub fn route<R: Crud>() -> ApiRouter<App> {
    let path = format!("/{}/{{{}}}/uses", R::KIND.plural, R::KIND.id);
    ApiRouter::new().api_route(&path, get_with(uses::<R>, |op| about::<R>(op, "uses", "List the records that use")))
}

async fn uses<R: Resource>(
    Permit { scope, .. }: Permit<R, Read>,
    State(app): State<App>,
    at: At<R>,
) -> Result<Json<Uses>> {
    let reader = scope.clone();
    let found = app.store.read(scope.tenant, move |tx| {
        tx.find_unread::<R>(&reader, at.id)?;
        tx.dependents(&reader, at.id)
    });
    Ok(Json(visible(&scope, found.await?)))
}

fn visible(scope: &Scope, dependents: Vec<Dependent>) -> Uses {
    let (mut items, mut more) = (Vec::new(), BTreeMap::<&str, u64>::new());
    for dependent in dependents {
        if items.len() < LISTED && dependent.is_visible(scope) {
            let Dependent { id, kind, name } = dependent;
            items.push(Use { id, kind: kind.name(), name });
        } else {
            *more.entry(dependent.kind.name()).or_default() += 1;
        }
    }
    Uses { items, more: more.into_iter().map(|(kind, count)| MoreUses { kind, count }).collect() }
}
