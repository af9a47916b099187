//! The behavior that all six kinds of plain resources share.
use crate::support::{KINDS, Kind, World, client::id, kinds::kind};
use reqwest::Method;
use serde_json::{Value, json};
use std::collections::HashSet;
use uuid::Uuid;

/// Runs `check` for each kind in one world.
macro_rules! for_each_kind {
    ($world:ident, $kind:ident => $check:block) => {
        let $world = World::full().await;
        for $kind in KINDS {
            $check
        }
    };
}

fn names(list: &[Value]) -> Vec<&str> {
    list.iter().map(|item| item["name"].as_str().unwrap()).collect()
}

#[tokio::test]
async fn creating_responds_with_201_the_location_and_the_version() {
    for_each_kind!(world, kind => {
        let draft = (kind.draft)(&world, "  Trimmed  ");
        let created = world.client.post(kind.plural, draft.clone()).await;
        let record = created.clone().expect(201);
        let location = format!("/api/v1/tenants/{}/{}/{}", world.tenant, kind.plural, id(&record));
        assert_eq!(created.header("location"), Some(location.as_str()));
        assert_eq!(created.header("etag"), Some("\"1\""));
        assert_eq!((&record["name"], &record["version"]), (&json!("Trimmed"), &json!(1)), "{}", kind.name);
        assert_eq!(record["createdBy"], world.owner.user.id.to_string());
        assert_eq!(record["createdAt"], record["updatedAt"]);
        assert_eq!(id(&record).get_version_num(), 7, "IDs must sort by time");
        let shown = world.client.get(&location).await;
        assert_eq!(shown.header("etag"), Some("\"1\""));
        assert_eq!(shown.expect(200)["name"], "Trimmed");
        for (field, sent) in draft.as_object().unwrap() {
            if !["name", "options", "config", "nodes", "items", "variables", "inputs"].contains(&field.as_str()) {
                assert_eq!(&record[field], sent, "{}.{field}", kind.name);
            }
        }
    });
}

#[tokio::test]
async fn a_list_can_be_paged_in_every_sort_order() {
    for_each_kind!(world, kind => {
        for n in [3, 1, 4, 2, 5] {
            world.make(kind, &format!("Page {n}")).await;
        }
        let first = &world.client.all(&format!("{}?sort=createdAt&q=page 3", kind.plural)).await[0];
        world.client.patch(&format!("{}/{}", kind.plural, id(first)), json!({"description": "touched"})).await.expect(200);
        let orders = [
            ("name", ["Page 1", "Page 2", "Page 3", "Page 4", "Page 5"]),
            ("-name", ["Page 5", "Page 4", "Page 3", "Page 2", "Page 1"]),
            ("createdAt", ["Page 3", "Page 1", "Page 4", "Page 2", "Page 5"]),
            ("-createdAt", ["Page 5", "Page 2", "Page 4", "Page 1", "Page 3"]),
            ("updatedAt", ["Page 1", "Page 4", "Page 2", "Page 5", "Page 3"]),
            ("-updatedAt", ["Page 3", "Page 5", "Page 2", "Page 4", "Page 1"]),
        ];
        for (sort, expected) in orders {
            let all = world.client.all(&format!("{}?q=PAGE&limit=2&sort={sort}", kind.plural)).await;
            assert_eq!(names(&all), expected, "{} by {sort}", kind.name);
        }
        let page = world.client.get(&format!("{}?q=page&limit=2", kind.plural)).await.expect(200);
        assert_eq!((page["items"].as_array().unwrap().len(), &page["total"]), (2, &json!(5)));
        let cursor = page["nextCursor"].as_str().unwrap();
        let other_order = world.client.get(&format!("{}?sort=name&cursor={cursor}", kind.plural)).await;
        assert_eq!(other_order.refused(400, "INVALID_REQUEST").path, "cursor");
    });
}

#[tokio::test]
async fn paging_stays_correct_while_rows_are_added_and_deleted() {
    let world = World::full().await;
    let mut created = Vec::new();
    for n in 0..6 {
        created.push(id(&world.make(kind("role"), &format!("Row {n}")).await));
    }
    let page = world.client.get("roles?q=row&limit=3&sort=name").await.expect(200);
    let cursor = page["nextCursor"].as_str().unwrap();
    world.client.delete(&format!("roles/{}", created[1])).await.expect(204);
    world.make(kind("role"), "Row 00").await;
    let rest = world.client.get(&format!("roles?q=row&limit=3&sort=name&cursor={cursor}")).await.expect(200);
    assert_eq!(names(rest["items"].as_array().unwrap()), ["Row 3", "Row 4", "Row 5"]);
    assert_eq!(rest["nextCursor"], Value::Null);
}

#[tokio::test]
async fn q_searches_name_and_description_literally_and_ignores_case() {
    for_each_kind!(world, kind => {
        let mut draft = (kind.draft)(&world, "ÄPFEL 100%");
        draft["description"] = json!("Über_alles \\ else");
        world.client.post(kind.plural, draft).await.expect(201);
        for (q, found) in [("äpfel", 1), ("100%25", 1), ("ÜBER_", 1), ("%5C", 1), ("100_", 0), ("%25", 1), ("nothing", 0)] {
            let page = world.client.get(&format!("{}?q={q}", kind.plural)).await.expect(200);
            assert_eq!(page["total"], found, "{} q={q}", kind.name);
        }
    });
}

#[tokio::test]
async fn a_list_refuses_invalid_query_parameters() {
    for_each_kind!(world, kind => {
        let long = "x".repeat(201);
        for (query, field) in [
            ("limit=0", "limit"), ("limit=201", "limit"), ("limit=-1", "limit"), ("limit=many", "limit"),
            ("limit=99999999999999999999", "limit"), ("sort=size", "sort"), ("sort=--name", "sort"), ("cursor=xyz", "cursor"),
            ("page=2", "page"), (&format!("q={long}"), "q"),
        ] {
            let refused = world.client.get(&format!("{}?{query}", kind.plural)).await.refused(400, "INVALID_REQUEST");
            assert_eq!(refused.path, field, "{} {query}: {}", kind.name, refused.message);
        }
    });
}

#[tokio::test]
async fn a_patch_merges_fields_clears_null_ones_and_keeps_the_rest() {
    for_each_kind!(world, kind => {
        let created = world.make(kind, "Patched").await;
        let path = format!("{}/{}", kind.plural, id(&created));
        let (change, cleared) = (kind.change)();
        let patched = world.client.patch(&path, change.clone()).await;
        assert_eq!(patched.header("etag"), Some("\"2\""));
        let patched = patched.expect(200);
        assert_eq!((&patched["name"], &patched["version"]), (&created["name"], &json!(2)), "absent fields must stay");
        let (field, value) = change.as_object().unwrap().iter().next().unwrap();
        assert_eq!(&patched[field], value, "{}.{field}", kind.name);
        assert_eq!(world.client.get(&path).await.expect(200), patched, "the response must match what is stored");
        if !cleared.is_null() {
            let back = world.client.patch(&path, json!({field: null})).await.expect(200);
            assert_eq!(back[field], cleared, "null must clear {}.{field}", kind.name);
        }
        let described = world.client.patch(&path, json!({"description": "Why"})).await.expect(200);
        assert_eq!(described["description"], "Why");
        assert_eq!(world.client.patch(&path, json!({"description": null})).await.expect(200)["description"], "");
    });
}

#[tokio::test]
async fn a_patch_without_changes_creates_no_version() {
    for_each_kind!(world, kind => {
        let created = world.make(kind, "Same").await;
        let path = format!("{}/{}", kind.plural, id(&created));
        for patch in [json!({}), json!({"name": "Same"}), json!({"name": " Same "})] {
            assert_eq!(world.client.patch(&path, patch).await.expect(200)["version"], 1, "{}", kind.name);
        }
    });
}

#[tokio::test]
async fn the_error_for_an_invalid_field_names_it() {
    for_each_kind!(world, kind => {
        let path = format!("{}/{}", kind.plural, world.id(kind.id));
        let before = world.client.get(&path).await.expect(200);
        let long = "x".repeat(256);
        let wrong = [
            (json!({"colour": "red"}), "colour"),
            (json!({"name": ""}), "name"),
            (json!({"name": "   "}), "name"),
            (json!({"name": null}), "name"),
            (json!({"name": 7}), "name"),
            (json!({"name": long}), "name"),
            (json!({"name": "a\u{0}b"}), "name"),
            (json!({"description": 7}), "description"),
            (json!({"description": "x".repeat(4001)}), "description"),
            (json!({"id": Uuid::now_v7()}), "id"),
            (json!({"version": 9}), "version"),
            (json!({"createdAt": "2026-01-01T00:00:00Z"}), "createdAt"),
            (json!({"createdBy": null}), "createdBy"),
        ];
        for (fields, field) in wrong {
            let refused = world.client.patch(&path, fields.clone()).await.refused(400, "INVALID_REQUEST");
            assert_eq!(refused.path, field, "PATCH {} {fields}", kind.name);
            let mut draft = (kind.draft)(&world, "Wrong");
            draft.as_object_mut().unwrap().extend(fields.as_object().unwrap().clone());
            let refused = world.client.post(kind.plural, draft).await.refused(400, "INVALID_REQUEST");
            assert_eq!(refused.path, field, "POST {} {fields}", kind.name);
        }
        let hint = world.client.patch(&path, json!({"colour": "red"})).await.refused(400, "INVALID_REQUEST").message;
        for ours in ["secrets", "sealed", "problems", "builtIn"] {
            assert!(!hint.contains(ours), "only fields that can be set may be suggested: {hint}");
        }
        let nameless = world.client.post(kind.plural, json!({})).await.refused(400, "INVALID_REQUEST");
        assert_eq!(nameless.path, "name");
        assert_eq!(world.client.get(&path).await.expect(200), before, "nothing may change");
    });
}

#[tokio::test]
async fn if_match_prevents_overwriting_a_newer_version() {
    for_each_kind!(world, kind => {
        let created = world.make(kind, "Contended").await;
        let path = format!("{}/{}", kind.plural, id(&created));
        let rename = async |tag: &str, name: &str| {
            world.client.call(Method::PATCH, &path).header("if-match", tag).json(&json!({"name": name})).send().await
        };
        assert_eq!(rename("\"1\"", "First").await.expect(200)["version"], 2);
        rename("\"1\"", "Second").await.refused(412, "VERSION_CONFLICT");
        rename("\"nonsense\"", "Second").await.refused(412, "VERSION_CONFLICT");
        assert_eq!(rename("*", "Any").await.expect(200)["version"], 3);
        let remove = |tag: &'static str| world.client.call(Method::DELETE, &path).header("if-match", tag).send();
        remove("\"2\"").await.refused(412, "VERSION_CONFLICT");
        remove("\"3\"").await.expect(204);
    });
}

#[tokio::test]
async fn a_version_that_the_client_has_is_not_sent_again() {
    for_each_kind!(world, kind => {
        let path = format!("{}/{}", kind.plural, world.id(kind.id));
        let ask = |tag: &'static str| world.client.call(Method::GET, &path).header("if-none-match", tag).send();
        for tag in ["\"1\"", "W/\"1\"", "\"9\", \"1\"", "*"] {
            let known = ask(tag).await;
            assert_eq!((known.status.as_u16(), known.text.as_str()), (304, ""), "{} {tag}", kind.name);
            assert_eq!(known.header("etag"), Some("\"1\""));
        }
        ask("\"2\"").await.expect(200);
    });
}

#[tokio::test]
async fn a_deleted_record_is_not_found() {
    for_each_kind!(world, kind => {
        let created = world.make(kind, "Doomed").await;
        let path = format!("{}/{}", kind.plural, id(&created));
        world.client.delete(&path).await.expect(204);
        for answer in [
            world.client.get(&path).await,
            world.client.delete(&path).await,
            world.client.patch(&path, json!({"name": "Back"})).await,
            world.client.get(&format!("{path}/versions")).await,
            world.client.get(&format!("{path}/versions/1")).await,
        ] {
            assert_eq!(answer.refused(404, "NOT_FOUND").message, format!("{} not found", kind.label));
        }
        world.make(kind, "Doomed").await;
    });
}

#[tokio::test]
async fn names_are_unique_per_kind_and_tenant() {
    for_each_kind!(world, kind => {
        world.make(kind, "Taken").await;
        let other = world.make(kind, "Other").await;
        let again = world.client.post(kind.plural, (kind.draft)(&world, " Taken ")).await.refused(409, "CONFLICT");
        assert!(again.message.contains("\"Taken\""), "{}", again.message);
        let renamed = world.client.patch(&format!("{}/{}", kind.plural, id(&other)), json!({"name": "Taken"})).await;
        renamed.refused(409, "CONFLICT");
    });
}

#[tokio::test]
async fn every_version_can_be_read() {
    for_each_kind!(world, kind => {
        let created = world.make(kind, "One").await;
        let path = format!("{}/{}", kind.plural, id(&created));
        world.client.patch(&path, json!({"name": "Two"})).await.expect(200);
        let (change, _) = (kind.change)();
        world.client.patch(&path, change).await.expect(200);
        let versions = world.client.get(&format!("{path}/versions")).await.expect(200);
        let seen: Vec<_> = versions["items"].as_array().unwrap().iter().map(|v| (v["version"].as_u64().unwrap(), v["name"].as_str().unwrap(), v["by"].as_str().unwrap())).collect();
        let by = "owner@example.com";
        assert_eq!(seen, [(3, "Two", by), (2, "Two", by), (1, "One", by)], "{}", kind.name);
        let first = world.client.get(&format!("{path}/versions/1")).await.expect(200);
        let field = (kind.change)().0.as_object().unwrap().keys().next().unwrap().clone();
        assert_eq!((&first["name"], &first["spec"][&field]), (&json!("One"), &created[&field]), "{}", kind.name);
        world.client.get(&format!("{path}/versions/4")).await.refused(404, "NOT_FOUND");
        world.client.get(&format!("{path}/versions/0")).await.refused(404, "NOT_FOUND");
        world.client.get(&format!("{path}/versions/x")).await.refused(400, "INVALID_REQUEST");
    });
}

async fn clones(world: &World, kind: &Kind) {
    let source = world.make(kind, "Original").await;
    let path = format!("{}/{}/clone", kind.plural, id(&source));
    let own_fields = |record: &Value| {
        let mut fields = record.as_object().unwrap().clone();
        for common in ["id", "name", "createdAt", "updatedAt", "version"] {
            fields.shift_remove(common);
        }
        fields
    };
    for (body, name) in [(json!({}), "Original (2)"), (json!({}), "Original (3)"), (json!({"name": "Mine"}), "Mine")] {
        let copy = world.client.post(&path, body).await.expect(201);
        assert_eq!((&copy["name"], &copy["version"]), (&json!(name), &json!(1)));
        assert_ne!(copy["id"], source["id"]);
        assert_eq!(own_fields(&copy), own_fields(&source), "{}", kind.name);
    }
    world.client.call(Method::POST, &path).send().await.expect(201);
    world.client.post(&path, json!({"name": "Mine"})).await.refused(409, "CONFLICT");
    world.client.post(&path, json!({"name": ""})).await.refused(400, "INVALID_REQUEST");
    world.client.post(&format!("{}/{}/clone", kind.plural, Uuid::now_v7()), json!({})).await.refused(404, "NOT_FOUND");
}

#[tokio::test]
async fn a_clone_is_equal_except_for_its_name() {
    for_each_kind!(world, kind => {
        if kind.clones {
            clones(&world, kind).await;
        }
    });
}

#[tokio::test]
async fn lists_omit_large_fields() {
    let world = World::full().await;
    for (plural, heavy) in [("workflows", ["nodes", "edges"].as_slice()), ("dashboards", &["layouts"])] {
        let item = &world.client.all(plural).await[0];
        for field in heavy {
            assert!(item.get(field).is_none(), "{plural} list {field}");
        }
    }
}

#[tokio::test]
async fn ids_are_found_only_in_their_kind_and_tenant() {
    let world = World::full().await;
    let other = world.server.tenant(&world.owner, "Second").await;
    let mut seen = HashSet::new();
    for kind in KINDS {
        let at = world.id(kind.id);
        assert!(seen.insert(at));
        other.get(&format!("{}/{at}", kind.plural)).await.refused(404, "NOT_FOUND");
        other.patch(&format!("{}/{at}", kind.plural), json!({"name": "Mine"})).await.refused(404, "NOT_FOUND");
        other.delete(&format!("{}/{at}", kind.plural)).await.refused(404, "NOT_FOUND");
        for wrong in KINDS.iter().filter(|wrong| wrong.name != kind.name) {
            world.client.get(&format!("{}/{at}", wrong.plural)).await.refused(404, "NOT_FOUND");
        }
    }
}
