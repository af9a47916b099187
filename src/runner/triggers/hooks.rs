//! Webhooks: found by their token, checked by their signature, started; and the secrets that they keep.
use super::{
    super::saved::{Cause, Saved, Workflows},
    signature::{self, Call, Refused},
};
use crate::{
    Error, Result,
    clock::Time,
    model::{
        Json, Scope, Workflow, run,
        trigger::{Signature, Trigger, Webhook},
    },
    runner::Accepted,
    store::{Remembered, Sealer, Store},
};
use moka::sync::Cache;
use std::{sync::Arc, time::Duration};
use uuid::Uuid;

/// How many tokens, known and unknown, are remembered.
const REMEMBERED: u64 = 10_000;
/// How many signatures are remembered, and how long: twice the longest tolerance.
const SEEN: u64 = 200_000;
const LONGEST: Duration = Duration::from_hours(2);
/// What a token looks like: 32 bytes in base64.
const TOKEN: usize = 43;
/// The longest name of a delivery.
const MAX_KEY: usize = 200;

/// The webhooks of all tenants.
pub struct Hooks {
    store: Arc<Store>,
    workflows: Arc<Workflows>,
    sealer: Sealer,
    known: Remembered<String, Option<Arc<Hook>>>,
    /// Signatures that have started a run: when, and with which idempotency key.
    seen: Cache<Mark, (Time, Option<String>)>,
}

/// A signature that one webhook of one workflow was called with.
type Mark = (Uuid, String, Vec<u8>);

/// A webhook that takes calls.
pub struct Hook {
    pub scope: Scope,
    pub workflow: Arc<Saved>,
    pub webhook: Webhook,
    /// How its calls are signed; a known sender's scheme is filled in.
    pub scheme: Option<Signature>,
    pub(super) key: Vec<u8>,
}

/// A call that was let in. Where it starts no run, its signature may be used again.
pub struct Pass<'a> {
    hooks: &'a Hooks,
    /// Whether it is known who calls; none where nobody asks.
    pub signed: Option<bool>,
    key: Option<String>,
    mark: Option<Mark>,
}

impl Drop for Pass<'_> {
    fn drop(&mut self) {
        if let Some(mark) = self.mark.take() {
            self.hooks.seen.invalidate(&mark);
        }
    }
}

impl Hooks {
    pub fn new(store: Arc<Store>, workflows: Arc<Workflows>, sealer: Sealer) -> Self {
        let seen = Cache::builder().max_capacity(SEEN).time_to_live(LONGEST).build();
        Self { store, workflows, sealer, known: Remembered::new(REMEMBERED), seen }
    }

    /// The webhook of that token; none when there is none, or it is off.
    pub fn find(&self, token: &str) -> Result<Option<Arc<Hook>>> {
        if token.len() != TOKEN {
            return Ok(None);
        }
        self.known.get(&self.store, token.to_owned(), || {
            let Some((tenant, workflow, id)) = self.store.get(|tx| tx.webhook(token))? else { return Ok(None) };
            let mut scope = Scope::system(tenant);
            scope.actor.label = "webhook".into();
            let saved = self.workflows.load(&scope, workflow)?;
            let Some(Trigger::Webhook(webhook)) =
                saved.trigger(&id).filter(|trigger| saved.enabled && trigger.enabled())
            else {
                return Ok(None);
            };
            // one that does not open lets nobody in
            let opened = webhook.signature.as_ref().map(|signature| self.open(&scope, workflow, &id, signature));
            let secret = opened.transpose().unwrap_or_else(|error| {
                tracing::warn!(%tenant, %workflow, trigger = id, %error, "a webhook refuses all calls");
                None
            });
            let scheme = webhook.signature.as_ref().map(Signature::scheme);
            let secret = secret.flatten().and_then(|secret| String::from_utf8(secret).ok());
            let key = scheme.as_ref().zip(secret).and_then(|(scheme, secret)| scheme.key(&secret).ok());
            let (key, webhook) = (key.unwrap_or_default(), webhook.clone());
            Ok(Some(Arc::new(Hook { scope, webhook, workflow: saved, scheme, key })))
        })
    }

    /// Checks the call's signature.
    ///
    /// # Errors
    /// `Forbidden` when it is missing, wrong, too old or seen before.
    pub fn admit(&self, hook: &Hook, call: &Call<'_>) -> Result<Pass<'_>> {
        let id = &hook.webhook.id;
        let header = hook.webhook.delivery_header();
        let named = header.and_then(|header| (call.header)(header).first().map(|value| value.trim()));
        let named = named.filter(|value| !value.is_empty());
        if named.is_some_and(|value| value.chars().count() > MAX_KEY) {
            return Err(Error::invalid(header.unwrap_or_default(), format!("must be at most {MAX_KEY} characters")));
        }
        let key = named.map(|value| format!("webhook/{id}/{value}"));
        let mut pass = Pass { hooks: self, signed: None, key, mark: None };
        let Some(scheme) = &hook.scheme else { return Ok(pass) };
        if scheme.unsigned_get && matches!(call.method, "GET" | "HEAD") {
            pass.signed = Some(false);
            // who does not sign names no delivery, either
            pass.key = None;
            return Ok(pass);
        }
        let (bytes, is_fresh) = self.check(hook, scheme, call, pass.key.as_deref())?;
        pass.signed = Some(true);
        let Some(bytes) = bytes else { return Ok(pass) };
        if scheme.has_time() && pass.key.is_none() {
            // outlives this process's memory
            pass.key = Some(format!("signature/{id}/{}", hex::encode(&bytes)));
        }
        pass.mark = is_fresh.then(|| (hook.workflow.id, id.clone(), bytes));
        Ok(pass)
    }

    /// Starts a run, or finds the one that the same delivery has started.
    ///
    /// # Errors
    /// As [`Workflows::start`].
    pub async fn start(&self, hook: &Hook, mut pass: Pass<'_>, input: Json) -> Result<Accepted> {
        let cause = Cause { trigger: run::Trigger::Webhook, input, key: pass.key.take() };
        let accepted = self.workflows.start_once(&hook.scope, &hook.workflow, cause).await?;
        pass.mark = None;
        Ok(accepted)
    }

    /// Lets a signature in once within its time, and again only with the key that it came with. Answers it, where there is
    /// one, and whether it is here for the first time.
    fn check(
        &self,
        hook: &Hook,
        scheme: &Signature,
        call: &Call<'_>,
        key: Option<&str>,
    ) -> Result<(Option<Vec<u8>>, bool)> {
        let now = Time::now();
        if hook.key.is_empty() {
            return Err(refused(Refused::Signature));
        }
        let Some(bytes) = signature::verify(scheme, &hook.key, call, now).map_err(refused)? else {
            return Ok((None, true));
        };
        let tolerance = Duration::from_secs(scheme.tolerance_seconds.into());
        // a signed time may lie ahead as far as behind
        let window = if scheme.has_time() { tolerance * 2 } else { tolerance };
        let place = (hook.workflow.id, hook.webhook.id.clone(), bytes.clone());
        let mine = (now, key.map(str::to_owned));
        let entry = self.seen.entry(place.clone()).or_insert_with(|| mine.clone());
        if entry.is_fresh() {
            return Ok((Some(bytes), true));
        }
        let (at, first) = entry.into_value();
        if key.is_some() && first.as_deref() == key {
            return Ok((Some(bytes), false));
        }
        if !window.is_zero() && now <= at.plus(window) {
            return Err(refused(Refused::Time));
        }
        self.seen.insert(place, mine);
        Ok((Some(bytes), true))
    }

    /// The workflow with every trigger named and every secret sealed. One that is not sent again stays; an unchanged
    /// one keeps its seal.
    ///
    /// # Errors
    /// `Invalid` when the caller sends what only the server makes.
    pub fn sealed(&self, scope: &Scope, id: Uuid, mut workflow: Workflow, old: Option<&Workflow>) -> Result<Workflow> {
        for (i, trigger) in workflow.triggers.iter_mut().enumerate() {
            trigger.name_it();
            let name = trigger.id().to_owned();
            let Some(signature) = trigger.signature_mut() else { continue };
            if signature.sealed.is_some() {
                return Err(Error::invalid(format!("triggers[{i}].signature.sealed"), "is not a known field"));
            }
            let old = old.and_then(|old| old.triggers.iter().find(|trigger| trigger.id() == name));
            let kept = old.and_then(Trigger::signature).filter(|old| old.sealed.is_some());
            signature.sealed = match (signature.secret.take(), kept) {
                (None, kept) => kept.and_then(|old| old.sealed.clone()),
                (Some(secret), kept) => {
                    let is_same = |old: &&Signature| {
                        self.open(scope, id, &name, old).is_ok_and(|old| old.as_deref() == Some(secret.as_bytes()))
                    };
                    match kept.filter(is_same) {
                        Some(old) => old.sealed.clone(),
                        None => Some(self.sealer.seal(secret.as_bytes(), &context(scope, id, &name))?),
                    }
                }
            };
        }
        Ok(workflow)
    }

    /// The workflow with its secrets in the open. With another key they are lost, and may be entered again.
    pub fn opened(&self, scope: &Scope, id: Uuid, mut workflow: Workflow) -> Workflow {
        for trigger in &mut workflow.triggers {
            let name = trigger.id().to_owned();
            let Some(signature) = trigger.signature_mut() else { continue };
            let secret = self.open(scope, id, &name, signature).ok().flatten();
            signature.secret = secret.and_then(|secret| String::from_utf8(secret).ok());
            signature.sealed = None;
        }
        workflow
    }

    fn open(&self, scope: &Scope, workflow: Uuid, trigger: &str, signature: &Signature) -> Result<Option<Vec<u8>>> {
        let context = context(scope, workflow, trigger);
        signature.sealed.as_ref().map(|sealed| self.sealer.open(sealed, &context)).transpose()
    }
}

/// What a sealed secret is bound to: it opens only for its own trigger.
fn context(scope: &Scope, workflow: Uuid, trigger: &str) -> String {
    format!("{}/{workflow}/{trigger}", scope.tenant)
}

fn refused(why: Refused) -> Error {
    Error::Forbidden(match why {
        Refused::Signature => "the signature is missing or wrong".to_owned(),
        Refused::Time => "the call is too old, or was made before".to_owned(),
    })
}
