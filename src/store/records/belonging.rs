//! Records that belong to a dashboard: what may link to them, how they move to the library, and which there are.
use crate::{
    Error, Result,
    model::{Dashboard, Link, Record, Resource, Scope, every_kind, permission::Verb},
    store::{
        ListPart, Page, Tx,
        database::{column, page::like_pattern},
        hidden::Hidden,
        sql::{OptionalExtension, Row, SqlResult, sql},
    },
};
use uuid::Uuid;

/// Where a link starts.
#[derive(Clone, Copy, Default)]
pub struct LinkSource {
    /// The record with the link; `None` if it is not saved.
    pub id: Option<Uuid>,
    /// The dashboard that it belongs to.
    pub dashboard: Option<Uuid>,
}

/// Returns the value of the column `dashboard_id`. Queries for the records of a dashboard also say `dashboard_id <> ''`:
/// only then SQLite uses the index of those records.
pub(super) fn key_of(dashboard: Option<Uuid>) -> String {
    dashboard.map(|id| id.to_string()).unwrap_or_default()
}

const COUNT: &str = "select count(*) from objects where tenant_id = ?1 and kind = ?2 and dashboard_id = ?3";
const OF_DASHBOARD: &str = " and dashboard_id <> ''";
const FOUND: &str = " and search like ?4 escape '\\'";

impl ListPart {
    pub(in crate::store) fn key(self) -> String {
        match self {
            Self::Library => String::new(),
            Self::Dashboard(id) => id.to_string(),
        }
    }

    /// Returns the condition on the records of the list, whose key is parameter `n`.
    pub(in crate::store) fn condition(self, n: usize) -> String {
        match self {
            Self::Library => format!("dashboard_id = ?{n}"),
            Self::Dashboard(_) => format!("dashboard_id = ?{n} and dashboard_id <> ''"),
        }
    }
}

impl Tx<'_> {
    /// Saves the links of a record, after checking them and the dashboard that it belongs to.
    ///
    /// # Errors
    /// `Invalid` for a link to a record that is missing or belongs to another dashboard; `Conflict` if records outside
    /// its dashboard use it.
    pub fn connect<R: Resource>(&self, scope: &Scope, record: &Record<R>) -> Result<()> {
        let links = record.spec.links();
        self.check_place(scope, record.id, &record.spec, &links)?;
        self.save_links(scope, record.id, &links)
    }

    /// Removes the links of a record, which [`Tx::connect`] saves again.
    pub fn disconnect(&self, scope: &Scope, id: Uuid) -> Result<()> {
        self.save_links(scope, id, &[])
    }

    /// Checks what [`Tx::connect`] checks.
    pub(super) fn check_place<R: Resource>(&self, scope: &Scope, id: Uuid, spec: &R, links: &[Link]) -> Result<()> {
        let dashboard = spec.dashboard();
        if let Some(dashboard) = dashboard {
            self.check_dashboard(scope, id, dashboard, R::KIND.label)?;
        }
        self.check_targets(scope, links, LinkSource { id: Some(id), dashboard })
    }

    /// Checks that the dashboard exists and that nothing outside it uses the record.
    fn check_dashboard(&self, scope: &Scope, id: Uuid, dashboard: Uuid, label: &str) -> Result<()> {
        let (tenant, id, key) = (scope.tenant.to_string(), id.to_string(), dashboard.to_string());
        let sql = sql!("select 1 from objects where tenant_id = ?1 and id = ?2 and kind = ?3");
        let is_known = scope.dashboards.shows(Some(dashboard));
        if !is_known || !self.db.prepare(sql)?.exists((&tenant, &key, Dashboard::KIND.name()))? {
            return Err(Error::invalid("dashboardID", "no such dashboard in this tenant"));
        }
        let sql = sql!(
            "select 1 from links l join objects o on o.tenant_id = l.tenant_id and o.id = l.source_id
            where l.tenant_id = ?1 and l.target_id = ?2 and l.source_id not in (?2, ?3) and o.dashboard_id <> ?3"
        );
        if self.db.prepare(sql)?.exists((&tenant, &id, &key))? {
            return Err(Error::conflict(format!(
                "other records use this {label}, so it cannot belong to one dashboard: keep it in the library"
            )));
        }
        Ok(())
    }

    /// # Errors
    /// `Invalid` for a link to a record that is missing, or that belongs to a dashboard to which `source` does not
    /// belong.
    pub fn check_targets(&self, scope: &Scope, links: &[Link], source: LinkSource) -> Result<()> {
        let mut query =
            self.db.prepare(sql!("select dashboard_id from objects where tenant_id = ?1 and id = ?2 and kind = ?3"))?;
        let own: Vec<_> = [source.id, source.dashboard].into_iter().flatten().map(|id| id.to_string()).collect();
        for Link { path, kind, id, .. } in links {
            let args = (scope.tenant, id, kind.name());
            let label = kind.label;
            let found = query.query_row(args, |row| row.get::<String>(0)).optional()?;
            if !scope.dashboards.is_unlimited() && !scope.dashboards.shows(self.dashboard_of(scope.tenant, *id)?) {
                return Err(Error::invalid(path, format!("no such {label} in this tenant")));
            }
            match found {
                None => {
                    let sql = sql!("select 1 from trash where tenant_id = ?1 and id = ?2 and kind = ?3");
                    let in_trash = (scope.tenant, id, kind.name());
                    return Err(if self.db.prepare(sql)?.exists(in_trash)? {
                        Error::invalid(path, format!("this {label} is in the trash: restore it first"))
                    } else {
                        Error::invalid(path, format!("no such {label} in this tenant"))
                    });
                }
                Some(dashboard) if !dashboard.is_empty() && !own.contains(&dashboard) => {
                    return Err(Error::invalid(
                        path,
                        format!("this {label} belongs to a dashboard: move it to the library to use it elsewhere"),
                    ));
                }
                Some(_) => {}
            }
        }
        Ok(())
    }

    /// Moves the records that `spec` uses to the library, if it moves there from the dashboard `before`.
    ///
    /// # Errors
    /// `Forbidden` if the caller may not change one of them; `Conflict` if its name is taken in the library.
    pub(super) fn move_along<R: Resource>(&self, scope: &Scope, before: Option<Uuid>, spec: &R) -> Result<()> {
        let Some(before) = before.filter(|_| spec.dashboard().is_none()) else { return Ok(()) };
        for link in spec.links() {
            macro_rules! release {
                ($($resource:ty),*) => {
                    $(if link.kind.noun == <$resource>::KIND.noun && <$resource>::ON_DASHBOARDS {
                        self.release::<$resource>(scope, before, &link)?;
                    })*
                };
            }
            every_kind!(release);
        }
        Ok(())
    }

    fn release<R: Resource>(&self, scope: &Scope, before: Uuid, link: &Link) -> Result<()> {
        // a missing target is reported with the links
        let found = match self.find::<R>(scope, link.id) {
            Err(Error::NotFound(_)) => return Ok(()),
            found => found?,
        };
        if found.spec.dashboard() != Some(before) {
            return Ok(());
        }
        let (kind, name) = (&R::KIND, &found.label.name);
        if !scope.grants.allows(kind.noun, Verb::Update) {
            return Err(Error::Forbidden(format!(
                "the {} \"{name}\" moves to the library, too: your role needs {}:update",
                kind.label,
                kind.name()
            )));
        }
        let moved = |old: &Record<R>| {
            let mut spec = old.spec.clone();
            spec.set_dashboard(None);
            Ok((old.label.clone(), spec))
        };
        self.replace(scope, link.id, None, moved, true).map(drop).map_err(|error| match error {
            Error::Conflict(why) => Error::conflict(format!(
                "the {} \"{name}\" moves to the library, too, but {why}: rename one of them",
                kind.label
            )),
            other => other,
        })
    }

    /// Returns whether a record of this kind has this name, on the dashboard or in the library.
    pub fn is_named<R: Resource>(&self, scope: &Scope, dashboard: Option<Uuid>, name: &str) -> Result<bool> {
        let sql = sql!("select 1 from objects where tenant_id = ?1 and kind = ?2 and dashboard_id = ?3 and name = ?4");
        let args = (scope.tenant, R::KIND.name(), key_of(dashboard), name);
        Ok(self.db.prepare(sql)?.exists(args)?)
    }

    /// Returns whether there is a record with this ID, of any kind, also in the trash.
    pub fn is_known(&self, scope: &Scope, id: Uuid) -> Result<bool> {
        let sql = sql!("select 1 from objects where tenant_id = ?1 and id = ?2");
        Ok(self.db.prepare(sql)?.exists((scope.tenant, id))?)
    }

    /// Returns the IDs of the records of this kind that belong to a dashboard, by name.
    pub fn belonging<R: Resource>(&self, scope: &Scope, dashboard: Uuid) -> Result<Vec<Uuid>> {
        if !R::ON_DASHBOARDS {
            return Ok(Vec::new());
        }
        let sql = sql!(
            "select id from objects where tenant_id = ?1 and kind = ?2 and dashboard_id = ?3 and dashboard_id <> '' order by name"
        );
        let mut query = self.db.prepare(sql)?;
        let args = (scope.tenant, R::KIND.name(), dashboard);
        let rows = query.query_map(args, |row| column::id(row, 0))?;
        Ok(rows.collect::<SqlResult<_>>()?)
    }

    /// Returns the number of records on all pages of a list.
    pub(super) fn count_listed<R: Resource>(&self, tenant: &str, page: &Page, hidden: Option<&Hidden>) -> Result<u64> {
        if let Some(hidden) = hidden {
            return self.count_shown::<R>(tenant, page, hidden);
        }
        let Some(part) = page.part else { return self.count::<R>(tenant, page.q.as_deref()) };
        let (kind, key) = (R::KIND.name(), part.key());
        let count = |row: &Row<'_>| row.get(0);
        Ok(match (part, &page.q) {
            (ListPart::Library, None) => self.db.prepare(sql!(COUNT))?.query_row((tenant, kind, key), count),
            (ListPart::Dashboard(_), None) => {
                self.db.prepare(sql!(COUNT, OF_DASHBOARD))?.query_row((tenant, kind, key), count)
            }
            (ListPart::Library, Some(q)) => {
                self.db.prepare(sql!(COUNT, FOUND))?.query_row((tenant, kind, key, like_pattern(q)), count)
            }
            (ListPart::Dashboard(_), Some(q)) => {
                let sql = sql!(COUNT, OF_DASHBOARD, FOUND);
                self.db.prepare(sql)?.query_row((tenant, kind, key, like_pattern(q)), count)
            }
        }?)
    }
}
