//! Compares counted parsing with `serde_json`, and tests its limits.
#![allow(clippy::unwrap_used)]
use super::{JsonRefusal, Room, TruncatedArray, cost, in_place, parse, parse_part, size::VALUE};
use crate::budget::{Budget, MemoryOwner};
use serde_json::{Value, json};
use std::sync::Arc;

const MIB: usize = 1 << 20;

fn texts() -> Vec<String> {
    let row = r#"{"id":1,"name":"Ada \"A\" L\u00f6v","tags":["a","b"],"at":null,"ok":true,"x":-1.5e3,"big":9007199254740992}"#;
    let rows = format!("[{}]", vec![row; 50].join(", "));
    ["null", "[]", "{}", "\"\"", " 1 ", "-1", "1.5", "[[[]]]", "{\"a\":{\"a\":1,\"b\":2},\"a\":2}", row, &rows]
        .map(str::to_owned)
        .to_vec()
}

#[test]
fn parsing_gives_the_same_values_as_serde_json() {
    for text in texts() {
        let expected: Value = serde_json::from_str(&text).unwrap();
        assert_eq!(parse(text.as_bytes(), &Room::of(MIB)).unwrap(), expected, "{text}");
    }
    for text in ["", "[1", "[1,]", "{\"a\"}", "1 2", "nul", "\"\\ud800\""] {
        assert!(matches!(parse(text.as_bytes(), &Room::of(MIB)), Err(JsonRefusal::Syntax(_))), "{text}");
    }
    let deep = "[".repeat(100_000);
    assert!(matches!(parse(deep.as_bytes(), &Room::of(MIB)), Err(JsonRefusal::Syntax(_))));
}

#[test]
fn the_counted_memory_matches_the_value() {
    for text in texts() {
        let hold = Arc::new(Budget::new(64 * MIB).hold(MemoryOwner::address(None)));
        let value = parse(text.as_bytes(), &Room::within(MIB, &hold)).unwrap();
        let real = cost(&value) - VALUE;
        assert!(hold.used() >= real && hold.used() <= real + real / 4 + 600, "{text}: {} {real}", hold.used());
    }
}

#[test]
fn small_texts_with_many_values_are_refused_before_they_are_built() {
    let zeros = format!("[{}0]", "0,".repeat(200_000));
    let lists = format!("[{}[]]", "[0],".repeat(100_000));
    let objects = format!("[{}{{}}]", "{\"a\":0},".repeat(50_000));
    let names: Vec<String> = (0..100_000).map(|number| format!("\"{number}\":0")).collect();
    let names = format!("{{{}}}", names.join(","));
    for text in [zeros, lists, objects, names] {
        let budget = Budget::new(64 * MIB);
        let hold = Arc::new(budget.hold(MemoryOwner::address(None)));
        let refused = parse(text.as_bytes(), &Room::within(4 * MIB, &hold)).unwrap_err();
        assert!(matches!(refused, JsonRefusal::TooMuch(_)), "{refused:?}");
        assert_eq!((hold.used(), budget.in_use()), (0, 0), "values that were not built are not counted");
    }
}

#[test]
fn a_full_budget_refuses_a_text_within_its_limit() {
    let budget = Budget::new(16 * MIB);
    let hold = Arc::new(budget.hold(MemoryOwner::address(None)));
    let zeros = format!("[{}0]", "0,".repeat(100_000));
    let refused = parse(zeros.as_bytes(), &Room::within(32 * MIB, &hold)).unwrap_err();
    assert!(matches!(refused, JsonRefusal::Full(crate::Error::RateLimited { .. })), "{refused:?}");
    assert_eq!(budget.in_use(), 0);
}

#[test]
fn items_beyond_the_limit_are_checked_and_omitted() {
    let text = br#"{"a": {"rows": [1, 2, 3, 4], "next": "x"}, "rows": [1, 2, 3]}"#;
    let cut = |text: &[u8], path: &[&str], most| {
        let path = path.iter().map(|name| (*name).to_owned()).collect();
        parse_part(text, &Room::of(MIB), &TruncatedArray { path, most })
    };
    let part = |path: &[&str], most| cut(text, path, most).unwrap();
    assert_eq!(part(&["a", "rows"], 2), json!({"a": {"rows": [1, 2], "next": "x"}, "rows": [1, 2, 3]}));
    assert_eq!(part(&[], 0), part(&["a", "rows"], 9));
    assert_eq!(cut(b"[1, [2, 3, 4], 5]", &[], 2).unwrap(), json!([1, [2, 3, 4]]));
    assert!(cut(b"[1, 2, 3", &[], 1).is_err());
}

#[test]
fn a_field_with_an_internal_name_of_serde_json_is_a_plain_field() {
    let text = r#"{"$serde_json::private::RawValue": "[1]"}"#;
    assert_eq!(parse(text.as_bytes(), &Room::of(MIB)).unwrap().as_object().unwrap().len(), 1);
}

#[test]
fn long_work_in_place_does_not_block_other_tasks() {
    let runtime = tokio::runtime::Builder::new_multi_thread().worker_threads(1).enable_all().build().unwrap();
    let (sender, receiver) = std::sync::mpsc::channel();
    let worked = runtime.block_on(runtime.spawn(async move {
        tokio::spawn(async move { sender.send(()).unwrap() });
        // the only thread of the runtime waits for a task that has not started
        in_place(MIB, || receiver.recv_timeout(std::time::Duration::from_secs(10)))
    }));
    assert_eq!(worked.unwrap(), Ok(()));
}
