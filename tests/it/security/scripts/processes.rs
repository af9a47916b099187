//! The processes that run scripts: what they can access, and when they end.
use super::{STUCK, assert_one, begin, run};
use crate::support::{
    Process,
    backend::database_of,
    process::{BINARY, data_dir},
    wait::{PATIENCE, until},
};
use serde_json::json;
use std::{
    fs, io,
    path::Path,
    process::Command,
    time::{Duration, Instant},
};

/// The script processes that the server has started.
fn workers(server: &Process) -> Vec<u32> {
    let is_worker = |id: &u32| {
        let stat = fs::read_to_string(format!("/proc/{id}/stat")).unwrap_or_default();
        let mut fields = stat.rsplit(") ").next().unwrap_or_default().split(' ');
        let (state, parent) = (fields.next(), fields.next());
        state != Some("Z") && parent == Some(&server.id().to_string())
    };
    let processes = fs::read_dir("/proc").unwrap().flatten();
    processes.filter_map(|entry| entry.file_name().to_str()?.parse().ok()).filter(is_worker).collect()
}

fn is_running(process: u32) -> bool {
    let command = fs::read(format!("/proc/{process}/cmdline")).unwrap_or_default();
    command.windows(13).any(|part| part == b"script-worker")
}

fn signal(name: &str, process: u32) {
    assert!(Command::new("kill").args(["-s", name, &process.to_string()]).status().unwrap().success());
}

/// Reads a file of a process in `/proc`, or returns `None` without permission: only root may read some of a worker's.
fn proc_file(process: u32, file: &str) -> Option<Vec<u8>> {
    match fs::read(format!("/proc/{process}/{file}")) {
        Ok(bytes) => Some(bytes),
        Err(error) if error.kind() == io::ErrorKind::PermissionDenied => None,
        Err(error) => panic!("{file}: {error}"),
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn script_processes_end_with_the_server() {
    let (_dir, root) = data_dir();
    let (mut server, client) = Process::with_owner(&root).await;
    assert!(workers(&server).is_empty(), "there must be none before the first script");
    begin(&client, STUCK, 50_000).await;
    begin(&client, "while (true) {}", 50_000).await;
    until("both scripts run", async || workers(&server).len() == 2).await;
    let workers = workers(&server);
    server.kill();
    until("they end with the server", async || !workers.iter().any(|id| is_running(*id))).await;
}

#[tokio::test(flavor = "multi_thread")]
async fn on_shutdown_the_server_stops_its_scripts_itself() {
    let (_dir, root) = data_dir();
    let (mut server, client) = {
        let (first, client) = Process::with_owner(&root).await;
        drop(first);
        let server = Process::start(&root, &["--shutdown-grace", "1"]);
        let client = server.client().with_token(client.token.clone().unwrap()).in_tenant(client.tenant.unwrap());
        (server, client)
    };
    begin(&client, STUCK, 50_000).await;
    let worker = busy(&server).await;
    // service managers signal every process of a service
    for name in ["TERM", "INT", "HUP"] {
        signal(name, worker);
    }
    tokio::time::sleep(Duration::from_millis(200)).await;
    assert!(is_running(worker), "only the server may stop a script");
    server.signal("TERM");
    assert!(server.wait().success(), "{}", server.log());
    until("it ends with the server", async || !is_running(worker)).await;
}

#[tokio::test(flavor = "multi_thread")]
async fn a_killed_process_fails_only_its_own_script_and_is_replaced() {
    let (_dir, root) = data_dir();
    let (server, client) = Process::with_owner(&root).await;
    let killed = async {
        until("the script runs", async || workers(&server).len() == 1).await;
        signal("KILL", workers(&server)[0]);
    };
    let (failed, ()) = tokio::join!(run(&client, STUCK, 50_000), killed);
    assert_eq!(failed["error"]["code"], "UNAVAILABLE", "{failed}");
    assert!(failed["error"]["message"].as_str().unwrap().contains("killed from outside"), "{failed}");
    assert_one(&run(&client, "return 1", 20_000).await);
    // a process that dies while idle fails no script
    let idle = workers(&server);
    assert!(!idle.is_empty(), "the process must stay for the next script");
    for id in &idle {
        signal("KILL", *id);
    }
    until("they are gone", async || !idle.iter().any(|id| is_running(*id))).await;
    assert_one(&run(&client, "return 1", 20_000).await);
}

#[tokio::test(flavor = "multi_thread")]
async fn a_script_stops_when_its_caller_disconnects() {
    let (_dir, root) = data_dir();
    let (server, client) = Process::with_owner(&root).await;
    let source = json!({"name": "js", "type": "javascript", "options": {}});
    let source = client.post("datasources", source).await.expect(201)["id"].clone();
    for code in [STUCK, "while (true) {}"] {
        let query = json!({"name": "q", "datasourceID": source, "options": {"code": code}, "timeoutMs": 50_000});
        let asking = tokio::spawn({
            let client = client.clone();
            async move { client.post("data-queries/test", query).await }
        });
        let worker = busy(&server).await;
        asking.abort();
        // an interrupted process is reused, a stuck one is killed
        let mut before = u64::MAX;
        let start = Instant::now();
        while is_running(worker) && cpu_time(worker) != before {
            before = cpu_time(worker);
            tokio::time::sleep(Duration::from_millis(500)).await;
            assert!(start.elapsed() < PATIENCE, "{code} is still running");
        }
        for id in workers(&server) {
            signal("KILL", id);
        }
        until("no process is left", async || workers(&server).is_empty()).await;
    }
}

/// Waits for the first worker that has run something.
async fn busy(server: &Process) -> u32 {
    let busy = || workers(server).into_iter().find(|id| cpu_time(*id) > 20);
    until("the script runs", async || busy().is_some()).await;
    busy().unwrap()
}

/// CPU time of a process, in hundredths of a second.
fn cpu_time(process: u32) -> u64 {
    let stat = fs::read_to_string(format!("/proc/{process}/stat")).unwrap_or_default();
    let after = stat.rsplit(") ").next().unwrap_or_default().split(' ').skip(11).take(2);
    after.filter_map(|ticks| ticks.parse::<u64>().ok()).sum()
}

#[tokio::test(flavor = "multi_thread")]
async fn a_script_process_exposes_no_secret_and_no_file_of_the_server() {
    let (_dir, root) = data_dir();
    let key = "5".repeat(64);
    let (server, client) = Process::with_owner_in(&root, &[("JET_ADMIN_SECRET_KEY", &key)]).await;
    let secret = json!({"name": "apiKey", "value": "hunter2hunter2", "secret": true});
    client.post("variables", secret).await.expect(201);
    begin(&client, &format!("const key = vars.apiKey; {STUCK}"), 50_000).await;
    let worker = busy(&server).await;

    let command = proc_file(worker, "cmdline").unwrap();
    assert_eq!(command, b"jet-admin\0script-worker\0");
    assert_eq!(proc_file(worker, "environ").unwrap_or_default(), b"", "it must have no environment");
    let limits = String::from_utf8(proc_file(worker, "limits").unwrap()).unwrap();
    let limit = |what: &str| {
        let line = limits.lines().find(|line| line.starts_with(what)).unwrap_or_else(|| panic!("{limits}"));
        let numbers: Vec<_> = line[what.len()..].split_whitespace().take(2).collect();
        assert_eq!(numbers[0], numbers[1], "{line}");
        numbers[0].parse::<u64>().unwrap_or_else(|_| panic!("{line}"))
    };
    assert_eq!(limit("Max core file size"), 0);
    assert_eq!(limit("Max file size"), 0);
    assert_eq!(limit("Max processes"), 0);
    assert_eq!(limit("Max data size"), 96 << 20);
    assert!(limit("Max open files") <= 16);
    let status = String::from_utf8(proc_file(worker, "status").unwrap()).unwrap();
    assert!(status.lines().any(|line| line.split_whitespace().eq(["NoNewPrivs:", "1"])), "{status}");
    if let Ok(place) = fs::read_link(format!("/proc/{worker}/cwd")) {
        assert_eq!(place, Path::new("/"));
    }
    if let Ok(files) = fs::read_dir(format!("/proc/{worker}/fd")) {
        for file in files.flatten() {
            let Ok(file) = fs::read_link(file.path()) else { continue };
            let file = file.to_str().unwrap();
            let harmless = ["pipe:", "anon_inode:", "socket:", "/dev/null"].iter().any(|kind| file.starts_with(kind));
            // its own memory statistics
            let harmless = harmless || file == format!("/proc/{worker}/statm");
            assert!(harmless, "it has {file} open");
            // a socket pair between its own handlers is fine, a socket that the server listens on is not
            if let Some(number) = file.strip_prefix("socket:[").and_then(|rest| rest.strip_suffix(']')) {
                for table in ["tcp", "tcp6"] {
                    let sockets = fs::read_to_string(format!("/proc/{worker}/net/{table}")).unwrap_or_default();
                    assert!(
                        !sockets.split_whitespace().any(|word| word == number),
                        "it has a socket of the server open"
                    );
                }
            }
        }
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn scripts_that_use_all_memory_stay_within_their_limit() {
    let (_dir, root) = data_dir();
    let (server, client) = Process::with_owner(&root).await;
    let greedy = "const a = []; try { for (;;) a.push('x'.repeat(100000) + a.length) } catch {} const until = Date.now() + 2000; while (Date.now() < until) {}";
    for _ in 0..12 {
        begin(&client, greedy, 20_000).await;
    }
    let start = Instant::now();
    let (mut most_workers, mut peak) = (0, 0);
    while start.elapsed() < Duration::from_secs(6) {
        let workers = workers(&server);
        most_workers = most_workers.max(workers.len());
        peak = peak.max(workers.iter().map(|id| resident(*id)).sum());
        tokio::time::sleep(Duration::from_millis(20)).await;
    }
    assert!((1..=4).contains(&most_workers), "{most_workers} processes");
    assert!(peak > 64 << 10, "the scripts used only {peak} KiB, so nothing was limited");
    assert!(peak < 400 << 10, "the scripts used {peak} KiB in total");
    // memory that the engine does not count is limited too
    let text = run(&client, "return 'x'.repeat(30e6) + 'y'", 20_000).await;
    assert_eq!(text["error"]["code"], "SCRIPT_LIMIT", "{text}");
    assert_one(&run(&client, "return 1", 20_000).await);
}

/// Resident memory of a process, in KiB.
fn resident(process: u32) -> u64 {
    let status = fs::read_to_string(format!("/proc/{process}/status")).unwrap_or_default();
    let line = status.lines().find_map(|line| line.strip_prefix("VmRSS:"));
    line.and_then(|line| line.trim().trim_end_matches(" kB").parse().ok()).unwrap_or_default()
}

#[tokio::test(flavor = "multi_thread")]
async fn scripts_still_run_after_the_servers_binary_was_replaced() {
    let (dir, root) = data_dir();
    drop(Process::with_owner(&root).await);
    let program = dir.path().join("jet-admin");
    fs::copy(BINARY, &program).unwrap();
    let mut server = Command::new(&program);
    server.args(["serve", "--listen", "127.0.0.1:0", "--data-dir"]).arg(&root);
    server.envs(database_of(&root).map(|url| ("JET_ADMIN_DATABASE", url)));
    let server = Process::of(server);
    fs::remove_file(&program).unwrap();
    let path = "/identitytoolkit.googleapis.com/v1/accounts:signInWithPassword?key=any";
    let account = json!({"email": "ada@example.com", "password": "correct horse battery", "returnSecureToken": true});
    let client = server.client();
    let session = client.post(path, account).await.expect(200);
    let client = client.with_token(session["idToken"].as_str().unwrap());
    let tenant = client.post("/api/v1/tenants", json!({"name": "Second"})).await.expect(201);
    let client = client.in_tenant(crate::support::client::id(&tenant));
    assert_one(&run(&client, "return 1", 20_000).await);
}
