//! `cargo bench --bench cluster`: servers that share a PostgreSQL database, which writes each commit to its disk.
//!
//! Needs `wrk` and PostgreSQL (Debian: `apt-get install wrk postgresql`). If the variable `DBOS_PYTHON` names a Python
//! with the package `dbos`, its workflows are measured on the same PostgreSQL.
#![expect(clippy::print_stdout, clippy::unwrap_used, clippy::cast_precision_loss, reason = "a benchmark")]
#[allow(dead_code, reason = "only a part of it is used here")]
#[path = "../../tests/it/support/authority.rs"]
mod authority;
#[path = "../../tests/it/support/background.rs"]
mod background;
mod delays;
mod failures;
#[path = "../../tests/it/support/postgres.rs"]
#[allow(dead_code, reason = "only a part of it is used here")]
mod postgres;
mod rates;
mod servers;
#[path = "../support/mod.rs"]
#[allow(dead_code, reason = "each benchmark uses a part of it")]
mod support;

use servers::Servers;

fn main() {
    let runtime = tokio::runtime::Runtime::new().unwrap();
    let _ = rustls::crypto::ring::default_provider().install_default();
    let database = postgres::Postgres::start_with("-c fsync=on").expect("PostgreSQL: apt-get install postgresql");
    rates::compare(&runtime, &database);
    let mut servers = runtime.block_on(Servers::start(&database, 3));
    runtime.block_on(async {
        delays::measure(&servers).await;
        failures::measure(&mut servers).await;
    });
}

/// The median, the 99th percentile and the largest of some durations, in milliseconds.
fn spread(mut durations: Vec<f64>) -> String {
    durations.sort_by(f64::total_cmp);
    let at = |share: usize| durations[(durations.len() * share / 100).min(durations.len() - 1)];
    format!("p50 {:.0} ms, p99 {:.0} ms, max {:.0} ms of {}", at(50), at(99), at(100), durations.len())
}
