//! Rewrites schemas into forms that all client generators support.
use serde_json::{Map, Value, json};

/// Keywords whose value is one schema, several schemas, or named schemas.
const ONE: &[&str] =
    &["items", "additionalProperties", "not", "if", "then", "else", "contains", "propertyNames", "contentSchema"];
const SEVERAL: &[&str] = &["allOf", "anyOf", "oneOf", "prefixItems"];
const NAMED: &[&str] = &["properties", "patternProperties", "$defs"];
const NUMBERS: &[&str] = &["minimum", "maximum", "exclusiveMinimum", "exclusiveMaximum", "multipleOf"];
/// The keywords that apply to each type.
const RULES: &[(&str, &[&str])] = &[
    ("string", &["minLength", "maxLength", "pattern", "format"]),
    ("number", NUMBERS),
    ("integer", NUMBERS),
    ("array", &["items", "minItems", "maxItems", "uniqueItems"]),
    ("object", &["properties", "additionalProperties", "required", "minProperties", "maxProperties"]),
];
/// Keywords that only the admin UI's forms use.
const FORM: &[&str] = &["title", "$schema"];

/// Calls `change` with every schema of the document, inner ones first.
pub(super) fn visit(document: &mut Value, change: &mut impl FnMut(&mut Value)) {
    if let Some(Value::Object(schemas)) = document.pointer_mut("/components/schemas") {
        schemas.values_mut().for_each(|schema| walk(schema, change));
    }
    if let Some(paths) = document.get_mut("paths") {
        find(paths, change);
    }
}

/// Finds schemas in other parts of the document, where they are under `schema`.
fn find(value: &mut Value, change: &mut impl FnMut(&mut Value)) {
    match value {
        Value::Object(fields) => {
            for (name, value) in fields {
                if name == "schema" { walk(value, change) } else { find(value, change) }
            }
        }
        Value::Array(items) => items.iter_mut().for_each(|item| find(item, change)),
        _ => {}
    }
}

fn walk(schema: &mut Value, change: &mut impl FnMut(&mut Value)) {
    if let Value::Object(fields) = schema {
        for (name, value) in fields {
            match value {
                // a boolean here only says whether the object is open
                Value::Bool(_) if name == "additionalProperties" => {}
                _ if ONE.contains(&name.as_str()) => walk(value, change),
                Value::Array(items) if SEVERAL.contains(&name.as_str()) => {
                    for item in items {
                        walk(item, change);
                    }
                }
                Value::Object(named) if NAMED.contains(&name.as_str()) => {
                    named.values_mut().for_each(|item| walk(item, change));
                }
                _ => {}
            }
        }
    }
    change(schema);
}

pub(super) fn simplify(document: &mut Value) {
    visit(document, &mut |schema| {
        if *schema == Value::Bool(true) {
            *schema = json!({});
        }
        let Value::Object(fields) = schema else { return };
        fields.retain(|name, _| !FORM.contains(&name.as_str()) && !name.starts_with("x-"));
        constant(fields);
        enumeration(fields);
        default(fields);
        width(fields);
        lone(fields);
        nullable(fields);
        list(fields);
        several(fields);
    });
}

/// Turns `const` into an `enum` with one value, and adds a type to enums.
fn constant(fields: &mut Map<String, Value>) {
    if let Some(value) = fields.shift_remove("const") {
        fields.insert("enum".to_owned(), json!([value]));
    }
    let of = match fields.get("enum").and_then(Value::as_array).and_then(|values| values.first()) {
        Some(Value::String(_)) => "string",
        Some(Value::Bool(_)) => "boolean",
        Some(Value::Number(_)) => "number",
        _ => return,
    };
    fields.entry("type").or_insert_with(|| of.into());
}

/// Merges a choice between string enums into one `enum`, with the values explained in the description.
fn enumeration(fields: &mut Map<String, Value>) {
    let Some(Value::Array(choices)) = fields.get("oneOf").or_else(|| fields.get("anyOf")) else { return };
    let is_text = |choice: &Value| choice["enum"].is_array() && choice["type"] == "string";
    if choices.is_empty() || !choices.iter().all(is_text) {
        return;
    }
    let mut values = Vec::new();
    let mut lines: Vec<String> =
        fields.get("description").and_then(Value::as_str).map(str::to_owned).into_iter().collect();
    for choice in choices {
        let known = choice["enum"].as_array().into_iter().flatten();
        let (known, about) = (known.cloned().collect::<Vec<_>>(), choice["description"].as_str());
        if let (Some(about), [Value::String(value)]) = (about, known.as_slice()) {
            lines.push(format!("`{value}`: {about}"));
        }
        values.extend(known);
    }
    fields.retain(|name, _| name != "oneOf" && name != "anyOf");
    fields.insert("type".to_owned(), "string".into());
    fields.insert("enum".to_owned(), values.into());
    if !lines.is_empty() {
        fields.insert("description".to_owned(), lines.join("\n\n").into());
    }
}

/// Moves defaults into the description: a generated client that sends defaults with a patch would reset fields that the
/// user did not change.
fn default(fields: &mut Map<String, Value>) {
    let Some(value) = fields.shift_remove("default") else { return };
    let text = match &value {
        Value::String(text) if !text.is_empty() => text.clone(),
        Value::Bool(_) | Value::Number(_) => value.to_string(),
        _ => return,
    };
    let about = fields.get("description").and_then(Value::as_str).map(|about| format!("{about} ")).unwrap_or_default();
    fields.insert("description".to_owned(), format!("{about}Default: `{text}`.").into());
}

/// Sets the `format` of integers to one that `OpenAPI` defines: without one, some languages use 32 bits.
fn width(fields: &mut Map<String, Value>) {
    const NARROW: &[&str] = &["int8", "uint8", "int16", "uint16", "int32"];
    let Some(Value::String(format)) = fields.get("format") else { return };
    let is_integer = format.trim_start_matches('u').starts_with("int");
    if !is_integer {
        return;
    }
    let most = fields.get("maximum").and_then(Value::as_f64);
    let narrow = NARROW.contains(&format.as_str()) || most.is_some_and(|most| most <= f64::from(i32::MAX));
    fields.insert("format".to_owned(), if narrow { "int32" } else { "int64" }.into());
}

/// Unwraps an `allOf` with one member and no other keywords.
fn lone(fields: &mut Map<String, Value>) {
    let Some(Value::Array(parts)) = fields.get("allOf") else { return };
    if let ([Value::Object(only)], 1) = (parts.as_slice(), fields.len()) {
        *fields = only.clone();
    }
}

/// Splits a schema with several types, besides null, into a choice with the keywords of each type.
fn several(fields: &mut Map<String, Value>) {
    let Some(Value::Array(types)) = fields.get("type") else { return };
    if types.iter().filter(|of| *of != "null").count() < 2
        || fields.contains_key("enum")
        || fields.contains_key("anyOf")
    {
        return;
    }
    let types = types.clone();
    fields.shift_remove("type");
    let mut rules = Map::new();
    for (_, names) in RULES {
        rules.extend(names.iter().filter_map(|name| fields.shift_remove_entry(*name)));
    }
    let choice = |of: &Value| {
        let names = RULES.iter().find(|(known, _)| of == known).map_or(&[] as &[&str], |(_, names)| names);
        let own = names.iter().filter_map(|name| Some(((*name).to_owned(), rules.get(*name)?.clone())));
        Value::Object(std::iter::once(("type".to_owned(), of.clone())).chain(own).collect())
    };
    let choices: Vec<Value> = types.iter().map(choice).collect();
    fields.insert("anyOf".to_owned(), choices.into());
}

/// Adds `items` to lists without it.
fn list(fields: &mut Map<String, Value>) {
    let is_list = match fields.get("type") {
        Some(Value::String(of)) => of == "array",
        Some(Value::Array(of)) => of.iter().any(|of| of == "array"),
        _ => false,
    };
    if is_list && !fields.contains_key("prefixItems") {
        fields.entry("items").or_insert_with(|| json!({}));
    }
}

/// Merges a choice between a schema and null into one schema that allows null.
fn nullable(fields: &mut Map<String, Value>) {
    let Some(Value::Array(choices)) = fields.get("anyOf") else { return };
    let [Value::Object(one), null] = choices.as_slice() else { return };
    let may_be_null = one.get("type").is_some_and(|of| of.as_array().is_some_and(|of| of.contains(&json!("null"))));
    let is_any = one.keys().all(|name| name == "description");
    let mut simple = one.clone();
    if *null != json!({"type": "null"}) {
        return;
    }
    match one.get("type") {
        _ if may_be_null || is_any => {}
        Some(Value::String(of)) if !one.contains_key("enum") => {
            simple.insert("type".to_owned(), json!([of, "null"]));
        }
        _ => return,
    }
    fields.shift_remove("anyOf");
    for (name, value) in simple {
        fields.entry(name).or_insert(value);
    }
}
