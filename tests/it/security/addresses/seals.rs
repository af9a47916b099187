//! Sealed secrets can be opened only for their datasource and its options, and seals of older versions are renewed.
use super::{make, upstream, world};
use crate::support::{Stored, TestServer, stored};
use jet_admin::store::Sealer;
use serde_json::{Value, json};
use std::{fs, path::Path};

const SECRET: &str = "s3aled-t0ken";
const PLAIN: &str = "pl4in-in-the-list";

#[tokio::test(flavor = "multi_thread")]
async fn changing_the_url_in_the_database_makes_the_sealed_secret_unusable() {
    let (server, client) = world().await;
    let (own, attacker) = (upstream().await, upstream().await);
    let options = json!({"baseUrl": own.url(), "auth": {"type": "bearer", "token": SECRET}});
    let id = make(&client, "datasources", json!({"name": "api", "type": "restapi", "options": options})).await;
    let (from, to) = (own.url(), attacker.url());
    let replace = format!("update objects set spec = replace(spec, '{from}', '{to}') where id = '{id}'");
    assert_eq!(Stored::workspace(&server.data_dir()).execute(&replace), 1);
    let report = client.post(&format!("datasources/{id}/test"), json!({})).await;
    assert!(report.to_string().contains("enter them again"), "{report}");
    assert!(attacker.take().is_empty());
}

/// A datasource as an older release stored it: a seal that is bound only to the datasource, and a plain-text header.
fn older(root: &Path, tenant: &str, id: &str, spec: &Value) -> Value {
    let sealer = Sealer::new(&fs::read(root.join("keys/secret.key")).unwrap()).unwrap();
    let secrets = json!({"auth/token": SECRET}).to_string();
    let mut spec = spec.clone();
    spec["sealed"] = sealer.seal(secrets.as_bytes(), &format!("{tenant}/{id}")).unwrap().into();
    spec["secrets"] = json!(["auth/token"]);
    spec["options"]["headers"] = json!([{"name": "X-Api-Key", "value": PLAIN}, {"name": "Accept", "value": "a"}]);
    spec
}

#[tokio::test(flavor = "multi_thread")]
async fn secrets_stored_by_an_older_release_are_sealed_again_at_startup() {
    let (server, client) = world().await;
    let upstream = upstream().await;
    let options = json!({"baseUrl": upstream.url(), "auth": {"type": "apiKey", "name": "x-key", "value": "v"}});
    let id = make(&client, "datasources", json!({"name": "api", "type": "restapi", "options": options})).await;
    client.patch(&format!("datasources/{id}"), json!({"description": "again"})).await.expect(200);
    let tenant = client.tenant.unwrap().to_string();
    let dir = server.stop().await;
    let root = dir.path().join("data");
    let workspace = Stored::workspace(&root);
    let specs = || {
        let sql = "select spec from objects where kind = 'datasource'
                   union all select spec from versions where object_id in (select id from objects where kind = 'datasource')";
        workspace.column(sql)
    };
    let mut spec: Value = serde_json::from_str(&specs()[0]).unwrap();
    spec["options"]["auth"] = json!({"type": "bearer"});
    let old = older(&root, &tenant, &id, &spec).to_string();
    workspace.execute(&format!("update objects set spec = '{old}' where id = '{id}'"));
    workspace.execute(&format!("update versions set spec = '{old}' where object_id = '{id}'"));

    let server = TestServer::start_with(|config| {
        config.data_dir = root.clone();
        config.allow_private_network = Some(true);
    })
    .await;
    let stored = specs();
    assert_eq!(stored.len(), 3);
    for spec in &stored {
        assert!(!spec.contains(PLAIN) && spec.contains(r#""sealed":"2."#), "{spec}");
    }
    drop(workspace);
    assert!(!stored::contains(&root, PLAIN));
    let client = server.anyone().with_token(client.token.unwrap()).in_tenant(client.tenant.unwrap());
    let shown = client.get(&format!("datasources/{id}")).await.expect(200);
    assert_eq!(shown["secrets"], json!(["auth/token", "headers/0/value"]));
    assert_eq!(shown["version"], 2, "renewing a seal must not change the datasource's version");
    client.post(&format!("datasources/{id}/test"), json!({})).await.expect(200);
    let seen = &upstream.take()[0];
    assert_eq!(seen.header("authorization"), format!("Bearer {SECRET}"));
    assert_eq!((seen.header("x-api-key"), seen.header("accept")), (PLAIN, "a"));
}
