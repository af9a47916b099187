//! The values of a dashboard's variables: those that a viewer sends, merged with the defaults.
use super::choices;
use crate::{
    Error, Result,
    api::App,
    model::{
        Dashboard, Scope,
        dashboard::{DashboardVariable, check_values},
    },
};
use chrono::DateTime;
use chrono_tz::Tz;
use serde_json::{Map, Value};
use std::borrow::Cow;

/// What decides the values of variables.
pub struct VariableRules<'a> {
    /// The variables that the viewer may set.
    pub declared: Cow<'a, [DashboardVariable]>,
    /// The values of the other variables.
    pub locked: Map<String, Value>,
    /// The time from which relative ranges are counted, in the dashboard's time zone.
    pub now: DateTime<Tz>,
}

impl<'a> VariableRules<'a> {
    /// Returns the rules for members, who may set every variable.
    pub fn of(dashboard: &'a Dashboard, scope: &Scope) -> Self {
        Self { declared: Cow::from(&dashboard.variables), locked: Map::new(), now: dashboard.local(scope.now) }
    }
}

/// Merges the viewer's values into the declared variables, after checking them against the variables' rules and
/// choices. The result includes the locked values.
///
/// # Errors
/// `Invalid` at `variables.<name>`, or the error of the query for the choices.
pub async fn settle(
    app: &App,
    scope: &Scope,
    rules: &VariableRules<'_>,
    mut given: Map<String, Value>,
) -> Result<Map<String, Value>> {
    let declared = &*rules.declared;
    // clearing a variable that always has a value resets it to its default
    given.retain(|name, value| {
        let is_reset = |known: &DashboardVariable| known.name == *name && known.is_always_chosen();
        !(DashboardVariable::is_cleared(value) && declared.iter().any(is_reset))
    });
    check_values(declared, &given)?;
    for variable in declared {
        if let Some(value) = given.get_mut(&variable.name) {
            *value = variable.as_declared(value.take());
        }
    }
    let mut values = variables(declared, given.clone(), rules.now)?;
    values.extend(rules.locked.clone());
    choices::check(app, scope, declared, &given, &values).await?;
    Ok(values)
}

/// Merges the given values into the declared variables, with relative ranges resolved at `now`. Undeclared variables
/// are rejected.
pub fn variables(
    declared: &[DashboardVariable],
    mut given: Map<String, Value>,
    now: DateTime<Tz>,
) -> Result<Map<String, Value>> {
    let mut values = Map::new();
    for variable in declared {
        // null is a value, too: the viewer cleared the variable
        let value = given.shift_remove(&variable.name).unwrap_or_else(|| variable.default.clone());
        let value =
            variable.resolve(value, now).map_err(|why| Error::invalid(format!("variables.{}", variable.name), why))?;
        values.insert(variable.name.clone(), value);
    }
    match given.keys().next() {
        Some(name) => Err(Error::invalid(format!("variables.{name}"), "is not a variable of this dashboard")),
        None => Ok(values),
    }
}
