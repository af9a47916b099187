//! The state of triggers: the tokens of webhooks, and when schedules are next due. Updated with each workflow.
use crate::{
    Error, Result,
    clock::Time,
    model::{
        Record, Resource, Scope, Workflow,
        trigger::{Trigger, TriggerFailure},
    },
    store::{
        Tx,
        audit::AuditedChange,
        database::column,
        sql::{OptionalExtension, Row, SqlResult, sql},
    },
};
use base64::{Engine, prelude::BASE64_URL_SAFE_NO_PAD};
use sha2::{Digest, Sha256};
use std::time::Duration;
use uuid::Uuid;

/// The stored state of a trigger.
#[derive(Clone, Debug)]
pub struct TriggerRow {
    pub id: String,
    /// The token of a webhook.
    token: Option<SealedToken>,
    /// The time that a schedule's next run is for. `None` while it is off.
    pub scheduled_for: Option<Time>,
    /// When that run is started: at that time, or later if an attempt has failed.
    pub due_at: Option<Time>,
    /// The time that the last run was for.
    pub fired_at: Option<Time>,
    /// Why no run was started the last time.
    pub failure: Option<TriggerFailure>,
}

/// The token of a webhook, as its hash and sealed. A copy of the database alone does not reveal it.
#[derive(Clone, Debug, PartialEq, Eq)]
struct SealedToken {
    hash: String,
    sealed: String,
}

/// A schedule that is due.
#[derive(Clone, Debug)]
pub struct DueTrigger {
    pub tenant: Uuid,
    pub workflow: Uuid,
    pub id: String,
    pub scheduled_for: Time,
    pub due_at: Time,
}

/// The outcome of a due time.
#[derive(Clone, Debug)]
pub enum DueOutcome {
    /// A run was started, now or by an earlier attempt.
    Fired,
    /// No run was to be started: the schedule is off or deleted.
    Skipped,
    /// No run could be started, and there will be no other attempt.
    Failed(String),
    /// This time, and maybe more after it, were missed.
    Missed(String),
}

/// How long the state of a schedule reports missed times, at least.
const REPORTED: Duration = Duration::from_hours(24);

const COLUMNS: &str = "id, token_hash, token_sealed, scheduled_for, due_at, fired_at, failure";

impl Tx<'_> {
    /// Updates the stored triggers of a workflow to match its list.
    pub(super) fn save_triggers<R: Resource>(&self, scope: &Scope, record: &Record<R>) -> Result<()> {
        let Some(triggers) = record.spec.triggers() else { return Ok(()) };
        let (tenant, workflow) = (scope.tenant.to_string(), record.id.to_string());
        let old = self.trigger_rows(scope, record.id)?;
        for gone in old.iter().filter(|row| !triggers.iter().any(|(trigger, _)| trigger.id() == row.id)) {
            self.db
                .prepare(sql!("delete from triggers where tenant_id = ?1 and workflow_id = ?2 and id = ?3"))?
                .execute((&tenant, &workflow, &gone.id))?;
        }
        for (trigger, is_on) in triggers {
            let old = old.iter().find(|row| row.id == trigger.id());
            let (kind, token, next) = match trigger {
                Trigger::Schedule(schedule) => {
                    // a due time whose run is being started is kept if it is still a time of the schedule
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
                .prepare(sql!("insert into triggers (tenant_id, workflow_id, id, kind, token_hash, token_sealed, scheduled_for, due_at) values (?1, ?2, ?3, ?4, ?5, ?6, ?7, ?7)
                     on conflict (tenant_id, workflow_id, id) do update set kind = excluded.kind, token_hash = excluded.token_hash,
                       token_sealed = excluded.token_sealed, scheduled_for = excluded.scheduled_for, due_at = excluded.due_at"))?
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

    /// Returns the token of a webhook. `None` for a schedule, and if the token was sealed with another key.
    pub fn token(&self, scope: &Scope, workflow: Uuid, row: &TriggerRow) -> Result<Option<String>> {
        let Some(token) = &row.token else { return Ok(None) };
        match self.sealer()?.open(&token.sealed, &token_context(scope.tenant, workflow, &row.id)) {
            Ok(token) => Ok(String::from_utf8(token).ok()),
            Err(error) => {
                tracing::warn!(
                    tenant = %scope.tenant, %workflow, trigger = row.id, %error,
                    "cannot decrypt the token of a webhook: give the webhook a new URL"
                );
                Ok(None)
            }
        }
    }

    /// Seals the tokens that an older version stored as plain text. Returns how many.
    pub(in crate::store) fn seal_tokens(&self) -> Result<usize> {
        let mut query =
            self.db.prepare(sql!("select tenant_id, workflow_id, id, token from triggers where token is not null"))?;
        let rows = query.query_map((), |row| {
            Ok((column::id(row, 0)?, column::id(row, 1)?, row.get::<String>(2)?, row.get::<String>(3)?))
        })?;
        let clear = rows.collect::<SqlResult<Vec<_>>>()?;
        // overwrite them in the free space of the file
        self.db.overwrite_deleted(!clear.is_empty())?;
        for (tenant, workflow, id, token) in &clear {
            let SealedToken { hash, sealed } = self.seal_token(*tenant, *workflow, id, token)?;
            self.db
                .prepare(sql!(
                    "update triggers set token = null, token_hash = ?4, token_sealed = ?5 where tenant_id = ?1 and \
                     workflow_id = ?2 and id = ?3"
                ))?
                .execute((tenant, workflow, id, hash, sealed))?;
        }
        self.db.overwrite_deleted(false)?;
        Ok(clear.len())
    }

    pub fn trigger_rows(&self, scope: &Scope, workflow: Uuid) -> Result<Vec<TriggerRow>> {
        let sql = sql!("select ", COLUMNS, " from triggers where tenant_id = ?1 and workflow_id = ?2");
        let mut query = self.db.prepare(sql)?;
        let rows = query.query_map((scope.tenant, workflow), read)?;
        Ok(rows.collect::<SqlResult<_>>()?)
    }

    /// Finds the webhook with this token, unless its workflow is in the trash. Returns its tenant, its workflow and its id.
    pub fn webhook(&self, token: &str) -> Result<Option<(Uuid, Uuid, String)>> {
        let mut query = self.db.prepare(sql!(
            "select tenant_id, workflow_id, id from triggers t where token_hash = ?1
               and not exists (select 1 from trash where tenant_id = t.tenant_id and id = t.workflow_id)"
        ))?;
        let row =
            query.query_row([token_hash(token)], |row| Ok((column::id(row, 0)?, column::id(row, 1)?, row.get(2)?)));
        Ok(row.optional()?)
    }

    /// Replaces the token of a webhook. The old one stops working.
    ///
    /// # Errors
    /// `NotFound`.
    pub fn rotate_token(&self, scope: &Scope, workflow: Uuid, id: &str) -> Result<()> {
        let record = self.find::<Workflow>(scope, workflow)?;
        let token = self.seal_token(scope.tenant, workflow, id, &new_token())?;
        let changed = self
            .db
            .prepare(sql!(
                "update triggers set token_hash = ?4, token_sealed = ?5
                 where tenant_id = ?1 and workflow_id = ?2 and id = ?3 and token_hash is not null"
            ))?
            .execute((scope.tenant, workflow, id, token.hash, token.sealed))?;
        if changed == 0 {
            return Err(Error::NotFound("webhook"));
        }
        self.record_act(
            scope,
            &AuditedChange { verb: "rotate", kind: Workflow::KIND.name(), id: workflow, name: &record.label.name },
        )
    }

    /// Returns the schedules that are due at `now`, longest overdue first.
    pub fn due_triggers(&self, now: Time, limit: u32) -> Result<Vec<DueTrigger>> {
        let mut query = self.db.prepare(sql!(
            "select tenant_id, workflow_id, id, scheduled_for, due_at from triggers where due_at <= ?1 order by due_at \
             limit ?2"
        ))?;
        let rows = query.query_map((now.0, limit), read_due)?;
        Ok(rows.collect::<SqlResult<_>>()?)
    }

    /// Returns when the next schedule is due.
    pub fn next_due(&self) -> Result<Option<Time>> {
        let mut query = self.db.prepare(sql!("select min(due_at) from triggers where due_at is not null"))?;
        Ok(query.query_row((), |row| column::optional_time(row, 0))?)
    }

    /// Records the outcome of a due time, and sets the next time, unless the schedule was changed meanwhile.
    pub fn settle_trigger(&self, due: &DueTrigger, settled: &DueOutcome, next: Option<Time>, now: Time) -> Result<()> {
        let missed = |message: &String, kept_until| TriggerFailure {
            at: due.scheduled_for,
            message: message.clone(),
            kept_until,
        };
        let (fired, failure) = match settled {
            DueOutcome::Fired => (Some(due.scheduled_for.0), self.kept_failure(due, now)?),
            DueOutcome::Skipped => (None, None),
            DueOutcome::Failed(message) => (None, Some(missed(message, None))),
            DueOutcome::Missed(message) => (None, Some(missed(message, Some(now.plus(REPORTED))))),
        };
        let failure = failure.map(|missed| serde_json::to_string(&missed)).transpose()?;
        self.db
            .prepare(sql!(
                "update triggers set scheduled_for = ?5, due_at = ?5, fired_at = coalesce(?6, fired_at), failure = ?7
                 where tenant_id = ?1 and workflow_id = ?2 and id = ?3 and scheduled_for = ?4"
            ))?
            .execute((due.tenant, due.workflow, &due.id, due.scheduled_for.0, next.map(|at| at.0), fired, failure))?;
        Ok(())
    }

    /// Returns the report about missed times while it must be kept.
    fn kept_failure(&self, due: &DueTrigger, now: Time) -> Result<Option<TriggerFailure>> {
        let rows = self.trigger_rows(&Scope::system(due.tenant), due.workflow)?;
        let failure = rows.into_iter().find(|row| row.id == due.id).and_then(|row| row.failure);
        Ok(failure.filter(|missed| missed.kept_until.is_some_and(|until| now < until)))
    }

    /// Returns whether a schedule has started a run for a time after `now`, because the clock was set back.
    pub fn has_fired_ahead(&self, now: Time) -> Result<bool> {
        Ok(self.db.prepare(sql!("select 1 from triggers where fired_at > ?1"))?.exists([now.0])?)
    }

    /// Returns the schedules that are due after `now`.
    pub fn triggers_ahead(&self, now: Time) -> Result<Vec<DueTrigger>> {
        let mut query = self.db.prepare(sql!(
            "select tenant_id, workflow_id, id, scheduled_for, due_at from triggers where due_at > ?1 order by due_at"
        ))?;
        let rows = query.query_map([now.0], read_due)?;
        Ok(rows.collect::<SqlResult<_>>()?)
    }

    /// Changes the next time of a schedule, unless the schedule was changed meanwhile.
    pub fn move_trigger(&self, due: &DueTrigger, next: Time) -> Result<()> {
        self.db
            .prepare(sql!(
                "update triggers set scheduled_for = ?5, due_at = ?5
                 where tenant_id = ?1 and workflow_id = ?2 and id = ?3 and scheduled_for = ?4"
            ))?
            .execute((due.tenant, due.workflow, &due.id, due.scheduled_for.0, next.0))?;
        Ok(())
    }

    /// Postpones a due time to `again`, and stores the reason.
    pub fn postpone_trigger(&self, due: &DueTrigger, again: Time, message: &str) -> Result<()> {
        let missed = TriggerFailure { at: due.scheduled_for, message: message.to_owned(), kept_until: None };
        self.db
            .prepare(sql!(
                "update triggers set due_at = ?5, failure = ?6
                 where tenant_id = ?1 and workflow_id = ?2 and id = ?3 and scheduled_for = ?4"
            ))?
            .execute((
                due.tenant,
                due.workflow,
                &due.id,
                due.scheduled_for.0,
                again.0,
                serde_json::to_string(&missed)?,
            ))?;
        Ok(())
    }
}

fn read_due(row: &Row<'_>) -> SqlResult<DueTrigger> {
    Ok(DueTrigger {
        tenant: column::id(row, 0)?,
        workflow: column::id(row, 1)?,
        id: row.get(2)?,
        scheduled_for: column::time(row, 3)?,
        due_at: column::time(row, 4)?,
    })
}

fn read(row: &Row<'_>) -> SqlResult<TriggerRow> {
    let failure = row.optional_text(6)?;
    let (hash, sealed) = (row.get::<Option<String>>(1)?, row.get::<Option<String>>(2)?);
    Ok(TriggerRow {
        id: row.get(0)?,
        token: hash.zip(sealed).map(|(hash, sealed)| SealedToken { hash, sealed }),
        scheduled_for: column::optional_time(row, 3)?,
        due_at: column::optional_time(row, 4)?,
        fired_at: column::optional_time(row, 5)?,
        failure: failure.and_then(|text| serde_json::from_str(text).ok()),
    })
}

/// Returns the hash of a token. Tokens are random, so a fast hash is enough.
fn token_hash(token: &str) -> String {
    hex::encode(Sha256::digest(token.as_bytes()))
}

/// Returns the context of a sealed token: copied to another webhook, it cannot be decrypted.
pub fn token_context(tenant: Uuid, workflow: Uuid, id: &str) -> String {
    format!("webhook-token/{tenant}/{workflow}/{id}")
}

/// Generates a token with 256 random bits, safe for URLs.
fn new_token() -> String {
    let bytes: [u8; 32] = rand::random();
    BASE64_URL_SAFE_NO_PAD.encode(bytes)
}
