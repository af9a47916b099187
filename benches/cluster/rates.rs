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

/// Completed runs.
struct Rate {
    a_second: f64,
    p50: f64,
    p99: f64,
    /// Milliseconds of CPU for each run.
    servers: f64,
    database: f64,
}

pub fn compare(runtime: &Runtime, postgres: &Postgres) {
    println!(
        "{:<28} {:>7} {:>9} {:>9} {:>15} {:>17}",
        "runs with result, 16 at once", "runs/s", "p50 ms", "p99 ms", "server CPU ms", "database CPU ms"
    );
    let one = ours(runtime, postgres, 1);
    let three = ours(runtime, postgres, 3);
    let theirs = dbos(postgres);
    for (i, steps) in STEPS.iter().enumerate() {
        println!("{steps} step(s): three servers {:.2} x one (at least 0.9)", three[i] / one[i]);
        if let Some(theirs) = &theirs {
            println!("{steps} step(s): one server {:.1} x DBOS Transact (at least 3)", one[i] / theirs[i]);
        }
    }
}

fn ours(runtime: &Runtime, postgres: &Postgres, count: usize) -> Vec<f64> {
    let servers = runtime.block_on(Servers::start(postgres, count));
    let rates = STEPS.map(|steps| {
        let created: Value = runtime.block_on(async {
            servers.tenant.post("workflows", &chain(&format!("chain of {steps}"), steps)).await.json().await.unwrap()
        });
        let path = created["triggerStates"][0]["path"].as_str().unwrap_or_else(|| panic!("{created}"));
        // the first runs prepare statements and fill caches
        all_at_once(&servers, path);
        let before = cpu(postgres);
        let mut rate = all_at_once(&servers, path);
        rate.database = (cpu(postgres) - before) * 1000.0 / (rate.a_second * 8.0);
        let name = format!("{count} server(s), {steps} step(s)");
        let Rate { a_second, p50, p99, servers, database } = rate;
        println!("{name:<28} {a_second:>7.0} {p50:>9.2} {p99:>9.2} {servers:>15.3} {database:>17.3}");
        a_second
    });
    rates.to_vec()
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
