//! Keeps stored secrets from reaching a new destination: a secret that is not entered again may only be sent to the
//! same server as before. Every option that is not a secret counts as part of the destination unless its schema has
//! `x-harmless`; a secret that is itself an address has `x-destination`.
use super::secrets::{self, ListEntry, at};
use crate::{Error, Result, error::FieldProblem};
use serde_json::{Map, Value};
use std::collections::BTreeMap;

/// Placeholder for a stored secret in options that are about to be patched. A client that sends it back also keeps the
/// secret.
const KEPT: &str = "\u{0}kept";

/// Returns the options to patch, with a placeholder for each secret that is set.
pub fn marked(schema: &Value, options: &Map<String, Value>, set: &[String]) -> Map<String, Value> {
    let known: Vec<String> = secrets::pointers(schema, options);
    let marks = set.iter().filter(|pointer| known.contains(pointer)).map(|pointer| (pointer.clone(), KEPT.into()));
    secrets::merge(options.clone(), marks.collect())
}

/// A datasource before a change: its options without secrets, and its secrets.
pub struct StoredDatasource<'a> {
    pub options: &'a Map<String, Value>,
    /// `None` if they cannot be decrypted; then no secret can be kept.
    pub secrets: Option<Map<String, Value>>,
}

/// Fills in stored secrets for placeholders, and for entries without a value in lists of names and values.
///
/// # Errors
/// `Invalid` for each secret that must be entered again because its destination changed, and for each secret list entry
/// that has no value.
pub fn settle(
    schema: &Value,
    given: Map<String, Value>,
    before: Option<&StoredDatasource<'_>>,
) -> Result<Map<String, Value>> {
    let mut options = given;
    let mut problems = Vec::new();
    let mut kept = marks(schema, &mut options);
    kept.extend(entries(schema, &mut options, before, &mut problems));
    let old = before.and_then(|before| before.secrets.as_ref());
    // secrets that cannot be decrypted are left out; the schema check reports those that are required
    let secret = |(pointer, from): (String, String)| Some((pointer, old?.get(&from)?.clone()));
    let found: Vec<(String, Value)> = kept.into_iter().filter_map(secret).collect();
    if let (Some(before), false) = (before, found.is_empty()) {
        let changed = changed(schema, before, &options, &found);
        if let Some(first) = changed.first() {
            let more = if changed.len() > 1 { " and others" } else { "" };
            problems.extend(found.iter().map(|(pointer, _)| FieldProblem {
                path: at(pointer),
                message: format!("enter it again because {}{more} changed", at(first)),
            }));
        }
    }
    if !problems.is_empty() {
        return Err(Error::Invalid(problems));
    }
    Ok(secrets::merge(options, found.into_iter().collect()))
}

/// Removes the placeholders and returns the pointers of the secrets to keep, each with the pointer of its stored value.
/// Placeholders of a variant that is no longer selected are dropped.
fn marks(schema: &Value, options: &mut Map<String, Value>) -> Vec<(String, String)> {
    let (rest, secrets) = secrets::split(schema, std::mem::take(options));
    let fitting = secrets::pointers(schema, &rest);
    let (marks, sent): (Map<_, _>, Map<_, _>) = secrets.into_iter().partition(|(_, value)| value == KEPT);
    *options = secrets::merge(rest, sent);
    let kept = marks.into_iter().filter(|(pointer, _)| fitting.contains(pointer));
    kept.map(|(pointer, _)| (pointer.clone(), pointer)).collect()
}

/// Finds secret list entries without a value: each keeps the stored value of the entry of the same name.
fn entries(
    schema: &Value,
    options: &mut Map<String, Value>,
    before: Option<&StoredDatasource<'_>>,
    problems: &mut Vec<FieldProblem>,
) -> Vec<(String, String)> {
    let mut kept = Vec::new();
    let stored: Vec<ListEntry> = before.map(|before| secrets::entries(schema, before.options)).unwrap_or_default();
    let mut stored: Vec<ListEntry> = stored.into_iter().filter(|entry| entry.secret && !entry.has_value).collect();
    for entry in secrets::entries(schema, options).into_iter().filter(|entry| !entry.has_value) {
        let same = stored.iter().position(|old| old.list == entry.list && old.name == entry.name);
        let mut refuse = |why: &str| {
            problems.push(FieldProblem { path: at(&entry.pointer()), message: why.to_owned() });
        };
        match same.map(|at| stored.remove(at)) {
            Some(_) if !entry.secret => refuse("enter it again because it is no longer marked as secret"),
            Some(old) => kept.push((entry.pointer(), old.pointer())),
            None if entry.secret => refuse("is required: a stored value is only kept for an entry of the same name"),
            None => {}
        }
    }
    kept
}

/// Returns the pointers of the changed options that decide where secrets are sent.
fn changed(
    schema: &Value,
    before: &StoredDatasource<'_>,
    options: &Map<String, Value>,
    kept: &[(String, Value)],
) -> Vec<String> {
    let (open, sent) = secrets::split(schema, options.clone());
    let (old, new) = (leaves(schema, before.options), leaves(schema, &open));
    let differs = |key: &&String| old.get(*key) != new.get(*key);
    let mut changed: Vec<String> = old.keys().chain(new.keys()).filter(differs).cloned().collect();
    // a secret address that was replaced or removed is another destination
    let addresses = secrets::marked_with(schema, "x-destination");
    let stored = before.secrets.as_ref();
    changed.extend(addresses.into_iter().filter(|pointer| {
        let stays = kept.iter().any(|(kept, _)| kept == pointer);
        !stays && sent.get(pointer) != stored.and_then(|stored| stored.get(pointer))
    }));
    changed.sort();
    changed.dedup();
    changed
}

/// Returns the leaf values of the options by pointer, without harmless ones, empty ones and defaults.
fn leaves(schema: &Value, options: &Map<String, Value>) -> BTreeMap<String, Value> {
    let harmless = secrets::marked_with(schema, "x-harmless");
    let usual = secrets::defaults(schema);
    let mut found = BTreeMap::new();
    flatten(options, "", &mut found);
    found.retain(|pointer, value| {
        let below = |path: &String| {
            pointer.strip_prefix(path.as_str()).is_some_and(|rest| rest.is_empty() || rest.starts_with('/'))
        };
        !harmless.iter().any(below) && !is_empty(value) && usual.get(pointer) != Some(value)
    });
    found
}

fn flatten(options: &Map<String, Value>, path: &str, found: &mut BTreeMap<String, Value>) {
    for (name, value) in options {
        let name = secrets::escape(name);
        let pointer = if path.is_empty() { name } else { format!("{path}/{name}") };
        match value {
            Value::Object(fields) => flatten(fields, &pointer, found),
            other => drop(found.insert(pointer, other.clone())),
        }
    }
}

fn is_empty(value: &Value) -> bool {
    match value {
        Value::Null => true,
        Value::String(text) => text.is_empty(),
        Value::Array(items) => items.is_empty(),
        _ => false,
    }
}

#[cfg(test)]
#[allow(clippy::unwrap_used)]
mod tests {
    use super::*;
    use serde_json::json;

    fn object(value: Value) -> Map<String, Value> {
        serde_json::from_value(value).unwrap()
    }

    fn schema() -> Value {
        json!({"properties": {
            "host": {"type": "string"},
            "mode": {"type": "string", "default": "prefer"},
            "timeout": {"type": "integer", "x-harmless": true},
            "url": {"type": "string", "writeOnly": true, "x-destination": true},
            "password": {"type": "string", "writeOnly": true},
            "auth": {"oneOf": [
                {"properties": {"type": {"const": "none"}}},
                {"properties": {"type": {"const": "bearer"}, "token": {"writeOnly": true}}},
                {"properties": {"type": {"const": "basic"}, "user": {}, "pass": {"writeOnly": true}}},
            ]},
            "headers": {"type": "array", "x-harmless": true, "items": {"properties": {"name": {}, "value": {}, "secret": {}}}},
        }})
    }

    /// Applies a patch: the complete options, or the problems of the fields to enter again.
    fn patched(change: &Value) -> Result<Value, Vec<String>> {
        let whole = object(json!({
            "host": "h", "timeout": 1, "password": "p", "auth": {"type": "bearer", "token": "t"},
            "headers": [{"name": "X-Key", "value": "k"}, {"name": "Accept", "value": "a"}],
        }));
        let (options, secrets) = secrets::split(&schema(), whole);
        let set: Vec<String> = secrets.keys().cloned().collect();
        let mut given = Value::Object(marked(&schema(), &options, &set));
        merge(&mut given, change);
        let before = StoredDatasource { options: &options, secrets: Some(secrets) };
        match settle(&schema(), object(given), Some(&before)) {
            Ok(options) => Ok(options.into()),
            Err(Error::Invalid(problems)) => {
                Err(problems.into_iter().map(|one| format!("{}: {}", one.path, one.message)).collect())
            }
            Err(other) => Err(vec![other.to_string()]),
        }
    }

    fn merge(into: &mut Value, change: &Value) {
        match change {
            Value::Object(fields) => {
                for (name, value) in fields {
                    if value.is_null() {
                        into.as_object_mut().unwrap().shift_remove(name);
                    } else {
                        merge(&mut into[name], value);
                    }
                }
            }
            other => *into = other.clone(),
        }
    }

    #[test]
    fn secrets_are_kept_while_their_destination_stays_the_same() {
        for change in
            [json!({}), json!({"timeout": 2}), json!({"mode": "prefer"}), json!({"mode": ""}), json!({"url": null})]
        {
            let options = patched(&change).unwrap();
            assert_eq!((&options["password"], &options["auth"]["token"]), (&json!("p"), &json!("t")), "{change}");
            assert_eq!(options["headers"][0]["value"], "k", "{change}");
        }
        assert_eq!(patched(&json!({"password": "new"})).unwrap()["auth"]["token"], "t");
        let moved =
            json!({"host": "x", "password": "n", "auth": {"token": "u"}, "headers": [{"name": "X-Key", "value": "l"}]});
        assert_eq!(patched(&moved).unwrap()["password"], "n");
        let bare =
            patched(&json!({"host": "x", "password": null, "auth": {"type": "none", "token": null}, "headers": []}));
        assert_eq!(bare.unwrap()["host"], "x");
    }

    #[test]
    fn secrets_must_be_entered_again_when_the_destination_changes() {
        for (change, cause) in [
            (json!({"host": "x"}), "options.host"),
            (json!({"host": null}), "options.host"),
            (json!({"mode": "disable"}), "options.mode"),
            (json!({"unheard": 1}), "options.unheard"),
            (json!({"url": "u"}), "options.url"),
        ] {
            let again = format!("enter it again because {cause} changed");
            let expected = ["options.password", "options.auth.token", "options.headers[0].value"];
            let mut refused = patched(&change).unwrap_err();
            refused.sort();
            let mut expected: Vec<String> = expected.iter().map(|path| format!("{path}: {again}")).collect();
            expected.sort();
            assert_eq!(refused, expected, "{change}");
        }
        // the other authentication type needs no stored secret; the remaining secrets must be entered again
        let other = json!({"auth": {"type": "basic", "user": "u", "pass": "p"}});
        let refused = patched(&other).unwrap_err();
        assert!(refused.iter().all(|one| !one.contains("auth.token")) && refused.len() == 2, "{refused:?}");
    }

    #[test]
    fn a_list_entry_keeps_the_value_of_the_entry_of_the_same_name() {
        let value = |list: Value| patched(&json!({"headers": list}));
        let kept = value(json!([{"name": "Accept", "value": "b"}, {"name": "X-Key"}])).unwrap();
        assert_eq!(kept["headers"][1]["value"], "k");
        for (list, message) in [
            (json!([{"name": "X-Token"}]), "options.headers[0].value: is required"),
            (json!([{"name": "X-Key"}, {"name": "X-Key"}]), "options.headers[1].value: is required"),
            (json!([{"name": "Plain", "secret": true}]), "options.headers[0].value: is required"),
        ] {
            let refused = value(list).unwrap_err();
            assert!(refused[0].starts_with(message), "{refused:?}");
        }
        assert_eq!(value(json!([{"name": "Plain"}])).unwrap()["headers"], json!([{"name": "Plain"}]));
    }
}
