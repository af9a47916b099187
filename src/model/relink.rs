//! Replaces what a record refers to, for clones of records that belong together.
use super::Resource;
use crate::Result;
use serde_json::{Value, json};
use std::collections::HashMap;
use uuid::Uuid;

/// Returns the record with new targets for the links and references whose targets are in `ids`.
///
/// # Errors
/// If it cannot be serialised as JSON.
pub fn relinked<R: Resource, S: std::hash::BuildHasher>(spec: &R, ids: &HashMap<Uuid, Uuid, S>) -> Result<R> {
    let mut value = serde_json::to_value(spec)?;
    let links = spec.links().into_iter().map(|link| (link.path, link.id));
    for (path, old) in links.chain(spec.references()) {
        if let Some((id, place)) = ids.get(&old).zip(find(&mut value, &path)) {
            *place = json!(id);
        }
    }
    Ok(serde_json::from_value(value)?)
}

/// Returns the value at a path such as `items[2].widgetID`.
fn find<'v>(value: &'v mut Value, path: &str) -> Option<&'v mut Value> {
    value.pointer_mut(&format!("/{}", path.replace('[', "/").replace(']', "").replace('.', "/")))
}

#[cfg(test)]
#[allow(clippy::unwrap_used)]
mod tests {
    use super::relinked;
    use crate::model::{Dashboard, Resource, Widget};
    use serde_json::json;
    use std::collections::HashMap;
    use uuid::Uuid;

    #[test]
    fn every_link_of_a_dashboard_and_of_a_widget_is_replaced() {
        let (old, new, other) = (Uuid::now_v7(), Uuid::now_v7(), Uuid::now_v7());
        let ids = HashMap::from([(old, new)]);
        let dashboard: Dashboard = serde_json::from_value(json!({
            "items": [{"key": "a", "widgetID": other}, {"key": "b", "widgetID": old}],
            "variables": [{"name": "v", "type": "select", "source": {"queryID": old, "valueField": "id"}}],
        }))
        .unwrap();
        let targets: Vec<_> = relinked(&dashboard, &ids).unwrap().links().iter().map(|link| link.id).collect();
        assert_eq!(targets, [other, new, new]);
        let action = json!({"type": "query", "queryID": old});
        let widget: Widget = serde_json::from_value(json!({
            "type": "table",
            "config": {
                "queryID": old,
                "parameters": {"id": old},
                "rowActions": [{"label": "Go", "action": action}],
                "columns": [{"field": "a", "edit": {"action": action}}],
            },
        }))
        .unwrap();
        let changed = relinked(&widget, &ids).unwrap();
        assert!(changed.links().len() == 3 && changed.links().iter().all(|link| link.id == new), "{changed:?}");
        assert_eq!(serde_json::to_value(changed).unwrap()["config"]["parameters"]["id"], old.to_string());
    }

    #[test]
    fn what_a_widget_opens_and_reloads_is_replaced() {
        let (old, new, other) = (Uuid::now_v7(), Uuid::now_v7(), Uuid::now_v7());
        let widget = |old: Uuid| {
            let opens = json!({"type": "widget", "widgetID": old});
            let dashboard = json!({"type": "dashboard", "dashboardID": old, "variables": {"id": "{{ row.id }}"}});
            let run = json!({"type": "query", "queryID": other});
            let next = json!({"type": "query", "queryID": old, "values": {"widgetID": other}});
            json!({
                "type": "table",
                "config": {
                    "queryID": other,
                    "opens": opens,
                    "rowActions": [
                        {"label": "Open", "action": {"type": "open", "to": dashboard}},
                        {
                            "label": "Run",
                            "action": run,
                            "then": [next],
                            "after": {"refresh": [other, old], "open": opens},
                        },
                    ],
                },
                "dashboardID": null,
                "tags": [],
            })
        };
        let given: Widget = serde_json::from_value(widget(old)).unwrap();
        let changed = relinked(&given, &HashMap::from([(old, new)])).unwrap();
        assert_eq!(serde_json::to_value(changed).unwrap(), widget(new));
    }
}
