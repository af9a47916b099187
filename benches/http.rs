//! The cost of a request: the release binary under `wrk`, compared with `PocketBase` on a similar machine.
//!
//! `make bench` runs it; it needs `wrk` (Debian: `apt-get install wrk`).
#![expect(clippy::print_stdout, clippy::unwrap_used, reason = "a benchmark prints and may panic")]
#[allow(dead_code, reason = "each benchmark uses a part of it")]
mod support;

use serde_json::json;
use std::time::Duration;
use support::{Server, Tenant, measure};

/// Requests per second of `PocketBase` 0.3x on an idle machine with 2 cores.
const POCKETBASE: [(&str, f64); 3] = [("read", 4900.0), ("create", 2500.0), ("list of 50", 840.0)];

fn main() {
    let runtime = tokio::runtime::Runtime::new().unwrap();
    let _ = rustls::crypto::ring::default_provider().install_default();
    let server = Server::start();
    let (tenant, widget) = runtime.block_on(async {
        let tenant = Tenant::make(&server).await;
        let mut widget = String::new();
        for i in 0..200 {
            let body = json!({"name": format!("widget {i}"), "type": "text", "config": {"markdown": "# Hello"}});
            widget = tenant.create("widgets", &body).await;
        }
        (tenant, widget)
    });
    std::thread::sleep(Duration::from_secs(1));
    println!("idle, with a tenant and 200 widgets: {:.1} MiB resident (limit 40)", server.resident_mib());
    let base = format!("{}/widgets", tenant.base);
    let create = tenant.script()
        + "local n = 0\nlocal salt = tostring({}):sub(8)\n\
           request = function() n = n + 1; return wrk.format('POST', nil, nil, '{\"name\":\"w ' .. salt .. ' ' .. n .. '\",\"type\":\"text\",\"config\":{\"markdown\":\"x\"}}') end\n";
    println!(
        "\n{:<12} {:>10} {:>9} {:>9} {:>12} {:>12}",
        "", "requests/s", "p50 ms", "p99 ms", "CPU ms/req", "× PocketBase"
    );
    for ((name, peer), url, script) in [
        (POCKETBASE[0], format!("{base}/{widget}"), tenant.script()),
        (POCKETBASE[1], base.clone(), create),
        (POCKETBASE[2], format!("{base}?limit=50"), tenant.script()),
    ] {
        let measured = measure(&server, &url, &script);
        println!(
            "{name:<12} {:>10.0} {:>9.2} {:>9.2} {:>12.3} {:>12.1}",
            measured.rate,
            measured.p50,
            measured.p99,
            measured.cpu,
            measured.rate / peer
        );
    }
    println!("\nafter load: {:.1} MiB resident", server.resident_mib());
}
