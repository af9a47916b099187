//! The stream of server-sent events with a dashboard's data.
use super::{AnswerContent, DashboardAnswer};
use crate::{
    Result,
    api::{
        access::live::{EventStream, Leash},
        responses::{
            documented,
            large::paced,
            problem::{ErrorCode, Problem, StreamFailure},
        },
    },
};
use aide::{OperationOutput, generate::GenContext, openapi::Operation};
use axum::response::{IntoResponse, Response, sse::Event};
use futures_util::{Stream, StreamExt, stream};
use schemars::JsonSchema;
use serde_json::Value;
use std::{convert::Infallible, sync::Arc};

/// The data of a dashboard event; empty for `done`.
#[derive(JsonSchema)]
#[expect(dead_code, reason = "only its schema is used")]
pub struct DashboardEvent {
    /// The key of the item, or the name of the variable.
    key: Option<String>,
    /// The result of the item's query, or the variable's choices; `null` for an item without data.
    result: Option<Value>,
    /// The error, if there is no result.
    error: Option<EventError>,
}

#[derive(JsonSchema)]
#[serde(rename_all = "camelCase")]
#[expect(dead_code, reason = "only its schema is used")]
struct EventError {
    code: ErrorCode,
    message: String,
    request_id: Option<String>,
    /// The path of what has no value, such as `vars.region` or `user.email`, if the code is `VALUE_MISSING`.
    missing: Option<String>,
}

/// A stream of server-sent events.
pub struct Events(EventStream);

impl Events {
    /// Creates a stream with one event for each key, formatted by `format` from the result or from an error, and
    /// a final `done`. An answer is kept only until its last event is written, and an event only until it
    /// is sent.
    pub fn of(
        leash: Leash,
        answers: impl Stream<Item = DashboardAnswer> + Send + 'static,
        format: impl Fn(&str, Result<&AnswerContent, &StreamFailure>) -> Result<String> + Send + Sync + 'static,
    ) -> Self {
        let format = Arc::new(format);
        let items = answers.flat_map(move |DashboardAnswer { event, keys, outcome }| {
            let (format, outcome) = (Arc::clone(&format), outcome.map_err(Problem::failure));
            stream::iter(keys).map(move |key| {
                let text = match &outcome {
                    Ok(brought) => format(&key, Ok(brought)).map_err(Problem::failure),
                    Err(failure) => Err(failure.clone()),
                };
                let failure = |failure: StreamFailure| format(&key, Err(&failure)).unwrap_or_default();
                Event::default().event(event).data(text.unwrap_or_else(failure))
            })
        });
        let done = stream::once(async { Event::default().event("done").data("{}") });
        Self(EventStream::new(leash, paced(items.chain(done).map(Ok::<_, Infallible>))))
    }
}

impl IntoResponse for Events {
    fn into_response(self) -> Response {
        self.0.into_response()
    }
}

impl OperationOutput for Events {
    type Inner = ();
    fn inferred_responses(ctx: &mut GenContext, _: &mut Operation) -> documented::DocumentedResponses {
        let about = "Server-sent events: `item` for each item when its data is ready, `options` for each variable \
         whose choices come from a query, and `done` at the end";
        vec![(documented::status(200), documented::events::<DashboardEvent>(ctx, about))]
    }
}
