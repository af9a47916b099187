//! A value never changes which resource is requested, whichever connector, service or step inserts it into a URL.
use super::{answer, make, upstream, world};
use crate::connect::{House, Source, object, presets};
use crate::support::recorder::{Recorder, Seen};
use jet_admin::connect;
use proptest::{
    strategy::{Strategy, ValueTree},
    test_runner::TestRunner,
};
use serde_json::{Map, Value, json};

/// Values that must not be sent at all, because some proxy or server would read another path.
const CLIMBERS: &[&str] = &[
    "",
    " ",
    ".",
    "..",
    " .. ",
    ".\t.",
    ".\n.",
    ".\r.",
    "\t..",
    "..\n",
    "\0",
    "a\u{0}b",
    "a\u{7f}",
    "a\u{85}b",
    "\u{2028}",
    "%2e%2e",
    "%2E.",
    "%252e%252e",
    "%25252e%25252e",
    "..;x=1",
    "..%3b",
    "../x",
    "..\\x",
    "a/../b",
    "a%2f..%2fb",
    "a\\..\\b",
    "．．",
    "..／x",
    "‥",
];

/// Values that can be sent, but only as data.
const AWKWARD: &[&str] =
    &["a/b", "a?b=c", "a#b", "a&b", "a;b=c", "a\\b", "%41", "//x", "@x", ":80", "a b", "é", "...", "x.."];

fn hostile() -> Vec<String> {
    let mut runner = TestRunner::deterministic();
    let random = "[./\\\\%25ec;?#@:& \t\n\u{0}-\u{1f}\u{85}\u{ff0e}a-c\u{2025}]{0,8}";
    let random = (0..60).map(|_| random.new_tree(&mut runner).unwrap().current());
    CLIMBERS.iter().chain(AWKWARD).map(|text| (*text).to_owned()).chain(random).collect()
}

#[tokio::test(flavor = "multi_thread")]
async fn values_cannot_escape_the_base_url() {
    let (_server, client) = world().await;
    let upstream = upstream().await;
    let options = json!({
        "baseUrl": format!("{}/v1/tenant42", upstream.url()), "auth": {"type": "bearer", "token": "t0ken-1234"},
    });
    let datasource = make(&client, "datasources", json!({"name": "api", "type": "restapi", "options": options})).await;
    let query = make(
        &client,
        "data-queries",
        json!({
            "name": "lines", "datasourceID": datasource, "parameters": [{"name": "kind"}, {"name": "id"}],
            "options": {"method": "DELETE", "path": "/{{ params.kind }}/{{ params.id }}/lines"},
        }),
    )
    .await;
    let run = async |kind: &str, id: &str| {
        client.post(&format!("data-queries/{query}/execute"), json!({"parameters": {"kind": kind, "id": id}})).await
    };
    for value in CLIMBERS {
        for (kind, id, named) in [(*value, "7", "params.kind"), ("orders", *value, "params.id")] {
            let refused = run(kind, id).await.refused(400, "INVALID_REQUEST");
            assert!(
                refused.message.contains(named) || refused.path == "options.path",
                "{value:?}: {}",
                refused.message
            );
            assert!(upstream.take().is_empty(), "{value:?} was sent");
        }
    }
    for value in hostile() {
        let status = run("orders", &value).await.status.as_u16();
        for seen in upstream.take() {
            let segments: Vec<&str> = seen.path.split('/').collect();
            assert_eq!(
                (segments.len(), &segments[..4], segments[5]),
                (6, &["", "v1", "tenant42", "orders"][..], "lines")
            );
            assert!(status == 200 && seen.query.is_empty(), "{value:?}: {}", seen.path);
        }
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn an_empty_value_does_not_address_the_whole_collection() {
    let (_server, client) = world().await;
    let upstream = upstream().await;
    let options = json!({"baseUrl": upstream.url()});
    let datasource = make(&client, "datasources", json!({"name": "api", "type": "restapi", "options": options})).await;
    for path in
        ["/items/{{ params.id }}", "/items/{{ params.id }}/parts", "{{ params.id }}", "/items/x-{{ params.id }}"]
    {
        for value in [json!(null), json!(""), json!("  ")] {
            let whole = json!({
                "name": format!("{path} {value}"), "datasourceID": datasource, "parameters": [{"name": "id"}],
                "options": {"method": "DELETE", "path": path},
            });
            let id = make(&client, "data-queries", whole).await;
            let answer = client.post(&format!("data-queries/{id}/execute"), json!({"parameters": {"id": value}})).await;
            let refused = answer.refused(400, "INVALID_REQUEST");
            assert!(refused.message.contains("params.id") && upstream.take().is_empty(), "{path}: {}", refused.message);
        }
    }
}

/// The text and number fields of an operation's documented case.
fn fields(case: &Map<String, Value>) -> Vec<String> {
    case.iter().filter(|(_, value)| value.is_string() || value.is_number()).map(|(name, _)| name.clone()).collect()
}

#[tokio::test(flavor = "multi_thread")]
async fn values_cannot_change_the_path_of_any_operation_of_a_service() {
    let house = House::new();
    let upstream = Recorder::start(|seen: &Seen| match seen.path.as_str() {
        "/token" => answer(&json!({"access_token": "fetched", "expires_in": 3600})),
        _ => answer(&json!([{"a": 1}])),
    })
    .await;
    let mut tried = 0;
    for (kind, cases) in presets::cases() {
        let options = presets::options(&kind, &upstream.url()).unwrap();
        let mut source = Source::new(&kind, options);
        source.0.id = uuid::Uuid::new_v4();
        for (operation, given) in cases {
            let ask = async |fields: Map<String, Value>, value: &str| {
                let mut options = object(json!({"operation": operation}));
                options.extend(fields);
                let parameters = json!([
                    {"name": "v"}, {"name": "s", "default": "s"}, {"name": "n", "type": "number", "default": 7},
                    {"name": "b", "type": "boolean", "default": true}, {"name": "a", "type": "array", "default": ["x"]},
                ]);
                let query = json!({"options": options, "parameters": parameters});
                let outcome = house.run(&source, query, json!({"v": value})).await;
                let seen = upstream.take().into_iter().find(|one| one.path != "/token");
                (seen.map(|one| one.path), outcome.err().map(|error| error.to_string()).unwrap_or_default())
            };
            let (usual, _) = ask(given.clone(), "x").await;
            let Some(usual) = usual else { panic!("{kind} {operation} sends nothing") };
            for field in fields(&given) {
                let mut with = given.clone();
                with.insert(field.clone(), "{{ params.v }}".into());
                // find the path segment that the field fills, if any
                let (marked, _) = ask(with.clone(), "zz9").await;
                let Some(marked) = marked.filter(|path| path.contains("zz9")) else { continue };
                assert_eq!(marked.split('/').count(), usual.split('/').count());
                tried += 1;
                for value in CLIMBERS {
                    let (sent, error) = ask(with.clone(), value).await;
                    assert_eq!(sent, None, "{kind} {operation} {field} {value:?}");
                    assert!(error.contains(&field), "{kind} {operation} {field} {value:?}: {error}");
                }
                for value in AWKWARD {
                    let (Some(sent), _) = ask(with.clone(), value).await else { continue };
                    let (own, template): (Vec<_>, Vec<_>) = (sent.split('/').collect(), marked.split('/').collect());
                    assert_eq!(own.len(), template.len(), "{kind} {operation} {value:?}: {sent}");
                    let same =
                        own.iter().zip(&template).all(|(own, template)| own == template || template.contains("zz9"));
                    assert!(same, "{kind} {operation} {value:?}: {sent}");
                }
            }
        }
    }
    assert!(tried >= 30, "only {tried} fields are part of a path");
    assert!(connect::all().count() > 15);
}

/// Runs a workflow of one step.
async fn step(client: &crate::support::Client, kind: &str, config: Value, value: &Value) -> Value {
    let nodes = json!([
        {"id": "start", "type": "start", "name": "start"}, {"id": "it", "type": kind, "name": "it", "config": config},
    ]);
    let edges = json!([{"id": "e", "source": "start", "target": "it"}]);
    let body = json!({"nodes": nodes, "edges": edges, "input": {"v": value}});
    client.post("workflows/test?wait=60", body).await.expect(200)
}

#[tokio::test(flavor = "multi_thread")]
async fn values_cannot_change_the_url_of_a_step() {
    let (_server, client) = world().await;
    let (upstream, elsewhere) = (upstream().await, upstream().await);
    for (kind, more) in [("httpRequest", json!({"method": "DELETE"})), ("notify", json!({"text": "hi"}))] {
        let ask = async |url: String, value: &Value| {
            let mut config = more.clone();
            config["url"] = url.into();
            let run = step(&client, kind, config, value).await;
            assert!(elsewhere.take().is_empty(), "{kind} {value}: {run}");
            (upstream.take(), run)
        };
        let url = format!("{}/v1/items/{{{{ input.v }}}}/lines?q={{{{ input.v }}}}", upstream.url());
        for value in CLIMBERS {
            let (seen, run) = ask(url.clone(), &json!(value)).await;
            assert!(seen.is_empty() && run["status"] == "FAILED", "{kind} {value:?}: {run}");
            assert!(run.to_string().contains("input.v"), "{kind} {value:?}: {run}");
        }
        for value in AWKWARD {
            let (seen, run) = ask(url.clone(), &json!(value)).await;
            let one = seen.first().unwrap_or_else(|| panic!("{kind} {value:?}: {run}"));
            let segments: Vec<&str> = one.path.split('/').collect();
            assert_eq!((segments.len(), &segments[..3], segments[4]), (5, &["", "v1", "items"][..], "lines"));
            assert_eq!(one.query, [("q".to_owned(), (*value).to_owned())]);
        }
        // a value at the beginning cannot cut off what follows
        for end in ["?", "#", "/x?a=", "\n", "/..;"] {
            let (seen, run) = ask("{{ input.v }}/items/7".to_owned(), &format!("{}{end}", upstream.url()).into()).await;
            let wrong = seen.iter().any(|one| !one.path.ends_with("/items/7"));
            assert!(!wrong, "{kind} {end:?}: {run}");
        }
        for host in [format!("@127.0.0.1:{}", elsewhere.port), format!("/../../@127.0.0.1:{}", elsewhere.port)] {
            ask(format!("{}/{{{{ input.v }}}}", upstream.url()), &host.into()).await;
        }
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn values_cannot_add_query_parameters_or_header_lines() {
    let (_server, client) = world().await;
    let upstream = upstream().await;
    let options = json!({"baseUrl": upstream.url()});
    let datasource = make(&client, "datasources", json!({"name": "api", "type": "restapi", "options": options})).await;
    let whole = json!({
        "name": "q", "datasourceID": datasource, "parameters": [{"name": "v"}],
        "options": {"queryParams": [{"name": "q", "value": "{{ params.v }}"}], "headers": [{"name": "x-v", "value": "{{ params.h }}"}]},
    });
    let mut plain = whole.clone();
    plain["options"]["headers"] = json!([]);
    let query = make(&client, "data-queries", plain).await;
    for value in hostile() {
        client.post(&format!("data-queries/{query}/execute"), json!({"parameters": {"v": value}})).await.expect(200);
        let seen = upstream.take();
        assert_eq!(seen[0].query, [("q".to_owned(), value)]);
    }
    let mut split = whole;
    split["name"] = "h".into();
    split["options"] = json!({"headers": [{"name": "x-v", "value": "{{ params.v }}"}]});
    let query = make(&client, "data-queries", split).await;
    for value in ["a\r\nx-evil: 1", "a\nb", "a\0b"] {
        let answer = client.post(&format!("data-queries/{query}/execute"), json!({"parameters": {"v": value}})).await;
        answer.refused(400, "INVALID_REQUEST");
        assert!(upstream.take().is_empty());
    }
}
