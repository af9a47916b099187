use crate::{
    connect::{House, Source},
    support::redis::redis,
};
use base64::{Engine, engine::general_purpose::STANDARD as BASE64};
use serde_json::{Value, json};

/// Returns byte strings of every kind, and how each is represented in JSON.
fn values() -> Vec<(Vec<u8>, String)> {
    let texts = [
        "",
        "a",
        "größer 𝒳",
        "12",
        "-7",
        "1.50",
        "9007199254740993",
        "true",
        "null",
        "{\"a\":1}",
        "[1]",
        "a\r\nb",
        "*1\r\n$1\r\na\r\n",
        "\u{0}",
        "\u{1}\u{7f}",
        " a ",
        "//4=",
        "data:",
        "data:;base64,",
        "data:;base64,aGk=",
        "data:;base64,***",
        "data:image/png;base64,//4=",
        "it's \"x\" \\ y",
        "\u{feff}a",
        "{a}",
        "base64:AA==",
    ];
    let bytes: [&[u8]; 14] = [
        b"\xff",
        b"\xff\xfe",
        b"\x80\x81",
        b"a\xffb",
        b"\x00\xff",
        b"\xc3",
        b"\xed\xa0\x80",
        b"\xf8\x88\x80\x80\x80",
        b"mac\x00\xff\x10",
        b"\xff\xff\xff\xff",
        b"\xc0\x80",
        b"gr\xf6\xdfe",
        b"\x1f\x8b\x08\x00",
        b"\xef\xbb\xbf\xff",
    ];
    let mut values: Vec<_> = texts.map(|text| (text.as_bytes().to_vec(), text.to_owned())).to_vec();
    values.extend(bytes.map(|bytes| (bytes.to_vec(), format!("data:;base64,{}", BASE64.encode(bytes)))));
    // a text that looks like encoded bytes is encoded as well, so that the two cannot be confused
    let tricky = "data:;base64,/w==";
    values.push((tricky.as_bytes().to_vec(), format!("data:;base64,{}", BASE64.encode(tricky))));
    values
}

/// Writes every value as a value, key, field, list item and set member, and reads it back with another command.
#[tokio::test]
async fn every_value_survives_a_round_trip() {
    let (server, house) = (redis(&[]), House::new());
    let db = Source::new("redis", json!({"host": "127.0.0.1", "port": server.port}));
    let ask = async |words: Value, value: &str| {
        let query = json!({"options": {"command": words}, "parameters": [{"name": "v"}]});
        house.data(&db, query, json!({"v": value})).await
    };
    let v = "{{ params.v }}";
    let mut count = 0;
    for (bytes, text) in values() {
        let once = json!(text);
        let list = json!([text]);
        for (write, read, expected) in [
            (json!(["SET", "k", v]), json!(["GET", "k"]), once.clone()),
            (json!(["SET", v, "x"]), json!(["KEYS", "*"]), list.clone()),
            (json!(["HSET", "h", "f", v]), json!(["HGET", "h", "f"]), once.clone()),
            (json!(["HSET", "h", v, "x"]), json!(["HKEYS", "h"]), list.clone()),
            (json!(["HSET", "h", v, v]), json!(["HGETALL", "h"]), json!({&text: text})),
            (json!(["RPUSH", "l", v]), json!(["LRANGE", "l", 0, -1]), list.clone()),
            (json!(["SADD", "s", v]), json!(["SMEMBERS", "s"]), list.clone()),
            (json!(["ZADD", "z", 1, v]), json!(["ZRANGE", "z", 0, -1]), list.clone()),
            (json!(["SET", "k", v]), json!(["STRLEN", "k"]), json!(bytes.len())),
        ] {
            ask(json!(["FLUSHALL"]), &text).await;
            ask(write.clone(), &text).await;
            assert_eq!(ask(read, &text).await, expected, "{write} {text:?}");
            count += 1;
        }
    }
    assert!(count > 300, "{count}");
}

#[tokio::test]
async fn bytes_are_distinct_from_text_and_work_as_arguments() {
    let (server, house) = (redis(&[]), House::new());
    let db = Source::new("redis", json!({"host": "127.0.0.1", "port": server.port}));
    let key = "data:;base64,bWFjAP8Q";
    for (words, expected) in [
        (json!(["SET", key, "device 7"]), json!("OK")),
        (json!(["STRLEN", key]), json!(8)),
        (json!(["EVAL", "return redis.call('get', 'mac\\0\\255\\16')", 0]), json!("device 7")),
        (json!(["SET", "text", "//4="]), json!("OK")),
        (json!(["EVAL", "return redis.call('set', 'bytes', '\\255\\254')", 0]), json!("OK")),
        (json!(["MGET", "text", "bytes"]), json!(["//4=", "data:;base64,//4="])),
        (json!(["HSET", "hash", "data:;base64,/w==", "data:;base64,/g=="]), json!(1)),
        (json!(["HGETALL", "hash"]), json!({"data:;base64,/w==": "data:;base64,/g=="})),
        (json!(["HSTRLEN", "hash", "data:;base64,/w=="]), json!(1)),
    ] {
        let query = json!({"options": {"command": words}});
        assert_eq!(house.data(&db, query, json!({})).await, expected, "{words}");
    }
    let listed = house.data(&db, json!({"options": {"operation": "keys", "pattern": "mac*"}}), json!({})).await;
    assert_eq!(listed, json!([{"key": key, "type": "string"}]));
    let get = json!({"options": {"operation": "get", "key": listed[0]["key"]}});
    assert_eq!(house.data(&db, get, json!({})).await, "device 7");
    let parameters = json!([{"name": "key"}]);
    let get = json!({"options": {"operation": "get", "key": "{{ params.key }}"}, "parameters": parameters});
    assert_eq!(house.data(&db, get, json!({"key": key})).await, "device 7");
}
