//! Queries that change data are a class of their own: they are marked, run only where someone executes them, need their
//! values, and are recorded in the audit log.
use crate::support::{Client, World, client::id, postgres};
use serde_json::{Value, json};
use uuid::Uuid;

const REFUSED: &str = "CHANGES_DATA";

/// A writable datasource with the tenant's `items`, and a query that deletes one of them.
struct Shop {
    world: World,
    datasource: Uuid,
    purge: Uuid,
}

impl Shop {
    async fn new() -> Self {
        let world = World::full().await;
        let shop = json!({"name": "Shop", "type": "sqlite", "options": {"path": "shop.db", "readOnly": false}});
        let datasource = id(&world.client.post("datasources", shop).await.expect(201));
        let mut shop = Self { world, datasource, purge: Uuid::nil() };
        let parameters = json!([{"name": "id", "type": "number"}, {"name": "note"}]);
        shop.purge = shop.query("Purge", "delete from items where id = {{ params.id }}", parameters).await;
        shop
    }

    fn client(&self) -> &Client {
        &self.world.client
    }

    async fn query(&self, name: &str, sql: &str, parameters: Value) -> Uuid {
        let options = json!({"sql": sql});
        let draft =
            json!({"name": name, "datasourceID": self.datasource, "options": options, "parameters": parameters});
        id(&self.client().post("data-queries", draft).await.expect(201))
    }

    /// Creates a query that reads, for something to use it before [`Shop::turn`] changes what it does.
    async fn harmless(&self, name: &str) -> Uuid {
        self.query(name, "select id, name from items", json!([])).await
    }

    async fn turn(&self, query: Uuid) {
        let changed = json!({"options": {"sql": "delete from items returning id, name"}});
        let turned = self.client().patch(&format!("data-queries/{query}"), changed).await.expect(200);
        assert_eq!(turned["changesData"], true);
    }

    async fn create(&self, kind: &str, draft: Value) -> Uuid {
        id(&self.client().post(kind, draft).await.expect(201))
    }

    async fn count(&self) -> u64 {
        let query = json!({"datasourceID": self.datasource, "options": {"sql": "select count(*) as n from items"}});
        self.client().post("data-queries/test", query).await.expect(200)["data"][0]["n"].as_u64().unwrap()
    }
}

#[tokio::test]
async fn a_query_tells_whether_it_changes_data() {
    let shop = Shop::new().await;
    let client = shop.client();
    let reads = shop.harmless("List").await;
    let marks = client.get("data-queries").await.expect(200)["items"].clone();
    let mark = |id: Uuid| marks.as_array().unwrap().iter().find(|one| one["id"] == id.to_string()).unwrap().clone();
    assert_eq!((&mark(shop.purge)["changesData"], &mark(reads)["changesData"]), (&json!(true), &json!(false)));
    assert_eq!(mark(reads)["effect"], Value::Null);

    // the author can say what the statement does not tell
    let path = format!("data-queries/{reads}");
    let declared = client.patch(&path, json!({"effect": "changes"})).await.expect(200);
    assert_eq!(declared["changesData"], true);
    assert_eq!(client.patch(&path, json!({"effect": null})).await.expect(200)["changesData"], false);
    // but not that a delete reads
    let purge = format!("data-queries/{}", shop.purge);
    let refused = client.patch(&purge, json!({"effect": "reads"})).await.refused(400, "INVALID_REQUEST");
    assert_eq!(refused.path, "effect", "{}", refused.message);
    let given = client.patch(&path, json!({"changesData": true})).await.refused(400, "INVALID_REQUEST");
    assert_eq!(given.path, "changesData");
    // what the author set is in versions, and nothing that follows from it
    let version = client.get(&format!("{path}/versions/2")).await.expect(200)["spec"].clone();
    assert_eq!((&version["effect"], version.get("changesData")), (&json!("changes"), None));
    // clones are marked, too
    assert_eq!(client.post(&format!("{purge}/clone"), json!({})).await.expect(201)["changesData"], true);
}

#[tokio::test]
async fn every_datasource_type_classifies_its_queries() {
    let shop = Shop::new().await;
    let client = shop.client();
    let mut create = Vec::new();
    for (kind, options) in [
        ("restapi", json!({"baseUrl": "http://127.0.0.1:9"})),
        ("graphql", json!({"endpoint": "http://127.0.0.1:9"})),
        ("redis", json!({"host": "127.0.0.1"})),
        ("s3", json!({"bucket": "b"})),
        ("javascript", json!({})),
        ("clickhouse", json!({"baseUrl": "http://127.0.0.1:9"})),
    ] {
        let draft = json!({"name": kind, "type": kind, "options": options});
        create.push((kind, shop.create("datasources", draft).await));
    }
    let datasource = |kind: &str| create.iter().find(|(one, _)| *one == kind).unwrap().1;
    for (kind, options, changes, certain) in [
        ("restapi", json!({"path": "/"}), false, false),
        ("restapi", json!({"method": "POST", "path": "/search"}), true, false),
        ("restapi", json!({"method": "DELETE", "path": "/a"}), true, true),
        ("graphql", json!({"query": "query Q { a }"}), false, false),
        ("graphql", json!({"query": "# query\nmutation { a }"}), true, true),
        ("graphql", json!({"query": "query A { a } mutation B { b }", "operationName": "B"}), true, true),
        ("redis", json!({"command": ["GET", "del"]}), false, false),
        ("redis", json!({"operation": "del", "keys": ["a"]}), true, true),
        ("redis", json!({"command": ["EVAL", "return 1", 0]}), true, false),
        ("s3", json!({"operation": "list"}), false, false),
        ("s3", json!({"operation": "delete", "key": "a"}), true, true),
        ("javascript", json!({"code": "return 1"}), false, false),
        ("clickhouse", json!({"operation": "query", "sql": "select 1"}), false, false),
        ("clickhouse", json!({"operation": "execute", "sql": "insert into t values (1)"}), true, true),
    ] {
        let asked = json!({"datasourceID": datasource(kind), "options": options});
        let told = client.post("data-queries/effect", asked).await.expect(200);
        assert_eq!(told, json!({"changesData": changes, "certain": certain}), "{kind} {options}");
    }
    let search = json!({"datasourceID": datasource("restapi"), "options": {"method": "POST"}, "effect": "reads"});
    assert_eq!(client.post("data-queries/effect", search).await.expect(200)["changesData"], false);
    let unknown = json!({"datasourceID": Uuid::new_v4()});
    assert_eq!(client.post("data-queries/effect", unknown).await.refused(400, "INVALID_REQUEST").path, "datasourceID");
}

#[tokio::test]
async fn nothing_that_is_shown_executes_it() {
    let shop = Shop::new().await;
    let client = shop.client();
    let query = shop.harmless("Stock").await;
    let table = shop.create("widgets", json!({"name": "T", "type": "table", "config": {"queryID": query}})).await;
    let choices = json!({"queryID": query, "valueField": "id"});
    let form = json!({"name": "F", "type": "form", "config": {
        "fields": [{"name": "id", "type": "select", "choices": choices}],
        "action": {"type": "query", "queryID": shop.purge, "values": {"id": "{{ form.id }}", "note": null}},
    }});
    let form = shop.create("widgets", form).await;
    let board = json!({
        "name": "Board", "items": [{"key": "table", "widgetID": table}, {"key": "form", "widgetID": form}],
        "variables": [{"name": "item", "type": "select", "source": {"queryID": query, "valueField": "name"}}],
    });
    let board = format!("dashboards/{}", shop.create("dashboards", board).await);
    let link = client.post(&format!("{board}/shares"), json!({})).await.expect(201);
    let token = link["url"].as_str().unwrap().rsplit('/').next().unwrap().to_owned();
    let before = shop.count().await;
    shop.turn(query).await;

    let data = format!("widgets/{table}/data");
    let refused = client.post(&data, json!({})).await.refused(422, REFUSED);
    assert!(
        refused.message.contains("\"Stock\"") && refused.message.contains("use it in an action"),
        "{}",
        refused.message
    );
    let stream = client.post(&format!("{board}/data"), json!({})).await;
    assert_eq!(stream.text.matches(REFUSED).count(), 2, "the table and the choices: {stream}");
    client.post(&format!("{board}/data"), json!({"variables": {"item": "Lamp"}})).await.refused(422, REFUSED);
    let asked = json!({"item": "form", "field": "id"});
    client.post(&format!("{board}/choices"), asked).await.refused(422, REFUSED);
    let act = json!({"item": "form", "action": "config.action", "form": {"id": 1}});
    client.post(&format!("{board}/actions"), act).await.refused(422, REFUSED);
    let visitor = shop.world.server.anyone().post(&format!("/api/v1/shared/{token}/data"), json!({})).await;
    assert_eq!(visitor.text.matches(REFUSED).count(), 2, "{visitor}");
    assert!(!visitor.text.contains("Stock"), "visitors learn nothing about queries: {visitor}");

    let path = format!("data-queries/{query}");
    for format in ["csv", "ndjson", "xlsx"] {
        client.post(&format!("{path}/export?format={format}"), json!({})).await.refused(422, REFUSED);
    }
    client.post(&format!("{path}/execute"), json!({"mustRead": true})).await.refused(422, REFUSED);
    let draft = json!({"datasourceID": shop.datasource, "options": {"sql": "delete from items"}, "mustRead": true});
    client.post("data-queries/test", draft).await.refused(422, REFUSED);
    assert_eq!(shop.count().await, before, "nothing was deleted");

    // a preview is rolled back, and executing it does what it says
    let preview = json!({"mustRead": true, "mode": "preview"});
    assert_eq!(client.post(&format!("{path}/execute"), preview).await.expect(200)["affectedRows"], before);
    assert_eq!(shop.count().await, before);
    let done = client.post(&format!("{path}/execute"), json!({})).await.expect(200);
    assert_eq!((&done["affectedRows"], shop.count().await), (&json!(before), 0));
}

#[tokio::test]
async fn nothing_that_would_show_it_is_saved() {
    let shop = Shop::new().await;
    let client = shop.client();
    let harmless = shop.harmless("Stock").await;
    let refused = async |kind: &str, draft: Value, path: &str| {
        let refused = client.post(kind, draft).await.refused(400, "INVALID_REQUEST");
        assert_eq!(refused.path, path, "{}", refused.message);
        assert!(refused.message.contains("changes data"), "{}", refused.message);
    };
    let table = |query: Uuid| json!({"name": "T", "type": "table", "config": {"queryID": query}});
    refused("widgets", table(shop.purge), "config.queryID").await;
    let counted = json!({"name": "T", "type": "table", "config": {
        "queryID": harmless, "serverPaging": true, "server": {"countQueryID": shop.purge},
    }});
    refused("widgets", counted, "config.server.countQueryID").await;
    let action = json!({"type": "query", "queryID": shop.purge, "values": {"id": "{{ form.id }}", "note": ""}});
    let choices = json!({"queryID": shop.purge, "valueField": "id"});
    let form = json!({"name": "F", "type": "form", "config": {
        "fields": [{"name": "id", "type": "select", "choices": choices}], "action": action,
    }});
    refused("widgets", form, "config.fields[0].choices.queryID").await;
    let source = json!({"queryID": shop.purge, "valueField": "id"});
    let board = json!({"name": "B", "variables": [{"name": "v", "type": "select", "source": source}]});
    refused("dashboards", board, "variables[0].source.queryID").await;

    // also if the query is saved together with the widget
    let (query, widget) = (Uuid::now_v7(), Uuid::now_v7());
    let options = json!({"sql": "update items set price = 0 returning id"});
    let contents = json!({
        "dashboard": {"name": "B", "items": [{"key": "a", "widgetID": widget}]},
        "queries": [{"id": query, "name": "Q", "datasourceID": shop.datasource, "options": options}],
        "widgets": [{"id": widget, "name": "W", "type": "table", "config": {"queryID": query}}],
    });
    refused("dashboards/contents", contents, "widgets[0].config.queryID").await;

    // a widget from before keeps its name and its place, and a change of it says what to do
    let widget = shop.create("widgets", table(harmless)).await;
    shop.turn(harmless).await;
    let renamed = client.patch(&format!("widgets/{widget}"), json!({"name": "New"})).await;
    assert_eq!(renamed.refused(400, "INVALID_REQUEST").path, "config.queryID");
}

#[tokio::test]
async fn an_action_passes_every_value_to_it() {
    let shop = Shop::new().await;
    let client = shop.client();
    let button = |values: Value| {
        let action = json!({"type": "query", "queryID": shop.purge, "values": values});
        json!({"name": format!("B {}", Uuid::now_v7()), "type": "button", "config": {"label": "Go", "action": action}})
    };
    let refused = client.post("widgets", button(json!({"id": 1}))).await.refused(400, "INVALID_REQUEST");
    assert_eq!(refused.path, "config.action.values.note", "{}", refused.message);
    // null is a value
    let widget = shop.create("widgets", button(json!({"id": 1, "note": null}))).await;
    let board = json!({"name": "Board", "items": [{"key": "go", "widgetID": widget}]});
    let board = format!("dashboards/{}", shop.create("dashboards", board).await);
    let press = json!({"item": "go", "action": "config.action"});

    // a parameter that was added later has no value either, unless it has a default
    let path = format!("data-queries/{}", shop.purge);
    let declare = async |default: Value| {
        let parameters =
            json!([{"name": "id", "type": "number"}, {"name": "note"}, {"name": "by", "default": default}]);
        client.patch(&path, json!({"parameters": parameters})).await.expect(200);
    };
    declare(Value::Null).await;
    let missing = client.post(&format!("{board}/actions"), press.clone()).await.refused(400, "INVALID_REQUEST");
    assert_eq!(missing.path, "parameters.by", "{}", missing.message);
    assert_eq!(shop.count().await, 3);
    declare(json!("nobody")).await;
    client.post(&format!("{board}/actions"), press).await.expect(200);
    assert_eq!(shop.count().await, 2);
    // clients of the API may leave out what is not required
    client.post(&format!("{path}/execute"), json!({"parameters": {"id": 2}})).await.expect(200);
    assert_eq!(shop.count().await, 1);
}

#[tokio::test]
async fn each_execution_is_audited_with_its_place() {
    let shop = Shop::new().await;
    let client = shop.client();
    // it counts as changing data although it returns no number of changed rows
    let path = format!("data-queries/{}", shop.harmless("Side effect").await);
    client.patch(&path, json!({"effect": "changes"})).await.expect(200);
    client.post(&format!("{path}/execute"), json!({})).await.expect(200);
    let key = shop.world.server.anyone().with_token(shop.world.api_key("Program", "Owner").await);
    let key = key.in_tenant(shop.world.tenant);
    key.post(&format!("data-queries/{}/execute", shop.purge), json!({"parameters": {"id": 1}})).await.expect(200);
    let nodes = json!([
        {"id": "start", "type": "start", "name": "start", "position": {"x": 0, "y": 0}},
        {"id": "purge", "type": "dataQuery", "name": "purge", "position": {"x": 0, "y": 0},
         "config": {"queryID": shop.purge, "parameters": {"id": 2}}},
    ]);
    let edges = json!([{"id": "e", "source": "start", "target": "purge"}]);
    let workflow = json!({"name": "Clean up", "enabled": true, "nodes": nodes, "edges": edges});
    let workflow = format!("workflows/{}", shop.create("workflows", workflow).await);
    let run = client.post(&format!("{workflow}/execute"), json!({})).await.expect(202)["instanceID"].clone();

    let entries = client.all_of("audit-logs?action=dataquery.change", 3).await;
    let found: Vec<_> = entries
        .iter()
        .rev()
        .map(|one| (one["actor"]["kind"].clone(), one["details"]["rows"].clone(), one["details"]["from"].clone()))
        .collect();
    assert_eq!(found[0], (json!("user"), Value::Null, Value::Null));
    assert_eq!(found[1], (json!("apiKey"), json!(1), Value::Null));
    assert_eq!((&found[2].1, &found[2].2), (&json!(1), &json!({"run": run})));
    let note = &entries[0]["details"]["parameters"];
    assert_eq!(note, &json!({"id": 2, "note": null}));
    // entries about records name the version that they created
    let updates = client.get("audit-logs?action=dataquery.update").await.expect(200);
    assert_eq!(updates["items"][0]["details"], json!({"version": 2}));
}

#[tokio::test]
async fn changes_through_a_function_are_audited() {
    let world = World::empty().await;
    let client = &world.client;
    let options = json!({
        "host": "127.0.0.1", "port": postgres::postgres().port, "database": "postgres", "user": "admin",
        "password": postgres::PASSWORD,
    });
    let server = json!({"name": "Server", "type": "postgresql", "options": options});
    let datasource = id(&client.post("datasources", server).await.expect(201));
    for sql in [
        "create table audited_functions (n int)",
        "create function audited_function() returns int language sql as
         'insert into audited_functions values (1) returning n'",
    ] {
        let draft = json!({"datasourceID": datasource, "options": {"sql": sql}});
        client.post("data-queries/test", draft).await.expect(200);
    }
    let mut changed = Vec::new();
    for (name, sql) in [
        ("Writes", "select audited_function()"),
        ("Locks", "select * from audited_functions for update"),
        ("Reads", "select random()"),
    ] {
        let draft = json!({"name": name, "datasourceID": datasource, "options": {"sql": sql}});
        let query = id(&client.post("data-queries", draft).await.expect(201));
        for _ in 0..2 {
            client.post(&format!("data-queries/{query}/execute"), json!({})).await.expect(200);
        }
        changed.push(query);
    }
    let entries = client.get("audit-logs?action=dataquery.change").await.expect(200);
    let found: Vec<_> = entries["items"].as_array().unwrap().iter().map(|one| one["object"]["id"].clone()).collect();
    assert_eq!(found, [json!(changed[0]), json!(changed[0])], "{entries}");
}

#[tokio::test]
async fn people_who_may_not_see_queries_are_not_told_their_names() {
    let shop = Shop::new().await;
    let query = shop.harmless("Salaries of all").await;
    let widget = json!({"name": "Rows", "type": "table", "config": {"queryID": query}});
    let widget = shop.create("widgets", widget).await;
    let board = json!({"name": "Board", "items": [{"key": "rows", "widgetID": widget}]});
    let board = shop.create("dashboards", board).await;
    shop.turn(query).await;
    let (_, operator) = shop.world.member("operator@example.com", "Operator").await;
    for (client, knows) in [(shop.client(), true), (&operator, false)] {
        let events = client.post(&format!("dashboards/{board}/data"), json!({})).await;
        assert!(events.text.contains(REFUSED), "{}", events.text);
        assert_eq!(events.text.contains("Salaries"), knows, "{}", events.text);
    }
}

#[tokio::test]
async fn a_query_with_a_parameter_inside_quotes_is_refused_when_it_is_saved() {
    let shop = Shop::new().await;
    let draft = json!({
        "name": "Quoted", "datasourceID": shop.datasource, "options": {"sql": "select 1 as \"a {{ params.b }}\""},
    });
    let refused = shop.client().post("data-queries", draft).await.refused(400, "INVALID_REQUEST");
    assert_eq!(refused.path, "options.sql", "{}", refused.message);
}
