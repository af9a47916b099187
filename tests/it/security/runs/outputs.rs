//! Responses about a run stay small, and the memory that a run uses is limited.
use super::{begin, edges, has_ended, node, save, script, start, until_shown};
use crate::support::{TestServer, World};
use reqwest::Method;
use serde_json::{Value, json};

fn step<'a>(run: &'a Value, name: &str) -> &'a Value {
    super::step(run, name)
}

#[tokio::test]
async fn a_large_value_is_omitted_from_the_run_and_can_be_read_separately() {
    let world = World::empty().await;
    let client = &world.client;
    let nodes = json!([
        start(),
        script("small", "return {rows: [1, 2]}"),
        script("large", "console.log('y'.repeat(500)); return {text: 'x'.repeat(100000)}"),
        node("set", "set", json!({"values": {"copy": "{{ steps.large.text.slice(0, 60000) }}"}})),
        node("end", "end", json!({"output": "{{ steps.large }}"})),
    ]);
    let flow = save(client, "Large", nodes, &["start>small", "small>large", "large>set", "set>end"]).await;
    let run = client
        .post(&format!("{flow}/execute?wait=60"), json!({"input": {"big": "z".repeat(70_000)}}))
        .await
        .expect(200);
    assert_eq!(run["status"], "COMPLETED", "{run}");
    let path = format!("workflows/instances/{}", run["id"].as_str().unwrap());
    let bytes = 100_000 + r#"{"text":""}"#.len();
    for run in [run, client.get(&path).await.expect(200)] {
        assert_eq!(
            (&run["output"], &run["outputOmitted"], &run["outputBytes"]),
            (&Value::Null, &json!(true), &json!(bytes))
        );
        assert_eq!((&run["input"], &run["inputOmitted"]), (&Value::Null, &json!(true)));
        let large = step(&run, "large");
        assert_eq!(
            (&large["output"], &large["outputOmitted"], &large["outputBytes"]),
            (&Value::Null, &json!(true), &json!(bytes))
        );
        assert_eq!(large["logs"], json!(["y".repeat(500)]));
        // small values are included as before
        let small = step(&run, "small");
        assert_eq!(small["output"], json!({"rows": [1, 2]}));
        assert!(
            small.as_object().unwrap().keys().all(|key| !key.contains("Omitted") && !key.contains("Bytes")),
            "{small}"
        );
        assert_eq!(step(&run, "set")["output"]["copy"].as_str().unwrap().len(), 60_000);
        assert!(run.to_string().len() < 200_000);
    }
    let whole = json!({"text": "x".repeat(100_000)});
    assert_eq!(client.get(&format!("{path}/steps/large")).await.expect(200), whole);
    assert_eq!(client.get(&format!("{path}/steps/large?part=logs")).await.expect(200), json!(["y".repeat(500)]));
    assert_eq!(client.get(&format!("{path}/steps/small?part=logs")).await.expect(200), json!([]));
    assert_eq!(client.get(&format!("{path}/output")).await.expect(200), whole);
    assert_eq!(client.get(&format!("{path}/input")).await.expect(200), json!({"big": "z".repeat(70_000)}));
    for unknown in ["steps/other", "steps/large?iteration=1"] {
        client.get(&format!("{path}/{unknown}")).await.refused(404, "NOT_FOUND");
    }
    client.get(&format!("{path}/steps/large?part=all")).await.refused(400, "INVALID_REQUEST");
    // the events of the run do not contain it either
    let events = client.call(Method::GET, &format!("{path}/events")).send().await.text;
    assert!(
        events.len() < 200_000 && events.contains(&format!("\"outputOmitted\":true,\"outputBytes\":{bytes}")),
        "{}",
        events.len()
    );
    // another tenant cannot read it
    let other = world.server.account("other@example.com").await;
    let other = world.server.tenant(&other, "Second").await;
    for value in ["steps/large", "output", "input"] {
        other.get(&format!("{path}/{value}")).await.refused(404, "NOT_FOUND");
    }
}

#[tokio::test]
async fn a_value_in_a_loop_can_be_read_by_iteration() {
    let world = World::empty().await;
    let client = &world.client;
    let mut inside = script("make", "return String(item).repeat(70000)");
    inside["parentID"] = json!("each");
    let mut last = script("count", "return steps.make.length");
    last["parentID"] = json!("each");
    let each = node("each", "loop", json!({"items": "{{ [1, 2] }}"}));
    let flow = save(client, "Looping", json!([start(), each, inside, last]), &["start>each", "make>count"]).await;
    let run = begin(client, &flow).await;
    assert_eq!(until_shown(client, &run, has_ended).await["status"], "COMPLETED");
    for item in [0, 1] {
        let value = client.get(&format!("{run}/steps/make?iteration={item}")).await.expect(200);
        assert_eq!(value, json!((item + 1).to_string().repeat(70_000)));
    }
    client.get(&format!("{run}/steps/make")).await.refused(404, "NOT_FOUND");
}

#[tokio::test]
async fn a_run_with_many_values_stays_small() {
    let world = World::empty().await;
    let client = &world.client;
    let names: Vec<String> = (0..150).map(|number| format!("s{number}")).collect();
    let mut nodes = vec![start(), script("make", "return 'x'.repeat(60000)")];
    nodes.extend(names.iter().map(|name| node(name, "set", json!({"values": {"copy": "{{ steps.make }}"}}))));
    let joins: Vec<String> = names.iter().map(|name| format!("make>{name}")).chain(["start>make".to_owned()]).collect();
    let joins: Vec<&str> = joins.iter().map(String::as_str).collect();
    let flow = save(client, "Many", nodes.into(), &joins).await;
    let run = begin(client, &flow).await;
    until_shown(client, "workflows/instances?status=COMPLETED", |list| list["total"] == 1).await;
    let answer = client.get(&run).await;
    assert!(answer.text.len() < 6 << 20, "{} bytes", answer.text.len());
    let run_record = answer.expect(200);
    assert_eq!(run_record["steps"].as_array().unwrap().len(), 152);
    let omitted = run_record["steps"].as_array().unwrap().iter().filter(|step| step["outputOmitted"] == true).count();
    assert!(omitted > 50, "{omitted}");
    assert_eq!(client.get(&format!("{run}/steps/s149")).await.expect(200)["copy"], "x".repeat(60_000));
}

#[tokio::test]
async fn a_run_that_needs_too_much_memory_fails_with_a_clear_error() {
    let world = World::empty().await;
    let client = &world.client;
    let names: Vec<String> = (0..20).map(|number| format!("s{number}")).collect();
    let nodes: Vec<Value> =
        std::iter::once(start()).chain(names.iter().map(|name| script(name, "return 'x'.repeat(4000000)"))).collect();
    let joins: Vec<String> = std::iter::once("start>s0".to_owned())
        .chain(names.windows(2).map(|pair| format!("{}>{}", pair[0], pair[1])))
        .collect();
    let joins: Vec<&str> = joins.iter().map(String::as_str).collect();
    let flow = save(client, "Heavy", nodes.into(), &joins).await;
    let run = begin(client, &flow).await;
    let run = until_shown(client, &run, has_ended).await;
    let error = &run["error"];
    assert_eq!((&run["status"], &error["code"]), (&json!("FAILED"), &json!("OUTPUT_TOO_LARGE")), "{error}");
    assert!(error["message"].as_str().unwrap().contains("67108864 bytes"), "{error}");
    assert_eq!(step(&run, "s15")["status"], "COMPLETED");
}

#[tokio::test]
async fn runs_wait_for_memory_instead_of_exceeding_it_together() {
    // a tenant's share is 32 MiB here, and each of these runs needs more than 10 MiB
    let world = World::on(TestServer::start_with(|config| config.memory = 64 << 20).await).await;
    let client = &world.client;
    let nodes = json!([
        start(),
        script("make", "return Array.from({length: 150000}, () => 1)"),
        script("more", "return steps.make.length + Array.from({length: 150000}, () => 1).length"),
        script("last", "return steps.make.concat(1)"),
        node("end", "end", json!({"output": "{{ steps.last.length }}"})),
    ]);
    let flow = save(client, "Wide", nodes, &["start>make", "make>more", "more>last", "last>end"]).await;
    let mut runs = Vec::new();
    for _ in 0..5 {
        runs.push(begin(client, &flow).await);
    }
    for run in runs {
        let run = until_shown(client, &run, has_ended).await;
        assert_eq!((&run["status"], &run["output"]), (&json!("COMPLETED"), &json!(150_001)), "{}", run["error"]);
        assert!(
            run["steps"].as_array().unwrap().iter().all(|step| step["attempt"] == 1),
            "no step may be retried because of memory"
        );
    }
    // a run that could never fit is refused, or fails, at once
    let huge = json!({"input": vec![json!({}); 400_000]});
    let refused = client.post(&format!("{flow}/execute"), huge).await;
    assert!([400, 413, 429, 503].contains(&refused.status.as_u16()), "{refused}");
    let nodes = json!([start(), script("make", "return Array.from({length: 400000}, () => ({}))")]);
    let body = json!({"nodes": nodes, "edges": edges(&["start>make"])});
    let run = client.post("workflows/test?wait=60", body).await.expect(200);
    assert_eq!(run["error"]["code"], "OUTPUT_TOO_LARGE", "{}", run["error"]);
}
