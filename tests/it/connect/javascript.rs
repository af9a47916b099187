use super::{House, Source};
use jet_admin::{Error, connect::CacheState};
use serde_json::{Value, json};

fn script(code: &str) -> Value {
    json!({"options": {"code": code}, "parameters": [{"name": "n", "type": "number"}, {"name": "s"}]})
}

fn source() -> Source {
    Source::new("javascript", json!({}))
}

#[tokio::test]
async fn a_script_returns_rows_or_any_value() {
    let (house, js) = (House::new(), source());
    let code = "const rows = []; for (let i = 1; i <= params.n; i++) rows.push({i, square: i * i}); return rows";
    let outcome = house.run(&js, script(code), json!({"n": 3})).await.unwrap();
    assert_eq!(*outcome.data, json!([{"i": 1, "square": 1}, {"i": 2, "square": 4}, {"i": 3, "square": 9}]));
    assert_eq!(
        serde_json::to_value(outcome.columns).unwrap(),
        json!([{"name": "i", "type": "number"}, {"name": "square", "type": "number"}])
    );
    let mut few = script(code);
    few["maxRows"] = 2.into();
    let cut = house.run(&js, few, json!({"n": 3})).await.unwrap();
    assert_eq!((cut.row_count, cut.truncated), (2, true));
    for (code, expected) in [
        ("return params.s.toUpperCase()", json!("'; DROP")),
        ("return await Promise.resolve({a: [params.n]})", json!({"a": [7]})),
        ("console.log('x')", json!(null)),
        ("return typeof fetch + typeof require + typeof process", json!("undefinedundefinedundefined")),
    ] {
        assert_eq!(house.data(&js, script(code), json!({"n": 7, "s": "'; drop"})).await, expected, "{code}");
    }
    assert!(house.queries.test(super::TENANT, "javascript", &js.0.options).await.unwrap().ok);
}

#[tokio::test]
async fn a_failing_script_reports_the_position() {
    let (house, js) = (House::new(), source());
    for (code, expected) in [
        ("return 1;\nthrow new Error('no luck')", ""),
        ("const a = 1;\nif (a) throw new Error('no luck')", "no luck (line 2"),
        ("return 1 +", "(line 1"),
        ("return params.missing.x", "line 1"),
        ("return 'x'.repeat(64 << 20)", "options.code"),
    ] {
        match house.run(&js, script(code), json!({})).await {
            Ok(_) => assert!(expected.is_empty(), "{code}"),
            Err(error) => {
                let error = error.to_string();
                assert!(
                    !expected.is_empty() && error.starts_with("options.code: ") && error.contains(expected),
                    "{error}"
                );
            }
        }
    }
    let mut endless = script("for (;;);");
    endless["timeoutMs"] = 200.into();
    assert!(matches!(house.run(&js, endless, json!({})).await, Err(Error::Timeout(_))));
}

#[tokio::test]
async fn the_result_of_a_script_is_cached() {
    let (house, js) = (House::new(), source());
    let mut random = script("return Math.random()");
    random["cacheSeconds"] = 60.into();
    let first = house.run(&js, random.clone(), json!({})).await.unwrap();
    let second = house.run(&js, random, json!({})).await.unwrap();
    assert_eq!((second.cache, &second.data), (CacheState::Hit, &first.data));
}
