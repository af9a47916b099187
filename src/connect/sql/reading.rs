//! What a statement's text says by itself.
use super::{
    Dialect,
    quoting::{plain_query, words},
    session::Session,
};
use std::sync::{
    OnceLock,
    atomic::{AtomicBool, Ordering},
};

/// What one text says.
#[derive(Debug, Default)]
pub(in crate::connect) struct Reading {
    /// The statement's first word in lower case, after comments and parentheses.
    pub verb: String,
    /// Whose connection it may run on, and what becomes of it.
    pub session: Session,
    /// Whether it is a query, or a question about the server, that changes nothing by its own words.
    pub reads: bool,
    /// The names of the functions in it that are not the server's best known ones.
    pub calls: Vec<String>,
    /// Whether one of `calls` may write, as far as the server has been asked.
    known_calls: OnceLock<bool>,
    /// Whether it was found to write all the same.
    writes: AtomicBool,
    /// Of a plain query: all but the number of rows of [`Reading::limited`].
    page: Option<String>,
}

impl Reading {
    /// What [`Reading::limited`] puts before the statement.
    pub const BEFORE: &str = "select * from (";

    pub fn of(text: &str, dialect: Dialect) -> Self {
        let words = words(text, dialect);
        let query = plain_query(text, &words, dialect);
        let page = query.map(|query| format!("{}{query}\n) as page limit ", Self::BEFORE));
        let (session, calls) = Session::of(text, &words, dialect);
        let verb = words.into_iter().next().unwrap_or_default();
        let reads = page.is_some() || matches!(verb.as_str(), "show" | "explain" | "describe" | "desc");
        Self { verb, session, reads, calls, page, ..Self::default() }
    }

    /// Whether a function that is called may write; none as long as nobody has asked the server.
    pub fn known_calls(&self) -> Option<bool> {
        self.known_calls.get().copied()
    }

    pub fn learn_calls(&self, may_write: bool) -> bool {
        *self.known_calls.get_or_init(|| may_write)
    }

    pub fn writes(&self) -> bool {
        self.writes.load(Ordering::Relaxed)
    }

    /// Remembers that it writes, through a function, a rule or a trigger.
    pub fn set_writes(&self) {
        self.writes.store(true, Ordering::Relaxed);
    }

    /// The statement as a part of a query that answers with at most `rows`; none where it is no plain query.
    pub fn limited(&self, rows: usize) -> Option<String> {
        self.page.as_ref().map(|page| format!("{page}{rows}"))
    }
}
