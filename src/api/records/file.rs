//! Files of exported records: what they share, whichever kind of record they contain.
use crate::{
    Error, Result,
    api::{exports::attachment, responses::documented},
    model::{
        Dashboard, DataQuery, Datasource, Label, Link, Record, Resource, Role, Scope, Widget, Workflow,
        relink::relinked, resource::COMMON,
    },
    store::Tx,
};
use aide::{OperationOutput, generate::GenContext, openapi::Operation};
use axum::{
    http::header::{CONTENT_DISPOSITION, CONTENT_TYPE},
    response::{IntoResponse, Response},
};
use schemars::JsonSchema;
use serde::{Deserialize, Serialize};
use serde_json::{Map, Value};
use std::{
    collections::{HashMap, HashSet},
    marker::PhantomData,
};
use uuid::Uuid;

/// The version that is written and read. It increases when older servers could not read the files any more.
pub const VERSION: u64 = 1;
/// The most records that a file names besides its own, and the most characters of a name.
const MOST_USES: usize = 1000;
const MOST_CHARACTERS: usize = 255;
/// The longest name that is proposed, in characters, without the number after it.
const NAME: usize = 240;

/// A record that an exported one uses and that is not part of the file.
#[derive(Clone, Debug, Serialize, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
pub struct UsedRecord {
    pub id: Uuid,
    /// The kind of record, as in permissions, such as `datasource`.
    pub kind: String,
    /// Empty if the person who exported the file may not see it.
    #[schemars(length(max = 255))]
    pub name: String,
    /// The type of a datasource.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub r#type: Option<String>,
}

/// A record that the file uses, and the one of this tenant that fits.
#[derive(Serialize, JsonSchema)]
pub struct NeededRecord {
    id: Uuid,
    kind: String,
    name: String,
    r#type: Option<String>,
    /// The record of this tenant with the same name and type; `null` if no record fits.
    target: Option<Uuid>,
    /// Whether the import is possible without it: what it is shown in or opened by is left out.
    optional: bool,
}

/// A response that is saved as a file, with its name.
pub struct ExportedFile<F>(String, String, PhantomData<fn() -> F>);

impl<F: Serialize> ExportedFile<F> {
    pub fn new(file: &F, name: String) -> Result<Self> {
        Ok(Self(serde_json::to_string_pretty(file)? + "\n", name, PhantomData))
    }
}

impl<F> IntoResponse for ExportedFile<F> {
    fn into_response(self) -> Response {
        let headers = [(CONTENT_TYPE, "application/json".to_owned()), (CONTENT_DISPOSITION, attachment(&self.1))];
        (headers, self.0).into_response()
    }
}

impl<F: JsonSchema> OperationOutput for ExportedFile<F> {
    type Inner = F;
    fn inferred_responses(ctx: &mut GenContext, _: &mut Operation) -> documented::DocumentedResponses {
        vec![(documented::status(200), documented::answer::<F>(ctx, "The file"))]
    }
}

/// Checks the format and the version of a file. `label` is the kind of record that it was exported from.
pub fn check_head(file: &Map<String, Value>, format: &str, label: &str) -> Result<()> {
    if file.get("format").and_then(Value::as_str) != Some(format) {
        let message = format!("must be `{format}`: select a file that was exported from a {label}");
        return Err(Error::invalid("file.format", message));
    }
    match file.get("version").and_then(Value::as_u64) {
        Some(VERSION) => Ok(()),
        Some(other) => {
            let message = format!("is {other}, but this server reads version {VERSION}: update the server");
            Err(Error::invalid("file.version", message))
        }
        None => Err(Error::invalid("file.version", "must be a number")),
    }
}

/// Checks the number and the names of the records that a file uses.
pub fn check_uses(uses: &[UsedRecord]) -> Result<()> {
    if uses.len() > MOST_USES {
        return Err(Error::invalid("file.uses", format!("must have at most {MOST_USES} items")));
    }
    match uses.iter().position(|one| one.name.chars().count() > MOST_CHARACTERS) {
        None => Ok(()),
        Some(at) => {
            let message = format!("must be at most {MOST_CHARACTERS} characters");
            Err(Error::invalid(format!("file.uses[{at}].name"), message))
        }
    }
}

/// Returns what records with these targets use besides those that are `seen`. What a reference names may be missing.
pub fn uses_of(
    tx: &Tx<'_>,
    scope: &Scope,
    targets: Vec<Uuid>,
    seen: impl IntoIterator<Item = Uuid>,
) -> Result<Vec<UsedRecord>> {
    let (mut uses, mut seen) = (Vec::new(), seen.into_iter().collect::<HashSet<_>>());
    for target in targets.into_iter().filter(|target| seen.insert(*target)) {
        uses.extend(used(tx, scope, target)?);
    }
    Ok(uses)
}

/// Returns what to use here instead of a record of a file.
pub fn needed(tx: &Tx<'_>, scope: &Scope, one: &UsedRecord, optional: bool) -> Result<NeededRecord> {
    let target = found(tx, scope, one)?;
    let UsedRecord { id, kind, name, r#type } = one.clone();
    Ok(NeededRecord { id, kind, name, r#type, target, optional })
}

/// The new IDs of the records in a file, and the names of those that it uses.
pub struct ImportedIds<'a> {
    /// The new IDs, by those in the file.
    pub ids: &'a HashMap<Uuid, Uuid>,
    pub names: &'a HashMap<Uuid, &'a UsedRecord>,
}

impl ImportedIds<'_> {
    /// Returns the fields of a new record, which links to the records of this tenant.
    pub fn wire<R: Resource>(&self, spec: &R, label: &Label) -> Result<Map<String, Value>> {
        let Value::Object(mut wire) = serde_json::to_value(relinked(spec, self.ids)?)? else { return Ok(Map::new()) };
        wire.retain(|name, _| !R::READ_ONLY.contains(&name.as_str()));
        wire.insert("name".into(), label.name.as_str().into());
        wire.insert("description".into(), label.description.as_str().into());
        Ok(wire)
    }

    /// Refuses links to records that have no target here.
    pub fn check_links<R: Resource>(&self, spec: &R) -> Result<()> {
        let Some(Link { path, kind, id, .. }) = spec.links().into_iter().find(|link| !self.ids.contains_key(&link.id))
        else {
            return Ok(());
        };
        let name = self.names.get(&id).map(|one| one.name.as_str()).filter(|name| !name.is_empty());
        let what = name.map_or_else(|| kind.label.to_owned(), |name| format!("{} \"{name}\"", kind.label));
        Err(Error::invalid(path, format!("uses the {what}, which is not part of the file: select one of this tenant")))
    }
}

/// Returns the fields that a request may set, and the ID if it `is_part` of a dashboard.
pub fn fields<R: Resource>(record: &Record<R>, is_part: bool) -> Result<Map<String, Value>> {
    let mut fields = record.to_wire()?;
    let is_left_out = |name: &str| name == "dashboardID" || (COMMON[2..].contains(&name) && !(is_part && name == "id"));
    fields.retain(|name, _| !is_left_out(name) && !R::READ_ONLY.contains(&name.as_str()));
    Ok(fields)
}

/// Returns the records that it links to or refers to.
pub fn targets<R: Resource>(spec: &R) -> Vec<Uuid> {
    let links = spec.links().into_iter().map(|link| link.id);
    links.chain(spec.references().into_iter().map(|(_, id)| id)).collect()
}

macro_rules! usable {
    ($($resource:ty),*) => {
        /// Returns a record that an exported one uses; `None` if it is missing.
        fn used(tx: &Tx<'_>, scope: &Scope, id: Uuid) -> Result<Option<UsedRecord>> {
            $(match tx.find::<$resource>(scope, id) {
                Ok(record) => {
                    let kind = &<$resource>::KIND;
                    let spec = serde_json::to_value(&record.spec)?;
                    let r#type = spec.get("type").and_then(Value::as_str).map(str::to_owned);
                    let r#type = r#type.filter(|_| kind.noun == Datasource::KIND.noun);
                    let name = if scope.grants.shows(kind.noun) { record.label.name } else { String::new() };
                    return Ok(Some(UsedRecord { id, kind: kind.name().to_owned(), name, r#type }));
                }
                Err(Error::NotFound(_)) => {}
                Err(other) => return Err(other),
            })*
            Ok(None)
        }

        /// Returns the record of the library that has the name, the kind and the type of `wanted`, if the caller may
        /// see it.
        fn found(tx: &Tx<'_>, scope: &Scope, wanted: &UsedRecord) -> Result<Option<Uuid>> {
            $(if wanted.kind == <$resource>::KIND.name() && scope.grants.shows(<$resource>::KIND.noun) {
                let Some(record) = tx.find_named::<$resource>(scope, &wanted.name)? else { return Ok(None) };
                let spec = serde_json::to_value(&record.spec)?;
                let fits = wanted.r#type.is_none() || spec["type"].as_str() == wanted.r#type.as_deref();
                return Ok(fits.then_some(record.id));
            })*
            Ok(None)
        }
    };
}
usable!(Datasource, DataQuery, Widget, Workflow, Dashboard, Role);

/// Returns the first of "X", "X (2)", "X (3)" and so on that `is_free`, which is understood in any language. A copy of
/// "X (2)" is "X (3)", if there is "X": otherwise the number is part of the name, as in "Budget (2024)".
pub fn free_name(wanted: &str, is_free: impl Fn(&str) -> Result<bool>) -> Result<String> {
    let wanted: String = wanted.chars().take(NAME).collect();
    if is_free(&wanted)? {
        return Ok(wanted);
    }
    let base = match unnumbered(&wanted) {
        Some(base) if !is_free(base)? => base,
        _ => &wanted,
    };
    for number in 2..1000 {
        let name = format!("{base} ({number})");
        if is_free(&name)? {
            return Ok(name);
        }
    }
    Ok(wanted)
}

/// Returns X for a name such as "X (2)".
fn unnumbered(name: &str) -> Option<&str> {
    let (base, number) = name.strip_suffix(')')?.rsplit_once(" (")?;
    number.parse::<u32>().is_ok().then_some(base)
}

#[cfg(test)]
#[allow(clippy::unwrap_used)]
mod tests {
    use super::*;

    #[test]
    fn a_name_that_is_taken_gets_a_number() {
        let taken = ["Orders", "Orders (2)", "Orders (999)", "Budget (2024)", "HTTP (404)", "Notes (x)"];
        for (wanted, expected) in [
            ("Costs", "Costs"),
            ("Orders", "Orders (3)"),
            ("Orders (2)", "Orders (3)"),
            ("Orders (999)", "Orders (3)"),
            ("Orders (4)", "Orders (4)"),
            ("HTTP (404)", "HTTP (404) (2)"),
            ("Budget (2024)", "Budget (2024) (2)"),
            ("Notes (x)", "Notes (x) (2)"),
        ] {
            assert_eq!(free_name(wanted, |name| Ok(!taken.contains(&name))).unwrap(), expected);
        }
    }
}
