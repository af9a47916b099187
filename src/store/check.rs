//! Looks at the databases of a data directory without changing them.
use super::{
    Sealer, column, explain,
    look::{self, Access, Look},
    migrate,
    triggers::token_context,
};
use crate::{
    Error, Result,
    clock::Time,
    data_dir::Paths,
    model::{Datasource, File, Resource, Variable},
    quota::UsageKind,
};
use rusqlite::Connection;
use serde::de::DeserializeOwned;
use std::{
    collections::{BTreeMap, HashMap},
    path::{Path, PathBuf},
};
use uuid::Uuid;

/// How many faults of one database are named.
const NAMED: usize = 5;

/// What a tenant has in both databases.
pub struct Stored {
    pub tenant: Uuid,
    pub name: String,
    pub kinds: BTreeMap<UsageKind, u64>,
}

/// A database that is open for looking.
pub struct Examined {
    path: PathBuf,
    db: Look,
}

impl Examined {
    /// The database at `path`; `None` when there is none.
    ///
    /// # Errors
    /// `Conflict` when it cannot be read.
    pub fn open(path: &Path, access: Access) -> Result<Option<Self>> {
        match path.metadata() {
            Ok(about) if about.is_dir() || about.len() > 0 => {
                Ok(Some(Self { path: path.to_path_buf(), db: look::open(path, access)? }))
            }
            _ => Ok(None),
        }
    }

    /// The schema version and size, when every page, index and reference is sound.
    ///
    /// # Errors
    /// `Conflict`, with the first faults.
    pub fn soundness(&self, newest: usize) -> Result<String> {
        let path = self.path.display();
        let explained = |error| explain::file(&self.path, &error);
        let mut faults = lines(&self.db, &format!("pragma integrity_check({NAMED})")).map_err(explained)?;
        faults.retain(|fault| fault != "ok");
        if !faults.is_empty() {
            let faults = faults.join("; ");
            return Err(Error::conflict(format!(
                "{path} is damaged ({faults}): restore a backup with `jet-admin restore`"
            )));
        }
        let dangling = lines(&self.db, "select \"table\" from pragma_foreign_key_check").map_err(explained)?;
        if let Some(table) = dangling.first() {
            let count = dangling.len();
            return Err(Error::conflict(format!(
                "{path} is damaged ({count} rows, the first in {table}, refer to rows that are not there): restore a backup"
            )));
        }
        let schema = migrate::version(&self.db, newest, &self.path)?;
        Ok(format!("sound, schema {schema}, {} KiB", self.path.metadata()?.len() / 1024))
    }

    /// Rows of one kind of object: tenant, id, name and spec. Specs that this version cannot read are left out.
    fn objects<R: Resource + DeserializeOwned>(&self, mut take: impl FnMut(Uuid, Uuid, String, R)) -> Result<()> {
        let mut query = self.db.prepare("select tenant_id, id, name, spec from objects where kind = ?1")?;
        let mut rows = query.query([R::KIND.name])?;
        while let Some(row) = rows.next()? {
            if let Ok(spec) = column::json(row, 3) {
                take(column::id(row, 0)?, column::id(row, 1)?, row.get(2)?, spec);
            }
        }
        Ok(())
    }

    /// Every uploaded file: tenant, id, name and description.
    pub fn each_file(&self, take: impl FnMut(Uuid, Uuid, String, File)) -> Result<()> {
        self.objects(take)
    }

    pub fn each_datasource(&self, take: impl FnMut(Uuid, Uuid, String, Datasource)) -> Result<()> {
        self.objects(take)
    }

    pub fn each_variable(&self, take: impl FnMut(Uuid, Uuid, String, Variable)) -> Result<()> {
        self.objects(take)
    }

    /// How many addresses of webhooks there are, and how many do not open with this key.
    pub fn webhooks(&self, sealer: &Sealer) -> Result<(u64, u64)> {
        let sql = "select tenant_id, workflow_id, id, token_sealed from triggers where token_sealed is not null";
        let mut query = self.db.prepare(sql)?;
        let mut rows = query.query(())?;
        let (mut all, mut closed) = (0, 0);
        while let Some(row) = rows.next()? {
            let (trigger, token): (String, String) = (row.get(2)?, row.get(3)?);
            let context = token_context(column::id(row, 0)?, column::id(row, 1)?, &trigger);
            all += 1;
            closed += u64::from(sealer.open(&token, &context).is_err());
        }
        Ok((all, closed))
    }

    /// What every tenant has stored, as the databases count it.
    ///
    /// # Errors
    /// When a file does not count yet.
    pub fn stored(&self, runs: &Self) -> Result<Vec<Stored>> {
        let mut all: HashMap<Uuid, Stored> = HashMap::new();
        let mut query = self.db.prepare("select id, name from tenants")?;
        for row in query.query_map((), |row| Ok((column::id(row, 0)?, row.get(1)?)))? {
            let (tenant, name) = row?;
            all.insert(tenant, Stored { tenant, name, kinds: BTreeMap::new() });
        }
        for db in [&self.db, &runs.db] {
            let mut query = db.prepare("select tenant_id, kind, bytes from usage")?;
            let rows = query.query_map((), |row| {
                Ok((column::id(row, 0)?, UsageKind::parse(row.get_ref(1)?.as_str()?), row.get::<_, u64>(2)?))
            })?;
            for row in rows {
                let (tenant, kind, bytes) = row?;
                if let (Some(stored), Some(kind)) = (all.get_mut(&tenant), kind) {
                    stored.kinds.insert(kind, bytes);
                }
            }
        }
        Ok(all.into_values().collect())
    }

    /// Tenants that have runs or query history in `runs` and are not in this workspace, neither alive nor deleted.
    ///
    /// # Errors
    /// When a file cannot be read.
    pub fn unknown_tenants(&self, runs: &Self) -> Result<Vec<String>> {
        let known = "select 1 from tenants where id = ?1 union all select 1 from deleted_tenants where id = ?1";
        let mut known = self.db.prepare(known)?;
        let mut unknown = Vec::new();
        let all = "select distinct tenant_id from instances union select distinct tenant_id from query_runs";
        for tenant in lines(&runs.db, all)? {
            if !known.exists([&tenant])? {
                unknown.push(tenant);
            }
        }
        Ok(unknown)
    }

    fn count(&self, sql: &str, since: Time) -> Result<u64> {
        Ok(self.db.query_row(sql, [since.0], |row| row.get(0))?)
    }
}

fn lines(db: &Connection, sql: &str) -> rusqlite::Result<Vec<String>> {
    db.prepare(sql)?.query_map((), |row| row.get(0))?.collect()
}

/// What was written since a moment: how many of what.
///
/// # Errors
/// When a database cannot be read.
pub fn since(paths: &Paths, at: Time) -> Result<Vec<(u64, &'static str)>> {
    let mut found = Vec::new();
    let workspace = [
        ("select count(*) from objects where updated_at > ?1", "records that were created or changed"),
        (
            "select count(*) from objects where kind = 'file' and updated_at > ?1",
            "of them uploaded files, whose content stays as it is",
        ),
        ("select count(*) from audit where at > ?1", "entries of the audit log"),
        ("select count(*) from users where created_at > ?1", "accounts"),
    ];
    let runs = [
        ("select count(*) from instances where created_at > ?1", "runs of workflows"),
        ("select count(*) from query_runs where at > ?1", "executions of queries"),
    ];
    for (path, counts) in [(paths.workspace_db(), &workspace[..]), (paths.runs_db(), &runs[..])] {
        if let Some(examined) = Examined::open(&path, Access::Owned)? {
            for (sql, what) in counts {
                found.push((examined.count(sql, at)?, *what));
            }
        }
    }
    Ok(found)
}

/// Whether another program's database is sound.
///
/// # Errors
/// `Conflict`, with the first fault.
pub fn foreign_database(path: &Path, access: Access) -> Result<()> {
    let db = look::open(path, access)?;
    let found = lines(&db, "pragma quick_check(1)").map_err(|error| explain::file(path, &error))?;
    match found.first().map(String::as_str) {
        Some("ok") => Ok(()),
        fault => Err(Error::conflict(format!("{} is damaged ({})", path.display(), fault.unwrap_or("unreadable")))),
    }
}
