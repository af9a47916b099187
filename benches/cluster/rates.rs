//! How many durable runs a second one server, three servers and DBOS Transact complete on the same PostgreSQL.
use crate::{
    postgres::Postgres,
    servers::{Servers, cpu, url_of},
    support::{chain, measure_at},
};
use serde_json::Value;
use std::process::Command;
use tokio::runtime::Runtime;

/// How many callers wait for results at the same time.
const CALLERS: u32 = 16;
const STEPS: [usize; 2] = [1, 5];
pub const CALL: &str =
    "wrk.method = 'POST'\nwrk.body = '{\"n\":1}'\nwrk.headers['Content-Type'] = 'application/json'\n";

/// How often each number of servers is measured, in turn: this machine is not equally fast all the time.
const ROUNDS: usize = 3;

/// Completed runs.
struct Rate {
    a_second: f64,
    p50: f64,
    p99: f64,
    /// Milliseconds of CPU for each run.
    servers: f64,
    database: f64,
}

/// Some servers, and the workflow that is called, for each number of steps.
struct Called {
    servers: Servers,
    paths: Vec<String>,
}

pub fn compare(runtime: &Runtime, postgres: &Postgres) {
    println!(
        "{:<28} {:>7} {:>9} {:>9} {:>15} {:>17}",
        "runs with result, 16 at once", "runs/s", "p50 ms", "p99 ms", "server CPU ms", "database CPU ms"
    );
    let all = [1, 3].map(|count| runtime.block_on(called(postgres, count)));
    let mut one_server = Vec::new();
    for (i, steps) in STEPS.iter().enumerate() {
        // the first runs prepare statements and fill caches
        for called in &all {
            all_at_once(&called.servers, &called.paths[i]);
        }
        let mut rounds = [const { Vec::new() }; 2];
        for _ in 0..ROUNDS {
            for (called, rates) in all.iter().zip(&mut rounds) {
                rates.push(measured(postgres, called, i));
            }
        }
        let ratios = rounds[0].iter().zip(&rounds[1]).map(|(one, three)| three.a_second / one.a_second).collect();
        for (called, rates) in all.iter().zip(&rounds) {
            let of = |value: fn(&Rate) -> f64| median(rates.iter().map(value).collect());
            println!(
                "{:<28} {:>7.0} {:>9.2} {:>9.2} {:>15.3} {:>17.3}",
                format!("{} server(s), {steps} step(s)", called.servers.all.len()),
                of(|rate| rate.a_second),
                of(|rate| rate.p50),
                of(|rate| rate.p99),
                of(|rate| rate.servers),
                of(|rate| rate.database)
            );
        }
        println!("{steps} step(s): three servers {:.2} x one (at least 0.9)", median(ratios));
        one_server.push(median(rounds[0].iter().map(|rate| rate.a_second).collect()));
    }
    for ((steps, ours), theirs) in STEPS.iter().zip(one_server).zip(dbos(postgres).into_iter().flatten()) {
        println!("{steps} step(s): one server {:.1} x DBOS Transact (at least 3)", ours / theirs);
    }
}

fn median(mut values: Vec<f64>) -> f64 {
    values.sort_by(f64::total_cmp);
    values[values.len() / 2]
}

async fn called(postgres: &Postgres, count: usize) -> Called {
    let servers = Servers::start(postgres, count).await;
    let mut paths = Vec::new();
    for steps in STEPS {
        let chain = chain(&format!("chain of {steps}"), steps);
        let created: Value = servers.tenant.post("workflows", &chain).await.json().await.unwrap();
        paths.push(created["triggerStates"][0]["path"].as_str().unwrap_or_else(|| panic!("{created}")).to_owned());
    }
    Called { servers, paths }
}

fn measured(postgres: &Postgres, called: &Called, i: usize) -> Rate {
    let before = cpu(postgres);
    let mut rate = all_at_once(&called.servers, &called.paths[i]);
    rate.database = (cpu(postgres) - before) * 1000.0 / (rate.a_second * 8.0);
    rate
}

/// Calls all servers at the same time.
fn all_at_once(servers: &Servers, path: &str) -> Rate {
    let (count, others) = (u32::try_from(servers.all.len()).unwrap(), servers.all.iter().enumerate());
    let measured: Vec<_> = std::thread::scope(|scope| {
        let calls = others.map(|(i, server)| {
            let callers = CALLERS / count + u32::from(u32::try_from(i).unwrap() < CALLERS % count);
            scope.spawn(move || measure_at(server, &format!("{}{path}", server.url), CALL, callers))
        });
        calls.collect::<Vec<_>>().into_iter().map(|call| call.join().unwrap()).collect()
    });
    let largest = |of: fn(&crate::support::Measured) -> f64| measured.iter().map(of).fold(0.0, f64::max);
    let a_second = measured.iter().map(|one| one.rate).sum();
    let used: f64 = measured.iter().map(|one| one.cpu * one.rate).sum();
    Rate { a_second, p50: largest(|one| one.p50), p99: largest(|one| one.p99), servers: used / a_second, database: 0.0 }
}

fn dbos(postgres: &Postgres) -> Option<Vec<f64>> {
    let Some(python) = std::env::var_os("DBOS_PYTHON") else {
        println!("DBOS_PYTHON is not set: DBOS Transact is not measured");
        return None;
    };
    let script = concat!(env!("CARGO_MANIFEST_DIR"), "/benches/cluster/dbos_runs.py");
    let out = Command::new(python).args([script, &url_of(postgres, "dbos"), &CALLERS.to_string()]).output().unwrap();
    let text = String::from_utf8_lossy(&out.stdout);
    assert!(out.status.success(), "{text}{}", String::from_utf8_lossy(&out.stderr));
    let rates: Vec<f64> = text.lines().last().unwrap().split(' ').map(|rate| rate.parse().unwrap()).collect();
    for (steps, rate) in STEPS.iter().zip(&rates) {
        println!("{:<28} {rate:>7.0}", format!("DBOS Transact, {steps} step(s)"));
    }
    Some(rates)
}
