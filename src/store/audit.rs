//! The audit log: each entry is written in the transaction of the change.
use super::{
    Tx,
    database::{
        column::{self, signed},
        counters::Counted,
        series::newest,
    },
    sql::{OptionalExtension, Row, Sql, SqlResult, Value as Bound, sql},
    usage::row,
};
use crate::{Result, clock::Time, model::Scope, quota::UsageKind};
use schemars::JsonSchema;
use serde::Serialize;
use serde_json::Value;
use std::{collections::HashMap, fmt::Write};
use uuid::Uuid;

/// The kinds of record whose changes affect permissions.
const AUTHORITY: [&str; 5] = ["tenant", "member", "role", "apikey", "share"];

/// A change, and the record that it affects.
pub struct AuditedChange<'a> {
    pub verb: &'a str,
    pub kind: &'a str,
    pub id: Uuid,
    pub name: &'a str,
}

/// An entry of the audit log.
#[derive(Clone, Debug, Serialize, JsonSchema)]
#[serde(rename_all = "camelCase")]
pub struct AuditEntry {
    pub id: Uuid,
    pub at: Time,
    pub actor: AuditActor,
    /// `<kind>.<verb>`, such as `widget.update`.
    pub action: String,
    pub object: AuditObject,
    pub request_id: Option<String>,
    /// The caller's IP address.
    pub ip: Option<String>,
    /// What was changed in a datasource: the query, the values of its parameters and the number of rows, and where on a
    /// dashboard it was started. `null` for other entries.
    pub details: Option<Value>,
}

#[derive(Clone, Debug, Serialize, JsonSchema)]
pub struct AuditActor {
    /// `user`, `apiKey` or `system`.
    pub kind: String,
    pub id: String,
    pub label: String,
}

#[derive(Clone, Debug, Serialize, JsonSchema)]
pub struct AuditObject {
    pub kind: String,
    pub id: String,
    /// Empty for what belongs to a dashboard that the caller may not open, also if that cannot be told any more.
    pub name: String,
}

/// The entries to read. Absent fields do not filter.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct AuditFilter {
    pub actor_id: Option<Uuid>,
    pub action: Option<String>,
    pub object_kind: Option<String>,
    pub object_id: Option<Uuid>,
    pub since: Option<Time>,
    pub until: Option<Time>,
    /// Only entries older than this one.
    pub before: Option<(Time, Uuid)>,
}

/// The most entries that are counted if no counter exists for the filter.
const COUNTED: u64 = 100_000;
/// Less and greater than every id, and later than every time: where a list starts and ends.
const FIRST: &str = "";
const LAST: &str = "~";
const END: i64 = i64::MAX;

/// The number of entries.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct AuditCount {
    pub total: u64,
    /// Whether there are more than `total`.
    pub has_more: bool,
}

impl AuditFilter {
    /// Returns whether the filter uses only the actor, the action and the kind, for which counters exist.
    fn is_counted(&self) -> bool {
        self.object_id.is_none() && self.since.is_none() && self.until.is_none()
    }

    /// Returns the parameter of the start of the period, if there is one. The end of the period is where lists start.
    fn rest(&self) -> Option<Bound> {
        self.since.map(|since| since.0.into())
    }

    /// Returns whether the filter includes an action.
    fn takes(&self, action: &str) -> bool {
        let is_kind = |kind: &String| action.strip_prefix(kind.as_str()).is_some_and(|rest| rest.starts_with('.'));
        self.action.as_ref().is_none_or(|only| only == action) && self.object_kind.as_ref().is_none_or(is_kind)
    }
}

impl Tx<'_> {
    /// Writes an entry. Call it in the transaction of the change.
    pub fn record_act(&self, scope: &Scope, act: &AuditedChange<'_>) -> Result<()> {
        self.record_detailed_act(scope, act, None)
    }

    /// Writes an entry with details, a JSON object.
    pub fn record_detailed_act(&self, scope: &Scope, act: &AuditedChange<'_>, details: Option<&Value>) -> Result<()> {
        let details = details.map(Value::to_string);
        let actor = &scope.actor;
        if AUTHORITY.contains(&act.kind) {
            self.mark_regrant();
        }
        let (tenant, actor_id, action) =
            (scope.tenant.to_string(), actor.id.to_string(), format!("{}.{}", act.kind, act.verb));
        self.db
            .prepare(sql!("insert into audit (tenant_id, id, at, actor_kind, actor_id, actor_label, action, object_kind, object_id, object_name, request_id, address, details)
                 values (?1, ?2, ?3, ?4, ?5, ?6, ?7, ?8, ?9, ?10, ?11, ?12, ?13)"))?
            .execute((
                &tenant,
                Uuid::now_v7().to_string(),
                scope.now.0,
                actor.kind.as_str(),
                &actor_id,
                &*actor.label,
                &action,
                act.kind,
                act.id.to_string(),
                act.name,
                actor.request.id.as_deref(),
                actor.request.address.map(|address| address.to_string()),
                &details,
            ))?;
        self.count_rows(Counted::Acts, vec![tenant.into(), actor_id.into(), action.into()], 1);
        let length = act.name.len() + actor.label.len() + details.map_or(0, |details| details.len());
        let bytes = row::AUDIT + length as u64;
        self.count_usage(scope.tenant, UsageKind::Audit, signed(bytes), 1)?;
        let limit = self.quotas().limits.of(UsageKind::Audit);
        if let Some(limit) = limit.filter(|_| self.ledger.is_some())
            && self.usage(scope.tenant, UsageKind::Audit)?.bytes > limit
        {
            self.delete_audit(scope.tenant, None, 2)?;
        }
        Ok(())
    }

    /// Deletes at most `most` of a tenant's oldest entries, only those before `before` if given. Returns how many.
    pub fn delete_audit(&self, tenant: Uuid, before: Option<Time>, most: usize) -> Result<usize> {
        let tenant_id = tenant.to_string();
        let before = before.map_or(END, |before| before.0);
        let last = self
            .db
            .prepare(sql!(
                "select at, id from audit where tenant_id = ?1 and at < ?2 order by at, id limit 1 offset ?3"
            ))?
            .query_row((&tenant_id, before, most.saturating_sub(1)), |row| Ok((row.get(0)?, row.get(1)?)))
            .optional()?;
        let (at, id): (i64, String) = last.unwrap_or((before - 1, LAST.to_owned()));
        let mut delete = self.db.prepare(sql!(
            "delete from audit where tenant_id = ?1 and (at, id) <= (?2, ?3)
             returning octet_length(object_name) + octet_length(actor_label) + coalesce(octet_length(details), 0),
               actor_id, action"
        ))?;
        let mut rows = delete.query((&tenant_id, at, id))?;
        let (mut bytes, mut deleted, mut acts) = (0, 0, HashMap::<(String, String), i64>::new());
        while let Some(row) = rows.next()? {
            bytes += row::AUDIT + row.get::<u64>(0)?;
            deleted += 1;
            *acts.entry((row.get(1)?, row.get(2)?)).or_default() += 1;
        }
        drop(rows);
        for ((actor, action), count) in acts {
            self.count_rows(Counted::Acts, vec![(&*tenant_id).into(), actor.into(), action.into()], -count);
        }
        self.count_usage(tenant, UsageKind::Audit, -signed(bytes), -signed(deleted as u64))?;
        Ok(deleted)
    }

    /// Returns the newest `limit` matching entries, newest first.
    pub fn audit(&self, scope: &Scope, filter: &AuditFilter, limit: u32) -> Result<Vec<AuditEntry>> {
        let sql = sql!("select id, at, actor_kind, actor_id, actor_label, action, object_kind, object_id, object_name, request_id, address, details
             from audit where tenant_id = ?1 and at = ?2 and id = ?3");
        let mut query = self.db.prepare(sql)?;
        let tenant = scope.tenant.to_string();
        let entry = |(at, id): (i64, String)| Ok(query.query_row((&tenant, at, id), read)?);
        let acts = self.newest_acts(&tenant, filter, limit as usize)?.into_iter().map(entry);
        let acts = acts.collect::<Result<Vec<_>>>()?;
        acts.into_iter().map(|act| self.without_hidden(scope, act)).collect()
    }

    /// Returns an entry without the name and the details of what the caller may not open. What was deleted for good may
    /// have belonged to any dashboard.
    fn without_hidden(&self, scope: &Scope, mut act: AuditEntry) -> Result<AuditEntry> {
        if scope.dashboards.is_unlimited() {
            return Ok(act);
        }
        let is_open = |place: Option<&str>| place.is_some_and(|id| scope.dashboards.shows(Uuid::parse_str(id).ok()));
        let place = match act.object.kind.as_str() {
            "dashboard" => Some(act.object.id.clone()),
            "share" => {
                self.place_of(scope, sql!("select dashboard_id from shares where tenant_id = ?1 and id = ?2"), &act)?
            }
            "widget" | "dataquery" => {
                self.place_of(scope, sql!("select dashboard_id from objects where tenant_id = ?1 and id = ?2"), &act)?
            }
            _ => Some(String::new()),
        };
        if !is_open(place.as_deref()) {
            act.object.name.clear();
            act.details = None;
        }
        // what was changed on a dashboard tells its name
        let from = act.details.as_ref().and_then(|details| details.pointer("/from/dashboardID")?.as_str());
        if !is_open(Some(from.unwrap_or_default())) {
            act.details = None;
        }
        Ok(act)
    }

    fn place_of(&self, scope: &Scope, sql: Sql<'_>, act: &AuditEntry) -> Result<Option<String>> {
        Ok(self.db.prepare(sql)?.query_row((scope.tenant, &act.object.id), |row| row.get(0)).optional()?)
    }

    /// Returns the times and ids of the newest matching entries.
    fn newest_acts(&self, tenant: &str, filter: &AuditFilter, limit: usize) -> Result<Vec<(i64, String)>> {
        // a single bound, because the index would otherwise be scanned from the later one
        let start = filter.before.map_or((END, FIRST.to_owned()), |(at, id)| (at.0, id.to_string()));
        let start = start.min((filter.until.map_or(END, |until| until.0), FIRST.to_owned()));
        let series = self.series(tenant, filter)?;
        let args = filter.rest();
        let text = list_text(series.index, &series.columns, filter.since.is_some());
        let mut query = self.db.prepare(Sql::composed(&text))?;
        let key = |row: &Row<'_>| Ok((row.get(0)?, row.get(1)?));
        let bind = |one: &[String], (at, id): &(i64, String), limit: usize| {
            let head = [tenant.to_owned().into(), (*at).into(), id.clone().into()];
            let values = args.iter().cloned().chain(one.iter().cloned().map(Bound::from));
            head.into_iter().chain(values).chain([signed(limit as u64).into()]).collect::<Vec<Bound>>()
        };
        if let [one] = series.all.as_slice() {
            let found = query.query_map(bind(one, &start, limit).as_slice(), key)?;
            return Ok(found.collect::<SqlResult<_>>()?);
        }
        newest(&series.all, limit, |one: &Vec<String>, before| {
            Ok(query.query_row(bind(one, before.unwrap_or(&start), 1).as_slice(), key).optional()?)
        })
    }

    /// Returns the index, or the table itself, and the ranges in it that contain the matching entries.
    fn series(&self, tenant: &str, filter: &AuditFilter) -> Result<Series> {
        let actor = filter.actor_id.map(|id| id.to_string());
        if let Some(object) = filter.object_id {
            // a record has few entries: filter among them
            let further = [actor.clone(), filter.action.clone(), filter.object_kind.clone()];
            let (mut columns, mut values) = (vec!["object_id"], vec![object.to_string()]);
            for (column, value) in FURTHER.into_iter().zip(further) {
                if let Some(value) = value {
                    columns.push(column);
                    values.push(value);
                }
            }
            return Ok(Series { index: OF_OBJECT, columns, all: vec![values] });
        }
        if actor.is_none() && filter.action.is_none() && filter.object_kind.is_none() {
            return Ok(Series { index: "", columns: Vec::new(), all: vec![Vec::new()] });
        }
        // the entries of each actor and action are in the order of the list
        let mut pairs = self.db.prepare(sql!(
            "select action, actor_id from audit_counts where tenant_id = ?1 and actor_id = coalesce(?2, actor_id)"
        ))?;
        let pairs = pairs.query_map((tenant, &actor), |row| Ok(vec![row.get(0)?, row.get(1)?]))?;
        let pairs = pairs.collect::<SqlResult<Vec<Vec<String>>>>()?;
        Ok(Series {
            index: OF_ACTOR,
            columns: OF_PAIR.to_vec(),
            all: pairs.into_iter().filter(|pair| filter.takes(&pair[0])).collect(),
        })
    }

    /// Returns how many entries match. Counters exist for actors, actions and kinds; filters by time or record count up
    /// to `COUNTED` entries.
    pub fn audit_count(&self, scope: &Scope, filter: &AuditFilter) -> Result<AuditCount> {
        let exact = |total| Ok(AuditCount { total, has_more: false });
        if (AuditFilter { before: None, ..filter.clone() }) == AuditFilter::default() {
            return exact(self.usage(scope.tenant, UsageKind::Audit)?.rows);
        }
        let tenant = scope.tenant.to_string();
        if filter.is_counted() {
            let mut query = self.db.prepare(sql!("select action, cast(sum(count) as bigint) from audit_counts where tenant_id = ?1 and actor_id = coalesce(?2, actor_id) \
                 group by action"))?;
            let actor = filter.actor_id.map(|id| id.to_string());
            let counts = query.query_map((&tenant, actor), |row| Ok((row.get(0)?, row.get(1)?)))?;
            let counts = counts.collect::<SqlResult<Vec<(String, u64)>>>()?;
            return exact(counts.iter().filter(|(action, _)| filter.takes(action)).map(|(_, count)| count).sum());
        }
        let series = self.series(&tenant, filter)?;
        let args = filter.rest();
        let text = count_text(series.index, &series.columns, filter.since.is_some());
        let mut query = self.db.prepare(Sql::composed(&text))?;
        let (until, mut total) = (filter.until.map_or(END, |until| until.0), 0);
        for one in &series.all {
            let left = COUNTED + 1 - total;
            let head = [tenant.clone().into(), until.into(), signed(left).into()];
            let args: Vec<Bound> =
                head.into_iter().chain(args.iter().cloned()).chain(one.iter().cloned().map(Bound::from)).collect();
            total += query.query_row(args.as_slice(), |row| row.get::<u64>(0))?;
        }
        Ok(AuditCount { total: total.min(COUNTED), has_more: total > COUNTED })
    }
}

/// An index and ranges in it, each given by the values of some columns.
struct Series {
    index: &'static str,
    columns: Vec<&'static str>,
    all: Vec<Vec<String>>,
}

const OF_OBJECT: &str = " indexed by audit_object";
const OF_ACTOR: &str = " indexed by audit_actor";
/// The columns that may be filtered among the entries of a record, and those of a series of an actor and an action.
const FURTHER: [&str; 3] = ["actor_id", "action", "object_kind"];
const OF_PAIR: [&str; 2] = ["action", "actor_id"];

/// Returns the index and the conditions of a range, and the number of the parameter after them. ?1 is the tenant; ?2 and
/// ?3 are left to the caller; the start of the period, if there is one, is ?4.
fn place(index: &str, columns: &[&str], is_since: bool) -> (String, usize) {
    let next = if is_since { 5 } else { 4 };
    let mut place = format!("{index} where tenant_id = ?1{}", if is_since { " and at >= ?4" } else { "" });
    for (at, column) in columns.iter().enumerate() {
        let _ = write!(place, " and {column} = ?{}", next + at);
    }
    (place, next + columns.len())
}

/// Returns the statement for the newest entries of a range before a time and an ID.
fn list_text(index: &str, columns: &[&str], is_since: bool) -> String {
    let (place, limit) = place(index, columns, is_since);
    format!("select at, id from audit{place} and (at, id) < (?2, ?3) order by at desc, id desc limit ?{limit}")
}

/// Returns the statement that counts the entries of a range before a time, up to a limit.
fn count_text(index: &str, columns: &[&str], is_since: bool) -> String {
    let (place, _) = place(index, columns, is_since);
    format!("select count(*) from (select 1 from audit{place} and at < ?2 limit ?3) as found")
}

/// Returns every statement that is put together here.
pub fn texts() -> Vec<String> {
    let mut places = vec![("", Vec::new()), (OF_ACTOR, OF_PAIR.to_vec())];
    for chosen in 0..1 << FURTHER.len() {
        let further = FURTHER.into_iter().enumerate().filter(|(at, _)| chosen >> at & 1 == 1);
        places.push((OF_OBJECT, ["object_id"].into_iter().chain(further.map(|(_, column)| column)).collect()));
    }
    let both = |(index, columns): (&str, Vec<&str>)| {
        [false, true].map(|since| [list_text(index, &columns, since), count_text(index, &columns, since)])
    };
    places.into_iter().flat_map(both).flatten().collect()
}

fn read(row: &Row<'_>) -> SqlResult<AuditEntry> {
    Ok(AuditEntry {
        id: column::id(row, 0)?,
        at: column::time(row, 1)?,
        actor: AuditActor { kind: row.get(2)?, id: row.get(3)?, label: row.get(4)? },
        action: row.get(5)?,
        object: AuditObject { kind: row.get(6)?, id: row.get(7)?, name: row.get(8)? },
        request_id: row.get(9)?,
        ip: row.get(10)?,
        details: row.get::<Option<String>>(11)?.and_then(|text| serde_json::from_str(&text).ok()),
    })
}
