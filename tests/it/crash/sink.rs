//! The other system: does what it is asked once for each idempotency key, and counts.
use crate::support::recorder::{Recorder, Seen};
use axum::{body::Body, response::Response};
use std::{
    collections::HashMap,
    sync::{Arc, Mutex},
};

/// For each key how often it was asked for, and by which path.
type Books = Arc<Mutex<HashMap<String, (String, u32)>>>;

pub struct Sink {
    recorder: Recorder,
    books: Books,
}

impl Sink {
    pub async fn start() -> Self {
        let books: Books = Arc::default();
        let kept = Arc::clone(&books);
        let recorder = Recorder::start(move |seen: &Seen| {
            let key = seen.header("idempotency-key").to_owned();
            let mut books = kept.lock().unwrap();
            let (_, asked) = books.entry(key).or_insert_with(|| (seen.path.clone(), 0));
            *asked += 1;
            // the flaky one needs to be asked twice, whatever happens in between
            let status = if seen.path == "/flaky" && *asked == 1 { 503 } else { 200 };
            Response::builder().status(status).body(Body::from("{}")).unwrap()
        });
        Self { recorder: recorder.await, books }
    }

    pub fn url(&self, path: &str) -> String {
        format!("{}/{path}", self.recorder.url())
    }

    /// What was done for a run, as the ends of its keys: `item/0`.
    pub fn effects(&self, run: &str) -> Vec<String> {
        let books = self.books.lock().unwrap();
        let mut own: Vec<_> = books.keys().filter_map(|key| key.strip_prefix(run)?.strip_prefix('/')).collect();
        own.sort_unstable();
        own.into_iter().map(str::to_owned).collect()
    }
}
