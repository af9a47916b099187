use super::{client, retry, run, run_one, step};
use crate::support::{TestServer, World, background::free_port, smtp::smtp};
use serde_json::json;

async fn world(url: String) -> World {
    let server = TestServer::start_with(|config| {
        config.smtp_url = Some(url);
        config.mail_from = Some("Jet <jet@example.org>".to_owned());
    });
    World::on(server.await).await
}

#[tokio::test(flavor = "multi_thread")]
async fn an_email_arrives_with_all_its_fields() {
    let smtp = smtp();
    let world = world(format!("smtp://jet:p%20w%26%2B@127.0.0.1:{}", smtp.port)).await;
    let config = json!({
        "to": "Ann <ann@example.com>, {{ input.to }}",
        "cc": ["carl@example.com"],
        "bcc": "{{ input.bcc }}",
        "replyTo": "support@example.com",
        "subject": "Größe {{ input.n }}",
        "text": "Hello {{ input.name }}",
        "html": "<p>Hello {{ input.name }}</p>",
    });
    let input = json!({"to": "bob@example.com", "bcc": ["dora@example.com"], "n": 10, "name": "<b>Ümit</b>"});
    let finished = run_one(&world.client, "email", config, input).await;
    assert_eq!(
        (&finished["status"], &finished["output"]["recipients"]),
        (&json!("COMPLETED"), &json!(4)),
        "{finished}"
    );
    let emails = smtp.letters();
    assert_eq!(emails.len(), 1);
    let email = &emails[0];
    assert_eq!((&email["from"], &email["user"]), (&json!("jet@example.org"), &json!("jet")));
    assert_eq!(email["to"], json!(["ann@example.com", "bob@example.com", "carl@example.com", "dora@example.com"]));
    let data = email["data"].as_str().unwrap();
    let (head, body) = data.split_once("\r\n\r\n").unwrap();
    let id = finished["output"]["messageID"].as_str().unwrap();
    assert!(id.ends_with("@example.org>"), "{id}");
    for header in [
        "From: Jet <jet@example.org>",
        "To: Ann <ann@example.com>, bob@example.com",
        "Cc: carl@example.com",
        "Reply-To: support@example.com",
        "Subject: =?utf-8?b?R3LDtsOfZQ==?= 10",
        "Content-Type: multipart/alternative;",
        &format!("Message-ID: {id}"),
    ] {
        assert!(head.contains(header), "{header} is not in {head}");
    }
    assert!(!data.contains("dora@example.com") && !head.to_lowercase().contains("bcc"), "{head}");
    assert!(body.contains("&lt;b&gt;=C3=9Cmit&lt;/b&gt;") || body.contains("&lt;b&gt;Ümit&lt;/b&gt;"), "{body}");
    assert!(!step(&finished, "it")["input"]["subject"].is_null());
}

#[tokio::test(flavor = "multi_thread")]
async fn a_busy_mailbox_is_retried_and_a_missing_one_is_not() {
    let smtp = smtp();
    let world = world(format!("smtp://127.0.0.1:{}?tls=none", smtp.port)).await;
    let email = |to: &str| json!({"to": to, "subject": "Hi", "text": "there"});
    let finished = run(&world.client, &[("it", "email", email("later@example.com"), retry(3))], json!({})).await;
    assert_eq!(
        (&finished["status"], &step(&finished, "it")["attempt"]),
        (&json!("COMPLETED"), &json!(2)),
        "{finished}"
    );
    let finished = run(&world.client, &[("it", "email", email("never@example.com"), retry(3))], json!({})).await;
    let error = &step(&finished, "it")["error"];
    assert_eq!((&error["code"], &step(&finished, "it")["attempt"]), (&json!("MAIL_ERROR"), &json!(1)), "{finished}");
    assert!(error["message"].as_str().unwrap().contains("no such mailbox"), "{error}");
    assert_eq!(smtp.letters().len(), 1);

    let evil = json!({"to": "ann@example.com", "subject": "{{ input.evil }}", "text": "x"});
    for (config, field) in [(evil, "subject"), (email("{{ input.evil }}"), "to")] {
        let finished =
            run_one(&world.client, "email", config, json!({"evil": "a@example.com\r\nBcc: eve@example.com"})).await;
        let error = &step(&finished, "it")["error"];
        assert!(error["message"].as_str().unwrap().starts_with(&format!("{field}: ")), "{error}");
    }
    assert_eq!(smtp.letters().len(), 1);
}

#[tokio::test(flavor = "multi_thread")]
async fn a_workflow_warns_if_its_server_cannot_send_email() {
    let (_plain, client) = client().await;
    let smtp = smtp();
    let mailing = world(format!("smtp://127.0.0.1:{}?tls=none", smtp.port)).await;
    for (client, warns) in [(&client, true), (&mailing.client, false)] {
        let config = json!({"to": "ann@example.com", "subject": "Hi", "text": "there"});
        let nodes = json!([
            {"id": "start", "type": "start", "name": "start", "config": {}},
            {"id": "it", "type": "email", "name": "tell ann", "config": config},
        ]);
        let edges = json!([{"id": "e", "source": "start", "target": "it"}]);
        let body = json!({"name": "Mails", "nodes": nodes, "edges": edges});
        let created = client.post("workflows", body).await.expect(201);
        let problems = created["problems"].as_array().unwrap();
        let of_mail = problems.iter().filter(|problem| problem["message"].as_str().unwrap().contains("--smtp-url"));
        let found: Vec<_> =
            of_mail.map(|problem| (&problem["severity"], &problem["nodeID"], &problem["path"])).collect();
        let expected = (&json!("warning"), &json!("it"), &json!("nodes[1].type"));
        assert_eq!(found, if warns { vec![expected] } else { vec![] }, "{created}");
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn the_reason_why_an_email_is_not_sent_is_reported() {
    let (plain, client) = client().await;
    let email = json!({"to": "ann@example.com", "subject": "Hi", "text": "there"});
    let finished = run_one(&client, "email", email.clone(), json!({})).await;
    assert!(step(&finished, "it")["error"]["message"].as_str().unwrap().contains("--smtp-url"), "{finished}");
    drop(plain);
    let smtp = smtp();
    for (url, expected, attempts) in [
        (format!("smtp://127.0.0.1:{}", free_port()), "SMTP: ", 2),
        (format!("smtp://jet:wrong@127.0.0.1:{}", smtp.port), "535", 1),
        (format!("smtp://127.0.0.1:{}?tls=required", smtp.port), "STARTTLS", 1),
    ] {
        let world = world(url.clone()).await;
        let finished = run(&world.client, &[("it", "email", email.clone(), retry(2))], json!({})).await;
        let failed = step(&finished, "it");
        assert!(failed["error"]["message"].as_str().unwrap().contains(expected), "{url}: {finished}");
        assert_eq!(failed["attempt"], attempts, "{url}: {finished}");
        assert!(!finished.to_string().contains("wrong"), "{finished}");
    }
}
