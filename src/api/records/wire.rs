//! The JSON representations of a resource for reading, creating and patching; their schemas are derived from its type.
use crate::{
    Error, Result,
    api::responses::documented,
    clock::Time,
    model::{
        Resource, parse,
        resource::{COMMON, check_tags},
    },
};
use schemars::{JsonSchema, Schema, SchemaGenerator, json_schema};
use serde::{Deserialize, Serialize};
use serde_json::{Map, Value, json};
use std::{borrow::Cow, marker::PhantomData};
use uuid::Uuid;

macro_rules! forms {
    ($($(#[$meta:meta])* $name:ident $suffix:literal $schema:ident;)*) => {$(
        $(#[$meta])*
        #[derive(Serialize, Deserialize)]
        #[serde(transparent)]
        pub struct $name<R>(pub Map<String, Value>, #[serde(skip)] PhantomData<fn() -> R>);

        impl<R> From<Map<String, Value>> for $name<R> {
            fn from(fields: Map<String, Value>) -> Self {
                Self(fields, PhantomData)
            }
        }

        impl<R: Resource> JsonSchema for $name<R> {
            fn schema_name() -> Cow<'static, str> {
                concat!("{}", $suffix).replace("{}", R::KIND.schema).into()
            }
            fn json_schema(generator: &mut SchemaGenerator) -> Schema {
                $schema::<R>(generator)
            }
        }
    )*};
}

forms! {
    /// A record in a response.
    Wire "" read_schema;
    /// The body that creates a record.
    Draft "Draft" draft_schema;
    /// A record in a request that saves several: complete, with its ID and the version that it is based on.
    Part "Part" part_schema;
    /// The body that changes a record: a JSON merge patch.
    Patch "Patch" patch_schema;
}

fn properties(schema: &mut Schema) -> &mut Map<String, Value> {
    let properties = schema.ensure_object().entry("properties").or_insert_with(|| json!({}));
    if !properties.is_object() {
        *properties = json!({});
    }
    match properties {
        Value::Object(map) => map,
        _ => unreachable!("made an object above"),
    }
}

fn read_schema<R: Resource>(generator: &mut SchemaGenerator) -> Schema {
    let mut schema = R::json_schema(generator);
    let id = generator.subschema_for::<Uuid>();
    let time = generator.subschema_for::<Time>();
    let properties = properties(&mut schema);
    properties.insert("id".into(), id.clone().to_value());
    properties.insert("name".into(), json!({"type": "string"}));
    properties.insert("description".into(), json!({"type": "string"}));
    properties.insert("createdAt".into(), time.clone().to_value());
    properties.insert("updatedAt".into(), time.to_value());
    properties.insert(
        "createdBy".into(),
        json!({"anyOf": [id.to_value(), {"type": "null"}], "description": "ID of the user or API key"}),
    );
    properties.insert("version".into(), json!({"type": "integer", "minimum": 1}));
    // lists omit the heavy fields; all other fields are always present
    let required: Vec<_> =
        properties.keys().filter(|name| !R::OMITTED_IN_LISTS.contains(&name.as_str())).cloned().collect();
    let object = schema.ensure_object();
    object.insert("required".into(), required.into());
    object.remove("additionalProperties");
    schema
}

fn draft_schema<R: Resource>(generator: &mut SchemaGenerator) -> Schema {
    let mut schema = R::json_schema(generator);
    documented::without_read_only(&mut schema);
    let properties = properties(&mut schema);
    let name = json!({"type": "string", "minLength": 1, "maxLength": 255, "pattern": R::NAMES});
    properties.insert("name".into(), name);
    properties.insert("description".into(), json!({"type": "string", "maxLength": 4000}));
    let object = schema.ensure_object();
    let required = object.entry("required").or_insert_with(|| json!([]));
    if let Value::Array(required) = required {
        required.push("name".into());
    }
    schema
}

fn part_schema<R: Resource>(generator: &mut SchemaGenerator) -> Schema {
    let mut schema = draft_schema::<R>(generator);
    let id = generator.subschema_for::<Uuid>().to_value();
    let properties = properties(&mut schema);
    let about = "The version that the change is based on. Omit it for a new record.";
    properties.insert("version".into(), json!({"type": ["integer", "null"], "minimum": 1, "description": about}));
    if R::ON_DASHBOARDS {
        properties.insert("id".into(), id);
        let required = schema.ensure_object().entry("required").or_insert_with(|| json!([]));
        if let Value::Array(required) = required {
            required.push("id".into());
        }
    }
    schema
}

fn patch_schema<R: Resource>(generator: &mut SchemaGenerator) -> Schema {
    patch_of(draft_schema::<R>(generator))
}

/// Turns the schema of a draft into the schema of a merge patch.
pub fn patch_of(mut schema: Schema) -> Schema {
    let required = schema.ensure_object().remove("required").unwrap_or_default();
    for (name, property) in properties(&mut schema).iter_mut() {
        // required fields cannot be cleared
        if !required.as_array().is_some_and(|required| required.iter().any(|known| known == name)) {
            *property = json!({"anyOf": [property.take(), {"type": "null"}]});
        }
    }
    let about = "A JSON merge patch: absent fields stay unchanged, null clears a field";
    schema.ensure_object().insert("description".into(), about.into());
    schema
}

/// A body split into name, description and the fields specific to the kind.
pub struct SplitBody<R> {
    pub name: String,
    pub description: String,
    pub spec: R,
}

/// Parses a complete body. Fields that only the server sets are rejected.
pub fn split<R: Resource>(mut fields: Map<String, Value>) -> Result<SplitBody<R>> {
    refuse_read_only::<R>(&fields)?;
    let name = text(fields.shift_remove("name"), "name")?.ok_or_else(|| Error::invalid("name", "is required"))?;
    let description = text(fields.shift_remove("description"), "description")?.unwrap_or_default();
    let spec: R = parse::from_value(Value::Object(fields), "").map_err(without_read_only::<R>)?;
    check_tags(spec.tags())?;
    Ok(SplitBody { name, description, spec })
}

/// Removes fields that only the server sets from lists of known fields in messages.
fn without_read_only<R: Resource>(error: Error) -> Error {
    let Error::Invalid(mut problems) = error else { return error };
    for problem in &mut problems {
        for name in R::READ_ONLY {
            for listed in [format!(", `{name}`"), format!(" or `{name}`")] {
                problem.message = problem.message.replace(&listed, "");
            }
        }
    }
    Error::Invalid(problems)
}

pub fn refuse_read_only<R: Resource>(fields: &Map<String, Value>) -> Result<()> {
    let read_only = COMMON.iter().skip(2).chain(R::READ_ONLY);
    match read_only.into_iter().find(|name| fields.contains_key(**name)) {
        Some(name) => Err(Error::invalid(*name, "is read-only: omit it")),
        None => Ok(()),
    }
}

fn text(value: Option<Value>, field: &str) -> Result<Option<String>> {
    match value {
        None | Some(Value::Null) => Ok(None),
        Some(Value::String(text)) => Ok(Some(text)),
        Some(_) => Err(Error::invalid(field, "must be a string")),
    }
}

/// Applies a JSON merge patch (RFC 7396). Recursion is bounded by the depth limit of JSON input.
pub fn merge(target: &mut Value, patch: Value) {
    match patch {
        Value::Object(patch) => {
            if !target.is_object() {
                *target = json!({});
            }
            if let Value::Object(target) = target {
                for (name, value) in patch {
                    if value.is_null() {
                        target.shift_remove(&name);
                    } else {
                        merge(target.entry(name).or_insert(Value::Null), value);
                    }
                }
            }
        }
        other => *target = other,
    }
}

/// A page of a list.
#[derive(Serialize)]
#[serde(rename_all = "camelCase")]
pub struct ListOf<T> {
    pub items: Vec<T>,
    /// The cursor of the next page; `null` on the last page.
    pub next_cursor: Option<String>,
    /// The total number of records.
    pub total: u64,
    /// Whether there are more than `total`, because counting stopped.
    #[serde(skip_serializing_if = "std::ops::Not::not")]
    pub total_is_minimum: bool,
}

impl<T> ListOf<T> {
    /// Creates a page with an exact total.
    pub fn new(items: Vec<T>, next_cursor: Option<String>, total: u64) -> Self {
        Self { items, next_cursor, total, total_is_minimum: false }
    }
}

impl<T: JsonSchema> JsonSchema for ListOf<T> {
    fn schema_name() -> Cow<'static, str> {
        format!("{}List", T::schema_name()).into()
    }
    fn json_schema(generator: &mut SchemaGenerator) -> Schema {
        let item = generator.subschema_for::<T>();
        json_schema!({
            "type": "object",
            "required": ["items", "nextCursor", "total"],
            "properties": {
                "items": {"type": "array", "items": item},
                "nextCursor": {"type": ["string", "null"], "description": "Cursor of the next page; null at the end"},
                "total": {"type": "integer", "minimum": 0, "description": "Total number of records"},
                "totalIsMinimum": {
                    "type": "boolean",
                    "description": "True if there are more than `total`: long filtered lists are not fully counted",
                }
            }
        })
    }
}

/// A complete short list.
#[derive(Serialize)]
pub struct Items<T> {
    pub items: Vec<T>,
}

impl<T: JsonSchema> JsonSchema for Items<T> {
    fn schema_name() -> Cow<'static, str> {
        format!("{}Items", T::schema_name()).into()
    }
    fn json_schema(generator: &mut SchemaGenerator) -> Schema {
        let item = generator.subschema_for::<T>();
        json_schema!({
            "type": "object",
            "required": ["items"],
            "properties": {"items": {"type": "array", "items": item}}
        })
    }
}

#[cfg(test)]
mod tests {
    use super::merge;
    use serde_json::json;

    #[test]
    fn a_merge_patch_follows_the_rfc() {
        let cases = [
            (json!({"a": "b"}), json!({"a": "c"}), json!({"a": "c"})),
            (json!({"a": "b"}), json!({"b": "c"}), json!({"a": "b", "b": "c"})),
            (json!({"a": "b", "b": "c"}), json!({"a": null}), json!({"b": "c"})),
            (json!({"a": ["b"]}), json!({"a": "c"}), json!({"a": "c"})),
            (json!({"a": {"b": "c"}}), json!({"a": {"b": "d", "c": null}}), json!({"a": {"b": "d"}})),
            (json!({"a": "foo"}), json!({"b": {"c": {"d": null}}}), json!({"a": "foo", "b": {"c": {}}})),
            (json!(["a"]), json!({"a": 1}), json!({"a": 1})),
        ];
        for (mut target, patch, expected) in cases {
            merge(&mut target, patch);
            assert_eq!(target, expected);
        }
    }
}
