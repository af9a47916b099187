//! What steps do, and what happens when they fail.
use super::*;

#[tokio::test(flavor = "multi_thread")]
async fn a_run_goes_through_its_branches_and_ends_with_its_output() {
    let dir = tempfile::tempdir().unwrap();
    let world = World::running(dir.path());
    let flow = workflow(
        json!([
            {"id": "start", "type": "start"},
            query("users", json!({"limit": "{{ input.n * 2 }}"})),
            {"id": "sum", "type": "javascript", "config": {"code": "console.log('hi', input.n); return steps.users.rowCount + input.n"}},
            {"id": "check", "type": "condition", "config": {"branches": [
                {"id": "big", "when": "steps.sum > 20"},
                {"id": "small", "when": {"rows": [{"left": "{{ steps.sum }}", "operator": "lessThan", "right": 20}]}},
            ]}},
            {"id": "yes", "type": "end", "config": {"output": {"sum": "{{ steps.sum }}", "text": "sum is {{ steps.sum }}", "run": "{{ run.id }}"}}},
            {"id": "no", "type": "end", "config": {"output": "no"}},
        ]),
        &["start>users", "users>sum", "sum>check", "check:big>yes", "check:small>no", "check:default>no"],
    );
    let id = world.start(&flow).await;
    let run = world.finish(id).await;
    assert_eq!(run.status, Status::Completed);
    assert_eq!(output(&run), json!({"sum": 21, "text": "sum is 21", "run": id.to_string()}));
    assert_eq!(
        statuses(&run),
        [
            ("start".to_owned(), StepStatus::Completed),
            ("users".to_owned(), StepStatus::Completed),
            ("sum".to_owned(), StepStatus::Completed),
            ("check".to_owned(), StepStatus::Completed),
            ("no".to_owned(), StepStatus::Skipped),
            ("yes".to_owned(), StepStatus::Completed),
        ]
    );
    let steps = run.steps.unwrap();
    assert_eq!(steps[1].input, json!({"limit": 40}));
    assert_eq!(steps[2].logs, ["hi 20"]);
    assert_eq!(steps[3].output, json!({"branch": "big", "label": ""}));
    assert!(run.started_at.is_some() && run.finished_at.is_some());
    assert_eq!(run.nodes.unwrap().value().unwrap().as_array().unwrap().len(), 6);
}

#[tokio::test(flavor = "multi_thread")]
async fn branches_run_at_the_same_time() {
    let dir = tempfile::tempdir().unwrap();
    let world = World::running(dir.path());
    let mut nodes = vec![json!({"id": "start", "type": "start"}), json!({"id": "end", "type": "end"})];
    let mut edges = Vec::new();
    for i in 0..8 {
        nodes.push(query(&format!("q{i}"), json!({"ms": 300})));
        edges.extend([format!("start>q{i}"), format!("q{i}>end")]);
    }
    let edges: Vec<_> = edges.iter().map(String::as_str).collect();
    let started = Instant::now();
    let id = world.start(&workflow(nodes.into(), &edges)).await;
    assert_eq!(world.finish(id).await.status, Status::Completed);
    assert!(started.elapsed() < Duration::from_millis(1500), "{:?}", started.elapsed());
    assert_eq!(world.asked.0.load(Ordering::SeqCst), 8);
}

#[tokio::test(flavor = "multi_thread")]
async fn transient_failures_are_retried_and_others_end_the_run() {
    let dir = tempfile::tempdir().unwrap();
    let world = World::running(dir.path());
    let mut flow = workflow(json!([{"id": "start", "type": "start"}, query("q", json!({"fails": 2}))]), &["start>q"]);
    let retry = json!({"retry": {"maxAttempts": 3, "delayMs": 20}});
    flow.nodes[1].settings = serde_json::from_value(retry.clone()).unwrap();
    let id = world.start(&flow).await;
    let run = world.finish(id).await;
    assert_eq!(run.status, Status::Completed);
    assert_eq!(run.steps.unwrap()[1].attempt, 3);

    let code = json!({"id": "js", "type": "javascript", "config": {"code": "throw new Error('no way')"}});
    let mut flow = workflow(json!([{"id": "start", "type": "start"}, code]), &["start>js"]);
    flow.nodes[1].settings = serde_json::from_value(retry).unwrap();
    let id = world.start(&flow).await;
    let run = world.finish(id).await;
    assert_eq!(run.status, Status::Failed);
    assert!(run.error.unwrap().message.contains("no way"));
    assert_eq!(run.steps.unwrap()[1].attempt, 1);
}

#[tokio::test(flavor = "multi_thread")]
async fn a_failure_may_take_its_own_branch_or_be_ignored() {
    let dir = tempfile::tempdir().unwrap();
    let world = World::running(dir.path());
    let nodes = json!([
        {"id": "start", "type": "start"},
        {"id": "js", "type": "javascript", "config": {"code": "null.x"}, "settings": {"onError": "branch"}},
        {"id": "next", "type": "javascript", "config": {"code": "return null.y"}, "settings": {"onError": "continue"}},
        {"id": "good", "type": "end", "config": {"output": "good"}},
        {"id": "bad", "type": "end", "config": {"output": "{{ steps.next.error.message }}", "status": "failed"}},
    ]);
    let flow = workflow(nodes, &["start>js", "js>good", "js:error>next", "next>bad"]);
    let id = world.start(&flow).await;
    let run = world.finish(id).await;
    assert_eq!(run.status, Status::Failed);
    assert_eq!(run.error.as_ref().unwrap().code, "ENDED_AS_FAILED");
    assert!(output(&run).as_str().unwrap().contains("null"), "{:?}", run.output);
    assert!(statuses(&run).contains(&("good".to_owned(), StepStatus::Skipped)));
}

#[tokio::test(flavor = "multi_thread")]
async fn an_output_that_is_too_large_fails_its_step() {
    let dir = tempfile::tempdir().unwrap();
    let world = World::running(dir.path());
    let nodes = json!([{"id": "start", "type": "start"}, query("q", json!({"bytes": 5 << 20}))]);
    let id = world.start(&workflow(nodes, &["start>q"])).await;
    let run = world.finish(id).await;
    assert_eq!(run.error.unwrap().code, "OUTPUT_TOO_LARGE");
}

#[tokio::test(flavor = "multi_thread")]
async fn a_step_that_takes_too_long_times_out() {
    let dir = tempfile::tempdir().unwrap();
    let world = World::running(dir.path());
    let nodes = json!([
        {"id": "start", "type": "start"},
        {"id": "js", "type": "javascript", "config": {"code": "while (true) {}"}, "settings": {"timeoutMs": 200}},
        {"id": "q", "type": "dataQuery", "config": {"queryID": Uuid::nil(), "parameters": {"ms": 60000}}, "settings": {"timeoutMs": 200}},
    ]);
    for target in ["js", "q"] {
        let id = world.start(&workflow(nodes.clone(), &[&format!("start>{target}")])).await;
        let run = world.finish(id).await;
        assert_eq!(run.error.unwrap().code, "TIMEOUT", "{target}");
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn a_run_has_its_own_timeout() {
    let dir = tempfile::tempdir().unwrap();
    let world = World::running(dir.path());
    let mut flow = delayed("1h");
    flow.settings.timeout_seconds = Some(1);
    let id = world.start(&flow).await;
    let run = world.finish(id).await;
    assert_eq!((run.status, run.error.unwrap().code.as_str()), (Status::Failed, "TIMEOUT"));
    assert!(run.steps.unwrap().iter().any(|step| step.name == "wait" && step.status == StepStatus::Cancelled));
}
