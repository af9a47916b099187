use super::{client, one, retry, run, step};
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
async fn a_letter_arrives_as_it_was_meant() {
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
    let ran = one(&world.client, "email", config, input).await;
    assert_eq!((&ran["status"], &ran["output"]["recipients"]), (&json!("COMPLETED"), &json!(4)), "{ran}");
    let letters = smtp.letters();
    assert_eq!(letters.len(), 1);
    let letter = &letters[0];
    assert_eq!((&letter["from"], &letter["user"]), (&json!("jet@example.org"), &json!("jet")));
    assert_eq!(letter["to"], json!(["ann@example.com", "bob@example.com", "carl@example.com", "dora@example.com"]));
    let data = letter["data"].as_str().unwrap();
    let (head, body) = data.split_once("\r\n\r\n").unwrap();
    let id = ran["output"]["messageID"].as_str().unwrap();
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
    assert!(!step(&ran, "it")["input"]["subject"].is_null());
}

#[tokio::test(flavor = "multi_thread")]
async fn a_busy_mailbox_is_tried_again_and_none_is_not() {
    let smtp = smtp();
    let world = world(format!("smtp://127.0.0.1:{}?tls=none", smtp.port)).await;
    let letter = |to: &str| json!({"to": to, "subject": "Hi", "text": "there"});
    let ran = run(&world.client, &[("it", "email", letter("later@example.com"), retry(3))], json!({})).await;
    assert_eq!((&ran["status"], &step(&ran, "it")["attempt"]), (&json!("COMPLETED"), &json!(2)), "{ran}");
    let ran = run(&world.client, &[("it", "email", letter("never@example.com"), retry(3))], json!({})).await;
    let error = &step(&ran, "it")["error"];
    assert_eq!((&error["code"], &step(&ran, "it")["attempt"]), (&json!("MAIL_ERROR"), &json!(1)), "{ran}");
    assert!(error["message"].as_str().unwrap().contains("no such mailbox"), "{error}");
    assert_eq!(smtp.letters().len(), 1);

    let evil = json!({"to": "ann@example.com", "subject": "{{ input.evil }}", "text": "x"});
    for (config, field) in [(evil, "subject"), (letter("{{ input.evil }}"), "to")] {
        let ran = one(&world.client, "email", config, json!({"evil": "a@example.com\r\nBcc: eve@example.com"})).await;
        let error = &step(&ran, "it")["error"];
        assert!(error["message"].as_str().unwrap().starts_with(&format!("{field}: ")), "{error}");
    }
    assert_eq!(smtp.letters().len(), 1);
}

#[tokio::test(flavor = "multi_thread")]
async fn a_workflow_says_that_its_server_sends_no_mail() {
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
        let made = client.post("workflows", body).await.expect(201);
        let problems = made["problems"].as_array().unwrap();
        let of_mail = problems.iter().filter(|problem| problem["message"].as_str().unwrap().contains("--smtp-url"));
        let told: Vec<_> =
            of_mail.map(|problem| (&problem["severity"], &problem["nodeID"], &problem["path"])).collect();
        let expected = (&json!("warning"), &json!("it"), &json!("nodes[1].type"));
        assert_eq!(told, if warns { vec![expected] } else { vec![] }, "{made}");
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn what_keeps_a_letter_from_being_sent_is_said() {
    let (plain, client) = client().await;
    let letter = json!({"to": "ann@example.com", "subject": "Hi", "text": "there"});
    let ran = one(&client, "email", letter.clone(), json!({})).await;
    assert!(step(&ran, "it")["error"]["message"].as_str().unwrap().contains("--smtp-url"), "{ran}");
    drop(plain);
    let smtp = smtp();
    for (url, words, attempts) in [
        (format!("smtp://127.0.0.1:{}", free_port()), "SMTP: ", 2),
        (format!("smtp://jet:wrong@127.0.0.1:{}", smtp.port), "535", 1),
        (format!("smtp://127.0.0.1:{}?tls=required", smtp.port), "STARTTLS", 1),
    ] {
        let world = world(url.clone()).await;
        let ran = run(&world.client, &[("it", "email", letter.clone(), retry(2))], json!({})).await;
        let failed = step(&ran, "it");
        assert!(failed["error"]["message"].as_str().unwrap().contains(words), "{url}: {ran}");
        assert_eq!(failed["attempt"], attempts, "{url}: {ran}");
        assert!(!ran.to_string().contains("wrong"), "{ran}");
    }
}
