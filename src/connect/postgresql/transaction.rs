//! Selects the transaction in which a statement runs.
use super::{dial::PgConnection, exchange::PgFailure, run::PgExecution, wire::PgFault};
use crate::connect::{Mode, Written, sql::SessionIsolation};

/// The transaction around a statement.
#[derive(Clone, Copy, Debug, PartialEq)]
pub(super) enum PgTransaction {
    /// A read-only transaction: the result may be cut off at the row limit.
    Reading,
    /// A transaction in which the statement runs to completion, even if only a part of the result is kept.
    Whole,
    /// No transaction, for VACUUM and procedures that commit.
    Alone,
}

impl PgExecution<'_> {
    /// Chooses a read-only transaction if no function in the statement is known to write. If one does, the server
    /// refuses.
    pub async fn choose(&self, connection: &mut PgConnection) -> Result<PgTransaction, PgFailure> {
        let explains = self.request.mode == Mode::Explain;
        let reads = explains || (self.request.mode == Mode::Run && self.reading.reads && !self.reading.writes());
        Ok(match self.reading.session {
            _ if !reads => PgTransaction::Whole,
            SessionIsolation::Own if !explains => PgTransaction::Whole,
            SessionIsolation::Reset if !self.read_only && self.calls_volatile(connection).await? => {
                PgTransaction::Whole
            }
            _ => PgTransaction::Reading,
        })
    }

    /// Returns whether the statement calls a function that may write. Only volatile functions can.
    async fn calls_volatile(&self, connection: &mut PgConnection) -> Result<bool, PgFailure> {
        if let Some(known) = self.reading.known_calls() {
            return Ok(known);
        }
        let calls = &self.reading.calls;
        if calls.iter().any(|name| !name.chars().all(|c| c.is_alphanumeric() || c == '_' || c == '$')) {
            return Ok(true);
        }
        let names: Vec<String> = calls.iter().map(|name| format!("'{name}'")).collect();
        let text = format!(
            "select 1 from pg_proc where lower(proname) in ({}) and provolatile = 'v' limit 1",
            names.join(", ")
        );
        let found = connection.wire.ask(&text).await?;
        Ok(self.reading.learn_calls(!found.is_empty()))
    }
}

/// Returns whether the transaction has written something: only then does it have a transaction id. Locked rows and
/// `pg_current_xact_id` assign one, too, but do not lock tables as changes do.
pub(super) async fn written(connection: &mut PgConnection) -> Result<Written, PgFault> {
    let text = "savepoint asking; select case when pg_current_xact_id_if_assigned() is null then 'nothing'
         when exists (select from pg_locks where pid = pg_backend_pid() and locktype = 'relation'
           and mode in ('RowExclusiveLock', 'ShareRowExclusiveLock', 'ExclusiveLock', 'AccessExclusiveLock')) then 'rows'
         end";
    let rows = match connection.wire.ask(text).await {
        // an older or a similar server
        Err(PgFault::Refused(_)) => {
            connection.wire.ask("rollback to savepoint asking").await?;
            return Ok(Written::Perhaps);
        }
        rows => rows?,
    };
    Ok(match rows.first().and_then(|row| row.first()?.as_deref()) {
        Some("nothing") => Written::Nothing,
        Some(_) => Written::Something,
        None => Written::Perhaps,
    })
}
