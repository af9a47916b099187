//! Keeps the dashboards that a caller may not open, and what belongs to them, out of everything that is read for them.
use crate::{
    Result,
    model::{Dashboard, DataQuery, Resource, Scope, Widget},
    store::{
        ListPart, Page, Tx,
        database::page::like_pattern,
        sql::{Sql, Value, sql},
    },
};
use std::fmt::Write as _;
use uuid::Uuid;

/// The columns with the dashboard of a row: of dashboards, and of what belongs to them.
pub(in crate::store) const OF_DASHBOARDS: &str = "id";
pub(in crate::store) const OF_PARTS: &str = "dashboard_id";

/// The hidden dashboards, as a parameter of statements.
pub(in crate::store) struct Hidden {
    /// Their IDs, in one text.
    pub ids: String,
    /// The column to compare.
    pub column: &'static str,
}

impl Hidden {
    /// Returns what a list of this kind leaves out; `None` if that is nothing.
    pub fn of<R: Resource>(scope: &Scope) -> Option<Self> {
        let column = if R::KIND.noun == Dashboard::KIND.noun {
            OF_DASHBOARDS
        } else if R::ON_DASHBOARDS {
            OF_PARTS
        } else {
            return None;
        };
        Some(Self { ids: ids(scope), column }).filter(|hidden| !hidden.ids.is_empty())
    }

    /// Returns the condition that a row is not hidden, with the IDs as parameter `n`.
    pub fn condition(column: &str, n: usize) -> String {
        // both engines have `replace`, and both replace nothing for the empty key of the library
        format!("replace(?{n}, {column}, '') = ?{n}")
    }
}

/// Returns the IDs of the hidden dashboards in one text.
pub(in crate::store) fn ids(scope: &Scope) -> String {
    scope.dashboards.hidden().map(|id| id.to_string()).collect::<Vec<_>>().join(" ")
}

/// Returns the statement for the number of records of a list with hidden ones. Its parameters are the tenant, the kind and
/// the hidden dashboards, then the pattern of the search, and the key of the part.
pub(in crate::store) fn count_text(column: &str, is_search: bool, part: Option<ListPart>) -> String {
    let mut text =
        format!("select count(*) from objects where tenant_id = ?1 and kind = ?2 and {}", Hidden::condition(column, 3));
    if is_search {
        text.push_str(" and search like ?4 escape '\\'");
    }
    if let Some(part) = part {
        let _ = write!(text, " and {}", part.condition(if is_search { 5 } else { 4 }));
    }
    text
}

impl Tx<'_> {
    /// Returns the number of records on all pages of a list, without the hidden ones.
    pub(in crate::store) fn count_shown<R: Resource>(&self, tenant: &str, page: &Page, hidden: &Hidden) -> Result<u64> {
        let mut args: Vec<Value> =
            vec![tenant.to_owned().into(), R::KIND.name().to_owned().into(), hidden.ids.clone().into()];
        args.extend(page.q.as_deref().map(|q| like_pattern(q).into()));
        args.extend(page.part.map(|part| part.key().into()));
        let text = count_text(hidden.column, page.q.is_some(), page.part);
        Ok(self.db.prepare(Sql::composed(&text))?.query_row(args.as_slice(), |row| row.get(0))?)
    }

    /// Returns whether the caller may know of a record.
    pub(in crate::store) fn is_open<R: Resource>(&self, scope: &Scope, id: Uuid) -> bool {
        if scope.dashboards.is_unlimited() || !(R::ON_DASHBOARDS || R::KIND.noun == Dashboard::KIND.noun) {
            return true;
        }
        self.dashboard_of(scope.tenant, id).is_ok_and(|dashboard| scope.dashboards.shows(dashboard))
    }

    /// Returns how many records of a kind are hidden.
    pub(in crate::store) fn count_hidden(&self, scope: &Scope, kind: &str) -> Result<u64> {
        let ids = ids(scope);
        let is_part = [Widget::KIND.name(), DataQuery::KIND.name()].contains(&kind);
        if ids.is_empty() || !(is_part || kind == Dashboard::KIND.name()) {
            return Ok(0);
        }
        let sql = sql!(
            "select count(*) from objects where tenant_id = ?1 and kind = ?2
             and (replace(?3, id, '') <> ?3 or replace(?3, dashboard_id, '') <> ?3)"
        );
        Ok(self.db.prepare(sql)?.query_row((scope.tenant, kind, ids), |row| row.get(0))?)
    }
}
