//! A JSON value that stays text until it is needed: parsed, it takes many times the memory.
use crate::Result;
use schemars::{JsonSchema, Schema, SchemaGenerator};
use serde::{
    Deserialize, Deserializer, Serialize,
    de::{MapAccess, SeqAccess, Visitor},
};
use serde_json::{Value, value::RawValue};
use std::{borrow::Cow, fmt, sync::Arc};

/// A JSON value as text. Clones share the text.
#[derive(Clone, Debug, Serialize)]
#[serde(transparent)]
pub struct Json(Arc<RawValue>);

impl Json {
    /// # Errors
    /// If the text is not JSON.
    pub fn parse(text: impl Into<String>) -> Result<Self> {
        Ok(Self(RawValue::from_string(text.into())?.into()))
    }

    /// Checks text from outside. Text that passes can be parsed later without an error.
    ///
    /// # Errors
    /// If the text is not JSON, or a [`Value`] cannot hold it: a number out of range, half a surrogate pair, values
    /// nested too deeply.
    pub fn check(text: &str) -> Result<(), serde_json::Error> {
        serde_json::from_str::<Checked>(text).map(drop)
    }

    /// # Errors
    /// If the value cannot be serialised as JSON.
    pub fn of(value: &impl Serialize) -> Result<Self> {
        Ok(Self(serde_json::value::to_raw_value(value)?.into()))
    }

    pub fn text(&self) -> &str {
        self.0.get()
    }

    /// Returns the depth of the deepest nesting of arrays and objects, without parsing.
    pub fn depth(&self) -> usize {
        let (mut inside, mut escaped) = (false, false);
        let (mut depth, mut most) = (0_usize, 0);
        for byte in self.text().bytes() {
            match byte {
                _ if escaped => escaped = false,
                b'\\' if inside => escaped = true,
                b'"' => inside = !inside,
                b'[' | b'{' if !inside => {
                    depth += 1;
                    most = most.max(depth);
                }
                b']' | b'}' if !inside => depth = depth.saturating_sub(1),
                _ => {}
            }
        }
        most
    }

    pub fn is_null(&self) -> bool {
        self.text() == "null"
    }

    /// # Errors
    /// If the value is nested too deeply.
    pub fn value(&self) -> Result<Value> {
        Ok(serde_json::from_str(self.text())?)
    }
}

/// Deserialises JSON like a [`Value`] and keeps nothing.
struct Checked;

impl<'de> Deserialize<'de> for Checked {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> std::result::Result<Self, D::Error> {
        deserializer.deserialize_any(Self)
    }
}

impl<'de> Visitor<'de> for Checked {
    type Value = Self;

    fn expecting(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("any JSON value")
    }
    fn visit_unit<E>(self) -> std::result::Result<Self, E> {
        Ok(self)
    }
    fn visit_bool<E>(self, _: bool) -> std::result::Result<Self, E> {
        Ok(self)
    }
    fn visit_i64<E>(self, _: i64) -> std::result::Result<Self, E> {
        Ok(self)
    }
    fn visit_u64<E>(self, _: u64) -> std::result::Result<Self, E> {
        Ok(self)
    }
    fn visit_f64<E>(self, _: f64) -> std::result::Result<Self, E> {
        Ok(self)
    }
    fn visit_str<E>(self, _: &str) -> std::result::Result<Self, E> {
        Ok(self)
    }
    fn visit_seq<A: SeqAccess<'de>>(self, mut items: A) -> std::result::Result<Self, A::Error> {
        while items.next_element::<Self>()?.is_some() {}
        Ok(self)
    }
    fn visit_map<A: MapAccess<'de>>(self, mut fields: A) -> std::result::Result<Self, A::Error> {
        while fields.next_entry::<Self, Self>()?.is_some() {}
        Ok(self)
    }
}

impl From<&RawValue> for Json {
    fn from(raw: &RawValue) -> Self {
        Self(raw.to_owned().into())
    }
}

impl Default for Json {
    fn default() -> Self {
        Self(RawValue::NULL.to_owned().into())
    }
}

impl PartialEq<Value> for Json {
    fn eq(&self, other: &Value) -> bool {
        self.value().is_ok_and(|value| value == *other)
    }
}

impl JsonSchema for Json {
    fn schema_name() -> Cow<'static, str> {
        Value::schema_name()
    }
    fn json_schema(generator: &mut SchemaGenerator) -> Schema {
        Value::json_schema(generator)
    }
    fn inline_schema() -> bool {
        Value::inline_schema()
    }
}

#[cfg(test)]
#[allow(clippy::unwrap_used)]
mod tests {
    use super::Json;

    #[test]
    fn text_that_passes_the_check_can_be_parsed() {
        for good in ["null", "[1,-2,3.5e3,\"\\ud83d\\ude00\"]", "{\"a\": {\"b\": [true]}}", " [] "] {
            Json::check(good).unwrap();
            Json::parse(good).unwrap().value().unwrap();
        }
        let deep = "[".repeat(200) + &"]".repeat(200);
        for bad in ["", "[1,]", "{a:1}", "1e999", "\"\\ud800\"", "[] []", "\"\u{1}\"", &deep] {
            assert!(Json::check(bad).is_err(), "{bad}");
        }
    }

    #[test]
    fn depth_is_the_depth_of_the_deepest_value() {
        for (text, depth) in [("1", 0), ("[]", 1), ("[[],{\"a\":[\"[[[\\\"[\"]}]", 3), ("{\"[\":{}}", 2)] {
            assert_eq!(Json::parse(text).unwrap().depth(), depth, "{text}");
        }
    }
}
