//! The trash: deleted records, which can be restored until they expire.
use super::{
    answers::NoContent,
    crud::Crud,
    lend,
    list_query::limit,
    wire::{Items, ListOf},
};
use crate::{
    Error, Result,
    api::{
        App,
        access::permit::{Permit, Read, nouns},
        requests::{
            cursor::{end_page, read_cursor},
            extract::{IdOf, PathId, Query},
        },
    },
    clock::Time,
    model::{Dashboard, KINDS, Resource, ResourceKind, Scope, Workflow, every_kind, kind_named, permission::Verb},
    store::{DeletedRecord, ListedDeletion, ReducedRecord, TrashFilter, Tx},
};
use aide::axum::{
    ApiRouter,
    routing::{delete_with, get_with, post_with},
};
use axum::{Json, extract::State};
use schemars::JsonSchema;
use serde::{Deserialize, Serialize};
use std::time::Duration;
use uuid::Uuid;

/// The ID of a deleted record in the path.
pub struct RecordID;

impl PathId for RecordID {
    const NAME: &'static str = "recordID";
}

/// A deleted record.
#[derive(Serialize, JsonSchema)]
#[serde(rename_all = "camelCase")]
struct TrashItem {
    id: Uuid,
    /// The kind of record, as in permissions: `datasource`, `file`, `dataquery`, `widget`, `dashboard`,
    /// `workflow` or `variable`.
    kind: &'static str,
    name: String,
    /// The same for all records that were deleted together. They are restored together, too.
    deletion: Uuid,
    deleted_at: Time,
    /// Who deleted it.
    deleted_by: String,
    /// When it is deleted for good.
    expires_at: Time,
    /// Of a dashboard: how many widgets and queries belong to it. They are not listed, but restored with it.
    parts: u64,
}

/// A restored record.
#[derive(Serialize, JsonSchema)]

pub struct RestoredRecord {
    id: Uuid,
    kind: &'static str,
    name: String,
}

impl RestoredRecord {
    pub fn new(id: Uuid, kind: &ResourceKind, name: String) -> Self {
        Self { id, kind: kind.name(), name }
    }
}

impl From<DeletedRecord> for RestoredRecord {
    fn from(DeletedRecord { id, kind, name, .. }: DeletedRecord) -> Self {
        Self { id, kind: kind.name(), name }
    }
}

/// Which deleted records to list.
#[derive(Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
struct TrashQuery {
    /// Page size, from 1 to 200; 50 if absent.
    #[schemars(range(min = 1, max = 200))]
    limit: Option<u32>,
    /// The `nextCursor` of the previous page.
    cursor: Option<String>,
    /// The kind of record, such as `dashboard`; all if absent.
    kind: Option<String>,
    /// Search text, matched against name and description without regard to case.
    #[schemars(length(max = 200))]
    q: Option<String>,
}

pub fn routes() -> ApiRouter<App> {
    ApiRouter::new()
        .api_route("/trash", get_with(list, |op| op.id("trash.list").summary("List deleted records").tag("trash")))
        .api_route(
            "/trash/{recordID}",
            delete_with(purge, |op| op.id("trash.delete").summary("Delete a record for good").tag("trash")),
        )
        .api_route(
            "/trash/{recordID}/restore",
            post_with(restore, |op| {
                op.id("trash.restore")
                    .summary("Restore a deleted record, and the records that were deleted together with it")
                    .tag("trash")
            }),
        )
}

/// Returns the kinds that the trash holds.
fn kinds() -> impl Iterator<Item = &'static ResourceKind> {
    KINDS.iter().copied().filter(|kind| kind.is_restorable)
}

pub fn require(scope: &Scope, kind: &ResourceKind, verb: Verb) -> Result<()> {
    if scope.grants.allows(kind.noun, verb) {
        return Ok(());
    }
    Err(Error::Forbidden(format!("your role does not include {}:{}", kind.name(), verb.name())))
}

/// Lists the kinds that the caller may list.
async fn list(
    Permit { scope, .. }: Permit<nouns::Tenant, Read>,
    State(app): State<App>,
    Query(query): Query<TrashQuery>,
) -> Result<Json<ListOf<TrashItem>>> {
    let limit = limit(query.limit)?;
    if query.q.as_ref().is_some_and(|q| q.chars().count() > 200) {
        return Err(Error::invalid("q", "must be at most 200 characters"));
    }
    let kinds = match query.kind {
        None => kinds().filter(|kind| scope.grants.allows(kind.noun, Verb::List)).collect(),
        Some(name) => {
            let known: Vec<_> = kinds().map(ResourceKind::name).collect();
            let kind = kind_named(&name).filter(|kind| kind.is_restorable);
            let kind = kind.ok_or_else(|| Error::invalid("kind", format!("must be one of {}", known.join(", "))))?;
            require(&scope, kind, Verb::List)?;
            vec![kind]
        }
    };
    let filter = TrashFilter { kinds, q: query.q, before: query.cursor.as_deref().map(read_cursor).transpose()? };
    let found = app.store.read(scope.tenant, move |tx| tx.trash(&scope, &filter, limit + 1)).await;
    let (mut records, total) = found?;
    let next = end_page(&mut records, limit, |last| (last.record.deleted_at, last.record.id));
    let keep = app.about.trash_kept;
    Ok(Json(ListOf::new(records.into_iter().map(|record| item(record, keep)).collect(), next, total)))
}

fn item(ListedDeletion { record, parts }: ListedDeletion, keep: Duration) -> TrashItem {
    let DeletedRecord { id, kind, name, deletion, deleted_at, deleted_by, .. } = record;
    let expires_at = deleted_at.plus(keep);
    TrashItem { id, kind: kind.name(), name, deletion, deleted_at, deleted_by, expires_at, parts }
}

/// A restored record must fulfil what a new one must: its links exist, and the caller may use what they lead to.
async fn restore(
    Permit { scope, .. }: Permit<nouns::Tenant, Read>,
    State(app): State<App>,
    at: IdOf<RecordID>,
) -> Result<Json<Items<RestoredRecord>>> {
    let writer = scope.clone();
    let restored = app.store.write(move |tx| {
        let records = tx.deleted_together(&writer, at.id)?;
        records.iter().try_for_each(|record| require(&writer, record.kind, Verb::Create))?;
        if !records.iter().all(|record| writer.dashboards.edits(record.dashboard)) {
            let why = "it was deleted together with dashboards that you may not edit: ask someone who may";
            return Err(Error::Forbidden(why.to_owned()));
        }
        tx.take_from_trash(&writer, &records)?;
        records.iter().try_for_each(|record| reinstate(tx, &writer, record, &records))?;
        let dashboards = records.iter().filter(|record| record.kind.noun == Dashboard::KIND.noun);
        dashboards.map(|dashboard| dashboard.id).try_for_each(|id| tx.note_parts(&writer, id))?;
        reattach(tx, &writer, &records)?;
        Ok(records)
    });
    let restored = restored.await?;
    // what was restored, and what was saved again because of it
    macro_rules! notify {
        ($($resource:ty),*) => { $(<$resource as Crud>::after_save(&app);)* };
    }
    every_kind!(notify);
    Ok(Json(Items { items: restored.into_iter().map(RestoredRecord::from).collect() }))
}

/// Restores one of the records that are restored together.
pub fn reinstate(tx: &Tx<'_>, scope: &Scope, record: &DeletedRecord, all: &[DeletedRecord]) -> Result<()> {
    macro_rules! reinstate {
        ($($resource:ty),*) => {
            $(if record.kind.noun == <$resource>::KIND.noun {
                return reinstate_as::<$resource>(tx, scope, record.id, all);
            })*
        };
    }
    every_kind!(reinstate);
    Err(Error::internal(format!("unknown kind {}", record.kind.name())))
}

fn reinstate_as<R: Crud>(tx: &Tx<'_>, scope: &Scope, id: Uuid, all: &[DeletedRecord]) -> Result<()> {
    let spec = tx.find::<R>(scope, id)?.spec;
    lend::check(scope, &spec, None)?;
    R::check_author(scope, &spec, None)?;
    // a restored dashboard has what belongs to it, as it was
    if !all.iter().any(|other| Some(other.id) == spec.dashboard()) {
        lend::check_dashboard(scope, &spec, None)?;
    }
    lend::check_triggers(scope, &spec, None)?;
    tx.reinstate::<R>(scope, id)
}

/// Saves the dashboards and workflows that lost what is restored as they were before, unless somebody has changed them
/// since, or the caller may not save them.
fn reattach(tx: &Tx<'_>, scope: &Scope, restored: &[DeletedRecord]) -> Result<()> {
    for reduced in tx.reduced_with(scope, restored)? {
        if reduced.kind.noun == Dashboard::KIND.noun {
            reattach_to::<Dashboard>(tx, scope, &reduced, restored)?;
        } else {
            reattach_to::<Workflow>(tx, scope, &reduced, restored)?;
        }
    }
    Ok(())
}

fn reattach_to<R: Crud>(tx: &Tx<'_>, scope: &Scope, reduced: &ReducedRecord, restored: &[DeletedRecord]) -> Result<()> {
    let is_protected = R::KIND.noun == Dashboard::KIND.noun && !scope.dashboards.edits(Some(reduced.id));
    if is_protected || !scope.grants.allows(R::KIND.noun, Verb::Update) {
        return Ok(());
    }
    let old = tx.find::<R>(scope, reduced.id)?;
    let (_, _, spec) = tx.version::<R>(scope, reduced.id, reduced.whole)?;
    let had = |record: &DeletedRecord| spec.links().iter().any(|link| link.id == record.id);
    if !restored.iter().any(had) {
        return Ok(());
    }
    // checked first, because a write that fails later would undo what is restored
    let checked = lend::check(scope, &spec, Some(&old.spec))
        .and_then(|()| R::check_author(scope, &spec, Some(&old.spec)))
        .and_then(|()| lend::check_triggers(scope, &spec, Some(&old.spec)))
        .and_then(|()| tx.check_place_of(scope, old.id, &spec));
    let saved = checked.and_then(|()| tx.update(scope, old.id, None, |old| Ok((old.label.clone(), spec))));
    match saved {
        // other records that it used may be gone, or its tenant has no room
        Ok(_) | Err(Error::Conflict(_) | Error::Forbidden(_) | Error::Invalid(_) | Error::QuotaExceeded(_)) => Ok(()),
        Err(other) => Err(other),
    }
}

/// Requires the permission to delete the record, and what belongs to it.
async fn purge(
    Permit { scope, .. }: Permit<nouns::Tenant, Read>,
    State(app): State<App>,
    at: IdOf<RecordID>,
) -> Result<NoContent> {
    let delete = move |tx: &Tx<'_>| {
        let records = tx.deleted_together(&scope, at.id)?;
        // the first one is the record itself
        records.iter().take(1).try_for_each(|record| require(&scope, record.kind, Verb::Delete))?;
        tx.purge(&scope, at.id)
    };
    app.store.write(delete).await?;
    app.uploads.remove_deleted().await?;
    Ok(NoContent)
}
