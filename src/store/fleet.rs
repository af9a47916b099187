//! What servers that share a database agree on: which of them live, who executes a run, who admits the runs of a limited
//! workflow, and what they tell each other. These statements run on PostgreSQL only, and go by its clock.
use super::{
    RunsTx, Store,
    database::{add_up, column, has_tallies},
    sql::{Connection, OptionalExtension, Sql, SqlResult},
};
use crate::{Result, clock::Time};
use std::{fmt, sync::Arc};
use uuid::Uuid;

/// How many runs and workflows are taken over at once.
const RUNS_AT_ONCE: u32 = 200;
const WORKFLOWS_AT_ONCE: u32 = 20;

/// A life lasts while it is seen once in this time, which is [`LEASE_MILLIS`](super::database::LEASE_MILLIS).
const LEASE: &str = "interval '3 seconds'";
const DEAD: &str = "(select id from servers where is_dead)";

/// A notice to the other servers.
#[derive(Clone, Debug)]
pub struct Notice {
    pub n: u64,
    pub body: String,
}

/// An answer to an approval for the server that executes its run.
#[derive(Clone, Debug)]
pub struct MailedAnswer {
    pub id: Uuid,
    pub tenant: Uuid,
    pub run: Uuid,
    pub body: String,
}

impl Store {
    /// Returns whether other servers may use the databases at the same time.
    pub fn is_shared(&self) -> bool {
        self.runs.is_shared()
    }

    /// Returns the life of this server, which owns the runs that it executes. Empty if it is the only server.
    pub fn life(&self) -> Arc<str> {
        self.runs.life()
    }

    /// Begins a new life of this server. Runs of its earlier lives are taken over like those of others.
    ///
    /// # Errors
    /// If the database cannot be written.
    pub async fn begin_life(&self, name: String) -> Result<()> {
        let life = Uuid::now_v7().to_string();
        let (joining, connections) = (life.clone(), self.workspace.connections() + self.runs.connections());
        self.runs.write_first(move |tx| tx.join(&joining, &name, connections)).await?;
        self.runs.set_life(&life);
        Ok(())
    }

    /// Extends the life of this server, however many writes wait. Returns how many other servers live; `None` if the life
    /// has ended because it was not seen in time.
    ///
    /// # Errors
    /// If the database cannot be written.
    pub async fn extend_life(&self) -> Result<Option<u64>> {
        self.runs.write_first(|tx| tx.beat()).await
    }

    /// Compares the clock of this machine with that of the database server, and tells the others.
    ///
    /// # Errors
    /// If the database cannot be written.
    pub async fn compare_clocks(&self) -> Result<ClockSkew> {
        Ok(ClockSkew(self.runs.write_first(|tx| tx.compare_clocks()).await?))
    }

    /// Ends the life of this server: others take its runs over at once.
    ///
    /// # Errors
    /// If the database cannot be written.
    pub async fn end_life(&self, notice: String) -> Result<()> {
        let end = move |tx: &RunsTx<'_>| {
            tx.bury()?;
            tx.tell(&notice)
        };
        self.runs.write_first(end).await
    }
}

impl RunsTx<'_> {
    fn run(&self, sql: &str, params: impl super::sql::SqlParams) -> Result<usize> {
        Ok(self.db.prepare(Sql::composed(sql))?.execute(params)?)
    }

    fn join(&self, life: &str, name: &str, connections: u32) -> Result<()> {
        self.run("insert into servers (id, name, connections) values (?1, ?2, ?3)", (life, name, connections))?;
        Ok(())
    }

    fn compare_clocks(&self) -> Result<i64> {
        let skew = clock_skew(self.db)?;
        self.run("update servers set skew = ?2 where id = ?1", (&*self.life(), skew))?;
        Ok(skew)
    }

    fn beat(&self) -> Result<Option<u64>> {
        let life = self.life();
        let seen = "update servers set seen = clock_timestamp() where id = ?1 and not is_dead";
        if self.run(seen, [&*life])? == 0 {
            return Ok(None);
        }
        let others = "select count(*) from servers where id <> ?1 and not is_dead";
        Ok(Some(self.db.prepare(Sql::composed(others))?.query_row([&*life], |row| row.get(0))?))
    }

    fn bury(&self) -> Result<()> {
        self.run("update servers set is_dead = true where id = ?1", [&*self.life()])?;
        Ok(())
    }

    /// Returns how many servers live.
    pub fn count_living(&self) -> Result<u64> {
        Ok(count_living(self.db)?)
    }

    /// Marks lives that were not seen in time as dead: nothing that they still write about a run is accepted once the run
    /// is taken over.
    pub fn bury_silent(&self) -> Result<usize> {
        let sql = format!("update servers set is_dead = true where not is_dead and seen < clock_timestamp() - {LEASE}");
        self.run(&sql, ())
    }

    /// Returns whether a life was not seen in time and does not count as dead yet.
    pub fn has_silent(&self) -> Result<bool> {
        let sql =
            format!("select exists (select 1 from servers where not is_dead and seen < clock_timestamp() - {LEASE})");
        Ok(self.db.prepare(Sql::composed(&sql))?.query_row((), |row| row.get(0))?)
    }

    /// Gives a run that has not begun to another life.
    pub fn give_away(&self, tenant: Uuid, run: Uuid, to: &str) -> Result<()> {
        let sql =
            "update instances set owner = ?4 where tenant_id = ?1 and id = ?2 and owner = ?3 and status = 'PENDING'";
        self.run(sql, (tenant, run, &*self.life(), to))?;
        Ok(())
    }

    /// Returns whether a dead life still owns something.
    pub fn has_orphans(&self) -> Result<bool> {
        let sql = "select exists (select 1 from servers s where s.is_dead and (
                 exists (select 1 from instances i where i.owner = s.id and i.finished_at is null)
                 or exists (select 1 from gatekeepers g where g.owner = s.id)))";
        Ok(self.db.prepare(Sql::composed(sql))?.query_row((), |row| row.get(0))?)
    }

    /// Takes over some runs of dead lives, and all runs of workflows that they admitted. Returns their tenants and IDs.
    pub fn take_over(&self) -> Result<Vec<(Uuid, Uuid)>> {
        let life = self.life();
        let gates = format!(
            "update gatekeepers set owner = ?1 where (tenant_id, workflow_id) in (
               select tenant_id, workflow_id from gatekeepers where owner in {DEAD} limit {WORKFLOWS_AT_ONCE}
               for update skip locked)
             returning tenant_id, workflow_id"
        );
        let mut taken = Vec::new();
        for (tenant, workflow) in self.pairs(&gates, [&*life])? {
            let runs = format!(
                "update instances set owner = ?1 where tenant_id = ?2 and workflow_id = ?3 and finished_at is null
                   and owner in {DEAD} returning tenant_id, id"
            );
            taken.extend(self.pairs(&runs, (&*life, tenant, workflow))?);
        }
        // the runs of a limited workflow stay together, unless another server admits them already
        let runs = format!(
            "update instances set owner = ?1 where (tenant_id, id) in (
               select i.tenant_id, i.id from instances i where i.finished_at is null and i.owner in {DEAD}
                 and not exists (select 1 from gatekeepers g
                   where g.tenant_id = i.tenant_id and g.workflow_id = i.workflow_id and g.owner in {DEAD})
               limit {RUNS_AT_ONCE} for update of i skip locked)
             returning tenant_id, id"
        );
        taken.extend(self.pairs(&runs, [&*life])?);
        Ok(taken)
    }

    /// Takes over runs without an owner, which were written by a single server. Returns how many.
    pub fn adopt(&self) -> Result<usize> {
        self.run("update instances set owner = ?1 where finished_at is null and owner = ''", [&*self.life()])
    }

    /// Waits for the runs that are beginning, and lets no others begin until this transaction ends: then every run that uses
    /// a graph is visible.
    pub(super) fn stop_starts(&self) -> Result<()> {
        if self.db.is_shared() {
            self.run("lock table definitions in share row exclusive mode", ())?;
        }
        Ok(())
    }

    fn pairs(&self, sql: &str, params: impl super::sql::SqlParams) -> Result<Vec<(Uuid, Uuid)>> {
        let mut query = self.db.prepare(Sql::composed(sql))?;
        let rows = query.query_map(params, |row| Ok((column::id(row, 0)?, column::id(row, 1)?)))?;
        Ok(rows.collect::<SqlResult<_>>()?)
    }

    /// Returns the life that admits the runs of a workflow: this one, if no other has done so yet. `None` while a dead one
    /// has not been replaced.
    pub fn gatekeeper(&self, tenant: Uuid, workflow: Uuid) -> Result<Option<String>> {
        let sql = "insert into gatekeepers (tenant_id, workflow_id, owner) values (?1, ?2, ?3)
                   on conflict (tenant_id, workflow_id) do update set owner = gatekeepers.owner returning owner";
        let mut query = self.db.prepare(Sql::composed(sql))?;
        let owner: String = query.query_row((tenant, workflow, &*self.life()), |row| row.get(0))?;
        let sql = "select 1 from servers where id = ?1 and not is_dead";
        let lives = self.db.prepare(Sql::composed(sql))?.exists([&owner])?;
        Ok(lives.then_some(owner))
    }

    /// Tells the other servers something.
    pub fn tell(&self, body: &str) -> Result<()> {
        let sql = Sql::composed("insert into notices (server, body) values (?1, ?2)");
        Ok(self.db.prepare(sql)?.send((&*self.life(), body))?)
    }

    /// Returns what other servers have told in the last `seconds`. A notice may become visible after later ones.
    pub fn notices(&self, seconds: u64) -> Result<Vec<Notice>> {
        let sql = "select n, body from notices
                   where at > clock_timestamp() - cast(?2 as bigint) * interval '1 second' and server <> ?1 order by n";
        let mut query = self.db.prepare(Sql::composed(sql))?;
        let rows = query.query_map((&*self.life(), seconds), |row| Ok(Notice { n: row.get(0)?, body: row.get(1)? }))?;
        Ok(rows.collect::<SqlResult<_>>()?)
    }

    /// Returns the current states of runs that another server executes, as their ID and the number of the last entry in
    /// their journal.
    pub fn progress_of(&self, runs: &[(Uuid, Uuid)]) -> Result<Vec<(Uuid, u64)>> {
        let mut query = self.db.prepare(Sql::composed("select seq from instances where tenant_id = ?1 and id = ?2"))?;
        let mut found = Vec::new();
        for (tenant, run) in runs {
            let seq = query.query_row((*tenant, *run), |row| row.get(0)).optional()?;
            found.extend(seq.map(|seq| (*run, seq)));
        }
        Ok(found)
    }

    /// Sends an answer to the server that executes its run.
    pub fn post_answer(&self, id: Uuid, tenant: Uuid, run: Uuid, body: &str) -> Result<()> {
        self.run(
            "insert into mail (id, tenant_id, instance_id, body) values (?1, ?2, ?3, ?4)",
            (id, tenant, run, body),
        )?;
        Ok(())
    }

    /// Takes the answers for the runs of this server.
    pub fn take_answers(&self) -> Result<Vec<MailedAnswer>> {
        let sql = "update mail m set taken_by = ?1 where m.result is null and (m.taken_by is null or m.taken_by <> ?1)
                     and exists (select 1 from instances i where i.tenant_id = m.tenant_id and i.id = m.instance_id and i.owner = ?1)
                   returning id, tenant_id, instance_id, body";
        let mut query = self.db.prepare(Sql::composed(sql))?;
        let rows = query.query_map([&*self.life()], |row| {
            let (id, tenant, run) = (column::id(row, 0)?, column::id(row, 1)?, column::id(row, 2)?);
            Ok(MailedAnswer { id, tenant, run, body: row.get(3)? })
        })?;
        Ok(rows.collect::<SqlResult<_>>()?)
    }

    /// Returns whether an answer waits for a server.
    pub fn has_mail(&self) -> Result<bool> {
        Ok(self
            .db
            .prepare(Sql::composed("select exists (select 1 from mail where result is null)"))?
            .query_row((), |row| row.get(0))?)
    }

    /// Stores what became of an answer.
    pub fn settle_answer(&self, id: Uuid, result: &str) -> Result<()> {
        self.run("update mail set result = ?2 where id = ?1", (id, result))?;
        Ok(())
    }

    /// Returns what became of an answer, and forgets it; `None` if it has not been handled yet.
    pub fn answer_result(&self, id: Uuid) -> Result<Option<String>> {
        let sql = "delete from mail where id = ?1 and result is not null returning result";
        Ok(self.db.prepare(Sql::composed(sql))?.query_row([id], |row| row.get(0)).optional()?)
    }

    /// Withdraws an answer. Returns whether no server has taken it.
    pub fn withdraw_answer(&self, id: Uuid) -> Result<bool> {
        Ok(self.run("delete from mail where id = ?1 and taken_by is null", [id])? > 0)
    }

    /// Returns whether there are counters to add up.
    pub fn has_tallies(&self) -> Result<bool> {
        Ok(has_tallies(self.db)?)
    }

    /// Adds up counters. Returns whether there is more to add up.
    pub fn add_up_counters(&self) -> Result<bool> {
        Ok(add_up(self.db)?)
    }

    /// Deletes old notices and answers, attempts and marks that do not count any more, and lives that own nothing any more.
    pub fn tidy_fleet(&self) -> Result<()> {
        for sql in [
            "delete from notices where at < clock_timestamp() - interval '1 minute'",
            "delete from mail where at < clock_timestamp() - interval '10 minutes'",
            "delete from attempts where until < clock_timestamp()",
            "delete from marks where until < clock_timestamp()",
            "delete from servers s where s.is_dead and s.seen < clock_timestamp() - interval '1 hour'
               and not exists (select 1 from instances i where i.owner = s.id and i.finished_at is null)
               and not exists (select 1 from gatekeepers g where g.owner = s.id)",
        ] {
            self.run(sql, ())?;
        }
        Ok(())
    }
}

/// Returns how many servers live, or have lived a moment ago.
pub(super) fn count_living(db: Connection<'_>) -> SqlResult<u64> {
    let sql = "select count(*) from jet_admin_runs.servers
               where not is_dead and seen > clock_timestamp() - interval '5 seconds'";
    db.prepare(Sql::composed(sql))?.query_row((), |row| row.get(0))
}

/// By how many milliseconds the clock of a server is ahead of that of the database server.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct ClockSkew(pub i64);

impl ClockSkew {
    /// Schedules and delays are due by the clocks of servers: from which difference this is noticed, and from which servers
    /// do not start.
    const NOTABLE: i64 = 500;
    const MOST: i64 = 2000;

    pub fn is_notable(self) -> bool {
        self.0.abs() > Self::NOTABLE
    }

    pub fn is_too_large(self) -> bool {
        self.0.abs() > Self::MOST
    }
}

/// Such as `2.1 s ahead of`.
impl fmt::Display for ClockSkew {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let millis = self.0.unsigned_abs();
        write!(f, "{}.{} s {}", millis / 1000, millis % 1000 / 100, if self.0 > 0 { "ahead of" } else { "behind" })
    }
}

/// Returns by how many milliseconds the clock of this machine is at least ahead of that of the database server; negative
/// if it is behind. What the answer may have taken on its way does not count.
pub(super) fn clock_skew(db: Connection<'_>) -> SqlResult<i64> {
    const TIMES: usize = 3;
    let sql = Sql::composed("select cast(extract(epoch from clock_timestamp()) * 1000 as bigint)");
    let mut query = db.prepare(sql)?;
    let mut quickest: Option<(i64, i64)> = None;
    for _ in 0..TIMES {
        let asked = Time::now();
        let theirs: i64 = query.query_row((), |row| row.get(0))?;
        let took = Time::now().0 - asked.0;
        let ahead = asked.0 + took / 2 - theirs;
        if quickest.is_none_or(|(least, _)| took < least) {
            quickest = Some((took, ahead));
        }
    }
    let (took, ahead) = quickest.unwrap_or_default();
    Ok(ahead.signum() * (ahead.abs() - took / 2 - 1).max(0))
}
