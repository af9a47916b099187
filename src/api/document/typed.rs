//! Adds the settings of all registered types as named schemas. Request bodies use them; response bodies keep open
//! objects, because a later version may add fields.
use super::names::reference;
use crate::{
    connect,
    model::widget::kinds,
    runner::nodes::{self},
};
use schemars::Schema;
use serde_json::{Map, Value, json};

/// The schemas and fields that take a union of settings, and the name of the union.
const PLACES: &[(&str, &str, &str)] = &[
    ("DatasourceDraft", "options", "DatasourceOptions"),
    ("ConnectionDraft", "options", "DatasourceOptions"),
    ("DataQueryDraft", "options", "QueryOptions"),
    ("DataQueryTrial", "options", "QueryOptions"),
    ("WidgetDraft", "config", "WidgetConfig"),
    ("WorkflowNodeDraft", "config", "NodeConfig"),
];
/// Schemas of request bodies with workflow nodes.
const SENT: &[&str] = &["WorkflowDraft", "WorkflowPatch", "TestBody"];

pub(super) fn add(document: &mut Value) {
    let Some(Value::Object(schemas)) = document.pointer_mut("/components/schemas") else { return };
    let (mut options, mut queries, mut widgets, mut steps) = (Vec::new(), Vec::new(), Vec::new(), Vec::new());
    for connector in connect::all() {
        let kind = connector.kind();
        options.push((format!("{}Options", pascal(kind)), kind, connector.options_schema()));
        queries.push((format!("{}QueryOptions", pascal(kind)), kind, connector.query_schema()));
    }
    for kind in kinds::ALL {
        widgets.push((format!("{}WidgetConfig", pascal(kind.name)), kind.name, (kind.schema)()));
    }
    for node in nodes::ALL {
        let kind = node.about().kind;
        steps.push((format!("{}NodeConfig", pascal(kind)), kind, node.schema()));
    }
    types(schemas, &["DatasourceDraft", "ConnectionDraft"], &options);
    types(schemas, &["WidgetDraft"], &widgets);
    union(schemas, "DatasourceOptions", "Options of a datasource, by its `type`", options);
    union(schemas, "QueryOptions", "Options of a query, by the `type` of its datasource", queries);
    union(schemas, "WidgetConfig", "Configuration of a widget, by its `type`", widgets);
    union(schemas, "NodeConfig", "Configuration of a workflow node, by its `type`", steps);
    triggers(schemas);
    let draft = schemas.get("WorkflowNode").cloned().unwrap_or_default();
    schemas.insert("WorkflowNodeDraft".to_owned(), draft);
    for name in SENT {
        if let Some(items) = schemas.get_mut(*name).and_then(|schema| schema.pointer_mut("/properties/nodes")) {
            *items = serde_json::from_str(&items.to_string().replace("/WorkflowNode\"", "/WorkflowNodeDraft\""))
                .unwrap_or_default();
        }
    }
    for (name, field, union) in PLACES {
        let place = schemas.get_mut(*name).and_then(|schema| schema.pointer_mut(&format!("/properties/{field}")));
        if let Some(place) = place {
            *place = json!({"description": place["description"], "allOf": [{"$ref": reference(union)}]});
        }
    }
}

/// Restricts `type` in the drafts to the known types.
fn types(schemas: &mut Map<String, Value>, drafts: &[&str], kinds: &[(String, &str, Schema)]) {
    let known: Vec<&str> = kinds.iter().map(|(_, kind, _)| *kind).collect();
    for draft in drafts {
        let place = schemas.get_mut(*draft).and_then(|schema| schema.pointer_mut("/properties/type"));
        if let Some(Value::Object(place)) = place {
            place.insert("enum".to_owned(), json!(known));
        }
    }
}

/// Adds a schema for each kind, and the union of them as `name`.
fn union(schemas: &mut Map<String, Value>, name: &str, about: &str, kinds: Vec<(String, &str, Schema)>) {
    let mut lines = vec![format!("{about}:")];
    let mut choices = Vec::new();
    for (shape, kind, schema) in kinds {
        lines.push(format!("- `{kind}`: `{shape}`"));
        choices.push(json!({"$ref": reference(&shape)}));
        let mut schema = schema.to_value();
        hoist(schemas, &shape, &mut schema);
        schemas.insert(shape, schema);
    }
    choices.push(json!({"type": "object", "additionalProperties": true}));
    schemas.insert(name.to_owned(), json!({"description": lines.join("\n"), "anyOf": choices}));
}

/// Names the schema of each operation of a service's queries.
fn hoist(schemas: &mut Map<String, Value>, shape: &str, schema: &mut Value) {
    let Some(service) = shape.strip_suffix("QueryOptions") else { return };
    let Some(Value::Array(operations)) = schema.get_mut("oneOf") else { return };
    let mut names = Vec::new();
    for operation in operations.iter() {
        let operation = operation.pointer("/properties/operation/const").and_then(Value::as_str);
        let Some(operation) = operation else { return };
        names.push(format!("{service}{}QueryOptions", pascal(operation)));
    }
    let references = names.iter().map(|name| json!({"$ref": reference(name)})).collect();
    schemas.extend(names.into_iter().zip(std::mem::take(operations)));
    let about = schema["description"].take();
    *schema = json!({"description": about, "oneOf": Value::Array(references)});
}

/// Names the schema of each type of trigger, and sets `type` as the discriminator.
fn triggers(schemas: &mut Map<String, Value>) {
    const UNION: &str = "WorkflowTrigger";
    let Some(Value::Array(kinds)) = schemas.get_mut(UNION).and_then(|union| union.get_mut("oneOf")) else { return };
    let (mut references, mut mapping, mut named) = (Vec::new(), Map::new(), Map::new());
    for schema in std::mem::take(kinds) {
        let kind = schema.pointer("/properties/type/const").and_then(Value::as_str).unwrap_or_default().to_owned();
        let name = format!("{}Trigger", pascal(&kind));
        references.push(json!({"$ref": reference(&name)}));
        mapping.insert(kind, reference(&name).into());
        named.insert(name, schema);
    }
    schemas.extend(named);
    if let Some(Value::Object(union)) = schemas.get_mut(UNION) {
        union.insert("oneOf".to_owned(), references.into());
        union.insert("discriminator".to_owned(), json!({"propertyName": "type", "mapping": mapping}));
    }
}

fn pascal(kind: &str) -> String {
    let mut letters = kind.chars();
    let first = letters.next().map(|first| first.to_ascii_uppercase());
    first.into_iter().chain(letters).collect()
}
