//! Creates, reads and updates records of every kind. Each write adds a version and an entry of the audit log.
use super::{belonging::key_of, versions::version_size};
use crate::{
    Error, Result,
    model::{Expected, Label, Link, Record, Resource, Scope, Unread},
    quota::UsageKind,
    store::{
        ListPart, Page, Paged, Sort, SortKey, Tx,
        database::{
            column::{self, signed},
            page::{Cursor, like_pattern},
        },
        hidden::{Hidden, OF_DASHBOARDS, OF_PARTS, count_text},
        sql::{OptionalExtension, Row, Sql, SqlError, SqlResult, Value, sql},
        usage::row,
    },
};
use std::fmt::Write as _;
use uuid::Uuid;

const COLUMNS: &str = "id, name, description, spec, created_at, updated_at, created_by, version";

impl Tx<'_> {
    /// Returns a page of the records of a kind, with unparsed specs.
    pub fn list<R: Resource>(&self, scope: &Scope, page: &Page) -> Result<Paged<Unread>> {
        let tenant = scope.tenant.to_string();
        let hidden = Hidden::of::<R>(scope);
        let total = self.count_listed::<R>(&tenant, page, hidden.as_ref())?;
        let mut args: Vec<Value> = vec![tenant.into(), R::KIND.name().to_owned().into(), (page.limit + 1).into()];
        args.extend(page.q.as_deref().map(|q| like_pattern(q).into()));
        args.extend(page.part.map(|part| part.key().into()));
        args.extend(hidden.as_ref().map(|hidden| hidden.ids.clone().into()));
        if let Some(cursor) = &page.cursor {
            let cursor = Cursor::read(cursor, page.sort)?;
            args.extend([cursor.key(), cursor.id().to_string().into()]);
        }
        let text = list_text(
            page.sort,
            page.q.is_some(),
            page.part,
            hidden.map(|hidden| hidden.column),
            page.cursor.is_some(),
        );
        let mut query = self.db.prepare(Sql::composed(&text))?;
        let rows = query.query_map(args.as_slice(), read)?;
        let (items, more) = page.fill(rows.map(|raw| raw.map(|raw| (raw.spec.len(), raw))))?;
        let next_cursor = items.last().filter(|_| more).map(|last| Cursor::of(page.sort, last));
        Ok(Paged { items, next_cursor, total })
    }

    /// Returns all records of a kind by name. Use it only for kinds with a limit.
    pub fn all<R: Resource>(&self, scope: &Scope) -> Result<Vec<Record<R>>> {
        let sql = sql!("select ", COLUMNS, " from objects where tenant_id = ?1 and kind = ?2 order by name");
        let mut query = self.db.prepare(sql)?;
        let rows = query.query_map((scope.tenant, R::KIND.name()), read)?;
        rows.map(|raw| raw?.parse()).collect()
    }

    pub fn find<R: Resource>(&self, scope: &Scope, id: Uuid) -> Result<Record<R>> {
        self.find_unread::<R>(scope, id)?.parse()
    }

    /// Finds a record without parsing its spec, which takes long for a large one.
    pub fn find_unread<R: Resource>(&self, scope: &Scope, id: Uuid) -> Result<Unread> {
        let sql = sql!("select ", COLUMNS, " from objects where tenant_id = ?1 and id = ?2 and kind = ?3");
        self.db
            .prepare(sql)?
            .query_row((scope.tenant, id, R::KIND.name()), read)
            .optional()?
            .filter(|_| self.is_open::<R>(scope, id))
            .ok_or(Error::NotFound(R::KIND.label))
    }

    /// Returns the record with this name in the library, if any.
    pub fn find_named<R: Resource>(&self, scope: &Scope, name: &str) -> Result<Option<Record<R>>> {
        let sql = sql!(
            "select ",
            COLUMNS,
            " from objects where tenant_id = ?1 and kind = ?2 and dashboard_id = '' and name = ?3"
        );
        let raw = self.db.prepare(sql)?.query_row((scope.tenant, R::KIND.name(), name), read).optional()?;
        raw.filter(|raw| self.is_open::<R>(scope, raw.id)).map(Unread::parse).transpose()
    }

    /// Creates a record. The caller has checked the spec, because that takes longer than writing it.
    ///
    /// # Errors
    /// `Conflict` if the name is taken or too many records belong to the dashboard; `QuotaExceeded` and `Unavailable`
    /// as in [`Tx::update`]; those of [`Tx::connect`].
    pub fn insert<R: Resource>(&self, scope: &Scope, id: Uuid, label: Label, spec: R) -> Result<Record<R>> {
        let record = self.place(scope, id, label, spec)?;
        self.connect(scope, &record)?;
        Ok(record)
    }

    /// Creates a record without its links: [`Tx::connect`] must follow, once the records that it links to exist.
    ///
    /// # Errors
    /// As in [`Tx::insert`].
    pub fn place<R: Resource>(&self, scope: &Scope, id: Uuid, label: Label, spec: R) -> Result<Record<R>> {
        spec.check_name(&label.name)?;
        self.check_room::<R>(scope)?;
        self.check_room_on_dashboard(scope, &spec, false)?;
        let text = serde_json::to_string(&spec)?;
        let bytes = record_size(&label, &text);
        self.check_growth(scope, bytes)?;
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
            .prepare(sql!("insert into objects (tenant_id, id, kind, name, description, search, spec, created_at, updated_at, created_by, version, versions_bytes, dashboard_id)
                 values (?1, ?2, ?3, ?4, ?5, ?6, ?7, ?8, ?8, ?9, ?10, ?11, ?12)"))?
            .execute((
                scope.tenant,
                id,
                R::KIND.name(),
                &record.label.name,
                &record.label.description,
                search_text(&record.label),
                &text,
                scope.now.0,
                record.created_by,
                record.version,
                version_size(&record.label, &text),
                key_of(record.spec.dashboard()),
            ))
            .map_err(|error| name_taken::<R>(error, &record.label))?;
        self.change_count(&scope.tenant.to_string(), R::KIND.name(), 1);
        self.count_usage(scope.tenant, UsageKind::Records, signed(bytes), 1)?;
        self.after_write(scope, &record, &text, "create")?;
        Ok(record)
    }

    /// Replaces a record by the result of `change`, which the caller has checked, because that takes longer than writing
    /// it. Writes nothing if the result is the same.
    ///
    /// # Errors
    /// `VersionConflict` if the current version is not `expected`; `QuotaExceeded` if the record would grow beyond the
    /// tenant's quota; `Unavailable` while the disk is almost full.
    pub fn update<R: Resource>(
        &self,
        scope: &Scope,
        id: Uuid,
        expected: impl Into<Expected>,
        change: impl FnOnce(&Record<R>) -> Result<(Label, R)>,
    ) -> Result<Record<R>> {
        self.replace(scope, id, expected, change, true)
    }

    pub(in crate::store) fn replace<R: Resource>(
        &self,
        scope: &Scope,
        id: Uuid,
        expected: impl Into<Expected>,
        change: impl FnOnce(&Record<R>) -> Result<(Label, R)>,
        is_limited: bool,
    ) -> Result<Record<R>> {
        let old = self.find::<R>(scope, id)?;
        expected.into().check(old.version)?;
        let (label, spec) = change(&old)?;
        let version = old.version;
        let record = self.rewrite(scope, old, label, spec, is_limited)?;
        if record.version != version {
            self.connect(scope, &record)?;
        }
        Ok(record)
    }

    /// Replaces a record, but not its links: [`Tx::connect`] must follow, once the records that it links to exist.
    /// Writes nothing if nothing changes, also in what belongs to a dashboard. A record that moves to the library takes
    /// the records that it uses with it.
    ///
    /// # Errors
    /// As in [`Tx::update`].
    pub fn rewrite<R: Resource>(
        &self,
        scope: &Scope,
        old: Record<R>,
        label: Label,
        spec: R,
        is_limited: bool,
    ) -> Result<Record<R>> {
        let id = old.id;
        spec.check_name(&label.name)?;
        let text = serde_json::to_string(&spec)?;
        let old_text = serde_json::to_string(&old.spec)?;
        if label == old.label && text == old_text && !self.have_parts_changed(scope, &old)? {
            return Ok(old);
        }
        let (bytes, before) = (record_size(&label, &text), record_size(&old.label, &old_text));
        if is_limited {
            self.check_growth(scope, bytes.saturating_sub(before))?;
        }
        if spec.dashboard() != old.spec.dashboard() {
            self.check_room_on_dashboard(scope, &spec, false)?;
        }
        self.move_along(scope, old.spec.dashboard(), &spec)?;
        let old_version = old.version;
        let record = Record { label, spec, updated_at: scope.now.max(old.updated_at), version: old_version + 1, ..old };
        let version = version_size(&record.label, &text);
        let freed = self.make_room_for_version(scope, id, record.version, version)?;
        let replaced = self.db
            .prepare(sql!("update objects set name = ?3, description = ?4, search = ?5, spec = ?6, updated_at = ?7, version = ?8, versions_bytes = versions_bytes + ?9, dashboard_id = ?10
                 where tenant_id = ?1 and id = ?2 and version = ?11"))?
            .execute((
                scope.tenant,
                id,
                &record.label.name,
                &record.label.description,
                search_text(&record.label),
                &text,
                record.updated_at.0,
                record.version,
                signed(version) - signed(freed),
                key_of(record.spec.dashboard()),
                old_version,
            ))
            .map_err(|error| name_taken::<R>(error, &record.label))?;
        self.check_replaced(scope, id, replaced)?;
        self.count_usage(scope.tenant, UsageKind::Records, signed(bytes) - signed(before), 0)?;
        self.after_write(scope, &record, &text, "update")?;
        Ok(record)
    }

    /// Refuses a change of a record whose version was no longer the one that was changed: no row was replaced.
    pub(super) fn check_replaced(&self, scope: &Scope, id: Uuid, replaced: usize) -> Result<()> {
        if replaced > 0 {
            return Ok(());
        }
        let mut query = self.db.prepare(sql!("select version from objects where tenant_id = ?1 and id = ?2"))?;
        let current = query.query_row((scope.tenant, id), |row| row.get(0)).optional()?;
        Err(Error::VersionConflict { current: current.ok_or(Error::NotFound("record"))?, record: None })
    }

    pub(super) fn save_links(&self, scope: &Scope, id: Uuid, links: &[Link]) -> Result<()> {
        let delete = sql!("delete from links where tenant_id = ?1 and source_id = ?2");
        self.db.prepare(delete)?.execute((scope.tenant, id))?;
        self.add_links(scope, id, links)
    }

    fn add_links(&self, scope: &Scope, id: Uuid, links: &[Link]) -> Result<()> {
        let mut insert = self.db.prepare(sql!(
            "insert into links (tenant_id, source_id, target_id) values (?1, ?2, ?3) on conflict do nothing"
        ))?;
        insert.send_all(links.iter().map(|link| (scope.tenant, id, link.id)))?;
        Ok(())
    }
}

/// Returns the statement for a page of a list. Its parameters are the tenant, the kind and the limit, then the pattern of
/// the search, the key of the part, the hidden dashboards, and the place in the order, as far as the page has them.
fn list_text(sort: Sort, is_search: bool, part: Option<ListPart>, hidden: Option<&str>, is_further: bool) -> String {
    let column = sort.key.column();
    let (order, beyond) = if sort.descending { ("desc", "<") } else { ("asc", ">") };
    let (mut filter, mut last) = (String::new(), 3);
    if is_search {
        last += 1;
        let _ = write!(filter, " and search like ?{last} escape '\\'");
    }
    if let Some(part) = part {
        last += 1;
        let _ = write!(filter, " and {}", part.condition(last));
    }
    if let Some(column) = hidden {
        last += 1;
        let _ = write!(filter, " and {}", Hidden::condition(column, last));
    }
    if is_further {
        let _ = write!(filter, " and ({column}, id) {beyond} (?{}, ?{})", last + 1, last + 2);
    }
    format!(
        "select {COLUMNS} from objects where tenant_id = ?1 and kind = ?2{filter}
         order by {column} {order}, id {order} limit ?3"
    )
}

/// Returns every statement for a page of a list, and for the number of its records.
pub fn list_texts() -> Vec<String> {
    let mut texts = Vec::new();
    for part in [None, Some(ListPart::Library), Some(ListPart::Dashboard(Uuid::nil()))] {
        for key in [SortKey::Name, SortKey::CreatedAt, SortKey::UpdatedAt] {
            for [descending, is_search, is_further] in BOOLEANS {
                for hidden in [None, Some(OF_DASHBOARDS), Some(OF_PARTS)] {
                    texts.push(list_text(Sort { key, descending }, is_search, part, hidden, is_further));
                }
            }
        }
        for hidden in [OF_DASHBOARDS, OF_PARTS] {
            texts.extend([false, true].map(|is_search| count_text(hidden, is_search, part)));
        }
    }
    texts
}

/// Every combination of three.
const BOOLEANS: [[bool; 3]; 8] = [
    [false, false, false],
    [false, false, true],
    [false, true, false],
    [false, true, true],
    [true, false, false],
    [true, false, true],
    [true, true, false],
    [true, true, true],
];

fn read(row: &Row<'_>) -> SqlResult<Unread> {
    Ok(Unread {
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

fn name_taken<R: Resource>(error: SqlError, label: &Label) -> Error {
    if error.is_duplicate() {
        return Error::conflict(format!("there is already a {} named \"{}\"", R::KIND.label, label.name));
    }
    error.into()
}

/// Returns the size of a record in the database.
fn record_size(label: &Label, spec: &str) -> u64 {
    row::RECORD + (label.name.len() + label.description.len() + spec.len()) as u64
}

fn search_text(label: &Label) -> String {
    format!("{}\n{}", label.name, label.description).to_lowercase()
}
