use super::{House, Source, object};
use crate::support::moto::{Moto, moto};
use axum::{
    Router,
    body::Body,
    extract::Request,
    http::{StatusCode, header::LOCATION},
    response::IntoResponse,
    routing::any,
};
use jet_admin::Error;
use serde_json::{Value, json};
use std::time::Duration;
use tokio::net::TcpListener;

const SECRET: &str = "wJalrXUtnFEMI-K7MDENG-bPxRfiCYEXAMPLEKEY";

fn source(port: u16, more: Value) -> Source {
    let mut options = object(json!({
        "endpoint": format!("http://127.0.0.1:{port}"), "bucket": "box", "pathStyle": true,
        "accessKeyID": "AKIAIOSFODNN7EXAMPLE", "secretAccessKey": SECRET,
    }));
    options.extend(object(more));
    let mut source = Source::new("s3", Value::Object(options));
    source.0.id = uuid::Uuid::new_v4();
    source
}

fn query(options: &Value) -> Value {
    json!({"options": options, "parameters": [{"name": "p"}, {"name": "o", "type": "object"}]})
}

async fn ask(house: &House, source: &Source, options: Value, parameters: Value) -> Value {
    house.data(source, query(&options), parameters).await
}

/// Returns a plain HTTP client, like those of other users of the server.
fn client() -> reqwest::Client {
    // another test may have installed it already
    let _ = rustls::crypto::ring::default_provider().install_default();
    reqwest::Client::new()
}

/// Starts a server with two buckets.
async fn buckets() -> (Moto, Source) {
    let server = moto();
    let http = client();
    for name in ["box", "other"] {
        let created = http.put(format!("http://127.0.0.1:{}/{name}", server.port)).send().await.unwrap();
        assert!(created.status().is_success(), "{created:?}");
    }
    let source = source(server.port, json!({}));
    (server, source)
}

#[tokio::test]
async fn objects_are_stored_read_listed_and_deleted() {
    let house = House::new();
    let (_server, bucket) = buckets().await;
    let put = |key: &str, body: Value, more: Value| {
        let mut options = object(json!({"operation": "put", "key": key, "body": body}));
        options.extend(object(more));
        house.run(&bucket, query(&Value::Object(options)), json!({"o": {"n": [1, "x"]}}))
    };
    assert_eq!(put("docs/a.txt", json!("grüß dich"), json!({})).await.unwrap().affected_rows, Some(1));
    put("docs/rows.json", json!([{"id": 1}, {"id": 2}]), json!({})).await.unwrap();
    put("docs/o.json", json!({"own": "{{ params.o }}"}), json!({})).await.unwrap();
    put("pixel", json!("data:image/x;base64,//4AAQ=="), json!({"encoding": "base64", "contentType": "image/x"}))
        .await
        .unwrap();
    put("empty", json!(null), json!({})).await.unwrap();
    let get = |key: &str| ask(&house, &bucket, json!({"operation": "get", "key": key}), json!({}));
    assert_eq!(get("docs/a.txt").await, "grüß dich");
    assert_eq!(get("docs/o.json").await, json!({"own": {"n": [1, "x"]}}));
    assert_eq!(get("pixel").await, "data:image/x;base64,//4AAQ==");
    assert_eq!(get("empty").await, json!(null));
    let rows = house.run(&bucket, query(&json!({"operation": "get", "key": "docs/rows.json"})), json!({})).await;
    assert_eq!(rows.unwrap().columns.unwrap()[0].name, "id");
    let head = ask(&house, &bucket, json!({"operation": "head", "key": "docs/a.txt"}), json!({})).await;
    assert_eq!((&head["size"], &head["contentType"]), (&json!(11), &json!("text/plain; charset=utf-8")));
    let all = ask(&house, &bucket, json!({"operation": "list", "delimiter": "/"}), json!({})).await;
    let keys: Vec<_> = all.as_array().unwrap().iter().map(|row| row["key"].as_str().unwrap()).collect();
    assert_eq!(keys, ["empty", "pixel", "docs/"]);
    assert_eq!((&all[1]["size"], &all[2]["size"]), (&json!(4), &json!(null)));
    let found =
        ask(&house, &bucket, json!({"operation": "list", "prefix": "{{ params.p }}"}), json!({"p": "docs/"})).await;
    assert_eq!(found.as_array().unwrap().len(), 3);
    for _ in 0..2 {
        let delete = json!({"operation": "delete", "key": "docs/a.txt"});
        assert_eq!(ask(&house, &bucket, delete, json!({})).await, json!({"key": "docs/a.txt"}));
    }
    let missing = house.run(&bucket, query(&json!({"operation": "get", "key": "docs/a.txt"})), json!({})).await;
    let Err(Error::Datasource(problem)) = missing else { panic!("{missing:?}") };
    assert_eq!(problem.code.as_deref(), Some("NoSuchKey"));
}

#[tokio::test]
async fn long_lists_are_read_page_by_page() {
    let house = House::new();
    let (server, bucket) = buckets().await;
    let http = client();
    let uploads = (0..1203).map(|i| {
        let http = http.clone();
        let url = format!("http://127.0.0.1:{}/box/k{i:04}", server.port);
        async move { http.put(url).body("x").send().await.unwrap().error_for_status().unwrap() }
    });
    for upload in uploads {
        upload.await;
    }
    let list = |more: Value, most: u32| {
        let mut options = object(json!({"operation": "list"}));
        options.extend(object(more));
        let mut query = query(&Value::Object(options));
        query["maxRows"] = most.into();
        house.run(&bucket, query, json!({}))
    };
    let all = list(json!({}), 10_000).await.unwrap();
    assert_eq!((all.row_count, all.truncated), (1203, false));
    let most = list(json!({}), 1100).await.unwrap();
    assert_eq!((most.row_count, most.truncated), (1100, true));
    let exact = list(json!({}), 1203).await.unwrap();
    assert_eq!((exact.row_count, exact.truncated), (1203, false));
    let page = list(json!({"startAfter": "k1199", "maxKeys": 2}), 100).await.unwrap();
    assert_eq!((page.data[0]["key"].as_str(), page.row_count, page.truncated), (Some("k1200"), 2, true));
}

#[tokio::test]
async fn a_key_never_leaves_its_bucket() {
    let house = House::new();
    let (server, bucket) = buckets().await;
    let other = source(server.port, json!({"bucket": "other"}));
    ask(&house, &other, json!({"operation": "put", "key": "victim", "body": "here"}), json!({})).await;
    let put = json!({"operation": "put", "key": "{{ params.p }}", "body": "{{ params.p }}"});
    let get = json!({"operation": "get", "key": "{{ params.p }}"});
    let keys = ["a b", "a+b", "a%2fb", "ü/日本", "q?x=1&y#z", "\\other", "a;b=c", "~'\"<>&", "100%", "a..b"];
    for key in keys {
        house.run(&bucket, query(&put), json!({"p": key})).await.unwrap();
        assert_eq!(ask(&house, &bucket, get.clone(), json!({"p": key})).await, key);
    }
    let listed = ask(&house, &bucket, json!({"operation": "list"}), json!({})).await;
    assert_eq!(listed.as_array().unwrap().len(), 10);
    for key in [
        "../other/victim",
        "..",
        "a/../../other/victim",
        "./x",
        "",
        "a%2f%2e%2e%2fb",
        "%2e%2e/other/victim",
        "..\\other",
        "tab\there",
    ] {
        for operation in ["get", "head", "put", "delete", "presign"] {
            let options = json!({"operation": operation, "key": "{{ params.p }}"});
            let refused = house.run(&bucket, query(&options), json!({"p": key})).await.unwrap_err();
            assert!(refused.to_string().starts_with("options.key: "), "{operation} {key}: {refused}");
        }
    }
    assert_eq!(ask(&house, &other, json!({"operation": "get", "key": "victim"}), json!({})).await, "here");
}

#[tokio::test]
async fn a_presigned_url_works_without_credentials() {
    let house = House::new();
    let (_server, bucket) = buckets().await;
    let presign = |method: &str| {
        let options = json!({"operation": "presign", "key": "a b/c", "method": method, "expiresSeconds": 60});
        ask(&house, &bucket, options, json!({}))
    };
    let put = presign("put").await;
    let http = client();
    let stored = http.put(put["url"].as_str().unwrap()).body("by address").send().await.unwrap();
    assert!(stored.status().is_success());
    let get = presign("get").await;
    assert_eq!(http.get(get["url"].as_str().unwrap()).send().await.unwrap().text().await.unwrap(), "by address");
    assert!(
        get["expiresAt"].as_str().unwrap().ends_with('Z') && get["url"].as_str().unwrap().contains("X-Amz-Expires=60")
    );
    let nobody = source(1, json!({"accessKeyID": null, "secretAccessKey": null}));
    let refused = house.run(&nobody, query(&json!({"operation": "presign", "key": "a"})), json!({})).await.unwrap_err();
    assert!(refused.to_string().contains("requires credentials"), "{refused}");
}

/// Starts a server that answers every request with `answer`. Returns its port.
async fn answering<F, R>(answer: F) -> u16
where
    F: Fn(Request) -> R + Clone + Send + Sync + 'static,
    R: IntoResponse,
{
    let router = Router::new().fallback(any(move |request: Request| {
        let answer = answer.clone();
        async move { answer(request).into_response() }
    }));
    let listener = TcpListener::bind("127.0.0.1:0").await.unwrap();
    let port = listener.local_addr().unwrap().port();
    tokio::spawn(async move { axum::serve(listener, router).await.unwrap() });
    port
}

#[tokio::test]
async fn a_malformed_list_is_refused() {
    let house = House::new();
    let list = query(&json!({"operation": "list"}));
    let entities = "<!DOCTYPE x [<!ENTITY a \"aaaaaaaaaa\"><!ENTITY b \"&a;&a;&a;&a;&a;&a;&a;&a;\">]><ListBucketResult xmlns=\"http://s3.amazonaws.com/doc/2006-03-01/\"><Name>&b;</Name></ListBucketResult>";
    let deep =
        format!("<ListBucketResult xmlns=\"http://s3.amazonaws.com/doc/2006-03-01/\">{}", "<a>".repeat(1_000_000));
    for body in ["", "{}", "<html>", "<ListBucketResult", "\u{0}", entities, &deep] {
        let owned = body.to_owned();
        let port = answering(move |_| owned.clone()).await;
        let refused = house.run(&source(port, json!({})), list.clone(), json!({})).await.unwrap_err();
        let error = refused.to_string();
        assert_eq!(error, "the response is not a list of objects", "{}", &body[..body.len().min(80)]);
    }
    let huge = answering(|_| Body::from(vec![b'x'; 40 << 20])).await;
    for operation in [json!({"operation": "list"}), json!({"operation": "get", "key": "k"})] {
        let refused = house.run(&source(huge, json!({})), query(&operation), json!({})).await.unwrap_err();
        assert!(refused.to_string().contains("larger than"), "{refused}");
    }
}

#[tokio::test]
async fn errors_carry_the_code_and_no_signature() {
    let house = House::new();
    let get = query(&json!({"operation": "get", "key": "k"}));
    let echo = |status: StatusCode, code: &'static str| {
        move |request: Request| {
            let asked = request.uri().to_string();
            (
                status,
                format!("<Error><Code>{code}</Code><Message>No.</Message><StringToSign>{asked}</StringToSign></Error>"),
            )
        }
    };
    for (status, code, stage) in [
        (StatusCode::FORBIDDEN, "SignatureDoesNotMatch", "authentication: "),
        (StatusCode::FORBIDDEN, "AccessDenied", "authentication: "),
        (StatusCode::NOT_FOUND, "NoSuchBucket", "No."),
        (StatusCode::MOVED_PERMANENTLY, "PermanentRedirect", "No."),
    ] {
        let bucket = source(answering(echo(status, code)).await, json!({}));
        let Err(Error::Datasource(problem)) = house.run(&bucket, get.clone(), json!({})).await else {
            panic!("{code}")
        };
        assert_eq!((problem.code.as_deref(), problem.message.as_str()), (Some(code), "No."));
        let report = house.queries.test(super::TENANT, "s3", &bucket.0.options).await.unwrap();
        assert!(report.error.unwrap().starts_with(stage) && report.hint.is_some(), "{code}");
    }
    // a body is never sent to another host, even if the server redirects
    let thief = answering(|_| -> &str { panic!("followed") }).await;
    let sends = move |_| (StatusCode::TEMPORARY_REDIRECT, [(LOCATION, format!("http://127.0.0.1:{thief}/"))]);
    let put = query(&json!({"operation": "put", "key": "k", "body": "mine"}));
    let moved = house.run(&source(answering(sends).await, json!({})), put, json!({})).await.unwrap_err();
    assert!(moved.to_string().contains("307"), "{moved}");
    let down = house.run(&source(2, json!({})), get.clone(), json!({})).await.unwrap_err();
    assert!(down.to_string().starts_with("TCP: ") && !down.to_string().contains("X-Amz"), "{down}");
    let slow =
        answering(|_| Body::from_stream(futures_util::stream::pending::<Result<String, std::io::Error>>())).await;
    let mut hurried = get;
    hurried["timeoutMs"] = 200.into();
    let slow = source(slow, json!({}));
    let late = tokio::time::timeout(Duration::from_secs(20), house.run(&slow, hurried, json!({})));
    assert!(matches!(late.await.unwrap(), Err(Error::Timeout(_))));
}
