//! `cargo bench --bench hostile`: the release binary under attacks by strangers and a tenant, one after the other and
//! all at once. Prints the memory of the server and its script workers, the latency of `/healthz`, and whether another
//! tenant's query and run succeeded meanwhile.
#![allow(clippy::unwrap_used, clippy::print_stdout)]
#[allow(dead_code, reason = "each benchmark uses a part of it")]
#[path = "../support/mod.rs"]
mod support;

mod attacks;
mod bombs;
mod observer;

use attacks::{Attack, Stage};
use futures_util::future::join_all;
use observer::{Observation, Observer};
use std::{
    sync::Arc,
    time::{Duration, Instant},
};
use support::{Server, Tenant};

/// Limit for the resident memory of the server and its children, in MiB.
const MEMORY: f64 = 600.0;
/// Limit for the latency of `/healthz`, in milliseconds.
const HEALTH: f64 = 100.0;
/// Limit for the time until everything works as before.
const RECOVERY: Duration = Duration::from_secs(10);

fn main() {
    let _ = rustls::crypto::ring::default_provider().install_default();
    let runtime = attackers();
    let server = Server::start_with(&["--signup", "open"]);
    runtime.block_on(async {
        let stage = Stage::prepare(&server).await;
        println!("\nidle: {:.0} MiB resident", observer::resident_mib(server.id()));
        println!(
            "\n{:<40} {:>9} {:>11} {:>11} {:>9} {:>12} {:>11}",
            "", "peak MiB", "health max", "health p99", "other's", "recovered s", "then MiB"
        );
        let mut failed = Vec::new();
        for attack in attacks::ALL {
            failed.extend(run_attacks(&server, &stage, attack.name, &[attack]).await);
        }
        let everything: Vec<&Attack> = attacks::ALL.iter().collect();
        failed.extend(run_attacks(&server, &stage, "everything at once", &everything).await);
        println!();
        for failure in &failed {
            println!("MISSED: {failure}");
        }
        assert!(failed.is_empty(), "{} of the limits were missed", failed.len());
    });
}

/// Real attackers use their own machines, so ours run at low priority and leave the processors to the server.
fn attackers() -> tokio::runtime::Runtime {
    let mut runtime = tokio::runtime::Builder::new_multi_thread();
    let yielding = || {
        let _ = rustix::process::nice(10);
    };
    runtime.enable_all().on_thread_start(yielding).build().unwrap()
}

/// Runs the attacks at the same time, observes the server, and returns the limits that were missed.
async fn run_attacks(server: &Server, stage: &Stage, name: &str, attacks: &[&Attack]) -> Vec<String> {
    let observer = Observer::watch(server.id(), server.url.clone(), Arc::clone(&stage.neighbor));
    let results = join_all(attacks.iter().map(|attack| (attack.run)(stage))).await;
    let observation = observer.finish().await;
    let outcomes: Vec<String> = results.iter().flat_map(|results| results.outcomes.iter().cloned()).collect();
    drop(results);
    let recovered = recovery(server, &stage.neighbor, &stage.attacker).await;
    let then = observer::resident_mib(server.id());
    println!(
        "{name:<40} {:>9.0} {:>8.0} ms {:>8.0} ms {:>4}/{:<4} {:>12} {then:>11.0}",
        observation.peak_mib,
        observation.health_max,
        observation.health_p99,
        observation.succeeded,
        observation.requests,
        recovered.map_or_else(|| "never".to_owned(), |duration| format!("{:.1}", duration.as_secs_f64())),
    );
    for outcome in outcomes {
        println!("    {outcome}");
    }
    for failure in &observation.failures {
        println!("    the other tenant: {failure}");
    }
    missed(name, &observation, recovered)
}

fn missed(name: &str, observation: &Observation, recovered: Option<Duration>) -> Vec<String> {
    let mut missed = Vec::new();
    if observation.peak_mib > MEMORY {
        missed.push(format!("{name}: {:.0} MiB resident (limit {MEMORY})", observation.peak_mib));
    }
    if observation.health_max > HEALTH {
        missed.push(format!("{name}: /healthz took {:.0} ms (limit {HEALTH})", observation.health_max));
    }
    if observation.succeeded < observation.requests || observation.requests == 0 {
        missed.push(format!(
            "{name}: {} of {} requests of another tenant succeeded",
            observation.succeeded, observation.requests
        ));
    }
    if recovered.is_none() {
        missed.push(format!("{name}: not recovered within {} s", RECOVERY.as_secs()));
    }
    missed
}

/// The time until both tenants can work again, or `None` if it exceeds the limit.
async fn recovery(server: &Server, neighbor: &observer::Neighbor, attacker: &Tenant) -> Option<Duration> {
    let start = Instant::now();
    while start.elapsed() < RECOVERY {
        let probe_start = Instant::now();
        let healthy = observer::healthy(&server.url) && probe_start.elapsed().as_secs_f64() * 1000.0 < HEALTH;
        if healthy && neighbor.query().await.is_ok() && neighbor.run().await.is_ok() && attacks::works(attacker).await {
            return Some(start.elapsed());
        }
        tokio::time::sleep(Duration::from_millis(50)).await;
    }
    None
}
