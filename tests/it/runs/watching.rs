//! The stream of changes of all runs of a tenant.
use super::{begin, end, node, save, start};
use crate::support::{Client, World, client::id};
use jet_admin::clock::Time;
use reqwest::{Method, Response};
use serde_json::{Value, json};

/// An open event stream.
struct Feed {
    answer: Response,
    rest: String,
}

impl Feed {
    /// Opens the stream and waits until it is ready: it contains everything that happens afterwards.
    async fn open(client: &Client) -> Self {
        let answer = client.call(Method::GET, "workflows/instances/events").open().await;
        assert_eq!(answer.status(), 200);
        let mut feed = Self { answer, rest: String::new() };
        assert_eq!(feed.next().await.unwrap().0, "ready");
        feed
    }

    /// Returns the next event and its data; `None` at the end.
    async fn next(&mut self) -> Option<(String, Value)> {
        loop {
            while let Some(end) = self.rest.find("\n\n") {
                let frame: String = self.rest.drain(..end + 2).collect();
                let field = |name: &str| frame.lines().find_map(|line| line.strip_prefix(name));
                let event = field("event: ").map(|event| (event.to_owned(), field("data: ").unwrap().to_owned()));
                if let Some((event, data)) = event {
                    return Some((event, serde_json::from_str(&data).unwrap()));
                }
            }
            let chunk = self.answer.chunk().await.unwrap()?;
            self.rest.push_str(std::str::from_utf8(&chunk).unwrap());
        }
    }

    /// Returns the statuses of `run` until it has the status `last`; changes of approvals appear as `?`.
    async fn until(&mut self, run: &str, last: &str) -> Vec<String> {
        let mut statuses = Vec::new();
        while let Some((event, data)) = self.next().await {
            assert!(run.ends_with(data["instanceID"].as_str().unwrap()), "{data} does not belong to {run}");
            statuses.push(if event == "tasks.changed" { "?" } else { data["status"].as_str().unwrap() }.to_owned());
            if statuses.last().is_some_and(|status| status == last) {
                return statuses;
            }
        }
        panic!("the stream ended after {statuses:?}");
    }
}

async fn asking(client: &Client) -> String {
    let nodes = json!([start(), node("ask", "approval", json!({"title": "Go on?"})), end("done")]);
    save(client, "Asking", nodes, &["start>ask", "ask:approved>end"], json!({})).await
}

#[tokio::test]
async fn every_change_of_a_run_is_sent_to_its_tenant_only() {
    let world = World::empty().await;
    let other = world.server.account("other@example.com").await;
    let other = world.server.tenant(&other, "Second").await;
    let flow = asking(&world.client).await;
    let (mut feed, mut foreign) = (Feed::open(&world.client).await, Feed::open(&other).await);

    let run = begin(&world.client, &flow, json!({})).await;
    let statuses = feed.until(&run, "WAITING").await;
    assert_eq!((statuses.first().unwrap(), statuses.contains(&"RUNNING".to_owned())), (&"PENDING".to_owned(), true));
    if !statuses.contains(&"?".to_owned()) {
        assert_eq!(feed.next().await.unwrap().0, "tasks.changed");
    }
    let task = world.client.get("workflows/tasks").await.expect(200)["items"][0].clone();
    world.client.post(&format!("{run}/tasks/{}", id(&task)), json!({})).await.expect(200);
    let statuses = feed.until(&run, "COMPLETED").await;
    assert!(statuses.contains(&"?".to_owned()), "closing the approval must be reported: {statuses:?}");

    let stopped = begin(&world.client, &flow, json!({})).await;
    world.client.delete(&format!("{stopped}/stop")).await.expect(200);
    loop {
        let (event, data) = feed.next().await.unwrap();
        if event == "run.changed" && data["status"] == "CANCELLED" {
            assert!(stopped.ends_with(data["instanceID"].as_str().unwrap()));
            break;
        }
    }
    // an event of the first tenant's runs would arrive before these
    let theirs = asking(&other).await;
    let theirs = begin(&other, &theirs, json!({})).await;
    foreign.until(&theirs, "WAITING").await;
}

#[tokio::test]
async fn watching_ends_with_the_token() {
    let world = World::empty().await;
    let almost = Time(Time::now().0 - 3_600_000 + 2_000);
    let token = world.server.token(&world.owner.user, almost);
    let mut feed = Feed::open(&world.client.with_token(token)).await;
    assert!(feed.next().await.is_none(), "the stream must end without events");
}

#[tokio::test]
async fn watching_ends_when_the_server_stops() {
    let world = World::empty().await;
    let mut feed = Feed::open(&world.client).await;
    let (ended, _) = tokio::join!(feed.next(), world.server.stop());
    assert!(ended.is_none());
}
