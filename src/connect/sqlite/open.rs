//! Opening a file: inside its folder, with no way out of it.
use super::{Database, LENGTH, Open, said};
use crate::{Error, Result};
use rusqlite::{
    Connection, OpenFlags,
    config::DbConfig,
    hooks::{AuthAction, AuthContext, Authorization},
    limits::Limit,
};
use std::{
    collections::HashMap,
    fs,
    path::{Path, PathBuf},
    sync::{
        Arc,
        atomic::{AtomicBool, Ordering},
    },
    time::Duration,
};

/// Steps of the database's machine between two looks at whether to stop.
const STEPS: i32 = 10_000;

impl Open {
    /// From now on, statements end soon after `stop` is set.
    pub fn heed(&mut self, stop: Arc<AtomicBool>) -> Result<()> {
        let stops = move || stop.load(Ordering::Relaxed);
        self.connection.progress_handler(STEPS, Some(stops)).map_err(Error::internal)
    }
}

impl Database {
    /// A new connection.
    pub fn open(&self) -> Result<Open> {
        let path = self.place()?;
        let mut flags = OpenFlags::SQLITE_OPEN_NO_MUTEX | OpenFlags::SQLITE_OPEN_NOFOLLOW;
        flags |= if self.read_only {
            OpenFlags::SQLITE_OPEN_READ_ONLY
        } else {
            OpenFlags::SQLITE_OPEN_READ_WRITE | OpenFlags::SQLITE_OPEN_CREATE
        };
        let mut connection = Connection::open_with_flags(path, flags).map_err(|error| said(&error, None))?;
        self.restrict(&mut connection).map_err(|error| said(&error, None))?;
        Ok(Open { connection, columns: HashMap::new() })
    }

    fn restrict(&self, connection: &mut Connection) -> rusqlite::Result<()> {
        connection.busy_timeout(Duration::from_secs(5))?;
        connection.pragma_update(None, "foreign_keys", true)?;
        connection.pragma_update(None, "query_only", self.read_only)?;
        connection.pragma_update(None, "cell_size_check", true)?;
        connection.set_db_config(DbConfig::SQLITE_DBCONFIG_DEFENSIVE, true)?;
        connection.set_db_config(DbConfig::SQLITE_DBCONFIG_TRUSTED_SCHEMA, false)?;
        connection.set_limit(Limit::SQLITE_LIMIT_LENGTH, LENGTH)?;
        connection.set_limit(Limit::SQLITE_LIMIT_ATTACHED, 0)?;
        connection.authorizer(Some(authorize))
    }

    /// The real path, after every link has been followed: inside the tenant's folder or one that is open to all.
    fn place(&self) -> Result<PathBuf> {
        let missing = || {
            let folders =
                if self.path.is_absolute() { "the folders that the operator has opened" } else { "its folder" };
            Error::datasource(format!("there is no file {} in {folders}", self.path.display()))
        };
        if !self.read_only && !self.path.is_absolute() {
            // a tenant's folder is made with its first file
            fs::create_dir_all(&self.files.own)?;
        }
        let own = [self.files.own.clone()];
        let roots = if self.path.is_absolute() { self.files.shared.as_slice() } else { &own };
        let inside = roots.iter().find_map(|root| self.inside(&root.canonicalize().ok()?));
        inside.filter(|real| !real.is_dir()).ok_or_else(missing)
    }

    /// The file below `root`, if it is there or may be made there.
    fn inside(&self, root: &Path) -> Option<PathBuf> {
        let whole = root.join(&self.path);
        let real = match whole.canonicalize() {
            Ok(real) => real,
            Err(_) if self.read_only => return None,
            Err(_) => whole.parent()?.canonicalize().ok()?.join(whole.file_name()?),
        };
        real.starts_with(root).then_some(real)
    }
}

/// Sets or lifts the guard over what statements may do: only our own transactions are begun and ended without it.
pub(super) fn guard(connection: &mut Connection, on: bool) -> Result<()> {
    let guard: Option<fn(AuthContext<'_>) -> Authorization> = if on { Some(authorize) } else { None };
    connection.authorizer(guard).map_err(|error| said(&error, None))
}

/// What a statement may do: nothing that reaches another file or outlives it on the connection.
fn authorize(context: AuthContext<'_>) -> Authorization {
    const PRAGMAS: [&str; 13] = [
        "table_info",
        "table_xinfo",
        "table_list",
        "index_list",
        "index_info",
        "index_xinfo",
        "foreign_key_list",
        "user_version",
        "page_count",
        "page_size",
        "freelist_count",
        "encoding",
        "data_version",
    ];
    const FUNCTIONS: [&str; 3] = ["load_extension", "fts3_tokenizer", "edit"];
    /// What a statement before this one on the same connection has done; in a trigger, it is the trigger's own.
    const BEFORE: [&str; 3] = ["last_insert_rowid", "changes", "total_changes"];
    let temporary = context.database_name.is_some_and(|name| name.eq_ignore_ascii_case("temp"));
    let reads = matches!(context.action, AuthAction::Read { .. } | AuthAction::Select | AuthAction::Pragma { .. });
    if temporary && !reads {
        return Authorization::Deny;
    }
    let allowed = match context.action {
        AuthAction::CreateTempIndex { .. }
        | AuthAction::CreateTempTable { .. }
        | AuthAction::CreateTempTrigger { .. }
        | AuthAction::CreateTempView { .. }
        | AuthAction::Attach { .. }
        | AuthAction::Detach { .. }
        | AuthAction::Transaction { .. }
        | AuthAction::Savepoint { .. }
        | AuthAction::Unknown { .. } => false,
        // writable tables of extensions can read and write what is not theirs
        AuthAction::CreateVtable { module_name, .. } => ["fts5", "rtree"].contains(&module_name),
        AuthAction::Pragma { pragma_name, pragma_value } => {
            let name = pragma_name.to_ascii_lowercase();
            let reads = pragma_value.is_none() || name.ends_with("info") || name.ends_with("list");
            PRAGMAS.contains(&name.as_str()) && reads
        }
        AuthAction::Function { function_name } => {
            let name = function_name.to_ascii_lowercase();
            !FUNCTIONS.contains(&name.as_str()) && (context.accessor.is_some() || !BEFORE.contains(&name.as_str()))
        }
        _ => true,
    };
    if allowed { Authorization::Allow } else { Authorization::Deny }
}
