//! For each operation of the API document that changes something: a new request that succeeds, on its own records.
use crate::support::caller::Request;
use crate::support::{Account, Client, KINDS, Kind, World, client::id, wait::until_shown};
use reqwest::Method;
use serde_json::{Value, json};
use std::sync::atomic::{AtomicUsize, Ordering};
use uuid::Uuid;

pub const PASSWORD: &str = "correct horse";
/// An account that signs in with [`PASSWORD`].
pub const EMAIL: &str = "ada@example.com";

/// An operation of the API document.
pub struct Operation {
    pub id: String,
    pub method: String,
    pub path: String,
}

/// Returns every operation that continues when its caller disconnects.
pub fn changes() -> Vec<Operation> {
    let document: Value = serde_json::from_slice(&jet_admin::api::document()).unwrap();
    let mut found = Vec::new();
    for (path, item) in document["paths"].as_object().unwrap() {
        for (method, operation) in item.as_object().unwrap() {
            let cancelled = operation["x-cancelled-with-caller"].as_bool();
            if !cancelled.unwrap_or(["get", "head", "options"].contains(&method.as_str())) {
                let id = operation["operationId"].as_str().unwrap().to_owned();
                found.push(Operation { id, method: method.to_uppercase(), path: path.clone() });
            }
        }
    }
    found
}

/// Returns a unique name that starts with `word`.
fn fresh(word: &str) -> String {
    static NEXT: AtomicUsize = AtomicUsize::new(0);
    format!("{word}{}", NEXT.fetch_add(1, Ordering::Relaxed))
}

fn email() -> String {
    format!("{}@example.com", fresh("person"))
}

/// A new dashboard with contents, or a change that replaces all of them.
fn contents(world: &World, saved: Option<&Value>) -> Value {
    let (widget, query) = (Uuid::now_v7(), Uuid::now_v7());
    let queries = json!([{
        "id": query, "name": fresh("query"), "datasourceID": world.id("datasourceID"), "options": {"sql": "select 1"},
    }]);
    let widgets = json!([{"id": widget, "name": fresh("widget"), "type": "table", "config": {"queryID": query}}]);
    let dashboard = json!({"name": fresh("dashboard"), "items": [{"key": "a", "widgetID": widget}]});
    let mut contents = json!({"dashboard": dashboard, "widgets": widgets, "queries": queries});
    if let Some(saved) = saved {
        contents["dashboard"]["version"] = saved["dashboard"]["version"].clone();
        contents["deletedWidgets"] = json!([{"id": saved["widgets"][0]["id"], "version": 1}]);
        contents["deletedQueries"] = json!([{"id": saved["queries"][0]["id"], "version": 1}]);
    }
    contents
}

impl Operation {
    fn request(&self, client: &Client, ids: &[(&str, &str)]) -> Request {
        let mut path = self.path.clone();
        if let Some(tenant) = client.tenant {
            path = path.replace("{tenantID}", &tenant.to_string());
        }
        for (name, id) in ids {
            path = path.replace(&format!("{{{name}}}"), id);
        }
        assert!(!path.contains('{'), "{}: {path} needs another id", self.id);
        Request::new(client, &self.method, path)
    }

    /// Returns a new request for the operation that succeeds.
    pub async fn prepare(&self, world: &World) -> Request {
        let (noun, verb) = self.id.split_once('.').unwrap();
        if let Some(kind) = KINDS.iter().find(|kind| kind.name == noun)
            && ["create", "update", "delete", "clone"].contains(&verb)
        {
            return self.on_a_record(world, kind, verb).await;
        }
        match noun {
            "file" | "variable" | "trash" => self.on_files_and_variables(world).await,
            "tenant" | "member" | "invitation" | "apikey" | "dashboard" => self.on_people(world).await,
            "workflow" | "instance" | "hooks" => self.on_runs(world).await,
            "datasource" => {
                let datasource = world.id("datasourceID").to_string();
                let app = json!({"table": "items", "name": fresh("app")});
                self.request(&world.client, &[("datasourceID", &datasource)]).json(&app)
            }
            _ => self.on_accounts(world).await,
        }
    }

    async fn on_a_record(&self, world: &World, kind: &Kind, verb: &str) -> Request {
        let name = fresh(kind.name);
        if verb == "create" {
            return self.request(&world.client, &[]).json(&(kind.draft)(world, &name));
        }
        let created = id(&world.make(kind, &name).await).to_string();
        let request = self.request(&world.client, &[(kind.id, &created)]);
        match verb {
            "update" => request.json(&json!({"description": "changed"})),
            "clone" => request.json(&json!({})),
            _ => request,
        }
    }

    async fn on_files_and_variables(&self, world: &World) -> Request {
        let client = &world.client;
        let file = async || id(&world.upload(&fresh("file"), b"id,name\n1,Lamp\n").await).to_string();
        let variable = async || {
            let created = client.post("variables", json!({"name": fresh("v"), "value": "x"})).await.expect(201);
            id(&created).to_string()
        };
        match self.id.as_str() {
            "file.create" => {
                let mut request = self.request(client, &[]).raw("text/csv", "id,name\n2,Chair\n");
                request.path.extend(["?name=", &fresh("file")]);
                request
            }
            "file.update" => {
                self.request(client, &[("fileID", &file().await)]).json(&json!({"description": "changed"}))
            }
            "file.replace" => self.request(client, &[("fileID", &file().await)]).raw("text/csv", "id\n3\n4\n"),
            "file.restore" => self.request(client, &[("fileID", &file().await), ("version", "1")]),
            "file.delete" => self.request(client, &[("fileID", &file().await)]),
            "variable.create" => self.request(client, &[]).json(&json!({"name": fresh("v"), "value": "x"})),
            "variable.update" => {
                self.request(client, &[("variableID", &variable().await)]).json(&json!({"value": "y"}))
            }
            "variable.delete" => self.request(client, &[("variableID", &variable().await)]),
            "trash.restore" | "trash.delete" => {
                let deleted = variable().await;
                client.delete(&format!("variables/{deleted}")).await.expect(204);
                self.request(client, &[("recordID", &deleted)])
            }
            _ => self.unknown(),
        }
    }

    async fn on_people(&self, world: &World) -> Request {
        let client = &world.client;
        let role = world.roles["Viewer"];
        let invited =
            async |email: &str| client.post("invitations", json!({"email": email, "roleID": role})).await.expect(201);
        match self.id.as_str() {
            "tenant.create" => self.request(&world.owner.client, &[]).json(&json!({"name": fresh("tenant")})),
            "tenant.update" => {
                let tenant = world.server.tenant(&world.owner, &fresh("tenant")).await;
                self.request(&tenant, &[]).json(&json!({"name": fresh("renamed")}))
            }
            "tenant.delete" => {
                let tenant = world.server.tenant(&world.owner, &fresh("tenant")).await;
                tenant.post("variables", json!({"name": "v", "value": "x"})).await.expect(201);
                self.request(&tenant, &[])
            }
            "member.update" | "member.delete" => {
                let (account, _) = world.member(&email(), "Operator").await;
                let request = self.request(client, &[("userID", &account.user.id.to_string())]);
                if self.id.ends_with("update") { request.json(&json!({"roleID": role})) } else { request }
            }
            "invitation.create" => self.request(client, &[]).json(&json!({"email": email(), "roleID": role})),
            "invitation.delete" => {
                let created = id(&invited(&email()).await).to_string();
                self.request(client, &[("invitationID", &created)])
            }
            "invitation.accept" => {
                let account = world.server.account(&email()).await;
                let created = invited(&account.user.email).await;
                let token = created["url"].as_str().unwrap().rsplit('/').next().unwrap();
                self.request(&account.client, &[("token", token)])
            }
            "apikey.create" => self.request(client, &[]).json(&json!({"name": fresh("key"), "roleID": role})),
            "apikey.delete" => {
                let body = json!({"name": fresh("key"), "roleID": role});
                let created = id(&client.post("api-keys", body).await.expect(201)).to_string();
                self.request(client, &[("apiKeyID", &created)])
            }
            _ if self.id.starts_with("dashboard.") => self.on_dashboards(world).await,
            _ => self.unknown(),
        }
    }

    async fn on_dashboards(&self, world: &World) -> Request {
        let client = &world.client;
        match self.id.as_str() {
            "dashboard.createContents" => self.request(client, &[]).json(&contents(world, None)),
            "dashboard.saveContents" => {
                let created = client.post("dashboards/contents", contents(world, None)).await.expect(201);
                let dashboard = id(&created["dashboard"]).to_string();
                let request = self.request(client, &[("dashboardID", &dashboard)]);
                request.json(&contents(world, Some(&created)))
            }
            "dashboard.import" => {
                let created = client.post("dashboards/contents", contents(world, None)).await.expect(201);
                let path = format!("dashboards/{}/export", id(&created["dashboard"]));
                let file = client.get(&path).await.expect(200);
                let targets = json!({world.id("datasourceID").to_string(): world.id("datasourceID")});
                self.request(client, &[]).json(&json!({"file": file, "targets": targets, "name": fresh("imported")}))
            }
            "dashboard.restoreVersion" => {
                let created = client.post("dashboards/contents", contents(world, None)).await.expect(201);
                let path = format!("dashboards/{}/contents", id(&created["dashboard"]));
                let saved = client.call(Method::PUT, &path).json(&contents(world, Some(&created))).send().await;
                let dashboard = id(&saved.expect(200)["dashboard"]).to_string();
                self.request(client, &[("dashboardID", &dashboard), ("version", "1")]).json(&json!({}))
            }
            "dashboard.act" => self.on_action(world).await,
            "dashboard.change" => self.on_rows(world).await,
            "dashboard.setAccess" => {
                let dashboard = json!({"name": fresh("dashboard"), "items": []});
                let dashboard = id(&client.post("dashboards", dashboard).await.expect(201)).to_string();
                self.request(client, &[("dashboardID", &dashboard)]).json(&json!({"everyone": false}))
            }
            "dashboard.share" | "dashboard.unshare" => {
                let dashboard = world.id("dashboardID").to_string();
                let at = ("dashboardID", dashboard.as_str());
                if self.id == "dashboard.share" {
                    return self.request(client, &[at]).json(&json!({}));
                }
                let created = client.post(&format!("dashboards/{dashboard}/shares"), json!({})).await.expect(201);
                self.request(client, &[at, ("shareID", &id(&created).to_string())])
            }
            _ => self.unknown(),
        }
    }

    async fn on_action(&self, world: &World) -> Request {
        let client = &world.client;
        let query = json!({
            "name": fresh("query"), "datasourceID": world.id("datasourceID"),
            "options": {"sql": "select 1"},
        });
        let query = id(&client.post("data-queries", query).await.expect(201));
        let config = json!({"label": "Raise", "action": {"type": "query", "queryID": query}});
        let button = json!({"name": fresh("button"), "type": "button", "config": config});
        let widget = id(&client.post("widgets", button).await.expect(201));
        let dashboard = json!({"name": fresh("dashboard"), "items": [{"key": "a", "widgetID": widget}]});
        let dashboard = id(&client.post("dashboards", dashboard).await.expect(201)).to_string();
        self.request(client, &[("dashboardID", &dashboard)]).json(&json!({"item": "a", "action": "config.action"}))
    }

    async fn on_rows(&self, world: &World) -> Request {
        let client = &world.client;
        let shop = json!({"name": fresh("shop"), "type": "sqlite", "options": {"path": "shop.db", "readOnly": false}});
        let datasource = id(&client.post("datasources", shop).await.expect(201));
        let query = json!({
            "name": fresh("query"), "datasourceID": datasource, "options": {"sql": "select id, name from items"},
        });
        let query = id(&client.post("data-queries", query).await.expect(201));
        let columns = json!([{"field": "name"}]);
        let config = json!({"queryID": query, "table": "items", "key": ["id"], "columns": columns, "adding": true});
        let grid = json!({"name": fresh("grid"), "type": "grid", "config": config});
        let widget = id(&client.post("widgets", grid).await.expect(201));
        let dashboard = json!({"name": fresh("dashboard"), "items": [{"key": "a", "widgetID": widget}]});
        let dashboard = id(&client.post("dashboards", dashboard).await.expect(201)).to_string();
        let changes = json!([{"insert": {"values": {"name": fresh("item")}}}]);
        self.request(client, &[("dashboardID", &dashboard)]).json(&json!({"item": "a", "changes": changes}))
    }

    async fn on_runs(&self, world: &World) -> Request {
        let client = &world.client;
        let workflow = world.id("workflowID").to_string();
        match self.id.as_str() {
            "workflow.execute" => self.request(client, &[("workflowID", &workflow)]).json(&json!({"input": {}})),
            "workflow.test" => self.request(client, &[]).json(&json!({
                "nodes": [{"id": "s", "type": "start", "name": "start"}], "edges": [],
            })),
            "workflow.import" => {
                let created = client.post("workflows", empty_workflow()).await.expect(201);
                let file = client.get(&format!("workflows/{}/export", id(&created))).await.expect(200);
                self.request(client, &[]).json(&json!({"file": file, "targets": {}, "name": fresh("imported")}))
            }
            "workflow.rotateWebhook" => {
                let created = hooked(client).await;
                let trigger = created["triggers"][0]["id"].as_str().unwrap();
                self.request(client, &[("workflowID", &id(&created).to_string()), ("triggerID", trigger)])
            }
            "instance.stop" => {
                let node = json!({"id": "n", "type": "delay", "name": "n", "config": {"for": "1h"}});
                let run = waiting(client, node).await;
                self.request(client, &[("instanceID", &run)])
            }
            "instance.replay" => {
                let path = format!("workflows/{workflow}/execute?wait=60");
                let run = client.post(&path, json!({})).await.expect(200);
                self.request(client, &[("instanceID", run["id"].as_str().unwrap())]).json(&json!({}))
            }
            "instance.answer" => {
                let run =
                    waiting(client, json!({"id": "n", "type": "approval", "name": "n", "config": {"title": "?"}}))
                        .await;
                let tasks = client.get("workflows/tasks").await.expect(200);
                let task = tasks["items"].as_array().unwrap().iter().find(|task| task["instanceID"] == run.as_str());
                let task = task.unwrap()["id"].as_str().unwrap();
                self.request(client, &[("instanceID", &run), ("taskID", task)]).json(&json!({"decision": "approved"}))
            }
            _ if self.id.starts_with("hooks.") => {
                let created = hooked(client).await;
                let path = created["triggerStates"][0]["path"].as_str().unwrap();
                let token = path.strip_prefix("/hooks/").unwrap();
                self.request(&world.server.anyone(), &[("token", token)]).json(&json!({"a": 1}))
            }
            _ => self.unknown(),
        }
    }

    async fn on_accounts(&self, world: &World) -> Request {
        let anyone = world.server.anyone();
        let credentials = json!({"email": EMAIL, "password": PASSWORD});
        let account = async || world.server.account(&email()).await;
        let token = |account: &Account| account.client.token.clone().unwrap();
        let session = async || world.server.anyone().post("/api/v1/session", credentials.clone()).await;
        let cookie = |answer: &crate::support::Answer| {
            answer.header("set-cookie").unwrap().split(';').next().unwrap().to_owned()
        };
        let request = if self.path.contains("{tenantID}") {
            self.request(&world.client, &[])
        } else {
            self.request(&anyone, &[])
        };
        match self.id.as_str() {
            "auth.setConfig" => request.json(&json!({"config": {"theme": fresh("theme")}})),
            "session.signIn" | "accounts.signInWithPassword" => request.json(&credentials),
            "session.signUp" | "accounts.signUp" => request.json(&json!({"email": email(), "password": PASSWORD})),
            "session.refresh" | "session.signOut" => request.header("cookie", cookie(&session().await)),
            "token.refresh" => {
                let cookie = cookie(&session().await);
                let token = cookie.strip_prefix("jet_session=").unwrap();
                let form = format!("grant_type=refresh_token&refresh_token={token}");
                request.raw("application/x-www-form-urlencoded", form)
            }
            "accounts.update" => {
                request.json(&json!({"idToken": token(&account().await), "displayName": fresh("name")}))
            }
            "accounts.delete" => request.json(&json!({"idToken": token(&account().await)})),
            "accounts.sendOobCode" => {
                request.json(&json!({"requestType": "PASSWORD_RESET", "email": account().await.user.email}))
            }
            "accounts.resetPassword" => {
                let user = account().await.user;
                let link = world.server.server.app.identity.code_link(&user, "PASSWORD_RESET", "page").await.unwrap();
                let code = link.split_once("oobCode=").unwrap().1.split('&').next().unwrap();
                request.json(&json!({"oobCode": code, "newPassword": "another horse"}))
            }
            _ => self.unknown(),
        }
    }

    /// Fails for a new route until a successful request is added here.
    fn unknown(&self) -> ! {
        panic!("{} changes something: add a request that succeeds, or mark the route with `documented::asks`", self.id)
    }
}

fn empty_workflow() -> Value {
    json!({"name": fresh("workflow"), "nodes": [{"id": "start", "type": "start", "name": "start"}], "edges": []})
}

/// Creates a workflow with a webhook that accepts every method.
async fn hooked(client: &Client) -> Value {
    let webhook = json!({"type": "webhook", "methods": ["GET", "POST", "PUT", "PATCH", "DELETE"]});
    client.post("workflows", crate::triggers::echo(&fresh("hooked"), json!([webhook]))).await.expect(201)
}

/// Starts a run that waits in `node`. Returns its ID.
async fn waiting(client: &Client, node: Value) -> String {
    let body = json!({
        "name": fresh("waiting"),
        "nodes": [{"id": "s", "type": "start", "name": "start"}, node],
        "edges": [{"id": "1", "source": "s", "target": "n"}],
    });
    let created = client.post("workflows", body).await.expect(201);
    let started = client.post(&format!("workflows/{}/execute", id(&created)), json!({})).await.expect(202);
    let run: Uuid = started["instanceID"].as_str().unwrap().parse().unwrap();
    until_shown(client, &format!("workflows/instances/{run}"), |run| run["status"] == "WAITING").await;
    run.to_string()
}
