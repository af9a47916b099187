//! What a statement's text says by itself: read once, and remembered for the next execution.
use super::{
    Dialect,
    quoting::{plain_query, words},
};
use std::{
    collections::HashMap,
    sync::{Arc, PoisonError, RwLock},
};

/// Texts remembered, and how many bytes each may have.
const TEXTS: usize = 100;
const LONGEST: usize = 10_000;

/// What one text says.
#[derive(Debug, Default)]
pub(in crate::connect) struct Reading {
    /// The statement's first word in lower case, after comments and parentheses.
    pub verb: String,
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
        Self { verb: words.into_iter().next().unwrap_or_default(), page }
    }

    /// The statement as a part of a query that answers with at most `rows`; none where it is no plain query.
    pub fn limited(&self, rows: usize) -> Option<String> {
        self.page.as_ref().map(|page| format!("{page}{rows}"))
    }
}

/// What is known of the statements of one datasource.
#[derive(Default)]
pub(in crate::connect) struct Readings(RwLock<HashMap<String, Arc<Reading>>>);

impl Readings {
    pub fn of(&self, text: &str, dialect: Dialect) -> Arc<Reading> {
        if let Some(known) = self.0.read().unwrap_or_else(PoisonError::into_inner).get(text) {
            return Arc::clone(known);
        }
        let reading = Arc::new(Reading::of(text, dialect));
        if text.len() <= LONGEST {
            let mut known = self.0.write().unwrap_or_else(PoisonError::into_inner);
            if known.len() >= TEXTS {
                known.clear();
            }
            known.insert(text.to_owned(), Arc::clone(&reading));
        }
        reading
    }
}
