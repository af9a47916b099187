use super::{House, Source, object};
use crate::support::recorder::{Recorder, Seen};
use axum::{body::Body, http::Response};
use serde_json::{Value, json};

/// Answers with the items below `total`, paginated in the way that the path names.
fn answer(seen: &Seen, total: usize) -> Response<Body> {
    let sent: Value = serde_json::from_slice(&seen.body).unwrap_or_default();
    let number = |name: &str| {
        let given = seen.param(name).map(str::to_owned).or_else(|| sent[name].as_u64().map(|n| n.to_string()));
        given.and_then(|text| text.parse::<usize>().ok())
    };
    let page =
        |from: usize, size: usize| (from..total.min(from + size)).map(|id| json!({"id": id})).collect::<Vec<_>>();
    let (mut link, from) = (String::new(), number("from").unwrap_or(0));
    let body = match seen.path.as_str() {
        "/link" => {
            if from + 2 < total {
                link = format!("</link?from=0>; rel=\"first\", </link?from={}>; rel=\"next\"", from + 2);
            }
            json!({"items": page(from, 2)})
        }
        "/far" => {
            link.push_str("<http://127.0.0.2/>; rel=next");
            json!({"items": page(0, 2)})
        }
        "/body-link" => {
            json!({"items": page(from, 2), "next": (from + 2 < total).then(|| format!("/body-link?from={}", from + 2))})
        }
        "/cursor" => json!({"items": page(from, 2), "meta": {"next": (from + 2 < total).then_some(from + 2)}}),
        "/endless" => json!({"items": page(0, 2), "meta": {"next": "same"}}),
        "/counting" => json!({"items": page(0, 2), "meta": {"next": from + 1}}),
        "/last" => {
            let from = number("after").map_or(0, |id| id + 1);
            json!({"items": page(from, 2), "more": from + 2 < total})
        }
        "/offset" => json!({"items": page(number("offset").unwrap_or(0), number("limit").unwrap_or(100).min(3))}),
        "/page" => {
            let at = number("page").unwrap_or(1) - 1;
            if at * 2 >= total {
                return Response::builder().status(404).body(Body::empty()).unwrap();
            }
            json!({"items": page(at * 2, 2)})
        }
        "/hidden-page" | "/hidden-offset" => {
            // pages of three from which every item at a multiple of five is hidden, except the first
            let from = number("offset").unwrap_or_else(|| (number("page").unwrap_or(1) - 1) * 3);
            let visible = |place: &usize| *place == 0 || !place.is_multiple_of(5);
            let shown = (from..(from + 3).min(total + 1)).filter(visible);
            json!({"items": shown.map(|place| json!({"id": place - place / 5})).collect::<Vec<_>>()})
        }
        "/more" => json!({"items": page(from, 2), "more": true}),
        "/heavy" => json!({"items": [{"text": "x".repeat(20 << 20)}], "meta": {"next": from + 1}}),
        _ => json!({"items": page(0, 2)}),
    };
    let response = Response::builder().header("content-type", "application/json").header("link", link);
    response.body(Body::from(body.to_string())).unwrap()
}

async fn read(house: &House, path: &str, pagination: Value, more: Value) -> (Result<(usize, bool), String>, Vec<Seen>) {
    let recorder = Recorder::start(|seen| answer(seen, 7)).await;
    let mut source = Source::new(
        "restapi",
        json!({"baseUrl": recorder.url(), "auth": {"type": "apiKey", "name": "key", "value": "k", "in": "query"}}),
    );
    source.0.id = uuid::Uuid::new_v4();
    let mut options = object(json!({"path": path, "responsePath": "items", "pagination": pagination}));
    options.extend(object(more.get("options").cloned().unwrap_or(json!({}))));
    let mut query = object(json!({"options": options}));
    query.extend(more.get("maxRows").map(|rows| ("maxRows".to_owned(), rows.clone())));
    let outcome = house.run(&source, Value::Object(query), json!({})).await;
    if let Ok(outcome) = &outcome {
        let ids: Vec<_> = outcome.data.as_array().unwrap().iter().filter_map(|one| one["id"].as_u64()).collect();
        let plain = !["endless", "same", "counting"].contains(&path);
        assert!(!plain || ids.iter().enumerate().all(|(i, id)| i as u64 == *id), "{path}: {ids:?}");
    }
    (outcome.map(|one| (one.row_count, one.truncated)).map_err(|error| error.to_string()), recorder.take())
}

fn cursor() -> Value {
    json!({"type": "cursor", "cursorPath": "meta.next", "cursorParam": "from"})
}

#[tokio::test]
async fn every_kind_of_pagination_is_read_to_the_end() {
    let house = House::new();
    for (path, pagination, more, requests) in [
        ("link", json!({"type": "link"}), json!({}), 4),
        ("body-link", json!({"type": "link", "urlPath": "next"}), json!({}), 4),
        ("cursor", cursor(), json!({}), 4),
        (
            "cursor",
            json!({"type": "cursor", "cursorPath": "meta.next", "cursorParam": "from", "in": "body"}),
            json!({"options": {"method": "POST", "body": {"a": 1}}}),
            4,
        ),
        (
            "last",
            json!({"type": "cursor", "cursorPath": "id", "cursorOf": "lastItem", "morePath": "more", "cursorParam": "after"}),
            json!({}),
            4,
        ),
        // the server returns three items when asked for seven; only an empty page is the last one
        ("offset", json!({"type": "offset", "pageSize": 7}), json!({}), 4),
        ("offset", json!({"type": "offset", "in": "body"}), json!({"options": {"method": "POST"}}), 4),
        ("page", json!({"type": "page", "sizeParam": "size", "pageSize": 2}), json!({}), 5),
        // the service hides items after splitting them into pages
        ("hidden-page", json!({"type": "page", "pageSize": 3}), json!({}), 4),
        ("hidden-offset", json!({"type": "offset", "pageSize": 3}), json!({}), 4),
    ] {
        let (found, seen) = read(&house, path, pagination.clone(), more).await;
        assert_eq!((found, seen.len()), (Ok((7, false)), requests), "{path} {pagination}");
        assert!(seen.iter().all(|one| one.query.iter().filter(|(name, _)| name == "key").count() == 1), "{path}");
    }
}

#[tokio::test]
async fn incomplete_results_are_marked_as_truncated() {
    let house = House::new();
    for (path, pagination, more, expected, requests) in [
        ("cursor", cursor(), json!({"maxRows": 3}), (3, true), 2),
        ("cursor", cursor(), json!({"maxRows": 4}), (4, true), 2),
        ("cursor", cursor(), json!({"maxRows": 7}), (7, false), 4),
        // the response says that there are more items, but not where
        (
            "more",
            json!({"type": "cursor", "cursorPath": "next", "morePath": "more", "cursorParam": "from"}),
            json!({}),
            (2, true),
            1,
        ),
        // the server links back to the same page
        ("endless", cursor(), json!({}), (4, true), 2),
        ("same", json!({"type": "offset"}), json!({}), (4, true), 2),
        ("counting", cursor(), json!({}), (200, true), 100),
        // 32 MiB are enough for one page of 20 MiB
        ("heavy", cursor(), json!({}), (1, true), 2),
    ] {
        let (found, seen) = read(&house, path, pagination, more).await;
        assert_eq!((found, seen.len()), (Ok(expected), requests), "{path}");
    }
}

#[tokio::test]
async fn pages_on_other_servers_and_invalid_pages_are_refused() {
    let house = House::new();
    for (path, pagination, more, expected) in [
        ("far", json!({"type": "link"}), json!({}), "the next page is on another server"),
        ("cursor", cursor(), json!({"options": {"responsePath": "meta"}}), "the page's data is not a list"),
        (
            "cursor",
            json!({"type": "cursor", "cursorPath": "a b", "cursorParam": "x"}),
            json!({}),
            "options.pagination.cursorPath",
        ),
        ("cursor", json!({"type": "odd"}), json!({}), "options.pagination"),
        (
            "cursor",
            json!({"type": "cursor", "cursorPath": "meta.next", "cursorParam": "x", "in": "body"}),
            json!({"options": {"method": "POST", "bodyType": "text", "body": "t"}}),
            "options.pagination.in",
        ),
    ] {
        let (found, _) = read(&house, path, pagination, more).await;
        assert!(found.as_ref().is_err_and(|error| error.starts_with(expected)), "{path}: {found:?}");
    }
}
