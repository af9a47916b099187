//! Stopping, following and listing runs, and deleting tenants.
use super::{super::journal::SeenEnd, *};

#[tokio::test(flavor = "multi_thread")]
async fn runs_can_be_stopped_in_any_state() {
    let dir = tempfile::tempdir().unwrap();
    let world = World::running(dir.path());
    let busy = workflow(json!([{"id": "start", "type": "start"}, query("q", json!({"ms": 60000}))]), &["start>q"]);
    for flow in [busy, delayed("1h")] {
        let id = world.start(&flow).await;
        tokio::time::sleep(Duration::from_millis(100)).await;
        let run = world.runner.stop(&world.scope, id).await.unwrap();
        assert_eq!(run.status, Status::Cancelled);
        assert!(run.finished_at.is_some());
        assert!(run.steps.unwrap().iter().all(|step| step.finished_at.is_some()));
        assert!(matches!(world.runner.stop(&world.scope, id).await, Err(Error::Conflict(_))));
    }
    let stranger = Scope::system(Uuid::from_u128(8));
    let id = world.start(&delayed("1h")).await;
    assert!(matches!(world.runner.stop(&stranger, id).await, Err(Error::NotFound(_))));
    assert!(matches!(world.runner.get(&stranger, id).await, Err(Error::NotFound(_))));
    assert_eq!(world.runner.list(&stranger, InstanceFilter::default(), 50).await.unwrap().total, 0);
    tokio::time::sleep(Duration::from_millis(100)).await;
    assert!(world.runner.0.live.lock().unwrap().is_empty());
    assert_eq!(world.runner.0.timers.pop(Time(i64::MAX)).map(|ticket| ticket.run), Some(id));
}

#[tokio::test(flavor = "multi_thread")]
async fn a_late_follower_gets_every_event_once() {
    let dir = tempfile::tempdir().unwrap();
    let world = World::running(dir.path());
    let id = world.start(&delayed("300ms")).await;
    let live = world.runner.events(&world.scope, id, 0).unwrap();
    let live = tokio::time::timeout(Duration::from_secs(10), live.try_collect::<Vec<_>>()).await.unwrap().unwrap();
    let late: Vec<_> = world.runner.events(&world.scope, id, 0).unwrap().try_collect().await.unwrap();
    let again: Vec<_> = world.runner.events(&world.scope, id, 5).unwrap().try_collect().await.unwrap();
    let seen = |events: &[Arc<LiveEvent>]| events.iter().map(|event| (event.id, event.name)).collect::<Vec<_>>();
    assert_eq!(seen(&live), seen(&late));
    assert_eq!(seen(&again), seen(&late)[5..]);
    let names: Vec<_> = late.iter().map(|event| event.name).collect();
    assert_eq!(
        names,
        [
            "run.started",
            "step.started",
            "step.completed",
            "step.started",
            "step.completed",
            "step.started",
            "step.waiting",
            "run.waiting",
            "step.completed",
            "step.started",
            "step.completed",
            "step.started",
            "step.completed",
            "run.completed"
        ]
    );
    let all: Vec<_> = late.iter().map(|event| event.id).collect();
    assert_eq!(all, (1..=14).collect::<Vec<_>>());
    let beyond: Vec<_> = world.runner.events(&world.scope, id, 99).unwrap().collect().await;
    assert!(beyond.is_empty());
    assert!(!world.runner.0.hub.is_followed(id));
}

#[tokio::test(flavor = "multi_thread")]
async fn an_idempotency_key_starts_only_one_run() {
    let dir = tempfile::tempdir().unwrap();
    let world = World::running(dir.path());
    let flow = delayed("1ms");
    let keyed = |input: Value| RunRequest {
        input: Json::of(&input).unwrap(),
        idempotency_key: Some("k".to_owned()),
        ..world.request(&flow)
    };
    let (a, b) = tokio::join!(
        world.runner.start(&world.scope, keyed(json!({"n": 1}))),
        world.runner.start(&world.scope, keyed(json!({"n": 1}))),
    );
    assert_eq!(a.unwrap().id, b.unwrap().id);
    let other = world.runner.start(&world.scope, keyed(json!({"n": 2}))).await;
    assert!(matches!(other, Err(Error::Conflict(_))));
    assert_eq!(world.runner.list(&world.scope, InstanceFilter::default(), 50).await.unwrap().total, 1);
}

#[tokio::test(flavor = "multi_thread")]
async fn an_awaited_run_is_followed_from_its_first_event() {
    let dir = tempfile::tempdir().unwrap();
    let world = World::running(dir.path());
    let request = || RunRequest { is_awaited: true, ..world.request(&delayed("1ms")) };
    let accepted = world.runner.start(&world.scope, request()).await.unwrap();
    let follower = accepted.follower.unwrap();
    let seen = world.runner.seen_end(&world.scope, accepted.id, Some(follower), Duration::from_secs(20)).await;
    // the stored run was not read
    assert!(matches!(seen.unwrap().unwrap(), SeenEnd::Event(last) if last.is_last));
    let accepted = world.runner.start(&world.scope, request()).await.unwrap();
    let id = accepted.id;
    let events = world.runner.events_of(&world.scope, accepted);
    let ids: Vec<_> = events.map(|event| event.unwrap().id).collect().await;
    // a wait of a millisecond may be over before it begins
    assert_eq!(ids, (1..=ids.len().max(12) as u64).collect::<Vec<_>>());
    assert!(!world.runner.0.hub.is_followed(id));
}

#[tokio::test(flavor = "multi_thread")]
async fn runs_are_listed_in_pages_and_filtered() {
    let dir = tempfile::tempdir().unwrap();
    let world = World::running(dir.path());
    let mut ids = Vec::new();
    for i in 0..5 {
        let request = RunRequest { is_test: i == 4, ..world.request(&delayed("1ms")) };
        ids.push(world.runner.start(&world.scope, request).await.unwrap().id);
    }
    for id in &ids {
        world.finish(*id).await;
    }
    let page = world.runner.list(&world.scope, InstanceFilter::default(), 3).await.unwrap();
    assert_eq!((page.total, page.items.len()), (5, 3));
    assert_eq!(page.items[0].id, ids[4]);
    assert!(page.items[0].input.is_none() && page.items[0].steps.is_none());
    let before = Uuid::parse_str(&page.next_cursor.unwrap()).unwrap();
    let filter = InstanceFilter { before: Some(before), ..InstanceFilter::default() };
    let rest = world.runner.list(&world.scope, filter, 3).await.unwrap();
    assert_eq!(rest.items.iter().map(|run| run.id).collect::<Vec<_>>(), [ids[1], ids[0]]);
    assert!(rest.next_cursor.is_none());
    for (filter, count) in [
        (InstanceFilter { is_test: Some(true), ..InstanceFilter::default() }, 1),
        (InstanceFilter { status: Some(Status::Completed), ..InstanceFilter::default() }, 5),
        (InstanceFilter { status: Some(Status::Failed), ..InstanceFilter::default() }, 0),
        (InstanceFilter { trigger: Some(RunTrigger::Manual), ..InstanceFilter::default() }, 5),
        (InstanceFilter { workflow_id: Some(Uuid::nil()), ..InstanceFilter::default() }, 0),
    ] {
        assert_eq!(world.runner.list(&world.scope, filter, 50).await.unwrap().total, count);
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn a_test_run_uses_pinned_outputs() {
    let dir = tempfile::tempdir().unwrap();
    let world = World::running(dir.path());
    let mut flow = delayed("1h");
    for (node, output) in [(1, json!({"rowCount": 9})), (2, json!(null)), (3, json!({"rowCount": 1}))] {
        flow.nodes[node].pinned_output = Some(output);
    }
    let request = RunRequest { is_test: true, workflow_id: None, ..world.request(&flow) };
    let id = world.runner.start(&world.scope, request).await.unwrap().id;
    let run = world.finish(id).await;
    assert_eq!(run.status, Status::Completed);
    assert_eq!(world.asked.0.load(Ordering::SeqCst), 0);
}

#[tokio::test(flavor = "multi_thread")]
async fn a_deleted_tenant_loses_all_its_runs() {
    let dir = tempfile::tempdir().unwrap();
    let world = World::running(dir.path());
    let busy = workflow(json!([{"id": "start", "type": "start"}, query("q", json!({"ms": 500}))]), &["start>q"]);
    let ids = [world.start(&busy).await, world.start(&delayed("1h")).await];
    tokio::time::sleep(Duration::from_millis(100)).await;
    let (store, scope) = (&world.runner.0.store, world.scope.clone());
    let draft = serde_json::from_value(json!({"name": "Gone"})).unwrap();
    let marked = store.write(move |tx| {
        tx.create_tenant(&scope, &draft)?;
        tx.delete_tenant(&scope, None)
    });
    marked.await.unwrap();
    world.runner.forget_tenant(world.scope.tenant);
    store.remove_tenant(world.scope.tenant).await.unwrap();
    for id in ids {
        assert!(matches!(world.runner.get(&world.scope, id).await, Err(Error::NotFound(_))));
    }
    tokio::time::sleep(Duration::from_millis(600)).await;
    assert!(world.runner.0.live.lock().unwrap().is_empty());
    assert!(world.runner.0.timers.pop(Time(i64::MAX)).is_none());
}

#[tokio::test(flavor = "multi_thread")]
async fn a_hundred_followers_read_the_journal_once() {
    let dir = tempfile::tempdir().unwrap();
    let world = World::running(dir.path());
    let id = world.start(&delayed("1h")).await;
    let follow = || Box::pin(world.runner.events(&world.scope, id, 0).unwrap());
    let mut first = follow();
    first.try_next().await.unwrap();
    // followers share what one of them has read
    let story = world.runner.0.hub.follow(world.scope.tenant, id);
    let kept = story.story.after(0).unwrap();
    assert_eq!(kept[0].id, 1);
    let reading = story.story.reading.lock().await;
    let mut followers: Vec<_> = (0..100).map(|_| follow()).collect();
    for follower in &mut followers {
        let event = tokio::time::timeout(Duration::from_secs(5), follower.try_next());
        assert_eq!(event.await.expect("the follower waits to read the journal").unwrap().unwrap().name, "run.started");
    }
    drop(reading);
    world.runner.stop(&world.scope, id).await.unwrap();
    for follower in followers {
        let names: Vec<_> = follower.map(|event| event.unwrap().name).collect().await;
        assert_eq!(*names.last().unwrap(), "run.cancelled");
    }
}
