//! Exhausting memory with bodies, answers and files.
mod answers;
mod bodies;
mod files;
mod parsing;

use std::time::{Duration, Instant};

const MIB: usize = 1 << 20;

/// A JSON list of about `bytes` bytes, of which each two become a value.
fn zeros(bytes: usize) -> String {
    format!("[{}0]", "0,".repeat(bytes / 2))
}

/// Waits until nothing is held any more.
async fn released(budget: &jet_admin::budget::Budget) {
    let start = Instant::now();
    while budget.in_use() > 0 {
        assert!(start.elapsed() < Duration::from_mins(1), "{} bytes are still held", budget.in_use());
        tokio::time::sleep(Duration::from_millis(10)).await;
    }
}
