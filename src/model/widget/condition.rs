//! Conditions on a row, a form, the dashboard's variables or the person: for actions, rules and items.
use super::fill::Entered;
use crate::{Error, Result, json::number::DecimalParts};
use chrono::{DateTime, NaiveDate, NaiveDateTime};
use schemars::{JsonSchema, Schema, SchemaGenerator, json_schema};
use serde::{
    Deserialize, Deserializer, Serialize,
    de::{self, MapAccess, SeqAccess, Visitor, value},
};
use serde_json::Value;
use std::{borrow::Cow, cmp::Ordering, fmt};

/// The most conditions that are combined.
const MOST: usize = 10;
/// The most characters of a field's name.
const LONGEST: usize = 255;

/// Where the value comes from that a condition compares.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
#[serde(rename_all = "lowercase")]
pub enum ConditionSource {
    /// A column of the row.
    #[default]
    #[schemars(title = "Row")]
    Row,
    /// A field of the form.
    #[schemars(title = "Form")]
    Form,
    /// A filter of the dashboard.
    #[schemars(title = "Filter")]
    Vars,
    /// The person who is signed in: `email`, `name`, `role` or `id`.
    #[schemars(title = "User")]
    User,
}

/// How the value is compared.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
#[serde(rename_all = "camelCase")]
pub enum RowOperator {
    #[schemars(title = "is")]
    Equals,
    #[schemars(title = "is not")]
    NotEquals,
    #[schemars(title = "contains")]
    Contains,
    #[schemars(title = "is more than")]
    Greater,
    #[schemars(title = "is less than")]
    Less,
    #[schemars(title = "is at least")]
    AtLeast,
    #[schemars(title = "is at most")]
    AtMost,
    #[schemars(title = "is empty")]
    Empty,
    #[schemars(title = "is not empty")]
    NotEmpty,
}

/// A condition that rows must meet.
#[derive(Clone, Debug, Serialize, Deserialize, JsonSchema)]
#[serde(rename_all = "camelCase", deny_unknown_fields)]
pub struct RowCondition {
    /// What the value belongs to.
    #[serde(default)]
    #[schemars(title = "Compare", extend("x-widget" = "hidden"))]
    pub from: ConditionSource,
    #[schemars(title = "Column", extend("x-widget" = "column"))]
    pub field: String,
    pub operator: RowOperator,
    /// The value to compare with. Numbers and dates are not compared as text.
    #[serde(default)]
    #[schemars(length(max = 1000))]
    pub value: String,
}

/// Conditions that must all be met. Written as a list, or as a single condition.
#[derive(Clone, Debug, Default, Serialize)]
#[serde(transparent)]
pub struct Conditions(Vec<RowCondition>);

impl RowCondition {
    /// Returns whether the value that it names meets it. `None` if it is about a person of whom this is not known, such
    /// as a visitor with a share link.
    fn is_met(&self, entered: &Entered<'_>) -> Option<bool> {
        let scope = match self.from {
            ConditionSource::Row => entered.row,
            ConditionSource::Form => entered.form,
            ConditionSource::Vars => entered.vars,
            ConditionSource::User => entered.user,
        };
        let given = scope.get(&self.field);
        if given.is_none() && self.from == ConditionSource::User {
            return None;
        }
        Some(self.fits(given.unwrap_or(&Value::Null)))
    }

    // the admin UI compares in the same way: `lib/rows/conditions.ts`
    fn fits(&self, given: &Value) -> bool {
        let is_empty = given.is_null() || given.as_str() == Some("");
        let wanted = self.value.as_str();
        match self.operator {
            RowOperator::Empty => is_empty,
            RowOperator::NotEmpty => !is_empty,
            RowOperator::Equals if is_empty => wanted.is_empty(),
            RowOperator::NotEquals if is_empty => !wanted.is_empty(),
            _ if is_empty => false,
            RowOperator::Equals => compare(given, wanted) == Ordering::Equal,
            RowOperator::NotEquals => compare(given, wanted) != Ordering::Equal,
            RowOperator::Contains => text_of(given).contains(&wanted.to_lowercase()),
            RowOperator::Greater => compare(given, wanted) == Ordering::Greater,
            RowOperator::Less => compare(given, wanted) == Ordering::Less,
            RowOperator::AtLeast => compare(given, wanted) != Ordering::Less,
            RowOperator::AtMost => compare(given, wanted) != Ordering::Greater,
        }
    }

    fn check(&self, path: &str, sources: &[ConditionSource]) -> Result<()> {
        if !sources.contains(&self.from) {
            return Err(Error::invalid(format!("{path}.from"), "has no value here: select another one"));
        }
        if self.field.is_empty() || self.field.chars().count() > LONGEST {
            return Err(Error::invalid(format!("{path}.field"), format!("must be 1 to {LONGEST} characters")));
        }
        Ok(())
    }
}

impl Conditions {
    /// Returns whether all are met. No conditions are always met. One on what is not known about a person is not,
    /// whatever its operator is.
    pub fn are_met(&self, entered: &Entered<'_>) -> bool {
        self.0.iter().all(|one| one.is_met(entered) == Some(true))
    }

    /// Returns whether there are conditions that prevent something: all are met, or would be for some person if this
    /// person is not known.
    pub fn prevent(&self, entered: &Entered<'_>) -> bool {
        !self.0.is_empty() && self.0.iter().all(|one| one.is_met(entered) != Some(false))
    }

    pub fn is_empty(&self) -> bool {
        self.0.is_empty()
    }

    pub fn iter(&self) -> impl Iterator<Item = &RowCondition> {
        self.0.iter()
    }

    /// Keeps the conditions for which `keeps` returns true.
    #[must_use]
    pub fn only(&self, keeps: impl Fn(&RowCondition) -> bool) -> Self {
        Self(self.0.iter().filter(|one| keeps(one)).cloned().collect())
    }

    /// Checks that there are not too many, and that they compare values from `sources`.
    ///
    /// # Errors
    /// `Invalid` below `path`.
    pub fn check(&self, path: &str, sources: &[ConditionSource]) -> Result<()> {
        if self.0.len() > MOST {
            return Err(Error::invalid(path, format!("must have at most {MOST} conditions")));
        }
        self.0.iter().enumerate().try_for_each(|(i, one)| one.check(&format!("{path}[{i}]"), sources))
    }
}

impl<'de> Deserialize<'de> for Conditions {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        struct OneOrMany;

        impl<'de> Visitor<'de> for OneOrMany {
            type Value = Conditions;

            fn expecting(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
                f.write_str("a list of conditions")
            }

            fn visit_unit<E: de::Error>(self) -> Result<Conditions, E> {
                Ok(Conditions::default())
            }

            fn visit_map<A: MapAccess<'de>>(self, map: A) -> Result<Conditions, A::Error> {
                let one = RowCondition::deserialize(value::MapAccessDeserializer::new(map))?;
                Ok(Conditions(vec![one]))
            }

            fn visit_seq<A: SeqAccess<'de>>(self, seq: A) -> Result<Conditions, A::Error> {
                Vec::deserialize(value::SeqAccessDeserializer::new(seq)).map(Conditions)
            }
        }

        deserializer.deserialize_any(OneOrMany)
    }
}

impl JsonSchema for Conditions {
    fn schema_name() -> Cow<'static, str> {
        "Conditions".into()
    }

    fn json_schema(generator: &mut SchemaGenerator) -> Schema {
        let one = generator.subschema_for::<RowCondition>();
        json_schema!({
            "anyOf": [{"type": "array", "items": one, "maxItems": MOST}, one, {"type": "null"}],
            "x-widget": "conditions",
        })
    }
}

/// Compares numbers and dates by value, and everything else as text. Days begin at midnight UTC.
fn compare(given: &Value, wanted: &str) -> Ordering {
    let (written, trimmed) = (plain(given), wanted.trim());
    let is_scalar = given.is_number() || given.is_string();
    if is_scalar && let (Some(one), Some(other)) = (Decimal::of(&written), Decimal::of(trimmed)) {
        return one.cmp(&other);
    }
    if given.is_string()
        && let (Some(one), Some(other)) = (moment(&written), moment(trimmed))
    {
        return one.cmp(&other);
    }
    text_of(given).cmp(&wanted.to_lowercase())
}

fn plain(value: &Value) -> String {
    match value {
        Value::String(text) => text.clone(),
        // a browser writes 5.0 as 5
        Value::Number(number) => number.to_string().trim_end_matches(".0").to_owned(),
        other => other.to_string(),
    }
}

fn text_of(value: &Value) -> String {
    plain(value).to_lowercase()
}

fn moment(text: &str) -> Option<NaiveDateTime> {
    if let Ok(day) = text.parse::<NaiveDate>() {
        return day.and_hms_opt(0, 0, 0);
    }
    let text = text.replacen(' ', "T", 1);
    let zoned = DateTime::parse_from_rfc3339(&text).map(|at| at.naive_utc());
    let plain = |format| NaiveDateTime::parse_from_str(&text, format);
    zoned.or_else(|_| plain("%Y-%m-%dT%H:%M:%S%.f")).or_else(|_| plain("%Y-%m-%dT%H:%M")).ok()
}

/// A decimal number of any length: `0.digits` × 10^`exponent`. Zero has no digits.
struct Decimal {
    is_negative: bool,
    digits: String,
    exponent: i64,
}

impl Decimal {
    fn of(text: &str) -> Option<Self> {
        let text = text.strip_prefix('+').unwrap_or(text);
        let parts = DecimalParts::of(text)?;
        let given: i64 = parts.exponent.map_or(Some(0), |exponent| exponent.parse().ok())?;
        let all = format!("{}{}", parts.whole, parts.fraction.unwrap_or_default());
        let significant = all.trim_start_matches('0');
        let leading = i64::try_from(all.len() - significant.len()).ok()?;
        let exponent = given.checked_add(i64::try_from(parts.whole.len()).ok()? - leading)?;
        let digits = significant.trim_end_matches('0').to_owned();
        Some(Self { is_negative: text.starts_with('-') && !digits.is_empty(), digits, exponent })
    }

    fn cmp(&self, other: &Self) -> Ordering {
        let size = |one: &Self, other: &Self| match (one.digits.is_empty(), other.digits.is_empty()) {
            (false, false) => one.exponent.cmp(&other.exponent).then_with(|| one.digits.cmp(&other.digits)),
            (one, other) => other.cmp(&one),
        };
        match (self.is_negative, other.is_negative) {
            (false, false) => size(self, other),
            (true, true) => size(other, self),
            (one, other) => other.cmp(&one),
        }
    }
}

#[cfg(test)]
#[allow(clippy::unwrap_used)]
mod tests {
    use super::{ConditionSource, Conditions};
    use crate::model::{parse, widget::fill::Entered};
    use serde_json::{Value, json};

    fn met(conditions: Value) -> bool {
        let (row, form) =
            (json!({"status": "Open", "n": 5, "big": "9007199254740993", "none": null}), json!({"a": ""}));
        let (vars, user) = (json!({"region": "EU"}), json!({"role": "Operator"}));
        let entered = Entered { row: &row, form: &form, vars: &vars, user: &user, value: &Value::Null };
        parse::from_value::<Conditions>(conditions, "when").unwrap().are_met(&entered)
    }

    // the admin UI's tests use the same table
    #[test]
    fn values_are_compared_as_what_they_are() {
        for (value, operator, wanted, expected) in [
            (json!(10), "greater", "9", true),
            (json!("10"), "greater", "9", true),
            (json!(9), "atLeast", "9.0", true),
            (json!("8.99"), "atLeast", "9", false),
            (json!("2026-01-31"), "atMost", "2026-01-31", true),
            (json!(null), "atMost", "9", false),
            (json!(-2), "less", "-1", true),
            (json!("-0.5"), "less", "0", true),
            (json!("1e2"), "equals", "100", true),
            (json!("9007199254740993"), "equals", "9007199254740992", false),
            (json!("9007199254740993"), "greater", "9007199254740992", true),
            (json!(0), "equals", "0.00", true),
            (json!("007"), "equals", "7", true),
            (json!("b"), "greater", "A", true),
            (json!("2026-01-31"), "less", "2026-02-01", true),
            (json!("2026-01-31T10:00:00Z"), "greater", "2026-01-31T09:59:00Z", true),
            (json!("2026-01-31T10:00:00+02:00"), "equals", "2026-01-31 08:00:00Z", true),
            (json!(true), "equals", "TRUE", true),
            (json!("Paid in full"), "contains", "PAID", true),
            (json!(null), "equals", "", true),
            (json!(null), "notEquals", "x", true),
            (json!(null), "contains", "", false),
            (json!(null), "empty", "", true),
            (json!(""), "notEmpty", "", false),
            (json!(0), "notEmpty", "", true),
            (json!([1, 2]), "contains", "1,2", true),
        ] {
            let row = json!({"x": value});
            let none = Value::Null;
            let entered = Entered { row: &row, form: &none, vars: &none, user: &none, value: &none };
            let condition = json!({"field": "x", "operator": operator, "value": wanted});
            let found = parse::from_value::<Conditions>(condition.clone(), "when").unwrap().are_met(&entered);
            assert_eq!(found, expected, "{value} {condition}");
        }
    }

    #[test]
    fn all_conditions_must_be_met_wherever_their_values_are() {
        let open = json!({"field": "status", "operator": "equals", "value": "open"});
        let region = |value: &str| json!({"from": "vars", "field": "region", "operator": "equals", "value": value});
        let role = json!({"from": "user", "field": "role", "operator": "equals", "value": "operator"});
        let blank = json!({"from": "form", "field": "a", "operator": "empty"});
        assert!(met(json!(null)) && met(json!([])) && met(open.clone()));
        assert!(met(json!([open, region("EU"), role, blank])));
        assert!(!met(json!([open, region("US")])));
        assert!(!met(json!({"from": "user", "field": "email", "operator": "notEmpty"})));
    }

    // the admin UI's tests use the same table
    #[test]
    fn what_is_not_known_about_a_person_meets_no_condition_and_enables_nothing() {
        let none = json!({});
        for (user, field, operator, wanted, is_met, prevents) in [
            (json!({}), "role", "notEquals", "Viewer", false, true),
            (json!({}), "role", "equals", "", false, true),
            (json!({}), "email", "empty", "", false, true),
            (json!({"role": "Viewer"}), "role", "notEquals", "Viewer", false, false),
            (json!({"role": "Owner"}), "role", "notEquals", "Viewer", true, true),
            (json!({"role": "Owner"}), "email", "notEquals", "a@b.c", false, true),
            (json!({"name": null}), "name", "empty", "", true, true),
        ] {
            let entered = Entered { row: &none, form: &none, vars: &none, user: &user, value: &Value::Null };
            let condition = json!([{"from": "user", "field": field, "operator": operator, "value": wanted}]);
            let read = parse::from_value::<Conditions>(condition.clone(), "when").unwrap();
            assert_eq!((read.are_met(&entered), read.prevent(&entered)), (is_met, prevents), "{user} {condition}");
        }
    }

    #[test]
    fn conditions_are_checked_and_their_errors_name_the_field() {
        let refused = |value: Value| {
            let read = parse::from_value::<Conditions>(value, "config.when");
            read.and_then(|one| one.check("config.when", &[ConditionSource::Row])).unwrap_err().to_string()
        };
        let one = json!({"field": "a", "operator": "empty"});
        for (value, start) in [
            (json!({"field": "a"}), "config.when"),
            (json!([{"field": "a", "operator": "is"}]), "config.when[0].operator"),
            (json!([{"field": "", "operator": "empty"}]), "config.when[0].field"),
            (json!([{"from": "vars", "field": "a", "operator": "empty"}]), "config.when[0].from"),
            (json!("x"), "config.when"),
            (json!(vec![one; 11]), "config.when: must have at most 10"),
        ] {
            let error = refused(value);
            assert!(error.starts_with(start), "{error}");
        }
    }
}
