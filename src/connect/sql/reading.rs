//! What a statement's text says by itself.
use super::{
    Dialect,
    quoting::{plain_query, words},
    session::Session,
};

/// What one text says.
#[derive(Debug, Default)]
pub(in crate::connect) struct Reading {
    /// The statement's first word in lower case, after comments and parentheses.
    pub verb: String,
    /// Whose connection it may run on, and what becomes of it.
    pub session: Session,
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
        let session = Session::of(text, &words, dialect);
        Self { verb: words.into_iter().next().unwrap_or_default(), session, page }
    }

    /// The statement as a part of a query that answers with at most `rows`; none where it is no plain query.
    pub fn limited(&self, rows: usize) -> Option<String> {
        self.page.as_ref().map(|page| format!("{page}{rows}"))
    }
}
