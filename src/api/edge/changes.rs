//! Completes changes even if their caller goes away. Requests that only read are cancelled with their caller.
use crate::{
    api::{document::openapi::CancelledRoutes, responses::holds::Holds},
    shield::Shield,
};
use axum::{
    extract::{MatchedPath, Request, State},
    middleware::Next,
    response::{IntoResponse, Response},
};
use std::{
    pin::Pin,
    sync::{Arc, Mutex, PoisonError},
};

/// The part of a change's response that only its caller needs: it is computed last, and dropped if the caller goes
/// away.
#[derive(Clone)]
pub struct DeferredResponse(Arc<Mutex<Option<ResponseFuture>>>);

type ResponseFuture = Pin<Box<dyn Future<Output = Response> + Send>>;

impl DeferredResponse {
    pub fn new<R: IntoResponse>(answer: impl Future<Output = R> + Send + 'static) -> Self {
        Self(Arc::new(Mutex::new(Some(Box::pin(async move { answer.await.into_response() })))))
    }

    fn take(&self) -> Option<ResponseFuture> {
        self.0.lock().unwrap_or_else(PoisonError::into_inner).take()
    }
}

/// A placeholder that [`carry_out`] replaces with the response; headers that are set in the meantime are kept.
impl IntoResponse for DeferredResponse {
    fn into_response(self) -> Response {
        let mut response = Response::default();
        response.extensions_mut().insert(self);
        response
    }
}

/// Which requests are cancelled with their callers, and the shield that completes the others.
pub struct Changes {
    pub shield: Shield,
    pub cancelled: CancelledRoutes,
}

/// Runs a request. If its connection closes, a change that has started continues; reading an incomplete body then
/// fails.
pub async fn carry_out(State(changes): State<Arc<Changes>>, request: Request, next: Next) -> Response {
    let path = request.extensions().get::<MatchedPath>().map(MatchedPath::as_str);
    if changes.cancelled.with_caller(path, request.method()) {
        return next.run(request).await;
    }
    // keep the request's memory holds as long as its work runs
    let holds = request.extensions().get::<Holds>().cloned();
    let work = async move {
        let response = next.run(request).await;
        drop(holds);
        response
    };
    let response = changes.shield.run(work).await;
    let Some(answer) = response.extensions().get::<DeferredResponse>().and_then(DeferredResponse::take) else {
        return response;
    };
    let mut whole = answer.await;
    whole.headers_mut().extend(response.into_parts().0.headers);
    whole
}
