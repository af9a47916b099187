//! The storage usage and quotas of a tenant.
use crate::{
    Result,
    api::{
        App,
        access::permit::{Permit, Read, nouns},
    },
    model::Scope,
    quota::{QuotaLimits, UsageKind},
};
use aide::axum::{ApiRouter, routing::get_with};
use axum::{Json, extract::State};
use schemars::JsonSchema;
use serde::Serialize;

/// The storage usage of a tenant, by kind.
#[derive(Serialize, JsonSchema)]
pub struct TenantUsage {
    items: Vec<UsageItem>,
}

#[derive(Serialize, JsonSchema)]
#[serde(rename_all = "camelCase")]
struct UsageItem {
    /// The kind of data: `files` are uploads and databases, `records` the current versions of records.
    kind: UsageName,
    /// Used bytes.
    used: u64,
    /// Maximum bytes; `null` if there is no limit.
    limit: Option<u64>,
    /// What happens at the limit: `refuse` rejects new data, `deleteOldest` deletes the oldest data.
    at_limit: AtLimit,
}

#[derive(Clone, Copy, Serialize, JsonSchema)]
#[serde(rename_all = "camelCase")]
enum UsageName {
    Files,
    Records,
    Versions,
    UnfinishedRuns,
    EndedRuns,
    QueryHistory,
    AuditLog,
}

#[derive(Clone, Copy, PartialEq, Eq, Serialize, JsonSchema)]
#[serde(rename_all = "camelCase")]
enum AtLimit {
    Refuse,
    DeleteOldest,
}

pub fn routes() -> ApiRouter<App> {
    ApiRouter::new().api_route(
        "/usage",
        get_with(show, |op| {
            op.id("tenant.usage").summary("Get the storage usage and quotas of a tenant").tag("tenants")
        }),
    )
}

async fn show(Permit { scope, .. }: Permit<nouns::Tenant, Read>, State(app): State<App>) -> Result<Json<TenantUsage>> {
    // the first count reads the folders
    let items = tokio::task::spawn_blocking(move || usage(&app, &scope)).await??;
    Ok(Json(TenantUsage { items }))
}

fn usage(app: &App, scope: &Scope) -> Result<Vec<UsageItem>> {
    use UsageKind as Kind;
    let tenant = scope.tenant;
    let (records, versions, audit) = app.store.get(|tx| {
        let bytes = |kind| Ok::<_, crate::Error>(tx.usage(tenant, kind)?.bytes);
        Ok((bytes(Kind::Records)?, bytes(Kind::Versions)?, bytes(Kind::Audit)?))
    })?;
    let (unfinished, ended, history) = app.store.runs.get(|tx| {
        let bytes = |kind| Ok::<_, crate::Error>(tx.usage(tenant, kind)?.bytes);
        let ended = bytes(Kind::EndedRuns)? + bytes(Kind::Definitions)?;
        Ok((bytes(Kind::UnfinishedRuns)?, ended, bytes(Kind::QueryHistory)?))
    })?;
    let quotas = app.store.quotas();
    let limits: &QuotaLimits = &quotas.limits;
    let item = |kind, of, used, at_limit| UsageItem { kind, used, limit: limits.of(of), at_limit };
    let (refuse, delete) = (AtLimit::Refuse, AtLimit::DeleteOldest);
    Ok(vec![
        item(UsageName::Files, Kind::Files, quotas.files(tenant).used(), refuse),
        item(UsageName::Records, Kind::Records, records, refuse),
        item(UsageName::Versions, Kind::Versions, versions, delete),
        item(UsageName::UnfinishedRuns, Kind::UnfinishedRuns, unfinished, refuse),
        item(UsageName::EndedRuns, Kind::EndedRuns, ended, delete),
        item(UsageName::QueryHistory, Kind::QueryHistory, history, delete),
        item(UsageName::AuditLog, Kind::Audit, audit, delete),
    ])
}
