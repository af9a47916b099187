//! Who saves something that others run or see through it must be allowed to run or see that much. Every way to save or
//! to try out a record asks here: making, changing, cloning, and running a draft.
use crate::{
    Error, Result,
    model::{Link, Resource, Scope},
    store::Tx,
};
use serde_json::Value;
use std::collections::HashSet;
use uuid::Uuid;

/// Checks what `spec` passes on through its links, as far as `old` did not pass on the same: the target with all that
/// it is given.
///
/// # Errors
/// `Forbidden`, naming the field and the permission.
pub fn check<R: Resource>(scope: &Scope, spec: &R, old: Option<&R>) -> Result<()> {
    check_links(scope, spec, old)?;
    check_context(scope, spec, old)
}

fn check_links<R: Resource>(scope: &Scope, spec: &R, old: Option<&R>) -> Result<()> {
    let lacking = |link: &Link| link.kind.lends.filter(|permission| !scope.grants.may(permission));
    let links = spec.links();
    if links.iter().all(|link| lacking(link).is_none()) {
        return Ok(());
    }
    let before = old.filter(|old| old.context() == spec.context()).map(R::links).unwrap_or_default();
    let was_there = |link: &Link| before.iter().any(|one| one.id == link.id && one.given == link.given);
    match links.iter().find_map(|link| Some((link, lacking(link).filter(|_| !was_there(link))?))) {
        None => Ok(()),
        Some((Link { path, kind, .. }, permission)) => Err(Error::Forbidden(format!(
            "{path}: to point to a {} or to change what it is given, your role needs {permission}",
            kind.label
        ))),
    }
}

/// Checks the right to say what the targets of links are given, as far as `old` did not say the same of the same.
fn check_context<R: Resource>(scope: &Scope, spec: &R, old: Option<&R>) -> Result<()> {
    let Some(permission) = R::CONTEXT_TAKES.filter(|permission| !scope.grants.may(permission)) else { return Ok(()) };
    let context = spec.context();
    let is_empty = context.is_null() || context.as_array().is_some_and(Vec::is_empty);
    let ids = |of: &R| of.links().into_iter().map(|link| link.id).collect::<HashSet<_>>();
    let is_as_before = old.is_some_and(|old| old.context() == context && ids(spec).is_subset(&ids(old)));
    if is_empty || is_as_before {
        return Ok(());
    }
    let label = R::KIND.label;
    Err(Error::Forbidden(format!(
        "variables: to change which values the queries of this {label} are asked for, your role needs {permission}"
    )))
}

/// Checks that whoever changes what starts runs by itself, or what these runs do, may start runs. `spec` is as it is
/// going to be stored.
///
/// # Errors
/// `Forbidden`, naming the trigger and the permission.
pub fn check_triggers<R: Resource>(scope: &Scope, spec: &R, old: Option<&R>) -> Result<()> {
    let Some(permission) = R::KIND.lends.filter(|permission| !scope.grants.may(permission)) else { return Ok(()) };
    let started = started(spec)?;
    if started.is_empty() {
        return Ok(());
    }
    let before = match old {
        Some(old) if old.effect()? == spec.effect()? => self::started(old)?,
        _ => Vec::new(),
    };
    match started.iter().find(|(_, trigger)| !before.iter().any(|(_, one)| one == trigger)) {
        None => Ok(()),
        Some((i, _)) => Err(Error::Forbidden(format!(
            "triggers[{i}]: to change what a trigger starts, your role needs {permission}; switch it off, or ask \
             someone who may run the {}",
            R::KIND.label
        ))),
    }
}

/// The triggers that are on.
fn started<R: Resource>(spec: &R) -> Result<Vec<(usize, Value)>> {
    let triggers = spec.triggers().unwrap_or_default();
    let on = triggers.into_iter().enumerate().filter(|(_, (_, is_on))| *is_on);
    on.map(|(i, (trigger, _))| Ok((i, serde_json::to_value(trigger)?))).collect()
}

/// Checks that whoever changes what others run or see through their own records may run or see it.
///
/// # Errors
/// `Forbidden`, naming the permission.
pub fn check_users<R: Resource>(scope: &Scope, tx: &Tx<'_>, id: Uuid, spec: &R, old: &R) -> Result<()> {
    let Some(permission) = R::KIND.lends.filter(|permission| !scope.grants.may(permission)) else { return Ok(()) };
    if spec.effect()? == old.effect()? || tx.dependents(scope, id)?.is_empty() {
        return Ok(());
    }
    let label = R::KIND.label;
    Err(Error::Forbidden(format!("others use this {label}: to change what it does, your role needs {permission}")))
}
