//! Runs of workflows: creates, advances and finds them.
use super::packed::{Packed, is_compressed, unpack};
use crate::{
    Error, Result,
    clock::Time,
    model::{
        Json, Scope,
        run::{Failure, Instance, Omitted, RunTrigger, Status},
    },
    quota::UsageKind,
    store::{
        RunsTx,
        database::{
            column::{self, signed},
            counters::Counted,
        },
        sql::{OptionalExtension, Row, SqlResult, sql},
        usage::row,
    },
};
use uuid::Uuid;

/// A run to create.
#[derive(Clone)]
pub struct NewInstance {
    pub id: Uuid,
    pub workflow_id: Option<Uuid>,
    pub workflow_name: String,
    pub workflow_version: u64,
    /// The hash of the graph, and its text.
    pub definition: (String, String),
    pub is_test: bool,
    pub trigger: RunTrigger,
    pub input: Json,
    pub created_at: Time,
    pub idempotency_key: Option<String>,
    /// The step that waits for this run.
    pub parent: Option<Parent>,
    pub replay_of: Option<Uuid>,
    /// The life of the server that executes it; `None` for this server.
    pub owner: Option<String>,
}

/// The step of another run that waits for a run.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Parent {
    pub instance: Uuid,
    /// `nodeID/iteration`.
    pub step: String,
    /// How deeply the run is nested in other runs, at least 1.
    pub depth: u32,
}

/// The first transition of a run that is stored together with it.
pub struct FirstTransition<'t> {
    pub progress: &'t Progress,
    /// The number of its last entry in the journal.
    pub seq: u64,
    /// The number of bytes of its entries.
    pub written: u64,
}

/// What a transition changes in a run's row.
#[derive(Clone, Debug, Default)]
pub struct Progress {
    pub status: Status,
    pub started_at: Option<Time>,
    pub finished_at: Option<Time>,
    pub due_at: Option<Time>,
    pub output: Option<String>,
    pub error: Option<String>,
}

/// Who advances a run.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum ChangedBy {
    /// The server that executes it.
    Owner,
    /// Any server: the run ends.
    Anyone,
}

/// A stored run.
pub struct StoredInstance {
    pub instance: Instance,
    /// The hash of its graph.
    pub definition: String,
    /// The number of the last entry in its journal.
    pub seq: u64,
    pub parent: Option<Parent>,
    /// The life of the server that executes it; empty if there is only one server.
    pub owner: String,
}

pub(super) const COLUMNS: &str = "id, workflow_id, workflow_name, workflow_version, status, is_test, cause, error, created_at, started_at, finished_at, due_at, actor_label, parent_id, replay_of";
const MORE: &str =
    ", input, output, definition, seq, parent_step, depth, owner from instances where tenant_id = ?1 and id = ?2";
const SHORT: &str = " and octet_length(input) + coalesce(octet_length(output), 0) < 16384";

impl RunsTx<'_> {
    /// Creates a run with its first transition, or `PENDING` and without a journal. Its graph is stored once per tenant.
    /// Returns false if another run has its idempotency key, or was started by the same attempt of the same step: nothing
    /// is created then.
    pub fn insert_instance(
        &self,
        scope: &Scope,
        new: &NewInstance,
        first: Option<FirstTransition<'_>>,
    ) -> Result<bool> {
        let tenant = scope.tenant;
        self.insert_definition(tenant, &new.definition)?;
        let pending = Progress::default();
        let FirstTransition { progress, seq, written } =
            first.unwrap_or(FirstTransition { progress: &pending, seq: 0, written: 0 });
        let (input, output) = (Packed::new(new.input.text()), progress.output.as_deref().map(Packed::new));
        let bytes = row::INSTANCE + input.size() + written + grown(output.as_ref(), progress);
        let life = self.life();
        let created = self.db
            .prepare(sql!("insert into instances (tenant_id, id, workflow_id, workflow_name, workflow_version, definition, is_test, cause, input,
                   created_at, idempotency_key, actor_kind, actor_id, actor_label, parent_id, parent_step, depth, replay_of, bytes, owner,
                   status, seq, started_at, finished_at, due_at, output, error)
                 values (?1, ?2, ?3, ?4, ?5, ?6, ?7, ?8, ?9, ?10, ?11, ?12, ?13, ?14, ?15, ?16, ?17, ?18, ?19, ?20,
                   ?21, ?22, ?23, ?24, ?25, ?26, ?27)
                 on conflict do nothing"))?
            .execute((
                tenant,
                new.id,
                new.workflow_id,
                &new.workflow_name,
                new.workflow_version,
                &new.definition.0,
                new.is_test,
                new.trigger.as_str(),
                input,
                new.created_at.0,
                &new.idempotency_key,
                scope.actor.kind.as_str(),
                scope.actor.id,
                &*scope.actor.label,
                new.parent.as_ref().map(|parent| parent.instance),
                new.parent.as_ref().map(|parent| &parent.step),
                new.parent.as_ref().map_or(0, |parent| parent.depth),
                new.replay_of,
                bytes,
                new.owner.as_deref().unwrap_or(&life),
                progress.status.as_str(),
                seq,
                progress.started_at.map(|at| at.0),
                progress.finished_at.map(|at| at.0),
                progress.due_at.map(|at| at.0),
                output,
                &progress.error,
            ))?;
        if created == 0 {
            return Ok(false);
        }
        if progress.finished_at.is_none() {
            self.count_usage(scope.tenant, UsageKind::UnfinishedRuns, signed(bytes), 1)?;
            return Ok(true);
        }
        let workflow = new.workflow_id.map_or_else(String::new, |id| id.to_string());
        self.count_usage(scope.tenant, UsageKind::EndedRuns, signed(bytes), 1)?;
        self.count_ended(scope.tenant, (&workflow, progress.status.as_str(), new.is_test, new.trigger.as_str()), 1);
        Ok(true)
    }

    /// Stores a graph under its hash, unless it is stored.
    fn insert_definition(&self, tenant: Uuid, (hash, body): &(String, String)) -> Result<()> {
        let sql = sql!("insert into definitions (tenant_id, hash, body) values (?1, ?2, ?3) on conflict do nothing");
        if self.db.prepare(sql)?.execute((tenant, hash, body))? > 0 {
            self.count_usage(tenant, UsageKind::Definitions, signed(row::DEFINITION + body.len() as u64), 1)?;
        }
        Ok(())
    }

    /// Returns the run that was started with this idempotency key, if any.
    pub fn instance_by_key(&self, scope: &Scope, workflow: Uuid, key: &str) -> Result<Option<Uuid>> {
        let sql = sql!("select id from instances where tenant_id = ?1 and workflow_id = ?2 and idempotency_key = ?3");
        let mut query = self.db.prepare(sql)?;
        let id = query.query_row((scope.tenant, workflow, key), |row| column::id(row, 0));
        Ok(id.optional()?)
    }

    /// Advances a run from the journal entry `from` to `to`. `written` is the number of bytes added to its journal.
    ///
    /// # Errors
    /// `Conflict` if the last journal entry is not `from`, or if `by` is the owner and another server has taken the run
    /// over.
    pub fn advance_instance(
        &self,
        scope: &Scope,
        id: Uuid,
        (from, to, by): (u64, u64, ChangedBy),
        progress: &Progress,
        written: u64,
    ) -> Result<()> {
        let output = progress.output.as_deref().map(Packed::new);
        let grown = written + grown(output.as_ref(), progress);
        let advanced: Option<(u64, String, bool, String)> = self
            .db
            .prepare(sql!("update instances set seq = ?4, status = ?5, started_at = ?6, finished_at = ?7, due_at = ?8, output = ?9, error = ?10, bytes = bytes + ?11
                 where tenant_id = ?1 and id = ?2 and seq = ?3 and owner = coalesce(?12, owner)
                 returning bytes, coalesce(workflow_id, ''), is_test, cause"))?
            .query_row((
                scope.tenant,
                id,
                from,
                to,
                progress.status.as_str(),
                progress.started_at.map(|at| at.0),
                progress.finished_at.map(|at| at.0),
                progress.due_at.map(|at| at.0),
                output,
                &progress.error,
                grown,
                (by == ChangedBy::Owner).then(|| self.life().to_string()),
            ), |row| Ok((row.get(0)?, row.get(1)?, row.get(2)?, row.get(3)?)))
            .optional()?;
        let (bytes, workflow, is_test, cause) =
            advanced.ok_or_else(|| Error::conflict("the run was changed by another process"))?;
        if progress.finished_at.is_none() {
            return self.count_usage(scope.tenant, UsageKind::UnfinishedRuns, signed(grown), 0);
        }
        self.count_usage(scope.tenant, UsageKind::UnfinishedRuns, -signed(bytes - grown), -1)?;
        self.count_usage(scope.tenant, UsageKind::EndedRuns, signed(bytes), 1)?;
        self.count_ended(scope.tenant, (&workflow, progress.status.as_str(), is_test, &cause), 1);
        Ok(())
    }

    pub fn instance(&self, scope: &Scope, id: Uuid) -> Result<Option<StoredInstance>> {
        let mut query = self.db.prepare(sql!("select ", COLUMNS, MORE))?;
        Ok(query.query_row((scope.tenant, id), read_stored).optional()?)
    }

    /// Returns a run whose input and output are short and not compressed: reading it takes microseconds. `None` if there
    /// is no such run.
    pub fn short_instance(&self, scope: &Scope, id: Uuid) -> Result<Option<StoredInstance>> {
        let mut query = self.db.prepare(sql!("select ", COLUMNS, MORE, SHORT))?;
        let row = query.query_row((scope.tenant, id), |row| {
            let is_quick = !is_compressed(row, INPUT)? && !is_compressed(row, OUTPUT)?;
            is_quick.then(|| read_stored(row)).transpose()
        });
        Ok(row.optional()?.flatten())
    }

    /// Returns the status of a run, and the number of the last entry in its journal.
    pub fn instance_state(&self, scope: &Scope, id: Uuid) -> Result<Option<(Status, u64)>> {
        let mut query = self.db.prepare(sql!("select status, seq from instances where tenant_id = ?1 and id = ?2"))?;
        let ids = (scope.tenant, id);
        Ok(query.query_row(ids, |row| Ok((status(row, 0)?, row.get(1)?))).optional()?)
    }

    /// Returns the life of the server that executes a run, and the number of the last entry in its journal.
    pub fn owner_of(&self, tenant: Uuid, id: Uuid) -> Result<Option<(String, u64)>> {
        let mut query = self.db.prepare(sql!("select owner, seq from instances where tenant_id = ?1 and id = ?2"))?;
        Ok(query.query_row((tenant, id), |row| Ok((row.get(0)?, row.get(1)?))).optional()?)
    }

    /// Returns the hash of a run's graph.
    pub fn definition_of(&self, scope: &Scope, id: Uuid) -> Result<Option<String>> {
        let mut query = self.db.prepare(sql!("select definition from instances where tenant_id = ?1 and id = ?2"))?;
        Ok(query.query_row((scope.tenant, id), |row| row.get(0)).optional()?)
    }

    /// Returns whether a run, or a run that directly or indirectly called it, is a run of `workflow`.
    pub fn is_within(&self, scope: &Scope, id: Uuid, workflow: Uuid) -> Result<bool> {
        let sql = sql!("with recursive callers(workflow_id, parent_id) as (
               select workflow_id, parent_id from instances where tenant_id = ?1 and id = ?2
               union all
               select run.workflow_id, run.parent_id from callers join instances as run on run.tenant_id = ?1 and run.id = callers.parent_id)
             select exists (select 1 from callers where workflow_id = ?3)");
        let mut query = self.db.prepare(sql)?;
        Ok(query.query_row((scope.tenant, id, workflow), |row| row.get(0))?)
    }

    /// Returns the run that a step of another run started.
    pub fn child(&self, scope: &Scope, parent: Uuid, step: &str) -> Result<Option<Uuid>> {
        let sql = sql!("select id from instances where tenant_id = ?1 and parent_id = ?2 and parent_step = ?3");
        let mut query = self.db.prepare(sql)?;
        let id = query.query_row((scope.tenant, parent, step), |row| column::id(row, 0));
        Ok(id.optional()?)
    }

    /// Returns the unfinished runs that a run started, each with the step that waits for it.
    pub fn unfinished_children(&self, scope: &Scope, parent: Uuid) -> Result<Vec<(Uuid, String)>> {
        let sql = sql!(
            "select id, parent_step from instances where tenant_id = ?1 and parent_id = ?2 and finished_at is null"
        );
        let mut query = self.db.prepare(sql)?;
        let ids = (scope.tenant, parent);
        let rows = query.query_map(ids, |row| Ok((column::id(row, 0)?, row.get(1)?)))?;
        Ok(rows.collect::<SqlResult<_>>()?)
    }

    /// Returns the text of a graph.
    pub fn definition(&self, scope: &Scope, hash: &str) -> Result<Option<String>> {
        let mut query = self.db.prepare(sql!("select body from definitions where tenant_id = ?1 and hash = ?2"))?;
        Ok(query.query_row((scope.tenant, hash), |row| row.get(0)).optional()?)
    }

    /// Adds to the counter of ended runs of a workflow (empty for a test of an unsaved graph), status, test and trigger.
    pub(super) fn count_ended(&self, tenant: Uuid, (workflow, status, is_test, cause): EndedKey<'_>, by: i64) {
        let key = vec![tenant.to_string().into(), workflow.into(), status.into(), is_test.into(), cause.into()];
        self.count_rows(Counted::EndedRuns, key, by);
    }
}

/// Returns how many bytes the output and the error of a transition take.
fn grown(output: Option<&Packed<'_>>, progress: &Progress) -> u64 {
    output.map_or(0, Packed::size) + progress.error.as_ref().map_or(0, |error| error.len() as u64)
}

/// The workflow, status, test and trigger of an ended run.
pub(super) type EndedKey<'a> = (&'a str, &'a str, bool, &'a str);

pub(super) fn read(row: &Row<'_>) -> SqlResult<Instance> {
    Ok(Instance {
        id: column::id(row, 0)?,
        workflow_id: column::optional_id(row, 1)?,
        workflow_name: row.get(2)?,
        workflow_version: row.get(3)?,
        status: status(row, 4)?,
        is_test: row.get(5)?,
        trigger: word(row, 6, RunTrigger::parse)?,
        error: json::<Failure>(row, 7)?,
        created_at: column::time(row, 8)?,
        started_at: column::optional_time(row, 9)?,
        finished_at: column::optional_time(row, 10)?,
        due_at: column::optional_time(row, 11)?,
        started_by: row.get(12)?,
        parent_id: column::optional_id(row, 13)?,
        replay_of: column::optional_id(row, 14)?,
        input: None,
        output: None,
        omitted: Omitted::default(),
        steps: None,
        step_count: None,
        nodes: None,
        edges: None,
    })
}

/// The columns with the input and the output after `COLUMNS`.
const INPUT: usize = 15;
const OUTPUT: usize = 16;

fn read_stored(row: &Row<'_>) -> SqlResult<StoredInstance> {
    let mut instance = read(row)?;
    instance.input = Some(text(row, INPUT)?);
    instance.output = Some(text(row, OUTPUT)?);
    let step: Option<String> = row.get(19)?;
    let depth = row.get(20)?;
    let parent = instance.parent_id.zip(step).map(|(instance, step)| Parent { instance, step, depth });
    Ok(StoredInstance { instance, definition: row.get(17)?, seq: row.get(18)?, parent, owner: row.get(21)? })
}

fn text(row: &Row<'_>, at: usize) -> SqlResult<Json> {
    let text = unpack(row, at)?.map(|text| Json::parse(text.into_owned()));
    Ok(text.transpose().map_err(|error| column::broken(at, error))?.unwrap_or_default())
}

pub(super) fn status(row: &Row<'_>, at: usize) -> SqlResult<Status> {
    word(row, at, Status::parse)
}

fn word<T>(row: &Row<'_>, at: usize, parse: impl Fn(&str) -> Option<T>) -> SqlResult<T> {
    let text = row.text(at)?;
    parse(text).ok_or_else(|| column::broken(at, format!("unknown value `{text}`")))
}

fn json<T: serde::de::DeserializeOwned>(row: &Row<'_>, at: usize) -> SqlResult<Option<T>> {
    let text = unpack(row, at)?;
    text.map(|text| serde_json::from_str(&text).map_err(|error| column::broken(at, error))).transpose()
}
