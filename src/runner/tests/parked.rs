//! Long runs that wait: what each iteration costs does not depend on how many there were before it.
use super::*;
use std::sync::atomic::Ordering::Relaxed;

/// A loop whose iterations wait one after the other.
fn slow_loop(rounds: usize, length: &str) -> Workflow {
    let nodes = json!([
        {"id": "start", "type": "start"},
        {"id": "each", "type": "loop", "config": {"items": rounds}},
        {"id": "v", "type": "set", "parentID": "each", "config": {"values": {"v": "{{ item }}"}}},
        {"id": "wait", "type": "delay", "parentID": "each", "config": {"for": length}},
        {"id": "end", "type": "end", "config": {"output": "{{ steps.each.length }}"}},
    ]);
    workflow(nodes, &["start>each", "v>wait", "each>end"])
}

/// Journal entries that were read to go on with runs.
fn replayed(world: &World) -> u64 {
    world.runner.0.parked.replayed.load(Relaxed)
}

fn journal(world: &World, id: Uuid) -> u64 {
    let state = world.runner.0.store.runs.get(|tx| tx.instance_state(&world.scope, id)).unwrap();
    state.unwrap().1
}

/// While a journal has less than 256 entries, it is read at each of its some 50 waits.
const AT_FIRST: u64 = 25_000;

#[tokio::test(flavor = "multi_thread")]
async fn a_long_loop_that_waits_is_not_read_again_at_each_wait() {
    let dir = tempfile::tempdir().unwrap();
    let world = World::running(dir.path());
    let id = world.start(&slow_loop(500, "1ms")).await;
    let run = world.finish(id).await;
    assert_eq!(output(&run), json!(500));
    let entries = journal(&world, id);
    assert!(entries > 2000, "{entries}");
    // reading it at each wait would take 500 times half of them
    assert!(replayed(&world) < AT_FIRST, "{}", replayed(&world));
}

#[tokio::test(flavor = "multi_thread")]
async fn after_the_end_of_the_process_a_long_journal_is_read_once() {
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
async fn a_run_that_waits_in_memory_can_be_stopped_and_forgotten() {
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
        // its driver lets go of it right after the commit
        while world.runner.0.live.lock().unwrap().contains_key(&id) {
            tokio::task::yield_now().await;
        }
    }
    world.runner.stop(&world.scope, ids[0]).await.unwrap();
    assert!(parked.take(ids[0]).is_none());
    world.runner.forget_tenant(world.scope.tenant);
    assert!(parked.take(ids[1]).is_none());
}
