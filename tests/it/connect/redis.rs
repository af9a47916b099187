use super::{House, Source, object, payloads::payloads};
use crate::support::{
    Authority,
    authority::Issued,
    redis::{Redis, redis, redis_with_tls},
};
use jet_admin::{Error, Result, connect::QueryOutcome};
use serde_json::{Value, json};
use std::time::{Duration, Instant};
use tokio::{
    io::{AsyncReadExt, AsyncWriteExt},
    net::TcpListener,
};

fn source(port: u16, more: Value) -> Source {
    let mut options = object(json!({"host": "127.0.0.1", "port": port}));
    options.extend(object(more));
    let mut source = Source::new("redis", Value::Object(options));
    source.0.id = uuid::Uuid::new_v4();
    source
}

fn plain(server: &Redis) -> Source {
    source(server.port, json!({}))
}

fn command(words: &Value) -> Value {
    json!({"options": {"command": words}})
}

async fn ask(house: &House, source: &Source, words: Value) -> Value {
    house.data(source, command(&words), json!({})).await
}

async fn refused(house: &House, source: &Source, words: Value) -> Error {
    house.run(source, command(&words), json!({})).await.unwrap_err()
}

fn code(error: &Error) -> Option<&str> {
    match error {
        Error::Datasource(problem) => problem.code.as_deref(),
        _ => None,
    }
}

#[tokio::test]
async fn commands_and_operations_answer_in_json() {
    let (server, house) = (redis(&[]), House::new());
    let db = plain(&server);
    for (words, expected) in [
        (json!(["SET", "text", "grüß dich"]), json!("OK")),
        (json!(["GET", "text"]), json!("grüß dich")),
        (json!(["GET", "nothing"]), json!(null)),
        (json!(["INCRBY", "n", "9007199254740993"]), json!("9007199254740993")),
        (json!(["HSET", "hash", "a", 1, "b", true]), json!(2)),
        (json!(["HGETALL", "hash"]), json!({"a": "1", "b": "true"})),
        (json!(["RPUSH", "list", "x", "y", "z"]), json!(3)),
        (json!(["ZADD", "board", 1.5, "ada", 2, "bob"]), json!(2)),
        (json!(["ZSCORE", "board", "ada"]), json!(1.5)),
        (json!(["SADD", "set", "one"]), json!(1)),
        (json!(["SMEMBERS", "set"]), json!(["one"])),
        (json!(["SETBIT", "bits", 0, 1]), json!(0)),
        (json!(["GET", "bits"]), json!("data:;base64,gA==")),
        (json!(["EVAL", "return {1, {'a'}, false}", 0]), json!([1, ["a"], null])),
        (json!(["EVAL", "redis.setresp(3); return redis.call('HGETALL', 'hash')", 0]), json!({"a": "1", "b": "true"})),
        (json!(["XADD", "stream", "1-1", "k", "v"]), json!("1-1")),
        (json!(["XREAD", "STREAMS", "stream", "0"]), json!({"stream": [["1-1", ["k", "v"]]]})),
    ] {
        assert_eq!(ask(&house, &db, words.clone()).await, expected, "{words}");
    }
    for (options, expected) in [
        (json!({"operation": "set", "key": "k", "value": {"a": [1]}, "ttlSeconds": 100}), json!("OK")),
        (json!({"operation": "get", "key": "k"}), json!("{\"a\":[1]}")),
        (json!({"operation": "command", "command": ["TTL", "k"]}), json!(100)),
        (json!({"operation": "hgetall", "key": "hash"}), json!({"a": "1", "b": "true"})),
        (json!({"operation": "lrange", "key": "list", "start": 1}), json!(["y", "z"])),
        (json!({"operation": "smembers", "key": "set"}), json!(["one"])),
        (json!({"operation": "zrange", "key": "board", "stop": 0}), json!([{"member": "ada", "score": 1.5}])),
    ] {
        assert_eq!(house.data(&db, json!({"options": options}), json!({})).await, expected, "{options}");
    }
    let info = house.data(&db, json!({"options": {"operation": "info"}}), json!({})).await;
    assert_eq!(info["Server"]["tcp_port"], server.port.to_string());
    let deleted =
        house.run(&db, json!({"options": {"operation": "del", "keys": ["k", "text", "none"]}}), json!({})).await;
    assert_eq!(deleted.unwrap().affected_rows, Some(2));
}

#[tokio::test]
async fn a_value_is_always_one_argument() {
    let (server, house) = (redis(&[]), House::new());
    let db = plain(&server);
    let parameters = json!([{"name": "p"}, {"name": "list", "type": "array"}, {"name": "deep", "type": "object"}]);
    let query = |words: Value| json!({"options": {"command": words}, "parameters": parameters});
    let protocol = [
        "a\r\nFLUSHALL\r\n",
        "\r\n*1\r\n$8\r\nFLUSHALL\r\n",
        "$5\r\nhello\r\n",
        "x y z",
        "\"quoted\" 'single'",
        "NX",
        "*",
        "\u{0}\u{1}\u{7f}",
        "",
    ];
    ask(&house, &db, json!(["SET", "victim", "here"])).await;
    for payload in payloads().into_iter().chain(protocol.map(str::to_owned)) {
        let sent = json!({"p": payload, "list": [payload, "b b"], "deep": {"a": payload}});
        let echoed = house.data(&db, query(json!(["ECHO", "{{ params.p }}"])), sent.clone()).await;
        assert_eq!(echoed, json!(payload));
        let mixed = house.data(&db, query(json!(["ECHO", "<{{ params.p }}>"])), sent.clone()).await;
        assert_eq!(mixed, format!("<{payload}>"));
        let script = json!(["EVAL", "return ARGV", 0, "{{ params.list }}", "{{ params.deep }}"]);
        let several = house.data(&db, query(script), sent.clone()).await;
        assert_eq!(several, json!([payload, "b b", json!({"a": payload}).to_string()]));
        let stored = json!({"options": {"operation": "set", "key": "k:{{ params.p }}", "value": "{{ params.p }}"}, "parameters": parameters});
        assert_eq!(house.data(&db, stored, sent.clone()).await, "OK");
        let read = json!({"options": {"operation": "get", "key": "k:{{ params.p }}"}, "parameters": parameters});
        assert_eq!(house.data(&db, read, sent).await, json!(payload));
        assert_eq!(ask(&house, &db, json!(["GET", "victim"])).await, "here", "after {payload:?}");
    }
    let chosen = house.run(&db, query(json!(["{{ params.p }}", "k"])), json!({"p": "DEL"})).await.unwrap_err();
    assert!(chosen.to_string().starts_with("options.command[0]: must be the command's name"), "{chosen}");
    let nothing = house.run(&db, query(json!(["SET", "k", "{{ params.p }}"])), json!({})).await.unwrap_err();
    assert!(nothing.to_string().starts_with("options.command[2]: is null"), "{nothing}");
}

#[tokio::test]
async fn a_read_only_datasource_runs_only_read_commands() {
    let (server, house) = (redis(&[]), House::new());
    let db = plain(&server);
    ask(&house, &db, json!(["HSET", "h", "f", "v"])).await;
    let reader = source(server.port, json!({"readOnly": true}));
    for words in [
        json!(["HGETALL", "h"]),
        json!(["object", "encoding", "h"]),
        json!(["MEMORY", "USAGE", "h"]),
        json!(["EVAL_RO", "return redis.call('HGET', KEYS[1], 'f')", 1, "h"]),
        json!(["SCAN", 0]),
    ] {
        assert!(house.run(&reader, command(&words), json!({})).await.is_ok(), "{words}");
    }
    house.run(&reader, json!({"options": {"operation": "info"}}), json!({})).await.unwrap();
    for words in [
        json!(["DEL", "h"]),
        json!(["del", "h"]),
        json!(["EVAL", "return redis.call('DEL', 'h')", 0]),
        json!(["FLUSHALL"]),
        json!(["CONFIG", "SET", "maxmemory", "1"]),
        json!(["MEMORY", "PURGE"]),
        json!(["SORT", "h", "STORE", "x"]),
        json!(["PUBLISH", "c", "m"]),
        json!(["SCRIPT", "LOAD", "return 1"]),
        json!(["SHUTDOWN"]),
        json!(["NOSUCH"]),
    ] {
        let error = refused(&house, &reader, words.clone()).await;
        assert!(error.to_string().contains("read-only"), "{words}: {error}");
    }
    let del = json!({"options": {"operation": "del", "keys": ["h"]}});
    assert!(house.run(&reader, del, json!({})).await.unwrap_err().to_string().contains("read-only"));
    let sneaky = refused(&house, &reader, json!(["EVAL_RO", "return redis.call('DEL', 'h')", 0])).await;
    assert!(sneaky.to_string().contains("Write commands are not allowed"), "{sneaky}");
    assert_eq!(ask(&house, &db, json!(["EXISTS", "h"])).await, 1);
}

#[tokio::test]
async fn commands_that_change_the_connection_are_refused() {
    let (server, house) = (redis(&[]), House::new());
    let db = source(server.port, json!({"poolSize": 1}));
    for words in [
        json!(["SUBSCRIBE", "c"]),
        json!(["MONITOR"]),
        json!(["select", 1]),
        json!(["AUTH", "x"]),
        json!(["HELLO", 2]),
        json!(["QUIT"]),
        json!(["RESET"]),
        json!(["MULTI"]),
        json!(["CLIENT", "REPLY", "OFF"]),
        json!(["CLIENT", "TRACKING", "ON"]),
        json!(["SCRIPT", "DEBUG", "YES"]),
    ] {
        let error = refused(&house, &db, words.clone()).await;
        assert!(error.to_string().contains("changes the connection"), "{words}: {error}");
    }
    for words in [json!(["BLPOP", "q", 0]), json!(["XREAD", "BLOCK", 0, "STREAMS", "s", "$"])] {
        let error = refused(&house, &db, words.clone()).await;
        assert!(error.to_string().contains("wait forever"), "{words}: {error}");
    }
    assert_eq!(ask(&house, &db, json!(["BLPOP", "q", 0.05])).await, json!(null));
    assert!(ask(&house, &db, json!(["CLIENT", "LIST"])).await.as_str().unwrap().contains("name=jet-admin"));
}

#[tokio::test]
async fn an_error_carries_the_servers_code() {
    let (server, house) = (redis(&[]), House::new());
    let db = plain(&server);
    ask(&house, &db, json!(["SET", "s", "x"])).await;
    let error = refused(&house, &db, json!(["LPUSH", "s", "y"])).await;
    assert_eq!(code(&error), Some("WRONGTYPE"));
    assert!(error.to_string().starts_with("Operation against a key"), "{error}");
    assert_eq!(code(&refused(&house, &db, json!(["NOSUCH"])).await), Some("ERR"));
    assert_eq!(code(&refused(&house, &db, json!(["EVALSHA", "0".repeat(40), 0])).await), Some("NOSCRIPT"));
}

#[tokio::test]
async fn passwords_and_access_lists_are_used_to_sign_in() {
    let server = redis(&[
        "requirepass s3cret-word",
        "user reader on >read3r allkeys +@read +command -@dangerous",
        "databases 4",
    ]);
    let house = House::new();
    let boss = source(server.port, json!({"password": "s3cret-word"}));
    ask(&house, &boss, json!(["SET", "k", "v"])).await;
    let reader = source(server.port, json!({"user": "reader", "password": "read3r"}));
    assert_eq!(ask(&house, &reader, json!(["GET", "k"])).await, "v");
    assert_eq!(code(&refused(&house, &reader, json!(["SET", "k", "w"])).await), Some("NOPERM"));
    let address = format!("redis://reader:read3r@127.0.0.1:{}/0", server.port);
    let mut by_url = Source::new("redis", json!({"url": address}));
    assert_eq!(ask(&house, &by_url, json!(["GET", "k"])).await, "v");
    by_url.0.options = object(json!({"url": format!("redis://:s3cret-word@127.0.0.1:{}/3", server.port)}));
    by_url.0.id = uuid::Uuid::new_v4();
    assert_eq!(ask(&house, &by_url, json!(["GET", "k"])).await, json!(null));
    for (more, stage) in [
        (json!({}), "authentication: "),
        (json!({"password": "wrong-word"}), "authentication: "),
        (json!({"user": "nobody", "password": "s3cret-word"}), "authentication: "),
        (json!({"password": "s3cret-word", "database": 9}), "database name: "),
        (json!({"port": 2}), "TCP: "),
        (json!({"host": "no-such-host.invalid"}), "DNS: "),
        (json!({"sslMode": "require", "connectTimeoutMs": 500}), "TLS: "),
    ] {
        let options = source(server.port, more.clone()).0.options;
        let report = house.queries.test(super::TENANT, "redis", &options).await.unwrap();
        let error = report.error.unwrap();
        assert!(!report.ok && error.starts_with(stage) && !error.contains("-word"), "{more}: {error}");
        assert!(report.hint.is_some(), "{more}");
    }
    let report = house.queries.test(super::TENANT, "redis", &boss.0.options).await.unwrap();
    assert!(report.ok && report.server_version.unwrap().contains('.'));
}

#[tokio::test]
async fn tls_is_verified_as_configured() {
    let (authority, house) = (Authority::new(), House::new());
    let server = redis_with_tls(&authority, "cache.example", "no");
    let ca = &authority.certificate;
    let test = |more: Value| {
        let options = source(server.port, more).0.options;
        let queries = house.queries.clone();
        async move { queries.test(super::TENANT, "redis", &options).await.unwrap() }
    };
    for works in [
        json!({"sslMode": "require"}),
        json!({"sslMode": "require", "sslCa": ca}),
        json!({"sslMode": "verify-ca", "sslCa": ca}),
    ] {
        let report = test(works.clone()).await;
        assert!(report.ok, "{works}: {report:?}");
    }
    for fails in [
        json!({"sslMode": "verify-ca"}),
        json!({"sslMode": "verify-full", "sslCa": ca}),
        json!({"sslMode": "require", "sslCa": Authority::new().certificate}),
    ] {
        let error = test(fails.clone()).await.error.unwrap();
        assert!(error.starts_with("TLS: "), "{fails}: {error}");
    }
    let plain = test(json!({"connectTimeoutMs": 1000})).await;
    assert!(plain.error.unwrap().starts_with("protocol: "));
    let named = redis_with_tls(&authority, "localhost", "yes");
    let Issued { certificate, key } = authority.issue("client", &["client"]);
    let known = json!({
        "host": "localhost", "sslMode": "verify-full", "sslCa": ca, "sslCert": certificate, "sslKey": key,
    });
    assert_eq!(ask(&house, &source(named.port, known), json!(["PING"])).await, "PONG");
    let unknown = source(named.port, json!({"host": "localhost", "sslMode": "verify-full", "sslCa": ca}));
    let error = refused(&house, &unknown, json!(["PING"])).await;
    assert!(error.to_string().starts_with("TLS: "), "{error}");
    let mut by_url = Source::new("redis", json!({"url": format!("rediss://localhost:{}", named.port), "sslCa": ca}));
    by_url.0.options.extend(object(json!({"sslCert": certificate, "sslKey": key})));
    assert_eq!(ask(&house, &by_url, json!(["PING"])).await, "PONG");
}

#[tokio::test]
async fn keys_are_found_by_pattern_and_grouped_by_prefix() {
    let (server, house) = (redis(&[]), House::new());
    let db = plain(&server);
    let fill = "for i = 1, 2500 do redis.call('SET', 'user:' .. i, i) end; redis.call('HSET', 'order:1', 'a', 1)";
    ask(&house, &db, json!(["EVAL", fill, 0])).await;
    let keys = |more: Value| {
        let mut options = object(json!({"operation": "keys"}));
        options.extend(object(more));
        house.run(&db, json!({"options": options, "maxRows": 2000}), json!({}))
    };
    let found = keys(json!({"pattern": "order:*"})).await.unwrap();
    assert_eq!(*found.data, json!([{"key": "order:1", "type": "hash"}]));
    assert!(!found.truncated);
    let some = keys(json!({"count": 10})).await.unwrap();
    assert_eq!((some.row_count, some.truncated), (10, true));
    let most = keys(json!({"count": 5000})).await.unwrap();
    assert_eq!((most.row_count, most.truncated), (2000, true));
    let tables = house.queries.schema(super::TENANT, &db.0, true).await.unwrap();
    let users = tables.iter().find(|table| table.name == "user:*").unwrap();
    assert_eq!(users.kind, "string");
    assert!(users.comment.as_deref().unwrap().ends_with("of the first 1000 keys"));
}

#[tokio::test]
async fn rows_are_limited_and_reads_are_cached() {
    let (server, house) = (redis(&[]), House::new());
    let db = plain(&server);
    ask(&house, &db, json!(["RPUSH", "l", "a", "b", "c"])).await;
    let cut = json!({"options": {"operation": "lrange", "key": "l"}, "maxRows": 2});
    let cut = house.run(&db, cut, json!({})).await.unwrap();
    assert_eq!((&*cut.data, cut.truncated), (&json!(["a", "b"]), true));
    let state = |outcome: Result<QueryOutcome>| serde_json::to_value(outcome.unwrap().cache).unwrap();
    let cached = |words: Value| json!({"options": {"command": words}, "cacheSeconds": 60});
    for (words, second) in [(json!(["LLEN", "l"]), "hit"), (json!(["RPUSH", "l", "d"]), "off")] {
        house.run(&db, cached(words.clone()), json!({})).await.unwrap();
        assert_eq!(state(house.run(&db, cached(words.clone()), json!({})).await), second, "{words}");
    }
    assert_eq!(ask(&house, &db, json!(["LLEN", "l"])).await, 5);
    let big = refused(&house, &db, json!(["EVAL", "return string.rep('x', 40 * 1024 * 1024)", 0])).await;
    assert!(big.to_string().contains("larger than"), "{big}");
    assert_eq!(ask(&house, &db, json!(["LLEN", "l"])).await, 5);
}

#[tokio::test]
async fn a_query_that_times_out_leaves_nothing_behind() {
    let (server, house) = (redis(&[]), House::new());
    let db = source(server.port, json!({"poolSize": 1}));
    let waits = json!({"options": {"command": ["BLPOP", "queue", 60]}, "timeoutMs": 200});
    let started = Instant::now();
    assert!(matches!(house.run(&db, waits, json!({})).await, Err(Error::Timeout(_))));
    assert!(started.elapsed() < Duration::from_secs(20));
    // once the server has dropped the blocked client, nothing takes what is pushed
    let other = plain(&server);
    loop {
        let clients = ask(&house, &other, json!(["CLIENT", "LIST"])).await;
        if !clients.as_str().unwrap().contains("cmd=blpop") {
            break;
        }
    }
    ask(&house, &other, json!(["RPUSH", "queue", "x"])).await;
    assert_eq!(ask(&house, &db, json!(["LLEN", "queue"])).await, 1);
    // a connection that broke while idle is replaced
    ask(&house, &other, json!(["CLIENT", "KILL", "TYPE", "normal", "SKIPME", "yes"])).await;
    assert_eq!(ask(&house, &db, json!(["LLEN", "queue"])).await, 1);
}

/// Starts a server that greets like Redis and then answers with `bytes`. Returns its port.
async fn answering(bytes: &'static [u8]) -> u16 {
    let listener = TcpListener::bind("127.0.0.1:0").await.unwrap();
    let port = listener.local_addr().unwrap().port();
    tokio::spawn(async move {
        while let Ok((mut stream, _)) = listener.accept().await {
            tokio::spawn(async move {
                let mut buffer = [0; 4096];
                let mut answers = [&b"+OK\r\n"[..], b"*-1\r\n", bytes].into_iter();
                while stream.read(&mut buffer).await.is_ok_and(|read| read > 0) {
                    let Some(answer) = answers.next() else { return };
                    if stream.write_all(answer).await.is_err() || answers.len() == 0 {
                        return;
                    }
                }
            });
        }
    });
    port
}

#[tokio::test]
async fn malformed_replies_are_refused() {
    let house = House::new();
    for bytes in [
        &b"*2147483647\r\n"[..],
        b"$2147483647\r\nabc",
        b"%2147483647\r\n",
        b"HTTP/1.1 400 Bad Request\r\n\r\n",
        b"*1\r\n*1\r\n*1\r\n",
        b":12a\r\n",
        b"\xff\xff\xff",
        b"",
    ] {
        let error = refused(&house, &source(answering(bytes).await, json!({})), json!(["GET", "k"])).await;
        assert!(matches!(error, Error::Datasource(_)), "{bytes:?}: {error}");
    }
    let mut nested = b"*1\r\n".repeat(100_000);
    nested.extend_from_slice(b":1\r\n");
    let deep = answering(nested.leak()).await;
    refused(&house, &source(deep, json!({})), json!(["GET", "k"])).await;
}
