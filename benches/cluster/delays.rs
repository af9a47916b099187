//! How much later than on the server that did it something is seen on another one, and how punctual timers are.
use crate::{
    servers::{Servers, begin, flow},
    spread,
    support::Tenant,
};
use serde_json::{Value, json};
use std::{
    collections::HashMap,
    time::{Duration, Instant},
};

const CHANGES: usize = 30;
const TIMERS: usize = 300;

pub async fn measure(servers: &Servers) {
    println!("\nthree servers:");
    println!("an event of a run on another server, later than on its own: {} (p99 at most 400)", events(servers).await);
    println!("a changed variable is used everywhere after {} (at most 1000)", changes(servers).await);
    println!("timers are late by {} (p99 at most 300)", timers(servers).await);
}

/// Follows the same run on the server that executes it and on another one.
async fn events(servers: &Servers) -> String {
    let wait = json!({"id": "in", "type": "delay", "name": "in", "parentID": "each", "config": {"for": "37ms"}});
    let each = json!({"id": "each", "type": "loop", "name": "each", "config": {"items": 150}});
    let mut body = flow("Followed", &[each]);
    body["nodes"].as_array_mut().unwrap().push(wait);
    let workflow = servers.tenant.create("workflows", &body).await;
    let run = begin(&servers.tenant, &workflow, &json!({})).await;
    let path = format!("workflows/instances/{run}/events");
    let (own, other) = (servers.at(0), servers.at(1));
    let (here, there) = tokio::join!(arrivals(&own, &path), arrivals(&other, &path));
    let later =
        |(id, at): (&String, &Instant)| Some(there.get(id)?.saturating_duration_since(*at).as_secs_f64() * 1000.0);
    let all: Vec<f64> = here.iter().filter_map(later).collect();
    assert!(all.len() > 200 && all.len() == here.len(), "{} of {} events", all.len(), here.len());
    spread(all)
}

/// Returns when each event of a stream arrived.
async fn arrivals(tenant: &Tenant, path: &str) -> HashMap<String, Instant> {
    let mut stream = tenant.open(path).await;
    let (mut rest, mut arrived) = (String::new(), HashMap::new());
    while let Some(piece) = stream.chunk().await.unwrap() {
        rest.push_str(&String::from_utf8_lossy(&piece));
        while let Some((event, after)) = rest.split_once("\n\n") {
            if let Some(id) = event.lines().find_map(|line| line.strip_prefix("id:")) {
                arrived.entry(id.trim().to_owned()).or_insert_with(Instant::now);
            }
            rest = after.to_owned();
        }
    }
    arrived
}

/// Changes a variable on one server until a workflow on another one uses it.
async fn changes(servers: &Servers) -> String {
    let (one, two) = (servers.at(0), servers.at(1));
    let variable = one.create("variables", &json!({"name": "rate", "value": "0"})).await;
    let step = json!({"id": "set", "type": "set", "name": "set", "config": {"values": {"rate": "{{ vars.rate }}"}}});
    let mut body = flow("Shows", &[step]);
    body["nodes"][2]["config"] = json!({"output": "{{ steps.set.rate }}"});
    let path = format!("workflows/{}/execute?wait=30", two.create("workflows", &body).await);
    let used = async || {
        let ended: Value = two.post(&path, &json!({})).await.json().await.unwrap();
        ended["output"].clone()
    };
    let mut durations = Vec::new();
    for i in 1..=CHANGES {
        let value = i.to_string();
        one.patch(&format!("variables/{variable}"), &json!({"value": value})).await;
        let changed = Instant::now();
        while used().await != value {}
        durations.push(changed.elapsed().as_secs_f64() * 1000.0);
    }
    spread(durations)
}

/// Runs on all servers that wait until different times.
async fn timers(servers: &Servers) -> String {
    let step = json!({"id": "wait", "type": "delay", "name": "wait", "config": {"until": "{{ input.until }}"}});
    let workflow = servers.tenant.create("workflows", &flow("Waits", &[step])).await;
    let tenants = [servers.at(0), servers.at(1), servers.at(2)];
    let first = chrono::Utc::now() + chrono::Duration::seconds(4);
    let mut due = HashMap::new();
    for i in 0..TIMERS {
        let at = first + chrono::Duration::milliseconds(i64::try_from(i * 17).unwrap());
        let until = at.to_rfc3339_opts(chrono::SecondsFormat::Millis, true);
        due.insert(begin(&tenants[i % 3], &workflow, &json!({"until": until})).await, at.timestamp_millis());
    }
    assert!(chrono::Utc::now() < first, "this machine is too slow to start all runs in time");
    let unfinished = format!(
        "select count(*) from jet_admin_runs.instances where workflow_id = '{workflow}' and finished_at is null"
    );
    while servers.number(&unfinished).await > 0 {
        tokio::time::sleep(Duration::from_millis(100)).await;
    }
    let sql = format!("select id, finished_at from jet_admin_runs.instances where workflow_id = '{workflow}'");
    let rows = servers.sql.query(&sql, &[]).await.unwrap();
    let late = |row: &tokio_postgres::Row| (row.get::<_, i64>(1) - due[&row.get::<_, String>(0)]) as f64;
    spread(rows.iter().map(late).collect())
}
