//! Share links of dashboards: what visitors can see, and that they can see nothing else.
use crate::support::{Answer, Client, World, client::id};
use reqwest::Method;
use serde_json::{Value, json};
use std::collections::BTreeMap;
use uuid::Uuid;

/// A dashboard with a table of names, a filter, a button and a text. No widget shows the prices that its query returns.
struct Board {
    world: World,
    path: String,
    query: Uuid,
}

impl Board {
    async fn new() -> Self {
        let world = World::full().await;
        let query = json!({
            "name": "Items from a price up", "datasourceID": world.id("datasourceID"),
            "options": {"sql": "select name, price from items where price >= {{ params.least }} order by price"},
            "parameters": [{"name": "least", "type": "number", "default": 0}],
        });
        let query = id(&world.client.post("data-queries", query).await.expect(201));
        let action = json!({"type": "query", "queryID": query, "values": {}});
        let table = json!({
            "queryID": query, "parameters": {"least": "{{ vars.least }}"}, "columns": [{"field": "name"}],
            "rowActions": [{"label": "Delete", "action": action}], "selects": [{"variable": "word", "field": "name"}],
        });
        let mut items = Vec::new();
        for (key, r#type, config) in [
            ("names", "table", table),
            ("press", "button", json!({"label": "Press", "action": action})),
            ("filter", "numberInput", json!({"variable": "least"})),
            ("words", "text", json!({"markdown": "From {{ vars.least }} up"})),
        ] {
            let widget = json!({"name": format!("Of {key}"), "type": r#type, "config": config});
            items.push(json!({"key": key, "widgetID": id(&world.client.post("widgets", widget).await.expect(201))}));
        }
        let cells = items.iter().map(|item| json!({"i": item["key"], "x": 0, "y": 0, "w": 2, "h": 2}));
        let body = json!({
            "name": "Prices", "items": items, "layouts": {"lg": cells.collect::<Vec<_>>()},
            "variables": [
                {"name": "least", "type": "number", "default": 30}, {"name": "word", "type": "text"},
                {"name": "size", "type": "select", "options": ["S", "L"]}, {"name": "day", "type": "date"},
                {"name": "period", "type": "dateRange"},
                {"name": "item", "type": "select", "source": {"queryID": query, "valueField": "name"}},
            ],
        });
        let path = format!("dashboards/{}", id(&world.client.post("dashboards", body).await.expect(201)));
        Self { world, path, query }
    }

    fn shares(&self) -> String {
        format!("{}/shares", self.path)
    }

    async fn share(&self, body: Value) -> Link {
        let created = self.world.client.post(&self.shares(), body).await.expect(201);
        let url = created["url"].as_str().unwrap();
        let token = url.rsplit('/').next().unwrap().to_owned();
        assert!(token.len() > 40 && url.contains("/share/"), "{url}");
        Link { visitor: self.world.server.anyone(), token, created }
    }
}

struct Link {
    visitor: Client,
    token: String,
    created: Value,
}

impl Link {
    fn path(&self) -> String {
        format!("/api/v1/shared/{}", self.token)
    }
    async fn show(&self) -> Answer {
        self.visitor.get(&self.path()).await
    }
    async fn ask(&self, body: Value) -> Answer {
        self.visitor.post(&format!("{}/data", self.path()), body).await
    }
    /// The events, by name and key.
    async fn data(&self, body: Value) -> BTreeMap<String, Value> {
        let answer = self.ask(body).await;
        assert_eq!(answer.status.as_u16(), 200, "{answer}");
        let events = answer.text.split("\n\n").filter_map(|frame| {
            let (event, data) = frame.strip_prefix("event: ")?.split_once("\ndata: ")?;
            let data: Value = serde_json::from_str(data).unwrap();
            Some((format!("{event} {}", data["key"].as_str().unwrap_or_default()), data))
        });
        events.collect()
    }
}

#[tokio::test]
async fn a_link_shows_only_the_displayed_data_and_nothing_about_its_source() {
    let board = Board::new().await;
    let link = board.share(json!({})).await;
    let shown = link.show().await;
    for inner in [board.query.to_string(), "queryID".to_owned(), "rowActions".to_owned(), "params".to_owned()] {
        assert!(!shown.text.contains(&inner), "{inner}: {shown}");
    }
    let shown = shown.expect(200);
    let items: Vec<_> = shown["items"].as_array().unwrap().iter().map(|item| item["key"].as_str().unwrap()).collect();
    assert_eq!(
        (items, &shown["name"]),
        (vec!["names", "filter", "words"], &json!("Prices")),
        "buttons must be omitted"
    );
    assert_eq!(shown["layouts"]["lg"].as_array().unwrap().len(), 3);
    assert_eq!(shown["items"][0]["title"], "Of names");
    assert_eq!(shown["variables"].as_array().unwrap().len(), 6);
    assert_eq!(
        (&shown["variables"][2]["choicesFollow"], &shown["variables"][5]["choicesFollow"]),
        (&json!(false), &json!(true))
    );

    let events = link.data(json!({"variables": {"least": 40}})).await;
    let names = events.keys().map(String::as_str).collect::<Vec<_>>();
    assert_eq!(names, ["done ", "item filter", "item names", "item words", "options item"]);
    let rows = json!([{"name": "Chair"}, {"name": "Table"}]);
    assert_eq!(events["item names"]["result"]["data"], rows, "the price is not displayed and must be omitted");
    assert_eq!(events["item names"]["result"]["columns"].as_array().unwrap().len(), 1);
    assert_eq!(events["options item"]["result"][0], json!({"value": "Lamp", "label": "Lamp"}));
    let events = link.data(json!({})).await;
    assert_eq!(events["item names"]["result"]["rowCount"], 2, "the default of the variable must apply");
}

#[tokio::test]
async fn only_variables_of_the_dashboard_can_be_set_and_only_to_valid_values() {
    let board = Board::new().await;
    let link = board.share(json!({})).await;
    for (name, value) in [
        ("most", json!(1)),
        ("least", json!("0 or 1=1")),
        ("least", json!({"a": 1})),
        ("word", json!(["a"])),
        ("word", json!("x".repeat(1001))),
        ("size", json!("XL")),
        ("day", json!("2026-13-01")),
        ("period", json!({"from": "2026-02-01", "to": "2026-01-01"})),
        ("period", json!({"from": "2026-01-01", "to": "2026-02-01", "x": 1})),
        ("period", json!("last-7-years")),
    ] {
        let refused = link.ask(json!({"variables": {name: value}})).await.refused(400, "INVALID_REQUEST");
        assert_eq!(refused.path, format!("variables.{name}"));
        let refused = board.world.client.post(&board.shares(), json!({"variables": {name: value}})).await;
        assert_eq!(refused.refused(400, "INVALID_REQUEST").path, format!("variables.{name}"));
    }
    for body in [json!({"parameters": {"least": 1}}), json!({"queryID": board.query}), json!({"variables": 1})] {
        link.ask(body).await.refused(400, "INVALID_REQUEST");
    }
    let period = json!({"from": "2026-01-01", "to": "2026-02-01"});
    link.ask(json!({"variables": {"size": "L", "day": "2026-01-31", "period": period, "word": null}}))
        .await
        .expect(200);
}

#[tokio::test]
async fn a_locked_value_cannot_be_changed_and_the_link_ends_with_its_variable() {
    let board = Board::new().await;
    let link = board.share(json!({"variables": {"least": 100}})).await;
    let shown = link.show().await.expect(200);
    let keys: Vec<_> = shown["items"].as_array().unwrap().iter().map(|item| item["key"].as_str().unwrap()).collect();
    assert_eq!(keys, ["names", "words"], "inputs of locked variables must be omitted");
    assert!(!shown["variables"].as_array().unwrap().iter().any(|variable| variable["name"] == "least"));
    assert_eq!(shown["fixed"], json!({"least": 100}), "the text needs the locked value");
    assert_eq!(link.data(json!({})).await["item names"]["result"]["data"], json!([{"name": "Table"}]));
    let refused = link.ask(json!({"variables": {"least": 0}})).await;
    assert_eq!(refused.refused(400, "INVALID_REQUEST").path, "variables.least");
    let renamed = json!({"variables": [{"name": "lowest", "type": "number", "default": 0}]});
    board.world.client.patch(&board.path, renamed).await.expect(200);
    link.show().await.refused(404, "NOT_FOUND");
    link.ask(json!({})).await.refused(404, "NOT_FOUND");
}

#[tokio::test]
async fn a_locked_relative_range_is_resolved_to_days_at_each_visit() {
    let board = Board::new().await;
    let words = json!({"config": {"markdown": "In {{ vars.period }}"}});
    let items = board.world.client.get(&board.path).await.expect(200)["items"].clone();
    board.world.client.patch(&format!("widgets/{}", items[3]["widgetID"].as_str().unwrap()), words).await.expect(200);
    let link = board.share(json!({"variables": {"period": "today"}})).await;
    assert_eq!(link.created["variables"]["period"], "today", "the range must be stored unchanged");
    loop {
        let today = jet_admin::clock::Time::now().day();
        let shown = link.show().await.expect(200);
        if today == jet_admin::clock::Time::now().day() {
            assert_eq!(shown["fixed"], json!({"period": {"from": today.to_string(), "to": today.to_string()}}));
            break;
        }
    }
    let refused = link.ask(json!({"variables": {"period": "this-year"}})).await;
    assert_eq!(refused.refused(400, "INVALID_REQUEST").path, "variables.period");
    let free = board.share(json!({})).await;
    free.ask(json!({"variables": {"period": "this-year"}})).await.expect(200);
}

#[tokio::test]
async fn a_link_shows_only_tabs_with_visible_items() {
    let board = Board::new().await;
    let mut items = board.world.client.get(&board.path).await.expect(200)["items"].clone();
    for (item, tab) in items.as_array_mut().unwrap().iter_mut().zip(["one", "inner", "one", "two"]) {
        item["tab"] = json!(tab);
    }
    let tabs =
        json!([{"key": "one", "title": "One"}, {"key": "inner", "title": "Inner"}, {"key": "two", "title": "Two"}]);
    board.world.client.patch(&board.path, json!({"items": items, "tabs": tabs})).await.expect(200);
    let link = board.share(json!({})).await;
    let shown = link.show().await.expect(200);
    assert_eq!(shown["tabs"], json!([{"key": "one", "title": "One"}, {"key": "two", "title": "Two"}]));
    assert_eq!(shown["items"][2]["tab"], "two");
    let events = link.data(json!({"tab": "one"})).await;
    assert_eq!(events.keys().collect::<Vec<_>>(), ["done ", "item filter", "item names", "options item"]);
    assert_eq!(link.ask(json!({"tab": "three"})).await.refused(400, "INVALID_REQUEST").path, "tab");
}

#[tokio::test]
async fn sharing_a_dashboard_requires_permission_to_read_it() {
    let mut board = Board::new().await;
    let link = board.share(json!({})).await;
    board.world.role("Sharer", &["dashboard:share"]).await;
    board.world.role("Reader and sharer", &["dashboard:share", "dashboard:read"]).await;
    let (_, blind) = board.world.member("blind@example.com", "Sharer").await;
    let (_, seeing) = board.world.member("seeing@example.com", "Reader and sharer").await;
    let one = format!("{}/{}", board.shares(), id(&link.created));
    for answer in
        [blind.get(&board.shares()).await, blind.post(&board.shares(), json!({})).await, blind.delete(&one).await]
    {
        let refused = answer.refused(403, "PERMISSION_DENIED");
        assert_eq!(refused.message, "your role does not include dashboard:read");
    }
    seeing.post(&board.shares(), json!({})).await.expect(201);
    assert_eq!(seeing.get(&board.shares()).await.expect(200)["items"].as_array().unwrap().len(), 2);
    seeing.delete(&one).await.expect(204);
}

#[tokio::test]
async fn unknown_revoked_expired_and_orphaned_links_give_the_same_error() {
    let board = Board::new().await;
    let client = &board.world.client;
    let expires_at = jet_admin::clock::Time::now().plus(std::time::Duration::from_millis(400));
    let expiring = board.share(json!({"expiresAt": expires_at.to_string()})).await;
    let (revoked, orphaned) = (board.share(json!({})).await, board.share(json!({})).await);
    orphaned.show().await.expect(200);
    let unknown = Link { token: "unknown".into(), ..board.share(json!({})).await };
    client.delete(&format!("{}/{}", board.shares(), id(&revoked.created))).await.expect(204);
    client.delete(&format!("{}/{}", board.shares(), id(&revoked.created))).await.refused(404, "NOT_FOUND");
    client.delete(&board.path).await.expect(204);
    while jet_admin::clock::Time::now() <= expires_at {
        tokio::task::yield_now().await;
    }
    for link in [unknown, revoked, expiring, orphaned] {
        for answer in [link.show().await, link.ask(json!({})).await] {
            assert_eq!(answer.refused(404, "NOT_FOUND").message, "shared dashboard not found");
        }
    }
}

#[tokio::test]
async fn the_token_of_a_link_is_refused_on_other_routes() {
    let board = Board::new().await;
    let link = board.share(json!({})).await;
    let document: Value = serde_json::from_slice(&jet_admin::api::document()).unwrap();
    let before = board.world.snapshot().await;
    let bearer = board.world.server.anyone().with_token(&link.token).in_tenant(board.world.tenant);
    let mut tested = 0;
    for (path, item) in document["paths"].as_object().unwrap() {
        for (method, operation) in item.as_object().unwrap() {
            let method = Method::from_bytes(method.to_uppercase().as_bytes()).unwrap();
            let filled = path.replace("{tenantID}", &board.world.tenant.to_string()).replace("{token}", &link.token);
            let filled = board.world.fill(&filled).replace("{version}", "1");
            if operation["security"] != json!([]) {
                let answer = bearer.call(method.clone(), &filled).json(&json!({})).send().await;
                answer.refused(401, "USER_AUTH_TOKEN_INVALID");
                let answer = bearer.call(method, &filled).header("authorization", &format!("api_key {}", link.token));
                assert_eq!(answer.send().await.status.as_u16(), 401);
                tested += 1;
            } else if path.contains("{token}") && !path.contains("/shared/") {
                bearer.call(method, &filled).json(&json!({})).send().await.refused(404, "NOT_FOUND");
            }
        }
    }
    assert!(tested > 80, "only {tested} routes were tested");
    assert_eq!(board.world.snapshot().await, before);
}

#[tokio::test]
async fn links_are_listed_without_their_token_and_recorded_in_the_audit_log() {
    let board = Board::new().await;
    let draft = json!({"expiresAt": "2999-01-01T00:00:00Z", "allowedOrigins": ["https://Example.com/"]});
    let link = board.share(draft).await;
    let listed = async || board.world.client.get(&board.shares()).await.expect(200)["items"][0].clone();
    let share = listed().await;
    assert_eq!(
        (&share["createdBy"], &share["expiresAt"], &share["allowedOrigins"], &share["lastUsedAt"]),
        (
            &json!("owner@example.com"),
            &json!("2999-01-01T00:00:00.000Z"),
            &json!(["https://example.com"]),
            &Value::Null
        )
    );
    assert!(!share.to_string().contains(&link.token) && share.get("url").is_none());
    link.show().await.expect(200);
    while listed().await["lastUsedAt"].is_null() {
        tokio::task::yield_now().await;
    }
    board.world.client.delete(&format!("{}/{}", board.shares(), id(&link.created))).await.expect(204);
    let entries = board.world.client.get("audit-logs?objectKind=share").await.expect(200);
    let entries: Vec<_> =
        entries["items"].as_array().unwrap().iter().map(|entry| (&entry["action"], &entry["object"]["name"])).collect();
    assert_eq!(entries, [(&json!("share.delete"), &json!("Prices")), (&json!("share.create"), &json!("Prices"))]);
    for file in ["jet-admin.db", "jet-admin.db-wal"] {
        let bytes = std::fs::read(board.world.server.data_dir().join(file)).unwrap_or_default();
        assert!(
            !bytes.windows(link.token.len()).any(|part| part == link.token.as_bytes()),
            "only a hash may be stored"
        );
    }
}

#[tokio::test]
async fn errors_of_datasources_are_not_shown_to_strangers() {
    let board = Board::new().await;
    let broken = json!({"options": {"sql": "select name from nowhere"}});
    board.world.client.patch(&format!("data-queries/{}", board.query), broken).await.expect(200);
    let error = board.share(json!({})).await.data(json!({})).await["item names"]["error"].clone();
    assert_eq!(error["code"], "DATASOURCE_ERROR");
    assert_eq!(error["message"], "The data of this widget could not be loaded.");
}

#[tokio::test]
async fn only_allowed_origins_can_embed_a_shared_dashboard_and_nothing_else() {
    let board = Board::new().await;
    let link = board.share(json!({"allowedOrigins": ["https://intranet.example.com", "http://localhost:8080"]})).await;
    let closed = board.share(json!({})).await;
    let embedders = async |path: &str| {
        let page = link.visitor.get(path).await;
        let policy = page.header("content-security-policy").unwrap().to_owned();
        policy.rsplit("frame-ancestors ").next().unwrap().to_owned()
    };
    assert_eq!(
        embedders(&format!("/share/{}", link.token)).await,
        "https://intranet.example.com http://localhost:8080"
    );
    for path in [format!("/share/{}", closed.token), "/share/unknown".to_owned(), "/".to_owned(), "/t/x".to_owned()] {
        assert_eq!(embedders(&path).await, "'none'", "{path}");
    }
    for wrong in ["*", "https://a.com/path", "javascript:alert(1)", "https://a.com; script-src *"] {
        let refused = board.world.client.post(&board.shares(), json!({"allowedOrigins": [wrong]})).await;
        assert_eq!(refused.refused(400, "INVALID_REQUEST").path, "allowedOrigins[0]");
    }
}

#[tokio::test]
async fn many_requests_from_one_address_are_limited() {
    let board = Board::new().await;
    let link = board.share(json!({})).await;
    let mut refused = None;
    for _ in 0..700 {
        let answer = board.world.server.anyone().get("/api/v1/shared/guess").await;
        if answer.status.as_u16() == 429 {
            refused = Some(answer);
            break;
        }
        answer.refused(404, "NOT_FOUND");
    }
    let refused = refused.expect("guessing is not limited");
    assert!(refused.header("retry-after").is_some());
    link.show().await.refused(429, "RATE_LIMITED");
}
