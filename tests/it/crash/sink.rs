//! The external system: acts once for each idempotency key, and counts the requests.
use crate::support::recorder::{Recorder, Seen};
use axum::{body::Body, response::Response};
use std::{
    collections::HashMap,
    sync::{Arc, Mutex},
};

/// For each idempotency key: the path and the number of requests.
type Requests = Arc<Mutex<HashMap<String, (String, u32)>>>;

pub struct Sink {
    recorder: Recorder,
    requests: Requests,
}

impl Sink {
    pub async fn start() -> Self {
        let requests: Requests = Arc::default();
        let shared = Arc::clone(&requests);
        let recorder = Recorder::start(move |seen: &Seen| {
            let key = seen.header("idempotency-key").to_owned();
            let mut requests = shared.lock().unwrap();
            let (_, count) = requests.entry(key).or_insert_with(|| (seen.path.clone(), 0));
            *count += 1;
            // the flaky path fails for the first request with each key
            let status = if seen.path == "/flaky" && *count == 1 { 503 } else { 200 };
            Response::builder().status(status).body(Body::from("{}")).unwrap()
        });
        Self { recorder: recorder.await, requests }
    }

    pub fn url(&self, path: &str) -> String {
        format!("{}/{path}", self.recorder.url())
    }

    /// Returns the effects of a run: the rest of each key after the run's ID, such as `item/0`.
    pub fn effects(&self, run: &str) -> Vec<String> {
        let requests = self.requests.lock().unwrap();
        let mut effects: Vec<_> = requests.keys().filter_map(|key| key.strip_prefix(run)?.strip_prefix('/')).collect();
        effects.sort_unstable();
        effects.into_iter().map(str::to_owned).collect()
    }
}
