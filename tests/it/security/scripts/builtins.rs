//! Builtins of the engine that never check the time limit.
use super::{assert_one, run};
use crate::support::World;
use futures_util::{StreamExt, future::join_all, stream};
use serde_json::json;

/// Each would run for minutes to years without returning to the script.
const UNINTERRUPTIBLE: &[&str] = &[
    "const n = 'a'.repeat(1e7); return (n + n).indexOf(n + 'b')",
    "const n = 'a'.repeat(1e7); return (n + n).lastIndexOf(n + 'b')",
    "const n = 'a'.repeat(1e7); return (n + n).includes(n + 'b')",
    "const n = 'a'.repeat(1e7); return (n + n).split(n + 'b').length",
    "const n = 'a'.repeat(1e7); return (n + n).replace(n + 'b', '').length",
    "const n = 'a'.repeat(1e7); return (n + n).replaceAll(n + 'b', '').length",
    "return [].indexOf.call({length: 2 ** 53 - 1}, 1)",
    "return [].lastIndexOf.call({length: 2 ** 53 - 1}, 1)",
    "return [].includes.call({length: 2 ** 53 - 1}, 1)",
    "return [].reverse.call({length: 2 ** 53 - 1}).length",
    "return [].join.call({length: 2 ** 53 - 1}, '')",
    "return [].copyWithin.call({length: 2 ** 53 - 1}, 0, 1).length",
    "return [].shift.call({length: 2 ** 53 - 1})",
    "return [].unshift.call({length: 2 ** 53 - 2}, 1)",
    "return [].splice.call({length: 2 ** 53 - 1}, 0, 1).length",
    "return [].slice.call({length: 4294967295}).length",
    "return [].concat({length: 2 ** 53 - 1, [Symbol.isConcatSpreadable]: true}).length",
    "return [].sort.call({length: 2 ** 53 - 1}).length",
    "const a = []; a.length = 4294967295; return a.sort().length",
    "let a = []; for (let i = 0; i < 60; i++) a = [a, a]; return a.flat(Infinity)",
    "let a = ''; for (let i = 0; i < 60; i++) a = [a, a]; return JSON.stringify(a, [])",
    "let a = []; for (let i = 0; i < 60; i++) a = [a, a]; return a.toString().length",
    "return '\\u0315\\u0300'.repeat(2e6).normalize('NFD').length",
    "return '\\u0315\\u0300'.repeat(2e6).localeCompare('b')",
    "for (;;) (10n ** 300000n).toString()",
    "for (;;) BigInt('9'.repeat(300000))",
];

#[tokio::test(flavor = "multi_thread")]
async fn builtins_stop_at_the_time_limit_and_do_not_delay_other_tenants() {
    let world = World::empty().await;
    let other = world.server.account("other@example.com").await;
    let other = world.server.tenant(&other, "Second").await;
    // as many at once as one tenant can run: a step's timeout also counts the time in the queue
    let stuck = stream::iter(UNINTERRUPTIBLE).map(|code| run(&world.client, code, 300)).buffered(2).collect::<Vec<_>>();
    let meanwhile = async {
        for _ in 0..10 {
            assert_one(&run(&other, "return 1", 20_000).await);
        }
    };
    let (stuck, ()) = tokio::join!(stuck, meanwhile);
    for (code, run) in UNINTERRUPTIBLE.iter().zip(stuck) {
        assert_eq!(run["error"]["code"], "TIMEOUT", "{code}: {} {}", run["error"], run["output"]);
    }
    for run in join_all((0..8).map(|_| run(&world.client, "return 1", 20_000))).await {
        assert_one(&run);
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn matching_a_pattern_stops_at_the_time_limit() {
    let world = World::empty().await;
    let row = json!({"left": "{{ 'a'.repeat(3000000) }}", "operator": "matches", "right": "[ab]*a[ab]{4000}c"});
    let branch = json!({"id": "yes", "label": "Yes", "when": {"rows": [row]}});
    let flow = json!({
        "nodes": [
            {"id": "start", "type": "start", "name": "start"},
            {"id": "if", "type": "condition", "name": "if", "config": {"branches": [branch]}, "settings": {"timeoutMs": 500}},
        ],
        "edges": [{"id": "a", "source": "start", "target": "if"}],
    });
    let run = world.client.post("workflows/test?wait=60", flow).await.expect(200);
    assert_eq!(run["error"]["code"], "TIMEOUT", "{run}");
    assert_one(&super::run(&world.client, "return 1", 20_000).await);
}
