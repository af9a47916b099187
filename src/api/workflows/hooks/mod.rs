//! `/hooks/<token>`: starts a run for anyone who knows the token, and responds as the trigger defines.
mod input;
mod output;

use crate::{
    Error,
    api::{
        App,
        edge::changes::DeferredResponse,
        requests::{
            body::{Unpackable, unpack, unpacker},
            extract::{path_text, read_body},
        },
        responses::{
            documented, held,
            problem::{ErrorBody, ErrorCode, Problem},
        },
    },
    bodies::Media,
    budget::{Hold, MemoryOwner},
    json,
    model::{self, run::Status, trigger::WebhookAnswer},
    runner::{
        AcceptedRun,
        triggers::{Hook, RunEnd, SignedCall, WaitResult, challenge},
    },
};
use aide::{
    OperationInput, OperationOutput,
    axum::{ApiRouter, routing::post_with},
    generate::GenContext,
    openapi::Operation,
    transform::TransformOperation,
};
use axum::{
    Json,
    body::{Body, HttpBody},
    extract::{FromRequestParts, Request, State},
    http::{
        HeaderMap, HeaderValue, StatusCode,
        header::{CONTENT_ENCODING, CONTENT_LENGTH, CONTENT_SECURITY_POLICY, HOST, X_CONTENT_TYPE_OPTIONS},
        request::Parts,
    },
    response::{IntoResponse, Response},
};
use input::AcceptedCall;
use schemars::JsonSchema;
use serde::Serialize;
use std::{sync::Arc, time::Duration};
use uuid::Uuid;

/// The maximum size of a webhook's body.
const MAX_BODY: usize = 1 << 20;
/// The maximum size of all header names and values together.
const MAX_HEADERS: usize = 32 << 10;
/// How long a body may take to arrive.
const BODY_TIME: Duration = Duration::from_secs(30);
/// How many copies of a body are in memory until its run is stored.
const COPIES: usize = 4;
/// How long a client waits before a retry if there is no memory for its request.
const RETRY: Duration = Duration::from_secs(2);
const PATH: &str = "/hooks/{token}";

pub fn routes() -> ApiRouter<App> {
    ApiRouter::new().api_route(
        PATH,
        post_with(call, |op| about(op, "post"))
            .get_with(call, |op| about(op, "get").with(documented::acts))
            .put_with(call, |op| about(op, "put"))
            .patch_with(call, |op| about(op, "patch"))
            .delete_with(call, |op| about(op, "delete")),
    )
}

fn about<'a>(op: TransformOperation<'a>, method: &str) -> TransformOperation<'a> {
    let about = "Accepts any body of at most 1 MiB. The trigger defines the allowed methods (POST by default), how \
     requests are signed, and the response: 202 immediately, the run's output, or the response of a \
     `respond` step.";
    let summary = format!("Start a run through a webhook with {}", method.to_uppercase());
    op.id(&format!("hooks.{method}")).summary(&summary).tag("hooks").description(about)
}

/// A run that was started, with its output if it has finished.
#[derive(Serialize, JsonSchema)]
#[serde(rename_all = "camelCase")]
pub struct WebhookRun {
    #[serde(rename = "instanceID")]
    instance_id: Uuid,
    status: Status,
    #[serde(skip_serializing_if = "Option::is_none")]
    output: Option<model::Json>,
}

/// The token in the path.
pub struct HookToken(String);

async fn call(State(app): State<App>, HookToken(token): HookToken, request: Request) -> Answered {
    Answered(answer(&app, &token, request).await.unwrap_or_else(IntoResponse::into_response))
}

async fn answer(app: &App, token: &str, request: Request) -> Result<Response, Problem> {
    let hook = app.hooks.find(token)?.ok_or_else(Problem::unknown_path)?;
    if !hook.webhook.takes(request.method().as_str()) {
        return Err(Problem::method_not_allowed());
    }
    let (parts, body) = request.into_parts();
    if parts.headers.iter().map(|(name, value)| name.as_str().len() + value.len()).sum::<usize>() > MAX_HEADERS {
        let why = format!("the headers must be at most {MAX_HEADERS} bytes");
        return Err(Problem::new(StatusCode::REQUEST_HEADER_FIELDS_TOO_LARGE, ErrorCode::InvalidRequest, why));
    }
    let _hold = room_for(app, &hook, &parts.headers, &body)?;
    let body = tokio::time::timeout(BODY_TIME, read_body(&parts.headers, body, MAX_BODY)).await;
    let body = body.map_err(|_| {
        Problem::new(StatusCode::REQUEST_TIMEOUT, ErrorCode::Timeout, "the body did not arrive in time")
    })??;
    // do not reveal the error to strangers, because it describes the graph
    let definition =
        hook.workflow.definition().map_err(|_| Error::Unavailable("this webhook cannot start runs at the moment"))?;
    let packed = body;
    let body = unpacked(&parts, &packed)?;
    let media = Media::of(&parts.headers);
    let header = |name: &str| {
        let values = parts.headers.get_all(name).into_iter();
        values.filter_map(|value| str::from_utf8(value.as_bytes()).ok()).collect()
    };
    let call = SignedCall {
        method: parts.method.as_str(),
        path: parts.uri.path(),
        query: parts.uri.query().unwrap_or_default(),
        urls: &addresses(app, &parts),
        header: &header,
        media: &media,
        body: &body,
        packed: (*packed != *body).then_some(&packed),
    };
    let pass = app.hooks.admit(&hook, &call).await.map_err(unsigned)?;
    if let Some(answer) = challenge(&hook, &body) {
        return Ok(Json(answer).into_response());
    }
    let (length, signed) = (body.len(), pass.signed);
    let accepted = AcceptedCall { webhook: &hook.webhook, scheme: hook.scheme.as_ref(), parts: &parts, body, signed };
    let input = match json::in_place(length, || input::of(&definition.workflow.inputs, accepted)) {
        Ok(input) => input,
        Err(error) => {
            pass.give_back().await;
            return Err(error.into());
        }
    };
    let run = app.hooks.start(&hook, pass, input).await?;
    if hook.webhook.answer == WebhookAnswer::Immediately {
        let AcceptedRun { id, status, .. } = run;
        return Ok((StatusCode::ACCEPTED, Json(WebhookRun { instance_id: id, status, output: None })).into_response());
    }
    let (app, hook) = (app.clone(), Arc::clone(&hook));
    Ok(DeferredResponse::new(async move { outcome(&app, &hook, run).await }).into_response())
}

/// Removes the content coding from the body.
fn unpacked(parts: &Parts, packed: &[u8]) -> Result<Vec<u8>, Unpackable> {
    unpack(unpacker(&parts.headers)?, packed, MAX_BODY)
}

/// Returns the URLs that the client may have called: that of the public URL, and that of the `Host` header with either
/// scheme, because a proxy that terminates TLS need not say so.
fn addresses(app: &App, parts: &Parts) -> Vec<String> {
    let rest = parts.uri.path_and_query().map_or("/", |rest| rest.as_str());
    let host = parts.headers.get(HOST).and_then(|host| host.to_str().ok());
    let by_host = host.into_iter().flat_map(|host| [format!("https://{host}{rest}"), format!("http://{host}{rest}")]);
    let mut all = vec![format!("{}{rest}", app.identity.public_url())];
    all.extend(by_host.filter(|url| *url != all[0]).collect::<Vec<_>>());
    all
}

/// Waits for the run and returns its response. Only the caller waits for it: the run continues if they go away.
async fn outcome(app: &App, hook: &Hook, run: AcceptedRun) -> Result<Response, Problem> {
    let (id, status) = (run.id, run.status);
    let (scope, patience) = (&hook.scope, app.about.hook_patience);
    let heard = match hook.webhook.answer {
        WebhookAnswer::Respond => {
            app.runner.wait_for_response(scope, run, hook.workflow.definition()?, patience).await?
        }
        WebhookAnswer::Finish | WebhookAnswer::Immediately => app.runner.wait_for_end(scope, run, patience).await?,
    };
    let unsent = |error: Error| Problem::from(error).about(id);
    match heard {
        WaitResult::Response(output) => match output::response(&output) {
            Ok((status, headers, body)) => {
                let body = held::body(app, scope, body).await.map_err(unsent)?;
                Ok((status, headers, body).into_response())
            }
            Err(why) => Err(Problem::new(StatusCode::BAD_GATEWAY, ErrorCode::RunFailed, why).about(id)),
        },
        WaitResult::End(RunEnd { status, output, .. }) if status == Status::Completed => {
            let whole = WebhookRun { instance_id: id, status, output: Some(output) };
            held::json(app, scope, &whole).await.map_err(unsent)
        }
        WaitResult::End(end) => Ok(ended(end, id)),
        // a refusal would be repeated, which would start another run
        WaitResult::Nothing if app.runner.is_draining() => {
            Ok((StatusCode::ACCEPTED, Json(WebhookRun { instance_id: id, status, output: None })).into_response())
        }
        WaitResult::Nothing => {
            let why = format!("the run did not finish within {} seconds and is still running", patience.as_secs());
            Err(Problem::from(Error::Timeout(why)).about(id))
        }
    }
}

/// Reserves memory for a request before its body is read: for the body as sent, the run's input, and the stored copy.
fn room_for(app: &App, hook: &Hook, headers: &HeaderMap, body: &Body) -> Result<Hold, Error> {
    let announced = headers.get(CONTENT_LENGTH).and_then(|length| length.to_str().ok()?.parse().ok());
    let known = body.size_hint().exact().or(announced).and_then(|length| usize::try_from(length).ok());
    let hold = app.budget.hold_both(MemoryOwner::Tenant(hook.scope.tenant), MemoryOwner::Hook(hook.workflow.id));
    // a body with too large a `Content-Length` is not read at all
    let bytes = known.map_or(MAX_BODY, |bytes| if bytes > MAX_BODY { 0 } else { bytes });
    // the decoded size is not known in advance
    let bytes = if headers.contains_key(CONTENT_ENCODING) && bytes > 0 { MAX_BODY } else { bytes };
    hold.grow(bytes * (COPIES + usize::from(hook.webhook.raw_body)))
        .map_err(|_| Error::RateLimited { retry_after: RETRY })?;
    Ok(hold)
}

/// Returns the response for a run that failed or was cancelled. It contains only the error's code, because the message
/// may reveal internals.
fn ended(RunEnd { status, error, .. }: RunEnd, id: Uuid) -> Response {
    let code = if status == Status::Cancelled { ErrorCode::RunCancelled } else { ErrorCode::RunFailed };
    let why = match (status, error) {
        (Status::Cancelled, _) => "the run was cancelled".to_owned(),
        (_, Some(failure)) => format!("the run failed: {}", failure.code),
        (_, None) => "the run failed".to_owned(),
    };
    Problem::new(StatusCode::BAD_GATEWAY, code, why).about(id).into_response()
}

fn unsigned(error: Error) -> Problem {
    match error {
        Error::Forbidden(why) => Problem::new(StatusCode::UNAUTHORIZED, ErrorCode::InvalidSignature, why),
        error => error.into(),
    }
}

/// A webhook's response, sandboxed so that in a browser it cannot act with this server's origin.
pub struct Answered(Response);

impl IntoResponse for Answered {
    fn into_response(mut self) -> Response {
        let headers = self.0.headers_mut();
        headers.insert(CONTENT_SECURITY_POLICY, HeaderValue::from_static("sandbox"));
        headers.insert(X_CONTENT_TYPE_OPTIONS, HeaderValue::from_static("nosniff"));
        self.0
    }
}

impl OperationOutput for Answered {
    type Inner = WebhookRun;
    fn inferred_responses(ctx: &mut GenContext, _: &mut Operation) -> documented::DocumentedResponses {
        let mut answers = vec![
            (documented::status(202), documented::answer::<WebhookRun>(ctx, "The run was accepted")),
            (
                documented::status(200),
                documented::answer::<WebhookRun>(
                    ctx,
                    "The run has finished; a `respond` step may return a different response",
                ),
            ),
        ];
        let unsigned =
            documented::answer::<ErrorBody>(ctx, "The signature is missing, invalid, too old, or was used before");
        answers.push((documented::status(401), unsigned));
        answers.extend(documented::errors(ctx, &[400, 404, 405, 413, 415, 429, 502, 503, 504, 507]));
        answers
    }
}

impl FromRequestParts<App> for HookToken {
    type Rejection = Error;

    async fn from_request_parts(parts: &mut Parts, app: &App) -> Result<Self, Error> {
        // a token that cannot be decoded matches none
        Ok(Self(path_text(parts, app, "token").await.unwrap_or_default()))
    }
}

impl OperationInput for HookToken {
    fn operation_input(ctx: &mut GenContext, operation: &mut Operation) {
        documented::path_parameter(ctx, operation, "token", &serde_json::json!({"type": "string"}));
    }
}
