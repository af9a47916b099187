//! Rules for the API document that client generators and the generated clients depend on.
use serde_json::{Value, json};
use std::collections::HashSet;

fn document() -> Value {
    serde_json::from_slice(&jet_admin::api::document()).unwrap()
}

/// Every schema of the document, with its path.
fn schemas(document: &Value) -> Vec<(String, &Value)> {
    let mut found = Vec::new();
    for (name, schema) in document["components"]["schemas"].as_object().unwrap() {
        inside(format!("/components/schemas/{name}"), schema, &mut found);
    }
    below("/paths".to_owned(), &document["paths"], &mut found);
    found
}

fn below<'a>(at: String, value: &'a Value, found: &mut Vec<(String, &'a Value)>) {
    match value {
        Value::Object(fields) => {
            for (name, value) in fields {
                let at = format!("{at}/{name}");
                if name == "schema" { inside(at, value, found) } else { below(at, value, found) }
            }
        }
        Value::Array(items) => items.iter().enumerate().for_each(|(i, item)| below(format!("{at}/{i}"), item, found)),
        _ => {}
    }
}

fn inside<'a>(at: String, schema: &'a Value, found: &mut Vec<(String, &'a Value)>) {
    for name in ["items", "additionalProperties", "not", "contains", "propertyNames", "contentSchema"] {
        if let Some(part) = schema.get(name).filter(|part| name != "additionalProperties" || !part.is_boolean()) {
            inside(format!("{at}/{name}"), part, found);
        }
    }
    for name in ["allOf", "anyOf", "oneOf", "prefixItems"] {
        for (i, part) in schema[name].as_array().into_iter().flatten().enumerate() {
            inside(format!("{at}/{name}/{i}"), part, found);
        }
    }
    for name in ["properties", "patternProperties", "$defs"] {
        for (field, part) in schema[name].as_object().into_iter().flatten() {
            inside(format!("{at}/{name}/{field}"), part, found);
        }
    }
    found.push((at, schema));
}

fn operations(document: &Value) -> Vec<(String, &Value)> {
    let mut found = Vec::new();
    for (path, item) in document["paths"].as_object().unwrap() {
        for (method, operation) in item.as_object().unwrap() {
            found.push((format!("{method} {path}"), operation));
        }
    }
    found
}

#[test]
fn every_schema_is_an_object_with_one_type_and_no_default() {
    let document = document();
    for (at, schema) in schemas(&document) {
        assert!(schema.is_object(), "{at}: tools do not support the schema {schema}");
        assert!(schema.get("default").is_none(), "{at}: clients would always send a default");
        assert!(schema.get("const").is_none() && schema.get("title").is_none(), "{at}: {schema}");
        let types = schema["type"].as_array().map_or(0, |types| types.iter().filter(|of| *of != "null").count());
        assert!(types <= 1, "{at}: use anyOf for several types");
        assert!(
            schema["description"].is_null() || schema["description"].is_string(),
            "{at}: {}",
            schema["description"]
        );
        assert!(schema.get("description") != Some(&Value::Null), "{at}: omit the description instead of null");
        let is_list =
            schema["type"] == "array" || schema["type"].as_array().is_some_and(|of| of.contains(&json!("array")));
        assert!(!is_list || schema.get("items").is_some(), "{at}: an array needs items");
        if let Some(format) = schema["format"].as_str().filter(|format| format.contains("int")) {
            assert!(["int32", "int64"].contains(&format), "{at}: {format}");
        }
    }
}

#[test]
fn alternative_strings_are_a_single_enum() {
    let document = document();
    for (at, schema) in schemas(&document) {
        for name in ["oneOf", "anyOf"] {
            let choices = schema[name].as_array().into_iter().flatten();
            let strings =
                choices.clone().filter(|choice| choice["type"] == "string" && choice["enum"].is_array()).count();
            assert!(strings < 2, "{at}: {schema}");
        }
        if let Some(values) = schema["enum"].as_array() {
            let distinct: HashSet<String> = values.iter().map(ToString::to_string).collect();
            assert_eq!(distinct.len(), values.len(), "{at}");
            assert!(schema["type"].is_string() || schema["type"].is_array(), "{at}: an enum needs a type");
        }
    }
}

#[test]
fn a_patch_requires_no_field_and_can_clear_only_optional_ones() {
    let document = document();
    let known = document["components"]["schemas"].as_object().unwrap();
    let refuses_null = |name: &str, field: &str| {
        let draft = &known[&name.replace("Patch", "Draft")];
        draft["required"].as_array().is_some_and(|required| required.contains(&json!(field)))
    };
    let patches: Vec<_> = known
        .keys()
        .filter(|name| name.ends_with("Patch") && known.contains_key(&name.replace("Patch", "Draft")))
        .collect();
    assert!(patches.len() >= 8, "{patches:?}");
    for name in patches {
        let schema = &known[name];
        assert_eq!(schema["additionalProperties"], false, "{name} must refuse unknown fields");
        check_patch(name, schema, &document);
        for (field, property) in schema["properties"].as_object().unwrap() {
            let may_clear = is_nullable(property);
            assert_eq!(may_clear, !refuses_null(name, field), "{name}.{field}: {property}");
        }
    }
}

/// Checks that a merge patch requires no field, in nested objects too.
fn check_patch(at: &str, schema: &Value, document: &Value) {
    if let Some(reference) = schema["$ref"].as_str() {
        return check_patch(reference, document.pointer(&reference[1..]).unwrap(), document);
    }
    assert!(schema.get("required").is_none(), "{at} requires a field in a patch: {schema}");
    for (name, part) in schema["properties"].as_object().into_iter().flatten() {
        check_patch(&format!("{at}.{name}"), part, document);
    }
    for name in ["allOf", "anyOf", "oneOf"] {
        for part in schema[name].as_array().into_iter().flatten() {
            check_patch(at, part, document);
        }
    }
}

fn is_nullable(schema: &Value) -> bool {
    let is_any = schema.as_object().unwrap().keys().all(|name| name == "description");
    let of = &schema["type"];
    let choices = schema["anyOf"].as_array().into_iter().flatten();
    is_any
        || of == "null"
        || of.as_array().is_some_and(|of| of.contains(&json!("null")))
        || choices.clone().any(is_nullable)
}

/// Names that languages, their standard libraries or generated clients already use.
const TAKEN: &str = "\
    abstract any api array async bool boolean body byte case client class column configuration connection const \
    date default detail dict double enum error event exception execution file filter float format function future \
    header import integer interface iterator join list long map match method model module namespace none null \
    number object option optional package parameter parameters path permission place private promise property \
    protected public record reference request response result retry schema self set setup share static step stream \
    string struct super symbol system table task thread time trait type union unknown value variables vec version \
    void where yield";

#[test]
fn schema_names_are_unique_and_valid_in_every_language() {
    let document = document();
    let mut seen = HashSet::new();
    for name in document["components"]["schemas"].as_object().unwrap().keys() {
        assert!(name.starts_with(|c: char| c.is_ascii_uppercase()), "{name}");
        assert!(name.chars().all(|c| c.is_ascii_alphanumeric()), "{name}");
        assert!(
            !name.ends_with(|c: char| c.is_ascii_digit()),
            "{name}: two types have the same name; add one to `names.rs`"
        );
        assert!(
            !TAKEN.split_whitespace().any(|word| *word == *name.to_lowercase()),
            "{name} is reserved in another language: add it to `names.rs`"
        );
        assert!(seen.insert(name.to_lowercase()), "{name} differs from another name only by case");
    }
}

#[test]
fn every_operation_documents_its_security_and_its_errors() {
    let document = document();
    for (at, operation) in operations(&document) {
        assert!(operation["security"].is_array(), "{at}: public operations need an empty list");
        let responses = operation["responses"].as_object().unwrap();
        assert!(responses.keys().any(|status| status.starts_with('4')), "{at} documents no errors");
        for (status, response) in responses {
            let header = |name: &str| response["headers"].get(name).is_some();
            assert!(!response["description"].as_str().unwrap().is_empty(), "{at} {status}");
            assert!(header("x-request-id"), "{at} {status}");
            assert!(header("Retry-After") || !["429", "503"].contains(&status.as_str()), "{at} {status}");
            let has_body = response["content"].is_object();
            for (media, content) in response["content"].as_object().into_iter().flatten() {
                assert!(content["schema"].is_object(), "{at} {status} {media} has no schema");
            }
            assert!(has_body || ["204", "304"].contains(&status.as_str()), "{at} {status} has no body");
        }
        let parameters = operation["parameters"].as_array().into_iter().flatten();
        let mut names = HashSet::new();
        for parameter in parameters {
            let name = parameter["name"].as_str().unwrap();
            assert!(names.insert(name), "{at} has {name} twice");
            if parameter["in"] == "header" {
                assert_eq!(parameter["schema"], json!({"type": "string"}), "{at} {name}: headers are strings");
            }
            if parameter["in"] == "query" {
                assert!(!is_nullable(&parameter["schema"]), "{at} {name}: a query parameter cannot be null");
            }
        }
        assert_eq!(responses.contains_key("304"), names.contains("if-none-match"), "{at}");
        if responses.contains_key("304") {
            assert!(responses["200"]["headers"].get("ETag").is_some(), "{at}");
        }
        if at.contains("/tenants/{tenantID}") {
            assert!(names.contains("x-tenant-id"), "{at}");
        }
    }
}

#[test]
fn every_tag_is_described_and_used() {
    let document = document();
    let described: HashSet<&str> =
        document["tags"].as_array().unwrap().iter().map(|tag| tag["name"].as_str().unwrap()).collect();
    let used: HashSet<&str> = operations(&document)
        .iter()
        .flat_map(|(_, operation)| operation["tags"].as_array().unwrap())
        .map(|tag| tag.as_str().unwrap())
        .collect();
    assert_eq!(described, used);
    assert_eq!(document["servers"][0]["url"], "/");
    assert_eq!(document["info"]["license"]["identifier"], "MIT");
}

#[test]
fn examples_match_their_schemas() {
    let document = document();
    let mut examples = 0;
    for (name, schema) in document["components"]["schemas"].as_object().unwrap() {
        for example in schema["examples"].as_array().into_iter().flatten() {
            let whole = json!({"$ref": format!("#/components/schemas/{name}"), "components": document["components"]});
            let rules = jsonschema::validator_for(&whole).unwrap();
            let problems: Vec<_> = rules.iter_errors(example).map(|problem| problem.to_string()).collect();
            assert!(problems.is_empty(), "{name}: {problems:?}");
            examples += 1;
        }
    }
    assert!(examples >= 15, "every kind that can be created needs an example");
}

#[test]
fn options_of_every_type_have_a_named_schema() {
    let document = document();
    for (union, least) in [("DatasourceOptions", 15), ("QueryOptions", 15), ("WidgetConfig", 25), ("NodeConfig", 15)] {
        let choices = document["components"]["schemas"][union]["anyOf"].as_array().unwrap();
        let named = choices.iter().filter(|choice| choice["$ref"].is_string()).count();
        assert!(named >= least, "{union} has {named}");
    }
}
