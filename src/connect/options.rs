//! Options against the schemas that their connector gives: each compiled once, each problem named by its field.
use super::{Connector, all};
use crate::{Error, Result, error::FieldProblem};
use jsonschema::{
    ValidationError, Validator,
    error::{TypeKind, ValidationErrorKind},
    paths::LocationSegment,
};
use schemars::{JsonSchema, Schema, generate::SchemaSettings};
use serde_json::{Map, Value};
use std::{collections::HashMap, fmt::Write, sync::LazyLock};

/// The schema of `T` with all its parts in one place, as forms want it.
pub fn schema_of<T: JsonSchema>() -> Schema {
    let settings = SchemaSettings::draft2020_12().with(|settings| settings.inline_subschemas = true);
    settings.into_generator().into_root_schema_for::<T>()
}

struct Schemas {
    options: (Value, Option<Validator>),
    query: (Value, Option<Validator>),
}

static SCHEMAS: LazyLock<HashMap<&'static str, Schemas>> = LazyLock::new(|| {
    let compiled = |schema: Schema| {
        let schema = schema.to_value();
        let validator = jsonschema::validator_for(&schema).ok();
        (schema, validator)
    };
    let schemas = |connector: &'static dyn Connector| Schemas {
        options: compiled(connector.options_schema()),
        query: compiled(connector.query_schema()),
    };
    all().map(|connector| (connector.kind(), schemas(connector))).collect()
});

fn of(kind: &str) -> Result<&'static Schemas> {
    SCHEMAS.get(kind).ok_or_else(|| unknown(kind))
}

pub(super) fn unknown(kind: &str) -> Error {
    let known: Vec<_> = all().map(Connector::kind).collect();
    let message = format!("`{kind}` is not a datasource type: use one of {}", known.join(", "));
    Error::invalid("type", message)
}

/// The schema of a type's connection options, as JSON.
pub fn schema(kind: &str) -> Result<&'static Value> {
    Ok(&of(kind)?.options.0)
}

/// Checks connection options, secrets included.
pub fn check(kind: &str, options: &Map<String, Value>) -> Result<()> {
    validate(of(kind)?.options.1.as_ref(), options)
}

/// Checks a query's options.
pub fn check_query(kind: &str, options: &Map<String, Value>) -> Result<()> {
    validate(of(kind)?.query.1.as_ref(), options)
}

fn validate(validator: Option<&Validator>, options: &Map<String, Value>) -> Result<()> {
    let Some(validator) = validator else {
        return Err(Error::internal("a connector's schema does not compile"));
    };
    let value = Value::Object(options.clone());
    let mut problems = Vec::new();
    for error in validator.iter_errors(&value).take(20) {
        tell(&error, "options", &mut problems);
    }
    if problems.is_empty() {
        return Ok(());
    }
    Err(Error::Invalid(problems))
}

/// An error in the words of the field. Values are never quoted: they may be secret.
fn tell(error: &ValidationError<'_>, prefix: &str, problems: &mut Vec<FieldProblem>) {
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
            // the branch that is meant is the one whose type and fixed fields fit
            let misfit = |inner: &ValidationError<'_>| match inner.kind() {
                ValidationErrorKind::Constant { .. } => true,
                ValidationErrorKind::Type { .. } => inner.instance_path() == error.instance_path(),
                _ => false,
            };
            match context.iter().find(|branch| !branch.iter().any(misfit)) {
                Some(branch) => branch.iter().for_each(|error| tell(error, prefix, problems)),
                None => say(path, "is none of the known kinds".to_owned()),
            }
        }
        kind => say(path, rule(kind)),
    }
}

/// The rule that a single value breaks.
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
        other => format!("does not fit its schema ({})", other.keyword()),
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
