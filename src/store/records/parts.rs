//! The versions of the widgets and queries that belonged to a dashboard when a version of it was saved.
use crate::{
    Result,
    model::{Dashboard, DataQuery, Label, Link, Record, Resource, ResourceKind, Scope, Widget, kind_named},
    store::{
        Tx,
        sql::{OptionalExtension, SqlResult, sql},
    },
};
use std::collections::BTreeMap;
use uuid::Uuid;

/// A widget or a query as it was at some version.
#[derive(Clone)]
pub struct PartVersion {
    pub id: Uuid,
    pub kind: &'static ResourceKind,
    pub version: u64,
    pub label: Label,
    /// Its fields as JSON.
    spec: String,
    /// Whether it is in the trash now.
    pub is_deleted: bool,
    /// Whether this is still its version.
    pub is_current: bool,
}

impl PartVersion {
    /// Returns the fields that it had.
    pub fn fields<R: Resource>(&self) -> Result<R> {
        Ok(serde_json::from_str(&self.spec)?)
    }

    /// Returns the records that it linked to.
    pub fn links(&self) -> Result<Vec<Link>> {
        Ok(if self.kind.noun == Widget::KIND.noun {
            self.fields::<Widget>()?.links()
        } else {
            self.fields::<DataQuery>()?.links()
        })
    }
}

impl Tx<'_> {
    /// Returns the present versions of what belongs to a record, as JSON by ID; `None` for a record that is not a
    /// dashboard.
    pub(super) fn parts_of<R: Resource>(&self, scope: &Scope, id: Uuid) -> Result<Option<String>> {
        if R::KIND.noun != Dashboard::KIND.noun {
            return Ok(None);
        }
        let sql = sql!(
            "select id, version from objects
            where tenant_id = ?1 and kind in ('widget', 'dataquery') and dashboard_id = ?2 and dashboard_id <> ''"
        );
        let mut query = self.db.prepare(sql)?;
        let rows = query.query_map((scope.tenant, id), |row| Ok((row.get::<String>(0)?, row.get::<u64>(1)?)))?;
        Ok(Some(serde_json::to_string(&rows.collect::<SqlResult<BTreeMap<_, _>>>()?)?))
    }

    /// Returns whether what belongs to a record has changed since its present version was saved.
    pub(super) fn have_parts_changed<R: Resource>(&self, scope: &Scope, record: &Record<R>) -> Result<bool> {
        let Some(now) = self.parts_of::<R>(scope, record.id)? else { return Ok(false) };
        let before = self.parts_text(scope, record.id, record.version)?;
        Ok(before.as_deref().unwrap_or("{}") != now)
    }

    /// Saves with the present version of a dashboard what belongs to it now.
    pub fn note_parts(&self, scope: &Scope, dashboard: Uuid) -> Result<()> {
        let version = self.find_unread::<Dashboard>(scope, dashboard)?.version;
        let parts = self.parts_of::<Dashboard>(scope, dashboard)?;
        let sql = sql!("update versions set parts = ?4 where tenant_id = ?1 and object_id = ?2 and version = ?3");
        self.db.prepare(sql)?.execute((scope.tenant, dashboard, version, parts))?;
        Ok(())
    }

    /// Returns what belonged to a dashboard when a version of it was saved, as it was then. Versions that are not kept
    /// any more are left out. `None` if it is not known what belonged to it.
    pub fn parts_at(&self, scope: &Scope, dashboard: Uuid, version: u64) -> Result<Option<Vec<PartVersion>>> {
        let Some(text) = self.parts_text(scope, dashboard, version)? else { return Ok(None) };
        let parts: BTreeMap<Uuid, u64> = serde_json::from_str(&text)?;
        let mut query = self.db.prepare(sql!(
            "select o.kind, o.version, v.name, v.description, v.spec from versions v
               join objects o on o.tenant_id = v.tenant_id and o.id = v.object_id
             where v.tenant_id = ?1 and v.object_id = ?2 and v.version = ?3"
        ))?;
        let mut found = Vec::new();
        for (id, version) in parts {
            let row = query.query_row((scope.tenant, id, version), |row| {
                Ok((row.get::<String>(0)?, row.get::<u64>(1)?, row.get(2)?, row.get(3)?, row.get(4)?))
            });
            let Some((stored, now, name, description, spec)) = row.optional()? else { continue };
            let deleted = stored.strip_prefix("trash/");
            let Some(kind) = kind_named(deleted.unwrap_or(&stored)) else { continue };
            let label = Label { name, description };
            let (is_deleted, is_current) = (deleted.is_some(), now == version);
            found.push(PartVersion { id, kind, version, label, spec, is_deleted, is_current });
        }
        Ok(Some(found))
    }

    fn parts_text(&self, scope: &Scope, id: Uuid, version: u64) -> Result<Option<String>> {
        let sql = sql!("select parts from versions where tenant_id = ?1 and object_id = ?2 and version = ?3");
        let found = self.db.prepare(sql)?.query_row((scope.tenant, id, version), |row| row.get(0)).optional()?;
        Ok(found.flatten())
    }
}
