//! Schemas contain what a client needs to render forms.
use jet_admin::connect::all;
use serde_json::Value;

/// Collects the paths of optional choices in a schema that have no default.
fn without_default(schema: &Value, path: &str, required: bool, found: &mut Vec<String>) {
    let branches: Vec<_> = ["oneOf", "anyOf"].iter().filter_map(|key| schema[*key].as_array()).flatten().collect();
    let fixed = |branch: &&Value| branch.get("const").is_some() || branch.get("enum").is_some();
    let choice = schema.get("enum").is_some() || (!branches.is_empty() && branches.iter().all(fixed));
    if choice && !required && schema.get("default").is_none() {
        found.push(path.to_owned());
    }
    for branch in branches {
        without_default(branch, path, true, found);
    }
    for (name, property) in schema["properties"].as_object().into_iter().flatten() {
        let required = schema["required"].as_array().is_some_and(|names| names.iter().any(|one| one == name));
        without_default(property, &format!("{path}.{name}"), required, found);
    }
}

#[test]
fn every_optional_choice_has_a_default() {
    let mut found = Vec::new();
    for connector in all() {
        let (options, query) = (connector.options_schema().to_value(), connector.query_schema().to_value());
        without_default(&options, &format!("{}: options", connector.kind()), true, &mut found);
        without_default(&query, &format!("{}: query", connector.kind()), true, &mut found);
    }
    assert_eq!(found, Vec::<String>::new());
}

#[test]
fn the_mysql_schema_declares_backticks_as_its_quote() {
    let quote = |kind: &str| {
        let connector = all().find(|connector| connector.kind() == kind).unwrap();
        connector.query_schema().to_value()["properties"]["sql"]["x-quote"].clone()
    };
    assert_eq!(quote("mysql"), "`");
    assert_eq!(quote("postgresql"), Value::Null);
}
