//! The permissions that each tenant route requires, and a request to it that changes nothing.
use crate::support::{KINDS, World};
use serde_json::{Value, json};
use uuid::Uuid;

/// One route of a tenant.
pub struct Case {
    pub method: &'static str,
    /// Below `/api/v1/tenants/{tenantID}`.
    pub path: String,
    pub permission: String,
    /// Permissions that are also required; of those separated by `|`, one is enough.
    pub also: Vec<String>,
    /// Status and error code for callers with the permission; the code is empty on success.
    pub answer: (u16, &'static str),
    pub body: Option<Value>,
    pub if_match: Option<&'static str>,
    /// Whether it responds with a stream that does not end.
    pub is_endless: bool,
    /// Whether the path has IDs of existing records.
    known: bool,
}

const INVALID: (u16, &str) = (400, "INVALID_REQUEST");
const UNKNOWN: (u16, &str) = (404, "NOT_FOUND");
const OK: (u16, &str) = (200, "");
/// Sharing a dashboard requires permission to see it.
const READ: &[&str] = &["dashboard:read"];

impl Case {
    fn new(
        method: &'static str,
        path: impl Into<String>,
        permission: impl Into<String>,
        answer: (u16, &'static str),
    ) -> Self {
        let (path, permission) = (path.into(), permission.into());
        let known = answer == OK;
        Self {
            method,
            path,
            permission,
            also: Vec::new(),
            answer,
            body: None,
            if_match: None,
            is_endless: false,
            known,
        }
    }

    fn and(self, also: &[&str]) -> Self {
        let also = also.iter().map(|&permission| permission.to_owned()).collect();
        Self { also, ..self }
    }

    fn send(self, body: Value) -> Self {
        Self { body: Some(body), ..self }
    }

    /// The route as the API document writes it.
    pub fn route(&self) -> String {
        format!("{} /api/v1/tenants/{{tenantID}}{}", self.method, self.path)
    }

    /// The path, with IDs in place of its parameters.
    pub fn path(&self, world: &World, tenant: &str) -> String {
        let mut path = format!("/api/v1/tenants/{tenant}{}", self.path);
        if self.known {
            path = world.fill(&path);
        }
        path = path.replace("{version}", "1");
        while let Some((start, rest)) = path.split_once('{') {
            let (_, end) = rest.split_once('}').unwrap();
            path = format!("{start}{}{end}", Uuid::now_v7());
        }
        path
    }
}

#[expect(clippy::too_many_lines, reason = "a table")]
pub fn all() -> Vec<Case> {
    let mut cases = vec![
        Case::new("GET", "", "tenant:read", OK),
        Case::new("GET", "/usage", "tenant:read", OK),
        Case::new("PATCH", "", "tenant:update", OK).send(json!({})),
        Case { if_match: Some("\"999\""), ..Case::new("DELETE", "", "tenant:delete", (412, "VERSION_CONFLICT")) },
        Case::new("GET", "/members", "member:list", OK),
        Case::new("PATCH", "/members/{userID}", "member:update", INVALID).send(json!({})),
        Case::new("DELETE", "/members/{userID}", "member:delete", UNKNOWN),
        Case::new("GET", "/members/{userID}/credentials", "member:delete", UNKNOWN),
        Case::new("GET", "/invitations", "member:create", OK),
        Case::new("POST", "/invitations", "member:create", INVALID).send(json!({})),
        Case::new("DELETE", "/invitations/{invitationID}", "member:delete", UNKNOWN),
        Case::new("GET", "/permissions", "role:list", OK),
        Case::new("GET", "/api-keys", "apikey:list", OK),
        Case::new("POST", "/api-keys", "apikey:create", INVALID).send(json!({})),
        Case::new("DELETE", "/api-keys/{apiKeyID}", "apikey:delete", UNKNOWN),
        Case::new("GET", "/audit-logs", "audit:list", OK),
        Case::new("POST", "/dashboards/{dashboardID}/actions", "dashboard:use", INVALID)
            .and(&["dashboard:read"])
            .send(json!({})),
        Case::new("POST", "/dashboards/{dashboardID}/choices", "dashboard:read", INVALID).send(json!({})),
        Case::new("POST", "/datasources/{datasourceID}/apps", "dataquery:create", INVALID)
            .and(&["dataquery:execute"])
            .send(json!({})),
        Case::new("POST", "/dashboards/{dashboardID}/changes", "dashboard:use", INVALID)
            .and(&["dashboard:read"])
            .send(json!({})),
        Case::new("GET", "/trash", "tenant:read", OK),
        Case::new("DELETE", "/trash/{recordID}", "tenant:read", UNKNOWN),
        Case::new("POST", "/trash/{recordID}/restore", "tenant:read", UNKNOWN),
        Case::new("POST", "/datasources/test", "datasource:test", INVALID).and(&["datasource:create"]).send(json!({})),
        Case::new("POST", "/datasources/preview", "datasource:test", INVALID)
            .and(&["datasource:create"])
            .send(json!({})),
        Case::new("POST", "/files/preview", "file:create", OK).send(json!({})),
        Case::new("POST", "/datasources/{datasourceID}/test", "datasource:test", UNKNOWN),
        Case::new("GET", "/datasources/{datasourceID}/schema", "datasource:read", OK),
        Case::new("GET", "/files", "file:list", OK),
        Case::new("POST", "/files", "file:create", INVALID).send(json!({})),
        Case::new("GET", "/files/{fileID}", "file:read", OK),
        Case::new("PATCH", "/files/{fileID}", "file:update", OK).send(json!({})),
        Case::new("DELETE", "/files/{fileID}", "file:delete", UNKNOWN),
        Case::new("GET", "/files/{fileID}/versions", "file:read", OK),
        Case::new("GET", "/files/{fileID}/versions/{version}", "file:read", OK),
        Case::new("GET", "/files/{fileID}/uses", "file:read", OK),
        Case::new("GET", "/files/uses", "file:list", OK),
        Case::new("GET", "/files/{fileID}/content", "file:read", OK),
        Case::new("PUT", "/files/{fileID}/content", "file:update", UNKNOWN).send(json!({})),
        Case::new("POST", "/files/{fileID}/versions/{version}/restore", "file:update", UNKNOWN),
        Case::new("POST", "/files/{fileID}/tables", "file:read", UNKNOWN)
            .and(&["dataquery:create", "dataquery:execute", "datasource:read"])
            .send(json!({"table": "t"})),
        Case::new("POST", "/data-queries/effect", "dataquery:read", INVALID).send(json!({})),
        Case::new("POST", "/data-queries/test", "dataquery:create", INVALID)
            .and(&["dataquery:execute"])
            .send(json!({})),
        Case::new("POST", "/data-queries/{queryID}/execute", "dataquery:execute", UNKNOWN).send(json!({})),
        Case::new("POST", "/data-queries/{queryID}/export", "dataquery:execute", UNKNOWN).send(json!({})),
        Case::new("GET", "/data-queries/{queryID}/runs", "dataquery:read", OK),
        // members who can see a widget or a dashboard can see its data without `dataquery:execute`
        Case::new("POST", "/widgets/{widgetID}/data", "widget:read", OK).send(json!({})),
        Case::new("POST", "/dashboards/{dashboardID}/data", "dashboard:read", OK).send(json!({})),
        Case::new("POST", "/dashboards/contents", "dashboard:create", INVALID).send(json!({})),
        Case::new("PUT", "/dashboards/{dashboardID}/contents", "dashboard:update", INVALID).send(json!({})),
        Case::new("GET", "/dashboards/access", "dashboard:list", OK),
        Case::new("GET", "/dashboards/{dashboardID}/access", "dashboard:read", OK),
        Case::new("PUT", "/dashboards/{dashboardID}/access", "dashboard:update", INVALID).send(json!({})),
        Case::new("GET", "/dashboards/shares", "dashboard:share", OK).and(READ),
        Case::new("GET", "/dashboards/{dashboardID}/export", "dashboard:read", OK)
            .and(&["widget:read", "dataquery:read"]),
        Case::new("POST", "/dashboards/{dashboardID}/versions/{version}/restore", "dashboard:update", OK)
            .send(json!({"preview": true})),
        Case::new("POST", "/dashboards/import", "dashboard:create", INVALID).send(json!({})),
        Case::new("POST", "/dashboards/import/preview", "dashboard:create", INVALID).send(json!({})),
        Case::new("GET", "/dashboards/{dashboardID}/shares", "dashboard:share", OK).and(READ),
        Case::new("POST", "/dashboards/{dashboardID}/shares", "dashboard:share", INVALID)
            .and(READ)
            .send(json!({"expiresAt": "2020-01-01T00:00:00Z"})),
        Case::new("DELETE", "/dashboards/{dashboardID}/shares/{shareID}", "dashboard:share", UNKNOWN).and(READ),
    ];
    cases.extend(runs());
    cases.extend(plain());
    cases
}

/// The routes that every kind of record has.
fn plain() -> Vec<Case> {
    let mut cases = Vec::new();
    let plain = KINDS.iter().map(|kind| (kind.name, kind.plural, kind.id, kind.clones));
    for (name, plural, id, clones) in plain.chain([("variable", "variables", "variableID", false)]) {
        let permission = |verb: &str| format!("{name}:{verb}");
        let (list, one) = (format!("/{plural}"), format!("/{plural}/{{{id}}}"));
        cases.extend([
            Case::new("GET", &list, permission("list"), OK),
            Case::new("POST", &list, permission("create"), INVALID).send(json!({})),
            Case::new("GET", &one, permission("read"), OK),
            Case::new("PATCH", &one, permission("update"), OK).send(json!({})),
            Case::new("DELETE", &one, permission("delete"), UNKNOWN),
            Case::new("GET", format!("{one}/versions"), permission("read"), OK),
            Case::new("GET", format!("{one}/uses"), permission("read"), OK),
            Case::new("GET", format!("{list}/uses"), permission("list"), OK),
            Case::new("GET", format!("{one}/versions/{{version}}"), permission("read"), OK),
        ]);
        if clones {
            // a copy reveals the original, and creates a record
            let clone = Case::new("POST", format!("{one}/clone"), permission("clone"), UNKNOWN).send(json!({}));
            cases.push(clone.and(&[&permission("read"), &permission("create")]));
        }
    }
    cases
}

/// The routes of workflows and their runs.
fn runs() -> Vec<Case> {
    vec![
        Case::new("POST", "/workflows/test", "workflow:execute", INVALID)
            .and(&["workflow:create|workflow:update"])
            .send(json!({})),
        Case::new("POST", "/workflows/{workflowID}/execute", "workflow:execute", UNKNOWN).send(json!({})),
        Case::new("GET", "/workflows/{workflowID}/export", "workflow:read", OK),
        Case::new("POST", "/workflows/import", "workflow:create", INVALID).send(json!({})),
        Case::new("POST", "/workflows/import/preview", "workflow:create", INVALID).send(json!({})),
        Case::new("POST", "/workflows/cron-preview", "workflow:read", OK).send(json!({"cron": "0 9 * * 1"})),
        Case::new("POST", "/workflows/{workflowID}/triggers/{triggerID}/rotate", "workflow:update", UNKNOWN),
        Case::new("GET", "/workflows/instances", "workflow:read", OK),
        Case { is_endless: true, ..Case::new("GET", "/workflows/instances/events", "workflow:list", OK) },
        Case::new("GET", "/workflows/instances/{instanceID}", "workflow:read", UNKNOWN),
        Case::new("GET", "/workflows/instances/{instanceID}/input", "workflow:read", UNKNOWN),
        Case::new("GET", "/workflows/instances/{instanceID}/output", "workflow:read", UNKNOWN),
        Case::new("GET", "/workflows/instances/{instanceID}/steps/{nodeID}", "workflow:read", UNKNOWN),
        Case::new("GET", "/workflows/instances/{instanceID}/events", "workflow:read", UNKNOWN),
        Case::new("DELETE", "/workflows/instances/{instanceID}/stop", "workflow:execute", UNKNOWN),
        Case::new("POST", "/workflows/instances/{instanceID}/replay", "workflow:execute", UNKNOWN).send(json!({})),
        Case::new("POST", "/workflows/instances/{instanceID}/tasks/{taskID}", "workflow:execute", UNKNOWN)
            .send(json!({})),
        Case::new("GET", "/workflows/tasks", "workflow:read", OK),
    ]
}
