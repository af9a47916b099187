//! The routes that all plain resources share; each resource's module adds its own routes.
use super::{
    answers::{CreatedResponse, NoContent, RecordResponse},
    file::free_name,
    lend,
    list_query::ListQuery,
    steps::{UnsavedQueries, create_record, patched},
    stored::Listed,
    uses::{self, Use},
    wire::{self, Draft, Items, ListOf, Patch},
};
use crate::{
    Error, Result,
    api::{
        App,
        access::permit::{self, Create, Delete, List, Permit, Read, Update},
        requests::extract::{At, Body, IfMatch, OptionalBody, Query, VersionNumber},
    },
    clock::Time,
    json,
    model::{Label, Record, Resource, Scope},
    store::{PartVersion, Tx, VersionEntry},
};
use aide::{
    axum::{
        ApiRouter,
        routing::{get_with, post_with},
    },
    transform::TransformOperation,
};
use axum::{
    Json,
    extract::State,
    http::{HeaderMap, header::IF_NONE_MATCH},
};
use schemars::JsonSchema;
use serde::{Deserialize, Serialize};
use serde_json::{Map, Value};
use std::sync::LazyLock;
use tokio::sync::Mutex;
use uuid::Uuid;

/// A clone that is not stored yet.
pub struct NewClone<R> {
    pub id: Uuid,
    pub label: Label,
    pub spec: R,
}

/// Hooks with which a resource customizes how it is stored and shown.
pub trait Crud: Resource {
    /// Returns the complete spec, including what reading leaves out, such as secrets.
    fn hydrate(_app: &App, _scope: &Scope, _id: Uuid, spec: &Self) -> Result<Self> {
        Ok(spec.clone())
    }
    /// Returns the spec that a patch is merged into. Types with values that a patch must not see replace them with
    /// marks.
    fn patchable(app: &App, scope: &Scope, id: Uuid, spec: &Self) -> Result<Self> {
        Self::hydrate(app, scope, id, spec)
    }
    /// Checks that a patch may change these fields of the record.
    fn check_patch(_spec: &Self, _patch: &Map<String, Value>) -> Result<()> {
        Ok(())
    }
    /// Adjusts the spec of a clone.
    fn copied(spec: Self) -> Self {
        spec
    }
    /// Checks that the user may have what the spec lets others do, besides what its links lend, unless `old` lets them do
    /// the same. Called wherever a record is saved, cloned or restored.
    fn check_author(_scope: &Scope, _spec: &Self, _old: Option<&Self>) -> Result<()> {
        Ok(())
    }
    /// Checks and completes the spec before it is stored, where this requires more than the spec itself.
    fn prepare(_app: &App, _scope: &Scope, _id: Uuid, spec: Self, _old: Option<&Self>) -> Result<Self> {
        Ok(spec)
    }
    /// Checks that the source of its data can deliver it as the spec asks. `unsaved` are queries that are saved in the
    /// same transaction.
    fn check_source(_app: &App, _scope: &Scope, _spec: &Self, _unsaved: &UnsavedQueries) -> Result<()> {
        Ok(())
    }
    /// Stores a clone of `source`, and clones of what belongs to it.
    fn store_clone(scope: &Scope, tx: &Tx<'_>, _source: Uuid, clone: NewClone<Self>) -> Result<Record<Self>> {
        tx.insert(scope, clone.id, clone.label, clone.spec)
    }
    /// Called after a record was created or changed.
    fn after_save(_app: &App) {}
    /// Called before a record is deleted; an error prevents the deletion.
    fn release(_scope: &Scope, _spec: &Self) -> Result<()> {
        Ok(())
    }
    /// Returns whether the representation changes only with the version, so that the `ETag` identifies it.
    fn etag_is_exact(_spec: &Self) -> bool {
        true
    }
    /// The stored fields that lists leave out, for kinds whose lists show all others as they are stored: without
    /// [`Crud::present`], and without parsing them. `None` for other kinds.
    const STORED_WITHOUT: Option<&'static [&'static str]> = None;

    /// Adds or removes fields of a record's representation. `whole` is false in lists.
    fn present(_app: &App, _scope: &Scope, _wire: &mut Map<String, Value>, _whole: bool) -> Result<()> {
        Ok(())
    }
}

/// How often a patch is applied again because the record was changed in the meantime by something other than a patch.
const ATTEMPTS: usize = 20;
/// Locks that serialize patches of one record: in parallel, all but one of them would have to be applied again.
static PATCHING: LazyLock<Vec<Mutex<()>>> = LazyLock::new(|| (0..1024).map(|_| Mutex::default()).collect());

/// Options of a deletion.
#[derive(Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
pub struct DeleteQuery {
    /// Whether to also delete records that cannot exist without this one; dashboards and workflows only lose their
    /// links to it. Requires the permission for each of these changes.
    #[serde(default)]
    cascade: bool,
}

pub fn routes<R: Crud>() -> ApiRouter<App> {
    let create = post_with(create::<R>, |op| about::<R>(op, "create", "Create"));
    routes_without_create::<R>().api_route(&format!("/{}", R::KIND.plural), create)
}

/// Returns the routes without creation, for kinds that are created in another way.
pub fn routes_without_create<R: Crud>() -> ApiRouter<App> {
    let all = format!("/{}", R::KIND.plural);
    let one = format!("{all}/{{{}}}", R::KIND.id);
    ApiRouter::new()
        .api_route(&all, get_with(list::<R>, |op| about::<R>(op, "list", "List")))
        .api_route(
            &one,
            get_with(show::<R>, |op| about::<R>(op, "get", "Get"))
                .patch_with(update::<R>, |op| about::<R>(op, "update", "Update"))
                .delete_with(remove::<R>, |op| about::<R>(op, "delete", "Delete")),
        )
        .api_route(
            &format!("{one}/versions"),
            get_with(versions::<R>, |op| about::<R>(op, "versions", "List the versions of")),
        )
        .api_route(
            &format!("{one}/versions/{{version}}"),
            get_with(version::<R>, |op| about::<R>(op, "version", "Get one version of")),
        )
        .merge(uses::route::<R>())
}

/// Returns the route `POST /:id/clone`, for kinds that have it.
pub fn clone_route<R: Crud>() -> ApiRouter<App> {
    let path = format!("/{}/{{{}}}/clone", R::KIND.plural, R::KIND.id);
    ApiRouter::new().api_route(&path, post_with(clone::<R>, |op| about::<R>(op, "clone", "Clone")))
}

/// Sets the ID, summary and tag of an operation on `R`.
pub fn about<'a, R: Resource>(op: TransformOperation<'a>, verb: &str, summary: &str) -> TransformOperation<'a> {
    let kind = R::KIND;
    let summary = if verb == "list" {
        format!("{summary} {}", kind.plural.replace('-', " "))
    } else {
        format!("{summary} a {}", kind.label)
    };
    op.id(&format!("{}.{verb}", kind.name())).summary(&summary).tag(kind.plural)
}

async fn list<R: Crud>(
    Permit { scope, .. }: Permit<R, List>,
    State(app): State<App>,
    Query(query): Query<ListQuery<R>>,
) -> Result<Json<ListOf<Listed<R>>>> {
    let page = query.page()?;
    let reader = scope.clone();
    let found = app.store.read(scope.tenant, move |tx| tx.list::<R>(&reader, &page)).await?;
    let lines = found.items.into_iter().map(|record| Listed::of(&app, &scope, record));
    Ok(Json(ListOf::new(lines.collect::<Result<_>>()?, found.next_cursor, found.total)))
}

async fn create<R: Crud>(
    Permit { scope, .. }: Permit<R, Create>,
    State(app): State<App>,
    Body(draft): Body<Draft<R>>,
) -> Result<CreatedResponse<R>> {
    let record = create_record::<R>(&app, &scope, draft.0).await?;
    CreatedResponse::new(&app, &scope, &record)
}

async fn show<R: Crud>(
    Permit { scope, .. }: Permit<R, Read>,
    State(app): State<App>,
    at: At<R>,
    headers: HeaderMap,
) -> Result<RecordResponse<R>> {
    let unread = app.store.get(|tx| tx.find_unread::<R>(&scope, at.id))?;
    json::long_work(unread.spec.len(), move || {
        let tag = headers.get(IF_NONE_MATCH);
        if R::OMITTED_IN_LISTS.is_empty() && R::STORED_WITHOUT.is_some() {
            return Ok(RecordResponse::of(unread.version, &Listed::<R>::stored(unread))?.unless_known(tag));
        }
        let record = unread.parse::<R>()?;
        let tag = tag.filter(|_| R::etag_is_exact(&record.spec));
        Ok(RecordResponse::new(&app, &scope, &record)?.unless_known(tag))
    })
    .await?
}

async fn update<R: Crud>(
    Permit { scope, .. }: Permit<R, Update>,
    State(app): State<App>,
    at: At<R>,
    IfMatch(expected): IfMatch,
    Body(patch): Body<Patch<R>>,
) -> Result<RecordResponse<R>> {
    wire::refuse_read_only::<R>(&patch.0)?;
    let place = usize::try_from(at.id.as_u128() % PATCHING.len() as u128).unwrap_or_default();
    let _alone = PATCHING[place].lock().await;
    for _ in 0..ATTEMPTS {
        let old = app.store.get(|tx| tx.find::<R>(&scope, at.id))?;
        expected.check(old.version)?;
        // compute the change outside the write lock; the write then requires this version
        let (label, spec) = patched(&app, &scope, &old, patch.0.clone())?;
        let writer = scope.clone();
        let change = move |tx: &Tx<'_>| {
            tx.update(&writer, at.id, Some(old.version), |old| {
                lend::check_users(&writer, tx, at.id, &spec, &old.spec)?;
                Ok((label, spec))
            })
        };
        match app.store.write(change).await {
            // another change came first: apply the patch to the new state
            Err(Error::VersionConflict { .. }) => {}
            outcome => {
                let record = outcome?;
                R::after_save(&app);
                return RecordResponse::changed(&app, &scope, &record);
            }
        }
    }
    Err(Error::Unavailable("the record is being changed by others: try again"))
}

async fn remove<R: Crud>(
    Permit { scope, .. }: Permit<R, Delete>,
    State(app): State<App>,
    at: At<R>,
    IfMatch(expected): IfMatch,
    Query(query): Query<DeleteQuery>,
) -> Result<NoContent> {
    let delete = move |tx: &Tx<'_>| {
        let old = tx.find::<R>(&scope, at.id)?;
        R::release(&scope, &old.spec)?;
        tx.delete::<R>(&scope, at.id, expected, query.cascade)
    };
    app.store.write(delete).await?;
    Ok(NoContent)
}

async fn versions<R: Crud>(
    Permit { scope, .. }: Permit<R, Read>,
    State(app): State<App>,
    at: At<R>,
) -> Result<Json<Items<VersionEntry>>> {
    Ok(Json(Items { items: app.store.read(scope.tenant, move |tx| tx.versions::<R>(&scope, at.id)).await? }))
}

/// A version of a record, with all its fields.
#[derive(Serialize, JsonSchema)]
pub struct VersionDetail {
    version: u64,
    at: Time,
    /// Who saved it.
    by: String,
    name: String,
    description: String,
    /// The fields specific to the resource, as they were in this version.
    spec: Map<String, Value>,
    /// The records that this version links to, with their present names: those that exist or are in the trash, and that
    /// the caller may see.
    linked: Vec<Use>,
    /// Of a dashboard, the widgets and queries that belonged to it, as far as their versions are kept and the caller may
    /// see them. `null` if that is not known.
    parts: Option<Vec<VersionPart>>,
}

/// A widget or a query that belonged to a dashboard when a version of it was saved.
#[derive(Serialize, JsonSchema)]
struct VersionPart {
    id: Uuid,
    kind: &'static str,
    /// Its name at that time.
    name: String,
    /// Its version at that time.
    version: u64,
}

async fn version<R: Crud>(
    Permit { scope, .. }: Permit<R, Read>,
    State(app): State<App>,
    at: At<R>,
    VersionNumber(number): VersionNumber,
) -> Result<Json<VersionDetail>> {
    let (entry, description, spec, linked, parts) = app.store.get(|tx| {
        let (entry, description, spec) = tx.version::<R>(&scope, at.id, number)?;
        let linked = tx.linked(&scope, &spec.links())?;
        let parts = tx.parts_at(&scope, at.id, number)?;
        Ok((entry, description, spec, linked, parts))
    })?;
    let Value::Object(mut spec) = serde_json::to_value(spec)? else { return Err(Error::NotFound("version")) };
    R::present(&app, &scope, &mut spec, false)?;
    let VersionEntry { version, at, by, name } = entry;
    let linked = uses::seen(&scope, linked);
    let parts = parts.map(|parts| parts.into_iter().filter_map(|part| seen_part(&scope, part)).collect());
    Ok(Json(VersionDetail { version, at, by, name, description, spec, linked, parts }))
}

fn seen_part(scope: &Scope, part: PartVersion) -> Option<VersionPart> {
    let PartVersion { id, kind, version, label, .. } = part;
    scope.grants.shows(kind.noun).then(|| VersionPart { id, kind: kind.name(), name: label.name, version })
}

/// Options of the clone.
#[derive(Default, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
pub struct CloneBody {
    /// The clone's name; if absent, the original's with a number, such as "Orders (2)".
    #[schemars(length(min = 1, max = 255))]
    name: Option<String>,
}

async fn clone<R: Crud>(
    Permit { scope, .. }: Permit<R, permit::Clone>,
    State(app): State<App>,
    at: At<R>,
    OptionalBody(body): OptionalBody<CloneBody>,
) -> Result<CreatedResponse<R>> {
    let source = app.store.get(|tx| tx.find::<R>(&scope, at.id))?;
    let spec = R::copied(R::hydrate(&app, &scope, source.id, &source.spec)?);
    spec.check()?;
    lend::check(&scope, &spec, None)?;
    lend::check_dashboard(&scope, &spec, None)?;
    R::check_author(&scope, &spec, None)?;
    let id = Uuid::now_v7();
    let spec = R::prepare(&app, &scope, id, spec, None)?;
    R::check_source(&app, &scope, &spec, &UnsavedQueries::default())?;
    let writer = scope.clone();
    let record = app.store.write(move |tx| {
        let name = match body.name {
            Some(name) => name,
            None => free_name(&source.label.name, |name| Ok(!tx.is_named::<R>(&writer, spec.dashboard(), name)?))?,
        };
        let label = Label::new(&name, &source.label.description)?;
        R::store_clone(&writer, tx, source.id, NewClone { id, label, spec })
    });
    CreatedResponse::new(&app, &scope, &record.await?)
}
