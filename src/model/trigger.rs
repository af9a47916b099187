//! What starts runs of a workflow by itself: schedules and webhooks.
use super::schedule::Schedule;
use crate::{Error, Result, clock::Time};
use schemars::{JsonSchema, Schema, SchemaGenerator, json_schema};
use serde::{Deserialize, Serialize};
use uuid::Uuid;

/// How many one workflow may have.
const MOST: usize = 20;

/// Something that starts runs.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize, JsonSchema)]
#[serde(tag = "type", rename_all = "camelCase")]
#[schemars(rename = "WorkflowTrigger")]
pub enum Trigger {
    /// At times that a cron expression says.
    #[schemars(title = "Schedule")]
    Schedule(Schedule),
    /// When its secret address is called.
    #[schemars(title = "Webhook")]
    Webhook(Webhook),
}

/// Starts a run for each call of `/hooks/<token>`; the token is among the workflow's `triggerStates`.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize, JsonSchema)]
#[serde(rename_all = "camelCase", deny_unknown_fields)]
#[schemars(rename = "WebhookTrigger")]
pub struct Webhook {
    /// Unique in the workflow; made by the server when absent. A webhook keeps its address as long as it keeps its id.
    #[serde(default)]
    pub id: String,
    /// The HTTP methods that it takes; `ANY` stands for all.
    #[serde(default = "Webhook::default_methods")]
    #[schemars(title = "Methods", schema_with = "methods_schema")]
    pub methods: Vec<String>,
    #[serde(default)]
    #[schemars(title = "Answer")]
    pub answer: Answer,
    /// The signature that calls must carry; none when absent.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    #[schemars(title = "Signature")]
    pub signature: Option<Signature>,
    /// The header whose value names a delivery: of several calls with the same value the first starts the run.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    #[schemars(title = "Idempotency header", length(max = 100))]
    pub idempotency_header: Option<String>,
    #[serde(default = "on")]
    #[schemars(title = "Enabled")]
    pub enabled: bool,
}

/// What the caller of a webhook hears.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
#[serde(rename_all = "camelCase")]
#[schemars(rename = "WebhookAnswer")]
pub enum Answer {
    /// 202 with the run's id, once the run is accepted.
    #[default]
    #[schemars(title = "At once")]
    Immediately,
    /// The run's output, once the run has ended.
    #[schemars(title = "When the run ends")]
    Finish,
    /// What the run's first `respond` step says; the output when there is none.
    #[schemars(title = "What a respond step says")]
    Respond,
}

/// An HMAC over the raw body.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize, JsonSchema)]
#[serde(rename_all = "camelCase", deny_unknown_fields)]
#[schemars(rename = "WebhookSignature")]
pub struct Signature {
    /// The header that holds it.
    #[schemars(title = "Header", length(min = 1, max = 100))]
    pub header: String,
    /// The key that both sides know. Goes in and never comes out; the one that is set stays when absent.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    #[schemars(title = "Secret", extend("writeOnly" = true), length(min = 1, max = 1024))]
    pub secret: Option<String>,
    /// The secret, encrypted; never leaves the server.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    #[schemars(skip)]
    pub sealed: Option<String>,
    #[serde(default)]
    #[schemars(title = "Algorithm", extend("x-group" = "More"))]
    pub algorithm: Algorithm,
    /// What stands before the signature in its header, such as `sha256=`.
    #[serde(default)]
    #[schemars(title = "Prefix", length(max = 100))]
    pub prefix: String,
    #[serde(default)]
    #[schemars(title = "Encoding", extend("x-group" = "More"))]
    pub encoding: Encoding,
    /// The header that holds the call's time in seconds since 1970. What is signed is then the time, a dot and the body.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    #[schemars(title = "Timestamp header", length(max = 100), extend("x-group" = "More"))]
    pub timestamp_header: Option<String>,
    /// How old a call may be, and how long the same signature is refused. 0, without a timestamp: never refused.
    #[serde(default = "Signature::default_tolerance")]
    #[schemars(title = "Tolerance (s)", range(max = 3600), extend("x-group" = "More"))]
    pub tolerance_seconds: u32,
}

#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
#[serde(rename_all = "lowercase")]
#[schemars(rename = "SignatureAlgorithm")]
pub enum Algorithm {
    #[default]
    Sha256,
    Sha512,
}

#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
#[serde(rename_all = "lowercase")]
#[schemars(rename = "SignatureEncoding")]
pub enum Encoding {
    #[default]
    Hex,
    Base64,
}

/// What the server knows of a trigger. Read-only.
#[derive(Clone, Debug, Default, Serialize, Deserialize, JsonSchema)]
#[serde(rename_all = "camelCase")]
#[schemars(rename = "TriggerState")]
pub struct State {
    /// The trigger's id.
    pub id: String,
    /// When the schedule starts its next run; none while it or the workflow is off.
    pub next_at: Option<Time>,
    /// The time of the last run that the schedule started.
    pub last_at: Option<Time>,
    /// Why the schedule's last time started no run.
    pub failure: Option<Missed>,
    /// The webhook's secret; only for those who may execute the workflow.
    pub token: Option<String>,
    /// The webhook's path at this server, with the token.
    pub path: Option<String>,
    /// Whether the secret of the webhook's signature is set.
    pub secret_set: bool,
}

/// A time at which no run could be started.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
#[schemars(rename = "TriggerFailure")]
pub struct Missed {
    pub at: Time,
    pub message: String,
    /// Times that were missed stay known until then, even when a run is started for a later one. Only stored.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    #[schemars(skip)]
    pub kept_until: Option<Time>,
}

impl Webhook {
    fn default_methods() -> Vec<String> {
        vec!["POST".to_owned()]
    }

    pub fn takes(&self, method: &str) -> bool {
        self.methods.iter().any(|taken| taken == method || taken == "ANY")
    }
}

impl Signature {
    const fn default_tolerance() -> u32 {
        300
    }
}

/// A kind of trigger, as forms want it: its name, what it does, the schema of its own fields.
pub struct Kind {
    pub name: &'static str,
    pub label: &'static str,
    pub description: &'static str,
    pub schema: fn(&mut SchemaGenerator) -> Schema,
}

/// Every kind, in the order in which the editor offers them.
pub const KINDS: [Kind; 2] = [
    Kind {
        name: "schedule",
        label: "Schedule",
        description: "Starts a run at the times that a cron expression says",
        schema: Schedule::json_schema,
    },
    Kind {
        name: "webhook",
        label: "Webhook",
        description: "Starts a run when its secret address is called",
        schema: Webhook::json_schema,
    },
];

/// The methods that a webhook can take.
pub const METHODS: [&str; 7] = ["GET", "HEAD", "POST", "PUT", "PATCH", "DELETE", "ANY"];

fn methods_schema(_: &mut SchemaGenerator) -> Schema {
    json_schema!({"type": "array", "items": {"type": "string", "enum": METHODS}, "default": ["POST"]})
}

pub(super) const fn on() -> bool {
    true
}

impl Trigger {
    pub fn id(&self) -> &str {
        match self {
            Self::Schedule(schedule) => &schedule.id,
            Self::Webhook(webhook) => &webhook.id,
        }
    }

    pub fn enabled(&self) -> bool {
        match self {
            Self::Schedule(schedule) => schedule.enabled,
            Self::Webhook(webhook) => webhook.enabled,
        }
    }

    /// Gives it an id, if it has none.
    pub fn name_it(&mut self) {
        let id = match self {
            Self::Schedule(schedule) => &mut schedule.id,
            Self::Webhook(webhook) => &mut webhook.id,
        };
        if id.is_empty() {
            *id = Uuid::now_v7().to_string();
        }
    }

    pub fn signature(&self) -> Option<&Signature> {
        match self {
            Self::Webhook(webhook) => webhook.signature.as_ref(),
            Self::Schedule(_) => None,
        }
    }

    pub fn signature_mut(&mut self) -> Option<&mut Signature> {
        match self {
            Self::Webhook(webhook) => webhook.signature.as_mut(),
            Self::Schedule(_) => None,
        }
    }

    /// Sizes only: what keeps it from working is told with the workflow's problems.
    fn check(&self, at: &str) -> Result<()> {
        let id = self.id();
        if id.len() > 64 || !id.chars().all(|c| c.is_ascii_alphanumeric() || matches!(c, '-' | '_')) {
            return Err(Error::invalid(format!("{at}.id"), "must be at most 64 letters, digits, - and _"));
        }
        let long = |field: &str, text: &str, most: usize| {
            if text.len() <= most {
                return Ok(());
            }
            Err(Error::invalid(format!("{at}.{field}"), format!("must be at most {most} bytes")))
        };
        match self {
            Self::Schedule(schedule) => {
                long("cron", &schedule.cron, 200)?;
                long("timezone", &schedule.timezone, 100)?;
                long("input", &schedule.input.to_string(), 256 << 10)
            }
            Self::Webhook(webhook) => {
                if webhook.methods.len() > METHODS.len() {
                    return Err(Error::invalid(format!("{at}.methods"), "must be at most 7"));
                }
                webhook.methods.iter().try_for_each(|method| long("methods", method, 20))?;
                long("idempotencyHeader", webhook.idempotency_header.as_deref().unwrap_or_default(), 100)?;
                let Some(signature) = &webhook.signature else { return Ok(()) };
                long("signature.header", &signature.header, 100)?;
                long("signature.prefix", &signature.prefix, 100)?;
                long("signature.timestampHeader", signature.timestamp_header.as_deref().unwrap_or_default(), 100)?;
                long("signature.secret", signature.secret.as_deref().unwrap_or_default(), 1024)?;
                if signature.tolerance_seconds > 3600 {
                    let path = format!("{at}.signature.toleranceSeconds");
                    return Err(Error::invalid(path, "must be at most 3600 (an hour)"));
                }
                Ok(())
            }
        }
    }
}

/// At most 20, each with an id of its own.
pub fn check(triggers: &[Trigger]) -> Result<()> {
    if triggers.len() > MOST {
        return Err(Error::invalid("triggers", format!("must be at most {MOST}")));
    }
    for (i, trigger) in triggers.iter().enumerate() {
        trigger.check(&format!("triggers[{i}]"))?;
        let id = trigger.id();
        if !id.is_empty() && triggers[..i].iter().any(|other| other.id() == id) {
            return Err(Error::invalid(format!("triggers[{i}].id"), format!("`{id}` is used twice")));
        }
    }
    Ok(())
}
