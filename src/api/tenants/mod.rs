//! Tenants: anyone with an account can create one; changes require a permission.
pub mod api_keys;
pub mod audit_logs;
pub mod invitations;
pub mod members;
pub mod roles;
pub mod usage;
mod variables;

use crate::{
    Error, Result,
    api::{
        App,
        access::permit::{Delete, Permit, Read, SignedIn, Update, nouns},
        records::{
            answers::{NoContent, etag},
            list_query::limit,
            wire::{self, ListOf},
        },
        requests::extract::{Body, IfMatch, Query},
        responses::documented,
    },
    model::{Grants, Tenant, asset_kinds, parse, tenant},
};
use aide::{
    OperationOutput,
    axum::{ApiRouter, routing::get_with},
    generate::GenContext,
    openapi::Operation,
};
use axum::{
    Json,
    extract::State,
    http::{
        StatusCode,
        header::{ETAG, LOCATION},
    },
    response::{IntoResponse, Response},
};
use base64::{Engine, prelude::BASE64_URL_SAFE_NO_PAD};
use schemars::{JsonSchema, Schema, SchemaGenerator};
use serde::{Deserialize, Serialize};
use serde_json::{Map, Value, json};
use std::{borrow::Cow, collections::BTreeMap};
use uuid::Uuid;

/// A tenant with counts of its records.
#[derive(Serialize, JsonSchema)]
pub struct TenantDetail {
    #[serde(flatten)]
    tenant: Tenant,
    /// The number of records of each kind, and of members as `member`.
    counts: BTreeMap<String, u64>,
}

/// A JSON merge patch: absent fields stay unchanged, null clears a field.
#[derive(Deserialize)]
#[serde(transparent)]
pub struct TenantPatch(Map<String, Value>);

impl JsonSchema for TenantPatch {
    fn schema_name() -> Cow<'static, str> {
        "TenantPatch".into()
    }
    fn json_schema(generator: &mut SchemaGenerator) -> Schema {
        wire::patch_of(tenant::Draft::json_schema(generator))
    }
}

/// Paging and search of the list.
#[derive(Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
pub struct TenantQuery {
    /// Page size, from 1 to 200; 50 if absent.
    #[schemars(range(min = 1, max = 200))]
    limit: Option<u32>,
    /// The `nextCursor` of the previous page.
    cursor: Option<String>,
    /// Search text, matched against names without regard to case.
    q: Option<String>,
}

pub fn routes() -> ApiRouter<App> {
    ApiRouter::new()
        .api_route(
            "/tenants",
            get_with(list, |op| op.id("tenant.list").summary("List your tenants").tag("tenants"))
                .post_with(create, |op| {
                    op.id("tenant.create").summary("Create a tenant; you become its Owner").tag("tenants")
                }),
        )
        .api_route(
            "/tenants/{tenantID}",
            get_with(show, |op| op.id("tenant.get").summary("Get a tenant with counts of its records").tag("tenants"))
                .patch_with(update, |op| op.id("tenant.update").summary("Update a tenant").tag("tenants"))
                .delete_with(remove, |op| {
                    op.id("tenant.delete").summary("Delete a tenant with everything in it").tag("tenants")
                }),
        )
}

async fn list(
    caller: SignedIn,
    State(app): State<App>,
    Query(query): Query<TenantQuery>,
) -> Result<Json<ListOf<Tenant>>> {
    let limit = limit(query.limit)? as usize;
    let (user, q) = (caller.user.id, query.q.unwrap_or_default().to_lowercase());
    let all = app.store.read(user, move |tx| tx.memberships(user)).await?;
    let mut found: Vec<Tenant> = all
        .into_iter()
        .map(|membership| membership.tenant)
        .filter(|tenant| tenant.name.to_lowercase().contains(&q))
        .collect();
    let total = found.len() as u64;
    if let Some(cursor) = &query.cursor {
        let last = read_cursor(cursor)?;
        found.retain(|tenant| place(tenant) > (&last.0, last.1));
    }
    let more = found.len() > limit;
    found.truncate(limit);
    let next_cursor = found.last().filter(|_| more).map(cursor);
    Ok(Json(ListOf::new(found, next_cursor, total)))
}

/// Returns the sort key of a tenant in the list.
fn place(tenant: &Tenant) -> (&str, Uuid) {
    (&tenant.name, tenant.id)
}

/// Returns a cursor that stays valid even if the tenant it points to is deleted.
fn cursor(last: &Tenant) -> String {
    BASE64_URL_SAFE_NO_PAD.encode(format!("{} {}", last.id, last.name))
}

fn read_cursor(text: &str) -> Result<(String, Uuid)> {
    let text = BASE64_URL_SAFE_NO_PAD.decode(text).ok().and_then(|bytes| String::from_utf8(bytes).ok());
    let parts = text.as_deref().and_then(|text| text.split_once(' '));
    let place = parts.and_then(|(id, name)| Some((name.to_owned(), Uuid::parse_str(id).ok()?)));
    place.ok_or_else(|| Error::invalid("cursor", "must be the nextCursor of the same list"))
}

async fn create(caller: SignedIn, State(app): State<App>, Body(draft): Body<tenant::Draft>) -> Result<NewTenant> {
    let draft = draft.checked()?;
    let scope = caller.scope(Uuid::now_v7(), Grants::all());
    Ok(NewTenant(app.store.write(move |tx| tx.create_tenant(&scope, &draft)).await?))
}

async fn show(
    Permit { scope, .. }: Permit<nouns::Tenant, Read>,
    State(app): State<App>,
) -> Result<Tagged<TenantDetail>> {
    let (tenant, mut counts, members) = app.store.get(|tx| {
        let counts: BTreeMap<String, u64> = tx.counts(&scope)?.into_iter().collect();
        Ok((tx.tenant(&scope)?, counts, tx.member_count(&scope)?))
    })?;
    for kind in asset_kinds() {
        counts.entry(kind.name().to_owned()).or_default();
    }
    counts.insert("member".to_owned(), members);
    Ok(Tagged(tenant.version, TenantDetail { tenant, counts }))
}

async fn update(
    Permit { scope, .. }: Permit<nouns::Tenant, Update>,
    State(app): State<App>,
    IfMatch(expected): IfMatch,
    Body(TenantPatch(patch)): Body<TenantPatch>,
) -> Result<Tagged<Tenant>> {
    let change = move |old: &Tenant| {
        let mut whole = json!({"name": old.name, "logoUrl": old.logo_url, "settings": old.settings});
        wire::merge(&mut whole, Value::Object(patch));
        parse::from_value::<tenant::Draft>(whole, "")?.checked()
    };
    let tenant = app.store.write(move |tx| tx.update_tenant(&scope, &expected, change)).await?;
    Ok(Tagged(tenant.version, tenant))
}

async fn remove(
    Permit { scope, .. }: Permit<nouns::Tenant, Delete>,
    State(app): State<App>,
    IfMatch(expected): IfMatch,
) -> Result<NoContent> {
    app.removal.delete(&scope, expected).await?;
    Ok(NoContent)
}

/// A response with an `ETag`.
pub struct Tagged<T>(u64, T);

impl<T: Serialize> IntoResponse for Tagged<T> {
    fn into_response(self) -> Response {
        ([(ETAG, etag(self.0))], Json(self.1)).into_response()
    }
}

impl<T: JsonSchema> OperationOutput for Tagged<T> {
    type Inner = T;
    fn inferred_responses(ctx: &mut GenContext, _: &mut Operation) -> documented::DocumentedResponses {
        let answer = documented::with_headers(documented::answer::<T>(ctx, "The tenant"), &[("ETag", "ETag")]);
        vec![(documented::status(200), answer)]
    }
}

/// A response with status 201 and the new tenant.
pub struct NewTenant(Tenant);

impl IntoResponse for NewTenant {
    fn into_response(self) -> Response {
        let location = format!("/api/v1/tenants/{}", self.0.id);
        (StatusCode::CREATED, [(LOCATION, location), (ETAG, etag(self.0.version))], Json(self.0)).into_response()
    }
}

impl OperationOutput for NewTenant {
    type Inner = Tenant;
    fn inferred_responses(ctx: &mut GenContext, _: &mut Operation) -> documented::DocumentedResponses {
        let mut responses = vec![(
            documented::status(201),
            documented::with_headers(
                documented::answer::<Tenant>(ctx, "The new tenant"),
                &[("ETag", "ETag"), ("Location", "Location")],
            ),
        )];
        responses.extend(documented::errors(ctx, &[507]));
        responses
    }
}
