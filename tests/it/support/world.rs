//! A server with a tenant, optionally with one record of every kind.
use super::{Account, Client, KINDS, Kind, TestServer, client::id};
use serde_json::{Value, json};
use std::collections::BTreeMap;
use uuid::Uuid;

/// A server, a tenant on it and the Owner of the tenant.
pub struct World {
    pub server: TestServer,
    pub owner: Account,
    /// The Owner's client, in the tenant.
    pub client: Client,
    pub tenant: Uuid,
    /// The tenant's roles by name.
    pub roles: BTreeMap<String, Uuid>,
    ids: BTreeMap<&'static str, Uuid>,
}

impl World {
    /// A tenant with an Owner and the built-in roles.
    pub async fn empty() -> Self {
        Self::on(TestServer::start().await).await
    }

    /// The same on the given server.
    pub async fn on(server: TestServer) -> Self {
        let owner = server.account("owner@example.com").await;
        let client = server.tenant(&owner, "First").await;
        let tenant = client.tenant.unwrap();
        server.stock(tenant);
        let mut roles = BTreeMap::new();
        for role in client.all("roles").await {
            roles.insert(role["name"].as_str().unwrap().to_owned(), id(&role));
        }
        Self { server, owner, client, tenant, roles, ids: BTreeMap::new() }
    }

    /// The same, with one record of every kind.
    pub async fn full() -> Self {
        Self::empty().await.filled().await
    }

    pub async fn filled(mut self) -> Self {
        for kind in KINDS {
            let created = self.make(kind, &format!("A {}", kind.label)).await;
            self.ids.insert(kind.id, id(&created));
        }
        let file = self.upload("A file", b"id,name\n1,Lamp\n").await;
        self.ids.insert("fileID", id(&file));
        let variable = self.client.post("variables", json!({"name": "region", "value": "EU"})).await.expect(201);
        self.ids.insert("variableID", id(&variable));
        self
    }

    /// The ID of the record for a path parameter such as `widgetID`.
    pub fn id(&self, parameter: &str) -> Uuid {
        self.ids.get(parameter).copied().unwrap_or_else(|| panic!("the world has no {parameter}"))
    }

    /// Creates one more record of a kind.
    pub async fn make(&self, kind: &Kind, name: &str) -> Value {
        self.client.post(kind.plural, (kind.draft)(self, name)).await.expect(201)
    }

    /// Uploads one more file.
    pub async fn upload(&self, name: &str, content: &[u8]) -> Value {
        self.client.upload(name, content).await
    }

    /// Replaces the known parameters of a path with the world's IDs.
    pub fn fill(&self, path: &str) -> String {
        self.ids.iter().fold(path.to_owned(), |path, (name, id)| path.replace(&format!("{{{name}}}"), &id.to_string()))
    }

    /// Creates an account that is a member with the role.
    pub async fn member(&self, email: &str, role: &str) -> (Account, Client) {
        let account = self.server.account(email).await;
        let role = *self.roles.get(role).unwrap_or_else(|| panic!("no role {role}"));
        let client = self.server.join(&account, self.tenant, role).await;
        (account, client)
    }

    /// Creates an account that may see dashboards and widgets, but execute no queries.
    pub async fn reader(&self, email: &str) -> (Account, Client) {
        let permissions = ["tenant:read", "dashboard:list", "dashboard:read", "widget:list", "widget:read"];
        let role = json!({"name": format!("Reader {email}"), "permissions": permissions});
        let role = id(&self.client.post("roles", role).await.expect(201));
        let account = self.server.account(email).await;
        let client = self.server.join(&account, self.tenant, role).await;
        (account, client)
    }

    /// Creates a custom role with these permissions.
    pub async fn role(&mut self, name: &str, permissions: &[&str]) -> Uuid {
        let created = self.client.post("roles", json!({"name": name, "permissions": permissions})).await.expect(201);
        self.roles.insert(name.to_owned(), id(&created));
        id(&created)
    }

    /// Creates an API key with the role.
    pub async fn api_key(&self, name: &str, role: &str) -> String {
        let body = json!({"name": name, "roleID": self.roles[role]});
        let created = self.client.post("api-keys", body).await.expect(201);
        created["key"].as_str().unwrap().to_owned()
    }

    /// Everything in the tenant, to compare its state at two moments.
    pub async fn snapshot(&self) -> BTreeMap<String, Value> {
        Self::snapshot_of(&self.client).await
    }

    /// The same for the tenant of `client`, on any server.
    pub async fn snapshot_of(client: &Client) -> BTreeMap<String, Value> {
        let mut all = BTreeMap::new();
        for kind in KINDS {
            all.insert(
                kind.plural.to_owned(),
                client.all(&format!("{}?limit=200&sort=createdAt", kind.plural)).await.into(),
            );
        }
        for list in ["files", "variables", "members", "invitations"] {
            all.insert(list.to_owned(), client.get(list).await.expect(200));
        }
        let mut keys = client.get("api-keys").await.expect(200);
        for key in keys["items"].as_array_mut().unwrap() {
            key["lastUsedAt"] = Value::Null;
        }
        all.insert("api-keys".to_owned(), keys);
        let tenant = client.get(&format!("/api/v1/tenants/{}", client.tenant.unwrap())).await.expect(200);
        all.insert("tenant".to_owned(), tenant);
        let audit = client.get("audit-logs?limit=1").await.expect(200);
        all.insert("audit".to_owned(), audit["total"].clone());
        all
    }
}
