//! The statements of one datasource: each text is parsed once and cached.
use super::{BoundSql, SqlDialect, Statement, StatementAnalysis, template::SqlTemplate};
use crate::{Result, connect::QueryRequest, model::parse};
use serde_json::Value;
use std::{
    collections::HashMap,
    sync::{Arc, PoisonError, RwLock},
};

/// The maximum number of cached texts, and the maximum length of each in bytes.
const TEXTS: usize = 100;
const LONGEST: usize = 10_000;

pub(in crate::connect) struct Statements {
    dialect: SqlDialect,
    templates: Memory<SqlTemplate>,
    readings: Memory<StatementAnalysis>,
}

impl Statements {
    pub fn new(dialect: SqlDialect) -> Self {
        Self { dialect, templates: Memory::new(), readings: Memory::new() }
    }

    /// Parses a request's SQL and binds its parameters.
    ///
    /// # Errors
    /// `Invalid` at `options.sql` for a placeholder that is inside quotes or not a parameter.
    pub fn compile(&self, request: &QueryRequest) -> Result<BoundSql> {
        let template = |sql: &str| self.templates.get(sql, || SqlTemplate::parse(sql, self.dialect));
        let template = match request.options.get("sql") {
            Some(Value::String(sql)) if request.options.len() == 1 => template(sql)?,
            // parsing the options reports what is wrong
            _ => {
                let statement: Statement = parse::from_value(Value::Object((*request.options).clone()), "options")?;
                template(&statement.sql)?
            }
        };
        template.bind(&request.params)
    }

    /// Analyses the text of a bound statement.
    pub fn reading(&self, text: &str) -> Arc<StatementAnalysis> {
        let read = || Ok::<_, std::convert::Infallible>(StatementAnalysis::of(text, self.dialect));
        self.readings.get(text, read).unwrap_or_else(|never| match never {})
    }
}

/// A cache by text.
struct Memory<T>(RwLock<HashMap<String, Arc<T>>>);

impl<T> Memory<T> {
    fn new() -> Self {
        Self(RwLock::default())
    }

    fn get<E>(&self, text: &str, read: impl FnOnce() -> Result<T, E>) -> Result<Arc<T>, E> {
        if let Some(known) = self.0.read().unwrap_or_else(PoisonError::into_inner).get(text) {
            return Ok(Arc::clone(known));
        }
        let made = Arc::new(read()?);
        if text.len() <= LONGEST {
            let mut known = self.0.write().unwrap_or_else(PoisonError::into_inner);
            if known.len() >= TEXTS {
                known.clear();
            }
            known.insert(text.to_owned(), Arc::clone(&made));
        }
        Ok(made)
    }
}
