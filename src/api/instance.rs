//! The state of the instance and its accounts, for its admin.
use super::{
    App,
    access::permit::SignedIn,
    records::{list_query::limit, wire::ListOf},
    requests::extract::Query,
    setup::name_of,
};
use crate::{Error, Result, clock::Time, quota::UsageKind, store::User};
use aide::{
    OperationInput,
    axum::{ApiRouter, routing::get_with},
    generate::GenContext,
    openapi::Operation,
};
use axum::{
    Json,
    extract::{FromRequestParts, State},
    http::request::Parts,
};
use base64::{Engine, prelude::BASE64_URL_SAFE_NO_PAD};
use schemars::JsonSchema;
use serde::{Deserialize, Serialize};
use std::sync::Arc;
use uuid::Uuid;

/// The instance's admin: the first account.
struct InstanceAdmin(SignedIn);

impl FromRequestParts<App> for InstanceAdmin {
    type Rejection = Error;

    async fn from_request_parts(parts: &mut Parts, app: &App) -> Result<Self, Error> {
        let caller = SignedIn::from_request_parts(parts, app).await?;
        if caller.user.is_instance_admin {
            return Ok(Self(caller));
        }
        Err(Error::Forbidden("only the admin of this instance can see this".to_owned()))
    }
}

impl OperationInput for InstanceAdmin {
    fn operation_input(ctx: &mut GenContext, operation: &mut Operation) {
        SignedIn::operation_input(ctx, operation);
    }

    fn inferred_early_responses(
        ctx: &mut GenContext,
        operation: &mut Operation,
    ) -> super::responses::documented::DocumentedResponses {
        SignedIn::inferred_early_responses(ctx, operation)
    }
}

/// The state of the instance.
#[derive(Serialize, JsonSchema)]
#[serde(rename_all = "camelCase")]
struct InstanceState {
    version: &'static str,
    started_at: Time,
    /// The URL that links in emails start with.
    public_url: String,
    /// `open`, `invite` or `closed`.
    #[schemars(extend("enum" = ["open", "invite", "closed"]))]
    signup: &'static str,
    /// The sender of emails; null if the server cannot send email.
    mail_from: Option<String>,
    accounts: u64,
    tenants: u64,
    /// What all tenants store, by kind.
    storage: Vec<StoredKind>,
    /// The disk with the data directory; null if its size cannot be read.
    disk: Option<DiskState>,
}

#[derive(Serialize, JsonSchema)]
struct StoredKind {
    /// As in the usage of a tenant: `files`, `records`, `versions`, `unfinishedRuns`, `endedRuns`, `queryHistory` or
    /// `auditLog`.
    kind: &'static str,
    /// Used bytes.
    used: u64,
}

#[derive(Serialize, JsonSchema)]
#[serde(rename_all = "camelCase")]
struct DiskState {
    free_bytes: u64,
    total_bytes: u64,
    /// Whether so little is free that tenants cannot add data.
    is_low: bool,
}

/// An account of the instance.
#[derive(Serialize, JsonSchema)]
#[serde(rename_all = "camelCase")]
struct InstanceAccount {
    id: Uuid,
    email: String,
    email_verified: bool,
    name: String,
    is_instance_admin: bool,
    disabled: bool,
    created_at: Time,
    last_login_at: Option<Time>,
}

impl From<User> for InstanceAccount {
    fn from(user: User) -> Self {
        let User { id, email, email_verified, name, is_instance_admin, disabled, created_at, last_login_at, .. } = user;
        Self { id, email, email_verified, name, is_instance_admin, disabled, created_at, last_login_at }
    }
}

/// Which accounts to list.
#[derive(Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
struct AccountQuery {
    /// Page size, from 1 to 200; 50 if absent.
    #[schemars(range(min = 1, max = 200))]
    limit: Option<u32>,
    /// The `nextCursor` of the previous page.
    cursor: Option<String>,
    /// Search text, matched against email addresses and names without regard to case.
    #[schemars(length(max = 200))]
    q: Option<String>,
}

pub fn routes() -> ApiRouter<App> {
    ApiRouter::new()
        .api_route(
            "/instance",
            get_with(show, |op| {
                op.id("instance.state").summary("Get the state of the instance, as its admin").tag("auth")
            }),
        )
        .api_route(
            "/instance/accounts",
            get_with(accounts, |op| {
                op.id("instance.accounts").summary("List the accounts of the instance, as its admin").tag("auth")
            }),
        )
}

async fn show(_: InstanceAdmin, State(app): State<App>) -> Result<Json<InstanceState>> {
    let (accounts, tenants, stored) =
        app.store.survey(|tx| Ok((tx.count_users()?, tx.tenant_ids()?, tx.all_usage()?))).await?;
    let runs = app.store.runs.survey(|tx| tx.all_usage()).await?;
    let quotas = app.store.quotas();
    let (counter, known) = (Arc::clone(quotas), tenants.clone());
    // the first count reads the folders
    let files = tokio::task::spawn_blocking(move || known.into_iter().map(|id| counter.files(id).used()).sum::<u64>());
    let mut storage = vec![StoredKind { kind: UsageKind::Files.as_str(), used: files.await? }];
    for (_, kind, usage) in stored.into_iter().chain(runs) {
        let kind = match kind {
            UsageKind::Definitions => UsageKind::EndedRuns.as_str(),
            other => other.as_str(),
        };
        match storage.iter_mut().find(|known| known.kind == kind) {
            Some(known) => known.used += usage.bytes,
            None => storage.push(StoredKind { kind, used: usage.bytes }),
        }
    }
    let disk = quotas.disk.space().map(|(free_bytes, total_bytes)| DiskState {
        free_bytes,
        total_bytes,
        is_low: quotas.disk.is_low(),
    });
    Ok(Json(InstanceState {
        version: env!("CARGO_PKG_VERSION"),
        started_at: app.about.started_at,
        public_url: app.about.public_url.clone(),
        signup: name_of(app.identity.signup()?),
        mail_from: app.about.mail_from.clone(),
        accounts,
        tenants: tenants.len() as u64,
        storage,
        disk,
    }))
}

async fn accounts(
    InstanceAdmin(caller): InstanceAdmin,
    State(app): State<App>,
    Query(query): Query<AccountQuery>,
) -> Result<Json<ListOf<InstanceAccount>>> {
    let limit = limit(query.limit)?;
    let q = query.q.unwrap_or_default();
    if q.chars().count() > 200 {
        return Err(Error::invalid("q", "must be at most 200 characters"));
    }
    let after = query.cursor.as_deref().map(read_cursor).transpose()?;
    let read = move |tx: &crate::store::Tx<'_>| tx.find_users(&q.to_lowercase(), after.as_ref(), limit + 1);
    let (mut users, total) = app.store.read(caller.user.id, read).await?;
    let has_more = users.len() > limit as usize;
    users.truncate(limit as usize);
    let next = users.last().filter(|_| has_more).map(cursor);
    Ok(Json(ListOf::new(users.into_iter().map(InstanceAccount::from).collect(), next, total)))
}

/// Returns a cursor that stays valid even if the account it points to is deleted.
fn cursor(last: &User) -> String {
    BASE64_URL_SAFE_NO_PAD.encode(format!("{} {}", last.id, last.email))
}

fn read_cursor(text: &str) -> Result<(String, Uuid)> {
    let text = BASE64_URL_SAFE_NO_PAD.decode(text).ok().and_then(|bytes| String::from_utf8(bytes).ok());
    let parts = text.as_deref().and_then(|text| text.split_once(' '));
    let place = parts.and_then(|(id, email)| Some((email.to_owned(), Uuid::parse_str(id).ok()?)));
    place.ok_or_else(|| Error::invalid("cursor", "must be the nextCursor of the same list"))
}
