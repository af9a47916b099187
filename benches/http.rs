//! The cost of a request: the release binary under `wrk`, next to `PocketBase` in the same run, in alternating turns.
//!
//! `make bench` runs it; it needs `wrk` (Debian: `apt-get install wrk`). Our writes are on disk when they are
//! acknowledged, those of `PocketBase` are passed to the operating system.
#![expect(clippy::print_stdout, clippy::unwrap_used, reason = "a benchmark prints and may panic")]
#[allow(dead_code, reason = "each benchmark uses a part of it")]
mod support;

use serde_json::json;
use std::time::Duration;
use support::{Measured, Server, Tenant, measure, pocketbase::PocketBase};

/// How often each request is measured on each server; the medians are printed.
const TURNS: usize = 3;

fn main() {
    let runtime = tokio::runtime::Runtime::new().unwrap();
    let _ = rustls::crypto::ring::default_provider().install_default();
    let server = Server::start();
    let peer = std::env::var("POCKETBASE_BIN").ok().map(|binary| runtime.block_on(PocketBase::start(&binary)));
    let (tenant, widget, record) = runtime.block_on(async {
        let tenant = Tenant::make(&server).await;
        let (mut widget, mut record) = (String::new(), String::new());
        for i in 0..200 {
            let body = json!({"name": format!("widget {i}"), "type": "text", "config": {"markdown": "# Hello"}});
            widget = tenant.create("widgets", &body).await;
            if let Some(peer) = &peer {
                record = peer.create(&body).await;
            }
        }
        (tenant, widget, record)
    });
    std::thread::sleep(Duration::from_secs(3));
    println!("idle, with a tenant and 200 widgets: {:.1} MiB resident (limit 40)", server.resident_mib());
    let base = format!("{}/widgets", tenant.base);
    println!("\n{:<24} {:>10} {:>9} {:>9} {:>12}", "", "requests/s", "p50 ms", "p99 ms", "CPU ms/req");
    for (name, ours, theirs, creates) in [
        ("read", format!("{base}/{widget}"), format!("/{record}"), false),
        ("create", String::new(), String::new(), true),
        ("list of 50", format!("{base}?limit=50"), "?perPage=50".to_owned(), false),
    ] {
        let script = |head: String| if creates { head + CREATE } else { head };
        let (mut own, mut other) = (Vec::new(), Vec::new());
        for turn in 0..TURNS {
            if creates {
                // one tenant would reach its quota
                let fresh = runtime.block_on(Tenant::of(&server, &format!("turn{turn}@example.com")));
                own.push(measure(&server, &format!("{}/widgets", fresh.base), &script(fresh.script())));
            } else {
                own.push(measure(&server, &ours, &script(tenant.script())));
            }
            if let Some(peer) = &peer {
                other.push(measure(&peer.server, &format!("{}{theirs}", peer.base), &script(peer.script())));
            }
        }
        let rate = show(name, &own);
        if peer.is_some() {
            println!("{:>24} × PocketBase", format!("{:.1}", rate / show("  PocketBase", &other)));
        }
    }
    println!("\nafter load: {:.1} MiB resident", server.resident_mib());
}

/// The part of a `wrk` script that creates a widget with another name in each request.
const CREATE: &str = r#"local n = 0
local salt = tostring({}):sub(8) .. os.time()
request = function()
  n = n + 1
  local body = '{"name":"w ' .. salt .. ' ' .. n .. '","type":"text","config":{"markdown":"x"}}'
  return wrk.format('POST', nil, nil, body)
end
"#;

/// Prints the medians and returns that of the rates.
fn show(name: &str, turns: &[Measured]) -> f64 {
    let median = |of: fn(&Measured) -> f64| {
        let mut all: Vec<f64> = turns.iter().map(of).collect();
        all.sort_by(f64::total_cmp);
        all[all.len() / 2]
    };
    let rate = median(|one| one.rate);
    let (p50, p99, cpu) = (median(|one| one.p50), median(|one| one.p99), median(|one| one.cpu));
    println!("{name:<24} {rate:>10.0} {p50:>9.2} {p99:>9.2} {cpu:>12.3}");
    rate
}
