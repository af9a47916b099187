//! Valid and invalid configs of every kind.
use super::{ALL, WidgetKind};
use crate::model::{Link, Resource, Widget};
use serde_json::{Map, Value, json};
use std::collections::BTreeSet;

const QUERY: &str = "0198c2f0-0000-7000-8000-000000000001";
const WORKFLOW: &str = "0198c2f0-0000-7000-8000-000000000002";

fn kind(name: &str) -> &'static WidgetKind {
    ALL.iter().find(|kind| kind.name == name).unwrap_or_else(|| panic!("no kind {name}"))
}

fn widget(name: &str, config: &Value) -> Widget {
    serde_json::from_value(json!({"type": name, "config": config})).unwrap()
}

fn checked(name: &str, config: &Value) -> Result<(), String> {
    widget(name, config).check().map_err(|error| error.to_string())
}

/// Returns the smallest valid config of each kind.
pub fn least() -> Vec<(&'static str, Value)> {
    let action = json!({"type": "query", "queryID": QUERY, "values": {"id": "{{ row.id }}"}});
    vec![
        ("table", json!({"queryID": QUERY})),
        ("grid", json!({"queryID": QUERY, "table": "items", "key": ["id"], "columns": [{"field": "name"}]})),
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
        assert_eq!(checked(name, &config), Ok(()), "{name}");
        let required = (kind(name).schema)().to_value()["required"].as_array().cloned().unwrap_or_default();
        for field in required {
            let field = field.as_str().unwrap();
            let mut config = config.clone();
            config.as_object_mut().unwrap().shift_remove(field);
            assert_eq!(checked(name, &config), Err(format!("config.{field}: is required")), "{name}");
        }
        let mut more = config;
        more["colour"] = 1.into();
        assert!(checked(name, &more).unwrap_err().starts_with("config.colour: is not a known field"), "{name}");
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
        let problem = checked(name, &config).unwrap_err();
        assert!(problem.starts_with(path), "{problem}");
    }
}

#[test]
#[expect(clippy::too_many_lines, reason = "a table")]
fn rules_beyond_the_schema_are_checked() {
    let action = json!({"type": "workflow", "workflowID": WORKFLOW});
    let form = |fields: Value| json!({"fields": fields, "action": action});
    let plot = |mut config: Value| {
        config["queryID"] = QUERY.into();
        config["x"] = "m".into();
        config["series"] = json!([{"field": "a", "shape": "line", "axis": "second", "color": "teal"}]);
        config
    };
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
            "config.markdown: write placeholders as {{ row.id }}, {{ form.name }}, {{ vars.region }}, {{ user.email }} or {{ value }}",
        ),
        ("form", form(json!([{"name": "a b"}])), "config.fields[0].name: must be an identifier such as customer"),
        ("form", form(json!([{"name": "a"}, {"name": "a"}])), "config.fields[1].name: `a` is used twice"),
        (
            "form",
            form(json!([{"name": "a", "type": "select"}])),
            "config.fields[0].options: add at least one option, or a query that returns them",
        ),
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
        ("bar", plot(json!({"axisMin": 5, "axisMax": 5})), "config.axisMax: must be more than `axisMin`"),
        ("line", plot(json!({"secondMin": 5, "secondMax": 1})), "config.secondMax: must be more than `secondMin`"),
        (
            "area",
            plot(json!({"logScale": true, "axisMin": 0})),
            "config.axisMin: must be more than 0 on a logarithmic axis",
        ),
        (
            "bar",
            plot(json!({"lines": [{"value": 5}, {"value": 5, "to": 5}]})),
            "config.lines[1].to: must be more than `value`",
        ),
        (
            "scatter",
            json!({"queryID": QUERY, "x": "a", "y": "b", "xLog": true, "xMin": 0}),
            "config.xMin: must be more than 0 on a logarithmic axis",
        ),
        (
            "scatter",
            json!({"queryID": QUERY, "x": "a", "y": "b", "lines": [{"value": 1, "to": 0}]}),
            "config.lines[0].to: must be more than `value`",
        ),
        (
            "heatmap",
            json!({"queryID": QUERY, "x": "a", "y": "b", "value": "v", "colorMin": 2, "colorMax": 1}),
            "config.colorMax: must be more than `colorMin`",
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
        assert_eq!(checked(name, &config), Err(problem.to_owned()), "{name}");
    }
}

#[test]
fn colors_are_of_the_palette_or_visible_on_every_page() {
    let pie = |colors: Value| json!({"queryID": QUERY, "label": "l", "value": "v", "colors": colors});
    let bar = |color: &str| json!({"queryID": QUERY, "x": "m", "series": [{"field": "a", "color": color}]});
    assert_eq!(checked("pie", &pie(json!({"DE": "teal", "": "#2f7fc1", "US": "auto"}))), Ok(()));
    assert_eq!(checked("bar", &bar("#2f7fc1")), Ok(()));
    let many: Map<String, Value> = (0..51).map(|n| (n.to_string(), "red".into())).collect();
    for (name, config, problem) in [
        ("pie", pie(json!({"DE": "#fff700"})), "config.colors.DE: has a contrast of 1.1 : 1 to light pages"),
        ("pie", pie(many.into()), "config.colors: must have at most 50 values"),
        ("bar", bar("#00003f"), "config.series[0].color: has a contrast of 1.1 : 1 to dark pages"),
        ("bar", bar("purple"), "config.series[0].color: must be auto, blue, orange, "),
    ] {
        let found = checked(name, &config).unwrap_err();
        assert!(found.starts_with(problem), "{found}");
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
    assert_eq!(checked("table", &config), Ok(()));
    let links = widget("table", &config).links();
    let about = |link: &Link| (link.path.clone(), link.kind.name(), link.id.to_string());
    let expected = |path: &str, kind, id: &str| (path.to_owned(), kind, id.to_owned());
    assert_eq!(
        links.iter().map(about).collect::<Vec<_>>(),
        [
            expected("config.queryID", "dataquery", QUERY),
            expected("config.rowActions[0].action.workflowID", "workflow", WORKFLOW),
            expected("config.columns[1].edit.action.queryID", "dataquery", QUERY),
        ]
    );
    let runs = widget("workflowRuns", &json!({"workflowID": WORKFLOW})).links();
    assert_eq!((runs.len(), runs[0].path.as_str()), (1, "config.workflowID"));
    let wrong = json!({"label": "Go", "action": {"type": "query", "queryID": QUERY, "values": {"id": ["{{ 1 }}"]}}});
    assert!(checked("button", &wrong).unwrap_err().starts_with("config.action.values.id[0]: write placeholders"));
    let misses = json!({"label": "Go", "action": {"type": "query"}});
    assert_eq!(checked("button", &misses), Err("config.action.queryID: is required".to_owned()));
}

#[test]
fn every_kind_has_a_schema_that_refuses_unknown_fields() {
    for kind in ALL {
        let schema = (kind.schema)().to_value();
        assert_eq!(schema["additionalProperties"], false, "{}", kind.name);
    }
}

/// Returns the fields of a schema, of the schemas in it, and whether each holds a query, a workflow or an action.
fn fields_of<'a>(schema: &'a Value, found: &mut BTreeSet<(&'a str, bool)>) {
    for (name, property) in schema["properties"].as_object().into_iter().flatten() {
        let is_inner = matches!(property["x-widget"].as_str(), Some("query" | "workflow" | "action"));
        found.insert((name, is_inner));
        fields_of(property, found);
    }
    let parts = ["anyOf", "oneOf", "allOf"].iter().filter_map(|key| schema[*key].as_array()).flatten();
    parts.chain(schema.get("items")).for_each(|part| fields_of(part, found));
}

/// Returns the names of all fields in a value.
fn names_in(value: &Value, found: &mut BTreeSet<String>) {
    match value {
        Value::Object(fields) => fields.iter().for_each(|(name, field)| {
            found.insert(name.clone());
            names_in(field, found);
        }),
        Value::Array(items) => items.iter().for_each(|item| names_in(item, found)),
        _ => {}
    }
}

#[test]
fn visitors_see_no_query_workflow_or_action() {
    for (name, config) in least() {
        let (schema, mut fields, mut shown) = ((kind(name).schema)().to_value(), BTreeSet::new(), BTreeSet::new());
        fields_of(&schema, &mut fields);
        let widget = widget(name, &config);
        if widget.visible().is_none() {
            continue;
        }
        let public = widget.config().unwrap().public();
        names_in(&public, &mut shown);
        assert!(!shown.is_empty(), "{name}: nothing is shown");
        for (field, _) in fields.iter().filter(|(field, is_inner)| *is_inner || *field == "parameters") {
            assert!(!shown.contains(*field), "{name}: {field} is shown");
        }
        let all = schema["properties"].as_object().unwrap();
        let hidden: Vec<_> = all.keys().filter(|field| public.get(field.as_str()).is_none()).collect();
        let expected: &[&str] = match name {
            "table" => &["queryID", "parameters", "rowActions"],
            "grid" => &["queryID", "parameters", "schema", "table", "key"],
            _ if all.contains_key("queryID") => &["queryID", "parameters"],
            _ => &[],
        };
        let optional = ["split"];
        let hidden: Vec<_> = hidden.into_iter().filter(|field| !optional.contains(&field.as_str())).collect();
        assert_eq!(hidden, expected, "{name}");
    }
}

#[test]
fn visitors_see_a_config_as_it_was_written() {
    let query = json!({"type": "query", "queryID": QUERY});
    let table = json!({
        "tools": true, "queryID": QUERY, "parameters": {"a": 1}, "pageSize": 20.0,
        "columns": [{"label": null, "field": "name", "edit": {"action": query}}, {"field": "n"}],
        "rowActions": [{"label": "Go", "action": query}],
    });
    let shown = widget("table", &table).public_config();
    let expected = r#"{"tools":true,"pageSize":20.0,"columns":[{"label":null,"field":"name"},{"field":"n"}]}"#;
    assert_eq!(Value::Object(shown).to_string(), expected);
    for (name, config) in [("table", json!({"queryID": "none"})), ("unknown", json!({"a": 1}))] {
        assert_eq!(widget(name, &config).public_config(), Map::new());
        assert!(widget(name, &config).visible().is_none());
    }
}

#[test]
fn visitors_see_the_columns_that_a_widget_shows() {
    let of = |name, mut config: Value| {
        config["queryID"] = QUERY.into();
        let widget = widget(name, &config);
        let columns = widget.visible().unwrap().columns;
        let known = ["a", "b", "c", "d", "e", "other"];
        known.into_iter().filter(|column| columns.contains(column)).collect::<String>()
    };
    let selects = json!([{"variable": "v", "field": "e"}]);
    let rule = json!({"when": {"field": "b", "operator": "empty"}, "color": "red"});
    let series = json!([{"field": "b"}, {"field": "c", "label": "other"}]);
    for (name, config, columns) in [
        ("table", json!({"columns": []}), "abcdeother"),
        ("table", json!({"columns": [{"field": "a", "label": "other"}], "selects": selects}), "ae"),
        ("table", json!({"columns": [{"field": "a"}], "rules": [rule]}), "ab"),
        ("grid", json!({"table": "c", "key": ["b"], "columns": [{"field": "a", "label": "other"}]}), "a"),
        ("number", json!({"field": "a", "compareField": "b", "trendField": "c", "unit": "other"}), "abc"),
        ("number", json!({"field": "a", "goalField": "d", "thresholds": [{"from": 1, "color": "red"}]}), "ad"),
        ("list", json!({"title": "a", "subtitle": "b", "detail": "c", "link": "d", "selects": selects}), "abcde"),
        ("keyValue", json!({"fields": [{"field": "a", "label": "other"}]}), "a"),
        ("keyValue", json!({}), "abcdeother"),
        ("timeline", json!({"time": "a", "title": "b", "text": "c", "tag": "d"}), "abcd"),
        ("json", json!({"field": "a"}), "a"),
        ("json", json!({}), "abcdeother"),
        ("bar", json!({"x": "a", "series": series, "split": "d", "selects": selects}), "abcde"),
        ("line", json!({"x": "a", "series": [{"field": "b"}], "split": "c"}), "abc"),
        ("area", json!({"x": "a", "series": [{"field": "b"}], "split": "c"}), "abc"),
        ("pie", json!({"label": "a", "value": "b", "selects": selects}), "abe"),
        ("funnel", json!({"label": "a", "value": "b", "selects": selects}), "abe"),
        ("scatter", json!({"x": "a", "y": "b", "size": "c", "group": "d", "selects": selects}), "abcde"),
        ("scatter", json!({"x": "a", "y": "b", "label": "c"}), "abc"),
        ("heatmap", json!({"x": "a", "y": "b", "value": "c", "selects": selects}), "abce"),
        ("gauge", json!({"field": "a", "maxField": "b"}), "ab"),
        ("map", json!({"latitude": "a", "longitude": "b", "size": "c", "label": "d", "selects": selects}), "abcde"),
        ("text", json!({"markdown": "# {{ row.a }} {{ row[\"b\"] }} other", "parameters": {"a": "c"}}), "ab"),
        ("html", json!({"markup": "<b>{{ row.a.c }}</b>"}), "a"),
        ("image", json!({"alt": "other", "field": "a"}), "a"),
        ("selectInput", json!({"variable": "other", "valueField": "a", "labelField": "b"}), "ab"),
    ] {
        assert_eq!(of(name, config.clone()), columns, "{name}: {config}");
    }
}
