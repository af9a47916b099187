//! `{{ … }}` templates: text with expressions in it, parsed once and resolved against a scope.
mod lexer;
mod resolve;

use crate::script::{Globals, Sandbox, ScriptProblem, ScriptProblemKind, path};
use serde_json::Value;
use std::{fmt, time::Duration};

pub use crate::script::path::Segment;
pub(crate) use crate::script::path::{follow as follow_path, parse as parse_path};
pub use resolve::{JsonTemplate, as_text};

/// A parsed string.
#[derive(Clone, Debug, PartialEq)]
pub struct Template {
    pub parts: Vec<TemplatePart>,
}

#[derive(Clone, Debug, PartialEq)]
pub enum TemplatePart {
    Text(String),
    Expression(Expression),
}

/// The code between the braces.
#[derive(Clone, Debug, PartialEq)]
pub struct Expression {
    /// JavaScript, without surrounding white space.
    pub source: String,
    /// The source as a plain path (`steps.users.data[0].id`), which requires no engine. The first segment is the
    /// variable.
    pub path: Option<Vec<Segment>>,
    /// 1-based character position of the opening braces in the whole string.
    pub position: usize,
}

/// Why a string is not a valid template.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct ParseProblem {
    pub message: String,
    /// 1-based character position in the string.
    pub position: usize,
    /// The string within a value that was parsed as a whole, in JSON notation; empty for a single string.
    pub path: String,
}

impl Template {
    /// Parses a string. One without `{{` is text.
    pub fn parse(text: &str) -> Result<Self, ParseProblem> {
        let mut parts = Vec::new();
        let (mut rest, mut passed) = (text, 0);
        while let Some(start) = rest.find("{{") {
            let position = passed + rest[..start].chars().count() + 1;
            let problem = |message: &str| ParseProblem { message: message.to_owned(), position, path: String::new() };
            let inside = &rest[start + 2..];
            let end = lexer::end_of_expression(inside).map_err(problem)?;
            let source = inside[..end].trim();
            if source.is_empty() {
                return Err(problem("an expression is missing between `{{` and `}}`"));
            }
            if start > 0 {
                parts.push(TemplatePart::Text(rest[..start].to_owned()));
            }
            parts.push(TemplatePart::Expression(Expression {
                source: source.to_owned(),
                path: path::parse(source),
                position,
            }));
            rest = &inside[end + 2..];
            passed = position + 3 + inside[..end].chars().count();
        }
        if !rest.is_empty() || parts.is_empty() {
            parts.push(TemplatePart::Text(rest.to_owned()));
        }
        Ok(Self { parts })
    }

    /// Returns the expression if the string is exactly one: its value keeps its type.
    pub fn whole(&self) -> Option<&Expression> {
        match self.parts.as_slice() {
            [TemplatePart::Expression(expression)] => Some(expression),
            _ => None,
        }
    }

    /// Returns the string itself if nothing in it is a template.
    pub fn text(&self) -> Option<&str> {
        match self.parts.as_slice() {
            [TemplatePart::Text(text)] => Some(text),
            _ => None,
        }
    }

    pub fn expressions(&self) -> impl Iterator<Item = &Expression> {
        self.parts.iter().filter_map(|part| match part {
            TemplatePart::Expression(expression) => Some(expression),
            TemplatePart::Text(_) => None,
        })
    }
}

/// Resolves a template: to a value of any type if the string is exactly one expression, otherwise to a string.
pub async fn resolve(
    template: &Template,
    scope: &Globals,
    sandbox: &Sandbox,
    deadline: Duration,
) -> Result<Value, ScriptProblem> {
    JsonTemplate::from(template.clone()).resolve(scope, sandbox, deadline).await
}

/// Returns `value` with every string in it resolved as a template. Keys are not resolved.
pub async fn resolve_value(
    value: &Value,
    scope: &Globals,
    sandbox: &Sandbox,
    deadline: Duration,
) -> Result<Value, ScriptProblem> {
    JsonTemplate::parse(value)?.resolve(scope, sandbox, deadline).await
}

impl fmt::Display for ParseProblem {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{} (at character {})", self.message, self.position)
    }
}

impl std::error::Error for ParseProblem {}

impl From<ParseProblem> for ScriptProblem {
    fn from(problem: ParseProblem) -> Self {
        let mut script_problem = Self::new(ScriptProblemKind::Syntax, problem.to_string());
        script_problem.path = problem.path;
        script_problem
    }
}

impl From<ParseProblem> for crate::Error {
    fn from(problem: ParseProblem) -> Self {
        ScriptProblem::from(problem).into()
    }
}

#[cfg(test)]
mod tests;
