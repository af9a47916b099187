//! How long runs stand still when their server is killed or stops.
use crate::{
    servers::{Servers, begin, flow},
    spread,
};
use serde_json::json;
use std::time::{Duration, Instant};

const KILLS: usize = 20;
const STOPS: usize = 5;
/// How many runs wait on a server that stops.
const WAITING: usize = 100;
/// How often the database is asked.
const LOOK: Duration = Duration::from_millis(5);

pub async fn measure(servers: &mut Servers) {
    println!("after a kill, a run continues elsewhere after {} (p50 at most 3700, max 5000)", kills(servers).await);
    println!("{WAITING} runs of a server that stops have another owner after {} (at most 300)", stops(servers).await);
}

async fn kills(servers: &mut Servers) -> String {
    let wait = json!({"id": "in", "type": "delay", "name": "in", "parentID": "each", "config": {"for": "20ms"}});
    let each = json!({"id": "each", "type": "loop", "name": "each", "config": {"items": 2000}});
    let mut body = flow("Killed", &[each]);
    body["nodes"].as_array_mut().unwrap().push(wait);
    let workflow = servers.tenant.create("workflows", &body).await;
    let mut durations = Vec::new();
    for kill in 0..KILLS {
        let server = kill % servers.all.len();
        let tenant = servers.at(server);
        let run = begin(&tenant, &workflow, &json!({})).await;
        let of_run = format!("from jet_admin_runs.instances where id = '{run}'");
        let seq = format!("select seq {of_run}");
        while servers.number(&seq).await < 20 {
            tokio::time::sleep(LOOK).await;
        }
        servers.signal(server, "KILL");
        let killed = Instant::now();
        tokio::time::sleep(Duration::from_millis(50)).await;
        let last = servers.number(&seq).await;
        while servers.number(&seq).await == last {
            assert!(killed.elapsed() < Duration::from_mins(1), "nobody took the run over");
            tokio::time::sleep(LOOK).await;
        }
        durations.push(killed.elapsed().as_secs_f64() * 1000.0);
        servers.again(server);
        servers.at((server + 1) % servers.all.len()).delete(&format!("workflows/instances/{run}/stop")).await;
    }
    spread(durations)
}

async fn stops(servers: &mut Servers) -> String {
    let step = json!({"id": "wait", "type": "delay", "name": "wait", "config": {"for": "1h"}});
    let workflow = servers.tenant.create("workflows", &flow("Stopped", &[step])).await;
    let without_owner =
        "select count(*) from jet_admin_runs.instances i join jet_admin_runs.servers s on s.id = i.owner
        where i.finished_at is null and s.is_dead";
    let dead = "select count(*) from jet_admin_runs.servers where is_dead";
    let mut durations = Vec::new();
    for stop in 0..STOPS {
        let server = stop % servers.all.len();
        let tenant = servers.at(server);
        for _ in 0..WAITING {
            begin(&tenant, &workflow, &json!({})).await;
        }
        let before = servers.number(dead).await;
        servers.signal(server, "TERM");
        while servers.number(dead).await == before {
            tokio::time::sleep(LOOK).await;
        }
        let stopped = Instant::now();
        while servers.number(without_owner).await > 0 {
            tokio::time::sleep(LOOK).await;
        }
        durations.push(stopped.elapsed().as_secs_f64() * 1000.0);
        servers.again(server);
    }
    spread(durations)
}
