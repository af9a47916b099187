//! Restricted dashboards: for those who may not open one, it does not exist on any route, nor does what belongs to it.
use super::cases;
use crate::support::{Answer, Client, World, client::id};
use reqwest::Method;
use serde_json::{Value, json};
use uuid::Uuid;

/// A word in everything that must stay hidden.
const SECRET: &str = "Zebra";

/// A restricted dashboard with all that can belong to one, and someone who may do everything but edit roles.
pub struct Guarded {
    pub world: World,
    pub dashboard: Uuid,
    pub widget: Uuid,
    pub query: Uuid,
    share: Uuid,
    /// In the trash: a dashboard with a widget that was deleted before it.
    pub trash: [Uuid; 2],
    pub outsider: Client,
}

pub async fn put(client: &Client, path: &str, body: &Value) -> Answer {
    client.call(Method::PUT, path).json(body).send().await
}

/// Creates a dashboard with a query, a table of it, and a button that executes it. Returns the IDs of the dashboard, the
/// table and the query.
async fn built(world: &World, name: &str) -> (Uuid, Uuid, Uuid) {
    let [table, button, query] = [(); 3].map(|()| Uuid::now_v7());
    let action = json!({"type": "query", "queryID": query, "values": {}});
    let contents = json!({
        "dashboard": {
            "name": name, "description": name,
            "items": [
                {"key": "a", "widgetID": table}, {"key": "b", "widgetID": button},
                {"key": "c", "widgetID": world.id("widgetID"), "title": name},
            ],
            "variables": [{"name": "region", "type": "select", "options": [name]}],
        },
        "widgets": [
            {"id": table, "name": format!("{name} table"), "type": "table", "config": {"queryID": query}},
            {"id": button, "name": format!("{name} button"), "type": "button", "config": {"label": name, "action": action}},
        ],
        "queries": [{
            "id": query, "name": format!("{name} query"), "datasourceID": world.id("datasourceID"),
            "options": {"sql": format!("select '{name}' as word")},
        }],
    });
    let saved = world.client.post("dashboards/contents", contents).await.expect(201);
    (id(&saved["dashboard"]), table, query)
}

pub async fn restrict(client: &Client, dashboard: Uuid, grants: Value) {
    let body = json!({"everyone": false, "grants": grants});
    put(client, &format!("dashboards/{dashboard}/access"), &body).await.expect(200);
}

impl Guarded {
    pub async fn new() -> Self {
        let mut world = World::full().await;
        let all = world.client.get("permissions").await.expect(200);
        let all = all["items"].as_array().unwrap().iter().map(|one| one["name"].as_str().unwrap().to_owned());
        let all: Vec<String> = all.filter(|name| name != "role:update").collect();
        world.role("Almost everything", &all.iter().map(String::as_str).collect::<Vec<_>>()).await;
        let (_, outsider) = world.member("outsider@example.com", "Almost everything").await;
        let (dashboard, widget, query) = built(&world, SECRET).await;
        let path = format!("dashboards/{dashboard}");
        let share = id(&world.client.post(&format!("{path}/shares"), json!({})).await.expect(201));
        world.client.patch(&path, json!({"refreshSeconds": 30})).await.expect(200);
        let gone = json!({
            "name": format!("{SECRET} removed"), "type": "text", "dashboardID": dashboard, "config": {"markdown": SECRET},
        });
        let gone = id(&world.client.post("widgets", gone).await.expect(201));
        world.client.delete(&format!("widgets/{gone}")).await.expect(204);
        let (deleted, ..) = built(&world, &format!("{SECRET} deleted")).await;
        let trash = [gone, deleted];
        for one in [dashboard, deleted] {
            restrict(&world.client, one, json!([])).await;
        }
        world.client.delete(&format!("dashboards/{deleted}")).await.expect(204);
        let action = json!({"item": "b", "action": "config.action"});
        world.client.post(&format!("{path}/actions"), action).await.expect(200);
        Self { world, dashboard, widget, query, share, trash, outsider }
    }

    /// The path of a case with the hidden IDs, or with IDs of nothing. `None` if it names no hidden record.
    fn path(&self, case: &cases::Case, trash: Uuid, is_hidden: bool) -> Option<String> {
        let ids = [
            ("{dashboardID}", self.dashboard),
            ("{widgetID}", self.widget),
            ("{queryID}", self.query),
            ("{recordID}", trash),
        ];
        let (name, hidden) = ids.into_iter().find(|(name, _)| case.path.contains(name))?;
        let target = if is_hidden { hidden } else { Uuid::now_v7() };
        let path = case.path.replace(name, &target.to_string());
        let path = path.replace("{shareID}", &self.share.to_string()).replace("{version}", "1");
        Some(format!("/api/v1/tenants/{}{path}", self.world.tenant))
    }

    fn hidden_ids(&self) -> Vec<String> {
        let ids = [self.dashboard, self.widget, self.query, self.share].into_iter().chain(self.trash);
        ids.map(|id| id.to_string()).collect()
    }
}

/// Gives the outsider's role a level. Returns the outsider.
pub async fn restrict_to<'g>(guarded: &'g Guarded, level: &str) -> &'g Client {
    let role = guarded.world.roles["Almost everything"];
    restrict(&guarded.world.client, guarded.dashboard, json!([{"roleID": role, "level": level}])).await;
    &guarded.outsider
}

/// Bodies that the routes accept for records that exist, besides those of the table of permissions.
fn bodies(guarded: &Guarded) -> Vec<Value> {
    let [dashboard, widget, query] = [guarded.dashboard, guarded.widget, guarded.query];
    vec![
        json!({}),
        json!({"name": "Taken over"}),
        json!({"item": "b", "action": "config.action"}),
        json!({"item": "a", "changes": [{"type": "delete", "key": {"word": SECRET}, "before": {}}]}),
        json!({"preview": false}),
        json!({"everyone": true}),
        json!({"dashboard": {"version": 2, "name": "Taken over"}}),
        json!({"dashboardID": null}),
        json!({
            "dashboard": {"version": 2, "name": "Taken over"},
            "deletedWidgets": [{"id": widget}], "deletedQueries": [{"id": query}],
        }),
        json!({"item": "a", "path": "config.form.fields[0]", "dashboardID": dashboard}),
    ]
}

fn outcome(answer: &Answer) -> (u16, String, String) {
    let error = &answer.body["error"];
    let told = format!("{} {}", error["message"], error["details"]);
    (answer.status.as_u16(), answer.code().to_owned(), told)
}

#[tokio::test]
async fn every_route_treats_a_hidden_record_like_one_that_does_not_exist() {
    let guarded = Guarded::new().await;
    let before = guarded.world.snapshot().await;
    let mut wrong = Vec::new();
    let mut tried = 0;
    for case in cases::all() {
        let method = Method::from_bytes(case.method.as_bytes()).unwrap();
        for trash in guarded.trash {
            let paths = [true, false].map(|is_hidden| guarded.path(&case, trash, is_hidden));
            let [Some(hidden), Some(unknown)] = paths else { continue };
            let bodies = if case.method == "GET" { vec![Value::Null] } else { bodies(&guarded) };
            for body in case.body.iter().cloned().chain(bodies) {
                let send = |path: &str| {
                    let call = guarded.outsider.call(method.clone(), path);
                    if body.is_null() { call.send() } else { call.json(&body).send() }
                };
                let send = |path: &str| Box::pin(send(path)) as std::pin::Pin<Box<dyn Future<Output = Answer>>>;
                let (answer, nothing) = (send(&hidden).await, send(&unknown).await);
                tried += 1;
                if outcome(&answer) != outcome(&nothing) || answer.status.is_success() {
                    wrong.push(format!("{} with {body}:\n  {answer}\n  {nothing}", case.route()));
                }
            }
            if !case.path.contains("{recordID}") {
                break;
            }
        }
    }
    assert!(wrong.is_empty(), "{}", wrong.join("\n"));
    assert!(tried > 100, "only {tried} requests were tried");
    assert_eq!(guarded.world.snapshot().await, before, "the requests must change nothing");
}

#[tokio::test]
async fn no_route_names_or_counts_what_is_hidden() {
    let guarded = Guarded::new().await;
    let (world, outsider) = (&guarded.world, &guarded.outsider);
    let hidden = guarded.hidden_ids();
    let tenant = format!("/api/v1/tenants/{}", world.tenant);
    let mut paths: Vec<String> = cases::all()
        .into_iter()
        .filter(|case| case.method == "GET" && !case.is_endless)
        .map(|case| world.fill(&format!("{tenant}{}", case.path)).replace("{version}", "1"))
        .filter(|path| !path.contains('{'))
        .collect();
    for list in ["dashboards", "widgets", "data-queries"] {
        paths.extend(["?q=zebra", "?limit=1&sort=name", "?limit=200"].map(|query| format!("{tenant}/{list}{query}")));
        paths.push(format!("{tenant}/{list}/uses?ids={}", world.id("widgetID")));
    }
    for list in ["widgets", "data-queries"] {
        paths.push(format!("{tenant}/{list}?dashboardID={}", guarded.dashboard));
        paths.push(format!("{tenant}/{list}?dashboardID=none&q=z"));
        paths.push(format!("{tenant}/{list}/uses?ids={},{}", guarded.widget, guarded.query));
    }
    paths.extend(["?q=zebra", "?kind=dashboard", "?kind=widget"].map(|query| format!("{tenant}/trash{query}")));
    paths.extend(["?format=csv", "?format=ndjson", "?limit=200"].map(|query| format!("{tenant}/audit-logs{query}")));
    paths.push(format!("{tenant}/audit-logs?objectID={}", guarded.dashboard));
    paths.push(format!("{tenant}/members/{}/credentials", world.owner.user.id));
    for path in [format!("datasources/{}/uses?indirect=true", world.id("datasourceID")), "../../auth".to_owned()] {
        paths.push(format!("{tenant}/{path}").replace(&format!("tenants/{}/../../", world.tenant), ""));
    }
    for path in &paths {
        let answer = outsider.get(path).await;
        assert!(answer.status.is_success(), "{answer}");
        assert!(!answer.text.contains(SECRET), "{answer}");
        // the audit log and credentials keep IDs, so that nothing is done unseen
        let keeps = path.contains("/audit-logs") || path.contains("/credentials") || path.contains("/uses?ids=");
        let named = hidden.iter().find(|id| !keeps && answer.text.contains(*id));
        assert!(named.is_none(), "{named:?} in {answer}");
    }
    // counted as if only the world's own records existed
    let counts = outsider.get(&tenant).await.expect(200)["counts"].clone();
    for (kind, list) in [("dashboard", "dashboards"), ("widget", "widgets"), ("dataquery", "data-queries")] {
        assert_eq!(counts[kind], 1, "{counts}");
        for query in ["?limit=1", "?q=a", "?dashboardID=none&q=a"] {
            if kind != "dashboard" || !query.contains("dashboardID") {
                assert_eq!(outsider.get(&format!("{list}{query}")).await.expect(200)["total"], 1, "{list}{query}");
            }
        }
    }
    assert_eq!(outsider.get("trash").await.expect(200)["total"], 0);
    let uses = outsider.get(&format!("widgets/uses?ids={}", world.id("widgetID"))).await.expect(200);
    assert_eq!(uses["items"][0]["count"], 1, "{uses}");
    let uses = outsider.get(&format!("widgets/{}/uses", world.id("widgetID"))).await.expect(200);
    assert_eq!(uses["more"], json!([]), "{uses}");
}

#[tokio::test]
async fn requests_cannot_refer_to_what_is_hidden_or_change_it_through_other_records() {
    let guarded = Guarded::new().await;
    let (world, outsider) = (&guarded.world, &guarded.outsider);
    let datasource = world.id("datasourceID");
    let of = |dashboard: Uuid, widget: Uuid, query: Uuid| {
        let part = Uuid::now_v7();
        vec![
            ("widgets", json!({"name": "W", "type": "table", "config": {"queryID": query}})),
            ("widgets", json!({"name": "W", "type": "text", "dashboardID": dashboard, "config": {"markdown": "x"}})),
            (
                "data-queries",
                json!({"name": "Q", "datasourceID": datasource, "dashboardID": dashboard, "options": {"sql": "select 1"}}),
            ),
            ("dashboards", json!({"name": "D", "items": [{"key": "a", "widgetID": widget}]})),
            ("roles", json!({"name": "R", "permissions": [], "startDashboardID": dashboard})),
            (
                "dashboards/contents",
                json!({
                    "dashboard": {"name": "D", "items": [{"key": "a", "widgetID": part}]},
                    "widgets": [{"id": part, "name": "W", "type": "table", "config": {"queryID": query}}],
                }),
            ),
            (
                "dashboards/contents",
                json!({
                    "dashboard": {"name": "D"}, "widgets": [{"id": widget, "version": 1, "name": "W", "type": "text", "config": {"markdown": "x"}}],
                }),
            ),
        ]
    };
    let unknown = of(Uuid::now_v7(), Uuid::now_v7(), Uuid::now_v7());
    for ((path, hidden), (_, unknown)) in of(guarded.dashboard, guarded.widget, guarded.query).into_iter().zip(unknown)
    {
        let (answer, nothing) = (outsider.post(path, hidden).await, outsider.post(path, unknown).await);
        assert_eq!(outcome(&answer), outcome(&nothing), "{answer}");
        assert_eq!(answer.status.as_u16(), 400, "{answer}");
    }
    // the hidden dashboard shows the library's widget and reads its datasource
    for path in [format!("widgets/{}", world.id("widgetID")), format!("datasources/{datasource}")] {
        let refused = outsider.delete(&path).await.refused(409, "CONFLICT").message;
        assert!(!refused.contains(SECRET), "{refused}");
        let refused = outsider.delete(&format!("{path}?cascade=true")).await.refused(403, "PERMISSION_DENIED").message;
        assert!(!refused.contains(SECRET), "{refused}");
    }
    // a name that is taken says no more than that
    let refused = outsider.post("dashboards", json!({"name": SECRET})).await.refused(409, "CONFLICT").message;
    assert!(!refused.contains(&guarded.dashboard.to_string()), "{refused}");
    // a value that the hidden dashboard does not offer
    let (_, reader) = world.reader("reader@example.com").await;
    let body = json!({"variables": {"region": "Nowhere"}});
    let answer = reader.post(&format!("widgets/{}/data", world.id("widgetID")), body).await;
    assert!(!answer.text.contains(SECRET), "{answer}");
}

#[tokio::test]
async fn a_cached_query_a_share_link_and_a_key_do_not_open_it_either() {
    let guarded = Guarded::new().await;
    let world = &guarded.world;
    let execute = format!("data-queries/{}/execute", guarded.query);
    world.client.post(&execute, json!({})).await.expect(200);
    guarded.outsider.post(&execute, json!({})).await.refused(404, "NOT_FOUND");
    let open = format!("dashboards/{}", guarded.dashboard);
    // a key opens what both its role and its owner may open
    let key = world.api_key("Key", "Almost everything").await;
    let key = world.server.anyone().with_token(key).in_tenant(world.tenant);
    key.get(&open).await.refused(404, "NOT_FOUND");
    let all = world.api_key("All", "Owner").await;
    world.server.anyone().with_token(all).in_tenant(world.tenant).get(&open).await.expect(200);
    let role = world.roles["Almost everything"];
    restrict(&world.client, guarded.dashboard, json!([{"roleID": role, "level": "view"}])).await;
    key.get(&open).await.expect(200);
    // a link stops when its owner may not edit the dashboard any more
    let owned = restrict_to(&guarded, "edit").await;
    let link = owned.post(&format!("{open}/shares"), json!({})).await.expect(201);
    let visit = format!("/api/v1/shared/{}", link["url"].as_str().unwrap().rsplit('/').next().unwrap());
    let anyone = world.server.anyone();
    anyone.get(&visit).await.expect(200);
    restrict_to(&guarded, "use").await;
    anyone.get(&visit).await.refused(404, "NOT_FOUND");
}
