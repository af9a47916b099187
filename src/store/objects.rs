//! Create, read, update and delete for every resource, once; each write leaves a version and an audit row.
use super::{
    Page, Paged, Sort, Tx,
    audit::Act,
    column, is_dangling, is_duplicate,
    page::{Cursor, like_pattern},
};
use crate::{
    Error, Result,
    clock::Time,
    model::{self, Kind, Label, Link, Record, Resource, Scope},
};
use rusqlite::{OptionalExtension, Row, types::Value as Sql};
use std::fmt::Write as _;
use uuid::Uuid;

/// How many old versions of an object are kept.
const VERSIONS_KEPT: u64 = 200;
const COLUMNS: &str = "id, name, description, spec, created_at, updated_at, created_by, version";

/// An object that points to another.
pub struct Dependent {
    pub id: Uuid,
    pub kind: String,
    pub name: String,
}

impl Tx<'_> {
    pub fn list<R: Resource>(&self, scope: &Scope, page: &Page) -> Result<Paged<Record<R>>> {
        let tenant = scope.tenant.to_string();
        let (column, order, beyond) = match page.sort {
            Sort { key, descending: true } => (key.column(), "desc", "<"),
            Sort { key, descending: false } => (key.column(), "asc", ">"),
        };
        let total = self.count::<R>(&tenant, page.q.as_deref())?;
        let mut args: Vec<Sql> = vec![tenant.into(), R::KIND.name.to_owned().into(), (page.limit + 1).into()];
        let mut filter = String::new();
        if let Some(q) = &page.q {
            args.push(like_pattern(q).into());
            filter.push_str(" and search like ?4 escape '\\'");
        }
        if let Some(cursor) = &page.cursor {
            let cursor = Cursor::read(cursor, page.sort)?;
            args.push(cursor.key());
            args.push(cursor.id().to_string().into());
            let _ = write!(filter, " and ({column}, id) {beyond} (?{}, ?{})", args.len() - 1, args.len());
        }
        let sql = format!(
            "select {COLUMNS} from objects where tenant_id = ?1 and kind = ?2{filter}
             order by {column} {order}, id {order} limit ?3"
        );
        let mut query = self.db.prepare_cached(&sql)?;
        let rows = query.query_map(rusqlite::params_from_iter(args), Raw::read)?;
        let (items, more) = page.fill(rows.map(|raw| raw.map(|raw| (raw.spec.len(), raw))))?;
        let items = items.into_iter().map(Raw::parse).collect::<Result<Vec<Record<R>>>>()?;
        let next_cursor = items.last().filter(|_| more).map(|last| Cursor::of(page.sort, last));
        Ok(Paged { items, next_cursor, total })
    }

    /// All of a kind that is bounded, in the order of their names.
    pub fn all<R: Resource>(&self, scope: &Scope) -> Result<Vec<Record<R>>> {
        let sql = format!("select {COLUMNS} from objects where tenant_id = ?1 and kind = ?2 order by name");
        let mut query = self.db.prepare_cached(&sql)?;
        let rows = query.query_map((scope.tenant.to_string(), R::KIND.name), Raw::read)?;
        rows.map(|raw| raw?.parse()).collect()
    }

    /// How many there are in all: told by a counter, or counted where there is something to look for.
    fn count<R: Resource>(&self, tenant: &str, q: Option<&str>) -> Result<u64> {
        let total = match q {
            None => self
                .db
                .prepare_cached("select count from object_counts where tenant_id = ?1 and kind = ?2")?
                .query_row((tenant, R::KIND.name), |row| row.get(0))
                .optional()?,
            Some(q) => self
                .db
                .prepare_cached(
                    "select count(*) from objects where tenant_id = ?1 and kind = ?2 and search like ?3 escape '\\'",
                )?
                .query_row((tenant, R::KIND.name, like_pattern(q)), |row| row.get(0))
                .optional()?,
        };
        Ok(total.unwrap_or(0))
    }

    /// That there may be one more.
    fn check_room<R: Resource>(&self, scope: &Scope) -> Result<()> {
        match R::MOST {
            Some(most) if self.count::<R>(&scope.tenant.to_string(), None)? >= most => {
                Err(Error::conflict(format!("a tenant has at most {most} {}", R::KIND.plural)))
            }
            _ => Ok(()),
        }
    }

    fn change_count(&self, scope: &Scope, kind: &str, by: i64) -> Result<()> {
        self.db
            .prepare_cached(
                "insert into object_counts (tenant_id, kind, count) values (?1, ?2, ?3)
                 on conflict (tenant_id, kind) do update set count = object_counts.count + excluded.count",
            )?
            .execute((scope.tenant.to_string(), kind, by))?;
        Ok(())
    }

    pub fn find<R: Resource>(&self, scope: &Scope, id: Uuid) -> Result<Record<R>> {
        let sql = format!("select {COLUMNS} from objects where tenant_id = ?1 and id = ?2 and kind = ?3");
        self.db
            .prepare_cached(&sql)?
            .query_row((scope.tenant.to_string(), id.to_string(), R::KIND.name), Raw::read)
            .optional()?
            .ok_or(Error::NotFound(R::KIND.label))?
            .parse()
    }

    /// The object of that name, if there is one.
    pub fn find_named<R: Resource>(&self, scope: &Scope, name: &str) -> Result<Option<Record<R>>> {
        let sql = format!("select {COLUMNS} from objects where tenant_id = ?1 and kind = ?2 and name = ?3");
        let raw = self
            .db
            .prepare_cached(&sql)?
            .query_row((scope.tenant.to_string(), R::KIND.name, name), Raw::read)
            .optional()?;
        raw.map(Raw::parse).transpose()
    }

    pub fn insert<R: Resource>(&self, scope: &Scope, id: Uuid, label: Label, spec: R) -> Result<Record<R>> {
        R::check_name(&label.name)?;
        spec.check()?;
        self.check_room::<R>(scope)?;
        let links = self.check_links(scope, &spec)?;
        let record = Record {
            id,
            label,
            spec,
            created_at: scope.now,
            updated_at: scope.now,
            created_by: Some(scope.actor.id).filter(|id| !id.is_nil()),
            version: 1,
        };
        self.db
            .prepare_cached(
                "insert into objects (tenant_id, id, kind, name, description, search, spec, created_at, updated_at, created_by, version)
                 values (?1, ?2, ?3, ?4, ?5, ?6, ?7, ?8, ?8, ?9, ?10)",
            )?
            .execute((
                scope.tenant.to_string(),
                id.to_string(),
                R::KIND.name,
                &record.label.name,
                &record.label.description,
                search_text(&record.label),
                serde_json::to_string(&record.spec)?,
                scope.now.0,
                record.created_by.map(|id| id.to_string()),
                record.version,
            ))
            .map_err(|error| name_taken::<R>(error, &record.label))?;
        self.change_count(scope, R::KIND.name, 1)?;
        self.save_links(scope, id, &links)?;
        self.after_write(scope, &record, "create")?;
        Ok(record)
    }

    /// Replaces what `change` makes of the present record. Without a change nothing is written.
    ///
    /// # Errors
    /// `VersionConflict` when `expected` is given and is not the present version.
    pub fn update<R: Resource>(
        &self,
        scope: &Scope,
        id: Uuid,
        expected: Option<u64>,
        change: impl FnOnce(&Record<R>) -> Result<(Label, R)>,
    ) -> Result<Record<R>> {
        let old = self.find::<R>(scope, id)?;
        expect_version(expected, old.version)?;
        let (label, spec) = change(&old)?;
        R::check_name(&label.name)?;
        spec.check()?;
        let text = serde_json::to_string(&spec)?;
        if label == old.label && text == serde_json::to_string(&old.spec)? {
            return Ok(old);
        }
        let links = self.check_links(scope, &spec)?;
        let record = Record { label, spec, updated_at: scope.now.max(old.updated_at), version: old.version + 1, ..old };
        self.db
            .prepare_cached(
                "update objects set name = ?3, description = ?4, search = ?5, spec = ?6, updated_at = ?7, version = ?8
                 where tenant_id = ?1 and id = ?2",
            )?
            .execute((
                scope.tenant.to_string(),
                id.to_string(),
                &record.label.name,
                &record.label.description,
                search_text(&record.label),
                text,
                record.updated_at.0,
                record.version,
            ))
            .map_err(|error| name_taken::<R>(error, &record.label))?;
        self.save_links(scope, id, &links)?;
        self.after_write(scope, &record, "update")?;
        Ok(record)
    }

    /// Deletes an object. What points to it keeps it (409), unless `cascade`: then dashboards and workflows lose the
    /// reference, and what cannot be without it is deleted too.
    pub fn delete<R: Resource>(&self, scope: &Scope, id: Uuid, expected: Option<u64>, cascade: bool) -> Result<()> {
        let record = self.find::<R>(scope, id)?;
        expect_version(expected, record.version)?;
        let dependents = self.dependents(scope, id)?;
        if !cascade && !dependents.is_empty() {
            return Err(in_use(&dependents));
        }
        for dependent in dependents {
            self.detach(scope, &dependent, id)?;
        }
        self.delete_row(scope, R::KIND.name, id, &record.label.name)
    }

    /// Takes `target` out of `dependent`, or deletes it with its own dependents where it cannot be without.
    fn detach(&self, scope: &Scope, dependent: &Dependent, target: Uuid) -> Result<()> {
        macro_rules! reduce {
            ($($resource:ty),*) => {
                $(if dependent.kind == <$resource>::KIND.name {
                    let change = |old: &Record<$resource>| Ok((old.label.clone(), old.spec.clone().without(target)));
                    return self.update(scope, dependent.id, None, change).map(drop);
                })*
            };
        }
        reduce!(model::Dashboard, model::Workflow);
        for further in self.dependents(scope, dependent.id)? {
            self.detach(scope, &further, dependent.id)?;
        }
        self.delete_row(scope, &dependent.kind, dependent.id, &dependent.name)
    }

    fn delete_row(&self, scope: &Scope, kind: &str, id: Uuid, name: &str) -> Result<()> {
        self.db
            .prepare_cached("delete from objects where tenant_id = ?1 and id = ?2")?
            .execute((scope.tenant.to_string(), id.to_string()))
            .map_err(|error| {
                if is_dangling(&error) {
                    return Error::conflict("it is still in use by members, invitations or API keys");
                }
                error.into()
            })?;
        self.change_count(scope, kind, -1)?;
        self.record_act(scope, &Act { verb: "delete", kind, id, name })
    }

    /// What else points to `id`.
    pub fn dependents(&self, scope: &Scope, id: Uuid) -> Result<Vec<Dependent>> {
        let mut query = self.db.prepare_cached(
            "select o.id, o.kind, o.name from links l join objects o on o.tenant_id = l.tenant_id and o.id = l.source_id
             where l.tenant_id = ?1 and l.target_id = ?2 and l.source_id <> ?2 order by o.kind, o.name",
        )?;
        let rows = query.query_map((scope.tenant.to_string(), id.to_string()), |row| {
            Ok(Dependent { id: column::id(row, 0)?, kind: row.get(1)?, name: row.get(2)? })
        })?;
        Ok(rows.collect::<rusqlite::Result<_>>()?)
    }

    /// Every target must be there, in this tenant, and of the right kind.
    fn check_links<R: Resource>(&self, scope: &Scope, spec: &R) -> Result<Vec<Link>> {
        let links = spec.links();
        self.check_targets(scope, &links)?;
        Ok(links)
    }

    /// # Errors
    /// `Invalid` for a link that leads to nothing.
    pub fn check_targets(&self, scope: &Scope, links: &[Link]) -> Result<()> {
        let mut query =
            self.db.prepare_cached("select 1 from objects where tenant_id = ?1 and id = ?2 and kind = ?3")?;
        for link in links {
            if !query.exists((scope.tenant.to_string(), link.id.to_string(), link.kind.name))? {
                return Err(Error::invalid(&link.path, format!("no such {} in this tenant", link.kind.label)));
            }
        }
        Ok(())
    }

    fn save_links(&self, scope: &Scope, id: Uuid, links: &[Link]) -> Result<()> {
        let (tenant, id) = (scope.tenant.to_string(), id.to_string());
        self.db.prepare_cached("delete from links where tenant_id = ?1 and source_id = ?2")?.execute((&tenant, &id))?;
        let mut insert = self.db.prepare_cached(
            "insert into links (tenant_id, source_id, target_id) values (?1, ?2, ?3) on conflict do nothing",
        )?;
        for link in links {
            insert.execute((&tenant, &id, link.id.to_string()))?;
        }
        Ok(())
    }

    fn after_write<R: Resource>(&self, scope: &Scope, record: &Record<R>, verb: &str) -> Result<()> {
        let (tenant, id) = (scope.tenant.to_string(), record.id.to_string());
        self.db
            .prepare_cached(
                "insert into versions (tenant_id, object_id, version, name, description, spec, at, by) values (?1, ?2, ?3, ?4, ?5, ?6, ?7, ?8)",
            )?
            .execute((
                &tenant,
                &id,
                record.version,
                &record.label.name,
                &record.label.description,
                serde_json::to_string(&record.spec)?,
                record.updated_at.0,
                &*scope.actor.label,
            ))?;
        if let Some(old) = record.version.checked_sub(VERSIONS_KEPT).filter(|old| *old > 0) {
            self.db
                .prepare_cached("delete from versions where tenant_id = ?1 and object_id = ?2 and version <= ?3")?
                .execute((&tenant, &id, old))?;
        }
        self.save_triggers(scope, record)?;
        let Kind { name: kind, .. } = R::KIND;
        self.record_act(scope, &Act { verb, kind, id: record.id, name: &record.label.name })
    }

    /// How many objects of each kind the tenant has.
    pub fn counts(&self, scope: &Scope) -> Result<Vec<(String, u64)>> {
        let mut query = self.db.prepare_cached("select kind, count from object_counts where tenant_id = ?1")?;
        let rows = query.query_map([scope.tenant.to_string()], |row| Ok((row.get(0)?, row.get(1)?)))?;
        Ok(rows.collect::<rusqlite::Result<_>>()?)
    }
}

/// A row before its spec is parsed.
pub(super) struct Raw {
    id: Uuid,
    name: String,
    description: String,
    spec: String,
    created_at: Time,
    updated_at: Time,
    created_by: Option<Uuid>,
    version: u64,
}

impl Raw {
    fn read(row: &Row<'_>) -> rusqlite::Result<Self> {
        Ok(Self {
            id: column::id(row, 0)?,
            name: row.get(1)?,
            description: row.get(2)?,
            spec: row.get(3)?,
            created_at: column::time(row, 4)?,
            updated_at: column::time(row, 5)?,
            created_by: column::optional_id(row, 6)?,
            version: row.get(7)?,
        })
    }

    fn parse<R: Resource>(self) -> Result<Record<R>> {
        Ok(Record {
            id: self.id,
            label: Label { name: self.name, description: self.description },
            spec: serde_json::from_str(&self.spec)?,
            created_at: self.created_at,
            updated_at: self.updated_at,
            created_by: self.created_by,
            version: self.version,
        })
    }
}

pub(super) fn expect_version(expected: Option<u64>, current: u64) -> Result<()> {
    match expected {
        Some(expected) if expected != current => Err(Error::VersionConflict { current }),
        _ => Ok(()),
    }
}

fn name_taken<R: Resource>(error: rusqlite::Error, label: &Label) -> Error {
    if is_duplicate(&error) {
        return Error::conflict(format!("there is already a {} named \"{}\"", R::KIND.label, label.name));
    }
    error.into()
}

fn in_use(dependents: &[Dependent]) -> Error {
    let named: Vec<_> =
        dependents.iter().take(5).map(|d| format!("the {} \"{}\"", model::label_of(&d.kind), d.name)).collect();
    let more = dependents.len().saturating_sub(named.len());
    let more = if more > 0 { format!(" and {more} more") } else { String::new() };
    Error::conflict(format!("it is used by {}{more}: delete them first, or send ?cascade=true", named.join(", ")))
}

fn search_text(label: &Label) -> String {
    format!("{}\n{}", label.name, label.description).to_lowercase()
}
