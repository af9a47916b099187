//! Long-lived responses: event streams and downloads. They end when their caller loses access. This is the only place
//! that creates them, and it requires a leash.
use super::grants::{find_share, key_standing};
use crate::{
    Error, Result,
    api::App,
    auth::Claims,
    clock::{Time, sleep_until},
    model::{ActorKind, Scope, Standing},
};
use axum::{
    body::{Body, Bytes},
    response::{
        IntoResponse, Response, Sse,
        sse::{Event, KeepAlive},
    },
};
use futures_util::{Stream, StreamExt, stream};
use std::{sync::Arc, time::Duration};
use uuid::Uuid;

/// After this time, a stream ends and its client must reconnect.
const LONGEST: Duration = Duration::from_mins(10);
/// The interval at which changes by another process (the command line) are detected; those of this process are detected
/// immediately.
const LOOK: Duration = Duration::from_secs(5);
/// The same if other servers use the database.
const LOOK_SHARED: Duration = Duration::from_millis(900);

/// The caller's access to a response, as it was when the response started.
pub struct Leash {
    app: App,
    holder: Holder,
    until: Option<Time>,
}

enum Holder {
    Person {
        tenant: Uuid,
        user: Uuid,
        claims: Option<Arc<Claims>>,
        standing: Standing,
    },
    Key {
        tenant: Uuid,
        id: Uuid,
        standing: Standing,
    },
    /// A visitor with a share link, by the hash of its secret.
    Visitor {
        hash: String,
    },
}

impl Leash {
    /// Creates the leash of a member, with the claims of their token, or of an API key, with its expiry.
    pub fn new(app: &App, scope: &Scope, claims: Option<Arc<Claims>>, until: Option<Time>) -> Self {
        let until = until.or_else(|| claims.as_ref().map(|claims| claims.until()));
        let tenant = scope.tenant;
        let standing = Standing { grants: scope.grants, dashboards: scope.dashboards.clone() };
        let holder = match scope.actor.kind {
            ActorKind::ApiKey => Holder::Key { tenant, id: scope.actor.id, standing },
            _ => Holder::Person { tenant, user: scope.actor.id, claims, standing },
        };
        Self { app: app.clone(), holder, until }
    }

    /// Creates the leash of a visitor with a share link.
    pub fn visitor(app: &App, hash: String, until: Option<Time>) -> Self {
        Self { app: app.clone(), holder: Holder::Visitor { hash }, until }
    }

    /// Returns whether the access is unchanged. A caller whose role has changed must send a new request.
    fn holds(&self) -> Result<bool> {
        match &self.holder {
            Holder::Person { tenant, user, claims, standing } => {
                let counts = claims.as_ref().is_none_or(|claims| self.app.identity.still_counts(*user, claims));
                Ok(counts && self.app.standing_of(*tenant, *user)?.as_ref() == Some(standing))
            }
            Holder::Key { tenant, id, standing } => {
                let holder = self.app.store.get(|tx| tx.key_of(*tenant, *id))?;
                let now = holder.map(|holder| key_standing(&self.app, &holder)).transpose()?.flatten();
                Ok(now.as_ref() == Some(standing))
            }
            Holder::Visitor { hash } => Ok(find_share(&self.app, hash)?.is_some()),
        }
    }

    /// Waits until the access is revoked.
    async fn revoked(&self) {
        let mut changes = self.app.store.regrants();
        let look = if self.app.store.is_shared() { LOOK_SHARED } else { LOOK };
        loop {
            let holds = self
                .holds()
                .inspect_err(|error| tracing::warn!(%error, "could not check the access of a stream's caller"));
            if !holds.unwrap_or(false) {
                return;
            }
            let _ = tokio::time::timeout(look, changes.changed()).await;
        }
    }

    /// Waits until the access is revoked, the token expires, or the stream has lasted for [`LONGEST`].
    async fn over(self) {
        let expired = async {
            match self.until {
                Some(until) => sleep_until(until).await,
                None => std::future::pending().await,
            }
        };
        tokio::select! {
            () = tokio::time::sleep(LONGEST) => {}
            () = expired => {}
            () = self.revoked() => {}
        }
    }

    /// Creates the body of a download, which is interrupted if the access is revoked. It may outlast the token.
    pub fn body<T: Into<Bytes> + Send + 'static>(self, pieces: impl Stream<Item = Result<T>> + Send + 'static) -> Body {
        let revoked = Box::pin(async move { self.revoked().await });
        Body::from_stream(stream::unfold(Some((Box::pin(pieces), revoked)), |state| async move {
            let (mut pieces, mut revoked) = state?;
            tokio::select! {
                biased;
                () = &mut revoked => Some((Err(Error::Forbidden("your access was revoked".to_owned())), None)),
                piece = pieces.next() => Some((piece?, Some((pieces, revoked)))),
            }
        }))
    }
}

/// Server-sent events that end with the leash.
pub struct EventStream(Response);

impl EventStream {
    pub fn new<E>(leash: Leash, events: impl Stream<Item = Result<Event, E>> + Send + 'static) -> Self
    where
        E: Into<Box<dyn std::error::Error + Send + Sync>> + 'static,
    {
        Self(Sse::new(events.take_until(leash.over())).keep_alive(KeepAlive::default()).into_response())
    }
}

impl IntoResponse for EventStream {
    fn into_response(self) -> Response {
        self.0
    }
}
