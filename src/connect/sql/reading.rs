//! What is known about a statement from its text.
use super::{
    SqlDialect,
    quoting::{plain_query, words},
    session::SessionIsolation,
};
use std::sync::{
    OnceLock,
    atomic::{AtomicBool, Ordering},
};

/// The analysis of one statement.
#[derive(Debug, Default)]
pub(in crate::connect) struct StatementAnalysis {
    /// The statement's first word in lower case, skipping comments and parentheses.
    pub verb: String,
    /// How to isolate the session that it runs in.
    pub session: SessionIsolation,
    /// Whether it is a query or shows information, and contains no word that changes something.
    pub reads: bool,
    /// The functions that it calls, except the server's common ones.
    pub calls: Vec<String>,
    /// Whether one of `calls` may write, once the server has been asked.
    known_calls: OnceLock<bool>,
    /// Whether it was found to write despite its text.
    writes: AtomicBool,
    /// For a plain query: the text of [`StatementAnalysis::limited`] without the number of rows.
    page: Option<String>,
}

impl StatementAnalysis {
    /// The text that [`StatementAnalysis::limited`] prepends to the statement.
    pub const BEFORE: &str = "select * from (";

    pub fn of(text: &str, dialect: SqlDialect) -> Self {
        let words = words(text, dialect);
        let query = plain_query(text, &words, dialect);
        let page = query.map(|query| format!("{}{query}\n) as page limit ", Self::BEFORE));
        let (session, calls) = SessionIsolation::of(text, &words, dialect);
        let verb = words.into_iter().next().unwrap_or_default();
        let reads = page.is_some() || matches!(verb.as_str(), "show" | "explain" | "describe" | "desc");
        Self { verb, session, reads, calls, page, ..Self::default() }
    }

    /// Returns whether a called function may write; `None` until the server has been asked.
    pub fn known_calls(&self) -> Option<bool> {
        self.known_calls.get().copied()
    }

    pub fn learn_calls(&self, may_write: bool) -> bool {
        *self.known_calls.get_or_init(|| may_write)
    }

    pub fn writes(&self) -> bool {
        self.writes.load(Ordering::Relaxed)
    }

    /// Records that the statement writes, through a function, a rule or a trigger.
    pub fn set_writes(&self) {
        self.writes.store(true, Ordering::Relaxed);
    }

    /// Wraps the statement in a query that returns at most `rows` rows; `None` if it is not a plain query.
    pub fn limited(&self, rows: usize) -> Option<String> {
        self.page.as_ref().map(|page| format!("{page}{rows}"))
    }
}
