//! Deletes records. Records that link to the deleted one prevent it, are deleted too, or lose their links.
use crate::{
    Error, Result,
    model::{
        Dashboard, Expected, File, Link, Record, Resource, ResourceKind, Role, Scope, every_kind, kind_named,
        permission::Verb,
    },
    quota::UsageKind,
    store::{
        Tx,
        audit::AuditedChange,
        database::column::{self, signed},
        sql::{OptionalExtension, Row, Sql, SqlResult, sql},
        usage::row,
    },
};
use std::collections::{BTreeMap, BTreeSet, HashSet};
use uuid::Uuid;

/// The most dependents that an error lists.
const NAMED: usize = 5;

/// The most records that a cascade changes or deletes: it is a single transaction, and all other writes wait for it.
const MOST_AT_ONCE: usize = 1000;

/// A record at an end of a link: one that uses another, or one that is used.
pub struct Dependent {
    pub id: Uuid,
    pub kind: &'static ResourceKind,
    pub name: String,
    /// The dashboard that it is, or belongs to.
    dashboard: Option<Uuid>,
}

impl Dependent {
    /// Whether the caller may know of it.
    pub fn is_visible(&self, scope: &Scope) -> bool {
        scope.grants.shows(self.kind.noun) && self.is_open(scope)
    }

    /// Whether it is no dashboard that the caller may not open, and belongs to none.
    pub fn is_open(&self, scope: &Scope) -> bool {
        scope.dashboards.shows(self.dashboard)
    }
}

/// A record that is being deleted.
pub(super) struct Removed<'a> {
    pub kind: &'static ResourceKind,
    pub id: Uuid,
    pub name: &'a str,
    /// The same for all records that are deleted together.
    pub deletion: Uuid,
}

/// What a cascade changes besides the record to delete.
#[derive(Default)]
struct Consequences {
    seen: HashSet<(Uuid, &'static str)>,
    /// The number of records, by the names of their kind and of the verb, `delete` or `update`.
    counts: BTreeMap<(&'static str, &'static str), Changed>,
}

/// How many records of a kind a cascade changes in the same way.
struct Changed {
    kind: &'static ResourceKind,
    verb: Verb,
    count: usize,
}

impl Consequences {
    /// Adds a change. Returns false if it was already added, or if there are too many.
    fn note(&mut self, dependent: &Dependent, verb: Verb) -> bool {
        let is_new = self.seen.len() <= MOST_AT_ONCE && self.seen.insert((dependent.id, verb.name()));
        if is_new {
            let kind = dependent.kind;
            let changed = self.counts.entry((kind.name(), verb.name())).or_insert(Changed { kind, verb, count: 0 });
            changed.count += 1;
        }
        is_new
    }

    /// Refuses the cascade unless the caller may make each of its changes.
    fn check(&self, scope: &Scope) -> Result<()> {
        if self.seen.len() > MOST_AT_ONCE {
            let why = format!(
                "this would change or delete more than {MOST_AT_ONCE} other records: delete some of them first"
            );
            return Err(Error::conflict(why));
        }
        let lacking = |((noun, verb), changed): (&(&str, &str), &Changed)| {
            let may = scope.grants.allows(changed.kind.noun, changed.verb);
            (!may).then(|| format!("{noun}:{verb} ({})", counted(changed.kind, changed.count)))
        };
        require_all("to delete it together with what uses it or belongs to it", self.counts.iter().filter_map(lacking))
    }
}

/// Refuses what requires permissions that the caller lacks. `purpose` begins the error's text.
///
/// # Errors
/// `Forbidden`, naming each permission once.
pub(super) fn require_all(purpose: &str, lacking: impl Iterator<Item = String>) -> Result<()> {
    let lacking: BTreeSet<String> = lacking.collect();
    if lacking.is_empty() {
        return Ok(());
    }
    let lacking = lacking.into_iter().collect::<Vec<_>>().join(", ");
    Err(Error::Forbidden(format!("{purpose}, your role also needs {lacking}")))
}

impl Tx<'_> {
    /// Deletes a record. Refused if other records link to it, unless `cascade` is set: then records that can exist
    /// without it lose their links, and the others are deleted too. What belongs to a dashboard is deleted with it.
    ///
    /// # Errors
    /// `Conflict` if it is in use; `Forbidden` if a cascade would change or delete a record that the caller may not
    /// change.
    pub fn delete<R: Resource>(
        &self,
        scope: &Scope,
        id: Uuid,
        expected: impl Into<Expected>,
        cascade: bool,
    ) -> Result<()> {
        self.delete_as::<R>(scope, id, expected, cascade, Uuid::now_v7())
    }

    /// Deletes a record as part of `deletion`: what has the same one is restored together.
    ///
    /// # Errors
    /// As in [`Tx::delete`].
    pub fn delete_as<R: Resource>(
        &self,
        scope: &Scope,
        id: Uuid,
        expected: impl Into<Expected>,
        cascade: bool,
        deletion: Uuid,
    ) -> Result<()> {
        let record = self.find::<R>(scope, id)?;
        expected.into().check(record.version)?;
        let dependents = self.dependents(scope, id)?;
        if !cascade && !dependents.is_empty() {
            return Err(in_use(scope, &dependents));
        }
        let roles: Vec<Uuid> =
            dependents.iter().filter(|one| one.kind.noun == Role::KIND.noun).map(|role| role.id).collect();
        let mut consequences = Consequences::default();
        self.foresee(scope, &dependents, id, &mut consequences)?;
        let contents = self.contents(scope, id)?;
        for one in &contents {
            consequences.note(one, Verb::Delete);
        }
        consequences.check(scope)?;
        for dependent in dependents {
            self.detach(scope, &dependent, id, deletion)?;
        }
        self.remove(scope, &Removed { kind: &R::KIND, id, name: &record.label.name, deletion })?;
        self.remember_start_page(scope, id, &roles)?;
        for Dependent { id, kind, name, .. } in &contents {
            self.remove(scope, &Removed { kind, id: *id, name, deletion })?;
        }
        Ok(())
    }

    /// Returns the records that belong to a dashboard: they are deleted with it. Empty for other records.
    fn contents(&self, scope: &Scope, id: Uuid) -> Result<Vec<Dependent>> {
        let sql = sql!("select id, kind, name, dashboard_id from objects
            where tenant_id = ?1 and kind in ('widget', 'dataquery') and dashboard_id = ?2 and dashboard_id <> '' order by kind desc, name");
        let mut query = self.db.prepare(sql)?;
        let rows = query.query_map((scope.tenant, id), dependent)?;
        rows.map(known).collect()
    }

    /// Collects what a cascade from `target` does to `dependents` and, recursively, to theirs.
    fn foresee(&self, scope: &Scope, dependents: &[Dependent], target: Uuid, found: &mut Consequences) -> Result<()> {
        if dependents.iter().any(|one| !scope.dashboards.edits(one.dashboard)) {
            let why = "this would change dashboards that you may not edit: ask someone who may";
            return Err(Error::Forbidden(why.to_owned()));
        }
        for dependent in dependents {
            if self.goes_on(scope, dependent, target)? {
                found.note(dependent, Verb::Update);
            } else if found.note(dependent, Verb::Delete) {
                self.foresee(scope, &self.dependents(scope, dependent.id)?, dependent.id, found)?;
            }
        }
        Ok(())
    }

    /// Returns whether `dependent` can exist without `target`.
    fn goes_on(&self, scope: &Scope, dependent: &Dependent, target: Uuid) -> Result<bool> {
        macro_rules! ask {
            ($($resource:ty),*) => {
                $(if dependent.kind.noun == <$resource>::KIND.noun {
                    return Ok(self.find::<$resource>(scope, dependent.id)?.spec.without(target).is_some());
                })*
            };
        }
        every_kind!(ask);
        Err(Error::internal(format!("unknown kind {}", dependent.kind.name())))
    }

    /// Removes `target` from `dependent`, or deletes `dependent` and its own dependents if it cannot exist without it.
    fn detach(&self, scope: &Scope, dependent: &Dependent, target: Uuid, deletion: Uuid) -> Result<()> {
        if self.goes_on(scope, dependent, target)? {
            return self.reduce(scope, dependent, target);
        }
        let Dependent { id, kind, name, .. } = dependent;
        for further in self.dependents(scope, *id)? {
            self.detach(scope, &further, *id, deletion)?;
        }
        self.remove(scope, &Removed { kind, id: *id, name, deletion })
    }

    fn reduce(&self, scope: &Scope, dependent: &Dependent, target: Uuid) -> Result<()> {
        macro_rules! reduce {
            ($($resource:ty),*) => {
                $(if dependent.kind.noun == <$resource>::KIND.noun {
                    let change = |old: &Record<$resource>| {
                        let left = old.spec.clone().without(target).unwrap_or_else(|| old.spec.clone());
                        left.check()?;
                        Ok((old.label.clone(), left))
                    };
                    // allowed even if the quota is reached: the record only shrinks
                    return self.replace(scope, dependent.id, None, change, false).map(drop);
                })*
            };
        }
        every_kind!(reduce);
        Ok(())
    }

    /// Moves a record to the trash, or deletes it if it cannot be restored.
    fn remove(&self, scope: &Scope, record: &Removed<'_>) -> Result<()> {
        let Removed { kind, id, name, .. } = *record;
        if kind.is_restorable {
            self.move_to_trash(scope, record)?;
        } else {
            self.erase(scope.tenant, id)?;
        }
        self.change_count(&scope.tenant.to_string(), kind.name(), -1);
        self.record_act(scope, &AuditedChange { verb: "delete", kind: kind.name(), id, name })
    }

    /// Deletes a record's row, with its versions. The content of a file is removed later.
    pub(super) fn erase(&self, tenant: Uuid, id: Uuid) -> Result<()> {
        let versions = self.version_count(tenant, id)?;
        let (kind, bytes, kept): (String, u64, u64) = self
            .db
            .prepare(sql!(
                "delete from objects where tenant_id = ?1 and id = ?2
                 returning kind, octet_length(name) + octet_length(description) + octet_length(spec), versions_bytes"
            ))?
            .query_row((tenant, id), |row| Ok((row.get(0)?, row.get(1)?, row.get(2)?)))
            .map_err(|error| {
                if error.is_dangling() {
                    return Error::conflict("it is still in use by members, invitations or API keys");
                }
                error.into()
            })?;
        if kind.strip_prefix("trash/").unwrap_or(&kind) == File::KIND.name() {
            self.mark_file(tenant, id)?;
        }
        self.count_usage(tenant, UsageKind::Records, -signed(row::RECORD + bytes), -1)?;
        self.count_usage(tenant, UsageKind::Versions, -signed(kept), -signed(versions))
    }

    /// Returns the other records that link to `id`.
    pub fn dependents(&self, scope: &Scope, id: Uuid) -> Result<Vec<Dependent>> {
        self.dependents_by(sql!("select o.id, o.kind, o.name, o.dashboard_id from links l join objects o on o.tenant_id = l.tenant_id and o.id = l.source_id
             where l.tenant_id = ?1 and l.target_id = ?2 and l.source_id <> ?2 order by o.kind, o.name"),
            scope,
            id,
        )
    }

    /// Returns the other records that link to `id`, directly or through further records.
    pub fn indirect_dependents(&self, scope: &Scope, id: Uuid) -> Result<Vec<Dependent>> {
        self.dependents_by(
            sql!(
                "with recursive users(id) as (
                 select source_id from links where tenant_id = ?1 and target_id = ?2
                 union select l.source_id from links l join users u on l.target_id = u.id where l.tenant_id = ?1
             )
             select o.id, o.kind, o.name, o.dashboard_id from users u join objects o on o.tenant_id = ?1 and o.id = u.id
             where u.id <> ?2 order by o.kind, o.name"
            ),
            scope,
            id,
        )
    }

    /// Returns the records that are linked to, without repetition: also deleted ones that can be restored, but none that
    /// are gone.
    pub fn linked(&self, scope: &Scope, links: &[Link]) -> Result<Vec<Dependent>> {
        let sql = sql!(
            "select o.id, coalesce(t.kind, o.kind), coalesce(t.name, o.name), o.dashboard_id from objects o
             left join trash t on t.tenant_id = o.tenant_id and t.id = o.id where o.tenant_id = ?1 and o.id = ?2"
        );
        let mut query = self.db.prepare(sql)?;
        let ids: BTreeSet<Uuid> = links.iter().map(|link| link.id).collect();
        let row = |id: Uuid| query.query_row((scope.tenant, id), dependent).optional();
        ids.into_iter().map(row).filter_map(Result::transpose).map(known).collect()
    }

    fn dependents_by(&self, sql: Sql<'_>, scope: &Scope, id: Uuid) -> Result<Vec<Dependent>> {
        let mut query = self.db.prepare(sql)?;
        let rows = query.query_map((scope.tenant, id), dependent)?;
        rows.map(known).collect()
    }
}

type DependentRow = (Uuid, String, String, String);

fn dependent(row: &Row<'_>) -> SqlResult<DependentRow> {
    Ok((column::id(row, 0)?, row.get(1)?, row.get(2)?, row.get(3)?))
}

fn known(row: SqlResult<DependentRow>) -> Result<Dependent> {
    let (id, kind, name, place) = row?;
    let kind = kind_named(&kind).ok_or_else(|| Error::internal(format!("unknown kind {kind}")))?;
    let dashboard = if kind.noun == Dashboard::KIND.noun { Some(id) } else { Uuid::parse_str(&place).ok() };
    Ok(Dependent { id, kind, name, dashboard })
}

/// Creates the error that names the dependents that the caller may see and counts the others.
fn in_use(scope: &Scope, dependents: &[Dependent]) -> Error {
    let (seen, hidden): (Vec<_>, Vec<_>) = dependents.iter().partition(|dependent| dependent.is_visible(scope));
    let mut users: Vec<_> =
        seen.iter().take(NAMED).map(|one| format!("the {} \"{}\"", one.kind.label, one.name)).collect();
    let more = seen.len().saturating_sub(NAMED);
    let mut counts: BTreeMap<&str, (&ResourceKind, usize)> = BTreeMap::new();
    let mut closed = None;
    for one in hidden {
        if !one.is_open(scope) {
            closed = Some("dashboards that you may not open".to_owned());
            continue;
        }
        counts.entry(one.kind.name()).or_insert((one.kind, 0)).1 += 1;
    }
    users.extend(counts.into_values().map(|(kind, count)| counted(kind, count)));
    users.extend(closed);
    let more = if more > 0 { format!(" and {more} more") } else { String::new() };
    Error::conflict(format!("it is used by {}{more}: delete them first, or send ?cascade=true", users.join(", ")))
}

/// Formats a count, such as `1 query` or `2 queries`.
fn counted(kind: &ResourceKind, count: usize) -> String {
    let label = kind.label;
    match (count, label.strip_suffix('y')) {
        (1, _) => format!("1 {label}"),
        (_, Some(stem)) => format!("{count} {stem}ies"),
        (_, None) => format!("{count} {label}s"),
    }
}
