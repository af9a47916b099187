//! General information in the API document: description, license, server and tags.
use serde_json::{Value, json};

const DESCRIPTION: &str = "\
Every path below `/api/v1/tenants/{tenantID}` requires a token (`Authorization: Bearer …`) and the tenant ID in the \
header `x-tenant-id`. The token is an ID token, from the identity operations or an external issuer, or an API key \
(`jet_…`).

Lists are paged: pass `limit` and `cursor`, and read `nextCursor` from the response. `PATCH` takes a JSON merge patch \
(RFC 7396): absent fields stay unchanged, and `null` clears a field. Records have an `ETag`; with `If-Match`, a change \
of another version is rejected with 412. All errors have the same shape, with a stable `code`. A field with a default \
is optional; its description names the default.";

/// Tags and their descriptions.
const TAGS: &[(&str, &str)] = &[
    ("identity", "Accounts and tokens, compatible with Firebase clients."),
    ("session", "Sign-in of the admin UI, with a cookie that renews the ID token."),
    ("auth", "The state of the instance, the caller, and the caller's own settings."),
    ("tenants", "Separate workspaces, each with its members and records."),
    ("members", "Members of a tenant, and invitations to it."),
    ("roles", "Named sets of permissions."),
    ("api-keys", "Tokens for programs. Each belongs to one tenant and one role."),
    ("audit-logs", "Who changed what, and when."),
    ("trash", "Deleted records, which can be restored until they expire."),
    (
        "catalog",
        "The types of datasources, widgets, workflow nodes and triggers, each with the JSON Schema of its settings.",
    ),
    ("datasources", "Connections to databases, APIs and files."),
    ("files", "Uploaded files that datasources read."),
    ("variables", "Values that workflows read as `{{ vars.name }}`; secret ones are sealed."),
    ("data-queries", "Saved queries to datasources, with parameters."),
    ("widgets", "Charts, tables, numbers and inputs, most of them with the data of a query."),
    ("dashboards", "Widgets arranged on pages, and links that share them."),
    ("shared", "Dashboards that are opened through a share link, without an account."),
    ("workflows", "Graphs of nodes, with their runs and approvals."),
    ("hooks", "Webhooks that start workflows. The token in the path is the secret."),
];

pub(super) fn add(document: &mut Value, base: &str) {
    document["info"]["description"] = DESCRIPTION.into();
    document["info"]["license"] = json!({"name": "MIT", "identifier": "MIT"});
    let url = if base.is_empty() { "/" } else { base };
    document["servers"] = json!([{"url": url, "description": "This server"}]);
    document["tags"] = TAGS.iter().map(|(name, about)| json!({"name": name, "description": about})).collect();
}
