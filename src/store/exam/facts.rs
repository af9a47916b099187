//! What is known about a database server, and about the servers that use it.
use super::count;
use crate::store::{
    database::LEASE_MILLIS,
    fleet::ClockSkew,
    sql::{Connection, Row, Sql, SqlResult},
};

/// The engine and the database.
#[derive(Clone, Debug)]
pub struct EngineFacts {
    /// As the server numbers its versions: 150018.
    pub number: i64,
    pub version: String,
    pub encoding: String,
    pub is_standby: bool,
    /// Whether the user may create the schemas.
    pub may_create: bool,
    pub user: String,
}

/// What an acknowledged change survives.
#[derive(Clone, Debug)]
pub struct ReplicationFacts {
    pub synchronous_commit: String,
    pub fsync: bool,
    pub full_page_writes: bool,
    /// The names of synchronous standbys; empty if there are to be none.
    pub wanted: String,
    pub standbys: u64,
    pub synchronous: u64,
    /// Standbys whose state the user may not see.
    pub hidden: u64,
}

/// How many connections the server has.
#[derive(Clone, Debug)]
pub struct ConnectionFacts {
    /// How many all users together may have, without those that are reserved.
    pub most: u64,
    /// The limit of the user or of the database, if one of them is lower.
    pub own: Option<u64>,
    /// How many other users have now.
    pub others: u64,
}

/// A life of a server.
#[derive(Clone, Debug)]
pub struct ServerLife {
    pub name: String,
    pub connections: u64,
    pub skew: ClockSkew,
    /// How long ago it was seen, in milliseconds.
    pub silent: u64,
    pub is_dead: bool,
    /// How many unfinished runs it owns.
    pub runs: u64,
}

impl ServerLife {
    /// Returns whether it was seen in time.
    pub fn is_living(&self) -> bool {
        !self.is_dead && self.silent < LEASE_MILLIS
    }
}

fn one<T>(db: Connection<'_>, sql: &str, read: impl FnOnce(&Row<'_>) -> SqlResult<T>) -> SqlResult<T> {
    db.prepare(Sql::composed(sql))?.query_row((), read)
}

pub(super) fn engine(db: Connection<'_>) -> SqlResult<EngineFacts> {
    let sql = "select cast(current_setting('server_version_num') as bigint), current_setting('server_version'),
                 cast(pg_encoding_to_char(encoding) as text), pg_is_in_recovery(),
                 has_database_privilege(oid, 'create'), cast(current_user as text)
               from pg_database where datname = current_database()";
    one(db, sql, |row| {
        Ok(EngineFacts {
            number: row.get(0)?,
            version: row.get(1)?,
            encoding: row.get(2)?,
            is_standby: row.get(3)?,
            may_create: row.get(4)?,
            user: row.get(5)?,
        })
    })
}

pub(super) fn replication(db: Connection<'_>) -> SqlResult<ReplicationFacts> {
    // a backup that is being taken is no standby
    let sql = "select current_setting('synchronous_commit'), current_setting('fsync') = 'on',
                 current_setting('full_page_writes') = 'on', current_setting('synchronous_standby_names'),
                 count(pid), count(*) filter (where sync_state in ('sync', 'quorum')),
                 count(pid) filter (where state is null)
               from (select 1) as always left join pg_stat_replication on state is distinct from 'backup'";
    one(db, sql, |row| {
        Ok(ReplicationFacts {
            synchronous_commit: row.get(0)?,
            fsync: row.get(1)?,
            full_page_writes: row.get(2)?,
            wanted: row.get(3)?,
            standbys: count(row, 4)?,
            synchronous: count(row, 5)?,
            hidden: count(row, 6)?,
        })
    })
}

pub(super) fn connections(db: Connection<'_>) -> SqlResult<ConnectionFacts> {
    let sql = "select cast(current_setting('max_connections') as bigint)
                   - cast(current_setting('superuser_reserved_connections') as bigint)
                   - cast(coalesce(current_setting('reserved_connections', true), '0') as bigint),
                 (select cast(nullif(rolconnlimit, -1) as bigint) from pg_roles where rolname = current_user),
                 (select cast(nullif(datconnlimit, -1) as bigint) from pg_database where datname = current_database()),
                 (select count(*) from pg_stat_activity where usename is not null and usename <> current_user)";
    one(db, sql, |row| {
        let limits: [Option<u64>; 2] = [row.get(1)?, row.get(2)?];
        Ok(ConnectionFacts { most: count(row, 0)?, own: limits.into_iter().flatten().min(), others: count(row, 3)? })
    })
}

pub(super) fn servers(db: Connection<'_>) -> SqlResult<Vec<ServerLife>> {
    let sql = "select name, connections, skew,
                 cast(greatest(extract(epoch from clock_timestamp() - seen), 0) * 1000 as bigint), is_dead, owned
               from (select s.*, (select count(*) from jet_admin_runs.instances i
                       where i.owner = s.id and i.finished_at is null) as owned from jet_admin_runs.servers s) as s
               where not is_dead or owned > 0 order by id";
    let mut query = db.prepare(Sql::composed(sql))?;
    let rows = query.query_map((), |row| {
        Ok(ServerLife {
            name: row.get(0)?,
            connections: count(row, 1)?,
            skew: ClockSkew(row.get(2)?),
            silent: count(row, 3)?,
            is_dead: row.get(4)?,
            runs: count(row, 5)?,
        })
    })?;
    rows.collect()
}
