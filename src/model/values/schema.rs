//! Validates JSON against a JSON Schema. Each problem names its field.
use crate::{Error, Result, error::FieldProblem};
use jsonschema::{
    ValidationError, Validator,
    error::{TypeKind, ValidationErrorKind},
    paths::LocationSegment,
};
use schemars::{JsonSchema, Schema, generate::SchemaSettings};
use serde_json::Value;
use std::fmt::Write;

/// Returns the schema of `T` without references, for forms.
pub fn schema_of<T: JsonSchema>() -> Schema {
    let settings = SchemaSettings::draft2020_12().with(|settings| settings.inline_subschemas = true);
    settings.into_generator().into_root_schema_for::<T>()
}

/// A compiled schema.
pub struct CompiledSchema {
    pub schema: Value,
    validator: Option<Validator>,
}

impl CompiledSchema {
    pub fn new(schema: Value) -> Self {
        let validator = jsonschema::validator_for(&schema).ok();
        Self { schema, validator }
    }

    /// Checks `value`, and reports at most twenty problems. Their paths start with `prefix`.
    pub fn check(&self, value: &Value, prefix: &str) -> Result<()> {
        let Some(validator) = &self.validator else {
            return Err(Error::internal("a schema does not compile"));
        };
        let mut problems = Vec::new();
        for error in validator.iter_errors(value).take(20) {
            add_problems(&error, prefix, &mut problems);
        }
        if problems.is_empty() { Ok(()) } else { Err(Error::Invalid(problems)) }
    }
}

/// Adds the problems of an error, each with its field. Messages never contain values: they may be secret.
fn add_problems(error: &ValidationError<'_>, prefix: &str, problems: &mut Vec<FieldProblem>) {
    let path = path(error, prefix);
    let mut say = |path: String, message: String| problems.push(FieldProblem { path, message });
    match error.kind() {
        ValidationErrorKind::Required { property } => {
            let name = property.as_str().unwrap_or_default();
            say(format!("{path}.{name}"), "is required".to_owned());
        }
        ValidationErrorKind::AdditionalProperties { unexpected }
        | ValidationErrorKind::UnevaluatedProperties { unexpected } => {
            for name in unexpected {
                say(format!("{path}.{name}"), "is not a known option".to_owned());
            }
        }
        ValidationErrorKind::OneOfNotValid { context } | ValidationErrorKind::AnyOf { context } => {
            // report the branch whose type and constant fields match: that is the intended one
            let misfit = |inner: &ValidationError<'_>| match inner.kind() {
                ValidationErrorKind::Constant { .. } => true,
                ValidationErrorKind::Type { .. } => inner.instance_path() == error.instance_path(),
                _ => false,
            };
            match context.iter().find(|branch| !branch.iter().any(misfit)) {
                Some(branch) => branch.iter().for_each(|error| add_problems(error, prefix, problems)),
                None => say(path, "is not one of the known types".to_owned()),
            }
        }
        kind => say(path, rule(kind)),
    }
}

/// Describes the rule that a single value breaks.
fn rule(kind: &ValidationErrorKind) -> String {
    match kind {
        ValidationErrorKind::Type { kind } => match kind {
            TypeKind::Single(one) => format!("must be of type {one}"),
            TypeKind::Multiple(several) => {
                let names: Vec<_> = several.iter().map(|one| one.to_string()).collect();
                format!("must be of type {}", names.join(" or "))
            }
        },
        ValidationErrorKind::Enum { options } => format!("must be one of {options}"),
        ValidationErrorKind::Constant { expected_value } => format!("must be {expected_value}"),
        ValidationErrorKind::Minimum { limit } => format!("must be at least {limit}"),
        ValidationErrorKind::Maximum { limit } => format!("must be at most {limit}"),
        ValidationErrorKind::MinLength { limit } => {
            format!("must have at least {limit} characters")
        }
        ValidationErrorKind::MaxLength { limit } => format!("must have at most {limit} characters"),
        ValidationErrorKind::MaxItems { limit } => format!("must have at most {limit} items"),
        other => format!("does not match its schema ({})", other.keyword()),
    }
}

fn path(error: &ValidationError<'_>, prefix: &str) -> String {
    let mut path = prefix.to_owned();
    for segment in error.instance_path() {
        match segment {
            LocationSegment::Property(name) => {
                path.push('.');
                path.push_str(&name);
            }
            LocationSegment::Index(index) => {
                let _ = write!(path, "[{index}]");
            }
        }
    }
    path
}
