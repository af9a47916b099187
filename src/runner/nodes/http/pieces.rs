//! Resolves text with templates piece by piece, so that the caller can check or encode each value.
use crate::{
    Error,
    runner::nodes::{StepContext, StepFailure},
    script::template::{Template, TemplatePart},
};
use serde_json::Value;

pub enum TextPiece {
    /// Text from the config.
    Text(String),
    /// The value of a template, and its expression.
    Value { source: String, value: Value },
}

pub async fn resolve(step: &StepContext<'_>, text: &str, path: &str) -> Result<Vec<TextPiece>, StepFailure> {
    let template = Template::parse(text).map_err(|problem| Error::invalid(path, problem.to_string()))?;
    let mut pieces = Vec::with_capacity(template.parts.len());
    for part in template.parts {
        pieces.push(match part {
            TemplatePart::Text(text) => TextPiece::Text(text),
            TemplatePart::Expression(expression) => {
                let template = Value::String(format!("{{{{ {} }}}}", expression.source));
                TextPiece::Value { source: expression.source, value: step.resolve(&template, path).await? }
            }
        });
    }
    Ok(pieces)
}
