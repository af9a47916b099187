//! Posts a message to a chat through its incoming webhook.
use crate::{
    Error, Result,
    connect::{
        http::{
            OutgoingRequest,
            content::{self, BodyType},
        },
        secrets::Scrubber,
    },
    runner::nodes::{
        NodeConfig, NodeFuture, NodeInfo, NodeKind, Schema, StepContext, StepFailure, StepOutcome, StepResult,
        external, http::address, read, schema_of,
    },
    script::template::as_text,
};
use reqwest::{Method, header::HeaderMap};
use schemars::JsonSchema;
use serde::{Deserialize, Serialize};
use serde_json::{Value, json};
use url::Url;

/// Maximum size of a response, in bytes.
const ANSWER: usize = 64 << 10;
const CODE: &str = "HTTP_ERROR";

pub struct NotifyNode;

#[derive(Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
struct Settings {
    /// The URL of the incoming webhook. Anyone who knows it can post, so store it in a secret variable, such as
    /// `{{ vars.chat_url }}`.
    #[schemars(title = "Webhook URL", length(min = 1, max = 4000))]
    url: String,
    /// The message. Templates are supported.
    #[schemars(title = "Text", length(min = 1, max = 40_000))]
    text: String,
    #[serde(default)]
    #[schemars(title = "Format", extend("default" = "slack"))]
    format: Format,
}

#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
#[serde(rename_all = "lowercase")]
enum Format {
    /// Slack, Mattermost, Rocket.Chat: `{"text"}`
    #[default]
    Slack,
    /// Microsoft Teams: a message with an adaptive card
    Teams,
    /// Discord: `{"content"}`
    Discord,
    /// Anything else: `{"text", "run"}`
    Generic,
}

impl Format {
    /// Returns the maximum length of a message, in characters.
    const fn most(self) -> usize {
        match self {
            Self::Discord => 2000,
            Self::Teams => 20_000,
            Self::Slack | Self::Generic => 40_000,
        }
    }

    fn payload(self, text: &str, run: &Value) -> Value {
        match self {
            Self::Slack => json!({"text": text}),
            Self::Discord => json!({"content": text}),
            Self::Generic => json!({"text": text, "run": run}),
            Self::Teams => json!({"type": "message", "attachments": [{
                "contentType": "application/vnd.microsoft.card.adaptive",
                "content": {
                    "$schema": "http://adaptivecards.io/schemas/adaptive-card.json",
                    "type": "AdaptiveCard",
                    "version": "1.4",
                    "body": [{"type": "TextBlock", "text": text, "wrap": true}],
                },
            }]}),
        }
    }

    fn check(self, text: &str) -> Result<()> {
        if text.trim().is_empty() {
            return Err(Error::invalid("text", "is empty: enter a message"));
        }
        if text.chars().count() > self.most() {
            return Err(Error::invalid(
                "text",
                format!("is too long: this chat takes at most {} characters", self.most()),
            ));
        }
        Ok(())
    }
}

/// Returns a scrubber for the parts of the URL that allow anyone to post: its path and its query.
fn secrets(url: &Url) -> Scrubber {
    let (path, query) = (url.path(), url.query().unwrap_or_default());
    // short segments are fixed names such as `services`, not secrets
    let segments = path.split('/').filter(|segment| segment.len() >= 8);
    Scrubber::new([url.as_str(), path, path.trim_matches('/'), query].into_iter().chain(segments))
}

impl NodeKind for NotifyNode {
    fn about(&self) -> NodeInfo {
        NodeInfo {
            kind: "notify",
            name: "Notify",
            category: "Messages",
            description: "Posts a message to Slack, Teams, Discord or any service with an incoming webhook",
            handles: &[("out", "Next"), ("error", "On error")],
            dynamic_handles: None,
        }
    }

    fn schema(&self) -> Schema {
        schema_of::<Settings>()
    }

    fn check(&self, config: &NodeConfig) -> Result<()> {
        let settings: Settings = read(config)?;
        address::check(&settings.url, "url")?;
        if settings.text.contains("{{") { Ok(()) } else { settings.format.check(&settings.text) }
    }

    fn run<'a>(&'a self, step: &'a StepContext<'a>) -> NodeFuture<'a, Result<StepOutcome, StepFailure>> {
        Box::pin(async move {
            let settings: Settings = read(step.config)?;
            let url = address::resolve(step, &settings.url, "url").await?;
            let text = step.resolve(&Value::String(settings.text), "text").await?;
            let text = as_text(&text);
            step.saw(&json!({"host": url.host_str(), "format": settings.format, "text": text}));
            settings.format.check(&text)?;
            let run = step.globals.value("run").cloned().unwrap_or_default();
            let mut headers = HeaderMap::new();
            let payload = settings.format.payload(&text, &run);
            let body = content::encode(BodyType::Json, payload, &mut headers, "text")?.into_bytes();
            let secrets = secrets(&url);
            let asked =
                step.services.web.exchange(OutgoingRequest { method: Method::POST, url, headers, body }, ANSWER);
            let mut answer = step.in_time(asked).await.map_err(external(CODE))?;
            if !answer.status.is_success() {
                answer.scrub(&secrets, &HeaderMap::new());
                answer.scrub(step.secrets, &HeaderMap::new());
                return Err(external(CODE)(answer.refusal()));
            }
            Ok(StepOutcome::Done(StepResult::out(json!({"status": answer.status.as_u16()}))))
        })
    }
}

#[cfg(test)]
#[allow(clippy::unwrap_used)]
mod tests {
    use super::*;

    #[test]
    fn a_message_must_fit_its_chat() {
        let check = |format: &str, text: String| {
            let config = json!({"url": "https://chat.example.com/hook/x", "text": text, "format": format});
            NotifyNode.check(config.as_object().unwrap())
        };
        assert!(check("discord", "x".repeat(2000)).is_ok());
        assert!(check("slack", "{{ steps.a }}".to_owned()).is_ok());
        for (format, text) in [("discord", "x".repeat(2001)), ("slack", " ".to_owned()), ("pigeon", "x".to_owned())] {
            assert!(check(format, text.clone()).is_err(), "{format} {text}");
        }
    }

    #[test]
    fn responses_do_not_reveal_the_url() {
        let url = Url::parse("https://chat.example.com/services/T0/B0/k3y?token=t0ken").unwrap();
        let cleaned = secrets(&url).clean(
            "no hook at /services/T0/B0/k3y?token=t0ken, https://chat.example.com/services/T0/B0/k3y?token=t0ken",
        );
        assert!(!cleaned.contains("k3y") && !cleaned.contains("t0ken"), "{cleaned}");
    }
}
