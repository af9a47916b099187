//! What survives a restart.
use super::*;

#[tokio::test]
async fn without_background_work_runs_are_executed_one_at_a_time() {
    let dir = tempfile::tempdir().unwrap();
    let world = World::open(dir.path(), RunnerLimits::default());
    let id = world.start(&delayed("1h")).await;
    assert_eq!(world.runner.get(&world.scope, id).await.unwrap().status, Status::Pending);
    assert!(world.runner.step_once().await.unwrap());
    let run = world.runner.get(&world.scope, id).await.unwrap();
    assert_eq!(run.status, Status::Waiting);
    assert!(run.due_at.is_some());
    assert!(!world.runner.step_once().await.unwrap());
}

#[tokio::test]
async fn too_many_queued_runs_are_rejected() {
    let dir = tempfile::tempdir().unwrap();
    let world = World::open(dir.path(), RunnerLimits { queued: 4, ..RunnerLimits::default() });
    let flow = delayed("1ms");
    for _ in 0..2 {
        world.start(&flow).await;
    }
    let refused = world.runner.start(&world.scope, world.request(&flow)).await;
    assert!(matches!(refused, Err(Error::RateLimited { .. })));
    world.runner.step_once().await.unwrap();
    world.start(&flow).await;
}

#[tokio::test(flavor = "multi_thread")]
async fn after_a_restart_every_run_continues_where_it_was() {
    let dir = tempfile::tempdir().unwrap();
    let busy = workflow(
        json!([{"id": "start", "type": "start"}, query("first", json!({})), query("q", json!({"ms": 5000})), {"id": "end", "type": "end"}]),
        &["start>first", "first>q", "q>end"],
    );
    let mut once = busy.clone();
    once.nodes[2].settings = serde_json::from_value(json!({"onInterrupt": "fail"})).unwrap();
    let (waiting, working, failing) = {
        let world = World::running(dir.path());
        let mut ids = (Vec::new(), Vec::new(), Vec::new());
        for _ in 0..20 {
            ids.0.push(world.start(&delayed("5s")).await);
            ids.1.push(world.start(&busy).await);
            ids.2.push(world.start(&once).await);
        }
        for id in &ids.0 {
            world.reach(*id, "wait").await;
        }
        for id in ids.1.iter().chain(&ids.2) {
            world.reach(*id, "q").await;
        }
        // the most abrupt stop that is possible in a test: every driver is dropped at once
        world.runner.shut_down(Duration::ZERO).await;
        assert!(world.runner.start(&world.scope, world.request(&busy)).await.is_err());
        ids
    };
    let world = World::running(dir.path());
    for id in waiting {
        let run = world.finish(id).await;
        assert_eq!((run.status, output(&run)), (Status::Completed, json!(21)));
        assert!(run.steps.unwrap().iter().all(|step| step.attempt == 1));
    }
    for id in working {
        let run = world.finish(id).await;
        assert_eq!(run.status, Status::Completed);
        let attempts: Vec<_> = run.steps.unwrap().iter().map(|step| step.attempt).collect();
        assert_eq!(attempts, [1, 1, 2, 1]);
    }
    for id in failing {
        assert_eq!(world.finish(id).await.error.unwrap().code, "INTERRUPTED");
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn a_shutdown_lets_running_steps_finish() {
    let dir = tempfile::tempdir().unwrap();
    let flow = workflow(
        json!([{"id": "start", "type": "start"}, query("a", json!({"ms": 300})), query("b", json!({"ms": 300})), {"id": "end", "type": "end"}]),
        &["start>a", "a>b", "b>end"],
    );
    let id = {
        let world = World::running(dir.path());
        let id = world.start(&flow).await;
        tokio::time::sleep(Duration::from_millis(50)).await;
        world.runner.shut_down(Duration::from_secs(5)).await;
        let run = world.runner.get(&world.scope, id).await.unwrap();
        assert_eq!(run.status, Status::Running);
        assert_eq!(statuses(&run).last().unwrap(), &("a".to_owned(), StepStatus::Completed));
        id
    };
    let world = World::running(dir.path());
    let run = world.finish(id).await;
    assert_eq!(run.status, Status::Completed);
    assert!(run.steps.unwrap().iter().all(|step| step.attempt == 1));
}
