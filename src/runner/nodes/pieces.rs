//! A text with templates in it, resolved piece by piece: what a value may not be is the caller's to say.
use super::{Failed, Step};
use crate::{
    Error,
    script::template::{Part, Template},
};
use serde_json::Value;

pub(super) enum Piece {
    /// As it stands in the config.
    Text(String),
    /// What a template came to, and its expression.
    Value { source: String, value: Value },
}

pub(super) async fn resolve(step: &Step<'_>, text: &str, path: &str) -> Result<Vec<Piece>, Failed> {
    let template = Template::parse(text).map_err(|problem| Error::invalid(path, problem.to_string()))?;
    let mut pieces = Vec::with_capacity(template.parts.len());
    for part in template.parts {
        pieces.push(match part {
            Part::Text(text) => Piece::Text(text),
            Part::Expression(expression) => {
                let template = Value::String(format!("{{{{ {} }}}}", expression.source));
                Piece::Value { source: expression.source, value: step.resolve(&template, path).await? }
            }
        });
    }
    Ok(pieces)
}
