//! Limits are checked in the unit that their messages name.
use super::{in_a_row, node};
use crate::support::World;
use serde_json::json;
use std::{fs, path::Path};

#[tokio::test]
async fn a_limit_in_characters_counts_characters_and_not_bytes() {
    let world = World::full().await;
    let save = async |title: String, key: &str| {
        let nodes = [node("start", "start", json!({})), node("ask", "approval", json!({"title": title}))];
        let body = json!({"name": key, "nodes": nodes, "edges": in_a_row(&["start", "ask"]), "enabled": true});
        world.client.post("workflows", body).await
    };
    save("🙂".repeat(255), "fits").await.expect(201);
    let refused = save("🙂".repeat(256), "does not").await.refused(400, "INVALID_REQUEST");
    assert!(refused.message.contains("1 to 255 characters"), "{}", refused.message);
    let items = json!([{"key": "é".repeat(64), "widgetID": world.id("widgetID")}]);
    world.client.post("dashboards", json!({"name": "Fits", "items": items})).await.expect(201);
}

#[tokio::test]
async fn a_status_that_a_webhook_cannot_send_is_refused() {
    let world = World::full().await;
    for (i, (status, saved)) in
        [(100, false), (101, false), (199, false), (200, true), (599, true), (600, false)].into_iter().enumerate()
    {
        let nodes = [node("start", "start", json!({})), node("say", "respond", json!({"status": status}))];
        let body =
            json!({"name": format!("Says {i}"), "nodes": nodes, "edges": in_a_row(&["start", "say"]), "enabled": true});
        let answer = world.client.post("workflows", body).await;
        if saved {
            answer.expect(201);
        } else {
            assert!(answer.refused(400, "INVALID_REQUEST").message.contains("between 200 and 599"));
        }
    }
}

/// Every source file below a folder.
fn sources(folder: &Path, found: &mut Vec<(String, String)>) {
    for entry in fs::read_dir(folder).unwrap() {
        let path = entry.unwrap().path();
        if path.is_dir() {
            sources(&path, found);
        } else if path.extension().is_some_and(|extension| extension == "rs") {
            found.push((path.display().to_string(), fs::read_to_string(&path).unwrap()));
        }
    }
}

#[test]
fn limits_whose_message_names_characters_do_not_count_bytes() {
    let mut files = Vec::new();
    sources(&Path::new(env!("CARGO_MANIFEST_DIR")).join("src"), &mut files);
    assert!(files.len() > 200);
    let mut wrong = Vec::new();
    for (path, text) in files {
        let lines: Vec<&str> = text.lines().collect();
        for (i, line) in lines.iter().enumerate() {
            let is_message = line.contains(" characters") && line.contains('"') && !line.trim_start().starts_with("//");
            let around = &lines[i.saturating_sub(3)..=i];
            if is_message && around.iter().any(|line| line.contains(".len()")) {
                wrong.push(format!("{path}:{}: {}", i + 1, line.trim()));
            }
        }
    }
    assert!(wrong.is_empty(), "count characters, or name bytes in the message:\n{}", wrong.join("\n"));
}
