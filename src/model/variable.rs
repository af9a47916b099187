//! Variables: values that a tenant's workflows share. Some are secret.
use super::{
    Resource, ResourceKind, Sealed,
    permission::Noun,
    text::{IDENTIFIER, is_identifier},
};
use crate::{Error, Result};
use schemars::JsonSchema;
use serde::{Deserialize, Serialize};
use serde_json::Value;

/// The largest value, in bytes of JSON.
const LARGEST: usize = 64 << 10;
/// The shortest secret, in characters. A shorter text occurs in ordinary words, so it could not be redacted from
/// outputs.
const SHORTEST_SECRET: usize = 4;

/// A value that workflows read as `vars.<name>`.
#[derive(Clone, Debug, Default, Serialize, Deserialize, JsonSchema)]
#[serde(rename_all = "camelCase", deny_unknown_fields)]
pub struct Variable {
    /// Any JSON of at most 64 KiB. The value of a secret is a string of at least 4 characters and is never returned. A
    /// patch replaces the whole value.
    #[serde(default)]
    pub value: Value,
    /// Whether the value is stored encrypted and never shown. Cannot be changed.
    #[serde(default)]
    pub secret: bool,
    /// The encrypted value of a secret. Never leaves the server.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    #[schemars(skip)]
    pub sealed: Option<Sealed<String>>,
}

impl Resource for Variable {
    const KIND: ResourceKind = ResourceKind {
        noun: Noun::Variable,
        plural: "variables",
        id: "variableID",
        schema: "Variable",
        label: "variable",
        lends: None,
        is_restorable: true,
    };
    const READ_ONLY: &'static [&'static str] = &["sealed"];
    const REPLACED_BY_PATCHES: &'static [&'static str] = &["value"];
    const MAX_PER_TENANT: Option<u64> = Some(1000);
    const NAMES: &'static str = IDENTIFIER;

    fn check_name(&self, name: &str) -> Result<()> {
        if is_identifier(name) {
            return Ok(());
        }
        let why = "must be an identifier of at most 64 characters, such as api_url: expressions use vars.<name>";
        Err(Error::invalid("name", why))
    }

    fn check(&self) -> Result<()> {
        if self.value.to_string().len() > LARGEST {
            return Err(Error::invalid("value", format!("must be at most {LARGEST} bytes of JSON")));
        }
        if !self.secret || self.sealed.is_some() {
            return Ok(());
        }
        let text = self
            .value
            .as_str()
            .ok_or_else(|| Error::invalid("value", "must be a string because the variable is secret"))?;
        if text.trim().chars().count() < SHORTEST_SECRET {
            let why = format!(
                "must be at least {SHORTEST_SECRET} characters: a shorter secret could not be kept out of logs"
            );
            return Err(Error::invalid("value", why));
        }
        Ok(())
    }
}

#[cfg(test)]
#[allow(clippy::unwrap_used)]
mod tests {
    use super::*;
    use serde_json::json;

    #[test]
    fn names_are_identifiers_and_values_are_small() {
        for name in ["api_url", "_x", "A9"] {
            assert!(Variable::default().check_name(name).is_ok(), "{name}");
        }
        for name in ["", "9a", "a-b", "a b", "é"] {
            assert!(Variable::default().check_name(name).is_err(), "{name}");
        }
        let check = |value: Value, secret| Variable { value, secret, sealed: None }.check();
        assert!(check(json!({"a": [1, null]}), false).is_ok());
        assert!(check(json!("x".repeat(LARGEST - 2)), false).is_ok());
        assert!(check(json!("x".repeat(LARGEST)), false).is_err());
        assert!(check(json!("päss"), true).is_ok());
        for value in [json!(null), json!(12345), json!("abc"), json!("  abc  "), json!({"a": "long enough"})] {
            assert!(check(value.clone(), true).is_err(), "{value}");
        }
    }
}
