//! Private networks, including loopback, are blocked unless the operator allows them.
use crate::support::{TestServer, World, recorder::Recorder};
use axum::response::IntoResponse;
use jet_admin::server::ServerConfig;
use serde_json::json;

async fn reached(change: impl FnOnce(&mut ServerConfig)) -> Result<(), String> {
    let service = Recorder::start(|_| "[]".into_response()).await;
    let server = TestServer::start_with(|config| {
        config.allow_private_network = None;
        change(config);
    });
    let world = World::on(server.await).await;
    let options = json!({"baseUrl": service.url()});
    let draft = json!({"name": "Inside", "type": "restapi", "options": options});
    let datasource = world.client.post("datasources", draft).await.expect(201);
    let query = json!({"datasourceID": datasource["id"], "options": {"method": "GET", "path": "/"}});
    let answer = world.client.post("data-queries/test", query).await;
    assert_eq!(answer.status == 200, !service.take().is_empty());
    if answer.status == 200 { Ok(()) } else { Err(answer.refused(502, "DATASOURCE_ERROR").message) }
}

#[tokio::test]
async fn a_server_on_loopback_cannot_reach_its_own_machine_unless_allowed() {
    let refused = reached(|_| ()).await.unwrap_err();
    assert!(refused.contains("--allow-private-network"), "{refused}");
    reached(|config| config.allow_private_network = Some(true)).await.unwrap();
    reached(|config| config.demo = true).await.unwrap();
    let refused = reached(|config| {
        config.demo = true;
        config.listen = "0.0.0.0:0".to_owned();
    });
    assert!(refused.await.unwrap_err().contains("--allow-private-network"));
}
