//! Webhooks: found by their token, checked by their signature, started; and the secrets that they keep.
use super::{
    super::saved::{Cause, Saved, Workflows},
    signature::{self, Refused},
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
    secret: Vec<u8>,
}

/// What a call says beside its input.
pub struct Call<'a> {
    /// The value of a header.
    pub header: &'a (dyn Fn(&str) -> Option<&'a str> + Sync),
    pub body: &'a [u8],
}

/// A call that was let in. Where it starts no run, its signature may be used again.
pub struct Pass<'a> {
    hooks: &'a Hooks,
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
            let secret = secret.flatten().unwrap_or_default();
            Ok(Some(Arc::new(Hook { scope, webhook: webhook.clone(), workflow: saved, secret })))
        })
    }

    /// Checks the call's signature.
    ///
    /// # Errors
    /// `Forbidden` when it is missing, wrong, too old or seen before.
    pub fn admit(&self, hook: &Hook, call: &Call<'_>) -> Result<Pass<'_>> {
        let id = &hook.webhook.id;
        let named = hook.webhook.idempotency_header.as_deref().and_then(call.header).map(str::trim);
        let named = named.filter(|value| !value.is_empty());
        if named.is_some_and(|value| value.chars().count() > MAX_KEY) {
            let header = hook.webhook.idempotency_header.as_deref().unwrap_or_default();
            return Err(Error::invalid(header, format!("must be at most {MAX_KEY} characters")));
        }
        let mut pass = Pass { hooks: self, key: named.map(|value| format!("webhook/{id}/{value}")), mark: None };
        if let Some(rules) = &hook.webhook.signature {
            let (bytes, is_fresh) = self.check(hook, rules, call, pass.key.as_deref())?;
            if rules.timestamp_header.is_some() && pass.key.is_none() {
                // outlives this process's memory
                pass.key = Some(format!("signature/{id}/{}", hex::encode(&bytes)));
            }
            pass.mark = is_fresh.then(|| (hook.workflow.id, id.clone(), bytes));
        }
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

    /// Lets a signature in once within its time, and again only with the key that it came with. Answers it, and whether
    /// it is here for the first time.
    fn check(&self, hook: &Hook, rules: &Signature, call: &Call<'_>, key: Option<&str>) -> Result<(Vec<u8>, bool)> {
        let now = Time::now();
        let timestamp = rules.timestamp_header.as_deref().and_then(call.header);
        let given = (call.header)(&rules.header);
        if hook.secret.is_empty() {
            return Err(refused(Refused::Signature));
        }
        let bytes = signature::verify(rules, &hook.secret, given, timestamp, call.body, now).map_err(refused)?;
        let tolerance = Duration::from_secs(rules.tolerance_seconds.into());
        // a signed time may lie ahead as far as behind
        let window = if rules.timestamp_header.is_some() { tolerance * 2 } else { tolerance };
        let place = (hook.workflow.id, hook.webhook.id.clone(), bytes.clone());
        let mine = (now, key.map(str::to_owned));
        let entry = self.seen.entry(place.clone()).or_insert_with(|| mine.clone());
        if entry.is_fresh() {
            return Ok((bytes, true));
        }
        let (at, first) = entry.into_value();
        if key.is_some() && first.as_deref() == key {
            return Ok((bytes, false));
        }
        if !window.is_zero() && now <= at.plus(window) {
            return Err(refused(Refused::Time));
        }
        self.seen.insert(place, mine);
        Ok((bytes, true))
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
