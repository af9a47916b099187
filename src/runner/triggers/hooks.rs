//! Webhooks: finds them by token, verifies signatures, starts runs, and seals their secrets.
use super::signature::{self, SignatureRefusal, SignedCall};
use crate::{
    Error, Result,
    clock::Time,
    model::{
        Json, Scope, Workflow, run,
        trigger::{Signature, Trigger, Webhook, WebhookAnswer},
    },
    runner::{
        AcceptedRun,
        starts::{SavedWorkflow, StartOptions, Workflows},
    },
    store::{Mark, MarkClaim, Marks, MemoryPlace, Remembered, Sealer, Store},
};
use std::{sync::Arc, time::Duration};
use uuid::Uuid;

/// Maximum number of cached tokens, known and unknown.
const REMEMBERED: u64 = 10_000;
/// Maximum number of remembered signatures.
const SEEN: u64 = 200_000;
/// How long signatures are remembered: twice the maximum tolerance.
const LONGEST: Duration = Duration::from_hours(2);
/// The length of a token: 32 bytes in base64.
const TOKEN: usize = 43;
/// Maximum length of a delivery's id, in characters.
const MAX_KEY: usize = 200;

/// The webhooks of all tenants.
pub struct Hooks {
    store: Arc<Store>,
    workflows: Arc<Workflows>,
    sealer: Sealer,
    known: Remembered<String, Option<Arc<Hook>>>,
    /// Signatures that have started a run, with the idempotency key of the call.
    seen: Marks,
}

/// An enabled webhook.
pub struct Hook {
    pub scope: Scope,
    pub workflow: Arc<SavedWorkflow>,
    pub webhook: Webhook,
    /// How its calls are signed, with the scheme of a known sender filled in.
    pub scheme: Option<Signature>,
    pub(super) key: Vec<u8>,
}

/// An admitted call. If it is dropped without starting a run, its signature may be used again.
pub struct AdmittedCall<'a> {
    hooks: &'a Hooks,
    /// Whether the call was signed; `None` if the webhook requires no signature.
    pub signed: Option<bool>,
    key: Option<String>,
    mark: Option<SignatureMark>,
}

/// The mark of a signature that is used for the first time.
struct SignatureMark {
    key: String,
    /// Whether it is all that prevents a second run.
    is_alone: bool,
}

impl AdmittedCall<'_> {
    /// Lets the signature be used again, before the caller is told that the call has started no run.
    pub async fn give_back(mut self) {
        // otherwise it is tried again after the drop
        if let Some(mark) = &self.mark
            && self.hooks.seen.release(&mark.key).await.is_ok()
        {
            self.mark = None;
        }
    }
}

impl Drop for AdmittedCall<'_> {
    fn drop(&mut self) {
        if let Some(mark) = self.mark.take() {
            self.hooks.seen.release_later(mark.key);
        }
    }
}

impl Hooks {
    pub fn new(store: Arc<Store>, workflows: Arc<Workflows>, sealer: Sealer) -> Self {
        let seen = Marks::of_many("signature", SEEN, LONGEST, MemoryPlace::of(&store));
        Self { store, workflows, sealer, known: Remembered::new(REMEMBERED), seen }
    }

    /// Finds the webhook with this token; `None` if it does not exist or is disabled.
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
            // a webhook whose secret cannot be decrypted rejects all calls
            let opened = webhook.signature.as_ref().map(|signature| self.open(&scope, workflow, &id, signature));
            let secret = opened.transpose().unwrap_or_else(|error| {
                tracing::warn!(
                    %tenant, %workflow, trigger = id, %error,
                    "cannot decrypt a webhook's secret; it rejects all calls"
                );
                None
            });
            let scheme = webhook.signature.as_ref().map(Signature::scheme);
            let key = scheme.as_ref().zip(secret.flatten()).and_then(|(scheme, secret)| scheme.key(&secret).ok());
            let (key, webhook) = (key.unwrap_or_default(), webhook.clone());
            Ok(Some(Arc::new(Hook { scope, webhook, workflow: saved, scheme, key })))
        })
    }

    /// Verifies the signature of a call.
    ///
    /// # Errors
    /// `Forbidden` if it is missing, invalid, too old or already used.
    pub async fn admit(&self, hook: &Hook, call: &SignedCall<'_>) -> Result<AdmittedCall<'_>> {
        let id = &hook.webhook.id;
        let header = hook.webhook.delivery_header();
        let named = header.and_then(|header| (call.header)(header).first().map(|value| value.trim()));
        let named = named.filter(|value| !value.is_empty());
        if named.is_some_and(|value| value.chars().count() > MAX_KEY) {
            return Err(Error::invalid(header.unwrap_or_default(), format!("must be at most {MAX_KEY} characters")));
        }
        let key = named.map(|value| format!("webhook/{id}/{value}"));
        let mut pass = AdmittedCall { hooks: self, signed: None, key, mark: None };
        let Some(scheme) = &hook.scheme else { return Ok(pass) };
        if scheme.unsigned_get && matches!(call.method, "GET" | "HEAD") {
            pass.signed = Some(false);
            // do not trust the delivery id of an unsigned call
            pass.key = None;
            return Ok(pass);
        }
        let bytes = verify(hook, scheme, call)?;
        pass.signed = Some(true);
        let Some(bytes) = bytes else { return Ok(pass) };
        let is_fresh = self.is_fresh(hook, scheme, &bytes, pass.key.as_deref()).await?;
        if scheme.has_time() && pass.key.is_none() {
            // a repeated call must not start a second run after a restart either, when `seen` is empty
            pass.key = Some(format!("signature/{id}/{}", hex::encode(&bytes)));
        }
        let is_alone = pass.key.is_none();
        pass.mark = is_fresh.then(|| SignatureMark { key: mark_key(hook, &bytes), is_alone });
        Ok(pass)
    }

    /// Starts a run, or returns the one that the same delivery has already started.
    ///
    /// # Errors
    /// As [`Workflows::start`].
    pub async fn start(&self, hook: &Hook, mut pass: AdmittedCall<'_>, input: Json) -> Result<AcceptedRun> {
        let is_awaited = hook.webhook.answer != WebhookAnswer::Immediately;
        let cause = StartOptions { trigger: run::RunTrigger::Webhook, input, key: pass.key.take(), is_awaited };
        let accepted = match self.workflows.start_once(&hook.scope, &hook.workflow, cause).await {
            Ok(accepted) => accepted,
            Err(error) => {
                pass.give_back().await;
                return Err(error);
            }
        };
        if let Some(mark) = pass.mark.take().filter(|mark| mark.is_alone)
            && let Err(error) = self.seen.finish(&mark.key).await
        {
            tracing::warn!(%error, "a signature could be used again if this server dies within its tolerance");
        }
        Ok(accepted)
    }

    /// Admits a signature once within its tolerance, and again only with the same idempotency key. Returns whether this
    /// is its first use. A call that died with its server may be repeated, unless its signature could start a second run.
    async fn is_fresh(&self, hook: &Hook, scheme: &Signature, bytes: &[u8], key: Option<&str>) -> Result<bool> {
        let tolerance = Duration::from_secs(scheme.tolerance_seconds.into());
        // a signed time may be as far in the future as in the past
        let lifetime = if scheme.has_time() { tolerance * 2 } else { tolerance };
        let value = key.unwrap_or_default().to_owned();
        let mark = Mark { key: mark_key(hook, bytes), value, lifetime, is_final: key.is_some() };
        match self.seen.claim(mark).await? {
            MarkClaim::Fresh => Ok(true),
            MarkClaim::Taken(first) if key == Some(&*first) => Ok(false),
            MarkClaim::Taken(_) => Err(refused(SignatureRefusal::Time)),
        }
    }

    /// Returns the workflow with an id for every trigger and every secret sealed. Keeps the old secret if the workflow
    /// contains none, and the old sealed value if the secret has not changed.
    ///
    /// # Errors
    /// `Invalid` if the workflow contains a sealed value, which only the server may set.
    pub fn sealed(&self, scope: &Scope, id: Uuid, mut workflow: Workflow, old: Option<&Workflow>) -> Result<Workflow> {
        for (i, trigger) in workflow.triggers.iter_mut().enumerate() {
            trigger.name_it();
            let name = trigger.id().to_owned();
            let Some(signature) = trigger.signature_mut() else { continue };
            if signature.sealed.is_some() {
                return Err(Error::invalid(format!("triggers[{i}].signature.sealed"), "is not a known field"));
            }
            let old = old.and_then(|old| old.triggers.iter().find(|trigger| trigger.id() == name));
            let kept = old.and_then(Trigger::signature).and_then(|old| old.sealed.as_ref());
            signature.sealed = match (signature.secret.take(), kept) {
                (None, kept) => kept.cloned(),
                (Some(secret), kept) => Some(self.sealer.seal_value(&secret, &context(scope, id, &name), kept)?),
            };
        }
        Ok(workflow)
    }

    /// Returns the workflow with its secrets decrypted. Omits secrets that were sealed with another server key: they
    /// must be entered again.
    pub fn opened(&self, scope: &Scope, id: Uuid, mut workflow: Workflow) -> Workflow {
        for trigger in &mut workflow.triggers {
            let name = trigger.id().to_owned();
            let Some(signature) = trigger.signature_mut() else { continue };
            signature.secret = self.open(scope, id, &name, signature).ok().flatten();
            signature.sealed = None;
        }
        workflow
    }

    fn open(&self, scope: &Scope, workflow: Uuid, trigger: &str, signature: &Signature) -> Result<Option<String>> {
        let context = context(scope, workflow, trigger);
        signature.sealed.as_ref().map(|sealed| self.sealer.open_value(sealed, &context)).transpose()
    }
}

/// Returns the context to which a sealed secret is bound: it can be decrypted only for its own trigger.
fn context(scope: &Scope, workflow: Uuid, trigger: &str) -> String {
    format!("{}/{workflow}/{trigger}", scope.tenant)
}

/// Verifies a signature. Returns it, if the scheme has one that differs between calls.
fn verify(hook: &Hook, scheme: &Signature, call: &SignedCall<'_>) -> Result<Option<Vec<u8>>> {
    if hook.key.is_empty() {
        return Err(refused(SignatureRefusal::Signature));
    }
    signature::verify(scheme, &hook.key, call, Time::now()).map_err(refused)
}

fn mark_key(hook: &Hook, signature: &[u8]) -> String {
    format!("{}/{}/{}", hook.workflow.id, hook.webhook.id, hex::encode(signature))
}

fn refused(why: SignatureRefusal) -> Error {
    Error::Forbidden(match why {
        SignatureRefusal::Signature => "the signature is missing or invalid".to_owned(),
        SignatureRefusal::Time => "the call is too old or was already received".to_owned(),
    })
}
