//! Checks triggers: what prevents them from starting runs, or their runs from responding.
use super::{Check, suggest::list};
use crate::{
    Error,
    clock::Time,
    model::{
        schedule::Schedule,
        trigger::{METHODS, SignatureProof, Trigger, Webhook, WebhookAnswer, WebhookSender},
    },
    runner::{
        inputs,
        nodes::{RESPOND, join},
    },
};

impl Check<'_> {
    pub(super) fn triggers(&mut self) {
        for (i, trigger) in self.workflow.triggers.iter().enumerate() {
            let at = format!("triggers[{i}]");
            match trigger {
                Trigger::Schedule(schedule) => self.schedule(schedule, &at),
                Trigger::Webhook(webhook) => self.webhook(webhook, &at),
            }
        }
    }

    fn schedule(&mut self, schedule: &Schedule, at: &str) {
        match schedule.clock() {
            Ok(clock) if clock.next(Time::now()).is_none() => {
                let why = "never runs: no date matches its day, month and weekday";
                self.error(None, format!("{at}.cron"), why);
            }
            Ok(_) => {}
            Err(error) => self.all_of(error, at),
        }
        if let Err(error) = inputs::resolve(&self.workflow.inputs, schedule.input.clone()) {
            self.all_of(error, at);
        }
    }

    fn webhook(&mut self, webhook: &Webhook, at: &str) {
        if webhook.methods.is_empty() {
            self.error(None, format!("{at}.methods"), "is empty: select POST, or another method that callers use");
        }
        for (i, method) in webhook.methods.iter().enumerate() {
            if !METHODS.contains(&method.as_str()) {
                let why = format!(
                    "`{method}` is not a method that a webhook supports; the supported methods are {}",
                    list(&METHODS)
                );
                self.error(None, format!("{at}.methods[{i}]"), why);
            }
        }
        let mut headers = vec![("idempotencyHeader", webhook.idempotency_header.as_deref())];
        if let Some(signature) = &webhook.signature {
            if signature.sender == WebhookSender::Custom && signature.proof != SignatureProof::Basic {
                headers.push(("signature.header", Some(&signature.header)));
            }
            headers.push(("signature.timestampHeader", signature.timestamp_header.as_deref()));
            if signature.scheme().unsigned_get && !webhook.takes("GET") {
                let why = "does not include GET: the sender cannot verify the URL";
                self.warn(None, format!("{at}.methods"), why);
            }
            if signature.sealed.is_none() && signature.secret.is_none() {
                let why = "is missing: enter the key that the caller signs with";
                self.error(None, format!("{at}.signature.secret"), why);
            }
        }
        for (field, header) in headers {
            if header.is_some_and(|header| !is_header(header)) {
                self.error(None, format!("{at}.{field}"), "must be a header name such as X-Signature");
            }
        }
        if webhook.answer == WebhookAnswer::Respond && !self.workflow.nodes.iter().any(|node| node.r#type == RESPOND) {
            let why = "waits for a respond step, but the workflow has none: callers get the run's output";
            self.warn(None, format!("{at}.answer"), why);
        }
    }

    fn all_of(&mut self, error: Error, at: &str) {
        let Error::Invalid(problems) = error else { return self.error(None, at, error.to_string()) };
        for problem in problems {
            self.error(None, join(at, &problem.path), problem.message);
        }
    }
}

/// Returns whether a name is a token (RFC 9110, section 5.6.2).
fn is_header(name: &str) -> bool {
    let fits = |c: char| c.is_ascii_alphanumeric() || "!#$%&'*+-.^_`|~".contains(c);
    !name.is_empty() && name.chars().all(fits)
}
