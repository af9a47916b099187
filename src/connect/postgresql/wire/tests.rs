//! Messages of a hostile server.
#![allow(clippy::unwrap_used)]
use super::{DESCRIPTION, OTHER, PgFault, PgWire, ROW, SAID};
use crate::budget::{Budget, MemoryOwner};
use tokio::io::AsyncWriteExt;
use uuid::Uuid;

fn header(kind: u8, length: usize) -> Vec<u8> {
    let mut header = vec![kind];
    header.extend_from_slice(&u32::try_from(length).unwrap().to_be_bytes());
    header
}

#[tokio::test]
async fn messages_over_the_limit_of_their_kind_are_refused() {
    for (kind, most) in [
        (b'D', ROW),
        (b'T', DESCRIPTION),
        (b't', DESCRIPTION),
        (b'E', SAID),
        (b'N', SAID),
        (b'S', OTHER),
        (b'K', OTHER),
        (b'R', OTHER),
        (b'C', OTHER),
    ] {
        let (ours, mut theirs) = tokio::io::duplex(1024);
        theirs.write_all(&header(kind, most + 1)).await.unwrap();
        let mut wire = PgWire::new(Box::new(ours));
        assert!(matches!(wire.next().await, Err(PgFault::TooLarge)), "{kind}");
        assert!(wire.incoming.capacity() < 100_000);
    }
}

#[tokio::test]
async fn a_large_row_is_counted_while_it_is_received() {
    let budget = Budget::new(4 << 20);
    let hold = budget.hold(MemoryOwner::Tenant(Uuid::nil()));
    let (ours, mut theirs) = tokio::io::duplex(64 << 10);
    let sent = tokio::spawn(async move {
        theirs.write_all(&header(b'D', 30 << 20)).await.unwrap();
        while theirs.write_all(&[0; 4096]).await.is_ok() {}
    });
    let mut wire = PgWire::new(Box::new(ours));
    assert!(matches!(wire.next_within(Some(&hold)).await, Err(PgFault::Ours(_))));
    assert!(wire.incoming.len() < 5 << 20);
    drop(wire);
    sent.await.unwrap();
}

#[tokio::test]
async fn endless_responses_to_internal_statements_are_refused() {
    let (ours, mut theirs) = tokio::io::duplex(64 << 10);
    let sent = tokio::spawn(async move {
        let mut row = header(b'D', 4 + 2 + 4 + 60_000);
        row.extend_from_slice(&[0, 1]);
        row.extend_from_slice(&60_000_u32.to_be_bytes());
        row.resize(row.len() + 60_000, b'x');
        while theirs.write_all(&row).await.is_ok() {}
    });
    let mut wire = PgWire::new(Box::new(ours));
    assert!(matches!(wire.ask("select 1").await, Err(PgFault::TooLarge)));
    assert!(!wire.is_ready());
    drop(wire);
    sent.await.unwrap();
}
