//! Examines a database on a server for the operator. Changes nothing, and needs no right that servers do not need.
mod facts;

use super::{
    ClockSkew, Sealer,
    database::column,
    directory::{
        SIGNING,
        databases::{ExaminedRecords, Stored, stored},
    },
    migrations::{
        SchemaVerdict, judge,
        postgres::{OLDEST, explain, with_schemas},
        tables_without_rights,
    },
    sql::{
        Connection, Sql, SqlError, SqlResult,
        postgres::{ConnectPostgres, PgSession, PostgresUrl, pooling},
    },
};
pub use super::{migrations::some_tables, sql::postgres::Pooling};
use crate::Result;
pub use facts::{ConnectionFacts, EngineFacts, ReplicationFacts, ServerLife};

/// What begins the only transaction of an exam.
const BEGIN: &str = "begin isolation level repeatable read, read only; set local statement_timeout to 60000; \
                     set local search_path to jet_admin_runs, jet_admin";

/// A database server that is being examined.
pub struct ServerExam {
    session: PgSession,
    url: PostgresUrl,
}

/// The state of both schemas.
#[derive(Clone, Debug, Default)]
pub struct SchemaFacts {
    /// Why they cannot be used, and what to do.
    pub refusals: Vec<String>,
    /// What the next start of a server does with them.
    pub notes: Vec<String>,
    /// Whether both are there and can be used as they are.
    pub are_current: bool,
    /// Whether both are missing. A server creates them.
    pub are_missing: bool,
}

/// The keys of the servers, as far as the database knows them.
#[derive(Clone, Debug)]
pub struct KeyFacts {
    /// The id of the data in the database, which the folders of data directories are marked with.
    pub instance: String,
    secret_check: Option<String>,
    signing_key: Option<String>,
}

impl KeyFacts {
    /// Returns whether the servers use this secret key; `None` if no server has used one yet.
    pub fn is_of_servers(&self, sealer: &Sealer) -> Option<bool> {
        self.secret_check.as_ref().filter(|check| !check.is_empty()).map(|check| check == sealer.check())
    }

    /// Returns whether the key opens the signing key of the servers; `None` if they have none yet.
    pub fn opens_signing_key(&self, sealer: &Sealer) -> Option<bool> {
        self.signing_key.as_ref().map(|sealed| sealer.open(sealed, SIGNING).is_ok())
    }
}

impl ServerExam {
    /// Connects to a server.
    ///
    /// # Errors
    /// `Conflict`, with what to do. It never contains a password.
    pub fn begin(url: &PostgresUrl) -> Result<Self> {
        let session = ConnectPostgres::new(url.clone()).open().map_err(|error| explain(url, &error))?;
        session.begin(BEGIN.to_owned());
        Ok(Self { session, url: url.clone() })
    }

    fn db(&self) -> Connection<'_> {
        Connection::Postgres(&self.session)
    }

    fn explained<T>(&self, outcome: SqlResult<T>) -> Result<T> {
        outcome.map_err(|error: SqlError| explain(&self.url, &error))
    }

    /// # Errors
    /// If the server does not answer.
    pub fn engine(&self) -> Result<EngineFacts> {
        self.explained(facts::engine(self.db()))
    }

    /// Returns the oldest version that can be used, as the server numbers them.
    pub const fn oldest() -> i64 {
        OLDEST
    }

    /// # Errors
    /// If the server does not answer.
    pub fn schemas(&self) -> Result<SchemaFacts> {
        let judged = with_schemas(|schemas| {
            judge(schemas, &self.session, &self.url)
                .map(|all| all.into_iter().map(|(name, verdict)| (name.to_owned(), verdict)).collect())
        });
        let judged: Vec<(String, SchemaVerdict)> = self.explained(judged)?;
        let are_missing = judged.iter().all(|(_, verdict)| *verdict == SchemaVerdict::Create);
        let (mut facts, mut is_older) = (SchemaFacts { are_missing, ..SchemaFacts::default() }, false);
        for (name, verdict) in judged {
            match verdict {
                SchemaVerdict::Create | SchemaVerdict::Current => {}
                SchemaVerdict::Newer => facts.notes.push(format!(
                    "the schema {name} is from a newer jet-admin, whose servers this version can work with"
                )),
                SchemaVerdict::Upgrade(from) => {
                    is_older = true;
                    facts.notes.push(format!(
                        "the schema {name} has version {from}, which the next start of a server of this version changes"
                    ));
                }
                SchemaVerdict::Refused(why) => facts.refusals.push(why),
            }
        }
        facts.are_current = !are_missing && !is_older && facts.refusals.is_empty();
        Ok(facts)
    }

    /// Returns where the data was moved to, if it was. The schemas must be readable.
    ///
    /// # Errors
    /// If the server does not answer.
    pub fn moved_to(&self) -> Result<Option<String>> {
        self.explained(super::migrations::postgres::moved_to(&self.session))
    }

    /// Returns the tables that the user may not read and write.
    ///
    /// # Errors
    /// If the server does not answer.
    pub fn tables_without_rights(&self) -> Result<Vec<String>> {
        self.explained(tables_without_rights(self.db()))
    }

    /// # Errors
    /// If the server does not answer.
    pub fn replication(&self) -> Result<ReplicationFacts> {
        self.explained(facts::replication(self.db()))
    }

    /// # Errors
    /// If the server does not answer.
    pub fn connections(&self) -> Result<ConnectionFacts> {
        self.explained(facts::connections(self.db()))
    }

    /// Compares the clock of this machine with that of the server.
    ///
    /// # Errors
    /// If the server does not answer.
    pub fn skew(&self) -> Result<ClockSkew> {
        self.explained(super::fleet::clock_skew(self.db()).map(ClockSkew))
    }

    /// Returns the servers that live, and those that have died and still own runs. The schemas must be current.
    ///
    /// # Errors
    /// If the server does not answer.
    pub fn servers(&self) -> Result<Vec<ServerLife>> {
        self.explained(facts::servers(self.db()))
    }

    /// Returns the keys that the servers use. The schemas must be current.
    ///
    /// # Errors
    /// If the server does not answer.
    pub fn keys(&self) -> Result<KeyFacts> {
        let sql = "select instance, secret_check, signing_key from jet_admin.directory where \"only\" = 1";
        let found = self.db().prepare(Sql::composed(sql)).and_then(|mut query| {
            query.query_row((), |row| {
                Ok(KeyFacts { instance: row.get(0)?, secret_check: row.get(1)?, signing_key: row.get(2)? })
            })
        });
        self.explained(found)
    }

    /// Returns how many contents of files are in storage that servers share. The schemas must be current.
    ///
    /// # Errors
    /// If the server does not answer.
    pub fn shared_contents(&self) -> Result<u64> {
        self.explained(super::contents::count_contents(self.db()))
    }

    /// Returns what every tenant stores: according to the usage counters, and in the file storage. The schemas must be
    /// current.
    ///
    /// # Errors
    /// If the server does not answer.
    pub fn stored(&self) -> Result<Vec<Stored>> {
        let counters = [
            "select tenant_id, kind, bytes from jet_admin.usage",
            "select tenant_id, kind, bytes from jet_admin_runs.usage",
            "select tenant_id, 'files', cast(sum(bytes) as bigint) from jet_admin.contents where state <> 'removed'
             group by tenant_id",
        ];
        self.explained(stored(self.db(), &counters.map(|counter| (self.db(), counter))))
    }

    /// Returns the records. The schemas must be current.
    pub fn records(&self) -> ExaminedRecords<'_> {
        ExaminedRecords(self.db())
    }

    /// Finds out whether a pooler is in between, with two more connections.
    ///
    /// # Errors
    /// If they cannot be opened.
    pub fn pooling(&self) -> Result<Pooling> {
        self.explained(pooling(&self.url))
    }
}

/// Reads a number that PostgreSQL has as another type.
fn count(row: &super::sql::Row<'_>, at: usize) -> SqlResult<u64> {
    let number: i64 = row.get(at)?;
    u64::try_from(number).map_err(|_| column::broken(at, "is negative"))
}
