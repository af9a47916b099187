//! Streams end when the caller loses access: membership, role, account, token, key or link.
use crate::support::{Client, Stored, World};
use futures_util::StreamExt;
use jet_admin::clock::Time;
use reqwest::{Method, Response};
use serde_json::json;
use std::{pin::Pin, time::Duration};

type Bytes = Pin<Box<dyn futures_util::Stream<Item = reqwest::Result<bytes::Bytes>> + Send>>;

/// A streamed response.
struct Stream {
    what: String,
    bytes: Bytes,
    text: String,
}

impl Stream {
    async fn open(client: &Client, what: &str, method: Method, path: &str) -> Self {
        let answer: Response = client.call(method, path).open().await;
        assert_eq!(answer.status(), 200, "{what}");
        Self { what: what.to_owned(), bytes: Box::pin(answer.bytes_stream()), text: String::new() }
    }

    /// Reads until the text contains `wanted`.
    async fn reads(&mut self, wanted: &str) {
        while !self.text.contains(wanted) {
            let piece = tokio::time::timeout(Duration::from_mins(1), self.bytes.next()).await;
            let piece = piece.unwrap_or_else(|_| panic!("{}: {wanted} did not arrive after {}", self.what, self.text));
            let piece = piece.unwrap_or_else(|| panic!("{}: ended before {wanted}: {}", self.what, self.text)).unwrap();
            self.text += std::str::from_utf8(&piece).unwrap();
        }
    }

    /// Reads until the stream ends, and returns the text. Panics if it does not end.
    async fn ends(mut self, why: &str) -> String {
        let reading = async {
            while let Some(Ok(piece)) = self.bytes.next().await {
                self.text += std::str::from_utf8(&piece).unwrap();
            }
        };
        let ended = tokio::time::timeout(Duration::from_mins(1), reading).await;
        assert!(ended.is_ok(), "{}: still open after {why}", self.what);
        self.text
    }
}

/// A tenant with a run that waits for an approval, and a dashboard whose data does not arrive.
struct Scene {
    world: World,
    run: String,
    dashboard: String,
}

async fn scene() -> Scene {
    let world = World::full().await;
    let nodes = json!([
        {"id": "s", "type": "start", "name": "start"},
        {"id": "a", "type": "approval", "name": "ask", "config": {"title": "Go on?"}},
        {"id": "e", "type": "end", "name": "end", "config": {"output": "the secret output"}},
    ]);
    let edges = json!([{"id": "1", "source": "s", "target": "a"}, {"id": "2", "source": "a", "sourceHandle": "approved", "target": "e"}]);
    let body = json!({"name": "Asks", "nodes": nodes, "edges": edges, "enabled": true});
    let created = world.client.post("workflows", body).await.expect(201);
    let path = format!("workflows/{}/execute", created["id"].as_str().unwrap());
    let started = world.client.post(&path, json!({"input": {}})).await.expect(202);
    let run = format!("workflows/instances/{}", started["instanceID"].as_str().unwrap());
    // a query that runs longer than any test
    let slow = "with recursive n(i) as (select 1 union all select i + 1 from n) select count(*) as c from n";
    let query = json!({
        "name": "Slow", "datasourceID": world.id("datasourceID"), "options": {"sql": slow}, "timeoutMs": 300_000,
    });
    let query = world.client.post("data-queries", query).await.expect(201);
    let widget = json!({"name": "Slow", "type": "table", "config": {"queryID": query["id"]}});
    let widget = world.client.post("widgets", widget).await.expect(201);
    let quick = json!({"name": "Text", "type": "text", "config": {"markdown": "# Hi"}});
    let quick = world.client.post("widgets", quick).await.expect(201);
    let items = json!([{"key": "slow", "widgetID": widget["id"]}, {"key": "quick", "widgetID": quick["id"]}]);
    let dashboard = world.client.post("dashboards", json!({"name": "Slow", "items": items})).await.expect(201);
    let dashboard = format!("dashboards/{}", dashboard["id"].as_str().unwrap());
    Scene { world, run, dashboard }
}

impl Scene {
    /// Opens every stream that a member can open, and waits until each has begun.
    async fn streams(&self, client: &Client) -> Vec<Stream> {
        let mut all = Vec::new();
        for (what, method, path, first) in [
            ("the tenant's feed", Method::GET, "workflows/instances/events".to_owned(), "event: ready"),
            ("a run's events", Method::GET, format!("{}/events", self.run), "step.waiting"),
            ("a dashboard's data", Method::POST, format!("{}/data", self.dashboard), "\"quick\""),
        ] {
            let mut stream = Stream::open(client, what, method, &path).await;
            stream.reads(first).await;
            all.push(stream);
        }
        all
    }

    async fn approve(&self) {
        let tasks = self.world.client.get("workflows/tasks").await.expect(200);
        let task = tasks["items"][0]["id"].as_str().unwrap().to_owned();
        let path = format!("{}/tasks/{task}", self.run);
        self.world.client.post(&path, json!({"decision": "approved"})).await.expect(200);
    }
}

async fn all_end(streams: Vec<Stream>, why: &str) {
    for stream in streams {
        stream.ends(why).await;
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn removing_a_member_ends_their_streams() {
    let scene = scene().await;
    let (account, viewer) = scene.world.member("viewer@example.com", "Viewer").await;
    let streams = scene.streams(&viewer).await;
    scene.world.client.delete(&format!("members/{}", account.user.id)).await.expect(204);
    scene.approve().await;
    for stream in streams {
        let text = stream.ends("the removal").await;
        assert!(!text.contains("the secret output") && !text.contains("run.completed"), "{text}");
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn assigning_another_role_ends_the_members_streams() {
    let scene = scene().await;
    let (account, viewer) = scene.world.member("viewer@example.com", "Viewer").await;
    let at = format!("members/{}", account.user.id);
    let streams = scene.streams(&viewer).await;
    scene.world.client.patch(&at, json!({"roleID": scene.world.roles["Operator"]})).await.expect(200);
    all_end(streams, "another role").await;
}

#[tokio::test(flavor = "multi_thread")]
async fn changing_a_role_ends_the_streams_of_its_members() {
    let mut scene = scene().await;
    let permissions = ["workflow:list", "workflow:read", "dashboard:read"];
    let role = scene.world.role("Watcher", &permissions).await;
    let (_, watcher) = scene.world.member("watcher@example.com", "Watcher").await;
    let streams = scene.streams(&watcher).await;
    scene.world.client.patch(&format!("roles/{role}"), json!({"permissions": ["widget:list"]})).await.expect(200);
    all_end(streams, "the change of the role").await;
}

#[tokio::test(flavor = "multi_thread")]
async fn disabling_an_account_ends_its_streams() {
    let scene = scene().await;
    let (account, viewer) = scene.world.member("viewer@example.com", "Viewer").await;
    let streams = scene.streams(&viewer).await;
    // written directly, as the command line does in a separate process
    let disable = format!("update users set disabled = 1 where id = '{}'", account.user.id);
    Stored::workspace(&scene.world.server.data_dir()).execute(&disable);
    all_end(streams, "disabling the account").await;
}

#[tokio::test(flavor = "multi_thread")]
async fn ending_the_sessions_of_an_account_ends_its_streams() {
    let scene = scene().await;
    let (account, viewer) = scene.world.member("viewer@example.com", "Viewer").await;
    let id = account.user.id;
    let streams = scene.streams(&viewer).await;
    let end = jet_admin::auth::Identity::end_of_sessions(Time::now());
    scene.world.server.server.app.store.write(move |tx| tx.end_sessions(id, end)).await.unwrap();
    all_end(streams, "the end of the sessions").await;
    let (deleted, client) = scene.world.member("deleted@example.com", "Viewer").await;
    let streams = scene.streams(&client).await;
    let token = deleted.client.token.clone().unwrap();
    super::identity(&scene.world.server.anyone(), "delete", json!({"idToken": token})).await.expect(200);
    all_end(streams, "deleting the account").await;
}

#[tokio::test(flavor = "multi_thread")]
async fn streams_end_when_the_token_expires() {
    let scene = scene().await;
    let (account, viewer) = scene.world.member("viewer@example.com", "Viewer").await;
    // tokens are valid for an hour
    let nearly = Time(Time::now().0 - 3_600_000 + 20_000);
    let viewer = viewer.with_token(scene.world.server.token(&account.user, nearly));
    let streams = scene.streams(&viewer).await;
    all_end(streams, "expiry of the token").await;
}

#[tokio::test(flavor = "multi_thread")]
async fn revoking_a_key_ends_its_streams() {
    let scene = scene().await;
    let body = json!({"name": "robot", "roleID": scene.world.roles["Viewer"]});
    let created = scene.world.client.post("api-keys", body).await.expect(201);
    let key = scene.world.server.anyone().with_token(created["key"].as_str().unwrap()).in_tenant(scene.world.tenant);
    let streams = scene.streams(&key).await;
    scene.world.client.delete(&format!("api-keys/{}", created["id"].as_str().unwrap())).await.expect(204);
    all_end(streams, "revoking the key").await;
}

#[tokio::test(flavor = "multi_thread")]
async fn revoking_a_share_link_ends_its_streams() {
    let scene = scene().await;
    let path = format!("{}/shares", scene.dashboard);
    let created = scene.world.client.post(&path, json!({})).await.expect(201);
    let token = created["url"].as_str().unwrap().rsplit_once('/').unwrap().1.to_owned();
    let shared = format!("/api/v1/shared/{token}/data");
    let mut stream = Stream::open(&scene.world.server.anyone(), "a shared dashboard", Method::POST, &shared).await;
    stream.reads("\"quick\"").await;
    scene.world.client.delete(&format!("{path}/{}", created["id"].as_str().unwrap())).await.expect(204);
    stream.ends("revoking the link").await;
}

#[tokio::test(flavor = "multi_thread")]
async fn changes_to_other_members_do_not_end_a_stream() {
    let scene = scene().await;
    let (_, viewer) = scene.world.member("viewer@example.com", "Viewer").await;
    let (other, _) = scene.world.member("other@example.com", "Viewer").await;
    let mut feed = Stream::open(&viewer, "the feed", Method::GET, "workflows/instances/events").await;
    feed.reads("event: ready").await;
    scene.world.client.delete(&format!("members/{}", other.user.id)).await.expect(204);
    scene.approve().await;
    feed.reads("COMPLETED").await;
}

#[tokio::test(flavor = "multi_thread")]
async fn removing_a_member_aborts_their_downloads() {
    let scene = scene().await;
    let world = &scene.world;
    let (account, editor) = world.member("editor@example.com", "Editor").await;
    let endless = "with recursive n(i) as (select 1 union all select i + 1 from n) select i, 'row' as t from n";
    let query = json!({
        "name": "Endless", "datasourceID": world.id("datasourceID"), "options": {"sql": endless}, "timeoutMs": 300_000,
    });
    let query = world.client.post("data-queries", query).await.expect(201);
    let path = format!("data-queries/{}/export?format=csv", query["id"].as_str().unwrap());
    let mut stream = Stream::open(&editor, "an export", Method::POST, &path).await;
    stream.reads("i,t").await;
    world.client.delete(&format!("members/{}", account.user.id)).await.expect(204);
    let reading = async {
        loop {
            match stream.bytes.next().await {
                Some(Ok(_)) => {}
                other => return other.is_some(),
            }
        }
    };
    let aborted = tokio::time::timeout(Duration::from_mins(2), reading).await.expect("the export did not end");
    assert!(aborted, "the download must not look complete");
}
