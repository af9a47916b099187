//! What creating and changing a record checks before the write: the same for every route that does.
use super::{
    crud::Crud,
    lend,
    wire::{self, SplitBody},
};
use crate::{
    Error, Result,
    api::App,
    model::{DataQuery, Label, Record, Scope},
};
use serde_json::{Map, Value};
use std::collections::HashMap;
use uuid::Uuid;

/// The queries that are saved in the same transaction as a record, by ID: they count before those in the store.
#[derive(Default)]
pub struct UnsavedQueries(pub HashMap<Uuid, DataQuery>);

/// Checks and stores a new record from its wire form.
pub async fn create_record<R: Crud>(app: &App, scope: &Scope, draft: Map<String, Value>) -> Result<Record<R>> {
    create_record_as(app, scope, Uuid::now_v7(), draft).await
}

/// Checks and stores a new record with this ID.
pub async fn create_record_as<R: Crud>(
    app: &App,
    scope: &Scope,
    id: Uuid,
    draft: Map<String, Value>,
) -> Result<Record<R>> {
    let (label, spec) = checked::<R>(app, scope, id, draft, None, &UnsavedQueries::default())?;
    lend::check_dashboard(scope, &spec, None)?;
    let writer = scope.clone();
    let record = app.store.write(move |tx| tx.insert(&writer, id, label, spec)).await?;
    R::after_save(app);
    Ok(record)
}

/// Parses and checks a complete record that replaces `old`, or a new one.
pub fn checked<R: Crud>(
    app: &App,
    scope: &Scope,
    id: Uuid,
    fields: Map<String, Value>,
    old: Option<&R>,
    unsaved: &UnsavedQueries,
) -> Result<(Label, R)> {
    let SplitBody { name, description, spec } = wire::split::<R>(fields)?;
    let label = Label::new(&name, &description)?;
    spec.check()?;
    lend::check(scope, &spec, old)?;
    R::check_author(scope, &spec, old)?;
    let spec = R::prepare(app, scope, id, spec, old)?;
    R::check_source(app, scope, &spec, unsaved)?;
    lend::check_triggers(scope, &spec, old)?;
    Ok((label, spec))
}

/// Checks an earlier version of a record as a change to the present one is checked.
pub fn rechecked<R: Crud>(
    app: &App,
    scope: &Scope,
    id: Uuid,
    (label, spec): (Label, &R),
    old: Option<&R>,
    unsaved: &UnsavedQueries,
) -> Result<(Label, R)> {
    let Value::Object(mut fields) = serde_json::to_value(spec)? else { return Err(Error::NotFound("version")) };
    fields.retain(|name, _| !R::READ_ONLY.contains(&name.as_str()));
    fields.insert("name".to_owned(), label.name.into());
    fields.insert("description".to_owned(), label.description.into());
    checked(app, scope, id, fields, old, unsaved)
}

/// Applies a patch to a record.
pub fn patched<R: Crud>(
    app: &App,
    scope: &Scope,
    old: &Record<R>,
    mut patch: Map<String, Value>,
) -> Result<(Label, R)> {
    R::check_patch(&old.spec, &patch)?;
    let mut whole = Record { spec: R::patchable(app, scope, old.id, &old.spec)?, ..old.clone() }.to_wire()?;
    whole.retain(|name, _| {
        !crate::model::resource::COMMON[2..].contains(&name.as_str()) && !R::READ_ONLY.contains(&name.as_str())
    });
    let mut whole = Value::Object(whole);
    let replaced: Vec<_> = R::REPLACED_BY_PATCHES.iter().filter_map(|name| patch.shift_remove_entry(*name)).collect();
    wire::merge(&mut whole, Value::Object(patch));
    let Value::Object(mut whole) = whole else { return Err(Error::invalid("", "must be an object")) };
    whole.extend(replaced);
    let (label, spec) = checked(app, scope, old.id, whole, Some(&old.spec), &UnsavedQueries::default())?;
    lend::check_dashboard(scope, &spec, Some(&old.spec))?;
    Ok((label, spec))
}
