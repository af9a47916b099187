//! Old runs are deleted, unfinished ones are kept, and the file shrinks.
use super::*;
use crate::store::{InstanceFilter, RetentionLimits};

fn size(dir: &Path) -> u64 {
    std::fs::metadata(dir.join("runs.db")).unwrap().len()
}

#[tokio::test(flavor = "multi_thread")]
async fn the_oldest_runs_are_deleted_first_and_the_file_shrinks() {
    let dir = tempfile::tempdir().unwrap();
    let world = World::running(dir.path());
    let waiting = world.start(&delayed("1h")).await;
    // text that hardly compresses, so that deleting it frees space
    let code = "let s = ''; for (let i = 0; i < 20000; i++) s += Math.random().toString(36).slice(2); return s";
    let nodes = json!([
        {"id": "start", "type": "start"},
        {"id": "fill", "type": "javascript", "config": {"code": code}},
    ]);
    let fat = workflow(nodes, &["start>fill"]);
    let mut ids = Vec::new();
    for _ in 0..60 {
        let id = world.start(&fat).await;
        world.finish(id).await;
        ids.push(id);
    }
    let store = &world.runner.0.store;
    let total = |status: Option<Status>| {
        let filter = InstanceFilter { status, ..InstanceFilter::default() };
        let runner = &world.runner;
        let scope = &world.scope;
        async move { runner.list(scope, filter, 1).await.unwrap().total }
    };
    assert_eq!((total(None).await, total(Some(Status::Completed)).await), (61, 60));
    let keep = RetentionLimits { runs: 50, ..RetentionLimits::default() };
    assert_eq!(store.prune_runs(keep, Time::now()).await.unwrap(), 10);
    assert_eq!((total(None).await, total(Some(Status::Completed)).await), (51, 50));
    assert!(
        world.runner.get(&world.scope, ids[9]).await.is_err() && world.runner.get(&world.scope, ids[10]).await.is_ok()
    );

    let before = size(dir.path());
    let tight = RetentionLimits { bytes: 2 << 20, ..RetentionLimits::default() };
    assert!(store.prune_runs(tight, Time::now()).await.unwrap() > 0);
    assert!(size(dir.path()) < before / 2, "{} of {before}", size(dir.path()));
    let tomorrow = Time::now().plus(Duration::from_hours(24 * 400));
    store.prune_runs(RetentionLimits::default(), tomorrow).await.unwrap();
    assert_eq!(total(None).await, 1);
    assert_eq!(world.runner.get(&world.scope, waiting).await.unwrap().status, Status::Waiting);
}
