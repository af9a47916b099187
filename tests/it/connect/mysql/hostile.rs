//! A malicious server that speaks the protocol: whatever it announces, only a bounded part is read.
use super::{House, Source, Value, json, object, problem, sql};
use jet_admin::connect::TestReport;
use std::{sync::Arc, time::Duration};
use tokio::{
    io::{AsyncReadExt, AsyncWriteExt},
    net::{TcpListener, TcpStream},
};

/// Returns the response to a command, given the command's first byte and number; `None` sends an OK packet.
type Answer = dyn Fn(u8, usize) -> Option<Vec<Vec<u8>>> + Send + Sync;

/// Starts a malicious server and returns its port. Each response consists of packets without headers.
async fn hostile(greets: bool, answer: impl Fn(u8, usize) -> Option<Vec<Vec<u8>>> + Send + Sync + 'static) -> u16 {
    let listener = TcpListener::bind("127.0.0.1:0").await.unwrap();
    let port = listener.local_addr().unwrap().port();
    let answer: Arc<Answer> = Arc::new(answer);
    tokio::spawn(async move {
        while let Ok((stream, _)) = listener.accept().await {
            tokio::spawn(serve(stream, greets, Arc::clone(&answer)));
        }
    });
    port
}

async fn serve(mut stream: TcpStream, greets: bool, answer: Arc<Answer>) -> std::io::Result<()> {
    let mut greeting = b"\x0a8.0.30\0\x07\0\0\0abcdefgh\0".to_vec();
    // all capabilities but encryption and compression
    greeting.extend_from_slice(&[0xdf, 0xf7, 33, 2, 0, 0xff, 0x01, 21]);
    greeting.extend_from_slice(&[0; 10]);
    greeting.extend_from_slice(b"ijklmnopqrst\0mysql_native_password\0");
    send(&mut stream, 0, &[greeting]).await?;
    receive(&mut stream).await?;
    if !greets {
        let mut sequence = 2;
        for packet in answer(0xff, 0).unwrap() {
            send(&mut stream, sequence, std::slice::from_ref(&packet)).await?;
            // the client replies to a switch of the authentication method and to a request for the whole password
            if packet.first() == Some(&0xfe) || packet == [1, 4] {
                receive(&mut stream).await?;
                sequence += 1;
            }
            sequence += 1;
        }
        return Ok(());
    }
    let ok = vec![0, 0, 0, 2, 0, 0, 0];
    send(&mut stream, 2, std::slice::from_ref(&ok)).await?;
    let mut count = 0;
    loop {
        let command = receive(&mut stream).await?;
        count += 1;
        let packets = answer(command[0], count).unwrap_or_else(|| vec![ok.clone()]);
        send(&mut stream, 1, &packets).await?;
    }
}

async fn send(stream: &mut TcpStream, mut sequence: u8, packets: &[Vec<u8>]) -> std::io::Result<()> {
    for packet in packets {
        // the header may announce more than follows: a packet that starts with `!` is sent without a header
        if let [b'!', raw @ ..] = &packet[..] {
            stream.write_all(raw).await?;
            continue;
        }
        let mut header = u32::try_from(packet.len()).unwrap().to_le_bytes();
        header[3] = sequence;
        stream.write_all(&header).await?;
        stream.write_all(packet).await?;
        sequence = sequence.wrapping_add(1);
    }
    Ok(())
}

async fn receive(stream: &mut TcpStream) -> std::io::Result<Vec<u8>> {
    let mut header = [0; 4];
    stream.read_exact(&mut header).await?;
    let mut packet = vec![0; usize::from(header[0]) | usize::from(header[1]) << 8];
    stream.read_exact(&mut packet).await?;
    Ok(packet)
}

fn at(port: u16) -> Value {
    json!({"host": "127.0.0.1", "port": port, "user": "u", "password": "p", "sslMode": "disable", "connectTimeoutMs": 5000})
}

async fn test(house: &House, port: u16) -> TestReport {
    let options = object(at(port));
    let report = house.queries.test(super::TENANT, "mysql", &options);
    tokio::time::timeout(Duration::from_secs(20), report).await.expect("no report in time").unwrap()
}

/// Returns the definition of a column with a name of this length.
fn column(name: usize) -> Vec<u8> {
    let mut packet = b"\x03def\0\0\0\xfd".to_vec();
    packet.extend_from_slice(&u32::try_from(name).unwrap().to_le_bytes()[..3]);
    packet.extend(std::iter::repeat_n(b'n', name));
    packet.extend_from_slice(b"\0\x0c\x21\0\xff\xff\0\0\xfd\0\0\0\0\0");
    packet
}

fn number(count: u64) -> Vec<u8> {
    let mut packet = vec![0xfe];
    packet.extend_from_slice(&count.to_le_bytes());
    packet
}

#[tokio::test]
async fn excessive_column_counts_are_refused() {
    let house = House::new();
    for count in [4097, 1 << 24, 1 << 44, 1 << 63, u64::MAX] {
        let port = hostile(true, move |_, _| Some(vec![number(count)])).await;
        let error = test(&house, port).await.error.unwrap();
        assert!(error.contains(&format!("has {count} columns")), "{error}");
    }
}

#[tokio::test]
async fn oversized_definitions_and_responses_end_the_connection() {
    let house = House::new();
    let names = |_: u8, _| Some([vec![number(4000)], vec![column(60_000); 100]].concat());
    let error = test(&house, hostile(true, names).await).await.error.unwrap();
    assert!(error.contains("exceed 4 MiB"), "{error}");
    // an error and an authentication step that announce many MiB but send almost nothing
    let long = || Some(vec![b"!\xff\xff\xff\x01\xff".to_vec()]);
    let error = test(&house, hostile(true, move |_, _| long()).await).await.error.unwrap();
    assert!(error.contains("exceeds 65536 bytes"), "{error}");
    let signing = || Some(vec![b"!\xff\xff\xff\x02\x01".to_vec()]);
    let error = test(&house, hostile(false, move |_, _| signing()).await).await.error.unwrap();
    assert!(error.contains("exceeds 65536 bytes"), "{error}");
    // endless rows in response to the query for server settings
    let rows = |_: u8, _| {
        Some([vec![vec![1], column(4)], vec![[vec![0xfd, 0, 0, 1], vec![b'x'; 65_536]].concat(); 600]].concat())
    };
    let error = test(&house, hostile(true, rows).await).await.error.unwrap();
    assert!(error.contains("exceeds 32 MiB"), "{error}");
}

#[tokio::test]
async fn signing_in_always_ends() {
    let house = House::new();
    let switch = |plugin: &str, nonce: usize| vec![[&[0xfe][..], plugin.as_bytes(), &[0], &vec![b'n'; nonce]].concat()];
    for (packets, expected) in [
        (vec![vec![1, 3]; 40], "protocol"),
        ([switch("caching_sha2_password", 20), vec![vec![1, 3]; 40]].concat(), "did not finish"),
        (switch("caching_sha2_password", 0), "protocol"),
        (switch("client_ed25519", 32), "client_ed25519"),
        (switch("parsec", 32), "parsec"),
        (switch("mysql_clear_password", 0), "clear text"),
        (switch("mysql_old_password", 8), "old password format"),
        (vec![vec![0xfe]], "old password format"),
        // an invalid key
        ([switch("caching_sha2_password", 20), vec![vec![1, 4], b"\x01no key".to_vec()]].concat(), "key"),
    ] {
        let port = hostile(false, move |_, _| Some(packets.clone())).await;
        let error = test(&house, port).await.error.unwrap();
        assert!(error.contains(expected), "{expected}: {error}");
    }
}

#[tokio::test]
async fn local_files_are_never_sent() {
    let house = House::new();
    let asks = |command, _| (command == 0x16).then(|| vec![b"\xfb/etc/passwd".to_vec()]);
    let mut source = Source::new("mysql", at(hostile(true, asks).await));
    source.0.id = uuid::Uuid::new_v4();
    let error = problem(house.run(&source, sql("select 1"), json!({})).await);
    assert!(error.message.contains("protocol"), "{}", error.message);
    let prepared = vec![0, 1, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0];
    let asks = move |command, _| match command {
        0x16 => Some(vec![prepared.clone()]),
        0x17 => Some(vec![b"\xfb/etc/passwd".to_vec()]),
        _ => None,
    };
    let mut source = Source::new("mysql", at(hostile(true, asks).await));
    source.0.id = uuid::Uuid::new_v4();
    let error = problem(house.run(&source, sql("select 1"), json!({})).await);
    assert!(error.message.starts_with("LOAD DATA LOCAL"), "{}", error.message);
}
