//! Long runs that wait: the cost of an iteration does not depend on the number of earlier ones.
use super::*;
use std::sync::atomic::Ordering::Relaxed;

/// A loop whose iterations wait, one after the other.
fn slow_loop(items: usize, length: &str) -> Workflow {
    let nodes = json!([
        {"id": "start", "type": "start"},
        {"id": "each", "type": "loop", "config": {"items": items}},
        {"id": "v", "type": "set", "parentID": "each", "config": {"values": {"v": "{{ item }}"}}},
        {"id": "wait", "type": "delay", "parentID": "each", "config": {"for": length}},
        {"id": "end", "type": "end", "config": {"output": "{{ steps.each.length }}"}},
    ]);
    workflow(nodes, &["start>each", "v>wait", "each>end"])
}

/// The number of journal entries read to load runs.
fn replayed(world: &World) -> u64 {
    world.runner.0.parked.replayed.load(Relaxed)
}

fn journal(world: &World, id: Uuid) -> u64 {
    let state = world.runner.0.store.runs.get(|tx| tx.instance_state(&world.scope, id)).unwrap();
    state.unwrap().1
}

/// Until a journal has 256 entries, it is read again at each of its about 50 waits.
const AT_FIRST: u64 = 25_000;

#[tokio::test(flavor = "multi_thread")]
async fn the_journal_of_a_long_loop_is_not_read_again_at_each_wait() {
    let dir = tempfile::tempdir().unwrap();
    let world = World::running(dir.path());
    let id = world.start(&slow_loop(500, "1ms")).await;
    let run = world.finish(id).await;
    assert_eq!(output(&run), json!(500));
    let entries = journal(&world, id);
    assert!(entries > 2000, "{entries}");
    // reading it at each wait would read half of them 500 times
    assert!(replayed(&world) < AT_FIRST, "{}", replayed(&world));
}

#[tokio::test(flavor = "multi_thread")]
async fn after_a_restart_a_long_journal_is_read_once() {
    let dir = tempfile::tempdir().unwrap();
    let id = {
        let world = World::running(dir.path());
        let id = world.start(&slow_loop(300, "2ms")).await;
        let mut events = Box::pin(world.runner.events(&world.scope, id, 0).unwrap());
        while events.try_next().await.unwrap().unwrap().id < 600 {}
        drop(events);
        world.runner.shut_down(Duration::ZERO).await;
        id
    };
    let world = World::running(dir.path());
    let run = world.finish(id).await;
    assert_eq!(output(&run), json!(300));
    let entries = journal(&world, id);
    assert!(replayed(&world) >= 600, "{}", replayed(&world));
    assert!(replayed(&world) < entries, "{} of {entries}", replayed(&world));
}

#[tokio::test(flavor = "multi_thread")]
async fn a_parked_run_can_be_stopped_and_deleted() {
    let dir = tempfile::tempdir().unwrap();
    let world = World::running(dir.path());
    let mut flow = slow_loop(100, "1ms");
    flow.nodes.extend(workflow(json!([{"id": "long", "type": "delay", "config": {"for": "1h"}}]), &[]).nodes);
    flow.edges.extend(workflow(json!([]), &["each>long"]).edges.into_iter().map(|mut edge| {
        edge.id.push('x');
        edge
    }));
    let parked = &world.runner.0.parked;
    let ids = [world.start(&flow).await, world.start(&flow).await];
    for id in ids {
        let mut events = Box::pin(world.runner.events(&world.scope, id, 0).unwrap());
        while let Some(event) = events.try_next().await.unwrap() {
            if event.data.node_id.as_deref() == Some("long") && event.name == "step.waiting" {
                break;
            }
        }
        // the driver releases the run right after the commit
        while world.runner.0.live.lock().unwrap().contains_key(&id) {
            tokio::task::yield_now().await;
        }
    }
    world.runner.stop(&world.scope, ids[0]).await.unwrap();
    assert!(parked.take(ids[0]).is_none());
    world.runner.forget_tenant(world.scope.tenant);
    assert!(parked.take(ids[1]).is_none());
}
