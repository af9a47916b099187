//! Deletes records. Records that link to the deleted one prevent it, are deleted too, or lose their links.
use crate::{
    Error, Result,
    model::{Expected, File, Record, Resource, Scope, every_kind, label_of},
    quota::UsageKind,
    store::{
        Tx,
        audit::Act,
        database::{
            column::{self, signed},
            errors::is_dangling,
        },
        usage::row,
    },
};
use std::collections::{BTreeMap, HashSet};
use uuid::Uuid;

/// The most dependents that an error lists.
const NAMED: usize = 5;

/// The most records that a cascade changes or deletes: it is a single transaction, and all other writes wait for it.
const MOST_AT_ONCE: usize = 1000;

/// A record that links to another.
pub struct Dependent {
    pub id: Uuid,
    pub kind: String,
    pub name: String,
}

/// What a cascade changes besides the record to delete.
#[derive(Default)]
struct Consequences {
    seen: HashSet<(Uuid, &'static str)>,
    /// The number of records, by kind and by `delete` or `update`.
    counts: BTreeMap<(String, &'static str), usize>,
}

impl Consequences {
    /// Adds a change. Returns false if it was already added, or if there are too many.
    fn note(&mut self, dependent: &Dependent, verb: &'static str) -> bool {
        let is_new = self.seen.len() <= MOST_AT_ONCE && self.seen.insert((dependent.id, verb));
        if is_new {
            *self.counts.entry((dependent.kind.clone(), verb)).or_default() += 1;
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
        let lacking = |((kind, verb), count): (&(String, &'static str), &usize)| {
            let permission = format!("{kind}:{verb}");
            (!scope.grants.may(&permission)).then(|| format!("{permission} ({})", counted(kind, *count)))
        };
        let lacking: Vec<_> = self.counts.iter().filter_map(lacking).collect();
        if lacking.is_empty() {
            return Ok(());
        }
        let lacking = lacking.join(", ");
        Err(Error::Forbidden(format!(
            "to delete it together with everything that uses it, your role also needs {lacking}"
        )))
    }
}

impl Tx<'_> {
    /// Deletes a record. Refused if other records link to it, unless `cascade` is set: then records that can exist
    /// without it lose their links, and the others are deleted too.
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
        let record = self.find::<R>(scope, id)?;
        expected.into().check(record.version)?;
        let dependents = self.dependents(scope, id)?;
        if !cascade && !dependents.is_empty() {
            return Err(in_use(scope, &dependents));
        }
        let mut consequences = Consequences::default();
        self.foresee(scope, &dependents, id, &mut consequences)?;
        consequences.check(scope)?;
        for dependent in dependents {
            self.detach(scope, &dependent, id)?;
        }
        self.delete_row(scope, R::KIND.name, id, &record.label.name)
    }

    /// Collects what a cascade from `target` does to `dependents` and, recursively, to theirs.
    fn foresee(&self, scope: &Scope, dependents: &[Dependent], target: Uuid, found: &mut Consequences) -> Result<()> {
        for dependent in dependents {
            if self.goes_on(scope, dependent, target)? {
                found.note(dependent, "update");
            } else if found.note(dependent, "delete") {
                self.foresee(scope, &self.dependents(scope, dependent.id)?, dependent.id, found)?;
            }
        }
        Ok(())
    }

    /// Returns whether `dependent` can exist without `target`.
    fn goes_on(&self, scope: &Scope, dependent: &Dependent, target: Uuid) -> Result<bool> {
        macro_rules! ask {
            ($($resource:ty),*) => {
                $(if dependent.kind == <$resource>::KIND.name {
                    return Ok(self.find::<$resource>(scope, dependent.id)?.spec.without(target).is_some());
                })*
            };
        }
        every_kind!(ask);
        Err(Error::internal(format!("unknown kind {}", dependent.kind)))
    }

    /// Removes `target` from `dependent`, or deletes `dependent` and its own dependents if it cannot exist without it.
    fn detach(&self, scope: &Scope, dependent: &Dependent, target: Uuid) -> Result<()> {
        if self.goes_on(scope, dependent, target)? {
            return self.reduce(scope, dependent, target);
        }
        for further in self.dependents(scope, dependent.id)? {
            self.detach(scope, &further, dependent.id)?;
        }
        self.delete_row(scope, &dependent.kind, dependent.id, &dependent.name)
    }

    fn reduce(&self, scope: &Scope, dependent: &Dependent, target: Uuid) -> Result<()> {
        macro_rules! reduce {
            ($($resource:ty),*) => {
                $(if dependent.kind == <$resource>::KIND.name {
                    let change = |old: &Record<$resource>| {
                        let left = old.spec.clone().without(target);
                        Ok((old.label.clone(), left.unwrap_or_else(|| old.spec.clone())))
                    };
                    // allowed even if the quota is reached: the record only shrinks
                    return self.replace(scope, dependent.id, None, change, false).map(drop);
                })*
            };
        }
        every_kind!(reduce);
        Ok(())
    }

    fn delete_row(&self, scope: &Scope, kind: &str, id: Uuid, name: &str) -> Result<()> {
        let versions = self.version_count(scope, id)?;
        let (bytes, kept): (u64, u64) = self
            .db
            .prepare_cached(
                "delete from objects where tenant_id = ?1 and id = ?2
                 returning octet_length(name) + octet_length(description) + octet_length(spec), versions_bytes",
            )?
            .query_row((scope.tenant.to_string(), id.to_string()), |row| Ok((row.get(0)?, row.get(1)?)))
            .map_err(|error| {
                if is_dangling(&error) {
                    return Error::conflict("it is still in use by members, invitations or API keys");
                }
                error.into()
            })?;
        self.count_usage(scope.tenant, UsageKind::Records, -signed(row::RECORD + bytes), -1)?;
        self.count_usage(scope.tenant, UsageKind::Versions, -signed(kept), -signed(versions))?;
        if kind == File::KIND.name {
            self.mark_file(scope, id)?;
        }
        self.change_count(&scope.tenant.to_string(), kind, -1);
        self.record_act(scope, &Act { verb: "delete", kind, id, name })
    }

    /// Returns the other records that link to `id`.
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
}

/// Creates the error that names the dependents that the caller may see and counts the others.
fn in_use(scope: &Scope, dependents: &[Dependent]) -> Error {
    let is_seen = |dependent: &&Dependent| {
        ["list", "read"].iter().any(|verb| scope.grants.may(&format!("{}:{verb}", dependent.kind)))
    };
    let (seen, hidden): (Vec<_>, Vec<_>) = dependents.iter().partition(is_seen);
    let mut users: Vec<_> =
        seen.iter().take(NAMED).map(|one| format!("the {} \"{}\"", label_of(&one.kind), one.name)).collect();
    let more = seen.len().saturating_sub(NAMED);
    let mut counts: BTreeMap<&str, usize> = BTreeMap::new();
    for one in hidden {
        *counts.entry(one.kind.as_str()).or_default() += 1;
    }
    users.extend(counts.into_iter().map(|(kind, count)| counted(kind, count)));
    let more = if more > 0 { format!(" and {more} more") } else { String::new() };
    Error::conflict(format!("it is used by {}{more}: delete them first, or send ?cascade=true", users.join(", ")))
}

/// Formats a count, such as `1 query` or `2 queries`.
fn counted(kind: &str, count: usize) -> String {
    let label = label_of(kind);
    match (count, label.strip_suffix('y')) {
        (1, _) => format!("1 {label}"),
        (_, Some(stem)) => format!("{count} {stem}ies"),
        (_, None) => format!("{count} {label}s"),
    }
}
