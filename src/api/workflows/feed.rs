//! A stream of changes to all runs of a tenant, for pages that list runs.
use crate::{
    Error,
    api::{
        App,
        access::{
            live::EventStream,
            permit::{List, Permit},
        },
        responses::documented,
    },
    model::Workflow,
    runner::{FeedNotice, RunNotice},
};
use aide::{
    OperationOutput,
    axum::{ApiRouter, routing::get_with},
    generate::GenContext,
    openapi::Operation,
};
use axum::{
    extract::State,
    response::{IntoResponse, Response, sse::Event},
};
use futures_util::StreamExt;

pub fn routes() -> ApiRouter<App> {
    ApiRouter::new().api_route(
        "/workflows/instances/events",
        get_with(watch, |op| {
            op.id("instance.watch").summary("Watch changes to all runs").tag("workflows").description(
                "Reports which runs have changed, and when approvals are opened or closed. The stream ends when the \
                 token expires, when the caller's role changes, and after ten minutes at the latest. Reload the lists \
                 after `ready`.",
            )
        }),
    )
}

async fn watch(permit: Permit<Workflow, List>, State(app): State<App>) -> Feed {
    let notices = app.runner.watch(&permit.scope);
    let events = notices
        .map(|notice: FeedNotice| Event::default().event(notice.name).json_data(&notice.data).map_err(Error::internal));
    Feed(EventStream::new(permit.leash(&app), events))
}

/// A stream of changes to a tenant's runs.
pub struct Feed(EventStream);

impl IntoResponse for Feed {
    fn into_response(self) -> Response {
        self.0.into_response()
    }
}

impl OperationOutput for Feed {
    type Inner = RunNotice;
    fn inferred_responses(ctx: &mut GenContext, _: &mut Operation) -> documented::DocumentedResponses {
        let about = "Server-sent events: first `ready`, then `run.changed` and `tasks.changed`; `missed` if events \
         were skipped because the reader is too slow";
        vec![(documented::status(200), documented::events::<RunNotice>(ctx, about))]
    }
}
