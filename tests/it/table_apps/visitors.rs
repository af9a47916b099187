//! Visitors of a share link search and sort the table of an app, as far as they see its columns.
use super::{databases::shop, item, values};
use serde_json::json;

#[tokio::test]
async fn visitors_search_and_sort_only_what_they_see() {
    let shop = shop("sqlite").await;
    shop.sql("insert into people (email, full_name) values ('ada@x.example', 'Ada'), ('bob@x.example', 'Bob')").await;
    let app = shop.app(json!({"table": "people", "name": "People", "columns": ["full_name"]})).await;
    let created = shop.world.client.post(&format!("{}/shares", app.path), json!({})).await.expect(201);
    let token = created["url"].as_str().unwrap().rsplit('/').next().unwrap().to_owned();
    let (visitor, path) = (shop.world.server.anyone(), format!("/api/v1/shared/{token}"));
    let shown = visitor.get(&path).await.expect(200);
    assert_eq!(shown["items"].as_array().unwrap().len(), 1, "no forms: {shown}");
    let server = &shown["items"][0]["config"]["server"];
    assert_eq!((&server["search"], server.get("countQueryID")), (&json!("search"), None), "{shown}");
    let ask = |ask| json!({"tables": {"rows": ask}});
    let found = item(&visitor, &path, ask(json!({"search": "BO", "sort": "full_name"})), "rows").await;
    assert_eq!(
        (values(&found["result"], "full_name"), &found["result"]["total"]),
        (vec![json!("Bob")], &json!(1)),
        "{found}"
    );
    assert!(found["result"]["data"][0].get("email").is_none());
    let refused = item(&visitor, &path, ask(json!({"sort": "email"})), "rows").await;
    assert_eq!(refused["error"]["message"], "The data of this widget could not be loaded.");
}

#[tokio::test]
async fn a_column_that_is_not_shown_does_not_order_the_rows_of_visitors() {
    let shop = shop("sqlite").await;
    shop.sql("insert into people (email, full_name) values ('ada@x.example', 'Ada'), ('bob@x.example', 'Bob')").await;
    let app = shop.app(json!({"table": "people", "name": "People"})).await;
    let widget = app.widget("rows");
    let mut config = app.config("rows").clone();
    config["columns"] = json!([{"field": "full_name"}]);
    config["selects"] = json!([]);
    shop.world.client.patch(&format!("widgets/{widget}"), json!({"config": config})).await.expect(200);
    let created = shop.world.client.post(&format!("{}/shares", app.path), json!({})).await.expect(201);
    let token = created["url"].as_str().unwrap().rsplit('/').next().unwrap().to_owned();
    let (visitor, path) = (shop.world.server.anyone(), format!("/api/v1/shared/{token}"));
    let by = |column: &str| json!({"tables": {"rows": {"sort": column, "direction": "desc"}}});
    let fine = item(&visitor, &path, by("full_name"), "rows").await;
    assert_eq!(values(&fine["result"], "full_name"), ["Bob", "Ada"]);
    assert!(item(&visitor, &path, by("email"), "rows").await["error"].is_object());
    let member = item(&shop.world.client, &app.path, by("email"), "rows").await;
    assert_eq!(values(&member["result"], "full_name"), ["Bob", "Ada"], "members may");
}
