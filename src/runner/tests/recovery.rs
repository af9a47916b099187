//! Concurrent starts, restarts and lost runs: every run is recovered, and concurrency limits are kept.
use super::*;
use crate::{
    runner::{starts::NewRun, waiting::Ticket},
    store::{NewInstance, Parent},
};
use futures_util::future::join_all;

/// Creates a workflow with a delay and a concurrency limit.
fn limited(length: &str, limit: u32, when_full: &str) -> Workflow {
    let mut flow = delayed(length);
    flow.settings = serde_json::from_value(json!({"maxConcurrentRuns": limit, "whenFull": when_full})).unwrap();
    flow
}

fn keyed(world: &World, flow: &Workflow) -> RunRequest {
    RunRequest { idempotency_key: Some("k".to_owned()), ..world.request(flow) }
}

async fn status(world: &World, id: Uuid) -> Status {
    world.runner.get(&world.scope, id).await.unwrap().status
}

/// Waits until the run has the status `wanted`.
async fn reach(world: &World, id: Uuid, wanted: Status) {
    let start = Instant::now();
    while status(world, id).await != wanted {
        assert!(start.elapsed() < Duration::from_secs(20), "it is {:?}", status(world, id).await);
        tokio::time::sleep(Duration::from_millis(5)).await;
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn a_retry_with_the_same_key_replaces_and_skips_no_run() {
    for when_full in ["replace", "skip"] {
        let dir = tempfile::tempdir().unwrap();
        let world = World::running(dir.path());
        let flow = limited("1h", 1, when_full);
        let starts = (0..8).map(|_| world.runner.start(&world.scope, keyed(&world, &flow)));
        let ids: HashSet<Uuid> = join_all(starts).await.into_iter().map(|accepted| accepted.unwrap().id).collect();
        assert_eq!(ids.len(), 1, "{when_full}");
        let first = *ids.iter().next().unwrap();
        let again = world.runner.start(&world.scope, keyed(&world, &flow)).await.unwrap();
        assert_eq!(again.id, first);
        reach(&world, first, Status::Waiting).await;
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn runs_that_replace_each_other_keep_the_limit() {
    let dir = tempfile::tempdir().unwrap();
    let world = World::running(dir.path());
    let flow = limited("1h", 2, "replace");
    let started = join_all((0..12).map(|_| world.start(&flow))).await;
    let mut living = 0;
    for id in started {
        living += usize::from(!status(&world, id).await.is_final());
    }
    assert_eq!(living, 2);
}

/// Writes a run directly to the store: pending, and older than any other.
async fn inject(world: &World, flow: &Workflow, id: u128, parent: Option<Parent>) -> Uuid {
    let definition = world.runner.prepare(&world.scope, flow).unwrap();
    let new = NewInstance {
        id: Uuid::from_u128(id),
        workflow_id: Some(Uuid::from_u128(1)),
        workflow_name: "Test".to_owned(),
        workflow_version: 3,
        definition: (definition.hash.to_string(), definition.body.to_string()),
        is_test: false,
        trigger: RunTrigger::Manual,
        input: Json::of(&json!({"n": 1})).unwrap(),
        created_at: Time::now(),
        idempotency_key: None,
        parent,
        replay_of: None,
        owner: None,
    };
    let (scope, id) = (world.scope.clone(), new.id);
    world.runner.0.store.runs.write(move |tx| tx.insert_instance(&scope, &new, None)).await.unwrap();
    id
}

#[tokio::test(flavor = "multi_thread")]
async fn after_a_restart_admitted_runs_count_before_waiting_ones() {
    let dir = tempfile::tempdir().unwrap();
    let flow = limited("1h", 1, "queue");
    let (inside, waiting, called) = {
        let world = World::running(dir.path());
        let inside = world.start(&flow).await;
        reach(&world, inside, Status::Waiting).await;
        let waiting = inject(&world, &flow, 1, None).await;
        // its caller waits for it, so it must not wait for its caller
        let parent = Parent { instance: inside, step: "x/".to_owned(), depth: 1 };
        let called = inject(&world, &limited("1ms", 1, "queue"), 2, Some(parent)).await;
        world.runner.shut_down(Duration::ZERO).await;
        (inside, waiting, called)
    };
    let world = World::running(dir.path());
    assert_eq!(world.finish(called).await.status, Status::Completed);
    assert_eq!((status(&world, inside).await, status(&world, waiting).await), (Status::Waiting, Status::Pending));
    world.runner.stop(&world.scope, inside).await.unwrap();
    reach(&world, waiting, Status::Waiting).await;
}

#[tokio::test(flavor = "multi_thread")]
async fn a_lost_run_is_found_and_resumed() {
    let dir = tempfile::tempdir().unwrap();
    let world = World::running(dir.path());
    let inner = &world.runner.0;
    let busy = workflow(
        json!([{"id": "start", "type": "start"}, query("q", json!({"ms": 200})), {"id": "end", "type": "end"}]),
        &["start>q", "q>end"],
    );
    // a run whose driver was dropped, one without its timer, and one that is not queued
    let running = world.start(&busy).await;
    inner.revoke(running);
    let waiting = world.start(&delayed("300ms")).await;
    reach(&world, waiting, Status::Waiting).await;
    let due = world.runner.get(&world.scope, waiting).await.unwrap().due_at.unwrap();
    inner.timers.remove(due, Ticket { tenant: world.scope.tenant, run: waiting });
    let pending = inject(&world, &delayed("1ms"), 1, None).await;
    let parent = Parent { instance: pending, step: "x/".to_owned(), depth: 1 };
    let start = Instant::now();
    while inner.live.lock().unwrap().contains_key(&running) {
        assert!(start.elapsed() < Duration::from_secs(20));
        tokio::time::sleep(Duration::from_millis(5)).await;
    }
    assert_eq!(inner.find_lost(None, Duration::ZERO).await.unwrap(), None);
    for id in [running, waiting, pending] {
        assert_eq!(world.finish(id).await.status, Status::Completed);
    }
    // a run whose caller has ended is stopped
    let orphan = inject(&world, &delayed("1h"), 2, Some(parent)).await;
    inner.find_lost(None, Duration::ZERO).await.unwrap();
    assert_eq!(world.finish(orphan).await.status, Status::Cancelled);
}

#[tokio::test(flavor = "multi_thread")]
async fn waiting_runs_are_not_lost() {
    let dir = tempfile::tempdir().unwrap();
    let world = World::running(dir.path());
    let inner = &world.runner.0;
    let asking = workflow(
        json!([{"id": "start", "type": "start"}, {"id": "ask", "type": "approval", "config": {"title": "?"}}]),
        &["start>ask"],
    );
    let flow = limited("1h", 1, "queue");
    let busy = workflow(json!([{"id": "start", "type": "start"}, query("q", json!({"ms": 60000}))]), &["start>q"]);
    let ids =
        [world.start(&asking).await, world.start(&flow).await, world.start(&flow).await, world.start(&busy).await];
    for (id, wanted) in ids.into_iter().zip([Status::Waiting, Status::Waiting, Status::Pending, Status::Running]) {
        reach(&world, id, wanted).await;
    }
    let unfinished = |runs: &Store| runs.runs.get(|tx| tx.unfinished(None, 10)).unwrap();
    let start = Instant::now();
    while !inner.lost(unfinished(&inner.store)).is_empty() {
        // a driver writes that its run waits before it releases the run
        assert!(start.elapsed() < Duration::from_secs(20));
        tokio::time::sleep(Duration::from_millis(5)).await;
    }
    inner.find_lost(None, Duration::ZERO).await.unwrap();
    assert!(inner.queue.waiting().is_empty());
    assert_eq!(inner.timers.waiting(), HashSet::from([ids[1]]));
}

#[tokio::test(flavor = "multi_thread")]
async fn an_ended_run_cannot_call_another_run() {
    let dir = tempfile::tempdir().unwrap();
    let world = World::running(dir.path());
    let caller = world.start(&delayed("1ms")).await;
    world.finish(caller).await;
    let new = NewRun {
        workflow_id: None,
        workflow_name: "Called".to_owned(),
        workflow_version: 1,
        definition: world.runner.prepare(&world.scope, &delayed("1h")).unwrap(),
        input: Json::of(&json!({"n": 1})).unwrap(),
        trigger: RunTrigger::Workflow,
        is_test: false,
        idempotency_key: None,
        is_awaited: false,
        parent: Some(Parent { instance: caller, step: "x/".to_owned(), depth: 1 }),
        replay: None,
    };
    assert!(matches!(world.runner.0.begin(&world.scope, new).await, Err(Error::Conflict(_))));
    assert_eq!(world.runner.list(&world.scope, InstanceFilter::default(), 50).await.unwrap().total, 1);
}
