//! Triggers: schedules and webhooks that start runs of a workflow.
mod senders;
mod signature;
mod signed;

use super::schedule::{Schedule, on};
use crate::{Error, Result, clock::Time, model::parse};
use schemars::{JsonSchema, Schema, SchemaGenerator, json_schema};
use serde::{Deserialize, Deserializer, Serialize};
use serde_json::{Map, Value};
use uuid::Uuid;

pub use senders::WebhookSender;
pub use signature::{Algorithm, SecretFormat, Signature, SignatureEncoding, SignatureProof};
pub use signed::SignedPart;

/// The most triggers that a workflow may have.
const MOST: usize = 20;

/// A trigger of a workflow.
#[derive(Clone, Debug, PartialEq, Serialize, JsonSchema)]
#[serde(tag = "type", rename_all = "camelCase")]
#[schemars(rename = "WorkflowTrigger")]
pub enum Trigger {
    /// Starts runs at the times of a cron expression.
    #[schemars(title = "Schedule")]
    Schedule(Schedule),
    /// Starts runs when its secret URL is called.
    #[schemars(title = "Webhook")]
    Webhook(Webhook),
}

/// Deserialised by hand: serde does not say which field of a tagged enum is wrong.
impl<'de> Deserialize<'de> for Trigger {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        let mut fields = Map::deserialize(deserializer)?;
        match fields.shift_remove("type").as_ref().map(Value::as_str) {
            Some(Some("schedule")) => parse::nested(Value::Object(fields)).map(Self::Schedule),
            Some(Some("webhook")) => parse::nested(Value::Object(fields)).map(Self::Webhook),
            Some(_) => Err(parse::problem("type", "must be `schedule` or `webhook`")),
            None => Err(parse::problem("type", "is required")),
        }
    }
}

/// Starts a run for each call to `/hooks/<token>`. The token is in the workflow's `triggerStates`.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize, JsonSchema)]
#[serde(rename_all = "camelCase", deny_unknown_fields)]
#[schemars(rename = "WebhookTrigger")]
pub struct Webhook {
    /// Unique within the workflow. The server generates it if it is absent. A webhook keeps its URL as long as it keeps
    /// its id.
    #[serde(default)]
    pub id: String,
    /// The HTTP methods that the webhook accepts. `ANY` accepts all of them.
    #[serde(default = "Webhook::default_methods")]
    #[schemars(title = "Methods", schema_with = "methods_schema")]
    pub methods: Vec<String>,
    #[serde(default)]
    #[schemars(title = "Response")]
    pub answer: WebhookAnswer,
    /// The signature that calls must carry. If absent, calls are not verified.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    #[schemars(title = "Signature")]
    pub signature: Option<Signature>,
    /// The header with the id of a delivery. Only the first of several calls with the same value starts a run. If
    /// absent, the header that the selected sender uses.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    #[schemars(title = "Idempotency header", length(max = 100))]
    pub idempotency_header: Option<String>,
    /// Whether the run's input also contains the unparsed body, as the string `rawBody`. Use it where every byte
    /// counts, for example to verify a signature.
    #[serde(default)]
    #[schemars(title = "Include raw body")]
    pub raw_body: bool,
    #[serde(default = "on")]
    #[schemars(title = "Enabled")]
    pub enabled: bool,
}

/// What the caller of a webhook receives.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
#[serde(rename_all = "camelCase")]
pub enum WebhookAnswer {
    /// 202 with the run's id, as soon as the run is accepted.
    #[default]
    #[schemars(title = "Immediately")]
    Immediately,
    /// The run's output, once the run has ended.
    #[schemars(title = "When the run ends")]
    Finish,
    /// The response of the run's first `respond` step; without such a step, the run's output.
    #[schemars(title = "From a respond step")]
    Respond,
}

/// The state of a trigger. Read-only.
#[derive(Clone, Debug, Default, Serialize, Deserialize, JsonSchema)]
#[serde(rename_all = "camelCase")]
#[schemars(rename = "TriggerState")]
pub struct State {
    /// The trigger's id.
    pub id: String,
    /// When the schedule starts its next run. Null while the schedule or the workflow is off.
    pub next_at: Option<Time>,
    /// The time that the schedule's last run was for.
    pub last_at: Option<Time>,
    /// Why the schedule did not start a run the last time.
    pub failure: Option<TriggerFailure>,
    /// The webhook's token. Only for callers who may execute the workflow.
    pub token: Option<String>,
    /// The webhook's path on this server, with the token.
    pub path: Option<String>,
    /// Whether the secret of the webhook's signature is set.
    pub secret_set: bool,
}

/// A time at which the schedule did not start a run.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
pub struct TriggerFailure {
    pub at: Time,
    pub message: String,
    /// The message is kept until then, even if a later time starts a run. Only stored, never returned.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    #[schemars(skip)]
    pub kept_until: Option<Time>,
}

impl Webhook {
    fn default_methods() -> Vec<String> {
        vec!["POST".to_owned()]
    }

    /// Returns the name of the header that identifies a delivery.
    pub fn delivery_header(&self) -> Option<&str> {
        let senders = || self.signature.as_ref()?.sender.delivery_header();
        self.idempotency_header.as_deref().or_else(senders)
    }

    pub fn takes(&self, method: &str) -> bool {
        self.methods.iter().any(|taken| taken == method || taken == "ANY")
    }
}

/// A kind of trigger, for forms: its name, its description and the schema of its fields.
pub struct TriggerKind {
    pub name: &'static str,
    pub label: &'static str,
    pub description: &'static str,
    pub schema: fn(&mut SchemaGenerator) -> Schema,
}

/// Every kind, in the order of the editor's menu.
pub const KINDS: [TriggerKind; 2] = [
    TriggerKind {
        name: "schedule",
        label: "Schedule",
        description: "Starts runs at the times of a cron expression",
        schema: Schedule::json_schema,
    },
    TriggerKind {
        name: "webhook",
        label: "Webhook",
        description: "Starts a run when its secret URL is called",
        schema: Webhook::json_schema,
    },
];

/// The methods that a webhook can accept.
pub const METHODS: [&str; 7] = ["GET", "HEAD", "POST", "PUT", "PATCH", "DELETE", "ANY"];

fn methods_schema(_: &mut SchemaGenerator) -> Schema {
    json_schema!({"type": "array", "items": {"type": "string", "enum": METHODS}, "default": ["POST"]})
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

    /// Generates an id if the trigger has no id yet.
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

    /// Checks sizes only. Anything else that is wrong is listed in the workflow's problems.
    fn check(&self, at: &str) -> Result<()> {
        let id = self.id();
        if id.len() > 64 || !id.chars().all(|c| c.is_ascii_alphanumeric() || matches!(c, '-' | '_')) {
            return Err(Error::invalid(format!("{at}.id"), "must be at most 64 letters, digits, - and _"));
        }
        let long = |field: &str, text: &str, most| short(&format!("{at}.{field}"), text, most);
        match self {
            Self::Schedule(schedule) => {
                long("cron", &schedule.cron, 200)?;
                long("timezone", &schedule.timezone, 100)?;
                long("input", &schedule.input.to_string(), 256 << 10)
            }
            Self::Webhook(webhook) => {
                if webhook.methods.len() > METHODS.len() {
                    return Err(Error::invalid(format!("{at}.methods"), "must have at most 7 items"));
                }
                webhook.methods.iter().try_for_each(|method| long("methods", method, 20))?;
                long("idempotencyHeader", webhook.idempotency_header.as_deref().unwrap_or_default(), 100)?;
                webhook.signature.as_ref().map_or(Ok(()), |signature| signature.check(&format!("{at}.signature")))
            }
        }
    }
}

fn short(path: &str, text: &str, most: usize) -> Result<()> {
    if text.len() <= most { Ok(()) } else { Err(Error::invalid(path, format!("must be at most {most} bytes"))) }
}

/// Checks each trigger, that there are at most 20, and that their ids are unique.
pub fn check(triggers: &[Trigger]) -> Result<()> {
    if triggers.len() > MOST {
        return Err(Error::invalid("triggers", format!("must have at most {MOST} items")));
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
