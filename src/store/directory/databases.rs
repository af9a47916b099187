//! Checks the databases of a data directory without changing them.
use super::look::{self, Access, ReadOnlyDatabase};
use crate::{
    Error, Result,
    clock::Time,
    data_dir::Paths,
    model::{Datasource, File, Resource, Variable},
    quota::UsageKind,
    store::{
        Sealer,
        database::{column, errors},
        migrations,
        records::triggers::token_context,
        sql::{self, Sql, SqlResult},
    },
};
use rusqlite::Connection;
use serde::de::DeserializeOwned;
use std::{
    collections::{BTreeMap, HashMap},
    path::{Path, PathBuf},
};
use uuid::Uuid;

/// The most faults of a database that are listed.
const NAMED: usize = 5;

/// What a tenant stores in both databases.
pub struct Stored {
    pub tenant: Uuid,
    pub name: String,
    pub kinds: BTreeMap<UsageKind, u64>,
}

/// Returns what every tenant stores, according to counters: each query finds tenants, kinds and bytes.
pub(in crate::store) fn stored(
    workspace: sql::Connection<'_>,
    counters: &[(sql::Connection<'_>, &str)],
) -> SqlResult<Vec<Stored>> {
    let mut all: HashMap<Uuid, Stored> = HashMap::new();
    let mut query = workspace.prepare(Sql::composed("select id, name from tenants"))?;
    for row in query.query_map((), |row| Ok((column::id(row, 0)?, row.get(1)?)))? {
        let (tenant, name) = row?;
        all.insert(tenant, Stored { tenant, name, kinds: BTreeMap::new() });
    }
    for (db, counter) in counters {
        let mut query = db.prepare(Sql::composed(counter))?;
        let rows =
            query.query_map((), |row| Ok((column::id(row, 0)?, UsageKind::parse(row.text(1)?), row.get::<u64>(2)?)))?;
        for row in rows {
            let (tenant, kind, bytes) = row?;
            if let (Some(stored), Some(kind)) = (all.get_mut(&tenant), kind) {
                stored.kinds.insert(kind, bytes);
            }
        }
    }
    Ok(all.into_values().collect())
}

/// A database that is opened read-only for checks.
pub struct Examined {
    path: PathBuf,
    db: ReadOnlyDatabase,
}

impl Examined {
    /// Opens the database at `path`; `None` if the file does not exist or is empty.
    ///
    /// # Errors
    /// `Conflict` if it cannot be read.
    pub fn open(path: &Path, access: Access) -> Result<Option<Self>> {
        match path.metadata() {
            Ok(about) if about.is_dir() || about.len() > 0 => {
                Ok(Some(Self { path: path.to_path_buf(), db: look::open(path, access)? }))
            }
            _ => Ok(None),
        }
    }

    fn connection(&self) -> sql::Connection<'_> {
        sql::Connection::of(&self.db)
    }

    /// Checks every page, index and reference. Returns the schema version and the size as text.
    ///
    /// # Errors
    /// `Conflict`, with the first faults.
    pub fn soundness(&self, newest: usize) -> Result<String> {
        let path = self.path.display();
        let explained = |error| errors::explain(&self.path, &error);
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
                "{path} is damaged ({count} rows, the first in {table}, refer to missing rows): restore a backup"
            )));
        }
        let schema = migrations::version(&self.db, newest, &self.path)?;
        let upgrade = if schema < newest { ", which the next start upgrades" } else { "" };
        Ok(format!("sound, schema {schema}{upgrade}, {} KiB", self.path.metadata()?.len() / 1024))
    }

    /// Returns whether the database has the schema of this version of jet-admin.
    pub fn is_current(&self, newest: usize) -> bool {
        migrations::version(&self.db, newest, &self.path).is_ok_and(|schema| schema == newest)
    }

    /// Returns the records of the workspace.
    pub fn records(&self) -> ExaminedRecords<'_> {
        ExaminedRecords(self.connection())
    }

    /// Returns what every tenant stores, according to the usage counters.
    ///
    /// # Errors
    /// If a database of an older version has no usage counters.
    pub fn stored(&self, runs: &Self) -> Result<Vec<Stored>> {
        let counters = "select tenant_id, kind, bytes from usage";
        Ok(stored(self.connection(), &[(self.connection(), counters), (runs.connection(), counters)])?)
    }

    /// Returns the tenants with runs or query history in `runs` that this workspace does not know, not even as deleted.
    ///
    /// # Errors
    /// If a database cannot be read.
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

/// The records of a workspace, in a file or on a server.
#[derive(Clone, Copy)]
pub struct ExaminedRecords<'c>(pub(in crate::store) sql::Connection<'c>);

impl ExaminedRecords<'_> {
    /// Passes each record of a kind to `take`: tenant, id, name and spec. Skips specs that this version cannot read.
    fn objects<R: Resource + DeserializeOwned>(self, take: impl FnMut(Uuid, Uuid, String, R)) -> Result<()> {
        self.rows(R::KIND.name(), take)
    }

    fn rows<R: DeserializeOwned>(self, kind: &str, mut take: impl FnMut(Uuid, Uuid, String, R)) -> Result<()> {
        let sql = Sql::composed("select tenant_id, id, name, spec from objects where kind = ?1");
        let mut query = self.0.prepare(sql)?;
        let mut rows = query.query([kind])?;
        while let Some(row) = rows.next()? {
            if let Ok(spec) = column::json(&row, 3) {
                take(column::id(&row, 0)?, column::id(&row, 1)?, row.get(2)?, spec);
            }
        }
        Ok(())
    }

    /// Passes each uploaded file, also in the trash, to `take`: tenant, id, name and metadata.
    pub fn each_file(self, mut take: impl FnMut(Uuid, Uuid, String, File)) -> Result<()> {
        self.objects(&mut take)?;
        self.rows(&format!("trash/{}", File::KIND.name()), take)
    }

    pub fn each_datasource(self, take: impl FnMut(Uuid, Uuid, String, Datasource)) -> Result<()> {
        self.objects(take)
    }

    pub fn each_variable(self, take: impl FnMut(Uuid, Uuid, String, Variable)) -> Result<()> {
        self.objects(take)
    }

    /// Counts the tokens of webhooks, and those that cannot be decrypted with this key.
    pub fn webhooks(self, sealer: &Sealer) -> Result<(u64, u64)> {
        let sql = "select tenant_id, workflow_id, id, token_sealed from triggers where token_sealed is not null";
        let mut query = self.0.prepare(Sql::composed(sql))?;
        let mut rows = query.query(())?;
        let (mut all, mut closed) = (0, 0);
        while let Some(row) = rows.next()? {
            let (trigger, token): (String, String) = (row.get(2)?, row.get(3)?);
            let context = token_context(column::id(&row, 0)?, column::id(&row, 1)?, &trigger);
            all += 1;
            closed += u64::from(sealer.open(&token, &context).is_err());
        }
        Ok((all, closed))
    }
}

fn lines(db: &Connection, sql: &str) -> rusqlite::Result<Vec<String>> {
    db.prepare(sql)?.query_map((), |row| row.get(0))?.collect()
}

/// Counts what was written since a time, by description.
///
/// # Errors
/// If a database cannot be read.
pub fn since(paths: &Paths, at: Time) -> Result<Vec<(u64, &'static str)>> {
    let mut found = Vec::new();
    let workspace = [
        ("select count(*) from objects where updated_at > ?1", "records that were created or changed"),
        (
            "select count(*) from objects where kind = 'file' and updated_at > ?1",
            "uploaded files among them, whose content is kept",
        ),
        ("select count(*) from audit where at > ?1", "audit log entries"),
        ("select count(*) from users where created_at > ?1", "accounts"),
    ];
    let runs = [
        ("select count(*) from instances where created_at > ?1", "workflow runs"),
        ("select count(*) from query_runs where at > ?1", "query executions"),
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

/// Checks a database that belongs to another program.
///
/// # Errors
/// `Conflict`, with the first fault.
pub fn foreign_database(path: &Path, access: Access) -> Result<()> {
    let db = look::open(path, access)?;
    let found = lines(&db, "pragma quick_check(1)").map_err(|error| errors::explain(path, &error))?;
    match found.first().map(String::as_str) {
        Some("ok") => Ok(()),
        fault => Err(Error::conflict(format!("{} is damaged ({})", path.display(), fault.unwrap_or("unreadable")))),
    }
}
