//! The values of the parameters of queries that a dashboard reads: of its widgets, and of the choices of variables.
use crate::{
    Error, Result,
    api::App,
    connect::{GivenParameters, Unset},
    model::{ActorKind, Scope},
    script::{
        Globals, ScriptProblem,
        template::{Expression, JsonTemplate, Segment},
    },
};
use serde_json::{Map, Value, json};
use std::{collections::BTreeMap, time::Duration};

/// How long resolving the templates may take.
const RESOLVE: Duration = Duration::from_secs(2);

/// The variables of templates that hold the dashboard's variables, and the person who is signed in.
const VARS: &str = "vars";
const USER: &str = "user";

/// The fields of the person that placeholders and conditions can name.
pub const USER_FIELDS: [&str; 4] = ["email", "name", "role", "id"];

/// Fills in what the parameters name: `vars` are the values of all of the dashboard's variables, and `user` is the person who
/// is signed in, who is known from the session. This is the only place that decides what becomes of a value that is not
/// set:
///
/// - a parameter that is null in the settings has its default;
/// - a parameter with a variable that is not set is unset, also if the variable is only a part of a text, or if an
///   expression returns null: it is null, and a required one waits for its value (see [`Unset`]);
/// - a parameter with a variable that does not exist, such as that of a widget outside a dashboard, has its default;
/// - a parameter with a field of `user` that has no value, such as on a shared dashboard, is refused.
///
/// # Errors
/// `NoValue` for a field of the person, and `Invalid` at `at` for a template that cannot be resolved.
pub async fn resolve(
    app: &App,
    scope: &Scope,
    parameters: &Map<String, Value>,
    vars: &Map<String, Value>,
    at: &str,
) -> Result<GivenParameters> {
    let wrong = |problem: ScriptProblem| problem.at(at);
    let whole = JsonTemplate::parse(&Value::Object(parameters.clone())).map_err(|problem| wrong(problem.into()))?;
    let is_signed_in = scope.actor.kind == ActorKind::User;
    let is_about_user = whole.expressions().iter().any(|(_, one)| names_user(one));
    let user = if is_about_user { person(app, scope)? } else { json!({}) };
    let globals: Globals = Map::from_iter([(VARS.to_owned(), json!(vars)), (USER.to_owned(), user)]).into();
    let mut given = GivenParameters::default();
    let (mut known, mut sources) = (Map::new(), Map::new());
    for (name, value) in parameters {
        let plan = JsonTemplate::parse(value).map_err(|problem| wrong(problem.into()))?;
        let expressions = plan.expressions();
        let unset = expressions.iter().find(|(_, one)| match &one.path {
            Some(path) => has_no_value(path, &globals),
            // code could show everything instead
            None => !is_signed_in && names_user(one),
        });
        match (unset, expressions.first()) {
            (Some((_, one)), _) if names_user(one) => return Err(Error::NoValue(one.source.clone())),
            (Some((_, one)), _) => {
                let by = Unset { source: one.source.clone(), is_defined: !names_no_variable(one, vars) };
                given.unset.insert(name.clone(), by);
            }
            (None, first) => {
                sources.extend(first.map(|(_, one)| (name.clone(), Value::from(one.source.as_str()))));
                known.insert(name.clone(), value.clone());
            }
        }
    }
    let sandbox = app.sandbox.owned_by(scope.tenant);
    let known = JsonTemplate::parse(&Value::Object(known)).map_err(|problem| wrong(problem.into()))?;
    let resolved = known.resolve(&globals, &sandbox, RESOLVE).await.map_err(wrong)?;
    let Value::Object(resolved) = resolved else { return Err(Error::invalid(at, "must be an object")) };
    for (name, value) in resolved {
        match sources.get(&name).and_then(Value::as_str).filter(|_| value.is_null()) {
            Some(source) => {
                drop(given.unset.insert(name, Unset { source: source.to_owned(), is_defined: true }));
            }
            None => drop(given.values.insert(name, value)),
        }
    }
    Ok(given)
}

/// Returns, for each parameter that a variable sets, the variable's path in a request, such as `variables.region`.
pub fn set_by(parameters: &Map<String, Value>) -> BTreeMap<String, String> {
    let variable = |value: &Value| {
        let plan = JsonTemplate::parse(value).ok()?;
        plan.expressions().iter().find_map(|(_, one)| match one.path.as_deref() {
            Some([Segment::Key(root), Segment::Key(name), ..]) if root == VARS => Some(format!("variables.{name}")),
            _ => None,
        })
    };
    parameters.iter().filter_map(|(name, value)| Some((name.clone(), variable(value)?))).collect()
}

/// Names what the person set in the error of a query whose parameters do not accept it. `places` are the paths in the
/// request by parameter.
pub fn at_variables(error: Error, places: &BTreeMap<String, String>) -> Error {
    let Error::Invalid(mut problems) = error else { return error };
    for problem in &mut problems {
        let place = problem.path.strip_prefix("parameters.").and_then(|name| places.get(name));
        if let Some(place) = place {
            problem.path.clone_from(place);
        }
    }
    Error::Invalid(problems)
}

fn has_no_value(path: &[Segment], globals: &Globals) -> bool {
    match globals.follow(path) {
        Some(Ok(value)) => value.is_null(),
        // a field of something that has no value
        Some(Err(_)) => true,
        // only code knows it
        None => false,
    }
}

/// Returns whether an expression is a variable that does not exist.
fn names_no_variable(expression: &Expression, vars: &Map<String, Value>) -> bool {
    match expression.path.as_deref() {
        Some([Segment::Key(root), Segment::Key(name), ..]) => root == VARS && !vars.contains_key(&**name),
        _ => false,
    }
}

fn names_user(expression: &Expression) -> bool {
    match expression.path.as_deref() {
        Some([Segment::Key(root), ..]) => root == USER,
        _ => is_personal(&expression.source),
    }
}

/// Returns whether the text of an expression is about the person who is signed in.
pub fn is_personal(expression: &str) -> bool {
    let is_part = |c: char| c.is_alphanumeric() || matches!(c, '_' | '$' | '.');
    expression.match_indices(USER).any(|(start, found)| {
        let (before, after) = (&expression[..start], &expression[start + found.len()..]);
        !before.ends_with(is_part) && !after.starts_with(|c| is_part(c) && c != '.')
    })
}

/// Returns what `{{ user.x }}` refers to. API keys only have a role, and visitors are nobody.
pub fn person(app: &App, scope: &Scope) -> Result<Value> {
    let (mut person, role) = match scope.actor.kind {
        ActorKind::User => {
            let (user, memberships) =
                app.store.get(|tx| Ok((tx.user(scope.actor.id)?, tx.memberships(scope.actor.id)?)))?;
            let role = memberships.into_iter().find(|one| one.tenant.id == scope.tenant).map(|one| one.role_name);
            (json!({"id": user.id, "email": user.email, "name": user.name}), role)
        }
        ActorKind::ApiKey => (json!({}), app.store.get(|tx| tx.present_role(scope))?.map(|role| role.label.name)),
        ActorKind::Share | ActorKind::System => (json!({}), None),
    };
    // conditions on what is missing are not met
    if let Some(role) = role {
        person["role"] = role.into();
    }
    Ok(person)
}

#[cfg(test)]
mod tests {
    use super::is_personal;

    #[test]
    fn what_is_about_the_person_is_known() {
        for code in ["user.email", "user", "user[\"id\"]", "vars.all || user.id", "`${user.name}%`", "f(user)"] {
            assert!(is_personal(code), "{code}");
        }
        for code in ["vars.user", "users.a", "vars.a", "$user", "superuser.id", "vars[\"x\"].user.id"] {
            assert!(!is_personal(code), "{code}");
        }
    }
}
