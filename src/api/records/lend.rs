//! Checks that users who save a record have the permissions that the record lends to others, who run or see linked
//! records through it. Called wherever a record is saved or tried out: on creating, updating, cloning and running a
//! draft.
use crate::{
    Error, Result,
    model::{AccessLevel, Link, Permission, Resource, Scope},
    store::Tx,
};
use serde_json::Value;
use std::collections::HashSet;
use uuid::Uuid;

/// Checks the permissions that `spec` lends through its links, except for links that `old` already had with the same
/// values.
///
/// # Errors
/// `Forbidden`, naming the field and the permission.
pub fn check<R: Resource>(scope: &Scope, spec: &R, old: Option<&R>) -> Result<()> {
    check_links(scope, spec, old)?;
    check_context(scope, spec, old)
}

/// Checks that a user who adds a record to a dashboard, or takes it out, may change dashboards.
///
/// # Errors
/// `Forbidden`, naming the permission.
pub fn check_dashboard<R: Resource>(scope: &Scope, spec: &R, old: Option<&R>) -> Result<()> {
    let permission = Permission::DashboardUpdate;
    if old.and_then(R::dashboard) == spec.dashboard() {
        return Ok(());
    }
    if let Some(dashboard) = spec.dashboard() {
        scope.dashboards.require(dashboard, AccessLevel::Edit).map_err(|error| match error {
            Error::NotFound(_) => Error::invalid("dashboardID", "no such dashboard in this tenant"),
            other => other,
        })?;
    }
    if scope.grants.may(permission) {
        return Ok(());
    }
    Err(Error::Forbidden(format!(
        "dashboardID: your role needs {permission} to add this {} to a dashboard or to move it to the library",
        R::KIND.label
    )))
}

fn check_links<R: Resource>(scope: &Scope, spec: &R, old: Option<&R>) -> Result<()> {
    let lacking = |link: &Link| link.kind.lends.filter(|permission| !scope.grants.may(*permission));
    let links = spec.links();
    if links.iter().all(|link| lacking(link).is_none()) {
        return Ok(());
    }
    let before = old.filter(|old| old.context() == spec.context()).map(R::links).unwrap_or_default();
    let was_there = |link: &Link| before.iter().any(|one| one.id == link.id && one.given == link.given);
    match links.iter().find_map(|link| Some((link, lacking(link).filter(|_| !was_there(link))?))) {
        None => Ok(()),
        Some((Link { path, kind, .. }, permission)) => Err(Error::Forbidden(format!(
            "{path}: your role needs {permission} to use this {} here or to change the values passed to it",
            kind.label
        ))),
    }
}

/// Checks the permission to change the values that linked records receive, unless `old` has the same values and links.
fn check_context<R: Resource>(scope: &Scope, spec: &R, old: Option<&R>) -> Result<()> {
    let Some(permission) = R::CONTEXT_TAKES.filter(|permission| !scope.grants.may(*permission)) else { return Ok(()) };
    let context = spec.context();
    let is_empty = context.is_null() || context.as_array().is_some_and(Vec::is_empty);
    let ids = |of: &R| of.links().into_iter().map(|link| link.id).collect::<HashSet<_>>();
    let is_as_before = old.is_some_and(|old| old.context() == context && ids(spec).is_subset(&ids(old)));
    if is_empty || is_as_before {
        return Ok(());
    }
    let label = R::KIND.label;
    Err(Error::Forbidden(format!(
        "variables: your role needs {permission} to change which values the queries of this {label} receive"
    )))
}

/// Checks that a user who changes a trigger, or what its runs do, may start runs. `spec` must be in the form that will
/// be stored.
///
/// # Errors
/// `Forbidden`, naming the trigger and the permission.
pub fn check_triggers<R: Resource>(scope: &Scope, spec: &R, old: Option<&R>) -> Result<()> {
    let Some(permission) = R::KIND.lends.filter(|permission| !scope.grants.may(*permission)) else { return Ok(()) };
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
            "triggers[{i}]: your role needs {permission} to change what a trigger starts; disable the trigger, or \
             ask someone who may run the {}",
            R::KIND.label
        ))),
    }
}

/// Returns the enabled triggers with their indexes.
fn started<R: Resource>(spec: &R) -> Result<Vec<(usize, Value)>> {
    let triggers = spec.triggers().unwrap_or_default();
    let on = triggers.into_iter().enumerate().filter(|(_, (_, is_on))| *is_on);
    on.map(|(i, (trigger, _))| Ok((i, serde_json::to_value(trigger)?))).collect()
}

/// Checks that a user who changes a record that other records use has the permission that it lends.
///
/// # Errors
/// `Forbidden`, naming the permission.
pub fn check_users<R: Resource>(scope: &Scope, tx: &Tx<'_>, id: Uuid, spec: &R, old: &R) -> Result<()> {
    let Some(permission) = R::KIND.lends.filter(|permission| !scope.grants.may(*permission)) else { return Ok(()) };
    if spec.effect()? == old.effect()? || tx.dependents(scope, id)?.is_empty() {
        return Ok(());
    }
    let label = R::KIND.label;
    Err(Error::Forbidden(format!(
        "other records use this {label}: your role needs {permission} to change what it does"
    )))
}
