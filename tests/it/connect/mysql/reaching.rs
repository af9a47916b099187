use super::{House, TENANT, Value, json, mariadb, object, options, source, sql};
use jet_admin::connect::TestReport;
use tokio::{
    io::{AsyncReadExt, AsyncWriteExt, copy_bidirectional},
    net::{TcpListener, TcpStream},
};

async fn test(house: &House, options: Value) -> TestReport {
    house.queries.test(TENANT, "mysql", &object(options)).await.unwrap()
}

#[tokio::test]
async fn a_connection_test_names_the_failed_stage() {
    let house = House::new();
    let good = test(&house, Value::Object(options(json!({})))).await;
    assert!(good.ok && good.server_version.unwrap().contains("MariaDB"));
    let closed = std::net::TcpListener::bind("127.0.0.1:0").unwrap().local_addr().unwrap().port();
    for (more, expected) in [
        (json!({"host": "no-such-host.invalid"}), "DNS: the name no-such-host.invalid cannot be resolved"),
        (json!({"port": closed}), "TCP: "),
        (json!({"password": "wrong-password"}), "authentication: Access denied for user 'admin'@"),
        (json!({"password": null}), "authentication: "),
        (json!({"database": "nope"}), "database name: Unknown database 'nope'"),
        (json!({"user": "nobody", "database": "one"}), "database name: Access denied for user 'nobody'@"),
        (json!({"sslMode": "verify-full"}), "TLS: "),
        (json!({"host": "169.254.169.254"}), "169.254.169.254: link-local"),
        (json!({"port": 1}), "127.0.0.1: this is the server's own port"),
    ] {
        let report = test(&house, Value::Object(options(more.clone()))).await;
        let error = report.error.unwrap_or_default();
        assert!(!report.ok && error.starts_with(expected), "{more}: {error}");
        assert!(!error.contains("wrong-password"));
        assert!(report.hint.is_some() || !error.starts_with(char::is_uppercase), "{more}");
    }
    let port = mariadb().port;
    for scheme in ["mysql", "mariadb"] {
        let text = format!("{scheme}://admin:s3cret-p%C3%A4ssword@127.0.0.1:{port}/one?sslmode=require");
        let report = test(&house, json!({"connectionString": text})).await;
        assert!(report.ok, "{report:?}");
    }
    for text in [
        "not a string",
        "mysql:///one",
        "mysql://h/?socket=/tmp/x",
        "mysql://h/?sslmode=odd",
        "mysql://h/?allowLocalInfile=true",
    ] {
        let refused = test(&house, json!({"connectionString": text})).await;
        assert!(refused.error.unwrap().starts_with("options.connectionString"), "{text}");
    }
}

#[tokio::test]
async fn another_protocol_on_the_port_is_reported() {
    let house = House::new();
    let listener = TcpListener::bind("127.0.0.1:0").await.unwrap();
    let port = listener.local_addr().unwrap().port();
    tokio::spawn(async move {
        while let Ok((mut stream, _)) = listener.accept().await {
            let _ = stream.write_all(b"HTTP/1.1 400 Bad Request\r\n\r\n").await;
        }
    });
    let report = test(&house, Value::Object(options(json!({"port": port})))).await;
    assert!(report.error.unwrap().starts_with("protocol: "));
    let silent = TcpListener::bind("127.0.0.1:0").await.unwrap();
    let port = silent.local_addr().unwrap().port();
    let report = test(&house, Value::Object(options(json!({"port": port, "connectTimeoutMs": 200})))).await;
    assert_eq!(report.error.unwrap(), "TCP: no response within 200 ms");
}

#[tokio::test]
async fn tls_is_verified_as_configured() {
    let certificates = &mariadb().certificates;
    let house = House::new();
    let (own, other) = (Some(&certificates.authority), Some(&certificates.stranger));
    let named =
        test(&house, Value::Object(options(json!({"host": "localhost", "sslMode": "verify-full", "sslCa": own}))))
            .await;
    assert!(named.ok, "{named:?}");
    for (mode, ca, encrypted) in [
        ("disable", None, Some(false)),
        ("prefer", None, Some(true)),
        ("prefer", other, Some(true)),
        ("require", None, Some(true)),
        ("require", own, Some(true)),
        ("require", other, None),
        ("verify-ca", own, Some(true)),
        ("verify-ca", None, None),
        ("verify-ca", other, None),
        ("verify-full", own, None),
        ("verify-full", None, None),
    ] {
        let source = source(json!({"sslMode": mode, "sslCa": ca}));
        let found = house.run(&source, sql("show status like 'Ssl_cipher'"), json!({})).await;
        let cipher = found.ok().map(|outcome| outcome.data[0]["Value"] != "");
        assert_eq!(cipher, encrypted, "{mode} {:?}", ca.map(|ca| Some(ca) == own));
    }
}

#[tokio::test]
async fn a_client_certificate_is_presented() {
    let certificates = &mariadb().certificates;
    let house = House::new();
    let own = json!({"user": "certified", "sslMode": "require", "sslCert": certificates.client, "sslKey": certificates.client_key});
    let report = test(&house, Value::Object(options(own))).await;
    assert!(report.ok, "{report:?}");
    let without = test(&house, Value::Object(options(json!({"user": "certified", "sslMode": "require"})))).await;
    assert!(without.error.unwrap().starts_with("authentication: "));
    for (more, field) in [
        (json!({"sslCert": certificates.client}), "options.sslKey"),
        (json!({"sslKey": certificates.client_key}), "options.sslCert"),
        (json!({"sslCert": certificates.authority, "sslKey": certificates.client_key}), "options.sslKey"),
        (json!({"sslCa": "no PEM"}), "options.sslCa"),
    ] {
        let error = test(&house, Value::Object(options(more))).await.error.unwrap();
        assert!(error.starts_with(field), "{error}");
    }
}

/// Starts a proxy to the server that removes TLS from the announced capabilities. Returns its port.
async fn without_tls() -> u16 {
    let listener = TcpListener::bind("127.0.0.1:0").await.unwrap();
    let port = listener.local_addr().unwrap().port();
    tokio::spawn(async move {
        while let Ok((mut client, _)) = listener.accept().await {
            tokio::spawn(async move {
                let mut server = TcpStream::connect(("127.0.0.1", mariadb().port)).await.unwrap();
                let mut greeting = vec![0; 4];
                server.read_exact(&mut greeting).await.unwrap();
                greeting.resize(4 + usize::from(greeting[0]), 0);
                server.read_exact(&mut greeting[4..]).await.unwrap();
                let version = greeting[5..].iter().position(|byte| *byte == 0).unwrap();
                // the capabilities follow the version, four bytes of id, eight bytes of challenge and a zero byte
                greeting[5 + version + 1 + 13 + 1] &= !0x08;
                client.write_all(&greeting).await.unwrap();
                let _ = copy_bidirectional(&mut client, &mut server).await;
            });
        }
    });
    port
}

#[tokio::test]
async fn without_tls_only_prefer_and_disable_connect() {
    let house = House::new();
    let port = without_tls().await;
    for (mode, connects) in
        [("disable", true), ("prefer", true), ("require", false), ("verify-ca", false), ("verify-full", false)]
    {
        let report = test(&house, Value::Object(options(json!({"port": port, "sslMode": mode})))).await;
        assert_eq!(report.ok, connects, "{mode}");
        assert!(connects || report.error.unwrap() == "TLS: the server does not offer TLS");
    }
}
