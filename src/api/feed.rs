//! The runs of a tenant, watched: one stream for whatever lists them.
use super::{
    App, documented,
    live::Live,
    permit::{List, Permit},
};
use crate::{
    Error,
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
    response::{IntoResponse, Response, sse::Event},
};
use futures_util::StreamExt;

pub fn routes() -> ApiRouter<App> {
    ApiRouter::new().api_route(
        "/workflows/instances/events",
        get_with(watch, |op| {
            op.id("instance.watch").summary("Watch what becomes of all runs").tag("workflows").description(
                "Tells which runs have changed, and when questions to people were opened or closed. The stream ends \
                 when the token expires, when the caller's role changes, and after ten minutes at the latest. Read the \
                 lists again after `ready`.",
            )
        }),
    )
}

async fn watch(permit: Permit<Workflow, List>, State(app): State<App>) -> Feed {
    let notices = app.runner.watch(&permit.scope);
    let events = notices
        .map(|notice: Notice| Event::default().event(notice.name).json_data(&notice.data).map_err(Error::internal));
    Feed(Live::new(permit.leash(&app), events))
}

/// What becomes of a tenant's runs, as a stream.
pub struct Feed(Live);

impl IntoResponse for Feed {
    fn into_response(self) -> Response {
        self.0.into_response()
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
