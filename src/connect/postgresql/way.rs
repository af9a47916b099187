//! Whether a statement may be taken for one that reads.
use super::{dial::Connection, exchange::Failure, run::Job};
use crate::connect::{Mode, sql::Session};

/// What is around a statement.
#[derive(Clone, Copy, Debug, PartialEq)]
pub(super) enum Way {
    /// A transaction in which the server refuses to write, so that the answer may be cut at the limit on rows.
    Reading,
    /// One in which it runs to its end, whatever part of its answer is kept.
    Whole,
    /// None: VACUUM, and procedures that commit.
    Alone,
}

impl Job<'_> {
    /// Whether the statement may be taken for one that reads: no function in it is known to write, and the server will
    /// refuse it if one does.
    pub async fn choose(&self, connection: &mut Connection) -> Result<Way, Failure> {
        let explains = self.request.mode == Mode::Explain;
        let reads = explains || (self.request.mode == Mode::Run && self.reading.reads && !self.reading.writes());
        Ok(match self.reading.session {
            _ if !reads => Way::Whole,
            Session::Own if !explains => Way::Whole,
            Session::Reset if !self.read_only && self.calls_volatile(connection).await? => Way::Whole,
            _ => Way::Reading,
        })
    }

    /// Whether it calls a function that may write. Only the volatile ones can.
    async fn calls_volatile(&self, connection: &mut Connection) -> Result<bool, Failure> {
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
