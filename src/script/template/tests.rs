#![allow(clippy::unwrap_used)]
use super::{Globals, JsonTemplate, Template, TemplatePart, resolve, resolve_value};
use crate::script::{Sandbox, ScriptLimits, ScriptProblemKind};
use proptest::prelude::*;
use serde_json::{Value, json};
use std::time::Duration;

const SOON: Duration = Duration::from_secs(5);

fn scope(value: Value) -> Globals {
    match value {
        Value::Object(fields) => fields.into(),
        _ => panic!("a scope is an object"),
    }
}

fn people() -> Globals {
    scope(json!({
        "steps": {"users": {"data": [{"id": 7, "name": "Ada", "tags": ["a", "b"]}], "rowCount": 1}},
        "input": {"name": "Bob", "none": null, "ratio": 2.0},
    }))
}

/// Native resolution never requires a thread, so one runtime is enough for all.
fn block<T>(future: impl Future<Output = T>) -> T {
    tokio::runtime::Builder::new_current_thread().enable_all().build().unwrap().block_on(future)
}

fn value(text: &str) -> Result<Value, String> {
    let sandbox = Sandbox::new(ScriptLimits::default());
    let template = Template::parse(text).map_err(|problem| problem.to_string())?;
    block(resolve(&template, &people(), &sandbox, SOON)).map_err(|problem| problem.to_string())
}

fn sources(text: &str) -> Vec<String> {
    let template = Template::parse(text).unwrap();
    template.expressions().map(|one| one.source.clone()).collect()
}

#[test]
fn a_whole_template_keeps_its_type_and_a_mixed_one_is_text() {
    assert_eq!(value("{{ steps.users.data[0].id }}"), Ok(json!(7)));
    assert_eq!(value("{{ steps.users.data[0].tags }}"), Ok(json!(["a", "b"])));
    assert_eq!(value("id {{ steps.users.data[0].id }}!"), Ok(json!("id 7!")));
    assert_eq!(value("<{{ input.none }}>"), Ok(json!("<>")));
    assert_eq!(value("{{ steps.users.data[0].tags }} {{ input.ratio }}"), Ok(json!("[\"a\",\"b\"] 2")));
    assert_eq!(value("{{ input['name'] }}"), Ok(json!("Bob")));
    assert_eq!(value("{{ input.name.length + 1 }}"), Ok(json!(4)));
    assert_eq!(value("{{ steps.users.data.map(u => u.name) }}"), Ok(json!(["Ada"])));
    assert_eq!(value("no template { } at all }}"), Ok(json!("no template { } at all }}")));
    assert_eq!(value(""), Ok(json!("")));
}

#[test]
fn a_failing_template_is_named_with_its_error() {
    assert_eq!(
        value("Hi {{ input.nothing.deeper }}").unwrap_err(),
        "`{{ input.nothing.deeper }}` at character 4: TypeError: cannot read property 'deeper' of undefined"
    );
    let error = value("{{ nobody.id }}").unwrap_err();
    assert!(error.contains("ReferenceError: nobody is not defined"), "{error}");
    let error = value("{{ 1 + }}").unwrap_err();
    assert!(error.contains("`{{ 1 + }}` at character 1: SyntaxError"), "{error}");
}

#[test]
fn braces_inside_javascript_belong_to_it() {
    for source in [
        r#"{a: "}}"}"#,
        "{a: {b: 1}}",
        "`}} ${ {a: `}}`}.a } }}`",
        "/}}/.test('x')",
        "[1].map(x => { return {x} })",
        "a /* }} */ + b",
        "a // }}\n + b",
        "'it\\'s }}'",
        "a++ / 2 + 4 / 2",
        "x / y / z",
        "/[/}]}}/g",
        "typeof /}}/",
        "a.in / b + '}}'",
    ] {
        assert_eq!(sources(&format!("a {{{{ {source} }}}} b {{{{c}}}}")), [source, "c"]);
        assert_eq!(sources(&format!("{{{{{source}}}}}")), [source]);
    }
}

#[test]
fn invalid_templates_are_rejected_with_their_position() {
    for (text, position) in [
        ("{{ a", 1),
        ("ä {{ }}", 3),
        ("{{ (a] }}", 1),
        ("{{ 'a }}", 1),
        ("x{{ `a }}", 2),
        ("{{ a // b }}", 1),
        ("{{ a } }}", 1),
        ("{{ /a }}", 1),
        ("ü{{ 'ä' }}ö{{ b }}{{ }}", 19),
    ] {
        let problem = Template::parse(text).unwrap_err();
        assert_eq!(problem.position, position, "{text}: {problem}");
    }
}

#[test]
fn each_of_many_expressions_has_its_position() {
    // searching for each position from the beginning would take minutes
    let template = Template::parse(&"ä {{ input.y }} ".repeat(100_000)).unwrap();
    let places: Vec<usize> = template.expressions().map(|expression| expression.position).collect();
    assert_eq!((places.len(), places[0], places[99_999]), (100_000, 3, 99_999 * 16 + 3));
}

#[test]
fn a_value_is_resolved_as_a_whole() {
    let sandbox = Sandbox::new(ScriptLimits::default());
    let input = json!({
        "{{ key }}": "{{ input.name }}",
        "list": ["{{ 1 + 1 }}", {"deep": "n={{ steps.users.rowCount }}"}, "{{ input.name.toUpperCase() }}", 5],
    });
    let resolved = block(resolve_value(&input, &people(), &sandbox, SOON)).unwrap();
    assert_eq!(resolved, json!({"{{ key }}": "Bob", "list": [2, {"deep": "n=1"}, "BOB", 5]}));
    let failing = json!({"list": [1, {"deep": "{{ 1 + 1 }} {{ input.name.x.y }}"}]});
    let problem = block(resolve_value(&failing, &people(), &sandbox, SOON)).unwrap_err();
    assert_eq!(problem.path, "list[1].deep");
    assert!(problem.message.contains("`{{ input.name.x.y }}` at character 13"), "{problem}");
    let broken = JsonTemplate::parse(&json!({"a": [{"b": "{{"}]})).unwrap_err();
    assert_eq!(broken.path, "a[0].b");
}

#[test]
fn a_value_that_grows_too_large_is_rejected() {
    let sandbox = Sandbox::new(ScriptLimits { output: 1000, ..ScriptLimits::default() });
    let scope = scope(json!({"big": "x".repeat(600)}));
    let problem = block(resolve_value(&json!(["{{ big }}", "{{ big }}"]), &scope, &sandbox, SOON));
    assert_eq!(problem.unwrap_err().kind, ScriptProblemKind::Limit);
    let mut deep = json!("{{ big }}");
    for _ in 0..100 {
        deep = json!([deep]);
    }
    assert!(block(resolve_value(&deep, &scope, &sandbox, SOON)).is_err());
}

/// Generates JavaScript expressions with braces wherever a brace can be.
fn javascript() -> impl Strategy<Value = String> {
    let leaf = prop_oneof![
        // no keyword starts with these letters and is as short
        "[xyz][a-z]{0,3}",
        "[0-9]{1,3}",
        "[}{a' ]{0,6}".prop_map(|text| format!("\"{text}\"")),
        "[}{a\" ]{0,6}".prop_map(|text| format!("'{text}'")),
        "[}{a'\" ]{0,6}".prop_map(|text| format!("`{text}`")),
        "[}{a]{1,6}".prop_map(|text| format!("/{text}/g")),
        "[}{a'\"` ]{0,6}".prop_map(|text| format!("/* {text} */ 1")),
    ];
    leaf.prop_recursive(4, 24, 3, |inner| {
        prop_oneof![
            (inner.clone(), inner.clone()).prop_map(|(a, b)| format!("{a} + {b}")),
            (inner.clone(), "[xyz][a-z]{0,2}").prop_map(|(a, b)| format!("({a}) / {b} / 2")),
            inner.clone().prop_map(|a| format!("{{k: {a}}}")),
            inner.clone().prop_map(|a| format!("[{a}]")),
            inner.clone().prop_map(|a| format!("`{{}} ${{{a}}} }}}}`")),
            inner.prop_map(|a| format!("f(x => {{ return {a}; }})")),
        ]
    })
}

fn json_value() -> impl Strategy<Value = Value> {
    let leaf = prop_oneof![
        Just(Value::Null),
        any::<bool>().prop_map(Value::from),
        (-1000_i64..1000).prop_map(Value::from),
        "[a-zé𝒳]{0,4}".prop_map(Value::from),
    ];
    leaf.prop_recursive(4, 24, 4, |inner| {
        prop_oneof![
            prop::collection::vec(inner.clone(), 0..4).prop_map(Value::from),
            prop::collection::vec(("[abc]", inner), 0..3)
                .prop_map(|fields| Value::Object(fields.into_iter().collect())),
        ]
    })
}

fn path() -> impl Strategy<Value = String> {
    let segment = prop_oneof![
        "[abc]".prop_map(|key| format!(".{key}")),
        "[abc]".prop_map(|key| format!("['{key}']")),
        Just(".length".to_owned()),
        (0..4).prop_map(|index| format!("[{index}]")),
    ];
    prop::collection::vec(segment, 0..4).prop_map(|segments| format!("v{}", segments.concat()))
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(256))]

    #[test]
    fn any_javascript_is_found_in_full(before in "[^{]{0,8}", code in javascript(), after in "[^{]{0,8}") {
        let template = Template::parse(&format!("{before}{{{{ {code} }}}}{after}")).unwrap();
        let expected: Vec<&str> = [before.as_str(), code.trim(), after.as_str()]
            .into_iter().filter(|part| !part.is_empty()).collect();
        let found: Vec<&str> = template.parts.iter().map(|part| match part {
            TemplatePart::Text(text) => text.as_str(),
            TemplatePart::Expression(expression) => expression.source.as_str(),
        }).collect();
        prop_assert_eq!(found, expected);
    }

    #[test]
    fn any_string_is_parsed_or_rejected(text in "([{}'\"`/\\\\$ a]|[^a]){0,40}") {
        if let Ok(template) = Template::parse(&text) {
            prop_assert!(template.parts.len() <= text.len().max(1));
        }
    }

    #[test]
    fn a_path_means_the_same_as_in_javascript(value in json_value(), path in path()) {
        let scope = scope(json!({"v": value}));
        let sandbox = Sandbox::new(ScriptLimits::default());
        let native = Template::parse(&format!("{{{{ {path} }}}}")).unwrap();
        prop_assert!(native.whole().unwrap().path.is_some());
        let native = block(resolve(&native, &scope, &sandbox, SOON));
        let engine = block(sandbox.eval(&path, Globals::clone(&scope), SOON));
        match (native, engine) {
            (Ok(native), Ok(engine)) => prop_assert_eq!(native, engine),
            (Err(native), Err(engine)) => prop_assert!(
                native.message.ends_with(&engine.message), "{native} is not {engine}"),
            (native, engine) => prop_assert!(false, "{native:?} is not {engine:?}"),
        }
    }
}
