//! Resolves a whole JSON value: plain paths natively, all other expressions in one call to the engine.
use super::{Expression, Globals, ParseProblem, Sandbox, ScriptProblem, ScriptProblemKind, Template, TemplatePart};
use crate::{json::weight, script::worker::wire::Program};
use serde_json::{Map, Value};
use std::{borrow::Cow, fmt::Write, time::Duration};

/// How deep a value with templates may be nested.
const DEPTH: usize = 64;

/// A JSON value whose strings have been parsed as templates.
#[derive(Clone, Debug, PartialEq)]
pub enum JsonTemplate {
    /// There is nothing to resolve in it.
    Fixed(Value),
    Template(Template),
    Array(Vec<JsonTemplate>),
    Object(Vec<(String, JsonTemplate)>),
}

impl From<Template> for JsonTemplate {
    fn from(template: Template) -> Self {
        match template.text() {
            Some(text) => Self::Fixed(text.into()),
            None => Self::Template(template),
        }
    }
}

impl JsonTemplate {
    /// Parses every string in `value`. The path of a problem leads to its string.
    pub fn parse(value: &Value) -> Result<Self, ParseProblem> {
        Self::parse_at(value, &mut String::new(), 0)
    }

    fn parse_at(value: &Value, path: &mut String, depth: usize) -> Result<Self, ParseProblem> {
        if depth > DEPTH {
            return Err(ParseProblem {
                message: format!("the value is nested deeper than {DEPTH} levels"),
                position: 1,
                path: path.clone(),
            });
        }
        let length = path.len();
        let plan = match value {
            Value::String(text) => {
                let template =
                    Template::parse(text).map_err(|problem| ParseProblem { path: path.clone(), ..problem })?;
                Self::from(template)
            }
            Value::Array(items) => {
                let mut plans = Vec::with_capacity(items.len());
                for (i, item) in items.iter().enumerate() {
                    let _ = write!(path, "[{i}]");
                    plans.push(Self::parse_at(item, path, depth + 1)?);
                    path.truncate(length);
                }
                Self::Array(plans)
            }
            Value::Object(fields) => {
                let mut plans = Vec::with_capacity(fields.len());
                for (key, item) in fields {
                    push_key(path, key);
                    plans.push((key.clone(), Self::parse_at(item, path, depth + 1)?));
                    path.truncate(length);
                }
                Self::Object(plans)
            }
            other => Self::Fixed(other.clone()),
        };
        Ok(match plan {
            Self::Template(_) => plan,
            _ if plan.is_fixed() => Self::Fixed(value.clone()),
            _ => plan,
        })
    }

    fn is_fixed(&self) -> bool {
        match self {
            Self::Fixed(_) => true,
            Self::Template(_) => false,
            Self::Array(plans) => plans.iter().all(|plan| matches!(plan, Self::Fixed(_))),
            Self::Object(plans) => plans.iter().all(|(_, plan)| matches!(plan, Self::Fixed(_))),
        }
    }

    /// Returns every expression with the path of its string.
    pub fn expressions(&self) -> Vec<(String, &Expression)> {
        let mut found = Vec::new();
        self.collect(&mut String::new(), &mut found);
        found
    }

    fn collect<'a>(&'a self, path: &mut String, found: &mut Vec<(String, &'a Expression)>) {
        let length = path.len();
        match self {
            Self::Fixed(_) => {}
            Self::Template(template) => {
                found.extend(template.expressions().map(|one| (path.clone(), one)));
            }
            Self::Array(plans) => {
                for (i, plan) in plans.iter().enumerate() {
                    let _ = write!(path, "[{i}]");
                    plan.collect(path, found);
                    path.truncate(length);
                }
            }
            Self::Object(plans) => {
                for (key, plan) in plans {
                    push_key(path, key);
                    plan.collect(path, found);
                    path.truncate(length);
                }
            }
        }
    }

    /// Returns the value with its templates resolved in `scope`.
    pub async fn resolve(
        &self,
        scope: &Globals,
        sandbox: &Sandbox,
        deadline: Duration,
    ) -> Result<Value, ScriptProblem> {
        if let Self::Fixed(value) = self {
            return Ok(value.clone());
        }
        let expressions = self.expressions();
        let mut values = Vec::with_capacity(expressions.len());
        let mut scripts = Vec::new();
        let mut budget = sandbox.limits().output;
        for (i, (path, expression)) in expressions.iter().enumerate() {
            let native = expression.path.as_ref();
            let found = native.and_then(|path| scope.follow(path));
            let value = if let Some(found) = found {
                let thrown = |why| ScriptProblem::new(ScriptProblemKind::Thrown, why);
                found
                    .map_err(thrown)
                    .and_then(|value| spend(&mut budget, value))
                    .map_err(|problem| blame(problem, path, expression))?
            } else {
                scripts.push(i);
                Value::Null
            };
            values.push(value);
        }
        if !scripts.is_empty() {
            let program = |i: &usize| Program::Expression(expressions[*i].1.source.clone());
            let programs = scripts.iter().map(program).collect();
            let blamed = |index: usize, problem| {
                let (path, expression) = &expressions[scripts[index]];
                blame(problem, path, expression)
            };
            let ran = sandbox
                .submit(programs, Globals::clone(scope), deadline)
                .await
                .map_err(|failed| blamed(failed.index, failed.problem))?;
            for (index, value) in ran.values.into_iter().enumerate() {
                values[scripts[index]] = spend(&mut budget, value).map_err(|problem| blamed(index, problem))?;
            }
        }
        Ok(self.fill(&mut values.into_iter()))
    }

    /// Inserts the values, which are in the order of `expressions`, where they belong.
    fn fill(&self, values: &mut impl Iterator<Item = Value>) -> Value {
        match self {
            Self::Fixed(value) => value.clone(),
            Self::Template(template) if template.whole().is_some() => values.next().unwrap_or_default(),
            Self::Template(template) => {
                let mut text = String::new();
                for part in &template.parts {
                    match part {
                        TemplatePart::Text(part) => text.push_str(part),
                        TemplatePart::Expression(_) => {
                            text.push_str(&as_text(&values.next().unwrap_or_default()));
                        }
                    }
                }
                Value::String(text)
            }
            Self::Array(plans) => plans.iter().map(|plan| plan.fill(values)).collect(),
            Self::Object(plans) => {
                Value::Object(plans.iter().map(|(key, plan)| (key.clone(), plan.fill(values))).collect::<Map<_, _>>())
            }
        }
    }
}

/// Formats a value inside other text: null is empty, objects and arrays are JSON.
pub fn as_text(value: &Value) -> Cow<'_, str> {
    match value {
        Value::Null => Cow::Borrowed(""),
        Value::String(text) => Cow::Borrowed(text),
        // JavaScript has one kind of number: 1.0 is written 1
        Value::Number(number) => match number.as_f64() {
            Some(float) if number.is_f64() => Cow::Owned(float.to_string()),
            _ => Cow::Owned(number.to_string()),
        },
        other => Cow::Owned(other.to_string()),
    }
}

fn spend(budget: &mut usize, value: Value) -> Result<Value, ScriptProblem> {
    match budget.checked_sub(weight(&value)) {
        Some(left) => {
            *budget = left;
            Ok(value)
        }
        None => Err(ScriptProblem::new(ScriptProblemKind::Limit, "the resolved value is too large")),
    }
}

/// Names the expression in the message, and its string in the path.
fn blame(mut problem: ScriptProblem, path: &str, expression: &Expression) -> ScriptProblem {
    let mut source: String = expression.source.chars().take(120).collect();
    if source.len() < expression.source.len() {
        source.push('…');
    }
    problem.message = format!("`{{{{ {source} }}}}` at character {}: {}", expression.position, problem.message);
    path.clone_into(&mut problem.path);
    problem
}

fn push_key(path: &mut String, key: &str) {
    if !path.is_empty() {
        path.push('.');
    }
    path.push_str(key);
}
