//! Which records use a record.
use super::{
    crud::{Crud, about},
    wire::Items,
};
use crate::{
    Error, Result,
    api::{
        App,
        access::permit::{List, Permit, Read},
        requests::extract::{At, Query},
    },
    model::{Resource, Scope},
    store::Dependent,
};
use aide::axum::{ApiRouter, routing::get_with};
use axum::{Json, extract::State};
use schemars::JsonSchema;
use serde::{Deserialize, Serialize};
use std::collections::BTreeMap;
use uuid::Uuid;

/// The most records whose uses are looked up at once.
const MOST_AT_ONCE: usize = 200;
/// The most uses of one of several records that are listed by name.
const NAMED: usize = 3;
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

/// A record that uses another, or that is used.
#[derive(Serialize, JsonSchema)]
pub(super) struct Use {
    id: Uuid,
    /// The kind of record, as in permissions, such as `dataquery`.
    kind: &'static str,
    name: String,
}

impl From<Dependent> for Use {
    fn from(Dependent { id, kind, name, .. }: Dependent) -> Self {
        Self { id, kind: kind.name(), name }
    }
}

#[derive(Serialize, JsonSchema)]
struct MoreUses {
    kind: &'static str,
    count: u64,
}

/// Which uses to list.
#[derive(Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
struct RecordUsesQuery {
    /// Whether to include records that use it through other records. False if absent.
    indirect: Option<bool>,
}

/// Which records to look up.
#[derive(Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
struct UsesQuery {
    /// The IDs of the records, separated by commas; at most 200.
    #[serde(default)]
    ids: String,
}

/// The records that use one of several records.
#[derive(Serialize, JsonSchema)]
struct UsesOfOne {
    id: Uuid,
    /// Up to three of those that the caller may see.
    items: Vec<Use>,
    /// How many there are in all, also those that the caller may not see.
    count: usize,
}

pub fn route<R: Crud>() -> ApiRouter<App> {
    let path = format!("/{}/{{{}}}/uses", R::KIND.plural, R::KIND.id);
    let all = format!("/{}/uses", R::KIND.plural);
    let about_all = format!("List the records that use each of several {}", R::KIND.plural.replace('-', " "));
    ApiRouter::new()
        .api_route(&path, get_with(uses::<R>, |op| about::<R>(op, "uses", "List the records that use")))
        .api_route(&all, get_with(uses_of_all::<R>, move |op| about::<R>(op, "usesOfAll", "").summary(&about_all)))
}

async fn uses_of_all<R: Resource>(
    Permit { scope, .. }: Permit<R, List>,
    State(app): State<App>,
    Query(query): Query<UsesQuery>,
) -> Result<Json<Items<UsesOfOne>>> {
    let ids = query.ids.split(',').filter(|id| !id.is_empty());
    let ids: Vec<Uuid> = ids
        .map(|id| Uuid::parse_str(id).map_err(|_| Error::invalid("ids", "must be UUIDs, separated by commas")))
        .take(MOST_AT_ONCE + 1)
        .collect::<Result<_>>()?;
    if ids.len() > MOST_AT_ONCE {
        return Err(Error::invalid("ids", format!("must be at most {MOST_AT_ONCE} IDs")));
    }
    let reader = scope.clone();
    let found = app.store.read(scope.tenant, move |tx| {
        ids.into_iter().map(|id| Ok((id, tx.dependents(&reader, id)?))).collect::<Result<Vec<_>>>()
    });
    let uses = found.await?.into_iter().map(|(id, mut dependents)| {
        dependents.retain(|dependent| dependent.is_open(&scope));
        let count = dependents.len();
        let named = dependents.into_iter().filter(|dependent| dependent.is_visible(&scope)).take(NAMED);
        UsesOfOne { id, items: named.map(Use::from).collect(), count }
    });
    Ok(Json(Items { items: uses.collect() }))
}

async fn uses<R: Resource>(
    Permit { scope, .. }: Permit<R, Read>,
    State(app): State<App>,
    at: At<R>,
    Query(query): Query<RecordUsesQuery>,
) -> Result<Json<Uses>> {
    let reader = scope.clone();
    let found = app.store.read(scope.tenant, move |tx| {
        tx.find_unread::<R>(&reader, at.id)?;
        if query.indirect == Some(true) {
            tx.indirect_dependents(&reader, at.id)
        } else {
            tx.dependents(&reader, at.id)
        }
    });
    Ok(Json(visible(&scope, found.await?)))
}

/// Returns the records that the caller may see.
pub(super) fn seen(scope: &Scope, records: Vec<Dependent>) -> Vec<Use> {
    records.into_iter().filter(|record| record.is_visible(scope)).map(Use::from).collect()
}

fn visible(scope: &Scope, dependents: Vec<Dependent>) -> Uses {
    let (mut items, mut more) = (Vec::new(), BTreeMap::<&str, u64>::new());
    for dependent in dependents.into_iter().filter(|dependent| dependent.is_open(scope)) {
        if items.len() < LISTED && dependent.is_visible(scope) {
            items.push(dependent.into());
        } else {
            *more.entry(dependent.kind.name()).or_default() += 1;
        }
    }
    Uses { items, more: more.into_iter().map(|(kind, count)| MoreUses { kind, count }).collect() }
}
