//! Sends an email through the operator's SMTP server.
use crate::{
    Error, Result,
    mail::Letter,
    runner::nodes::{
        NodeConfig, NodeFuture, NodeInfo, NodeKind, Schema, StepContext, StepFailure, StepOutcome, StepResult,
        external,
        http::{
            headers::is_template,
            pieces::{self, TextPiece},
        },
        read, schema_of,
    },
    script::template::as_text,
};
use schemars::JsonSchema;
use serde::Deserialize;
use serde_json::{Value, json};

/// The code of failures that the mail server caused.
const CODE: &str = "MAIL_ERROR";

pub const EMAIL: &str = "email";

pub struct EmailNode;

#[derive(Deserialize, JsonSchema)]
#[serde(rename_all = "camelCase", deny_unknown_fields)]
struct Settings {
    /// The recipients, such as `ann@example.com, Bob <bob@example.com>`, a list, or a template. At most 100 including
    /// Cc and Bcc.
    #[schemars(title = "To")]
    to: Value,
    #[serde(default)]
    #[schemars(title = "Cc")]
    cc: Value,
    #[serde(default)]
    #[schemars(title = "Bcc")]
    bcc: Value,
    /// The address for replies. Leave empty to use the server's sender.
    #[serde(default)]
    #[schemars(title = "Reply to")]
    reply_to: Value,
    #[schemars(title = "Subject", length(min = 1, max = 900))]
    subject: String,
    #[serde(default)]
    #[schemars(title = "Text", length(max = 500_000))]
    text: Option<String>,
    /// Shown instead of the text by clients that support HTML. Values of templates are escaped, unless the whole HTML
    /// is one template.
    #[serde(default)]
    #[schemars(title = "HTML", length(max = 500_000))]
    html: Option<String>,
}

/// Reads one or several addresses: a string, or a list of strings.
fn addresses(value: &Value, path: &str) -> Result<Vec<String>> {
    let wrong = || Error::invalid(path, "must be an email address, or a list of email addresses");
    match value {
        Value::Null => Ok(Vec::new()),
        Value::String(text) => Ok(vec![text.clone()]),
        Value::Array(items) => items.iter().map(|item| item.as_str().map(str::to_owned).ok_or_else(wrong)).collect(),
        _ => Err(wrong()),
    }
}

fn given(text: Option<&String>) -> Option<&String> {
    text.filter(|text| !text.trim().is_empty())
}

impl Settings {
    /// Returns the email as far as it is known before a run, with valid addresses in place of templates.
    fn draft(&self) -> Result<Letter> {
        let people = |value: &Value, path: &str| -> Result<Vec<String>> {
            let mut known = addresses(value, path)?;
            for address in &mut known {
                if is_template(&Value::String(address.clone())) {
                    "someone@example.com".clone_into(address);
                }
            }
            Ok(known)
        };
        Ok(Letter {
            to: people(&self.to, "to")?,
            cc: people(&self.cc, "cc")?,
            bcc: people(&self.bcc, "bcc")?,
            reply_to: people(&self.reply_to, "replyTo")?,
            subject: self.subject.clone(),
            text: given(self.text.as_ref()).cloned(),
            html: given(self.html.as_ref()).cloned(),
            key: String::new(),
        })
    }

    async fn letter(&self, step: &StepContext<'_>) -> Result<Letter, StepFailure> {
        let mut letter = Letter { key: step.idempotency_key(), ..Letter::default() };
        for (value, path, place) in [
            (&self.to, "to", &mut letter.to),
            (&self.cc, "cc", &mut letter.cc),
            (&self.bcc, "bcc", &mut letter.bcc),
            (&self.reply_to, "replyTo", &mut letter.reply_to),
        ] {
            *place = addresses(&step.resolve(value, path).await?, path)?;
        }
        let subject = step.resolve(&Value::String(self.subject.clone()), "subject").await?;
        letter.subject = as_text(&subject).into_owned();
        if let Some(text) = given(self.text.as_ref()) {
            let text = step.resolve(&Value::String(text.clone()), "text").await?;
            letter.text = Some(as_text(&text).into_owned());
        }
        if let Some(html) = given(self.html.as_ref()) {
            letter.html = Some(page(pieces::resolve(step, html.trim(), "html").await?));
        }
        Ok(letter)
    }
}

/// Joins HTML and values. Escapes the values, unless a single value is the whole HTML.
fn page(pieces: Vec<TextPiece>) -> String {
    let whole = pieces.len() == 1;
    let write = |piece| match piece {
        TextPiece::Text(html) => html,
        TextPiece::Value { value, .. } if whole => as_text(&value).into_owned(),
        TextPiece::Value { value, .. } => escaped(&as_text(&value)),
    };
    pieces.into_iter().map(write).collect()
}

fn escaped(text: &str) -> String {
    text.replace('&', "&amp;").replace('<', "&lt;").replace('>', "&gt;").replace('"', "&quot;").replace('\'', "&#39;")
}

impl NodeKind for EmailNode {
    fn about(&self) -> NodeInfo {
        NodeInfo {
            kind: EMAIL,
            name: "Email",
            category: "Messages",
            description: "Sends an email through the server's SMTP server",
            handles: &[("out", "Next"), ("error", "On error")],
            dynamic_handles: None,
        }
    }

    fn schema(&self) -> Schema {
        schema_of::<Settings>()
    }

    fn check(&self, config: &NodeConfig) -> Result<()> {
        let settings: Settings = read(config)?;
        if settings.subject.trim().is_empty() {
            return Err(Error::invalid("subject", "is empty"));
        }
        settings.draft()?.check()
    }

    fn run<'a>(&'a self, step: &'a StepContext<'a>) -> NodeFuture<'a, Result<StepOutcome, StepFailure>> {
        Box::pin(async move {
            let settings: Settings = read(step.config)?;
            let letter = settings.letter(step).await?;
            step.saw(&json!({
                "to": letter.to, "cc": letter.cc, "bcc": letter.bcc, "replyTo": letter.reply_to,
                "subject": letter.subject, "text": letter.text, "html": letter.html,
            }));
            let sent = step.in_time(step.services.mail.send(&letter)).await.map_err(external(CODE))?;
            let output = json!({"messageID": sent.message_id, "recipients": sent.recipients});
            Ok(StepOutcome::Done(StepResult::out(output)))
        })
    }
}

#[cfg(test)]
#[allow(clippy::unwrap_used)]
mod tests {
    use super::*;

    #[test]
    fn the_check_reports_problems_of_an_email() {
        let problem_of = |config: Value| {
            EmailNode.check(config.as_object().unwrap()).map_or_else(|error| error.to_string(), |()| String::new())
        };
        for right in [
            json!({"to": "ann@example.com, Bob <bob@example.com>", "subject": "Hi", "text": "there"}),
            json!({"to": ["ann@example.com", "{{ input.mail }}"], "subject": "{{ input.s }}", "html": "<p>x</p>"}),
            json!({"to": "{{ input.people }}", "cc": "", "replyTo": "a@example.com", "subject": "Hi", "text": "x"}),
        ] {
            assert_eq!(problem_of(right.clone()), "", "{right}");
        }
        let with = |field: &str, value: Value| {
            let mut config = json!({"to": "ann@example.com", "subject": "Hi", "text": "there"});
            config[field] = value;
            config
        };
        for (config, words) in [
            (json!({"subject": "Hi", "text": "x"}), "to: is required"),
            (with("to", json!("")), "to: is empty"),
            (with("to", json!("nobody")), "to: `nobody` is not an email address"),
            (with("to", json!(5)), "to: must be an email address"),
            (with("cc", json!(["a@example.com\r\nBcc: b@example.com"])), "cc: "),
            (with("to", json!(vec!["a@example.com"; 101])), "at most 100 recipients"),
            (with("subject", json!("two\nlines")), "subject: must be one line"),
            (with("subject", json!(" ")), "subject: is empty"),
            (with("text", json!("")), "text: is missing"),
        ] {
            assert!(problem_of(config.clone()).contains(words), "{config}: {}", problem_of(config.clone()));
        }
    }

    #[test]
    fn values_in_html_are_escaped_unless_they_are_all_of_it() {
        let value = || TextPiece::Value { source: "x".to_owned(), value: "<b>\"x\" & 'y'</b>".into() };
        assert_eq!(page(vec![value()]), "<b>\"x\" & 'y'</b>");
        let mixed = page(vec![TextPiece::Text("<p>".to_owned()), value(), TextPiece::Text("</p>".to_owned())]);
        assert_eq!(mixed, "<p>&lt;b&gt;&quot;x&quot; &amp; &#39;y&#39;&lt;/b&gt;</p>");
    }
}
