//! The runs of a tenant, watched: one stream for whatever lists them.
use super::{
    App, documented,
    permit::{List, Permit},
};
use crate::{
    Error,
    clock::Time,
    model::Workflow,
    runner::{Notice, NoticeData},
};
use aide::{
    OperationOutput,
    axum::{ApiRouter, routing::get_with},
    generate::GenContext,
    openapi::Operation,
};
use axum::{
    extract::State,
    response::{
        IntoResponse, Response, Sse,
        sse::{Event, KeepAlive},
    },
};
use futures_util::{Stream, StreamExt};
use std::{pin::Pin, time::Duration};

/// After so long whoever watches asks again, and is checked again: roles and memberships change.
const LONGEST: Duration = Duration::from_mins(10);

pub fn routes() -> ApiRouter<App> {
    ApiRouter::new().api_route(
        "/workflows/instances/events",
        get_with(watch, |op| {
            op.id("instance.watch").summary("Watch what becomes of all runs").tag("workflows").description(
                "Tells which runs have changed, and when questions to people were opened or closed. The stream ends \
                 when the token does, and after ten minutes at the latest; whoever connects again reads its lists \
                 anew after `ready`.",
            )
        }),
    )
}

async fn watch(Permit { scope, until, .. }: Permit<Workflow, List>, State(app): State<App>) -> Feed {
    let lasts = until.map_or(LONGEST, |until| Time::now().until(until).min(LONGEST));
    Feed(Box::pin(app.runner.watch(&scope).take_until(tokio::time::sleep(lasts))))
}

/// What becomes of a tenant's runs, as a stream.
pub struct Feed(Pin<Box<dyn Stream<Item = Notice> + Send>>);

impl IntoResponse for Feed {
    fn into_response(self) -> Response {
        let events =
            self.0.map(|notice| Event::default().event(notice.name).json_data(&notice.data).map_err(Error::internal));
        Sse::new(events).keep_alive(KeepAlive::default()).into_response()
    }
}

impl OperationOutput for Feed {
    type Inner = NoticeData;
    fn inferred_responses(ctx: &mut GenContext, _: &mut Operation) -> documented::Answers {
        let about = "Server-sent events: `ready` first, then `run.changed` and `tasks.changed`; `missed` when some were \
                     left out because the reader is slow";
        vec![(documented::status(200), documented::events::<NoticeData>(ctx, about))]
    }
}
