//! Cloning reveals the original and creates a record, so it requires permission to read and to create.
use crate::support::{KINDS, World};
use reqwest::Method;
use serde_json::{Value, json};

#[tokio::test]
async fn cloning_requires_permission_to_read_and_to_create() {
    let mut world = World::full().await;
    let document: Value = serde_json::from_slice(&jet_admin::api::document()).unwrap();
    let paths = document["paths"].as_object().unwrap().keys();
    let routes: Vec<_> = paths.filter(|path| path.ends_with("/clone")).cloned().collect();
    assert_eq!(routes.len(), KINDS.iter().filter(|kind| kind.clones).count(), "{routes:?}");
    for route in routes {
        let kind = KINDS.iter().find(|kind| route.contains(&format!("/{}/", kind.plural))).unwrap();
        let path = format!("{}/{}/clone", kind.plural, world.id(kind.id));
        let named = |verbs: &[&str]| verbs.iter().map(|verb| format!("{}:{verb}", kind.name)).collect::<Vec<_>>();
        let verbs = ["clone", "read", "create"];
        for missing in verbs {
            let permissions: Vec<_> = verbs.into_iter().filter(|verb| *verb != missing).collect();
            let permissions = named(&permissions);
            let role = format!("{} without {missing}", kind.name);
            world.role(&role, &permissions.iter().map(String::as_str).collect::<Vec<_>>()).await;
            let email = format!("{}-{missing}@example.com", kind.name);
            let (_, client) = world.member(&email, &role).await;
            let refused = client.call(Method::POST, &path).send().await.refused(403, "PERMISSION_DENIED");
            assert!(refused.message.contains(&format!("{}:{missing}", kind.name)), "{}", refused.message);
        }
        let operation = &document["paths"][&route]["post"];
        let also = json!([format!("{}:read", kind.name), format!("{}:create", kind.name)]);
        assert_eq!(operation["x-permission-also"], also);
        world.client.call(Method::POST, &path).send().await.expect(201);
    }
}

#[tokio::test]
async fn cloning_a_widget_requires_permission_to_execute_its_query() {
    let mut world = World::full().await;
    world.role("Copier", &["widget:clone", "widget:read", "widget:create"]).await;
    let (_, copier) = world.member("copier@example.com", "Copier").await;
    let path = format!("widgets/{}/clone", world.id("widgetID"));
    let refused = copier.call(Method::POST, &path).send().await.refused(403, "PERMISSION_DENIED");
    assert!(refused.message.contains("dataquery:execute"), "{}", refused.message);
}

#[tokio::test]
async fn the_response_to_an_update_shows_only_what_the_caller_may_read() {
    let mut world = World::full().await;
    for kind in KINDS.iter().filter(|kind| kind.name != "role") {
        let (role, email) = (format!("Blind {}", kind.name), format!("blind-{}@example.com", kind.name));
        world.role(&role, &[&format!("{}:update", kind.name)]).await;
        let (_, client) = world.member(&email, &role).await;
        let path = format!("{}/{}", kind.plural, world.id(kind.id));
        client.get(&path).await.refused(403, "PERMISSION_DENIED");
        let changed = client.patch(&path, json!({"description": "changed blindly"})).await.expect(200);
        let known = ["id", "name", "description", "createdAt", "updatedAt", "createdBy", "version"];
        let shown: Vec<_> = changed.as_object().unwrap().keys().filter(|key| !known.contains(&key.as_str())).collect();
        assert!(shown.is_empty(), "{}: {shown:?}", kind.name);
        assert_eq!(changed["description"], "changed blindly");
    }
}
