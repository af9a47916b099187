//! Changes are carried out to their end, even if their caller goes away. What only tells the caller something ends with
//! the caller.
use super::{body::Held, openapi::Cancelled};
use crate::shield::Shield;
use axum::{
    extract::{MatchedPath, Request, State},
    middleware::Next,
    response::{IntoResponse, Response},
};
use std::{
    pin::Pin,
    sync::{Arc, Mutex, PoisonError},
};

/// What of a change only its caller waits for: dropped when the caller goes away, and made after everything else.
#[derive(Clone)]
pub struct Rest(Arc<Mutex<Option<Answer>>>);

type Answer = Pin<Box<dyn Future<Output = Response> + Send>>;

impl Rest {
    pub fn new<R: IntoResponse>(answer: impl Future<Output = R> + Send + 'static) -> Self {
        Self(Arc::new(Mutex::new(Some(Box::pin(async move { answer.await.into_response() })))))
    }

    fn take(&self) -> Option<Answer> {
        self.0.lock().unwrap_or_else(PoisonError::into_inner).take()
    }
}

/// Stands for the answer until [`carry_out`] makes it; headers that are set meanwhile are the answer's.
impl IntoResponse for Rest {
    fn into_response(self) -> Response {
        let mut response = Response::default();
        response.extensions_mut().insert(self);
        response
    }
}

/// Which requests end with their callers, and what carries out the others.
#[derive(Clone)]
pub struct Changes {
    pub shield: Shield,
    pub cancelled: Arc<Cancelled>,
}

/// Carries out a request. When its connection closes, a change that has begun goes on; its body, if it has not arrived
/// whole by then, reads as broken off.
pub async fn carry_out(State(changes): State<Changes>, request: Request, next: Next) -> Response {
    let path = request.extensions().get::<MatchedPath>().map(MatchedPath::as_str);
    if changes.cancelled.with_caller(path, request.method()) {
        return next.run(request).await;
    }
    // what the request holds of the budget lasts as long as its work does
    let held = request.extensions().get::<Held>().cloned();
    let work = async move {
        let response = next.run(request).await;
        drop(held);
        response
    };
    let response = changes.shield.run(work).await;
    let Some(answer) = response.extensions().get::<Rest>().and_then(Rest::take) else { return response };
    let mut whole = answer.await;
    whole.headers_mut().extend(response.into_parts().0.headers);
    whole
}
