//! Loops, sub-workflows, approvals, limits and replays.
use super::*;
use crate::runner::{ApprovalAnswer, ReplayOptions};

fn script(id: &str, code: &str) -> Value {
    json!({"id": id, "type": "javascript", "config": {"code": code}})
}

fn inside(parent: &str, mut node: Value) -> Value {
    node["parentID"] = json!(parent);
    node
}

fn each(items: Value, more: Value) -> Value {
    let mut node = json!({"id": "each", "type": "loop", "config": {"items": items}});
    for (name, value) in more.as_object().unwrap() {
        node["config"][name] = value.clone();
    }
    node
}

fn looped(items: Value, more: Value, body: Value) -> Workflow {
    let mut nodes = vec![json!({"id": "start", "type": "start"}), each(items, more)];
    nodes.extend(body.as_array().unwrap().iter().map(|node| inside("each", node.clone())));
    nodes.push(json!({"id": "end", "type": "end", "config": {"output": "{{ steps.each }}"}}));
    workflow(json!(nodes), &["start>each", "each>end"])
}

#[tokio::test(flavor = "multi_thread")]
async fn a_loop_returns_its_results_in_order_at_any_concurrency() {
    let dir = tempfile::tempdir().unwrap();
    let world = World::running(dir.path());
    let body = json!([script("double", "return {n: item * 2, index, all: input.n}")]);
    let flow = looped(json!("{{ [...Array(20).keys()] }}"), json!({"concurrency": 7}), body);
    let run = world.finish(world.start(&flow).await).await;
    let expected: Vec<_> = (0..20).map(|n| json!({"n": n * 2, "index": n, "all": 20})).collect();
    assert_eq!(output(&run), json!(expected));
    assert_eq!(run.step_count, Some(23));
    let fifth = run.steps.unwrap().into_iter().find(|step| step.iteration == "5").unwrap();
    assert_eq!((fifth.name.as_str(), fifth.status), ("double", StepStatus::Completed));
}

#[tokio::test(flavor = "multi_thread")]
async fn nested_loops_see_the_scopes_around_them() {
    let dir = tempfile::tempdir().unwrap();
    let world = World::running(dir.path());
    let nodes = json!([
        {"id": "start", "type": "start"},
        each(json!([1, 2]), json!({"concurrency": 2})),
        inside("each", script("outer", "return item * 100")),
        inside("each", json!({"id": "inner", "type": "loop", "config": {"items": 3}})),
        inside("inner", script("sum", "return steps.outer + item")),
        {"id": "end", "type": "end", "config": {"output": "{{ steps.each }}"}},
    ]);
    let flow = workflow(nodes, &["start>each", "outer>inner", "each>end"]);
    let run = world.finish(world.start(&flow).await).await;
    assert_eq!(output(&run), json!([[100, 101, 102], [200, 201, 202]]));
}

#[tokio::test(flavor = "multi_thread")]
async fn a_failed_item_fails_the_loop_or_is_skipped_or_collected() {
    let dir = tempfile::tempdir().unwrap();
    let world = World::running(dir.path());
    let body = json!([script("odd", "if (item % 2) throw new Error('odd'); return item")]);
    let skipped = looped(json!(4), json!({"onItemError": "skip"}), body.clone());
    assert_eq!(output(&world.finish(world.start(&skipped).await).await), json!([0, 2]));
    let looping = looped(json!(4), json!({"onItemError": "collect", "concurrency": 4}), body.clone());
    let output = output(&world.finish(world.start(&looping).await).await);
    assert_eq!((&output[0], &output[2]), (&json!(0), &json!(2)));
    assert_eq!(
        (&output[1]["error"]["code"], &output[3]["error"]["code"]),
        (&json!("SCRIPT_ERROR"), &json!("SCRIPT_ERROR"))
    );
    let flow = looped(json!(4), json!({"concurrency": 4}), body);
    let run = world.finish(world.start(&flow).await).await;
    assert_eq!(run.status, Status::Failed);
    let message = run.error.unwrap().message;
    assert!(message.starts_with("item 1:") || message.starts_with("item 3:"), "{message}");
}

#[tokio::test(flavor = "multi_thread")]
async fn a_failed_item_cancels_the_others() {
    let dir = tempfile::tempdir().unwrap();
    let world = World::running(dir.path());
    let body = json!([
        {"id": "which", "type": "condition", "config": {"branches": [{"id": "first", "when": "index == 0"}]}},
        script("fails", "throw new Error('no')"),
        query("slow", json!({"ms": 20_000})),
    ]);
    let mut flow = looped(json!(3), json!({"concurrency": 3}), body);
    flow.edges.extend(workflow(json!([]), &["which:first>fails", "which:default>slow"]).edges.into_iter().map(
        |mut edge| {
            edge.id.push('x');
            edge
        },
    ));
    let begun = Instant::now();
    let run = world.finish(world.start(&flow).await).await;
    assert_eq!(run.status, Status::Failed);
    assert!(begun.elapsed() < Duration::from_secs(10));
}

#[tokio::test(flavor = "multi_thread")]
async fn a_long_loop_ends_and_lists_its_first_steps() {
    let dir = tempfile::tempdir().unwrap();
    let world = World::running(dir.path());
    let body = json!([{"id": "pass", "type": "condition", "config": {"branches": [{"id": "a", "when": "item >= 0"}]}}]);
    let flow = looped(json!(8000), json!({"concurrency": 32}), body);
    let id = world.start(&flow).await;
    let run = world.finish_within(id, Duration::from_mins(2)).await;
    assert_eq!(run.status, Status::Completed, "{:?}", run.error);
    let whole = world.runner.value(&world.scope, id, RunValue::Output).await.unwrap();
    assert_eq!(whole.value().unwrap().as_array().unwrap().len(), 8000);
    assert_eq!(run.step_count, Some(8003));
    let steps = run.steps.unwrap();
    assert!(steps.len() < 8003 && steps.iter().any(|step| step.name == "end"));
}

fn approving(expires: Option<&str>) -> Workflow {
    let nodes = json!([
        {"id": "start", "type": "start"},
        {"id": "ask", "type": "approval", "config": {
            "title": "Refund {{ input.n }}?", "assignees": ["Editor"], "expiresAfter": expires,
            "fields": [{"name": "reason", "required": true}],
        }},
        script("yes", "return steps.ask.data.reason"),
        script("no", "return 'no'"),
        script("late", "return 'late'"),
        {"id": "end", "type": "end", "config": {"output": "{{ steps.yes ?? steps.no ?? steps.late }}"}},
    ]);
    workflow(
        nodes,
        &["start>ask", "ask:approved>yes", "ask:rejected>no", "ask:expired>late", "yes>end", "no>end", "late>end"],
    )
}

async fn open_task(world: &World, id: Uuid) -> crate::store::OpenTask {
    let runner = world.runner.clone();
    let mut events = Box::pin(runner.events(&world.scope, id, 0).unwrap());
    while let Some(event) = events.try_next().await.unwrap() {
        if let Some(task) = &event.data.task {
            return world.runner.task(&world.scope, id, task.id).unwrap();
        }
    }
    panic!("no approval was opened");
}

#[tokio::test(flavor = "multi_thread")]
async fn an_approval_continues_with_the_answer_even_after_a_restart() {
    let dir = tempfile::tempdir().unwrap();
    let world = World::running(dir.path());
    let id = world.start(&approving(None)).await;
    let task = open_task(&world, id).await;
    assert_eq!(
        (task.task.title.as_str(), task.task.asked.assignees.as_slice()),
        ("Refund 20?", &["Editor".to_owned()][..])
    );
    let yes = |data: Value| ApprovalAnswer { decision: "approved".to_owned(), data };
    let refused = world.runner.answer(&world.scope, &task, yes(json!({}))).await.unwrap_err();
    assert!(refused.to_string().contains("data.reason"), "{refused}");
    world.runner.shut_down(Duration::from_secs(5)).await;
    drop(world);

    let world = World::running(dir.path());
    let task = world.runner.task(&world.scope, id, task.task.id).unwrap();
    assert_eq!(world.runner.tasks(&world.scope, 10).await.unwrap().len(), 1);
    let answers = (0..8).map(|_| world.runner.answer(&world.scope, &task, yes(json!({"reason": "late parcel"}))));
    let answers = futures_util::future::join_all(answers).await;
    assert_eq!(answers.iter().filter(|answer| answer.is_ok()).count(), 1, "{answers:?}");
    let run = world.finish(id).await;
    assert_eq!(output(&run), json!("late parcel"));
    assert!(world.runner.tasks(&world.scope, 10).await.unwrap().is_empty());
    assert!(world.runner.task(&world.scope, id, task.task.id).is_err());
}

#[tokio::test(flavor = "multi_thread")]
async fn an_approval_is_rejected_or_expires() {
    let dir = tempfile::tempdir().unwrap();
    let world = World::running(dir.path());
    let id = world.start(&approving(None)).await;
    let task = open_task(&world, id).await;
    let no = ApprovalAnswer { decision: "rejected".to_owned(), data: Value::Null };
    world.runner.answer(&world.scope, &task, no).await.unwrap();
    assert_eq!(output(&world.finish(id).await), json!("no"));
    let run = world.finish(world.start(&approving(Some("50ms"))).await).await;
    assert_eq!(output(&run), json!("late"));
    assert!(world.runner.tasks(&world.scope, 10).await.unwrap().is_empty());
}

#[tokio::test(flavor = "multi_thread")]
async fn a_stopped_run_has_no_open_approvals() {
    let dir = tempfile::tempdir().unwrap();
    let world = World::running(dir.path());
    let id = world.start(&approving(None)).await;
    let task = open_task(&world, id).await;
    world.runner.stop(&world.scope, id).await.unwrap();
    assert!(world.runner.tasks(&world.scope, 10).await.unwrap().is_empty());
    let yes = ApprovalAnswer { decision: "approved".to_owned(), data: json!({"reason": "x"}) };
    assert!(matches!(world.runner.answer(&world.scope, &task, yes).await, Err(Error::Conflict(_))));
}

#[tokio::test(flavor = "multi_thread")]
async fn a_limited_workflow_queues_skips_or_replaces() {
    let dir = tempfile::tempdir().unwrap();
    let world = World::running(dir.path());
    let mut flow = delayed("3s");
    flow.settings.max_concurrent_runs = Some(1);
    let first = world.start(&flow).await;
    let second = world.start(&flow).await;
    assert_eq!(world.runner.get(&world.scope, second).await.unwrap().status, Status::Pending);
    let (one, two) = (world.finish(first).await, world.finish(second).await);
    assert_eq!((one.status, two.status), (Status::Completed, Status::Completed));
    assert!(two.started_at >= one.finished_at, "the second began before the first had ended");

    flow.settings.when_full = crate::model::workflow::WhenFull::Skip;
    let first = world.start(&flow).await;
    let skipped = world.runner.get(&world.scope, world.start(&flow).await).await.unwrap();
    assert_eq!((skipped.status, skipped.error.unwrap().code.as_str()), (Status::Cancelled, "SKIPPED"));
    assert_eq!(world.finish(first).await.status, Status::Completed);

    flow.settings.when_full = crate::model::workflow::WhenFull::Replace;
    let first = world.start(&flow).await;
    let second = world.start(&flow).await;
    assert_eq!(world.finish(first).await.status, Status::Cancelled);
    assert_eq!(world.finish(second).await.status, Status::Completed);
}

#[tokio::test(flavor = "multi_thread")]
async fn a_run_is_replayed_from_its_start_or_from_a_step() {
    let dir = tempfile::tempdir().unwrap();
    let world = World::running(dir.path());
    let nodes = json!([
        {"id": "start", "type": "start"},
        query("first", json!({})),
        script("second", "if (input.n == 20) throw new Error('no'); return 1"),
        {"id": "end", "type": "end", "config": {"output": "{{ steps.first.rowCount }}"}},
    ]);
    let edges = ["start>first", "first>second", "second>end"];
    let broken = world.finish(world.start(&workflow(nodes.clone(), &edges)).await).await;
    assert_eq!((broken.status, world.asked.0.load(Ordering::SeqCst)), (Status::Failed, 1));

    let again = |from: Option<&str>, version| ReplayOptions {
        from: from.map(str::to_owned),
        version,
        trigger: RunTrigger::Manual,
    };
    let same = world.runner.replay(&world.scope, broken.id, again(Some("second"), None)).await.unwrap();
    assert_eq!(world.finish(same.id).await.status, Status::Failed);
    assert_eq!(world.asked.0.load(Ordering::SeqCst), 1, "the first step ran again");

    let mut mended = nodes;
    mended[2] = script("second", "return 1");
    let mended = world.runner.prepare(&world.scope, &workflow(mended, &edges)).unwrap();
    let fixed = again(Some("second"), Some((4, mended)));
    let fixed = world.runner.replay(&world.scope, broken.id, fixed).await.unwrap();
    let fixed = world.finish(fixed.id).await;
    assert_eq!((fixed.status, output(&fixed), fixed.workflow_version), (Status::Completed, json!(1), 4));
    assert_eq!(fixed.replay_of, Some(broken.id));
    let steps = fixed.steps.unwrap();
    assert!(steps.iter().find(|step| step.name == "first").unwrap().reused);
    assert_eq!(world.asked.0.load(Ordering::SeqCst), 1);

    let all = world.runner.replay(&world.scope, broken.id, again(None, None)).await.unwrap();
    assert_eq!(world.finish(all.id).await.status, Status::Failed);
    assert_eq!(world.asked.0.load(Ordering::SeqCst), 2);
    let refused = world.runner.replay(&world.scope, broken.id, again(Some("gone"), None)).await.unwrap_err();
    assert!(refused.to_string().contains("fromNodeID"), "{refused}");
}
