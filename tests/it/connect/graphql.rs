use super::{House, Source, TENANT, object};
use crate::support::recorder::{Recorder, Seen};
use axum::{body::Body, http::Response};
use jet_admin::{Error, connect::CacheState};
use serde_json::{Value, json};

fn answer(seen: &Seen) -> Response<Body> {
    let sent: Value = serde_json::from_slice(&seen.body).unwrap();
    let query = sent["query"].as_str().unwrap();
    let (status, body) = if query.contains("__schema") {
        let scalar = |name: &str| json!({"kind": "SCALAR", "name": name});
        let list =
            json!({"kind": "NON_NULL", "ofType": {"kind": "LIST", "ofType": {"kind": "OBJECT", "name": "User"}}});
        let fields = json!([
            {"name": "id", "description": "Its id", "type": {"kind": "NON_NULL", "ofType": scalar("ID")}},
            {"name": "tags", "description": null, "type": {"kind": "LIST", "ofType": scalar("String")}},
        ]);
        let types = json!([
            {"name": "Query", "kind": "OBJECT", "fields": [{"name": "users", "description": "People", "type": list}, {"name": "now", "type": scalar("Time")}]},
            {"name": "User", "kind": "OBJECT", "fields": fields},
        ]);
        (200, json!({"data": {"__schema": {"queryType": {"name": "Query"}, "types": types}}}))
    } else if query.contains("broken") {
        let error = json!({"message": "no such field", "path": ["users", 0, "broken"], "locations": [{"line": 2, "column": 3}], "extensions": {"code": "BAD"}});
        (200, json!({"errors": [error, {"message": "b"}], "data": {"users": [{"id": 1}]}}))
    } else if query.contains("refused") {
        (400, json!({"errors": [{"message": format!("not for {}", seen.header("authorization"))}]}))
    } else {
        (200, json!({"data": {"users": [{"id": 1, "sent": sent}]}}))
    };
    let response = Response::builder().status(status).header("content-type", "application/json");
    response.body(Body::from(body.to_string())).unwrap()
}

async fn service() -> (House, Recorder, Source) {
    let recorder = Recorder::start(answer).await;
    let options =
        json!({"endpoint": format!("{}/graphql", recorder.url()), "auth": {"type": "bearer", "token": "s3cret-token"}});
    (House::new(), recorder, Source::new("graphql", options))
}

fn query(options: Value) -> Value {
    json!({"options": options, "parameters": [{"name": "s", "default": "x\"){a}"}, {"name": "n", "type": "number", "default": 7}]})
}

#[tokio::test]
async fn parameters_reach_the_service_as_variables() {
    let (house, recorder, source) = service().await;
    let document = "query Q($n: Int!, $s: String) { users(n: $n, s: $s) { id } }";
    let options = json!({"query": document, "variables": {"n": "{{ params.n }}", "s": "{{ params.s }}", "o": {"k": ["{{ params.n }}"]}}, "operationName": "Q", "responsePath": "users"});
    let data = house.data(&source, query(options), json!({})).await;
    assert_eq!(
        data[0]["sent"],
        json!({"query": document, "variables": {"n": 7, "s": "x\"){a}", "o": {"k": [7]}}, "operationName": "Q"})
    );
    let seen = &recorder.take()[0];
    assert_eq!((seen.path.as_str(), seen.header("authorization")), ("/graphql", "Bearer s3cret-token"));
    for (options, expected) in [
        (json!({"query": "{ users(n: {{ params.n }}) { id } }"}), "options.query: must not contain a template"),
        (json!({"query": "subscription { a }"}), "options.query: must be a query or a mutation"),
        (json!({"query": "query A { a } query B { b }"}), "options.operationName: is required"),
        (json!({"query": "query A { a }", "operationName": "B"}), "options.operationName: the query has no"),
        (json!({"query": "nonsense"}), "options.query: contains no operation"),
        (json!({"query": "{ a }", "more": 1}), "options.more: is not a known option"),
        (json!({"query": "{ a }", "responsePath": "users.nope.deeper"}), "the data has nothing at users.nope.deeper"),
    ] {
        let refused = house.run(&source, query(options), json!({})).await.unwrap_err().to_string();
        assert!(refused.starts_with(expected), "{refused}");
    }
}

#[tokio::test]
async fn errors_are_reported_with_path_and_position() {
    let (house, _recorder, source) = service().await;
    let document = "{ users {\n  broken } }";
    let error = house.run(&source, query(json!({"query": document})), json!({})).await.unwrap_err();
    let Error::Datasource(problem) = error else { panic!("{error:?}") };
    assert_eq!(problem.message, "no such field (at users.0.broken) (line 2, column 3) (and 1 more)");
    assert_eq!((problem.code.as_deref(), problem.position), (Some("BAD"), Some(13)));
    let partial = json!({"query": document, "allowPartial": true, "responsePath": "users"});
    assert_eq!(house.data(&source, query(partial), json!({})).await, json!([{"id": 1}]));
    let refused = house.run(&source, query(json!({"query": "{ refused }"})), json!({})).await.unwrap_err().to_string();
    assert_eq!(refused, "not for Bearer •••");
}

#[tokio::test]
async fn mutations_are_never_cached() {
    let (house, recorder, source) = service().await;
    for (document, state) in
        [("query A { users { id } }", CacheState::Hit), ("mutation A { users { id } }", CacheState::Off)]
    {
        let mut cached = object(query(json!({"query": document})));
        cached.insert("cacheSeconds".to_owned(), 60.into());
        for _ in 0..2 {
            house.run(&source, Value::Object(cached.clone()), json!({})).await.unwrap();
        }
        assert_eq!(house.run(&source, Value::Object(cached), json!({})).await.unwrap().cache, state, "{document}");
    }
    assert_eq!(recorder.take().len(), 4);
}

#[tokio::test]
async fn the_query_type_is_listed_as_tables() {
    let (house, _recorder, source) = service().await;
    assert!(house.queries.test(TENANT, "graphql", &source.0.options).await.unwrap().ok);
    let tables = serde_json::to_value(house.queries.schema(TENANT, &source.0, false).await.unwrap()).unwrap();
    assert_eq!(
        (&tables[0]["name"], &tables[0]["kind"], &tables[0]["comment"]),
        (&json!("users"), &json!("query"), &json!("People"))
    );
    let columns: Vec<_> = tables[0]["columns"]
        .as_array()
        .unwrap()
        .iter()
        .map(|one| (&one["name"], &one["type"], &one["nullable"]))
        .collect();
    assert_eq!(
        columns,
        [(&json!("id"), &json!("ID!"), &json!(false)), (&json!("tags"), &json!("[String]"), &json!(true))]
    );
    assert_eq!((&tables[1]["name"], &tables[1]["columns"]), (&json!("now"), &json!([])));
}
