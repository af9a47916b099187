//! What a request costs: the release binary under `wrk`, beside `PocketBase`'s figures from the same kind of machine.
//!
//! `make bench` runs it; it needs `wrk` (Debian: `apt-get install wrk`).
#![expect(clippy::print_stdout, clippy::unwrap_used, reason = "a benchmark talks and may panic")]
use serde_json::{Value, json};
use std::{
    fs,
    io::{BufRead, BufReader},
    process::{Child, Command, Stdio},
    time::{Duration, Instant},
};

const SECONDS: u64 = 8;
const CONNECTIONS: u32 = 32;
/// Requests a second and CPU milliseconds a request of `PocketBase` 0.3x, 2 cores, quiet machine.
const POCKETBASE: [(&str, f64, f64); 3] =
    [("read", 4900.0, 0.36), ("create", 2500.0, 0.66), ("list of 50", 840.0, 2.1)];

struct Server {
    process: Child,
    url: String,
    _dir: tempfile::TempDir,
}

impl Server {
    fn start() -> Self {
        let dir = tempfile::tempdir().unwrap();
        let serve = |dir: &std::path::Path| {
            let mut process = Command::new(env!("CARGO_BIN_EXE_jet-admin"))
                .args(["serve", "--listen", "127.0.0.1:0", "--log-level", "error", "--data-dir"])
                .arg(dir)
                .stdout(Stdio::piped())
                .spawn()
                .unwrap();
            let lines = BufReader::new(process.stdout.take().unwrap()).lines();
            let line = lines.map_while(Result::ok).find(|line| line.starts_with("listening on ")).unwrap();
            (process, line.trim_start_matches("listening on ").to_owned())
        };
        // the first start makes keys and databases; the second one is what people wait for
        let (mut first, _) = serve(dir.path());
        first.kill().unwrap();
        first.wait().unwrap();
        let started = Instant::now();
        let (process, url) = serve(dir.path());
        while std::net::TcpStream::connect(url.trim_start_matches("http://")).is_err() {}
        println!("start to listening on existing data: {:.0} ms (limit 50)", started.elapsed().as_secs_f64() * 1000.0);
        Self { process, url, _dir: dir }
    }

    fn proc(&self, file: &str) -> String {
        fs::read_to_string(format!("/proc/{}/{file}", self.process.id())).unwrap()
    }

    /// Seconds of CPU used so far.
    fn cpu(&self) -> f64 {
        let stat = self.proc("stat");
        let fields: Vec<f64> = stat.rsplit(") ").next().unwrap().split(' ').filter_map(|f| f.parse().ok()).collect();
        // state is no number and falls out: utime and stime are the 11th and 12th that remain
        (fields[10] + fields[11]) / 100.0
    }

    fn resident_mib(&self) -> f64 {
        let status = self.proc("status");
        let line = status.lines().find(|line| line.starts_with("VmRSS")).unwrap();
        line.split_whitespace().nth(1).unwrap().parse::<f64>().unwrap() / 1024.0
    }
}

impl Drop for Server {
    fn drop(&mut self) {
        let _ = self.process.kill();
        let _ = self.process.wait();
    }
}

fn main() {
    let runtime = tokio::runtime::Runtime::new().unwrap();
    let _ = rustls::crypto::ring::default_provider().install_default();
    let server = Server::start();
    let (token, tenant, widget) = runtime.block_on(prepare(&server.url));
    std::thread::sleep(Duration::from_secs(1));
    println!("idle, with a tenant and 200 widgets: {:.1} MiB resident (limit 40)", server.resident_mib());
    let base = format!("{}/api/v1/tenants/{tenant}/widgets", server.url);
    let headers = format!("wrk.headers['Authorization'] = 'Bearer {token}'\nwrk.headers['x-tenant-id'] = '{tenant}'\n");
    let create = headers.clone()
        + "wrk.headers['Content-Type'] = 'application/json'\nlocal n = 0\nlocal salt = tostring({}):sub(8)\n\
           request = function() n = n + 1; return wrk.format('POST', nil, nil, '{\"name\":\"w ' .. salt .. ' ' .. n .. '\",\"type\":\"text\",\"config\":{\"markdown\":\"x\"}}') end\n";
    println!(
        "\n{:<12} {:>10} {:>9} {:>9} {:>12} {:>12}",
        "", "requests/s", "p50 ms", "p99 ms", "CPU ms/req", "× PocketBase"
    );
    for (name, url, script) in [
        ("read", format!("{base}/{widget}"), &headers),
        ("create", base.clone(), &create),
        ("list of 50", format!("{base}?limit=50"), &headers),
    ] {
        measure(&server, name, &url, script);
    }
    println!("\nafter load: {:.1} MiB resident", server.resident_mib());
}

fn measure(server: &Server, name: &str, url: &str, script: &str) {
    let file = tempfile::NamedTempFile::with_suffix(".lua").unwrap();
    fs::write(file.path(), script).unwrap();
    let before = server.cpu();
    let out = Command::new("wrk")
        .args(["-t2", &format!("-c{CONNECTIONS}"), &format!("-d{SECONDS}s"), "--latency", "-s"])
        .arg(file.path())
        .arg(url)
        .output()
        .expect("wrk: apt-get install wrk");
    let text = String::from_utf8_lossy(&out.stdout);
    assert!(!text.contains("Non-2xx"), "{text}");
    let cpu = server.cpu() - before;
    let rate = number(&text, "Requests/sec:");
    let requests: f64 = text
        .lines()
        .find(|l| l.contains("requests in"))
        .and_then(|l| l.split_whitespace().next()?.parse().ok())
        .unwrap();
    let (p50, p99) = (milliseconds(&text, "50%"), milliseconds(&text, "99%"));
    let peer = POCKETBASE.iter().find(|(peer, _, _)| *peer == name).map_or(f64::NAN, |(_, rate, _)| *rate);
    println!("{name:<12} {rate:>10.0} {p50:>9.2} {p99:>9.2} {:>12.3} {:>12.1}", cpu * 1000.0 / requests, rate / peer);
}

fn number(text: &str, label: &str) -> f64 {
    let line = text.lines().find(|line| line.trim_start().starts_with(label)).unwrap_or_else(|| panic!("{text}"));
    line.split_whitespace().nth(1).unwrap().parse().unwrap()
}

/// A latency of wrk's, such as `1.23ms` or `456.00us`.
fn milliseconds(text: &str, label: &str) -> f64 {
    let line = text.lines().find(|line| line.trim_start().starts_with(label)).unwrap();
    let value = line.split_whitespace().nth(1).unwrap();
    let (digits, unit) = value.split_at(value.find(|c: char| c.is_alphabetic()).unwrap());
    let factor = match unit {
        "us" => 0.001,
        "ms" => 1.0,
        _ => 1000.0,
    };
    digits.parse::<f64>().unwrap() * factor
}

/// An account, a tenant and widgets, by the public API.
async fn prepare(url: &str) -> (String, String, String) {
    let http = reqwest::Client::new();
    let account = json!({"email": "bench@example.com", "password": "correct horse", "name": "Bench"});
    let session: Value =
        http.post(format!("{url}/api/v1/session/sign-up")).json(&account).send().await.unwrap().json().await.unwrap();
    let token = session["idToken"].as_str().unwrap().to_owned();
    let tenant: Value = http
        .post(format!("{url}/api/v1/tenants"))
        .bearer_auth(&token)
        .json(&json!({"name": "Bench"}))
        .send()
        .await
        .unwrap()
        .json()
        .await
        .unwrap();
    let tenant = tenant["id"].as_str().unwrap().to_owned();
    let mut widget = String::new();
    for i in 0..200 {
        let body = json!({"name": format!("widget {i}"), "type": "text", "config": {"markdown": "# Hello"}});
        let made = http
            .post(format!("{url}/api/v1/tenants/{tenant}/widgets"))
            .bearer_auth(&token)
            .header("x-tenant-id", &tenant);
        let made: Value = made.json(&body).send().await.unwrap().json().await.unwrap();
        made["id"].as_str().unwrap().clone_into(&mut widget);
    }
    (token, tenant, widget)
}
