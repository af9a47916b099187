//! `cargo bench --bench hostile`: the release binary while strangers and a tenant do their worst, one attack after the
//! other and all at once. What it prints: how much memory the server and its script workers took, how soon `/healthz`
//! answered, and whether another tenant's query and run succeeded meanwhile.
#![allow(clippy::unwrap_used, clippy::print_stdout)]
#[allow(dead_code, reason = "each benchmark takes a part of it")]
#[path = "../support/mod.rs"]
mod support;

mod attacks;
mod bombs;
mod observer;

use attacks::{Attack, Stage};
use futures_util::future::join_all;
use observer::{Observer, Seen};
use std::{
    sync::Arc,
    time::{Duration, Instant},
};
use support::{Server, Tenant};

/// MiB that the server and its children may have resident.
const MEMORY: f64 = 600.0;
/// Milliseconds within which `/healthz` answers.
const HEALTH: f64 = 100.0;
/// Within which everything is as before.
const RECOVERY: Duration = Duration::from_secs(10);

fn main() {
    let _ = rustls::crypto::ring::default_provider().install_default();
    let runtime = attackers();
    let server = Server::start_with(&["--signup", "open"]);
    runtime.block_on(async {
        let stage = Stage::set(&server).await;
        println!("\nidle: {:.0} MiB resident", observer::resident_mib(server.id()));
        println!(
            "\n{:<40} {:>9} {:>11} {:>11} {:>9} {:>12} {:>11}",
            "", "peak MiB", "health max", "health p99", "other's", "recovered s", "then MiB"
        );
        let mut failed = Vec::new();
        for attack in attacks::ALL {
            failed.extend(besiege(&server, &stage, attack.name, &[attack]).await);
        }
        let everything: Vec<&Attack> = attacks::ALL.iter().collect();
        failed.extend(besiege(&server, &stage, "everything at once", &everything).await);
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

/// Makes the attacks at once, watches, and says which limits were missed.
async fn besiege(server: &Server, stage: &Stage, name: &str, attacks: &[&Attack]) -> Vec<String> {
    let observer = Observer::watch(server.id(), server.url.clone(), Arc::clone(&stage.neighbour));
    let held = join_all(attacks.iter().map(|attack| (attack.run)(stage))).await;
    let seen = observer.finish().await;
    let outcomes: Vec<String> = held.iter().flat_map(|held| held.outcomes.iter().cloned()).collect();
    drop(held);
    let recovered = recovery(server, &stage.neighbour, &stage.attacker).await;
    let then = observer::resident_mib(server.id());
    println!(
        "{name:<40} {:>9.0} {:>8.0} ms {:>8.0} ms {:>4}/{:<4} {:>12} {then:>11.0}",
        seen.peak_mib,
        seen.health_max,
        seen.health_p99,
        seen.succeeded,
        seen.asked,
        recovered.map_or_else(|| "never".to_owned(), |took| format!("{:.1}", took.as_secs_f64())),
    );
    for outcome in outcomes {
        println!("    {outcome}");
    }
    for failure in &seen.failures {
        println!("    the other tenant: {failure}");
    }
    missed(name, &seen, recovered)
}

fn missed(name: &str, seen: &Seen, recovered: Option<Duration>) -> Vec<String> {
    let mut missed = Vec::new();
    if seen.peak_mib > MEMORY {
        missed.push(format!("{name}: {:.0} MiB resident (limit {MEMORY})", seen.peak_mib));
    }
    if seen.health_max > HEALTH {
        missed.push(format!("{name}: /healthz took {:.0} ms (limit {HEALTH})", seen.health_max));
    }
    if seen.succeeded < seen.asked || seen.asked == 0 {
        missed.push(format!("{name}: {} of {} questions of another tenant succeeded", seen.succeeded, seen.asked));
    }
    if recovered.is_none() {
        missed.push(format!("{name}: not as before within {} s", RECOVERY.as_secs()));
    }
    missed
}

/// How long it takes until both tenants can work again, or `None` past the limit.
async fn recovery(server: &Server, neighbour: &observer::Neighbour, attacker: &Tenant) -> Option<Duration> {
    let begun = Instant::now();
    while begun.elapsed() < RECOVERY {
        let asked = Instant::now();
        let healthy = observer::healthy(&server.url) && asked.elapsed().as_secs_f64() * 1000.0 < HEALTH;
        if healthy && neighbour.query().await.is_ok() && neighbour.run().await.is_ok() && attacks::works(attacker).await
        {
            return Some(begun.elapsed());
        }
        tokio::time::sleep(Duration::from_millis(50)).await;
    }
    None
}
