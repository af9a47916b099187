//! Where the parameters of queries get their values when data is read: variables, the person, and what is not set.
use crate::support::{Answer, Client, World, client::id};
use jet_admin::clock::Time;
use serde_json::{Value, json};
use std::collections::BTreeMap;
use uuid::Uuid;

/// Returns the columns `p` and `q`: what its parameters are. `q` has a default.
async fn echo(world: &World, required: bool) -> Uuid {
    let query = json!({
        "name": format!("Echo {required}"), "datasourceID": world.id("datasourceID"), "cacheSeconds": 60,
        "options": {"sql": "select {{ params.p }} as p, {{ params.q }} as q"},
        "parameters": [{"name": "p", "required": required}, {"name": "q", "default": "standard"}],
    });
    id(&world.client.post("data-queries", query).await.expect(201))
}

async fn dashboard(world: &World, query: Uuid, widgets: &[(&str, Value)], variables: Value) -> String {
    let mut items = Vec::new();
    for (key, parameters) in widgets {
        let config = json!({"queryID": query, "parameters": parameters});
        let widget = json!({"name": format!("Of {key}"), "type": "table", "config": config});
        items.push(json!({"key": key, "widgetID": id(&world.client.post("widgets", widget).await.expect(201))}));
    }
    let name = format!("Read {query} {}", widgets.len());
    let body = json!({"name": name, "items": items, "variables": variables});
    format!("dashboards/{}", id(&world.client.post("dashboards", body).await.expect(201)))
}

fn events(answer: &Answer) -> BTreeMap<String, Value> {
    assert_eq!(answer.status.as_u16(), 200, "{answer}");
    let events = answer.text.split("\n\n").filter_map(|frame| {
        let (event, data) = frame.strip_prefix("event: ")?.split_once("\ndata: ")?;
        let data: Value = serde_json::from_str(data).unwrap();
        Some((format!("{event} {}", data["key"].as_str().unwrap_or_default()), data))
    });
    events.collect()
}

/// The row of an item.
async fn row(client: &Client, path: &str, key: &str, variables: Value) -> Value {
    let answer = client.post(&format!("{path}/data"), json!({"variables": variables})).await;
    let event = events(&answer)[&format!("item {key}")].clone();
    assert!(event["error"].is_null(), "{event}");
    event["result"]["data"][0].clone()
}

async fn visitor(world: &World, path: &str) -> impl AsyncFn(Value) -> BTreeMap<String, Value> + use<> {
    let share = world.client.post(&format!("{path}/shares"), json!({})).await.expect(201);
    let token = share["url"].as_str().unwrap().rsplit('/').next().unwrap().to_owned();
    let anyone = world.server.anyone();
    async move |body: Value| events(&anyone.post(&format!("/api/v1/shared/{token}/data"), body).await)
}

#[tokio::test]
async fn each_person_sees_only_their_own_rows() {
    let world = World::full().await;
    let query = echo(&world, false).await;
    let own = json!({"p": "{{ user.email }}", "q": "{{ user.id ? user.role : 'none' }}"});
    let path = dashboard(&world, query, &[("own", own)], json!([{"name": "user", "type": "text"}])).await;
    let (_, vera) = world.reader("vera@example.com").await;
    let (_, otto) = world.member("otto@example.com", "Operator").await;
    assert_eq!(row(&vera, &path, "own", json!({})).await["p"], "vera@example.com");
    // the result is cached, but not for others
    let row_of_otto = row(&otto, &path, "own", json!({"user": "vera@example.com"})).await;
    assert_eq!(row_of_otto, json!({"p": "otto@example.com", "q": "Operator"}));
    for body in [json!({"user": {"email": "vera@example.com"}}), json!({"parameters": {"p": "vera@example.com"}})] {
        otto.post(&format!("{path}/data"), body).await.refused(400, "INVALID_REQUEST");
    }
}

#[tokio::test]
async fn nobody_is_no_person_and_sees_nothing() {
    let world = World::full().await;
    let query = echo(&world, false).await;
    let widgets = [
        ("own", json!({"p": "{{ user.email }}"})),
        ("text", json!({"p": "%{{ user.name }}%"})),
        ("code", json!({"p": "{{ vars.all || user.id }}"})),
        ("free", json!({"p": "{{ vars.all }}"})),
    ];
    let path = dashboard(&world, query, &widgets, json!([{"name": "all", "default": "everything"}])).await;
    let found = visitor(&world, &path).await(json!({})).await;
    for key in ["item own", "item text", "item code"] {
        let error = &found[key]["error"];
        assert_eq!((&error["code"], &error["missing"]), (&json!("VALUE_MISSING"), &json!("user")), "{key}: {error}");
        assert!(error["message"].as_str().unwrap().contains("signed in"), "{error}");
    }
    assert_eq!(found["item free"]["result"]["data"][0], json!({"p": "everything", "q": "standard"}));
    // a program only has a role
    let key = world.api_key("Program", "Viewer").await;
    let key = world.server.anyone().with_token(key).in_tenant(world.tenant);
    let found = events(&key.post(&format!("{path}/data"), json!({})).await);
    assert_eq!(found["item own"]["error"]["missing"], "user.email");
}

#[tokio::test]
async fn a_variable_without_a_value_does_not_become_something_else() {
    let world = World::full().await;
    let widgets = [
        ("lone", json!({"p": "p", "q": "{{ vars.word }}"})),
        ("text", json!({"p": "p", "q": "%{{ vars.word }}%"})),
        ("code", json!({"p": "p", "q": "{{ vars.word ?? 'code' }}"})),
        ("part", json!({"p": "p", "q": "{{ vars.period.from }}"})),
        ("plain", json!({"p": "p", "q": null})),
    ];
    let variables = json!([{"name": "word", "default": "given"}, {"name": "period", "type": "dateRange"}]);
    let path = dashboard(&world, echo(&world, false).await, &widgets, variables.clone()).await;
    let value = async |key: &str, variables: Value| row(&world.client, &path, key, variables).await["q"].clone();
    assert_eq!(value("text", json!({})).await, "%given%");
    for (key, expected) in
        [("lone", json!(null)), ("text", json!(null)), ("code", json!("code")), ("plain", json!("standard"))]
    {
        assert_eq!(value(key, json!({"word": null})).await, expected, "{key}");
    }
    assert_eq!(value("part", json!({})).await, Value::Null);

    // a required parameter waits
    let waits = [("a", json!({"p": "{{ vars.period.from }}"})), ("b", json!({"p": "{{ vars.word }}"}))];
    let path = dashboard(&world, echo(&world, true).await, &waits, variables).await;
    let found = events(&world.client.post(&format!("{path}/data"), json!({})).await);
    let error = &found["item a"]["error"];
    assert_eq!((&error["code"], &error["missing"]), (&json!("VALUE_MISSING"), &json!("vars.period.from")));
    assert!(error["message"].as_str().unwrap().starts_with("waits for a value"), "{error}");
    assert_eq!(found["item b"]["result"]["data"][0]["p"], "given");
    let outside = visitor(&world, &path).await(json!({})).await;
    assert_eq!(outside["item a"]["error"]["missing"], "vars.period.from");
}

#[tokio::test]
async fn choices_can_depend_on_the_person_and_wait_for_variables() {
    let world = World::full().await;
    let query = echo(&world, true).await;
    let choices = |p: &str| json!({"queryID": query, "valueField": "p", "parameters": {"p": p}});
    let variables = json!([
        {"name": "country", "type": "text"},
        {"name": "mine", "type": "select", "source": choices("{{ user.email }}")},
        {"name": "city", "type": "select", "source": choices("{{ vars.country }}")},
    ]);
    let path = dashboard(&world, query, &[], variables).await;
    let (_, vera) = world.reader("vera@example.com").await;
    let ask = async |variables: Value| vera.post(&format!("{path}/data"), json!({"variables": variables})).await;
    let found = events(&ask(json!({})).await);
    assert_eq!(found["options mine"]["result"][0]["value"], "vera@example.com");
    assert_eq!(found["options city"]["error"]["missing"], "vars.country");
    let found = events(&ask(json!({"country": "Chile", "city": "Chile"})).await);
    assert_eq!(found["options city"]["result"][0]["value"], "Chile");
    ask(json!({"mine": "otto@example.com"})).await.refused(400, "INVALID_REQUEST");
    assert_eq!(visitor(&world, &path).await(json!({})).await["options mine"]["error"]["code"], "VALUE_MISSING");
}

#[tokio::test]
async fn unknown_fields_of_the_person_are_refused_when_a_widget_is_saved() {
    let world = World::full().await;
    let config = json!({"queryID": echo(&world, false).await, "parameters": {"p": "{{ user.password }}"}});
    let refused = world.client.post("widgets", json!({"name": "Mine", "type": "table", "config": config})).await;
    let refused = refused.refused(400, "INVALID_REQUEST");
    assert_eq!(refused.path, "config.parameters.p");
    assert!(refused.message.contains("email, name, role, id"), "{}", refused.message);
}

#[tokio::test]
async fn a_parameter_can_be_null_instead_of_its_default() {
    let world = World::full().await;
    let execute = format!("data-queries/{}/execute", echo(&world, true).await);
    let run = async |body: Value| world.client.post(&execute, body).await;
    let standard = run(json!({"parameters": {"p": "a", "q": null}})).await.expect(200);
    assert_eq!(standard["data"][0]["q"], "standard");
    let null = run(json!({"parameters": {"p": "a"}, "nulls": ["q"]})).await.expect(200);
    assert_eq!(null["data"][0]["q"], Value::Null);
    assert_eq!(run(json!({"nulls": ["p"]})).await.refused(400, "INVALID_REQUEST").path, "parameters.p");
    let unknown = run(json!({"parameters": {"p": "a"}, "nulls": ["z"]})).await.refused(400, "INVALID_REQUEST");
    assert_eq!(unknown.path, "parameters.z");
}

#[tokio::test]
async fn a_time_range_has_moments_in_the_time_zone_of_the_dashboard() {
    let world = World::full().await;
    let query = echo(&world, true).await;
    let ends = json!({"p": "{{ vars.time.from }}", "q": "{{ vars.time.to }}"});
    let variables = json!([{"name": "time", "type": "timeRange", "default": "last-15-minutes"}]);
    let path = dashboard(&world, query, &[("a", ends)], variables).await;
    world.client.patch(&path, json!({"timeZone": "Europe/Berlin"})).await.expect(200);
    let moments = async |variables: Value| {
        let row = row(&world.client, &path, "a", variables).await;
        (row["p"].as_str().unwrap().to_owned(), row["q"].as_str().unwrap().to_owned())
    };
    let (from, to) = moments(json!({})).await;
    let moment = |text: &str| chrono::DateTime::parse_from_rfc3339(text).unwrap();
    assert_eq!((moment(&to) - moment(&from)).num_minutes(), 15);
    assert!((moment(&to).timestamp() - Time::now().utc().timestamp()).abs() < 90, "{to}");
    let given = json!({"time": {"from": "2026-07-01T08:00", "to": "2026-07-01"}});
    let expected = ("2026-07-01T08:00:00+02:00".to_owned(), "2026-07-01T23:59:59.999+02:00".to_owned());
    assert_eq!(moments(given).await, expected);
    for wrong in [json!("last-2-seconds"), json!({"from": "2026-07-02", "to": "2026-07-01"}), json!(7)] {
        let refused = world.client.post(&format!("{path}/data"), json!({"variables": {"time": wrong}})).await;
        let refused = refused.refused(400, "INVALID_REQUEST");
        assert!(refused.path == "variables.time" && refused.message.contains("last-6-hours"), "{}", refused.message);
    }
    // a range of days has no hours
    let days = json!({"name": "Days", "variables": [{"name": "d", "type": "dateRange", "default": "last-6-hours"}]});
    world.client.post("dashboards", days).await.refused(400, "INVALID_REQUEST");
}

#[tokio::test]
async fn a_widget_alone_shows_no_more_than_on_its_dashboard() {
    let world = World::full().await;
    let variables = json!([
        {"name": "kind", "type": "select", "options": ["a", "b"], "default": "a"},
        {"name": "time", "type": "timeRange", "default": "last-6-hours"},
    ]);
    let parameters = json!({"p": "{{ vars.time.from }}", "q": "{{ vars.kind }}"});
    let path = dashboard(&world, echo(&world, false).await, &[("one", parameters)], variables).await;
    let items = world.client.get(&path).await.expect(200)["items"].clone();
    let (_, vera) = world.reader("vera@example.com").await;
    let ask = format!("widgets/{}/data", items[0]["widgetID"].as_str().unwrap());
    let alone = vera.post(&ask, json!({})).await.expect(200)["data"][0].clone();
    assert_eq!(alone["q"], "a", "the default of the dashboard, not null");
    assert!(alone["p"].as_str().unwrap().ends_with('Z'), "{alone}");
    let other = vera.post(&ask, json!({"variables": {"kind": "b", "time": "last-15-minutes"}})).await.expect(200);
    assert_eq!(other["data"][0]["q"], "b");
    assert_ne!(other["data"][0]["p"], alone["p"]);
    vera.post(&ask, json!({"variables": {"kind": null}})).await.refused(400, "INVALID_REQUEST");
}

#[tokio::test]
async fn a_wrong_value_is_reported_where_the_person_set_it_and_numbers_are_compared_by_value() {
    let world = World::full().await;
    let sql = "select {{ params.least }} as least where 1 = 1";
    let draft = json!({
        "name": "Sized", "datasourceID": world.id("datasourceID"), "options": {"sql": sql},
        "parameters": [{"name": "least", "type": "number", "allowed": [1, 2]}],
    });
    let query = id(&world.client.post("data-queries", draft).await.expect(201));
    let draft = json!({
        "name": "Sizes", "datasourceID": world.id("datasourceID"),
        "options": {"sql": "select 1.0 as size union all select 2.5"},
    });
    let sizes = id(&world.client.post("data-queries", draft).await.expect(201));
    let config = json!({"queryID": query, "parameters": {"least": "{{ vars.size }}"}});
    let widget = json!({"name": "Sized", "type": "table", "config": config});
    let widget = id(&world.client.post("widgets", widget).await.expect(201));
    let variables = json!([
        {"name": "size", "type": "number"},
        {"name": "fixed", "type": "select", "options": ["1", "2.50", "x"]},
        {"name": "several", "type": "multiSelect", "options": ["1", "2"]},
        {"name": "asked", "type": "select", "source": {"queryID": sizes, "valueField": "size"}},
    ]);
    let board = json!({"name": "Board", "items": [{"key": "a", "widgetID": widget}], "variables": variables});
    let path = format!("dashboards/{}/data", id(&world.client.post("dashboards", board).await.expect(201)));
    let wrong = world.client.post(&path, json!({"variables": {"size": 3}})).await;
    assert!(wrong.text.contains("variables.size: must be one of 1, 2"), "{wrong}");
    for variables in [
        json!({"fixed": "1.0"}),
        json!({"fixed": 1}),
        json!({"fixed": "2.5"}),
        json!({"several": ["2.0", "1"]}),
        json!({"asked": "1"}),
        json!({"asked": 1}),
        json!({"asked": "2.50"}),
    ] {
        let answer = world.client.post(&path, json!({"variables": variables})).await;
        assert_eq!(answer.status, 200, "{variables}: {answer}");
    }
    for (name, value) in [("fixed", json!("3")), ("fixed", json!("X")), ("several", json!(["3"])), ("asked", json!(3))]
    {
        let refused = world.client.post(&path, json!({"variables": {name: value}})).await;
        assert_eq!(refused.refused(400, "INVALID_REQUEST").path, format!("variables.{name}"));
    }
}
