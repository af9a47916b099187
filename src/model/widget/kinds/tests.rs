//! Valid and invalid configs of every kind.
use super::{ALL, WidgetKind};
use serde_json::{Value, json};

const QUERY: &str = "0198c2f0-0000-7000-8000-000000000001";
const WORKFLOW: &str = "0198c2f0-0000-7000-8000-000000000002";

fn kind(name: &str) -> &'static WidgetKind {
    ALL.iter().find(|kind| kind.name == name).unwrap_or_else(|| panic!("no kind {name}"))
}

fn said(name: &str, config: &Value) -> Result<(), String> {
    kind(name).check(config).map_err(|error| error.to_string())
}

/// Returns the smallest valid config of each kind.
fn least() -> Vec<(&'static str, Value)> {
    let action = json!({"type": "query", "queryID": QUERY, "values": {"id": "{{ row.id }}"}});
    vec![
        ("table", json!({"queryID": QUERY})),
        ("number", json!({"queryID": QUERY, "field": "n"})),
        ("list", json!({"queryID": QUERY, "title": "t"})),
        ("keyValue", json!({"queryID": QUERY})),
        ("timeline", json!({"queryID": QUERY, "time": "at", "title": "t"})),
        ("json", json!({"queryID": QUERY})),
        ("bar", json!({"queryID": QUERY, "x": "m", "series": [{"field": "a"}]})),
        ("line", json!({"queryID": QUERY, "x": "m", "series": [{"field": "a"}]})),
        ("area", json!({"queryID": QUERY, "x": "m", "series": [{"field": "a"}]})),
        ("pie", json!({"queryID": QUERY, "label": "l", "value": "v"})),
        ("scatter", json!({"queryID": QUERY, "x": "a", "y": "b"})),
        ("heatmap", json!({"queryID": QUERY, "x": "a", "y": "b", "value": "v"})),
        ("gauge", json!({"queryID": QUERY, "field": "n"})),
        ("funnel", json!({"queryID": QUERY, "label": "l", "value": "v"})),
        ("map", json!({"queryID": QUERY, "latitude": "lat", "longitude": "lon"})),
        ("text", json!({"markdown": "# Hi"})),
        ("html", json!({"markup": "<b>Hi</b>"})),
        ("image", json!({"url": "https://example.com/a.png", "alt": "A"})),
        ("button", json!({"label": "Go", "action": action})),
        ("form", json!({"fields": [{"name": "a"}], "action": action})),
        ("workflowRuns", json!({"workflowID": WORKFLOW})),
        ("textInput", json!({"variable": "a"})),
        ("numberInput", json!({"variable": "a"})),
        ("selectInput", json!({"variable": "a", "options": [{"value": "x"}]})),
        ("dateInput", json!({"variable": "a"})),
        ("dateRange", json!({"from": "a", "to": "b"})),
    ]
}

#[test]
fn every_kind_accepts_its_smallest_config_and_names_missing_fields() {
    let least = least();
    assert_eq!(least.len(), ALL.len());
    for (name, config) in least {
        assert_eq!(said(name, &config), Ok(()), "{name}");
        let required = (kind(name).schema)().to_value()["required"].as_array().cloned().unwrap_or_default();
        for field in required {
            let field = field.as_str().unwrap();
            let mut config = config.clone();
            config.as_object_mut().unwrap().shift_remove(field);
            assert_eq!(said(name, &config), Err(format!("config.{field}: is required")), "{name}");
        }
        let mut more = config;
        more["colour"] = 1.into();
        assert!(said(name, &more).unwrap_err().starts_with("config.colour: is not a known field"), "{name}");
    }
}

#[test]
fn a_config_must_stay_within_the_limits_of_its_schema() {
    let many: Vec<Value> = (0..21).map(|n| json!({"field": n.to_string()})).collect();
    for (name, config, path) in [
        ("table", json!({"queryID": QUERY, "pageSize": 5000}), "config.pageSize: must be at most 1000"),
        ("bar", json!({"queryID": QUERY, "x": "m", "series": []}), "config.series: "),
        ("bar", json!({"queryID": QUERY, "x": "m", "series": many}), "config.series: must have at most 20 items"),
        (
            "bar",
            json!({"queryID": QUERY, "x": "m", "series": [{"field": "a", "colour": 1}]}),
            "config.series[0].colour: is not a known field",
        ),
        ("number", json!({"queryID": QUERY, "field": "n", "decimals": 11}), "config.decimals: must be at most 10"),
        ("text", json!({"markdown": "x".repeat(100_001)}), "config.markdown: must have at most 100000 characters"),
        ("workflowRuns", json!({"workflowID": WORKFLOW, "limit": 0}), "config.limit: must be at least 1"),
    ] {
        let problem = said(name, &config).unwrap_err();
        assert!(problem.starts_with(path), "{problem}");
    }
}

#[test]
fn rules_beyond_the_schema_are_checked() {
    let action = json!({"type": "workflow", "workflowID": WORKFLOW});
    let form = |fields: Value| json!({"fields": fields, "action": action});
    for (name, config, problem) in [
        (
            "table",
            json!({"queryID": QUERY, "pageSize": 0, "serverPaging": true}),
            "config.pageSize: must be at least 1 with server-side paging",
        ),
        ("gauge", json!({"queryID": QUERY, "field": "n", "min": 5, "max": 5}), "config.max: must be more than `min`"),
        ("image", json!({"alt": "A"}), "config.url: enter a URL, or select a query and a column"),
        ("image", json!({"url": "javascript:alert(1)", "alt": "A"}), "config.url: must start with https:// or /"),
        ("image", json!({"url": "/a.png", "alt": " "}), "config.alt: must describe the image"),
        (
            "image",
            json!({"url": "/a.png", "alt": "A", "link": "data:text/html,x"}),
            "config.link: must start with https:// or /",
        ),
        (
            "text",
            json!({"markdown": "{{ row.a + 1 }}"}),
            "config.markdown: write placeholders as {{ row.id }}, {{ form.name }}, {{ vars.region }} or {{ value }}",
        ),
        ("form", form(json!([{"name": "a b"}])), "config.fields[0].name: must be an identifier such as customer"),
        ("form", form(json!([{"name": "a"}, {"name": "a"}])), "config.fields[1].name: `a` is used twice"),
        ("form", form(json!([{"name": "a", "type": "select"}])), "config.fields[0].options: add at least one option"),
        ("form", form(json!([{"name": "a", "min": 2, "max": 1}])), "config.fields[0].max: must not be less than `min`"),
        ("selectInput", json!({"variable": "a"}), "config.options: add options, or select a query that returns them"),
        (
            "selectInput",
            json!({"variable": "a", "queryID": QUERY}),
            "config.valueField: select the column with the values",
        ),
        (
            "numberInput",
            json!({"variable": "a", "slider": true, "min": 0}),
            "config.slider: a slider requires `min` and `max`",
        ),
        ("numberInput", json!({"variable": "a", "step": 0}), "config.step: must be more than 0"),
        ("textInput", json!({"variable": "a b"}), "config.variable: must be an identifier such as region"),
        ("dateRange", json!({"from": "a", "to": "a"}), "config.to: must not be the same variable as `from`"),
        (
            "pie",
            json!({"queryID": QUERY, "label": "l", "value": "v", "selects": [{"variable": "a-b", "field": "l"}]}),
            "config.selects[0].variable: must be an identifier such as region",
        ),
    ] {
        assert_eq!(said(name, &config), Err(problem.to_owned()), "{name}");
    }
}

#[test]
fn a_config_links_to_what_its_actions_run() {
    let query = |id: &str| json!({"type": "query", "queryID": id});
    let config = json!({
        "queryID": QUERY,
        "columns": [{"field": "a"}, {"field": "b", "edit": {"action": query(QUERY)}}],
        "rowActions": [{"label": "Go", "action": {"type": "workflow", "workflowID": WORKFLOW}}],
    });
    assert_eq!(said("table", &config), Ok(()));
    let links = kind("table").links(config);
    let links: Vec<_> = links.iter().map(|link| (link.path.as_str(), link.kind.name, link.id.to_string())).collect();
    assert_eq!(
        links,
        [
            ("config.rowActions[0].action.workflowID", "workflow", WORKFLOW.to_owned()),
            ("config.columns[1].edit.action.queryID", "dataquery", QUERY.to_owned()),
        ]
    );
    let runs = kind("workflowRuns").links(json!({"workflowID": WORKFLOW}));
    assert_eq!((runs.len(), runs[0].path.as_str()), (1, "config.workflowID"));
    let wrong = json!({"label": "Go", "action": {"type": "query", "queryID": QUERY, "values": {"id": ["{{ 1 }}"]}}});
    assert!(said("button", &wrong).unwrap_err().starts_with("config.action.values.id[0]: write placeholders"));
    let misses = json!({"label": "Go", "action": {"type": "query"}});
    assert_eq!(said("button", &misses), Err("config.action.queryID: is required".to_owned()));
}

#[test]
fn every_kind_has_a_schema_that_refuses_unknown_fields() {
    for kind in ALL {
        let schema = (kind.schema)().to_value();
        assert_eq!(schema["additionalProperties"], false, "{}", kind.name);
    }
}
