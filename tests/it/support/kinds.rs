//! The six kinds of plain resources, with a request body that creates each.
use super::World;
use serde_json::{Value, json};

/// What a test needs to create and change a record of one kind.
pub struct Kind {
    /// The name in permissions: `dataquery`.
    pub name: &'static str,
    /// The name in paths: `data-queries`.
    pub plural: &'static str,
    /// The path parameter: `queryID`.
    pub id: &'static str,
    /// The name in messages: `query`.
    pub label: &'static str,
    /// The complete body that creates one; the records it links to exist in the world.
    pub draft: fn(&World, &str) -> Value,
    /// A change to fields of this kind, and the default value of one of them.
    pub change: fn() -> (Value, Value),
    pub clones: bool,
}

pub const KINDS: &[Kind] = &[
    Kind {
        name: "datasource",
        plural: "datasources",
        id: "datasourceID",
        label: "datasource",
        draft: |_, name| json!({"name": name, "type": "sqlite", "options": {"path": "shop.db"}, "tags": ["shop"]}),
        change: || (json!({"tags": ["a", "b"]}), json!([])),
        clones: true,
    },
    Kind {
        name: "dataquery",
        plural: "data-queries",
        id: "queryID",
        label: "query",
        draft: |world, name| json!({"name": name, "datasourceID": world.id("datasourceID"), "options": {"sql": "select id, name from items"}}),
        change: || (json!({"cacheSeconds": 60}), json!(0)),
        clones: true,
    },
    Kind {
        name: "widget",
        plural: "widgets",
        id: "widgetID",
        label: "widget",
        draft: |world, name| json!({"name": name, "type": "table", "config": {"queryID": world.id("queryID")}}),
        change: || (json!({"type": "text", "config": {"queryID": null, "markdown": "# Hi"}}), Value::Null),
        clones: true,
    },
    Kind {
        name: "dashboard",
        plural: "dashboards",
        id: "dashboardID",
        label: "dashboard",
        draft: |world, name| {
            json!({
                "name": name,
                "items": [{"key": "a", "widgetID": world.id("widgetID")}],
                "layouts": {"lg": [{"i": "a", "x": 0, "y": 0, "w": 4, "h": 3}]},
                "variables": [{"name": "region", "type": "text"}],
            })
        },
        change: || (json!({"refreshSeconds": 30}), json!(0)),
        clones: true,
    },
    Kind {
        name: "workflow",
        plural: "workflows",
        id: "workflowID",
        label: "workflow",
        draft: |world, name| {
            json!({
                "name": name,
                "nodes": [
                    {"id": "1", "type": "start", "name": "start"},
                    {"id": "2", "type": "dataQuery", "name": "items", "config": {"queryID": world.id("queryID")}},
                    {"id": "3", "type": "end", "name": "end", "config": {"output": "{{ steps.items.rowCount }}"}},
                ],
                "edges": [{"id": "a", "source": "1", "target": "2"}, {"id": "b", "source": "2", "target": "3"}],
                "inputs": [{"name": "region", "type": "string"}],
            })
        },
        change: || (json!({"settings": {"timeoutSeconds": 60, "whenFull": "skip"}}), json!({"whenFull": "queue"})),
        clones: true,
    },
    Kind {
        name: "role",
        plural: "roles",
        id: "roleID",
        label: "role",
        draft: |_, name| json!({"name": name, "permissions": ["widget:list", "dashboard:read"]}),
        change: || (json!({"permissions": ["widget:read"]}), json!([])),
        clones: false,
    },
];

/// The kind with this name.
pub fn kind(name: &str) -> &'static Kind {
    KINDS.iter().find(|kind| kind.name == name).unwrap_or_else(|| panic!("no kind {name}"))
}
