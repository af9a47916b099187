//! Versions of a dashboard have the settings of the widgets and queries that belonged to it.
use crate::support::{Answer, World};
use reqwest::Method;
use serde_json::{Value, json};
use uuid::Uuid;

struct Board {
    world: World,
    path: String,
    widget: Uuid,
    query: Uuid,
    saved: Value,
}

impl Board {
    /// A dashboard with one widget and one query that belong to it.
    async fn new() -> Self {
        let world = World::full().await;
        let (widget, query) = (Uuid::now_v7(), Uuid::now_v7());
        let contents = json!({
            "dashboard": {"name": "Sales", "items": [{"key": "a", "widgetID": widget}]},
            "widgets": [{"id": widget, "name": "Items", "type": "table", "config": {"queryID": query}}],
            "queries": [{
                "id": query, "name": "All", "datasourceID": world.id("datasourceID"),
                "options": {"sql": "select id, name from items"},
            }],
        });
        let saved = world.client.post("dashboards/contents", contents).await.expect(201);
        let path = format!("dashboards/{}", saved["dashboard"]["id"].as_str().unwrap());
        Self { world, path, widget, query, saved }
    }

    /// Saves the dashboard with this version, and changed parts.
    async fn save(&self, version: u64, more: Value) -> Value {
        let mut dashboard = self.saved["dashboard"].clone();
        for field in ["id", "createdAt", "updatedAt", "createdBy", "widgets"] {
            dashboard.as_object_mut().unwrap().remove(field);
        }
        dashboard["version"] = version.into();
        let mut contents = json!({"dashboard": dashboard});
        contents.as_object_mut().unwrap().extend(more.as_object().unwrap().clone());
        let path = format!("{}/contents", self.path);
        self.world.client.call(Method::PUT, &path).json(&contents).send().await.expect(200)
    }

    fn widget(&self, version: u64, config: Value) -> Value {
        json!({"id": self.widget, "name": "Items", "type": "table", "config": config, "version": version})
    }

    async fn version(&self, number: u64) -> Value {
        self.world.client.get(&format!("{}/versions/{number}", self.path)).await.expect(200)
    }

    async fn restore(&self, number: u64, how: Value) -> Answer {
        self.world.client.post(&format!("{}/versions/{number}/restore", self.path), how).await
    }

    async fn config(&self) -> Value {
        self.world.client.get(&format!("widgets/{}", self.widget)).await.expect(200)["config"].clone()
    }
}

fn part(version: &Value, id: Uuid) -> Option<Value> {
    version["parts"].as_array().unwrap().iter().find(|part| part["id"] == id.to_string()).cloned()
}

#[tokio::test]
async fn a_change_of_a_widgets_settings_is_a_version_of_its_dashboard_and_restored_with_it() {
    let board = Board::new().await;
    let before = board.config().await;
    let saved = board.save(1, json!({})).await;
    assert_eq!(saved["dashboard"]["version"], 1, "nothing changed");
    let config = json!({"queryID": board.query, "compact": true});
    let saved = board.save(1, json!({"widgets": [board.widget(1, config)]})).await;
    assert_eq!(saved["dashboard"]["version"], 2);
    let changed = board.config().await;
    assert_ne!(changed, before);

    let (first, second) = (board.version(1).await, board.version(2).await);
    assert_eq!(
        part(&first, board.widget),
        Some(json!({"id": board.widget, "kind": "widget", "name": "Items", "version": 1}))
    );
    assert_eq!(part(&second, board.widget).unwrap()["version"], 2);
    assert_eq!(part(&first, board.query), part(&second, board.query));
    assert!(part(&first, board.query).is_some());

    let told = board.restore(1, json!({"preview": true})).await.expect(200);
    assert_eq!(told["changed"], json!([{"id": board.widget, "kind": "widget", "name": "Items"}]));
    assert_eq!(board.config().await, changed, "a preview writes nothing");
    let restored = board.restore(1, json!({})).await.expect(200);
    assert_eq!((&restored["dashboard"]["version"], &restored["kept"]), (&json!(3), &json!([])));
    assert_eq!(board.config().await, before);
    // and back
    board.restore(2, json!({})).await.expect(200);
    assert_eq!(board.config().await, changed);
    assert_eq!(board.world.server.server.app.store.recount_usage().await.unwrap(), 0, "every counter must be right");
}

#[tokio::test]
async fn earlier_settings_bring_back_the_query_that_they_need_or_stay_as_they_are() {
    let board = Board::new().await;
    let other = Uuid::now_v7();
    let query = json!({
        "id": other, "name": "Few", "datasourceID": board.world.id("datasourceID"),
        "options": {"sql": "select id from items limit 1"},
    });
    let more = json!({
        "queries": [query], "widgets": [board.widget(1, json!({"queryID": other}))],
        "deletedQueries": [{"id": board.query}],
    });
    let saved = board.save(1, more).await;
    assert_eq!(saved["dashboard"]["version"], 2);

    let restored = board.restore(1, json!({})).await.expect(200);
    let names: Vec<_> = restored["restored"].as_array().unwrap().iter().map(|one| &one["name"]).collect();
    assert_eq!(names, ["All"]);
    assert_eq!(board.config().await["queryID"], board.query.to_string());

    board.restore(2, json!({})).await.expect(200);
    board.world.client.delete(&format!("data-queries/{}", board.query)).await.expect(204);
    board.world.client.delete(&format!("trash/{}", board.query)).await.expect(204);
    let restored = board.restore(1, json!({})).await.expect(200);
    assert_eq!(restored["kept"], json!([{"id": board.widget, "kind": "widget", "name": "Items"}]));
    assert_eq!(board.config().await["queryID"], other.to_string());
}

#[tokio::test]
async fn restoring_settings_requires_the_permission_to_change_them() {
    let mut board = Board::new().await;
    let config = json!({"queryID": board.query, "compact": true});
    board.save(1, json!({"widgets": [board.widget(1, config)]})).await;
    board.world.role("Arranger", &["tenant:read", "dashboard:read", "dashboard:update", "dataquery:execute"]).await;
    let (_, arranger) = board.world.member("arranger@example.com", "Arranger").await;
    let version = arranger.get(&format!("{}/versions/1", board.path)).await.expect(200);
    assert_eq!(version["parts"], json!([]), "which records there are is for those who may see them");
    let restore = format!("{}/versions/1/restore", board.path);
    let refused = arranger.post(&restore, json!({})).await.refused(403, "PERMISSION_DENIED");
    assert!(refused.message.contains("widget:update"), "{}", refused.message);
}
