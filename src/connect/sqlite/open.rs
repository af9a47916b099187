//! Opens a database file within its folder, and restricts what statements can do.
use super::{
    Database, Open, Stamp, functions,
    limits::{memory::StatementOwner, room, watch::StatementWatch},
    to_error,
};
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

/// The number of virtual machine steps between two checks whether to stop. If disk usage is limited, checks are more
/// frequent: a few steps can write a large value, or sort it when reading.
const STEPS: i32 = 10_000;
const STEPS_COUNTED: i32 = 50;

impl Open {
    /// Makes statements stop soon after `stop` is set, or when they exceed their disk limits.
    pub fn cancel_when(&mut self, stop: Arc<AtomicBool>) -> Result<()> {
        room::reset(&self.connection).map_err(Error::internal)?;
        let mut exceeds = self.watch.looker();
        let stops = move || stop.load(Ordering::Relaxed) || exceeds();
        let interval = if self.watch.is_limited() { STEPS_COUNTED } else { STEPS };
        self.connection.progress_handler(interval, Some(stops)).map_err(Error::internal)
    }
}

impl Database {
    /// Returns whether the file at the path is still the one that the connection opened: it may have been replaced or
    /// removed.
    pub fn is_current(&self, open: &Open) -> bool {
        open.stamp.is_some() && open.stamp == self.stamp()
    }

    fn stamp(&self) -> Option<Stamp> {
        Stamp::of(&self.files.own.join(&self.path), self.read_only)
    }

    /// Opens a new connection.
    pub fn open(&self) -> Result<Open> {
        // taken first: if the file is replaced in the meantime, the next statement opens the new one
        let stamp = self.stamp();
        let path = self.place()?;
        let (space, is_own) = (self.files.space(), !self.path.is_absolute());
        if let Some(space) = space.as_ref().filter(|_| is_own && !self.read_only && !path.exists()) {
            space.check_new()?;
        }
        let counted = (is_own && !self.read_only).then(|| path.clone());
        let owner =
            self.files.seats.clone().zip(self.files.tenant).map(|(seats, tenant)| StatementOwner { seats, tenant });
        let watch = Arc::new(StatementWatch::new(space, owner, counted));
        let mut flags = OpenFlags::SQLITE_OPEN_NO_MUTEX | OpenFlags::SQLITE_OPEN_NOFOLLOW;
        flags |= if self.read_only {
            OpenFlags::SQLITE_OPEN_READ_ONLY
        } else {
            OpenFlags::SQLITE_OPEN_READ_WRITE | OpenFlags::SQLITE_OPEN_CREATE
        };
        let mut connection = Connection::open_with_flags(path, flags).map_err(|error| to_error(&error, None))?;
        self.restrict(&mut connection, &watch).map_err(|error| to_error(&error, None))?;
        Ok(Open { connection, columns: HashMap::new(), rooms: HashMap::new(), watch, stamp })
    }

    fn restrict(&self, connection: &mut Connection, watch: &Arc<StatementWatch>) -> rusqlite::Result<()> {
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

    /// Returns the real path after following all links, which must be within the tenant's folder or a shared one.
    fn place(&self) -> Result<PathBuf> {
        if !self.read_only && !self.path.is_absolute() {
            // a tenant's folder is created with its first file
            fs::create_dir_all(&self.files.own)?;
        }
        self.find()
    }

    fn find(&self) -> Result<PathBuf> {
        let missing = || {
            let path = self.path.display();
            Error::datasource(if self.path.is_absolute() {
                format!("there is no file {path} in the folders that the person who runs this server has shared")
            } else {
                format!("there is no file {path} in the tenant's folder")
            })
        };
        let own = [self.files.own.clone()];
        let roots = if self.path.is_absolute() { self.files.shared.as_slice() } else { &own };
        let inside = roots.iter().find_map(|root| self.inside(&root.canonicalize().ok()?));
        inside.filter(|real| !real.is_dir()).ok_or_else(missing)
    }

    /// Returns whether the file does not exist yet and the first statement would create it. Creates nothing itself.
    ///
    /// # Errors
    /// If the file does not exist and could not be created.
    pub fn is_to_come(&self) -> Result<bool> {
        if self.read_only {
            return Ok(false);
        }
        // a tenant's folder is created with its first file
        let makes_folder = !self.path.is_absolute() && !self.files.own.exists();
        if makes_folder && self.path.components().count() == 1 {
            return Ok(true);
        }
        Ok(!self.find()?.exists())
    }

    /// Returns the real path within `root`, if the file exists or may be created there.
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

/// Runs an internal statement, which the authorizer for tenants' statements would refuse.
pub(super) fn unguarded(open: &Open, sql: &str) -> Result<()> {
    open.watch.trust(true);
    let done = open.connection.execute_batch(sql);
    open.watch.trust(false);
    done.map_err(|error| to_error(&error, None))
}

/// Decides what a statement may do: nothing that accesses another file, or changes the connection beyond the statement.
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
    /// Functions that access something outside the database, that take quadratic time and cannot be interrupted, or
    /// that build values beyond the maximum length before it is checked.
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
    /// Functions that reveal what an earlier statement on the same connection did. They are allowed in triggers, where
    /// they refer to the trigger's own statements.
    const BEFORE: [&str; 3] = ["last_insert_rowid", "changes", "total_changes"];
    let temporary = context.database_name.is_some_and(|name| name.eq_ignore_ascii_case("temp"));
    let reads = matches!(context.action, AuthAction::Read { .. } | AuthAction::Select | AuthAction::Pragma { .. });
    if temporary && !reads {
        return if renames(&context.action) { Authorization::Allow } else { Authorization::Deny };
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
        // other virtual tables could read and write data outside of them
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

/// Returns whether this is a part of `alter table … rename`, which also rewrites the temporary views and triggers that
/// mention the name. There are none, and a statement of a tenant cannot write to this table itself: the connection is
/// defensive.
fn renames(action: &AuthAction<'_>) -> bool {
    matches!(action, AuthAction::Update { table_name, .. } if table_name.eq_ignore_ascii_case("sqlite_temp_master"))
}
