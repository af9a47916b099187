//! The records of a dashboard that are saved together: the checks and the write of each.
use crate::{
    Error, Result,
    api::{
        App,
        records::{
            crud::Crud,
            lend,
            steps::{self, UnsavedQueries},
            wire::Part,
        },
    },
    error::ConflictingRecord,
    model::{Dashboard, Label, Resource, Scope, parse, permission::Verb},
    store::Tx,
};
use schemars::JsonSchema;
use serde::Deserialize;
use serde_json::{Map, Value, json};
use uuid::Uuid;

/// The most records of a kind in one request.
pub const MOST: usize = 200;

pub fn check_count(field: &str, count: usize, most: usize) -> Result<()> {
    if count > most {
        return Err(Error::invalid(field, format!("must have at most {most} items")));
    }
    Ok(())
}

/// A record to delete.
#[derive(Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
pub struct DeletedPart {
    id: Uuid,
    /// The version that the deletion is based on; any if absent.
    #[serde(default)]
    version: Option<u64>,
}

impl DeletedPart {
    pub fn check_permission<R: Resource>(scope: &Scope, at: &str, parts: &[Self]) -> Result<()> {
        if parts.is_empty() { Ok(()) } else { require::<R>(scope, Verb::Delete).map_err(|error| error.within(at)) }
    }

    /// Checks that no record is both saved and deleted. `at` is the path of the list.
    pub fn check_apart<R>(at: &str, parts: &[Self], saved: &[PartChange<R>]) -> Result<()> {
        for (i, part) in parts.iter().enumerate() {
            if let Some(change) = saved.iter().find(|change| change.id == part.id) {
                let message = format!("is also saved in `{}`: either save or delete it", change.at);
                return Err(Error::invalid(format!("{at}[{i}].id"), message));
            }
        }
        Ok(())
    }

    /// Deletes the records of a dashboard as parts of one deletion. `place` is the path of the list, the dashboard and
    /// the deletion.
    pub fn delete_all<R: Crud>(tx: &Tx<'_>, scope: &Scope, parts: &[Self], place: &(String, Uuid, Uuid)) -> Result<()> {
        let (at, dashboard, deletion) = place;
        let delete = |(i, part): (usize, &Self)| {
            let at = format!("{at}[{i}]");
            let old = tx.find::<R>(scope, part.id).map_err(|error| missing(error, &at))?;
            if old.spec.dashboard() != Some(*dashboard) {
                let message = format!("is not a {} that belongs to this dashboard", R::KIND.label);
                return Err(Error::invalid(format!("{at}.id"), message));
            }
            R::release(scope, &old.spec).map_err(|error| error.within(&at))?;
            tx.delete_as::<R>(scope, part.id, part.version, false, *deletion)
                .map_err(|error| named::<R>(error, &at, &old.label))
        };
        parts.iter().enumerate().try_for_each(delete)
    }
}

/// A checked record to create or to replace.
pub struct PartChange<R> {
    /// Its path in the request, such as `widgets[1]`.
    pub at: String,
    pub id: Uuid,
    label: Label,
    pub spec: R,
    /// The version that it replaces; `None` for a new record.
    version: Option<u64>,
}

impl PartChange<Dashboard> {
    pub fn of_dashboard(
        app: &App,
        scope: &Scope,
        id: Uuid,
        part: Part<Dashboard>,
        unsaved: &UnsavedQueries,
    ) -> Result<Self> {
        let mut fields = part.0;
        let at = "dashboard".to_owned();
        let checked = Self::checked(app, scope, (&at, id), &mut fields, unsaved, |_, _| Ok(()));
        checked.map_err(|error| error.within("dashboard")).map(|change| Self { at, ..change })
    }
}

impl<R: Crud> PartChange<R> {
    /// Checks a widget or a query that is saved with `dashboard`.
    pub fn of(
        app: &App,
        scope: &Scope,
        dashboard: Uuid,
        at: String,
        part: Part<R>,
        unsaved: &UnsavedQueries,
    ) -> Result<Self> {
        let check = || {
            let mut fields = part.0;
            let id = fields.shift_remove("id").ok_or_else(|| Error::invalid("id", "is required"))?;
            let id = parse::from_value(id, "id")?;
            Self::checked(app, scope, (&at, id), &mut fields, unsaved, |fields, old| {
                let before = old.map_or(Some(dashboard), R::dashboard);
                if before.is_some_and(|before| before != dashboard) {
                    let message = format!("this {} belongs to another dashboard: change it there", R::KIND.label);
                    return Err(Error::invalid("id", message));
                }
                fields.entry("dashboardID").or_insert_with(|| json!(before));
                Ok(())
            })
        };
        let change = check().map_err(|error| error.within(&at))?;
        if change.spec.dashboard().is_some_and(|own| own != dashboard) {
            let message = "must be the ID of this dashboard, or null for the library";
            return Err(Error::invalid(format!("{at}.dashboardID"), message));
        }
        Ok(Self { at, ..change })
    }

    fn checked(
        app: &App,
        scope: &Scope,
        (at, id): (&str, Uuid),
        fields: &mut Map<String, Value>,
        unsaved: &UnsavedQueries,
        complete: impl FnOnce(&mut Map<String, Value>, Option<&R>) -> Result<()>,
    ) -> Result<Self> {
        let version = fields.shift_remove("version").unwrap_or_default();
        let version: Option<u64> = parse::from_value(version, "version")?;
        require::<R>(scope, if version.is_some() { Verb::Update } else { Verb::Create })?;
        let old = match version {
            None => None,
            Some(version) => {
                let old = app.store.get(|tx| tx.find::<R>(scope, id)).map_err(|error| match error {
                    // the path names the dashboard, and the body the others
                    Error::NotFound(label) if R::ON_DASHBOARDS => {
                        Error::invalid("id", format!("no such {label} in this tenant"))
                    }
                    other => other,
                })?;
                check_version::<R>(version, old.version, at, &old.label)?;
                Some(old.spec)
            }
        };
        complete(fields, old.as_ref())?;
        // tags are edited apart from the rest
        let tags = old.as_ref().map(R::tags).filter(|tags| !tags.is_empty() && !fields.contains_key("tags"));
        fields.extend(tags.map(|tags| ("tags".to_owned(), json!(tags))));
        let (label, spec) = steps::checked(app, scope, id, std::mem::take(fields), old.as_ref(), unsaved)?;
        Ok(Self { at: String::new(), id, label, spec, version })
    }

    /// Checks the permission to change what others use. Call it before links are removed.
    pub fn check_users(&self, tx: &Tx<'_>, scope: &Scope) -> Result<()> {
        let Some(version) = self.version else { return Ok(()) };
        let old = tx.find::<R>(scope, self.id).map_err(|error| missing(error, &self.at))?;
        check_version::<R>(version, old.version, &self.at, &old.label)?;
        lend::check_users(scope, tx, self.id, &self.spec, &old.spec).map_err(|error| error.within(&self.at))
    }

    /// Removes its links, so that what it no longer uses can be deleted.
    pub fn disconnect(&self, tx: &Tx<'_>, scope: &Scope) -> Result<()> {
        if self.version.is_some() { tx.disconnect(scope, self.id) } else { Ok(()) }
    }

    /// Writes the record without its links.
    pub fn store(self, tx: &Tx<'_>, scope: &Scope) -> Result<crate::model::Record<R>> {
        let Self { at, id, label, spec, version } = self;
        let stored = match version {
            None if tx.is_known(scope, id)? => {
                Err(Error::conflict(format!("there is already a record with the ID {id}: choose another one")))
            }
            None => tx.place(scope, id, label, spec),
            Some(version) => tx.find::<R>(scope, id).and_then(|old| {
                check_version::<R>(version, old.version, &at, &old.label)?;
                tx.rewrite(scope, old, label, spec, true)
            }),
        };
        stored.map_err(|error| match error {
            // the path of the request names the dashboard
            Error::NotFound(_) if R::ON_DASHBOARDS => missing(error, &at),
            other => other.within(&at),
        })
    }
}

fn require<R: Resource>(scope: &Scope, verb: Verb) -> Result<()> {
    if scope.grants.allows(R::KIND.noun, verb) {
        return Ok(());
    }
    Err(Error::Forbidden(format!("your role does not include {}:{}", R::KIND.name(), verb.name())))
}

fn check_version<R: Resource>(expected: u64, current: u64, at: &str, label: &Label) -> Result<()> {
    if expected == current {
        return Ok(());
    }
    Err(named::<R>(Error::VersionConflict { current, record: None }, at, label))
}

/// Adds to an error which of the records it is about.
fn named<R: Resource>(error: Error, at: &str, label: &Label) -> Error {
    match error {
        Error::VersionConflict { current, record: None } => {
            let label = format!("{} \"{}\"", R::KIND.label, label.name);
            let record = ConflictingRecord { path: at.to_owned(), label };
            Error::VersionConflict { current, record: Some(Box::new(record)) }
        }
        other => other.within(at),
    }
}

/// Returns a missing record as a problem of the request, because the path of the request names another one.
fn missing(error: Error, at: &str) -> Error {
    match error {
        Error::NotFound(label) => Error::invalid(format!("{at}.id"), format!("no such {label} in this tenant")),
        other => other,
    }
}
