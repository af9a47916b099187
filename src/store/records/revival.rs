//! What comes back together. An earlier version of a dashboard needs what belongs to the dashboard and is in the trash;
//! what does not exist any more is left out. What a restored record was taken from is found again.
use super::{parts::PartVersion, trash::DeletedRecord};
use crate::{
    Error, Result,
    model::{Dashboard, DataQuery, Link, Resource, ResourceKind, Scope, Widget, kind_named},
    store::{
        Tx,
        database::column,
        sql::{OptionalExtension, SqlResult, sql},
    },
};
use std::collections::HashMap;
use uuid::Uuid;

/// What restoring a version does besides saving it.
#[derive(Default)]
pub struct Revival {
    /// What is taken out of the trash: each record after those that it links to.
    pub records: Vec<DeletedRecord>,
    pub left_out: Vec<LeftOut>,
    /// The widgets and queries that keep their present settings, because those of the version need what cannot come
    /// back.
    pub stuck: Vec<Uuid>,
}

impl Revival {
    /// Returns the parts of the version that can get their settings of it.
    pub fn possible(&self, mut parts: Vec<PartVersion>) -> Vec<PartVersion> {
        parts.retain(|part| !self.stuck.contains(&part.id));
        parts
    }
}

/// Something that a version shows, but that cannot come back.
#[derive(Clone)]
pub struct LeftOut {
    pub id: Uuid,
    pub kind: &'static ResourceKind,
    /// Its last name; `None` if that is not known any more.
    pub name: Option<String>,
    pub why: WhyLeftOut,
}

#[derive(Clone)]
pub enum WhyLeftOut {
    /// It was deleted for good.
    Gone,
    /// It is in the trash, and does not belong to the dashboard.
    InTrash,
    /// It belongs to another dashboard now.
    Elsewhere,
    /// It needs a record that is not there: its kind, and its last name.
    Needs(&'static ResourceKind, Option<String>),
}

/// A record that a version needs, in whatever state it is.
enum Found {
    Present,
    /// In the trash with its links, and belonging to the dashboard.
    Own(Box<DeletedRecord>, Vec<Link>),
    Not(LeftOut),
}

impl Tx<'_> {
    /// Returns the spec of an earlier version of a dashboard without what cannot come back, and what restoring it does.
    /// `parts` are what belonged to it then.
    pub fn revival(
        &self,
        scope: &Scope,
        id: Uuid,
        version: &Dashboard,
        parts: &[PartVersion],
    ) -> Result<(Dashboard, Revival)> {
        let mut search = Search { tx: self, scope, dashboard: id, seen: HashMap::new(), records: Vec::new() };
        let (mut spec, mut left_out) = (version.clone(), Vec::new());
        for link in version.links() {
            let is_known = search.seen.contains_key(&link.id);
            if let Some(lost) = search.bring(&link)? {
                spec = spec.without(link.id).unwrap_or_else(|| version.clone());
                if !is_known {
                    left_out.push(lost);
                }
            }
        }
        let mut stuck = Vec::new();
        for part in parts.iter().filter(|part| !part.is_current) {
            // what does not come back needs nothing
            let returns = !part.is_deleted || matches!(search.seen.get(&part.id), Some(None));
            for link in part.links()?.iter().filter(|_| returns) {
                if search.bring(link)?.is_some() && !stuck.contains(&part.id) {
                    stuck.push(part.id);
                }
            }
        }
        Ok((spec, Revival { records: search.records, left_out, stuck }))
    }

    /// Returns a record in the trash that belongs to `dashboard`, with its links.
    fn own_in_trash(&self, scope: &Scope, dashboard: Uuid, link: &Link) -> Result<Option<(DeletedRecord, Vec<Link>)>> {
        let sql = sql!(
            "select o.spec from objects o where o.tenant_id = ?1 and o.id = ?2 and o.kind = 'trash/' || ?3 and o.dashboard_id = ?4"
        );
        let args = (scope.tenant, link.id, link.kind.name(), dashboard);
        let spec: Option<String> = self.db.prepare(sql)?.query_row(args, |row| row.get(0)).optional()?;
        let Some(spec) = spec else { return Ok(None) };
        let links = if link.kind.noun == Widget::KIND.noun {
            serde_json::from_str::<Widget>(&spec)?.links()
        } else if link.kind.noun == DataQuery::KIND.noun {
            serde_json::from_str::<DataQuery>(&spec)?.links()
        } else {
            return Ok(None);
        };
        let record = self.deleted_together(scope, link.id)?.into_iter().next();
        Ok(record.map(|record| (record, links)))
    }

    /// Returns the name that the audit log has of a record.
    fn last_name(&self, scope: &Scope, id: Uuid) -> Result<Option<String>> {
        let sql = sql!(
            "select object_name from audit where tenant_id = ?1 and object_id = ?2 order by at desc, id desc limit 1"
        );
        let args = (scope.tenant, id);
        Ok(self.db.prepare(sql)?.query_row(args, |row| row.get(0)).optional()?)
    }
}

/// A record that a deletion took something from, and that nobody has changed since.
pub struct ReducedRecord {
    pub id: Uuid,
    pub kind: &'static ResourceKind,
    /// The last version before the deletion.
    pub whole: u64,
}

impl Tx<'_> {
    /// Returns the dashboards and workflows whose last change was made in the moment of the deletion. A role gets its
    /// start page back even if it was changed since: the trash remembers that.
    pub fn reduced_with(&self, scope: &Scope, deleted: &[DeletedRecord]) -> Result<Vec<ReducedRecord>> {
        let Some(first) = deleted.first() else { return Ok(Vec::new()) };
        let mut query = self.db.prepare(sql!(
            "select o.id, o.kind, (select max(v.version) from versions v
                 where v.tenant_id = o.tenant_id and v.object_id = o.id and v.at < o.updated_at)
             from objects o where o.tenant_id = ?1 and o.kind in ('dashboard', 'workflow') and o.updated_at = ?2"
        ))?;
        let rows = query.query_map((scope.tenant, first.deleted_at.0), |row| {
            Ok((column::id(row, 0)?, row.get::<String>(1)?, row.get::<Option<u64>>(2)?))
        })?;
        let found = rows.collect::<SqlResult<Vec<_>>>()?;
        let reduced = found.into_iter().filter_map(|(id, kind, whole)| {
            let is_back = deleted.iter().any(|record| record.id == id);
            Some(ReducedRecord { id, kind: kind_named(&kind)?, whole: whole.filter(|_| !is_back)? })
        });
        Ok(reduced.collect())
    }

    /// Checks whether a record could have these links, and belong to its dashboard.
    ///
    /// # Errors
    /// As in [`Tx::connect`].
    pub fn check_place_of<R: Resource>(&self, scope: &Scope, id: Uuid, spec: &R) -> Result<()> {
        self.check_place(scope, id, spec, &spec.links())
    }
}

struct Search<'a, 'tx> {
    tx: &'a Tx<'tx>,
    scope: &'a Scope,
    dashboard: Uuid,
    /// What is known already: `None` for what exists, or comes back.
    seen: HashMap<Uuid, Option<LeftOut>>,
    records: Vec<DeletedRecord>,
}

impl Search<'_, '_> {
    /// Brings back the target of a link with what it needs, if it is in the trash. Returns why it cannot come back.
    fn bring(&mut self, link: &Link) -> Result<Option<LeftOut>> {
        if let Some(known) = self.seen.get(&link.id) {
            return Ok(known.clone());
        }
        let lost = match self.find(link)? {
            Found::Present => None,
            Found::Not(lost) => Some(lost),
            Found::Own(record, links) => {
                // two records may link to each other
                self.seen.insert(link.id, None);
                let mut lacks = None;
                for needed in &links {
                    lacks = lacks.or(self.bring(needed)?);
                }
                if let Some(lacks) = lacks {
                    let why = WhyLeftOut::Needs(lacks.kind, lacks.name);
                    Some(LeftOut { id: link.id, kind: link.kind, name: Some(record.name), why })
                } else {
                    self.records.push(*record);
                    None
                }
            }
        };
        self.seen.insert(link.id, lost.clone());
        Ok(lost)
    }

    fn find(&self, link: &Link) -> Result<Found> {
        let (tx, scope) = (self.tx, self.scope);
        let lost = |name, why| Found::Not(LeftOut { id: link.id, kind: link.kind, name, why });
        if !scope.dashboards.shows(tx.dashboard_of(scope.tenant, link.id)?) {
            return Ok(lost(None, WhyLeftOut::Gone));
        }
        let sql = sql!("select name, dashboard_id from objects where tenant_id = ?1 and id = ?2 and kind = ?3");
        let args = (scope.tenant, link.id, link.kind.name());
        let present: Option<(String, String)> =
            tx.db.prepare(sql)?.query_row(args, |row| Ok((row.get(0)?, row.get(1)?))).optional()?;
        if let Some((name, place)) = present {
            let is_here = place.is_empty() || place == self.dashboard.to_string();
            return Ok(if is_here { Found::Present } else { lost(Some(name), WhyLeftOut::Elsewhere) });
        }
        if let Some((record, links)) = tx.own_in_trash(scope, self.dashboard, link)? {
            return Ok(Found::Own(Box::new(record), links));
        }
        match tx.deleted_together(scope, link.id) {
            Ok(records) => Ok(lost(records.into_iter().next().map(|record| record.name), WhyLeftOut::InTrash)),
            Err(Error::NotFound(_)) => Ok(lost(tx.last_name(scope, link.id)?, WhyLeftOut::Gone)),
            Err(other) => Err(other),
        }
    }
}
