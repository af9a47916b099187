//! What starts runs of a workflow by itself: schedules and webhooks.
mod senders;
mod signature;
mod signed;

use super::{parse, schedule::Schedule};
use crate::{Error, Result, clock::Time};
use schemars::{JsonSchema, Schema, SchemaGenerator, json_schema};
use serde::{Deserialize, Deserializer, Serialize};
use serde_json::{Map, Value};
use uuid::Uuid;

pub use senders::Sender;
pub use signature::{Algorithm, Encoding, Proof, SecretFormat, Signature};
pub use signed::Part;

/// How many one workflow may have.
const MOST: usize = 20;

/// Something that starts runs.
#[derive(Clone, Debug, PartialEq, Serialize, JsonSchema)]
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

/// Read by hand, for serde forgets which field of a tagged enum is wrong.
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
    /// The header whose value names a delivery: of several calls with the same value the first starts the run. The sender's
    /// own where this is absent and a sender is chosen.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    #[schemars(title = "Idempotency header", length(max = 100))]
    pub idempotency_header: Option<String>,
    /// Whether the run is given the body as it was sent, too, as the text `rawBody`: for what is signed or counted by the
    /// byte.
    #[serde(default)]
    #[schemars(title = "Keep the raw body")]
    pub raw_body: bool,
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

    /// The header that names a delivery.
    pub fn delivery_header(&self) -> Option<&str> {
        let senders = || self.signature.as_ref()?.sender.delivery_header();
        self.idempotency_header.as_deref().or_else(senders)
    }

    pub fn takes(&self, method: &str) -> bool {
        self.methods.iter().any(|taken| taken == method || taken == "ANY")
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
        let long = |field: &str, text: &str, most| short(&format!("{at}.{field}"), text, most);
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
                webhook.signature.as_ref().map_or(Ok(()), |signature| signature.check(&format!("{at}.signature")))
            }
        }
    }
}

fn short(path: &str, text: &str, most: usize) -> Result<()> {
    if text.len() <= most { Ok(()) } else { Err(Error::invalid(path, format!("must be at most {most} bytes"))) }
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
