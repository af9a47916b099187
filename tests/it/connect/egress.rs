//! Addresses that datasources must not reach, by whatever name.
use super::{Source, TENANT, object};
use crate::support::process::sandbox;
use jet_admin::{
    budget::Budget,
    connect::{Context, Files, Guard, Queries},
    turns::Accounts,
};
use serde_json::{Value, json};
use std::{
    net::{Ipv4Addr, SocketAddr},
    sync::{
        Arc,
        atomic::{AtomicUsize, Ordering},
    },
};
use tokio::net::{TcpListener, UdpSocket};

fn queries(guard: Guard) -> Queries {
    let (files, accounts) = (Files::default(), Accounts::default());
    Queries::new(Context { files, guard, sandbox: sandbox(), budget: Budget::new(256 << 20).into(), accounts })
}

/// A name server that answers each query for an IPv4 address with the next of `answers`, then repeats the last one.
struct Names {
    address: SocketAddr,
    asked: Arc<AtomicUsize>,
}

impl Names {
    async fn start(answers: Vec<Vec<Ipv4Addr>>) -> Self {
        let socket = UdpSocket::bind("127.0.0.1:0").await.unwrap();
        let address = socket.local_addr().unwrap();
        let asked = Arc::new(AtomicUsize::new(0));
        let count = Arc::clone(&asked);
        tokio::spawn(async move {
            let mut packet = [0; 1500];
            while let Ok((length, from)) = socket.recv_from(&mut packet).await {
                let end = 12 + packet[12..length].iter().position(|byte| *byte == 0).unwrap() + 5;
                let is_a = packet[end - 4..end - 2] == [0, 1];
                let found = if is_a {
                    let number = count.fetch_add(1, Ordering::SeqCst);
                    answers[number.min(answers.len() - 1)].as_slice()
                } else {
                    &[]
                };
                let mut reply = packet[..2].to_vec();
                reply.extend([0x85, 0x80, 0, 1, 0, u8::try_from(found.len()).unwrap(), 0, 0, 0, 0]);
                reply.extend(&packet[12..end]);
                for address in found {
                    // a pointer to the name in the question, type A, class IN, a TTL of 0 seconds, 4 bytes
                    reply.extend([0xc0, 12, 0, 1, 0, 1, 0, 0, 0, 0, 0, 4]);
                    reply.extend(address.octets());
                }
                socket.send_to(&reply, from).await.unwrap();
            }
        });
        Self { address, asked }
    }

    fn asked(&self) -> usize {
        self.asked.load(Ordering::SeqCst)
    }
}

/// A listener on a private address that must never be reached.
struct Canary {
    port: u16,
    caught: Arc<AtomicUsize>,
}

impl Canary {
    async fn start() -> Self {
        let listener = TcpListener::bind("127.0.0.1:0").await.unwrap();
        let port = listener.local_addr().unwrap().port();
        let caught = Arc::new(AtomicUsize::new(0));
        let count = Arc::clone(&caught);
        tokio::spawn(async move {
            while listener.accept().await.is_ok() {
                count.fetch_add(1, Ordering::SeqCst);
            }
        });
        Self { port, caught }
    }
}

const KINDS: [&str; 3] = ["restapi", "graphql", "postgresql"];

fn at(kind: &str, host: &str, port: u16) -> Source {
    let bracketed = if host.contains(':') { format!("[{host}]") } else { host.to_owned() };
    let url = format!("http://{bracketed}:{port}/");
    let mut source = Source::new(
        kind,
        match kind {
            "restapi" => json!({"baseUrl": url, "timeoutMs": 400}),
            "graphql" => json!({"endpoint": url, "timeoutMs": 400}),
            _ => {
                json!({"host": host, "port": port, "user": "u", "password": "p", "sslMode": "disable", "connectTimeoutMs": 400})
            }
        },
    );
    source.0.id = uuid::Uuid::new_v4();
    source
}

fn query(kind: &str) -> Value {
    match kind {
        "restapi" => json!({"options": {}}),
        "graphql" => json!({"options": {"query": "{ a }"}}),
        _ => json!({"options": {"sql": "select 1"}}),
    }
}

async fn refusal(queries: &Queries, source: &Source) -> String {
    queries.execute(source.job(query(&source.0.kind), json!({}))).await.unwrap_err().to_string()
}

#[tokio::test]
async fn dns_rebinding_does_not_reach_private_addresses() {
    // an address reserved for documentation: nothing answers there
    let (public, private) = (Ipv4Addr::new(198, 51, 100, 7), Ipv4Addr::LOCALHOST);
    let canary = Canary::start().await;
    for kind in KINDS {
        let names = Names::start(vec![vec![public], vec![private]]).await;
        let queries = queries(Guard::new(false, []).with_nameserver(names.address));
        let source = at(kind, "rebind.example.com", canary.port);
        let first = refusal(&queries, &source).await;
        assert!(!first.contains("refused;"), "{kind}: {first}");
        assert_eq!(names.asked(), 1, "{kind} resolved the name again between the check and the connection");
        let second = refusal(&queries, &source).await;
        assert!(second.contains("--allow-private-network") && names.asked() == 2, "{kind}: {second}");
    }
    assert_eq!(canary.caught.load(Ordering::SeqCst), 0);
}

#[tokio::test]
async fn one_forbidden_address_forbids_the_name() {
    let (public, private) = (Ipv4Addr::new(198, 51, 100, 7), Ipv4Addr::LOCALHOST);
    let canary = Canary::start().await;
    for kind in KINDS {
        for (answer, open, expected) in [
            (vec![public, private], false, "--allow-private-network"),
            (vec![private, public], false, "--allow-private-network"),
            (vec![Ipv4Addr::new(169, 254, 169, 254)], true, "link-local"),
            (vec![Ipv4Addr::UNSPECIFIED], true, "never allowed"),
            (vec![private, Ipv4Addr::new(100, 100, 100, 200)], true, "never allowed"),
        ] {
            let names = Names::start(vec![answer.clone()]).await;
            let queries = queries(Guard::new(open, []).with_nameserver(names.address));
            let refused = refusal(&queries, &at(kind, "mixed.example.com", canary.port)).await;
            assert!(refused.contains(expected), "{kind} {answer:?}: {refused}");
        }
        // this server's own port, reached by a name
        let names = Names::start(vec![vec![private]]).await;
        let queries = queries(Guard::new(true, [canary.port]).with_nameserver(names.address));
        let refused = refusal(&queries, &at(kind, "own.example.com", canary.port)).await;
        assert!(refused.contains("own port") || refused.contains("loopback"), "{kind}: {refused}");
    }
    assert_eq!(canary.caught.load(Ordering::SeqCst), 0);
}

#[tokio::test]
async fn no_spelling_of_an_address_gets_past_the_guard() {
    let canary = Canary::start().await;
    let closed = queries(Guard::new(false, []));
    let own = queries(Guard::new(true, [canary.port]));
    for kind in KINDS {
        for host in [
            "127.0.0.1",
            "127.1",
            "127.0.1",
            "0x7f.1",
            "0x7f000001",
            "0177.0.0.1",
            "017700000001",
            "2130706433",
            "127.0.0.1.",
            "localhost",
            "LOCALHOST",
            "localhost.",
            "a.localhost",
            "::1",
            "0:0:0:0:0:0:0:1",
            "::ffff:127.0.0.1",
            "::ffff:7f00:1",
            "::127.0.0.1",
            "64:ff9b::7f00:1",
            "2002:7f00:1::",
            "0.0.0.0",
            "0",
            "::",
            "10.0.0.1",
            "169.254.169.254",
        ] {
            for (name, queries) in [("closed", &closed), ("own port", &own)] {
                // when private networks are allowed, this address is allowed too
                if name == "own port" && host == "10.0.0.1" {
                    continue;
                }
                let options = object(Value::Object(at(kind, host, canary.port).0.options));
                let report = queries.test(TENANT, kind, &options).await.unwrap();
                let error = report.error.unwrap_or_default();
                let guarded = ["refused;", "never allowed", "own port", "DNS: ", "cannot be resolved"]
                    .iter()
                    .any(|it| error.contains(it));
                assert!(guarded, "{kind} {host} {name}: {error}");
            }
        }
    }
    assert_eq!(canary.caught.load(Ordering::SeqCst), 0);
}
