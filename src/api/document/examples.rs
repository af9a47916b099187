//! Examples of request and error bodies; a test validates them against their schemas.
use crate::model::Permission;
use serde_json::{Value, json};

const ID: &str = "0193a3f0-4b7e-7c3a-9f5e-2d1c8a6b4e70";

fn examples() -> Vec<(&'static str, Value)> {
    let support = [Permission::DashboardList, Permission::DashboardRead].map(|permission| permission.to_string());
    vec![
        ("SignInRequest", json!({"email": "ada@example.com", "password": "correct horse battery"})),
        ("TenantDraft", json!({"name": "Acme"})),
        ("InvitationDraft", json!({"email": "grace@example.com", "roleID": ID})),
        ("RoleDraft", json!({"name": "Support", "permissions": support})),
        ("ApiKeyDraft", json!({"name": "Nightly import", "roleID": ID})),
        (
            "DatasourceDraft",
            json!({
                "name": "Shop database", "type": "postgresql",
                "options": {"host": "db.example.com", "database": "shop", "user": "reader", "password": "secret"},
            }),
        ),
        (
            "DataQueryDraft",
            json!({
                "name": "Orders by status", "datasourceID": ID,
                "options": {"sql": "select id, total from orders where status = {{ params.status }}"},
                "parameters": [{"name": "status", "type": "string", "required": true}],
            }),
        ),
        ("DataQueryPatch", json!({"cacheSeconds": 300})),
        ("QueryExecuteRequest", json!({"parameters": {"status": "open"}})),
        ("WidgetDraft", json!({"name": "Orders", "type": "table", "config": {"queryID": ID}})),
        (
            "DashboardDraft",
            json!({
                "name": "Sales", "items": [{"key": "orders", "widgetID": ID}],
                "layouts": {"lg": [{"i": "orders", "x": 0, "y": 0, "w": 12, "h": 8}]},
            }),
        ),
        ("VariableDraft", json!({"name": "region", "value": "eu-west"})),
        (
            "WorkflowDraft",
            json!({
                "name": "Daily report",
                "nodes": [{"id": "start", "name": "start", "type": "start"}, {"id": "end", "name": "end", "type": "end"}],
                "edges": [{"id": "e1", "source": "start", "target": "end"}],
            }),
        ),
        ("WorkflowPatch", json!({"description": "Sent to everyone at 8 a.m."})),
        ("WorkflowExecuteRequest", json!({"input": {"day": "2026-01-31"}})),
        ("ApprovalAnswer", json!({"decision": "approved", "data": {"comment": "Fine"}})),
        (
            "ErrorBody",
            json!({"error": {
                "code": "INVALID_REQUEST", "message": "name: must not be empty",
                "details": [{"path": "name", "message": "must not be empty"}], "requestId": "01J9ZQ4",
            }}),
        ),
    ]
}

pub(super) fn add(document: &mut Value) {
    let Some(Value::Object(schemas)) = document.pointer_mut("/components/schemas") else { return };
    for (name, example) in examples() {
        if let Some(Value::Object(schema)) = schemas.get_mut(name) {
            schema.insert("examples".to_owned(), json!([example]));
        }
    }
}
