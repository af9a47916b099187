//! One service: how to reach it, which credentials to send, and which secrets to remove from its messages.
use super::{
    Client, HttpResponse, OutgoingRequest,
    auth::{Auth, Authenticator},
};
use crate::{
    Error, Result,
    connect::{Context, network::tls::TlsOptions, options, secrets::Scrubber},
    json::Room,
};
use reqwest::StatusCode;
use serde_json::{Map, Value};
use std::{future::Future, time::Duration};

/// What is required to open a service.
pub(in crate::connect) struct Opening<'a> {
    pub context: &'a Context,
    /// The datasource's type, and its options with their secrets.
    pub kind: &'a str,
    pub options: &'a Map<String, Value>,
    pub auth: Auth,
    pub tls: TlsOptions<'a>,
    pub timeout: Duration,
}

pub(in crate::connect) struct Api {
    client: Client,
    auth: Authenticator,
    scrubber: Scrubber,
    timeout: Duration,
}

impl Api {
    /// Opens a service.
    ///
    /// # Errors
    /// `Invalid` if the options cannot be used.
    pub fn open(opening: Opening<'_>) -> Result<Self> {
        Ok(Self {
            client: Client::new(opening.context.guard.clone(), opening.tls)?,
            auth: Authenticator::new(opening.auth)?,
            scrubber: Scrubber::of(options::schema(opening.kind)?, opening.options),
            timeout: opening.timeout,
        })
    }

    /// Sends a request with credentials, and reads as much as `room` allows. A token that the server no longer accepts
    /// is renewed once.
    pub async fn send(&self, mut outgoing: OutgoingRequest, room: impl Into<Room>) -> Result<HttpResponse> {
        let room = room.into();
        let token = self.auth.sign(&self.client, &self.scrubber, &mut outgoing, None).await?;
        let mut answer = self.client.send(outgoing.clone(), room.clone()).await?;
        if let (Some(stale), StatusCode::UNAUTHORIZED) = (token, answer.status) {
            self.auth.sign(&self.client, &self.scrubber, &mut outgoing, Some(&stale)).await?;
            answer = self.client.send(outgoing.clone(), room).await?;
        }
        if !answer.status.is_success() {
            answer.scrub(&self.scrubber, &outgoing.headers);
        }
        Ok(answer)
    }

    /// Runs everything that one query sends within the service's timeout.
    ///
    /// # Errors
    /// `Timeout`, and those of `work`.
    pub async fn within<T>(&self, work: impl Future<Output = Result<T>>) -> Result<T> {
        let late = |_| Error::Timeout(format!("the server did not respond within {} ms", self.timeout.as_millis()));
        tokio::time::timeout(self.timeout, work).await.map_err(late)?
    }
}
