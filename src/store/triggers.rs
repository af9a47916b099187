//! What starts runs by itself: the tokens of webhooks, and when schedules are next due. Kept with each workflow.
use super::{Tx, audit::Act, column};
use crate::{
    Error, Result,
    clock::Time,
    model::{
        Record, Resource, Scope, Workflow,
        trigger::{Missed, Trigger},
    },
};
use base64::{Engine, prelude::BASE64_URL_SAFE_NO_PAD};
use rusqlite::{OptionalExtension, Row};
use sha2::{Digest, Sha256};
use std::time::Duration;
use uuid::Uuid;

/// What is stored of a trigger beside its workflow.
#[derive(Clone, Debug)]
pub struct TriggerRow {
    pub id: String,
    /// Of a webhook's token: what it is found by, and itself, sealed.
    token: Option<SealedToken>,
    /// The time that a schedule's next run is for; none while it is off.
    pub scheduled_for: Option<Time>,
    /// When that run is to be started: at that time, or later where an attempt has failed.
    pub due_at: Option<Time>,
    /// The time that its last run was for.
    pub fired_at: Option<Time>,
    /// Why the last time started no run.
    pub failure: Option<Missed>,
}

/// What is kept of a webhook's token: a copy of the database alone does not give it.
#[derive(Clone, Debug, PartialEq, Eq)]
struct SealedToken {
    hash: String,
    sealed: String,
}

/// A schedule whose time has come.
#[derive(Clone, Debug)]
pub struct DueTrigger {
    pub tenant: Uuid,
    pub workflow: Uuid,
    pub id: String,
    pub scheduled_for: Time,
    pub due_at: Time,
}

/// What a schedule's time came to.
#[derive(Clone, Debug)]
pub enum Settled {
    /// A run was started, now or by an attempt before.
    Fired,
    /// It was not to start any: the schedule is off, or gone.
    Skipped,
    /// It started no run, and never will.
    Failed(String),
    /// The same, and more times after it: too late to start them one by one.
    Missed(String),
}

/// How long the state of a schedule reports times that it missed, at least.
const REPORTED: Duration = Duration::from_hours(24);

const COLUMNS: &str = "id, token_hash, token_sealed, scheduled_for, due_at, fired_at, failure";

impl Tx<'_> {
    /// Brings the stored triggers of a workflow in line with its own list, each with whether it is on.
    pub(super) fn save_triggers<R: Resource>(&self, scope: &Scope, record: &Record<R>) -> Result<()> {
        let Some(triggers) = record.spec.triggers() else { return Ok(()) };
        let (tenant, workflow) = (scope.tenant.to_string(), record.id.to_string());
        let old = self.trigger_rows(scope, record.id)?;
        for gone in old.iter().filter(|row| !triggers.iter().any(|(trigger, _)| trigger.id() == row.id)) {
            self.db
                .prepare_cached("delete from triggers where tenant_id = ?1 and workflow_id = ?2 and id = ?3")?
                .execute((&tenant, &workflow, &gone.id))?;
        }
        for (trigger, is_on) in triggers {
            let old = old.iter().find(|row| row.id == trigger.id());
            let (kind, token, next) = match trigger {
                Trigger::Schedule(schedule) => {
                    // a time that is being taken up stays, as long as the schedule has it
                    let pending = old
                        .and_then(|row| row.scheduled_for)
                        .filter(|at| *at <= scope.now && schedule.next(Time(at.0 - 1)) == Some(*at));
                    let next = pending.or_else(|| schedule.next(scope.now)).filter(|_| is_on);
                    ("schedule", None, next)
                }
                Trigger::Webhook(_) => {
                    let token = match old.and_then(|row| row.token.clone()) {
                        Some(known) => known,
                        None => self.seal_token(scope.tenant, record.id, trigger.id(), &new_token())?,
                    };
                    ("webhook", Some(token), None)
                }
            };
            let unchanged = old.filter(|row| row.scheduled_for == next && row.token == token);
            if unchanged.is_some() {
                continue;
            }
            self.db
                .prepare_cached(
                    "insert into triggers (tenant_id, workflow_id, id, kind, token_hash, token_sealed, scheduled_for, due_at) values (?1, ?2, ?3, ?4, ?5, ?6, ?7, ?7)
                     on conflict (tenant_id, workflow_id, id) do update set kind = excluded.kind, token_hash = excluded.token_hash,
                       token_sealed = excluded.token_sealed, scheduled_for = excluded.scheduled_for, due_at = excluded.due_at",
                )?
                .execute((
                    &tenant,
                    &workflow,
                    trigger.id(),
                    kind,
                    token.as_ref().map(|token| &token.hash),
                    token.as_ref().map(|token| &token.sealed),
                    next.map(|at| at.0),
                ))?;
        }
        Ok(())
    }

    fn seal_token(&self, tenant: Uuid, workflow: Uuid, id: &str, token: &str) -> Result<SealedToken> {
        let sealed = self.sealer()?.seal(token.as_bytes(), &token_context(tenant, workflow, id))?;
        Ok(SealedToken { hash: token_hash(token), sealed })
    }

    /// The secret part of a webhook's address; none of a schedule, and none when it was sealed with another key.
    pub fn token(&self, scope: &Scope, workflow: Uuid, row: &TriggerRow) -> Result<Option<String>> {
        let Some(token) = &row.token else { return Ok(None) };
        match self.sealer()?.open(&token.sealed, &token_context(scope.tenant, workflow, &row.id)) {
            Ok(token) => Ok(String::from_utf8(token).ok()),
            Err(error) => {
                tracing::warn!(tenant = %scope.tenant, %workflow, trigger = row.id, %error, "a webhook's address cannot be shown: give it a new one");
                Ok(None)
            }
        }
    }

    /// Seals the tokens that an older version kept in the clear; gives their number.
    pub(super) fn seal_tokens(&self) -> Result<usize> {
        let mut query =
            self.db.prepare_cached("select tenant_id, workflow_id, id, token from triggers where token is not null")?;
        let rows = query.query_map((), |row| {
            Ok((column::id(row, 0)?, column::id(row, 1)?, row.get::<_, String>(2)?, row.get::<_, String>(3)?))
        })?;
        let clear = rows.collect::<rusqlite::Result<Vec<_>>>()?;
        // nothing of them stays in the file's free space
        self.db.pragma_update(None, "secure_delete", !clear.is_empty())?;
        for (tenant, workflow, id, token) in &clear {
            let SealedToken { hash, sealed } = self.seal_token(*tenant, *workflow, id, token)?;
            self.db
                .prepare_cached(
                    "update triggers set token = null, token_hash = ?4, token_sealed = ?5 where tenant_id = ?1 and workflow_id = ?2 and id = ?3",
                )?
                .execute((tenant.to_string(), workflow.to_string(), id, hash, sealed))?;
        }
        self.db.pragma_update(None, "secure_delete", false)?;
        Ok(clear.len())
    }

    pub fn trigger_rows(&self, scope: &Scope, workflow: Uuid) -> Result<Vec<TriggerRow>> {
        let sql = format!("select {COLUMNS} from triggers where tenant_id = ?1 and workflow_id = ?2");
        let mut query = self.db.prepare_cached(&sql)?;
        let rows = query.query_map((scope.tenant.to_string(), workflow.to_string()), read)?;
        Ok(rows.collect::<rusqlite::Result<_>>()?)
    }

    /// Whose webhook this is: its tenant, its workflow, its id.
    pub fn webhook(&self, token: &str) -> Result<Option<(Uuid, Uuid, String)>> {
        let mut query =
            self.db.prepare_cached("select tenant_id, workflow_id, id from triggers where token_hash = ?1")?;
        let row =
            query.query_row([token_hash(token)], |row| Ok((column::id(row, 0)?, column::id(row, 1)?, row.get(2)?)));
        Ok(row.optional()?)
    }

    /// Gives a webhook another token; the one before is worth nothing from here on.
    ///
    /// # Errors
    /// `NotFound`.
    pub fn rotate_token(&self, scope: &Scope, workflow: Uuid, id: &str) -> Result<()> {
        let record = self.find::<Workflow>(scope, workflow)?;
        let token = self.seal_token(scope.tenant, workflow, id, &new_token())?;
        let changed = self
            .db
            .prepare_cached(
                "update triggers set token_hash = ?4, token_sealed = ?5
                 where tenant_id = ?1 and workflow_id = ?2 and id = ?3 and token_hash is not null",
            )?
            .execute((scope.tenant.to_string(), workflow.to_string(), id, token.hash, token.sealed))?;
        if changed == 0 {
            return Err(Error::NotFound("webhook"));
        }
        self.record_act(
            scope,
            &Act { verb: "rotate", kind: Workflow::KIND.name, id: workflow, name: &record.label.name },
        )
    }

    /// The schedules that are due at `now`, the longest due first.
    pub fn due_triggers(&self, now: Time, limit: u32) -> Result<Vec<DueTrigger>> {
        let mut query = self.db.prepare_cached(
            "select tenant_id, workflow_id, id, scheduled_for, due_at from triggers where due_at <= ?1 order by due_at limit ?2",
        )?;
        let rows = query.query_map((now.0, limit), read_due)?;
        Ok(rows.collect::<rusqlite::Result<_>>()?)
    }

    /// When the next schedule is due.
    pub fn next_due(&self) -> Result<Option<Time>> {
        let mut query = self.db.prepare_cached("select min(due_at) from triggers where due_at is not null")?;
        Ok(query.query_row((), |row| column::optional_time(row, 0))?)
    }

    /// Goes on at `now` with a schedule's time after the one that was due, unless it was changed meanwhile.
    pub fn settle_trigger(&self, due: &DueTrigger, settled: &Settled, next: Option<Time>, now: Time) -> Result<()> {
        let missed =
            |message: &String, kept_until| Missed { at: due.scheduled_for, message: message.clone(), kept_until };
        let (fired, failure) = match settled {
            Settled::Fired => (Some(due.scheduled_for.0), self.kept_failure(due, now)?),
            Settled::Skipped => (None, None),
            Settled::Failed(message) => (None, Some(missed(message, None))),
            Settled::Missed(message) => (None, Some(missed(message, Some(now.plus(REPORTED))))),
        };
        let failure = failure.map(|missed| serde_json::to_string(&missed)).transpose()?;
        self.db
            .prepare_cached(
                "update triggers set scheduled_for = ?5, due_at = ?5, fired_at = coalesce(?6, fired_at), failure = ?7
                 where tenant_id = ?1 and workflow_id = ?2 and id = ?3 and scheduled_for = ?4",
            )?
            .execute((
                due.tenant.to_string(),
                due.workflow.to_string(),
                &due.id,
                due.scheduled_for.0,
                next.map(|at| at.0),
                fired,
                failure,
            ))?;
        Ok(())
    }

    /// What a schedule reports of times that it missed, as long as that is to be seen.
    fn kept_failure(&self, due: &DueTrigger, now: Time) -> Result<Option<Missed>> {
        let rows = self.trigger_rows(&Scope::system(due.tenant), due.workflow)?;
        let failure = rows.into_iter().find(|row| row.id == due.id).and_then(|row| row.failure);
        Ok(failure.filter(|missed| missed.kept_until.is_some_and(|until| now < until)))
    }

    /// Whether a schedule has started a run for a time that is still to come at `now`: the clock was set back.
    pub fn has_fired_ahead(&self, now: Time) -> Result<bool> {
        Ok(self.db.prepare_cached("select 1 from triggers where fired_at > ?1")?.exists([now.0])?)
    }

    /// The schedules whose next time is after `now`.
    pub fn triggers_ahead(&self, now: Time) -> Result<Vec<DueTrigger>> {
        let mut query = self.db.prepare_cached(
            "select tenant_id, workflow_id, id, scheduled_for, due_at from triggers where due_at > ?1 order by due_at",
        )?;
        let rows = query.query_map([now.0], read_due)?;
        Ok(rows.collect::<rusqlite::Result<_>>()?)
    }

    /// Gives a schedule another next time, unless it was changed meanwhile.
    pub fn move_trigger(&self, due: &DueTrigger, next: Time) -> Result<()> {
        self.db
            .prepare_cached(
                "update triggers set scheduled_for = ?5, due_at = ?5
                 where tenant_id = ?1 and workflow_id = ?2 and id = ?3 and scheduled_for = ?4",
            )?
            .execute((due.tenant.to_string(), due.workflow.to_string(), &due.id, due.scheduled_for.0, next.0))?;
        Ok(())
    }

    /// Tries again at `again`, and says why meanwhile.
    pub fn postpone_trigger(&self, due: &DueTrigger, again: Time, message: &str) -> Result<()> {
        let missed = Missed { at: due.scheduled_for, message: message.to_owned(), kept_until: None };
        self.db
            .prepare_cached(
                "update triggers set due_at = ?5, failure = ?6
                 where tenant_id = ?1 and workflow_id = ?2 and id = ?3 and scheduled_for = ?4",
            )?
            .execute((
                due.tenant.to_string(),
                due.workflow.to_string(),
                &due.id,
                due.scheduled_for.0,
                again.0,
                serde_json::to_string(&missed)?,
            ))?;
        Ok(())
    }
}

fn read_due(row: &Row<'_>) -> rusqlite::Result<DueTrigger> {
    Ok(DueTrigger {
        tenant: column::id(row, 0)?,
        workflow: column::id(row, 1)?,
        id: row.get(2)?,
        scheduled_for: column::time(row, 3)?,
        due_at: column::time(row, 4)?,
    })
}

fn read(row: &Row<'_>) -> rusqlite::Result<TriggerRow> {
    let failure = row.get_ref(6)?.as_str_or_null()?;
    let (hash, sealed) = (row.get::<_, Option<String>>(1)?, row.get::<_, Option<String>>(2)?);
    Ok(TriggerRow {
        id: row.get(0)?,
        token: hash.zip(sealed).map(|(hash, sealed)| SealedToken { hash, sealed }),
        scheduled_for: column::optional_time(row, 3)?,
        due_at: column::optional_time(row, 4)?,
        fired_at: column::optional_time(row, 5)?,
        failure: failure.and_then(|text| serde_json::from_str(text).ok()),
    })
}

/// The token is random, so a fast hash is enough.
fn token_hash(token: &str) -> String {
    hex::encode(Sha256::digest(token.as_bytes()))
}

/// What a sealed token is bound to: copied to another webhook, it does not open.
pub(super) fn token_context(tenant: Uuid, workflow: Uuid, id: &str) -> String {
    format!("webhook-token/{tenant}/{workflow}/{id}")
}

/// 256 bits that nobody guesses, fit for an address.
fn new_token() -> String {
    let bytes: [u8; 32] = rand::random();
    BASE64_URL_SAFE_NO_PAD.encode(bytes)
}
