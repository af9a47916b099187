//! What a run, a tenant, a viewer and an idle server cost, at 1, 10 and 100 times as many.
use crate::{
    postgres::Postgres,
    rates::CALL,
    servers::{Servers, cpu},
    support::{chain, measure_at},
};
use futures_util::future::join_all;
use serde_json::{Value, json};
use std::{fmt::Write, time::Duration};

const TIMES: [usize; 3] = [1, 10, 100];
/// How long an idle server, and one with viewers, is watched.
const WATCHED: Duration = Duration::from_secs(10);

pub async fn measure(servers: &Servers, postgres: &Postgres) {
    println!("\ncosts:");
    idle(servers, postgres).await;
    tenants(servers, postgres).await;
    viewers(servers).await;
}

async fn idle(servers: &Servers, postgres: &Postgres) {
    let statements = "select cast(sum(xact_commit) as bigint) from pg_stat_database where datname = current_database()";
    let (commits, used) = (servers.number(statements).await, cpu(postgres));
    tokio::time::sleep(WATCHED).await;
    let count = servers.all.len() as f64 * WATCHED.as_secs_f64();
    let (commits, used) = (servers.number(statements).await - commits, cpu(postgres) - used);
    println!(
        "an idle server: {:.0} transactions/s and {:.2} % of a core of PostgreSQL, {:.0} MiB resident",
        commits as f64 / count,
        used * 100.0 / count,
        servers.all[0].resident_mib()
    );
}

/// One-step runs of several tenants, called in turn.
async fn tenants(servers: &Servers, postgres: &Postgres) {
    println!("{:<28} {:>7} {:>9} {:>17} {:>12}", "one-step runs", "runs/s", "p99 ms", "database CPU ms", "bytes a run");
    let mut paths = Vec::new();
    for times in TIMES {
        while paths.len() < times {
            let tenant = servers.tenant.another(&servers.all[0]).await;
            let created: Value = tenant.post("workflows", &chain("chain", 1)).await.json().await.unwrap();
            paths.push(created["triggerStates"][0]["path"].as_str().unwrap_or_else(|| panic!("{created}")).to_owned());
        }
        let mut script = format!("{CALL}local paths = {{");
        for path in &paths {
            write!(script, "'{path}',").unwrap();
        }
        script.push_str(
            "}\nlocal n = 0\nfunction request() n = n + 1\nreturn wrk.format(nil, paths[n % #paths + 1]) end\n",
        );
        let size = "select cast(sum(pg_total_relation_size(c.oid)) as bigint) from pg_class c
            join pg_namespace n on n.oid = c.relnamespace where n.nspname = 'jet_admin_runs' and c.relkind = 'r'";
        let runs = "select count(*) from jet_admin_runs.instances";
        let before = (servers.number(size).await, servers.number(runs).await, cpu(postgres));
        let measured = tokio::task::block_in_place(|| measure_at(&servers.all[0], &servers.all[0].url, &script, 16));
        let used = cpu(postgres) - before.2;
        let done = (servers.number(runs).await - before.1) as f64;
        let bytes = (servers.number(size).await - before.0) as f64 / done;
        println!(
            "{:<28} {:>7.0} {:>9.2} {:>17.3} {bytes:>12.0}",
            format!("{times} tenant(s)"),
            measured.rate,
            measured.p99,
            used * 1000.0 / done
        );
    }
}

/// Viewers of one server who watch the runs of a tenant, while another server executes ten runs a second.
async fn viewers(servers: &Servers) {
    let workflow = servers.tenant.create("workflows", &crate::servers::flow("Watched", &[])).await;
    let (here, there) = (servers.at(1), servers.at(0));
    let mut open = Vec::new();
    println!("{:<28} {:>16} {:>20}", "viewers of a list of runs", "CPU of a core", "MiB resident");
    for times in TIMES {
        let more = (open.len()..times).map(|_| here.open("workflows/instances/events"));
        open.extend(join_all(more).await);
        let before = servers.all[1].cpu();
        let begun = std::time::Instant::now();
        while begun.elapsed() < WATCHED {
            there.post(&format!("workflows/{workflow}/execute"), &json!({})).await;
            tokio::time::sleep(Duration::from_millis(100)).await;
        }
        println!(
            "{:<28} {:>14.1} % {:>20.0}",
            format!("{times} viewer(s)"),
            (servers.all[1].cpu() - before) * 100.0 / begun.elapsed().as_secs_f64(),
            servers.all[1].resident_mib()
        );
    }
}
