//! The contents of a preset's file, and the rules that it must follow.
use crate::{
    connect::{
        http::content::{BodyType, HttpVerb},
        restapi::{Pagination, RestCall},
    },
    script::template::{JsonTemplate, Segment},
};
use regex::Regex;
use serde::Deserialize;
use serde_json::{Map, Value};
use std::collections::{BTreeMap, HashSet};

/// A service: how to reach it, and its operations.
#[derive(Deserialize)]
#[serde(rename_all = "camelCase", deny_unknown_fields)]
pub(super) struct PresetSpec {
    pub name: String,
    pub category: String,
    pub description: String,
    /// May contain `{{ options.x }}`. Empty if every customer has their own server, whose URL is then an option.
    #[serde(default)]
    pub base_url: String,
    /// Added to the base URL, also to a custom one.
    #[serde(default)]
    pub base_path: String,
    #[serde(default)]
    pub options: Vec<PresetField>,
    /// The `auth` of a REST API, with `{{ options.x }}`. Without it, `auth` is an option.
    pub auth: Option<Value>,
    /// Sent with every request, with `{{ options.x }}`.
    #[serde(default)]
    pub headers: BTreeMap<String, String>,
    /// How a 2xx response reports an error, for services that respond with 200 to everything.
    pub failure: Option<ErrorFields>,
    /// The call that checks the credentials.
    pub test: Option<RestCall>,
    pub operations: Vec<PresetOperation>,
}

/// The fields in which such a service reports an error
#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
pub(super) struct ErrorFields {
    /// The path to a field that is `false` if the call failed.
    pub ok: String,
    /// The path to the reason.
    pub message: String,
}

/// An option of the datasource, or a field of an operation.
#[derive(Deserialize)]
#[serde(rename_all = "camelCase", deny_unknown_fields)]
pub(super) struct PresetField {
    pub name: String,
    pub label: String,
    #[serde(default)]
    pub r#type: PresetFieldType,
    #[serde(default)]
    pub required: bool,
    pub default: Option<Value>,
    #[serde(default)]
    pub description: String,
    /// The values of an `enum`.
    #[serde(default)]
    pub values: Vec<String>,
    /// For an option: sealed, and never shown again.
    #[serde(default)]
    pub secret: bool,
    /// For an option: the pattern that its text must match.
    pub pattern: Option<String>,
    /// For a field of an operation: where it is sent, and its name there.
    #[serde(default)]
    pub r#in: FieldLocation,
    pub r#as: Option<String>,
}

impl PresetField {
    pub fn wire(&self) -> &str {
        self.r#as.as_deref().unwrap_or(&self.name)
    }
}

#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Deserialize)]
#[serde(rename_all = "camelCase")]
pub(super) enum PresetFieldType {
    #[default]
    String,
    Number,
    Boolean,
    Enum,
    Object,
    Array,
    Date,
    /// A statement whose parameters are bound by the server, as typed placeholders.
    Sql,
}

#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Deserialize)]
#[serde(rename_all = "camelCase")]
pub(super) enum FieldLocation {
    Path,
    #[default]
    Query,
    Header,
    Body,
}

/// An operation of a service.
#[derive(Deserialize)]
#[serde(rename_all = "camelCase", deny_unknown_fields)]
pub(super) struct PresetOperation {
    pub name: String,
    pub label: String,
    pub description: String,
    #[serde(default)]
    pub method: HttpVerb,
    /// With `{field}` for the fields that are in the path.
    pub path: String,
    #[serde(default)]
    pub fields: Vec<PresetField>,
    /// Always added to the query string.
    #[serde(default)]
    pub query_params: BTreeMap<String, String>,
    #[serde(default)]
    pub headers: BTreeMap<String, String>,
    #[serde(default)]
    pub body_type: BodyType,
    /// The body, with `{{ fields.x }}`. Without it, an object of the fields that are in the body.
    pub body: Option<Value>,
    pub response_path: Option<String>,
    pub pagination: Option<Pagination>,
    /// Whether the operation makes changes. If not set, its method decides.
    pub writes: Option<bool>,
}

impl PresetSpec {
    /// Parses a preset's file and checks it.
    pub fn read(text: &str) -> Result<Self, String> {
        let spec: Self = toml::from_str(text).map_err(|error| error.to_string())?;
        spec.check()?;
        Ok(spec)
    }

    fn check(&self) -> Result<(), String> {
        let auth = self.auth.clone().unwrap_or_default();
        let headers = self.headers.values().map(|text| text.as_str().into()).collect();
        let address = Value::from(format!("{}{}", self.base_url, self.base_path));
        let open = Value::Array(vec![address.clone(), auth, Value::Array(headers)]);
        Self::check_fields("options", &self.options, &open)?;
        let in_address = named("options", &address)?;
        for option in &self.options {
            let pattern = option.pattern.as_deref().map(Regex::new).transpose();
            let pattern = pattern
                .map_err(|_| format!("the pattern of the option {} is not a valid regular expression", option.name))?;
            if in_address.contains(&option.name) && !(pattern.is_some() && option.required) {
                return Err(format!(
                    "the option {} is part of the URL: it requires `pattern` and `required`",
                    option.name
                ));
            }
        }
        distinct(self.operations.iter().map(|operation| operation.name.as_str()))?;
        if self.operations.is_empty() {
            return Err("there are no operations".to_owned());
        }
        self.operations.iter().try_for_each(|one| one.check().map_err(|why| format!("operation {}: {why}", one.name)))
    }

    /// Checks that each field is well described, and that every template in `texts` names a field. Returns the names
    /// that the templates use.
    fn check_fields(root: &str, fields: &[PresetField], texts: &Value) -> Result<HashSet<String>, String> {
        distinct(fields.iter().map(|field| field.name.as_str()))?;
        for field in fields {
            if field.name.is_empty() || field.label.is_empty() {
                return Err(format!("the field `{}` requires a name and a label", field.name));
            }
            if (field.r#type == PresetFieldType::Enum) == field.values.is_empty() {
                return Err(format!("the field {} requires `values` if and only if it is an enum", field.name));
            }
        }
        let named = named(root, texts)?;
        match named.iter().find(|name| !fields.iter().any(|field| field.name == **name)) {
            Some(unknown) => Err(format!("{{{{ {root}.{unknown} }}}} is not among the {root}")),
            None => Ok(named),
        }
    }
}

impl PresetOperation {
    fn check(&self) -> Result<(), String> {
        let body = self.body.clone().unwrap_or_default();
        let named = PresetSpec::check_fields("fields", &self.fields, &body)?;
        let mut placed: HashSet<&str> = HashSet::new();
        for hole in self.path.split('{').skip(1) {
            placed.insert(hole.split_once('}').ok_or("the path has an unclosed brace")?.0);
        }
        for field in &self.fields {
            let found = match field.r#in {
                FieldLocation::Path => placed.remove(field.name.as_str()) && field.required,
                FieldLocation::Body if self.body.is_some() => named.contains(&field.name),
                _ => true,
            };
            if !found {
                return Err(format!("the field {} is not used, or is in the path and not required", field.name));
            }
        }
        match placed.iter().next() {
            Some(unknown) => Err(format!("the path names `{unknown}`, which is not a field in the path")),
            None => Ok(()),
        }
    }

    /// Returns the call, with a template for each field that has a value.
    pub fn call(&self, values: &Map<String, Value>) -> RestCall {
        let template = |field: &PresetField| format!("{{{{ fields[\"{}\"] }}}}", field.name);
        let of = |place: FieldLocation| {
            self.fields.iter().filter(move |field| field.r#in == place && values.contains_key(&field.name))
        };
        let fixed =
            |pairs: &BTreeMap<String, String>| pairs.iter().map(|(name, value)| pair(name, value.clone())).collect();
        let mut path = self.path.clone();
        for field in of(FieldLocation::Path) {
            path = path.replace(&format!("{{{}}}", field.name), &template(field));
        }
        let mut headers: Vec<_> = fixed(&self.headers);
        headers.extend(of(FieldLocation::Header).map(|field| pair(field.wire(), template(field))));
        let mut query_params: Vec<_> = fixed(&self.query_params);
        for field in of(FieldLocation::Query) {
            match &values[&field.name] {
                // each key is a separate parameter
                Value::Object(fields) => query_params.extend(fields.keys().map(|key| {
                    pair(key, format!("{{{{ fields[\"{}\"][{}] }}}}", field.name, Value::from(key.as_str())))
                })),
                _ => query_params.push(pair(field.wire(), template(field))),
            }
        }
        let body = if let Some(body) = &self.body {
            pruned(body, "fields", values).unwrap_or_default()
        } else {
            let fields = of(FieldLocation::Body).map(|field| (field.wire().to_owned(), template(field).into()));
            let fields: Map<_, _> = fields.collect();
            if fields.is_empty() { Value::Null } else { Value::Object(fields) }
        };
        RestCall {
            method: self.method,
            path,
            headers,
            query_params,
            body,
            body_type: self.body_type,
            response_path: self.response_path.clone(),
            pagination: self.pagination.clone(),
        }
    }
}

pub(super) fn pair(name: &str, value: String) -> crate::connect::restapi::NamedValue {
    crate::connect::restapi::NamedValue { name: name.to_owned(), value }
}

/// Returns `value` without the templates that consist of just a name without a value, and without what is then empty.
pub(super) fn pruned(value: &Value, root: &str, values: &Map<String, Value>) -> Option<Value> {
    match value {
        Value::String(text) => {
            let inner = text.trim().strip_prefix("{{").and_then(|rest| rest.strip_suffix("}}"));
            let name = inner.and_then(|inner| inner.trim().strip_prefix(root)?.strip_prefix('.'));
            let plain = name.filter(|name| name.chars().all(|c| c.is_ascii_alphanumeric() || c == '_'));
            (plain.is_none_or(|name| values.contains_key(name))).then(|| value.clone())
        }
        Value::Array(items) => {
            let kept: Vec<_> = items.iter().filter_map(|item| pruned(item, root, values)).collect();
            (items.is_empty() || !kept.is_empty()).then_some(Value::Array(kept))
        }
        Value::Object(fields) => {
            let kept = fields.iter().filter_map(|(key, item)| Some((key.clone(), pruned(item, root, values)?)));
            let kept: Map<_, _> = kept.collect();
            (fields.is_empty() || !kept.is_empty()).then_some(Value::Object(kept))
        }
        other => Some(other.clone()),
    }
}

fn distinct<'a>(names: impl Iterator<Item = &'a str>) -> Result<(), String> {
    let mut seen = HashSet::new();
    for name in names {
        if !seen.insert(name) {
            return Err(format!("`{name}` is defined twice"));
        }
    }
    Ok(())
}

/// Returns the names that templates use below `root`.
fn named(root: &str, texts: &Value) -> Result<HashSet<String>, String> {
    let plan = JsonTemplate::parse(texts).map_err(|problem| problem.to_string())?;
    let mut found = HashSet::new();
    for (_, expression) in plan.expressions() {
        if let Some(path) = &expression.path {
            match path.as_slice() {
                [Segment::Key(first), Segment::Key(name), ..] if first == root => drop(found.insert(name.clone())),
                _ => return Err(format!("`{}` does not begin with {root}", expression.source)),
            }
            continue;
        }
        // in an expression: every name after `fields.`
        let prefix = format!("{root}.");
        let word = |rest: &str| rest.chars().take_while(|c| c.is_ascii_alphanumeric() || *c == '_').collect::<String>();
        found.extend(expression.source.split(prefix.as_str()).skip(1).map(word));
    }
    Ok(found)
}
