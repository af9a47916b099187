//! Opening a file: inside its folder, with no way out of it.
use super::{Database, Open, Stamp, functions, memory::Crowd, room, said, watch::Watch};
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

/// Steps of the database's machine between two looks at whether to stop. Where what is written is counted it is looked more
/// often: a few steps write a large value, and those that only read may sort it.
const STEPS: i32 = 10_000;
const STEPS_COUNTED: i32 = 50;

impl Open {
    /// From now on, statements end soon after `stop` is set, or when they add more to the disk than they may.
    pub fn heed(&mut self, stop: Arc<AtomicBool>) -> Result<()> {
        room::reset(&self.connection).map_err(Error::internal)?;
        let mut exceeds = self.watch.looker();
        let stops = move || stop.load(Ordering::Relaxed) || exceeds();
        let interval = if self.watch.is_limited() { STEPS_COUNTED } else { STEPS };
        self.connection.progress_handler(interval, Some(stops)).map_err(Error::internal)
    }
}

impl Database {
    /// Whether a connection's file is the one at its path: it may have been replaced or removed.
    pub fn is_current(&self, open: &Open) -> bool {
        open.stamp.is_some() && open.stamp == self.stamp()
    }

    fn stamp(&self) -> Option<Stamp> {
        Stamp::of(&self.files.own.join(&self.path), self.read_only)
    }

    /// A new connection.
    pub fn open(&self) -> Result<Open> {
        // looked at first: what takes its place meanwhile is opened the next time
        let stamp = self.stamp();
        let path = self.place()?;
        let (space, is_own) = (self.files.space(), !self.path.is_absolute());
        if let Some(space) = space.as_ref().filter(|_| is_own && !self.read_only && !path.exists()) {
            space.check_new()?;
        }
        let counted = (is_own && !self.read_only).then(|| path.clone());
        let crowd = self.files.seats.clone().zip(self.files.tenant).map(|(seats, tenant)| Crowd { seats, tenant });
        let watch = Arc::new(Watch::new(space, crowd, counted));
        let mut flags = OpenFlags::SQLITE_OPEN_NO_MUTEX | OpenFlags::SQLITE_OPEN_NOFOLLOW;
        flags |= if self.read_only {
            OpenFlags::SQLITE_OPEN_READ_ONLY
        } else {
            OpenFlags::SQLITE_OPEN_READ_WRITE | OpenFlags::SQLITE_OPEN_CREATE
        };
        let mut connection = Connection::open_with_flags(path, flags).map_err(|error| said(&error, None))?;
        self.restrict(&mut connection, &watch).map_err(|error| said(&error, None))?;
        Ok(Open { connection, columns: HashMap::new(), rooms: HashMap::new(), watch, stamp })
    }

    fn restrict(&self, connection: &mut Connection, watch: &Arc<Watch>) -> rusqlite::Result<()> {
        connection.busy_timeout(Duration::from_secs(5))?;
        connection.pragma_update(None, "foreign_keys", true)?;
        connection.pragma_update(None, "query_only", self.read_only)?;
        connection.pragma_update(None, "cell_size_check", true)?;
        connection.set_db_config(DbConfig::SQLITE_DBCONFIG_DEFENSIVE, true)?;
        connection.set_db_config(DbConfig::SQLITE_DBCONFIG_TRUSTED_SCHEMA, false)?;
        room::limit(connection)?;
        functions::register(connection)?;
        connection.set_limit(Limit::SQLITE_LIMIT_ATTACHED, 0)?;
        let watch = Arc::clone(watch);
        connection.authorizer(Some(
            move |context: AuthContext<'_>| {
                if watch.trusts() { Authorization::Allow } else { authorize(context) }
            },
        ))
    }

    /// The real path, after every link has been followed: inside the tenant's folder or one that is open to all.
    fn place(&self) -> Result<PathBuf> {
        if !self.read_only && !self.path.is_absolute() {
            // a tenant's folder is made with its first file
            fs::create_dir_all(&self.files.own)?;
        }
        self.find()
    }

    fn find(&self) -> Result<PathBuf> {
        let missing = || {
            let folders =
                if self.path.is_absolute() { "the folders that the operator has opened" } else { "its folder" };
            Error::datasource(format!("there is no file {} in {folders}", self.path.display()))
        };
        let own = [self.files.own.clone()];
        let roots = if self.path.is_absolute() { self.files.shared.as_slice() } else { &own };
        let inside = roots.iter().find_map(|root| self.inside(&root.canonicalize().ok()?));
        inside.filter(|real| !real.is_dir()).ok_or_else(missing)
    }

    /// Whether the file is not there yet and the first statement would make it. Makes nothing itself.
    ///
    /// # Errors
    /// When the file is not there and could not be made.
    pub fn is_to_come(&self) -> Result<bool> {
        if self.read_only {
            return Ok(false);
        }
        // a tenant's folder is made with its first file
        let makes_folder = !self.path.is_absolute() && !self.files.own.exists();
        if makes_folder && self.path.components().count() == 1 {
            return Ok(true);
        }
        Ok(!self.find()?.exists())
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

/// Runs a statement of our own, which the guard over a tenant's statements would refuse.
pub(super) fn unguarded(open: &Open, sql: &str) -> Result<()> {
    open.watch.trust(true);
    let done = open.connection.execute_batch(sql);
    open.watch.trust(false);
    done.map_err(|error| said(&error, None))
}

/// What a statement may do: nothing that reaches another file or outlives it on the connection.
fn authorize(context: AuthContext<'_>) -> Authorization {
    const PRAGMAS: [&str; 14] = [
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
        "schema_version",
    ];
    /// Ways out of the database, what takes the product of two lengths and cannot be interrupted, and what grows beyond the
    /// longest value before it is looked at.
    const FUNCTIONS: [&str; 8] = [
        "load_extension",
        "fts3_tokenizer",
        "edit",
        "json_patch",
        "jsonb_patch",
        "json_pretty",
        "jsonb_group_array",
        "jsonb_group_object",
    ];
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
