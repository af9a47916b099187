//! TLS: what each mode verifies, and which client certificates are accepted.
use super::source;
use crate::{
    connect::{House, TENANT, object, sql},
    support::{
        Authority,
        postgres::{PASSWORD, Postgres, postgres},
    },
};
use serde_json::{Value, json};

/// Returns whether the connection is encrypted, or the error if it fails.
async fn encrypted(house: &House, server: &Postgres, more: Value) -> Result<bool, String> {
    let mut source = source(server, more);
    source.0.id = uuid::Uuid::new_v4();
    let found = house.run(&source, sql("select ssl from pg_stat_ssl where pid = pg_backend_pid()"), json!({})).await;
    found.map(|outcome| outcome.data[0]["ssl"] == true).map_err(|error| error.to_string())
}

#[tokio::test]
async fn each_mode_verifies_what_its_name_says() {
    let (server, house) = (postgres(), House::new());
    let right = server.authority.certificate.as_str();
    let wrong = Authority::new().certificate;
    for mode in ["disable", "prefer", "require", "verify-ca", "verify-full"] {
        for (authority, ca) in [("right", Some(right)), ("wrong", Some(&*wrong)), ("none", None)] {
            for host in ["localhost", "127.0.0.1"] {
                let expected = match (mode, authority, host) {
                    ("disable", ..) => Some(false),
                    ("prefer", ..)
                    | ("require", "right" | "none", _)
                    | ("verify-ca", "right", _)
                    | ("verify-full", "right", "localhost") => Some(true),
                    _ => None,
                };
                let more = json!({"host": host, "sslMode": mode, "sslCa": ca});
                let found = encrypted(&house, server, more).await;
                // a name has several addresses, and only the error of the last one is reported
                if let (Err(error), "127.0.0.1") = (&found, host) {
                    assert!(error.contains("TLS: "), "{mode}: {error}");
                }
                assert_eq!(found.ok(), expected, "{mode}, {authority} authority, {host}");
            }
        }
    }
}

#[tokio::test]
async fn a_client_certificate_signs_in_where_the_server_requires_one() {
    let (server, house) = (postgres(), House::new());
    let admin = source(server, json!({}));
    for make in ["create role by_certificate login", &format!("create role by_both login password '{PASSWORD}'")] {
        house.run(&admin, sql(make), json!({})).await.unwrap();
    }
    let good = server.authority.issue("by_certificate", &["client"]);
    let both = server.authority.issue("by_both", &["client"]);
    let foreign = Authority::new().issue("by_certificate", &["client"]);
    let with = |user: &str, one: &crate::support::authority::Issued| json!({"user": user, "password": null, "sslMode": "require", "sslCert": one.certificate, "sslKey": one.key});
    assert_eq!(encrypted(&house, server, with("by_certificate", &good)).await, Ok(true));
    let mut password = with("by_both", &both);
    password["password"] = PASSWORD.into();
    assert_eq!(encrypted(&house, server, password).await, Ok(true));
    for (refused, stage) in [
        (with("by_certificate", &both), "authentication: "),
        (with("by_certificate", &foreign), ""),
        (with("by_both", &both), "authentication: "),
        (json!({"user": "by_certificate", "password": null, "sslMode": "require"}), "authentication: "),
        (json!({"user": "by_both", "password": PASSWORD, "sslMode": "require"}), "authentication: "),
        (json!({"user": "by_certificate", "password": null, "sslMode": "disable"}), "authentication: "),
    ] {
        let error = encrypted(&house, server, refused.clone()).await.unwrap_err();
        assert!(error.contains(stage), "{}: {error}", refused["user"]);
        assert!(!error.contains("PRIVATE KEY") && !error.contains(PASSWORD), "{error}");
    }
}

#[tokio::test]
async fn a_certificate_and_its_key_must_match() {
    let (server, house) = (postgres(), House::new());
    let (one, other) = (server.authority.issue("a", &["a"]), server.authority.issue("b", &["b"]));
    for (more, field) in [
        (json!({"sslCert": one.certificate, "sslKey": other.key}), "options.sslKey"),
        (json!({"sslCert": one.certificate}), "options.sslKey"),
        (json!({"sslKey": one.key}), "options.sslCert"),
        (json!({"sslCert": "no certificate", "sslKey": one.key}), "options.sslCert"),
        (json!({"sslCa": "no certificate"}), "options.sslCa"),
    ] {
        let options = object(super::options(server, more));
        let report = house.queries.test(TENANT, "postgresql", &options).await.unwrap();
        assert!(report.error.unwrap_or_default().starts_with(field), "{field}");
    }
}
