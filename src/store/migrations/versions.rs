//! The versions of a schema on a PostgreSQL server. While servers are replaced one by one, servers of two versions use it.
use super::{
    postgres::{Unprepared, number},
    usable::some_tables,
};
use crate::{
    Error, Result,
    store::{
        fleet::count_living,
        sql::{
            Connection, SqlResult,
            postgres::{PgSession, PostgresUrl, quoted},
        },
    },
};

/// A change of a schema.
#[derive(Clone, Copy, Debug)]
pub struct SchemaStep {
    pub sql: &'static str,
    /// The oldest version of the schema whose servers can work with the result. If it is older than the version before
    /// the step, servers need not be stopped for an upgrade.
    pub usable_from: usize,
}

/// A schema, how it is created, and how earlier versions of it are changed.
pub struct SchemaVersions<'a> {
    pub name: &'a str,
    /// Creates the newest version.
    pub script: &'a str,
    pub first: usize,
    /// From each version since the first to the next one.
    pub steps: &'a [SchemaStep],
}

/// The version of an existing schema, and the oldest one whose servers can work with it.
struct Found {
    number: usize,
    usable_from: usize,
}

/// What can be done with a schema.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(in crate::store) enum SchemaVerdict {
    /// It is missing, and can be created.
    Create,
    Current,
    /// It is from a newer version, whose servers this one can work with.
    Newer,
    /// It is from this earlier version, and can be changed.
    Upgrade(usize),
    /// It cannot be used, and what to do.
    Refused(String),
}

/// Returns what can be done with each of the schemas, which belong together, without changing anything.
pub(in crate::store) fn judge<'a>(
    schemas: &[SchemaVersions<'a>],
    session: &PgSession,
    url: &PostgresUrl,
) -> SqlResult<Vec<(&'a str, SchemaVerdict)>> {
    let mut judged =
        schemas.iter().map(|schema| Ok((schema.name, schema.judge(session, url)?))).collect::<SqlResult<Vec<_>>>()?;
    let is_missing = |(_, verdict): &(&str, SchemaVerdict)| *verdict == SchemaVerdict::Create;
    if !judged.iter().all(is_missing) {
        for (name, verdict) in judged.iter_mut().filter(|schema| is_missing(schema)) {
            let why = format!("the schema {name} in {url} is missing, but the other one is there: restore a backup");
            *verdict = SchemaVerdict::Refused(why);
        }
    }
    Ok(judged)
}

/// Creates schemas that are missing, and changes those of an earlier version.
///
/// # Errors
/// If one belongs to another program, cannot be used with this version, or must not be changed while servers use it.
pub(super) fn prepare(
    schemas: &[SchemaVersions<'_>],
    session: &PgSession,
    url: &PostgresUrl,
) -> Result<(), Unprepared> {
    let judged = judge(schemas, session, url)?;
    schemas.iter().zip(judged).try_for_each(|(schema, (_, verdict))| schema.prepare(session, url, verdict))
}

impl SchemaVersions<'_> {
    fn newest(&self) -> usize {
        self.first + self.steps.len()
    }

    /// The oldest version whose servers can work with the newest schema.
    fn usable_from(&self) -> usize {
        self.steps.iter().map(|step| step.usable_from).max().unwrap_or(self.first)
    }

    fn prepare(&self, session: &PgSession, url: &PostgresUrl, verdict: SchemaVerdict) -> Result<(), Unprepared> {
        let (name, newest) = (self.name, self.newest());
        match verdict {
            SchemaVerdict::Create => {
                let (usable_from, script) = (self.usable_from(), self.script);
                session.execute_batch(&format!(
                    "create schema {name}; set local search_path to {name};
                     create table schema_version (number bigint not null, usable_from bigint not null);
                     insert into schema_version values ({newest}, {usable_from}); {script}"
                ))?;
            }
            SchemaVerdict::Current => {}
            SchemaVerdict::Newer => tracing::info!(
                schema = name,
                "the database is from a newer jet-admin, whose servers this one can work with"
            ),
            SchemaVerdict::Upgrade(from) => self.upgrade(session, url, from)?,
            SchemaVerdict::Refused(why) => return Err(Unprepared::Refused(Error::conflict(why))),
        }
        Ok(())
    }

    /// Returns what can be done with the schema, without changing anything.
    fn judge(&self, session: &PgSession, url: &PostgresUrl) -> SqlResult<SchemaVerdict> {
        let (name, newest) = (self.name, self.newest());
        let exists = format!("select 1::bigint from pg_namespace where nspname = {}", quoted(name));
        if number(session, &exists)?.is_none() {
            return Ok(SchemaVerdict::Create);
        }
        // catalogs can be read without rights on the schema
        let readable = format!(
            "select cast(cast(has_schema_privilege(n.oid, 'usage') and has_table_privilege(c.oid, 'select') as integer) \
             as bigint) from pg_namespace n join pg_class c on c.relnamespace = n.oid
             where n.nspname = {} and c.relname = 'schema_version'",
            quoted(name)
        );
        let readable = number(session, &readable)?;
        let found = if readable == Some(1) { self.find(session)? } else { None };
        Ok(match found {
            Some(found) if found.number == newest => self.judge_parts(session, url)?,
            Some(found) if found.number > newest && found.usable_from <= newest => SchemaVerdict::Newer,
            Some(found) if found.number > newest => SchemaVerdict::Refused(format!(
                "the schema {name} in {url} is from a newer jet-admin (schema {}, this version supports up to {newest}): \
                 use that version",
                found.number
            )),
            Some(found) if found.number >= self.first => SchemaVerdict::Upgrade(found.number),
            Some(found) => SchemaVerdict::Refused(format!(
                "the schema {name} in {url} has the unknown version {}: restore a backup of it",
                found.number
            )),
            None if readable == Some(0) => SchemaVerdict::Refused(format!(
                "the user may not read the schema {name} in {url}: use the user that created it, or make this one a \
                 member of that role"
            )),
            None => SchemaVerdict::Refused(format!(
                "the schema {name} in {url} belongs to another program: use another database"
            )),
        })
    }

    fn judge_parts(&self, session: &PgSession, url: &PostgresUrl) -> SqlResult<SchemaVerdict> {
        let missing = self.missing(session)?;
        Ok(if missing.is_empty() {
            SchemaVerdict::Current
        } else {
            let (name, missing) = (self.name, some_tables(&missing));
            SchemaVerdict::Refused(format!("the schema {name} in {url} lacks {missing}: restore a backup"))
        })
    }

    fn find(&self, session: &PgSession) -> SqlResult<Option<Found>> {
        let table = format!("{}.schema_version", self.name);
        let (number, usable_from) = (
            number(session, &format!("select number from {table}"))?,
            number(session, &format!("select usable_from from {table}"))?,
        );
        let known = number.zip(usable_from).map(|(number, usable_from)| (number.try_into(), usable_from.try_into()));
        Ok(match known {
            Some((Ok(number), Ok(usable_from))) => Some(Found { number, usable_from }),
            _ => None,
        })
    }

    fn upgrade(&self, session: &PgSession, url: &PostgresUrl, from: usize) -> Result<(), Unprepared> {
        let (name, newest, usable_from) = (self.name, self.newest(), self.usable_from());
        if usable_from > from {
            let living = count_living(Connection::Postgres(session))?;
            if living > 0 {
                return Err(Unprepared::Refused(Error::conflict(format!(
                    "{url} must be changed for this version, but {living} servers of an earlier version use it: stop \
                     them first"
                ))));
            }
        }
        // a statement of a server that takes long must not keep all others waiting behind this change
        session.execute_batch(&format!("set local lock_timeout to 5000; set local search_path to {name}"))?;
        for step in &self.steps[from - self.first..] {
            session.execute_batch(step.sql)?;
        }
        session.execute_batch(&format!("update schema_version set number = {newest}, usable_from = {usable_from}"))?;
        tracing::info!(schema = name, from, to = newest, "changed the schema for this version");
        Ok(())
    }
}
