//! Why queries are executed: those that change data must not run merely because someone opens something.
use crate::{
    Error, Result,
    connect::{GivenParameters, Mode, QueryEffect, QueryJob, Slice, Target},
    error::FieldProblem,
    model::{DataQuery, Parameter, Resource, Scope, data_query::DeclaredEffect},
};
use serde_json::{Map, Value};
use std::sync::Arc;
use uuid::Uuid;

/// Why a query is executed.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub enum Purpose {
    /// A person, a client or a workflow executes it.
    #[default]
    Execute,
    /// Its rows are shown: it must not change data.
    Show,
    /// It is an action of a dashboard: what it changes must not depend on values that were left out.
    Act,
}

/// How to execute a query once.
#[derive(Default)]
pub struct ExecutionOptions {
    pub parameters: GivenParameters,
    pub mode: Mode,
    pub slice: Option<Slice>,
    pub purpose: Purpose,
    /// Where it was started, for the audit log.
    pub place: Option<Value>,
}

impl From<GivenParameters> for ExecutionOptions {
    fn from(parameters: GivenParameters) -> Self {
        Self { parameters, ..Self::default() }
    }
}

impl From<Map<String, Value>> for ExecutionOptions {
    fn from(parameters: Map<String, Value>) -> Self {
        GivenParameters::from(parameters).into()
    }
}

impl ExecutionOptions {
    /// Creates options for a query whose rows are shown.
    pub fn to_show(parameters: impl Into<GivenParameters>) -> Self {
        Self { parameters: parameters.into(), purpose: Purpose::Show, ..Self::default() }
    }

    pub(super) fn job(
        self,
        scope: &Scope,
        query: Arc<DataQuery>,
        target: Arc<Target>,
        saved: Option<(Uuid, u64)>,
    ) -> QueryJob {
        let Self { parameters, mode, slice, purpose, .. } = self;
        let must_read = purpose == Purpose::Show && mode == Mode::Run;
        QueryJob { tenant: scope.tenant, target, query, saved, parameters, mode, slice, must_read }
    }
}

/// Returns whether messages may name queries to the caller.
pub fn may_know_queries(scope: &Scope) -> bool {
    scope.grants.shows(DataQuery::KIND.noun)
}

/// Returns what to say about a query that changes data where only rows are shown. `name` is that of a saved query.
pub fn refusal(name: Option<&str>) -> String {
    let query = name.map_or_else(|| "this query".to_owned(), |name| format!("the query \"{name}\""));
    format!("{query} changes data, so it is not executed to show its result: use it in an action, such as a button")
}

/// Checks that a query may run for the purpose. A preview or a plan of a query that changes data changes nothing.
pub(super) fn admit(
    ask: &ExecutionOptions,
    changes_data: bool,
    name: Option<&str>,
    declared: &[Parameter],
) -> Result<()> {
    match ask.purpose {
        _ if !changes_data => Ok(()),
        Purpose::Show if ask.mode == Mode::Run => Err(Error::ChangesData(refusal(name))),
        Purpose::Act => check_complete(declared, &ask.parameters, "parameters"),
        Purpose::Show | Purpose::Execute => Ok(()),
    }
}

/// Checks that a value is given for every parameter without a default. It may be null: then someone chose it.
///
/// # Errors
/// `Invalid` with a problem for each missing value, below `path`.
pub fn check_complete(declared: &[Parameter], given: &GivenParameters, path: &str) -> Result<()> {
    let is_given = |name: &String| given.values.contains_key(name) || given.unset.contains_key(name);
    let missing = declared.iter().filter(|one| one.default.is_null() && !is_given(&one.name));
    let problem = |one: &Parameter| FieldProblem {
        path: format!("{path}.{}", one.name),
        message: "is required, because the query changes data: enter a value, or give the parameter a default".into(),
    };
    let problems: Vec<_> = missing.map(problem).collect();
    if problems.is_empty() { Ok(()) } else { Err(Error::Invalid(problems)) }
}

/// Refuses a query that is declared as reading although it certainly changes data.
pub(super) fn check_declared(effect: QueryEffect, declared: Option<DeclaredEffect>) -> Result<()> {
    if effect == QueryEffect::Changes && declared == Some(DeclaredEffect::Reads) {
        return Err(Error::invalid("effect", "must not be `reads`: the query changes data"));
    }
    Ok(())
}

#[cfg(test)]
#[allow(clippy::unwrap_used)]
mod tests {
    use super::{ExecutionOptions, Purpose, admit, check_declared};
    use crate::{
        connect::{Mode, QueryEffect},
        model::{Parameter, data_query::DeclaredEffect},
    };
    use serde_json::{Map, Value, json};

    fn map(value: Value) -> Map<String, Value> {
        serde_json::from_value(value).unwrap()
    }

    #[test]
    fn only_queries_that_read_run_to_show_data() {
        let show = |mode| ExecutionOptions { mode, ..ExecutionOptions::to_show(Map::new()) };
        let error = admit(&show(Mode::Run), true, Some("Purge"), &[]).unwrap_err().to_string();
        assert!(error.contains("the query \"Purge\" changes data") && error.contains("use it in an action"), "{error}");
        assert!(admit(&show(Mode::Run), false, Some("List"), &[]).is_ok());
        assert!(admit(&show(Mode::Preview), true, None, &[]).is_ok());
        assert!(admit(&ExecutionOptions::default(), true, None, &[]).is_ok());
    }

    #[test]
    fn actions_that_change_data_need_every_value_or_a_default() {
        let declared: Vec<Parameter> =
            serde_json::from_value(json!([{"name": "id"}, {"name": "note"}, {"name": "state", "default": "new"}]))
                .unwrap();
        let act = |given| ExecutionOptions { purpose: Purpose::Act, ..ExecutionOptions::from(map(given)) };
        assert!(admit(&act(json!({"id": 1, "note": null})), true, None, &declared).is_ok());
        let error = admit(&act(json!({"id": 1})), true, None, &declared).unwrap_err().to_string();
        assert!(error.starts_with("parameters.note: is required"), "{error}");
        assert!(admit(&act(json!({})), false, None, &declared).is_ok());
    }

    #[test]
    fn what_certainly_changes_data_cannot_be_declared_as_reading() {
        let reads = Some(DeclaredEffect::Reads);
        assert!(check_declared(QueryEffect::Changes, reads).is_err());
        assert!(check_declared(QueryEffect::MayChange, reads).is_ok());
        assert!(check_declared(QueryEffect::Reads, Some(DeclaredEffect::Changes)).is_ok());
    }
}
