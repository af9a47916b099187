//! What the document says of itself: licence, server, and what each group of operations is about.
use serde_json::{Value, json};

const DESCRIPTION: &str = "\
Every path below `/api/v1/tenants/{tenantID}` takes a token (`Authorization: Bearer …`) and the tenant again in the header \
`x-tenant-id`. The token is an ID token, from the identity operations or an external issuer, or an API key (`jet_…`).

Lists are read in pages: `limit`, `cursor`, and `nextCursor` in the answer. `PATCH` takes a JSON merge patch (RFC 7396): absent \
fields stay as they are, `null` clears a field. Records carry an `ETag`; `If-Match` refuses a change of another version with 412. \
Errors have one shape, with a stable `code`. A field with a default may be left out; its description names the default.";

/// Each tag with what it groups.
const TAGS: &[(&str, &str)] = &[
    ("identity", "Accounts and tokens, in the shapes that Firebase clients use."),
    ("session", "The admin UI's sign-in, with a cookie that renews its ID token."),
    ("auth", "The state of the instance, the caller, and the caller's own settings."),
    ("tenants", "Separate workspaces, each with its members and records."),
    ("members", "Members of a tenant, and invitations to it."),
    ("roles", "Named sets of permissions."),
    ("api-keys", "Tokens for programs. Each belongs to one tenant and one role."),
    ("audit-logs", "Who changed what, and when."),
    (
        "catalog",
        "The types of datasources, widgets, workflow nodes and triggers, each with the JSON Schema of its settings.",
    ),
    ("datasources", "Connections to databases, APIs and files."),
    ("files", "Uploaded files that datasources read."),
    ("variables", "Values that workflows read as `{{ vars.name }}`; secret ones are sealed."),
    ("data-queries", "Saved, parametrised queries to datasources."),
    ("widgets", "Charts, tables, numbers and inputs, usually over a query."),
    ("dashboards", "Widgets arranged on pages, and links that share them."),
    ("shared", "Dashboards that a share link opens, without an account."),
    ("workflows", "Automations: graphs of nodes, their runs and approvals."),
    ("hooks", "Webhooks that start workflows. The token in the path is the secret."),
];

pub(super) fn add(document: &mut Value, base: &str) {
    document["info"]["description"] = DESCRIPTION.into();
    document["info"]["license"] = json!({"name": "MIT", "identifier": "MIT"});
    let url = if base.is_empty() { "/" } else { base };
    document["servers"] = json!([{"url": url, "description": "This server"}]);
    document["tags"] = TAGS.iter().map(|(name, about)| json!({"name": name, "description": about})).collect();
}
