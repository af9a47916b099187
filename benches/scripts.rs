//! The cost of scripts: `cargo bench --bench scripts`.
#![expect(clippy::print_stdout, clippy::unwrap_used, reason = "a benchmark prints and may panic")]
use jet_admin::script::{Globals, Sandbox, ScriptLimits};
use serde_json::{Map, Value, json};
use std::time::{Duration, Instant};
use uuid::Uuid;

const ROUND: Duration = Duration::from_secs(3);
const TIMEOUT: Duration = Duration::from_secs(20);

fn main() {
    let runtime = tokio::runtime::Runtime::new().unwrap();
    runtime.block_on(async {
        let worker = Some(env!("CARGO_BIN_EXE_jet-admin").into());
        let sandbox = Sandbox::new(ScriptLimits { worker, ..ScriptLimits::default() });
        let rows: Vec<Value> = (0..10_000).map(|i| json!({"id": i, "name": format!("item {i}"), "price": 19.5, "tags": ["a", "b"], "notes": "x".repeat(40)})).collect();
        let text = serde_json::to_string(&rows).unwrap();
        let small = Globals::from(scope(json!({"input": {"n": 1}})));
        let large = Globals::from(scope(json!({"input": {"n": 1}, "data": rows})));
        println!("large scope: {} KiB of JSON", text.len() >> 10);
        println!("{:<40} {:>10} {:>10} {:>10} {:>10}", "", "per second", "p50 ms", "p99 ms", "CPU us");
        for connections in [1, 16, 32] {
            let name = format!("input.n + 1, {connections} at once");
            load(&name, &sandbox, connections, "input.n + 1", &small).await;
        }
        load("large scope, not used, 1 at once", &sandbox, 1, "input.n + 1", &large).await;
        load("large scope, used, 1 at once", &sandbox, 1, "data.length", &large).await;
        load("large scope, used, 16 at once", &sandbox, 16, "data.length", &large).await;
        load("large scope, mapped, 1 at once", &sandbox, 1, "data.map((row) => ({...row, n: 1}))", &large).await;
    });
}

fn scope(value: Value) -> Map<String, Value> {
    serde_json::from_value(value).unwrap()
}

async fn load(name: &str, sandbox: &Sandbox, connections: usize, code: &'static str, globals: &Globals) {
    let (started, used) = (Instant::now(), cpu());
    let loops = (0..connections).map(|i| {
        let (sandbox, globals) = (sandbox.owned_by(Uuid::from_u128(i as u128 % 8)), globals.clone());
        tokio::spawn(async move {
            let mut times = Vec::new();
            while started.elapsed() < ROUND {
                let start = Instant::now();
                sandbox.eval(code, globals.clone(), TIMEOUT).await.unwrap();
                times.push(start.elapsed());
            }
            times
        })
    });
    let mut times: Vec<Duration> = Vec::new();
    for task in loops.collect::<Vec<_>>() {
        times.extend(task.await.unwrap());
    }
    times.sort_unstable();
    let at = |percent: usize| times[times.len() * percent / 100].as_secs_f64() * 1000.0;
    let count = f64::from(u32::try_from(times.len()).unwrap());
    let (rate, used) = (count / started.elapsed().as_secs_f64(), (cpu() - used) * 1e6 / count);
    println!("{name:<40} {rate:>10.0} {:>10.3} {:>10.3} {used:>10.0}", at(50), at(99));
}

/// CPU time of this process and its workers, in seconds. More exact than `stat`, which only counts ticks.
fn cpu() -> f64 {
    let own = std::process::id();
    let processes = std::fs::read_dir("/proc").unwrap().flatten();
    let ids = processes.filter_map(|entry| entry.file_name().to_str()?.parse::<u32>().ok());
    let seconds = |id: u32| {
        let stat = std::fs::read_to_string(format!("/proc/{id}/stat")).ok()?;
        let parent = stat.rsplit(") ").next()?.split(' ').nth(1)?.parse::<u32>().ok()?;
        let threads = std::fs::read_dir(format!("/proc/{id}/task")).ok().filter(|_| own == id || own == parent)?;
        let nanoseconds = threads.flatten().filter_map(|thread| {
            let text = std::fs::read_to_string(thread.path().join("schedstat")).ok()?;
            text.split(' ').next()?.parse::<f64>().ok()
        });
        Some(nanoseconds.sum::<f64>() / 1e9)
    };
    ids.filter_map(seconds).sum()
}
