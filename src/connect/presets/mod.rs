//! Services described by data: each file here describes one, and `restapi` runs it.
mod schema;
mod spec;

use super::{
    Capabilities, Connector, ConnectorInfo, Context, OpenDatasource, QueryEffect, QueryRequest, ResultFuture, Rows,
    TableInfo,
    http::Document,
    restapi::{self, CallOptions, Service},
    sql::{SqlDialect, bind},
};
use crate::{
    Error, Result,
    error::FieldProblem,
    json::{self, Room},
    model::{
        parameter::{ParameterType, missing},
        parse,
    },
    script::template,
};
use schemars::Schema;
use serde_json::{Map, Value, json};
use spec::{PresetField, PresetFieldType, PresetOperation, PresetSpec, pair, pruned};
use std::{
    sync::{Arc, LazyLock},
    time::Duration,
};

/// The name and the text of every file.
const FILES: &[(&str, &str)] = include!(concat!(env!("OUT_DIR"), "/presets.rs"));

/// The presets that can be read. A test ensures that all of them can.
static ALL: LazyLock<Vec<Preset>> = LazyLock::new(|| {
    // read once, and kept for the lifetime of the process
    let read = |text: &str| PresetSpec::read(text).ok().map(|spec| &*Box::leak(Box::new(spec)));
    FILES.iter().filter_map(|(kind, text)| Some(Preset { kind, spec: read(text)? })).collect()
});

pub(super) fn all() -> impl Iterator<Item = &'static dyn Connector> {
    ALL.iter().map(|preset| preset as &dyn Connector)
}

struct Preset {
    kind: &'static str,
    spec: &'static PresetSpec,
}

impl Connector for Preset {
    fn kind(&self) -> &'static str {
        self.kind
    }

    fn about(&self) -> ConnectorInfo {
        ConnectorInfo {
            name: &self.spec.name,
            category: &self.spec.category,
            description: &self.spec.description,
            capabilities: Capabilities::default(),
        }
    }

    fn options_schema(&self) -> Schema {
        as_schema(schema::options(self.spec))
    }

    fn query_schema(&self) -> Schema {
        as_schema(schema::query(self.spec))
    }

    fn effect(&self, options: &Map<String, Value>) -> QueryEffect {
        let name = options.get("operation").and_then(Value::as_str).unwrap_or_default();
        match self.spec.operations.iter().find(|operation| operation.name == name) {
            Some(PresetOperation { writes: Some(true), .. }) => QueryEffect::Changes,
            Some(PresetOperation { writes: Some(false), .. }) => QueryEffect::Reads,
            Some(operation) => restapi::effect_of(operation.method),
            None => QueryEffect::MayChange,
        }
    }

    fn connect<'a>(
        &'a self,
        options: &'a Map<String, Value>,
        context: &'a Context,
    ) -> ResultFuture<'a, Arc<dyn OpenDatasource>> {
        Box::pin(async move {
            let settled = settle(self.spec, options, context).await?;
            let settled = parse::from_value(settled, "options")?;
            let service = Service::open(self.kind, settled, options, context, "baseUrl")?;
            Ok(Arc::new(PresetConnector { spec: self.spec, service }) as Arc<dyn OpenDatasource>)
        })
    }
}

fn as_schema(value: Value) -> Schema {
    value.try_into().unwrap_or_default()
}

/// Converts the options of a preset to those of a REST API.
async fn settle(spec: &PresetSpec, options: &Map<String, Value>, context: &Context) -> Result<Value> {
    let mut values = options.clone();
    values.retain(|_, value| !value.is_null() && value != "");
    for option in &spec.options {
        if let Some(default) = &option.default {
            values.entry(&option.name).or_insert_with(|| default.clone());
        }
    }
    let headers: Vec<_> = spec.headers.iter().map(|(name, value)| json!({"name": name, "value": value})).collect();
    let open = json!({"baseUrl": spec.base_url, "basePath": spec.base_path, "headers": headers, "auth": spec.auth.clone().unwrap_or_default()});
    let open = pruned(&open, "options", &values).unwrap_or_default();
    let scope = Map::from_iter([("options".to_owned(), Value::Object(values.clone()))]).into();
    let resolved = template::resolve_value(&open, &scope, &context.sandbox, Duration::from_secs(5)).await;
    let mut settled = resolved.map_err(|problem| problem.at("options"))?;
    for (name, value) in values {
        let known = ["timeoutMs", "sslCa", "sslCert", "sslKey", "baseUrl"].contains(&name.as_str());
        if known || (name == "auth" && spec.auth.is_none()) {
            settled[name] = value;
        }
    }
    let text = |value: &Value| value.as_str().unwrap_or_default().to_owned();
    let path = settled.as_object_mut().and_then(|fields| fields.shift_remove("basePath")).unwrap_or_default();
    settled["baseUrl"] = format!("{}{}", text(&settled["baseUrl"]).trim().trim_end_matches('/'), text(&path)).into();
    if settled["auth"].is_null() {
        settled["auth"] = json!({"type": "none"});
    }
    Ok(settled)
}

struct PresetConnector {
    spec: &'static PresetSpec,
    service: Service,
}

impl PresetConnector {
    /// Returns an error if the service reports one in a 200 response.
    fn check(&self, document: &Document) -> Result<()> {
        let Some(failure) = &self.spec.failure else { return Ok(()) };
        if !matches!(document.at(&failure.ok), Ok(Some(Value::Bool(false)))) {
            return Ok(());
        }
        let message = document.at(&failure.message).ok().flatten().unwrap_or_default();
        let message: String = template::as_text(&message).chars().take(500).collect();
        Err(Error::datasource(format!("{} reported an error: {message}", self.spec.name)))
    }

    async fn perform(&self, request: &QueryRequest) -> Result<Rows> {
        let name = request.options.get("operation").and_then(Value::as_str).unwrap_or_default();
        let operation = self.spec.operations.iter().find(|operation| operation.name == name);
        let operation = operation.ok_or_else(|| Error::invalid("options.operation", "is not known"))?;
        let mut values = self.values(operation, request).await?;
        let mut bound = Map::new();
        for field in operation.fields.iter().filter(|field| field.r#type == PresetFieldType::Sql) {
            let text = values.get(&field.name).and_then(Value::as_str).unwrap_or_default();
            let statement = bind(text, SqlDialect::Clickhouse, &request.params)?;
            let arguments = statement.arguments.iter().enumerate();
            bound.extend(arguments.map(|(i, argument)| (format!("param_p{}", i + 1), escaped(argument).into())));
            values.insert(field.name.clone(), statement.text.into());
        }
        let mut call = operation.call(&values);
        // passed through the scope, so that a value is never read as a template
        call.query_params.extend(bound.keys().map(|name| pair(name, format!("{{{{ bound.{name} }}}}"))));
        let scope = [("fields".to_owned(), Value::Object(values)), ("bound".to_owned(), Value::Object(bound))];
        let scope = Map::from_iter(scope);
        let check = |document: &Document| self.check(document);
        let terms = CallOptions { scope: scope.into(), request, writes: operation.writes, check: &check };
        self.service.perform(&call, terms).await
    }

    /// Returns the values of the fields: with templates resolved, converted to the fields' types, and without fields
    /// that have no value.
    async fn values(&self, operation: &PresetOperation, request: &QueryRequest) -> Result<Map<String, Value>> {
        let mut given = (*request.options).clone();
        // an empty form field has no value; the result of a template is a value, even if it is an empty text
        given.retain(|_, value| value != "");
        // templates in a statement are bound, not resolved
        let statements = operation.fields.iter().filter(|field| field.r#type == PresetFieldType::Sql);
        let statements: Vec<_> = statements.filter_map(|field| given.shift_remove_entry(&field.name)).collect();
        let scope = request.params.scope();
        let resolved =
            template::resolve_value(&Value::Object(given), &scope, &self.service.sandbox, request.timeout).await;
        let Value::Object(mut given) = resolved.map_err(|problem| problem.at("options"))? else {
            return Ok(Map::new());
        };
        given.extend(statements);
        let mut values = Map::new();
        let mut problems = Vec::new();
        for field in &operation.fields {
            let value = given.shift_remove(&field.name).filter(|value| !value.is_null());
            match fit(field, value.or_else(|| field.default.clone())) {
                Ok(Some(value)) => drop(values.insert(field.name.clone(), value)),
                Ok(None) => {}
                Err(message) => problems.push(FieldProblem { path: format!("options.{}", field.name), message }),
            }
        }
        if problems.is_empty() { Ok(values) } else { Err(Error::Invalid(problems)) }
    }
}

impl OpenDatasource for PresetConnector {
    fn test(&self) -> ResultFuture<'_, Option<String>> {
        Box::pin(async move {
            let Some(call) = &self.spec.test else { return self.service.test().await };
            let request = QueryRequest::own(1 << 20, Duration::from_secs(10), self.service.budget());
            let check = |document: &Document| self.check(document);
            let terms = CallOptions { scope: request.params.scope(), request: &request, writes: None, check: &check };
            self.service.perform(call, terms).await?;
            Ok(None)
        })
    }

    fn schema(&self) -> ResultFuture<'_, Vec<TableInfo>> {
        Box::pin(async { Ok(Vec::new()) })
    }

    fn run(&self, request: QueryRequest) -> ResultFuture<'_, Rows> {
        Box::pin(async move { self.perform(&request).await })
    }
}

/// Parses a field to its declared type. `None` if the field is absent.
fn fit(field: &PresetField, value: Option<Value>) -> Result<Option<Value>, String> {
    let parameter = match field.r#type {
        PresetFieldType::String | PresetFieldType::Enum | PresetFieldType::Sql => ParameterType::String,
        PresetFieldType::Number => ParameterType::Number,
        PresetFieldType::Boolean => ParameterType::Boolean,
        PresetFieldType::Date => ParameterType::Date,
        PresetFieldType::Object => ParameterType::Object,
        PresetFieldType::Array => ParameterType::Array,
    };
    let nested = matches!(field.r#type, PresetFieldType::Object | PresetFieldType::Array);
    let value = match value {
        Some(Value::String(text)) if nested => {
            Some(json::parse(text.as_bytes(), &Room::of(json::CELL)).unwrap_or(Value::String(text)))
        }
        other => other,
    };
    if let Some(why) = value.as_ref().and_then(missing).filter(|_| field.required) {
        return Err(why.to_owned());
    }
    let value = value.map(|value| parameter.coerce(value)).transpose()?;
    if let Some(value) = &value
        && field.r#type == PresetFieldType::Enum
        && !field.values.iter().any(|known| value == known.as_str())
    {
        return Err(format!("must be one of {}", field.values.join(", ")));
    }
    // an empty filter would match everything
    let empty = matches!(&value, Some(Value::Object(fields)) if fields.is_empty());
    if field.required && (value.is_none() || empty) {
        return Err("is required".to_owned());
    }
    Ok(value)
}

/// Formats a bound value as the server reads it: as text with escaped tabs, line breaks and backslashes.
fn escaped(value: &Value) -> String {
    if value.is_null() {
        return "\\N".to_owned();
    }
    let text = template::as_text(value);
    text.replace('\\', "\\\\").replace('\t', "\\t").replace('\n', "\\n").replace('\r', "\\r").replace('\0', "\\0")
}

#[cfg(test)]
mod tests {
    use super::{FILES, PresetSpec};

    #[test]
    fn every_preset_is_valid() {
        assert!(!FILES.is_empty());
        for (kind, text) in FILES {
            if let Err(why) = PresetSpec::read(text) {
                panic!("src/connect/presets/{kind}.toml: {why}");
            }
        }
    }

    #[test]
    fn errors_in_a_preset_are_reported() {
        let base = "name = 'N'\ncategory = 'c'\ndescription = 'd'\nbaseUrl = 'https://x.example'\n";
        let operation = "[[operations]]\nname = 'o'\nlabel = 'O'\ndescription = 'd'\npath = '/a'\n";
        let field = |more: &str| format!("{base}{operation}fields = [{{ name = 'f', label = 'F', {more} }}]\n");
        for (text, expected) in [
            (base.to_owned(), "missing field `operations`"),
            (format!("{base}more = 1\n{operation}"), "unknown field `more`"),
            (format!("{base}{operation}{operation}"), "`o` is defined twice"),
            (format!("{base}{operation}method = 'FETCH'"), "unknown variant `FETCH`"),
            (format!("{base}headers = {{ a = '{{{{ options.x }}}}' }}\n{operation}"), "options.x"),
            (
                format!(
                    "{base}basePath = '/{{{{ options.x }}}}'\noptions = [{{ name = 'x', label = 'X' }}]\n{operation}"
                ),
                "`pattern`",
            ),
            (format!("{base}{operation}body = '{{{{ fields.x }}}}'"), "fields.x"),
            (base.to_owned() + &operation.replace("/a", "/{x}"), "the path names `x`"),
            (field("in = 'path'"), "not used"),
            (field("type = 'enum'"), "`values`"),
            (field("in = 'body'") + "body = { a = 1 }", "not used"),
        ] {
            let why = PresetSpec::read(&text).err().unwrap_or_default();
            assert!(why.contains(expected), "{text}\n{why}");
        }
    }
}
