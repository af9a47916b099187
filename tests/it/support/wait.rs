//! Waits for what happens in the background, with one bound: generous, because machines are busy.
use super::Client;
use serde_json::Value;
use std::time::{Duration, Instant};

/// How long anything in the background may take.
pub const PATIENCE: Duration = Duration::from_mins(3);
const PAUSE: Duration = Duration::from_millis(20);

/// Waits until `done` returns true. `what` completes "timed out waiting until".
pub async fn until(what: &str, mut done: impl AsyncFnMut() -> bool) {
    let start = Instant::now();
    while !done().await {
        assert!(start.elapsed() < PATIENCE, "timed out waiting until {what}");
        tokio::time::sleep(PAUSE).await;
    }
}

/// Reads `path` repeatedly until `done` returns true for the response, and returns that response.
pub async fn until_shown(client: &Client, path: &str, done: impl Fn(&Value) -> bool) -> Value {
    let start = Instant::now();
    loop {
        let shown = client.get(path).await.expect(200);
        if done(&shown) {
            return shown;
        }
        assert!(start.elapsed() < PATIENCE, "{path} never reached the expected state: {shown}");
        tokio::time::sleep(PAUSE).await;
    }
}
