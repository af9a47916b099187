//! Attempts to exhaust memory with bodies, responses and files.
mod answers;
mod bodies;
mod files;
mod parsing;

use std::time::{Duration, Instant};

const MIB: usize = 1 << 20;

/// A JSON list of about `bytes` bytes, with a value for every two bytes.
fn zeros(bytes: usize) -> String {
    format!("[{}0]", "0,".repeat(bytes / 2))
}

/// Waits until all memory of the budget is released.
async fn released(budget: &jet_admin::budget::Budget) {
    let start = Instant::now();
    while budget.in_use() > 0 {
        assert!(start.elapsed() < Duration::from_mins(1), "{} bytes are still in use", budget.in_use());
        tokio::time::sleep(Duration::from_millis(10)).await;
    }
}
