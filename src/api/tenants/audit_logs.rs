//! The audit log: who did what, with filters and export.
use crate::{
    Error, Result,
    api::{
        App,
        access::{
            live::Leash,
            permit::{List, Permit, nouns},
        },
        exports::cells::{FormulaHandling, csv},
        records::{list_query::limit, wire::ListOf},
        requests::{
            cursor::{end_page, read_cursor},
            extract::Query,
        },
        responses::documented,
    },
    clock::Time,
    model::Scope,
    store::{AuditCount, AuditEntry, AuditFilter, Store, Tx},
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
    http::header::{CONTENT_DISPOSITION, CONTENT_TYPE},
    response::{IntoResponse, Response},
};
use schemars::JsonSchema;
use serde::Deserialize;
use serde_json::Value;
use std::sync::Arc;
use uuid::Uuid;

/// How many rows an export reads at a time.
const CHUNK: u32 = 1000;

/// Filters, paging and format of the audit log.
#[derive(Deserialize, JsonSchema)]
#[serde(rename_all = "camelCase", deny_unknown_fields)]
pub struct AuditQuery {
    /// Page size, from 1 to 200; 50 if absent.
    #[schemars(range(min = 1, max = 200))]
    limit: Option<u32>,
    /// The `nextCursor` of the previous page.
    cursor: Option<String>,
    #[serde(rename = "actorID")]
    actor_id: Option<Uuid>,
    /// The action, such as `widget.update`.
    action: Option<String>,
    object_kind: Option<String>,
    #[serde(rename = "objectID")]
    object_id: Option<Uuid>,
    /// Only entries at or after this time.
    since: Option<Time>,
    /// Only entries before this time.
    until: Option<Time>,
    /// `csv` or `ndjson` streams all matching entries; `json`, the default, returns a page.
    format: Option<AuditLogFormat>,
    #[serde(default)]
    formulas: FormulaHandling,
}

#[derive(Clone, Copy, Deserialize, JsonSchema)]
#[serde(rename_all = "lowercase")]
enum AuditLogFormat {
    Json,
    Csv,
    Ndjson,
}

/// A page of entries, or a stream of all matching ones.
pub enum Log {
    Page(Json<ListOf<AuditEntry>>),
    Stream(Response),
}

pub fn routes() -> ApiRouter<App> {
    ApiRouter::new().api_route(
        "/audit-logs",
        get_with(list, |op| op.id("audit.list").summary("Read the audit log, newest first").tag("audit-logs")),
    )
}

async fn list(
    permit: Permit<nouns::Audit, List>,
    State(app): State<App>,
    Query(query): Query<AuditQuery>,
) -> Result<Log> {
    let (leash, scope) = (permit.leash(&app), permit.scope);
    let limit = limit(query.limit)?;
    let filter = AuditFilter {
        actor_id: query.actor_id,
        action: query.action,
        object_kind: query.object_kind,
        object_id: query.object_id,
        since: query.since,
        until: query.until,
        before: query.cursor.as_deref().map(read_cursor).transpose()?,
    };
    match query.format.unwrap_or(AuditLogFormat::Json) {
        AuditLogFormat::Json => page(&app, scope, filter, limit).await.map(Log::Page),
        format => Ok(Log::Stream(stream(leash, Arc::clone(&app.store), scope, filter, (format, query.formulas)))),
    }
}

async fn page(app: &App, scope: Scope, filter: AuditFilter, limit: u32) -> Result<Json<ListOf<AuditEntry>>> {
    let tenant = scope.tenant;
    let read = move |tx: &Tx<'_>| Ok((tx.audit(&scope, &filter, limit + 1)?, tx.audit_count(&scope, &filter)?));
    let (mut items, AuditCount { total, has_more }) = app.store.read(tenant, read).await?;
    let next_cursor = end_page(&mut items, limit, |last| (last.at, last.id));
    Ok(Json(ListOf { items, next_cursor, total, total_is_minimum: has_more }))
}

/// Streams all matching entries in chunks, so that memory stays bounded.
fn stream(
    leash: Leash,
    store: Arc<Store>,
    scope: Scope,
    filter: AuditFilter,
    (format, formulas): (AuditLogFormat, FormulaHandling),
) -> Response {
    let header = matches!(format, AuditLogFormat::Csv)
        .then(|| b"at,actor,action,kind,object,objectID,requestID,ip,details\n".to_vec());
    let rows = futures_util::stream::try_unfold(Some(filter), move |filter| {
        let (store, scope) = (Arc::clone(&store), scope.clone());
        async move {
            let Some(filter) = filter else { return Ok(None) };
            let reader = filter.clone();
            let rows = store.read(scope.tenant, move |tx| tx.audit(&scope, &reader, CHUNK)).await?;
            let last = rows.last().filter(|_| rows.len() == CHUNK as usize).map(|row| (row.at, row.id));
            let next = last.map(|before| AuditFilter { before: Some(before), ..filter });
            let text = if matches!(format, AuditLogFormat::Csv) {
                csv(rows.iter().map(|row| cells(row, formulas)))?
            } else {
                lines(&rows)?
            };
            Ok::<_, Error>(Some((text, next)))
        }
    });
    let body = futures_util::StreamExt::chain(futures_util::stream::iter(header.map(Ok)), rows);
    let (media, name) = match format {
        AuditLogFormat::Csv => ("text/csv; charset=utf-8", "audit.csv"),
        AuditLogFormat::Json | AuditLogFormat::Ndjson => ("application/x-ndjson", "audit.ndjson"),
    };
    let disposition = format!("attachment; filename=\"{name}\"");
    ([(CONTENT_TYPE, media), (CONTENT_DISPOSITION, &disposition)], leash.body(body)).into_response()
}

fn lines(rows: &[AuditEntry]) -> Result<Vec<u8>> {
    let mut out = Vec::new();
    for row in rows {
        serde_json::to_writer(&mut out, row)?;
        out.push(b'\n');
    }
    Ok(out)
}

fn cells(row: &AuditEntry, formulas: FormulaHandling) -> [String; 9] {
    let (request, ip) = (row.request_id.as_deref().unwrap_or_default(), row.ip.as_deref().unwrap_or_default());
    let (at, object) = (row.at.to_string(), &row.object);
    let details = row.details.as_ref().map(Value::to_string).unwrap_or_default();
    let actor = &*row.actor.label;
    let cells = [&*at, actor, &*row.action, &*object.kind, &*object.name, &*object.id, request, ip, &*details];
    cells.map(|text| formulas.cell(text.to_owned()))
}

impl IntoResponse for Log {
    fn into_response(self) -> Response {
        match self {
            Self::Page(page) => page.into_response(),
            Self::Stream(response) => response,
        }
    }
}

impl OperationOutput for Log {
    type Inner = ListOf<AuditEntry>;
    fn inferred_responses(ctx: &mut GenContext, _: &mut Operation) -> documented::DocumentedResponses {
        let mut answer =
            documented::answer::<ListOf<AuditEntry>>(ctx, "A page of entries, or all matching entries as text");
        for media in ["text/csv", "application/x-ndjson"] {
            answer.content.extend(documented::file_answer(media, "").content);
        }
        vec![(documented::status(200), answer)]
    }
}
