//! Long lists: for every combination of filters, the pages and the total match a scan of all rows.
use crate::support::{Stored, World, client::id};
use jet_admin::{clock::Time, model::Expected};
use reqwest::Method;
use serde_json::{Value, json};
use std::collections::BTreeSet;
use uuid::Uuid;

/// Pseudo-random numbers that are the same in every run of the test.
struct Random(u64);

impl Random {
    fn draw(&mut self, below: usize) -> usize {
        self.0 = self.0.wrapping_mul(6_364_136_223_846_793_005).wrapping_add(1_442_695_040_888_963_407);
        usize::try_from((self.0 >> 33) % below as u64).unwrap()
    }

    fn of<'a, T>(&mut self, all: &'a [T]) -> &'a T {
        &all[self.draw(all.len())]
    }
}

/// All IDs of a list, in its order, and its total.
async fn all_pages(world: &World, path: &str, limit: usize) -> (Vec<String>, u64) {
    let (mut ids, mut cursor, mut total) = (Vec::new(), String::new(), 0);
    loop {
        let page = world.client.get(&format!("{path}&limit={limit}{cursor}")).await.expect(200);
        ids.extend(page["items"].as_array().unwrap().iter().map(|item| item["id"].as_str().unwrap().to_owned()));
        total = page["total"].as_u64().unwrap().max(total);
        assert_eq!(page["total"], total, "every page must have the same total");
        match page["nextCursor"].as_str() {
            Some(next) => cursor = format!("&cursor={next}"),
            None => return (ids, total),
        }
    }
}

/// Every combination of one value, or none, of each filter.
fn combinations(filters: &[(&str, Vec<String>)]) -> Vec<Vec<Option<String>>> {
    filters.iter().fold(vec![Vec::new()], |all, (_, values)| {
        let choices = || std::iter::once(None).chain(values.iter().cloned().map(Some));
        all.iter().flat_map(|one| choices().map(|choice| [one.clone(), vec![choice]].concat())).collect()
    })
}

/// The selected values as `&name=value…`.
fn query_string(filters: &[(&str, Vec<String>)], chosen: &[Option<String>]) -> String {
    let fields = filters.iter().zip(chosen);
    fields.filter_map(|((name, _), value)| Some(format!("&{name}={}", value.as_ref()?))).collect()
}

#[tokio::test(flavor = "multi_thread")]
async fn every_combination_of_audit_log_filters_finds_its_rows() {
    let world = World::empty().await;
    let mut random = Random(7);
    let (actors, objects) = ([0; 3].map(|_| Uuid::now_v7()), [0; 4].map(|_| Uuid::now_v7()));
    // the name of one kind is a prefix of another
    let actions = [("widget", "update"), ("widget", "delete"), ("widgetry", "update"), ("role", "update")];
    let start = Time::parse("2026-01-01T00:00:00Z").unwrap().0;
    let mut rows: Vec<(i64, String, [String; 4])> = Vec::new();
    let mut statements = vec!["delete from audit; delete from audit_counts".to_owned()];
    for _ in 0..400 {
        // many rows have the same time
        let (at, (kind, verb)) = (start + 1000 * i64::try_from(random.draw(50)).unwrap(), random.of(&actions));
        let [entry, actor, object] =
            [Uuid::now_v7(), *random.of(&actors), *random.of(&objects)].map(|id| id.to_string());
        let row = (at, entry, [actor, format!("{kind}.{verb}"), (*kind).to_owned(), object]);
        let (tenant, [actor, action, kind, object]) = (world.tenant, &row.2);
        statements.push(format!(
            "insert into audit (tenant_id, id, at, actor_kind, actor_id, actor_label, action, object_kind, object_id, object_name)
             values ('{tenant}', '{}', {at}, 'user', '{actor}', 'ada', '{action}', '{kind}', '{object}', 'it')",
            row.1
        ));
        rows.push(row);
    }
    statements.push(
        "insert into audit_counts select tenant_id, actor_id, action, count(*) from audit group by 1, 2, 3".to_owned(),
    );
    Stored::workspace(&world.server.data_dir()).execute(&statements.join(";"));
    rows.sort_unstable_by(|a, b| (b.0, &b.1).cmp(&(a.0, &a.1)));
    let time = |after: i64| vec![Time(start + after).to_string()];
    let filters = [
        ("actorID", vec![actors[0].to_string(), Uuid::nil().to_string()]),
        ("action", vec!["widget.update".to_owned(), "nothing.at.all".to_owned()]),
        ("objectKind", vec!["widget".to_owned(), "role".to_owned()]),
        ("objectID", vec![objects[0].to_string()]),
        ("since", time(10_000)),
        ("until", time(40_000)),
    ];
    for chosen in combinations(&filters) {
        let fits = |(at, _, columns): &&(i64, String, [String; 4])| {
            let equal = columns
                .iter()
                .zip(&chosen)
                .all(|(actual, wanted)| wanted.as_ref().is_none_or(|wanted| wanted == actual));
            let at = Time(*at);
            let time = |place: usize| chosen[place].as_ref().map(|text| Time::parse(text).unwrap());
            equal && time(4).is_none_or(|since| at >= since) && time(5).is_none_or(|until| at < until)
        };
        let expected: Vec<String> = rows.iter().filter(fits).map(|row| row.1.clone()).collect();
        let query = query_string(&filters, &chosen);
        let found = all_pages(&world, &format!("audit-logs?{}", query.trim_start_matches('&')), 97).await;
        // the total of the unfiltered list comes from a counter that does not include these rows
        let total = if query.is_empty() { found.1 } else { expected.len() as u64 };
        assert_eq!(found, (expected, total), "{query}");
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn every_combination_of_run_filters_finds_its_rows() {
    let world = World::full().await;
    let body = json!({"name": "Empty", "nodes": [{"id": "s", "type": "start", "name": "start"}]});
    let created = world.client.post("workflows", body).await.expect(201);
    world.client.post(&format!("workflows/{}/execute?wait=30", id(&created)), json!({})).await.expect(200);
    let mut random = Random(11);
    let workflows = [0; 2].map(|_| Uuid::now_v7());
    let mut statements = Vec::new();
    for _ in 0..400 {
        let (status, cause) =
            (*random.of(&["WAITING", "COMPLETED", "FAILED"]), *random.of(&["manual", "schedule", "webhook"]));
        let workflow = random.of(&[Some(workflows[0]), Some(workflows[1]), None]).map(|id| format!("'{id}'"));
        let workflow = workflow.as_deref().unwrap_or("null");
        let ended = if status == "WAITING" { "null" } else { "1" };
        let (id, is_test) = (Uuid::now_v7(), u8::from(random.draw(3) == 0));
        statements.push(format!(
            "insert into instances (tenant_id, id, workflow_id, workflow_name, workflow_version, definition, status, is_test, cause,
               actor_kind, actor_id, actor_label, input, created_at, finished_at, seq)
             select tenant_id, '{id}', {workflow}, workflow_name, 1, definition, '{status}', {is_test}, '{cause}', actor_kind, actor_id,
               actor_label, input, created_at, {ended}, seq from instances limit 1"
        ));
    }
    let runs = Stored::runs(&world.server.data_dir());
    statements.push(format!(
        "delete from ended_counts;
         insert into {} select tenant_id, coalesce(workflow_id, ''), status, is_test, cause, count(*)
         from instances where finished_at is not null group by 1, 2, 3, 4, 5",
        runs.sums("ended_counts")
    ));
    runs.execute(&statements.join(";"));
    let sql = "select id, coalesce(workflow_id, ''), status, case is_test when 1 then 'true' else 'false' end, cause
               from instances order by id desc";
    let rows: Vec<[String; 5]> = runs.rows(sql).into_iter().map(|row| row.try_into().unwrap()).collect();
    let filters = [
        ("workflowID", vec![workflows[0].to_string(), Uuid::nil().to_string()]),
        ("status", ["WAITING", "FAILED", "CANCELLED"].map(str::to_owned).to_vec()),
        ("isTest", ["true", "false"].map(str::to_owned).to_vec()),
        ("trigger", ["schedule", "error"].map(str::to_owned).to_vec()),
    ];
    for chosen in combinations(&filters) {
        let fits = |row: &&[String; 5]| {
            row[1..].iter().zip(&chosen).all(|(actual, wanted)| wanted.as_ref().is_none_or(|wanted| wanted == actual))
        };
        let expected: Vec<String> = rows.iter().filter(fits).map(|row| row[0].clone()).collect();
        let total = expected.len() as u64;
        let query = query_string(&filters, &chosen);
        let found = all_pages(&world, &format!("workflows/instances?{}", query.trim_start_matches('&')), 97).await;
        assert_eq!(found, (expected, total), "{query}");
    }
}

/// The number of entries for each actor and action, from the counters and from the rows.
fn audit_counts(world: &World) -> [BTreeSet<Vec<String>>; 2] {
    let workspace = Stored::workspace(&world.server.data_dir());
    ["select actor_id, action, count from audit_counts", "select actor_id, action, count(*) from audit group by 1, 2"]
        .map(|sql| workspace.rows(sql).into_iter().collect())
}

#[tokio::test(flavor = "multi_thread")]
async fn the_counters_of_the_audit_log_stay_correct_when_rows_are_added_and_deleted() {
    let world = World::full().await;
    let store = &world.server.server.app.store;
    for n in 0..20 {
        world.client.post("roles", json!({"name": format!("Role {n}")})).await.expect(201);
    }
    let [counters, rows] = audit_counts(&world);
    assert!(!rows.is_empty() && counters == rows, "{counters:?} {rows:?}");
    let tenant = world.tenant;
    for most in [1, 3, 7] {
        store.write(move |tx| tx.delete_audit(tenant, None, most)).await.unwrap();
        let [counters, rows] = audit_counts(&world);
        assert_eq!(counters, rows);
    }
    store.write(move |tx| tx.delete_audit(tenant, None, 10_000)).await.unwrap();
    let [counters, rows] = audit_counts(&world);
    assert!(rows.is_empty() && counters.is_empty(), "{counters:?}");
}

#[tokio::test]
async fn paging_skips_no_tenants_when_others_are_deleted() {
    let world = World::empty().await;
    let path = "/api/v1/tenants";
    for name in ["Delta", "Alpha", "Charlie", "Bravo", "Alpha"] {
        world.owner.client.post(path, json!({"name": name})).await.expect(201);
    }
    let page = async |cursor: &str| world.owner.client.get(&format!("{path}?limit=2{cursor}")).await.expect(200);
    let names = |page: &Value| {
        page["items"].as_array().unwrap().iter().map(|one| one["name"].as_str().unwrap().to_owned()).collect::<Vec<_>>()
    };
    let first = page("").await;
    assert_eq!((names(&first), &first["total"]), (vec!["Alpha".to_owned(), "Alpha".to_owned()], &json!(6)));
    // delete both tenants of the first page, including the one that the cursor points to
    for item in first["items"].as_array().unwrap() {
        world.owner.client.in_tenant(id(item)).delete(&format!("{path}/{}", id(item))).await.expect(204);
    }
    let second = page(&format!("&cursor={}", first["nextCursor"].as_str().unwrap())).await;
    assert_eq!((names(&second), &second["total"]), (vec!["Bravo".to_owned(), "Charlie".to_owned()], &json!(4)));
    let third = page(&format!("&cursor={}", second["nextCursor"].as_str().unwrap())).await;
    assert_eq!((names(&third), &third["nextCursor"]), (vec!["Delta".to_owned(), "First".to_owned()], &Value::Null));
    world.owner.client.get(&format!("{path}?cursor=nonsense")).await.refused(400, "INVALID_REQUEST");
}

#[tokio::test]
async fn if_match_accepts_several_versions() {
    let world = World::empty().await;
    let created = world.client.post("roles", json!({"name": "First"})).await.expect(201);
    let path = format!("roles/{}", id(&created));
    let change = async |tags: &[&str], name: &str| {
        let call = world.client.call(Method::PATCH, &path);
        let call = tags.iter().fold(call, |call, tags| call.header("if-match", tags));
        call.json(&json!({"name": name})).send().await
    };
    assert_eq!(change(&["\"7\", \"1\""], "Second").await.expect(200)["version"], 2);
    assert_eq!(change(&["W/\"9\"", "\"2\",\"3\""], "Third").await.expect(200)["version"], 3);
    assert_eq!(change(&["*"], "Fourth").await.expect(200)["version"], 4);
    for tags in ["\"7\", \"8\"", "\"\"", "nonsense", "\"3\" \"4\"", ","] {
        change(&[tags], "Fifth").await.refused(412, "VERSION_CONFLICT");
    }
    assert!(Expected::default().check(5).is_ok() && Expected::from(Some(4)).check(5).is_err());
    let call = world.client.call(Method::DELETE, &path).header("if-match", "\"1\", \"4\"");
    call.send().await.expect(204);
}

#[tokio::test]
async fn every_kind_with_a_list_has_tags_with_the_same_rules() {
    let world = World::full().await;
    for (list, parameter) in [
        ("datasources", "datasourceID"),
        ("data-queries", "queryID"),
        ("widgets", "widgetID"),
        ("dashboards", "dashboardID"),
        ("workflows", "workflowID"),
    ] {
        let path = format!("{list}/{}", world.id(parameter));
        let tagged = world.client.patch(&path, json!({"tags": ["sales", "EU"]})).await.expect(200);
        assert_eq!(tagged["tags"], json!(["sales", "EU"]));
        assert_eq!(world.client.get(list).await.expect(200)["items"][0]["tags"], json!(["sales", "EU"]));
        for (tags, at) in [
            (json!(vec!["t"; 21]), "tags"),
            (json!([" "]), "tags[0]"),
            (json!(["a", "a"]), "tags[1]"),
            (json!(["x".repeat(51)]), "tags[0]"),
        ] {
            let refused = world.client.patch(&path, json!({"tags": tags})).await.refused(400, "INVALID_REQUEST");
            assert_eq!(refused.path, at, "{list}: {}", refused.message);
        }
        let cleared = world.client.patch(&path, json!({"tags": null})).await.expect(200);
        assert!(cleared["tags"].as_array().is_none_or(Vec::is_empty), "{cleared}");
    }
}
