//! Helpers with which extractors and responses describe themselves in the API document.
use super::problem::ErrorBody;
use crate::model::Permission;
use aide::transform::TransformOperation;
use aide::{
    generate::GenContext,
    openapi::{MediaType, Operation, Parameter, ReferenceOr, RequestBody, Response, SchemaObject, StatusCode},
    operation::{add_parameters, set_body},
};
use schemars::{JsonSchema, Schema};
use serde_json::{Value, json};
use std::cell::Cell;

/// The name of the security scheme for bearer tokens.
pub const BEARER: &str = "bearer";

/// The extension that says whether an operation is cancelled when its caller goes away. By default, operations that
/// only read are.
pub const CANCELLED: &str = "x-cancelled-with-caller";

thread_local! {
    static SKIPPED: Cell<bool> = const { Cell::new(false) };
}

/// Skips the inputs of operations that are created on this thread, or no longer: a server needs only their routes, and
/// the schemas of all inputs take longer than the rest of its start.
pub fn skip_inputs(skip: bool) {
    SKIPPED.set(skip);
}

fn media<T: JsonSchema>(ctx: &mut GenContext) -> MediaType {
    let json_schema = ctx.schema.subschema_for::<T>();
    MediaType { schema: Some(SchemaObject { json_schema, example: None, external_docs: None }), ..MediaType::default() }
}

/// Responses with their status codes.
pub type DocumentedResponses = Vec<(Option<StatusCode>, Response)>;

pub fn status(code: u16) -> Option<StatusCode> {
    Some(StatusCode::Code(code))
}

/// Describes a JSON response with a `T`.
pub fn answer<T: JsonSchema>(ctx: &mut GenContext, description: &str) -> Response {
    let content = [("application/json".to_owned(), media::<T>(ctx))].into_iter().collect();
    Response { description: description.to_owned(), content, ..Response::default() }
}

/// Describes a response without a body.
pub fn empty_answer(description: &str) -> Response {
    Response { description: description.to_owned(), ..Response::default() }
}

/// Describes a response whose body is a file: text or any bytes.
pub fn file_answer(media_type: &str, description: &str) -> Response {
    let schema = if media_type == "text/csv" || media_type == "application/x-ndjson" {
        schemars::json_schema!({"type": "string"})
    } else {
        schemars::json_schema!({"type": "string", "format": "binary"})
    };
    typed_answer(media_type, description, schema)
}

/// Describes a stream of server-sent events whose data is a `T` as JSON. Clients read it as text; `contentSchema`
/// describes one event.
pub fn events<T: JsonSchema>(ctx: &mut GenContext, description: &str) -> Response {
    let data = ctx.schema.subschema_for::<T>();
    let event = schemars::json_schema!({
        "type": "object",
        "required": ["event", "data"],
        "properties": {
            "id": {"type": "string"},
            "event": {"type": "string"},
            "data": {"type": "string", "contentMediaType": "application/json", "contentSchema": data},
        }
    });
    typed_answer(
        "text/event-stream",
        description,
        schemars::json_schema!({"type": "string", "contentMediaType": "text/event-stream", "contentSchema": event}),
    )
}

fn typed_answer(media_type: &str, description: &str, json_schema: Schema) -> Response {
    let schema = SchemaObject { json_schema, example: None, external_docs: None };
    let media = MediaType { schema: Some(schema), ..MediaType::default() };
    let content = [(media_type.to_owned(), media)].into_iter().collect();
    Response { description: description.to_owned(), content, ..Response::default() }
}

/// Adds headers to a response, by their names on the wire and in `components`.
#[must_use]
pub fn with_headers(mut response: Response, headers: &[(&str, &str)]) -> Response {
    for (name, component) in headers {
        let reference = format!("#/components/headers/{component}");
        response
            .headers
            .insert((*name).to_owned(), ReferenceOr::Reference { reference, summary: None, description: None });
    }
    response
}

/// Describes responses with these status codes and the common error body.
pub fn errors(ctx: &mut GenContext, statuses: &[u16]) -> DocumentedResponses {
    statuses.iter().map(|status| (self::status(*status), answer::<ErrorBody>(ctx, meaning(*status)))).collect()
}

/// Parses a status code of the document; 0 if it is not a number.
pub fn status_of(code: &str) -> u16 {
    code.parse().unwrap_or_default()
}

/// Returns the default description of a response with this status.
pub fn meaning(status: u16) -> &'static str {
    match status {
        200 => "Success",
        400 => "The request or its tenant header is invalid",
        401 => "The token is missing, invalid or expired",
        403 => "The permission is missing, or the caller is not a member of the tenant",
        404 => "The tenant has no such record",
        405 => "The path does not support this method",
        408 => "The body did not arrive in time",
        409 => "The name is taken, the record is in use, or its state does not allow the change",
        412 => "The record's version does not match `If-Match`",
        413 => "The body is too large",
        415 => "The body is not JSON, or its content coding is not supported",
        416 => "The requested range does not exist",
        421 => "The server does not accept this host name",
        422 => "The external system refused the request, or the file cannot be read",
        429 => "Too many requests; retry after the seconds in `Retry-After`",
        431 => "The headers are too large",
        502 => "The external system could not be reached, or the connection was interrupted",
        503 => "The server is overloaded, shutting down, or low on disk space",
        507 => "The tenant has reached a quota",
        504 => "A time limit was exceeded",
        _ => "Failed",
    }
}

/// Describes the JSON body of an operation.
pub fn body<T: JsonSchema>(ctx: &mut GenContext, operation: &mut Operation, required: bool) {
    if SKIPPED.get() {
        return;
    }
    let content = [("application/json".to_owned(), media::<T>(ctx))].into_iter().collect();
    set_body(ctx, operation, RequestBody { description: None, content, required, ..RequestBody::default() });
}

/// Describes the form-encoded body of an operation.
pub fn form<T: JsonSchema>(ctx: &mut GenContext, operation: &mut Operation) {
    if SKIPPED.get() {
        return;
    }
    let content = [("application/x-www-form-urlencoded".to_owned(), media::<T>(ctx))].into_iter().collect();
    set_body(ctx, operation, RequestBody { description: None, content, required: true, ..RequestBody::default() });
}

/// Describes a body of any bytes.
pub fn bytes(ctx: &mut GenContext, operation: &mut Operation) {
    let json_schema = schemars::json_schema!({"type": "string", "format": "binary"});
    let schema = SchemaObject { json_schema, example: None, external_docs: None };
    let media = MediaType { schema: Some(schema), ..MediaType::default() };
    let content = [("application/octet-stream".to_owned(), media)].into_iter().collect();
    set_body(ctx, operation, RequestBody { description: None, content, required: true, ..RequestBody::default() });
}

fn parameter(ctx: &mut GenContext, operation: &mut Operation, value: Value) {
    let known = |parameter: &ReferenceOr<Parameter>| match parameter {
        ReferenceOr::Item(item) => item.parameter_data_ref().name == value["name"].as_str().unwrap_or_default(),
        ReferenceOr::Reference { .. } => false,
    };
    if SKIPPED.get() || operation.parameters.iter().any(known) {
        return;
    }
    if let Ok(parameter) = serde_json::from_value::<Parameter>(value) {
        add_parameters(ctx, operation, [parameter]);
    }
}

/// Describes an ID in the path.
pub fn path_id(ctx: &mut GenContext, operation: &mut Operation, name: &str) {
    path_parameter(ctx, operation, name, &json!({"type": "string", "format": "uuid"}));
}

pub fn path_parameter(ctx: &mut GenContext, operation: &mut Operation, name: &str, schema: &Value) {
    parameter(ctx, operation, json!({"in": "path", "name": name, "required": true, "schema": schema}));
}

/// Describes the parameters of the query string, one per property of `T`.
pub fn query<T: JsonSchema>(ctx: &mut GenContext, operation: &mut Operation) {
    if SKIPPED.get() {
        return;
    }
    let schema = T::json_schema(&mut ctx.schema).to_value();
    for (name, property) in schema["properties"].as_object().into_iter().flatten() {
        let required = schema["required"].as_array().is_some_and(|required| required.iter().any(|known| known == name));
        let mut property = property.clone();
        // a query string has no null: an absent value is omitted
        if let Some(types) = property["type"].as_array() {
            property["type"] = types.iter().find(|of| *of != "null").cloned().unwrap_or_default();
        }
        let null = json!({"type": "null"});
        let choices = property["anyOf"].as_array().into_iter().flatten().filter(|choice| **choice != null);
        if let [only] = choices.cloned().collect::<Vec<_>>().as_mut_slice() {
            only["description"] = property["description"].take();
            property = only.take();
        }
        // the description belongs to the parameter
        let about = property.as_object_mut().and_then(|property| property.shift_remove("description"));
        let value =
            json!({"in": "query", "name": name, "required": required, "description": about, "schema": property});
        parameter(ctx, operation, value);
    }
}

pub fn tenant_header(ctx: &mut GenContext, operation: &mut Operation) {
    let about = "The same tenant ID as in the path. The server does not require it with an API key.";
    // a plain string, because generators fail to put other types into headers
    let schema = json!({"type": "string"});
    let value =
        json!({"in": "header", "name": "x-tenant-id", "required": true, "description": about, "schema": schema});
    parameter(ctx, operation, value);
}

pub fn if_match(ctx: &mut GenContext, operation: &mut Operation) {
    let about = "The `ETag` of the version that the change is based on; without it, the last write wins";
    parameter(
        ctx,
        operation,
        json!({"in": "header", "name": "if-match", "description": about, "schema": {"type": "string"}}),
    );
}

pub fn header(ctx: &mut GenContext, operation: &mut Operation, name: &str, about: &str) {
    parameter(
        ctx,
        operation,
        json!({"in": "header", "name": name, "description": about, "schema": {"type": "string"}}),
    );
}

/// Marks the operation as requiring a token.
pub fn security(operation: &mut Operation) {
    operation.security = vec![[(BEARER.to_owned(), Vec::new())].into_iter().collect()];
}

/// Removes the properties that only the server sets from a schema.
pub fn without_read_only(schema: &mut Schema) {
    let object = schema.ensure_object();
    let Some(Value::Object(properties)) = object.get_mut("properties") else { return };
    properties.retain(|_, property| property.get("readOnly") != Some(&Value::Bool(true)));
}

/// Adds the errors of a route that saves several records.
pub fn saves_several(op: TransformOperation<'_>) -> TransformOperation<'_> {
    let about = "All records are saved, or none. Each requires the permission of its separate route, and is checked, \
                 versioned and audited as there. Errors have paths such as `widgets[1].config.queryID`.";
    let op = op.description(about).with(conflict);
    let op = op.response_with::<412, axum::Json<ErrorBody>, _>(|response| response.description(meaning(412)));
    op.response_with::<507, axum::Json<ErrorBody>, _>(|response| response.description(meaning(507)))
}

/// Adds the response 409 to an operation whose types do not document it.
pub fn conflict(op: TransformOperation<'_>) -> TransformOperation<'_> {
    op.response_with::<409, axum::Json<ErrorBody>, _>(|response| response.description(meaning(409)))
}

/// Adds the error responses of operations that use an external system.
pub fn external(op: TransformOperation<'_>) -> TransformOperation<'_> {
    let op = op.response_with::<422, axum::Json<ErrorBody>, _>(|response| response.description(meaning(422)));
    let op = op.response_with::<429, axum::Json<ErrorBody>, _>(|response| response.description(meaning(429)));
    let op = op.response_with::<502, axum::Json<ErrorBody>, _>(|response| response.description(meaning(502)));
    let op = op.response_with::<503, axum::Json<ErrorBody>, _>(|response| response.description(meaning(503)));
    let op = op.response_with::<507, axum::Json<ErrorBody>, _>(|response| response.description(meaning(507)));
    op.response_with::<504, axum::Json<ErrorBody>, _>(|response| response.description(meaning(504)))
}

/// Names the permissions that an operation requires besides that of its `Permit`.
pub fn also(permissions: &'static [Permission]) -> impl FnOnce(TransformOperation<'_>) -> TransformOperation<'_> {
    move |mut op| {
        let texts: Vec<String> = permissions.iter().map(Permission::to_string).collect();
        op.inner_mut().extensions.insert("x-permission-also".to_owned(), texts.into());
        op
    }
}

/// Marks an operation that only reads, regardless of its method: it is cancelled when the caller goes away.
pub fn asks(op: TransformOperation<'_>) -> TransformOperation<'_> {
    cancelled(op, true)
}

/// Marks an operation that changes something, regardless of its method: it is completed even if the caller goes away.
pub fn acts(op: TransformOperation<'_>) -> TransformOperation<'_> {
    cancelled(op, false)
}

fn cancelled(mut op: TransformOperation<'_>, with_caller: bool) -> TransformOperation<'_> {
    op.inner_mut().extensions.insert(CANCELLED.to_owned(), with_caller.into());
    op
}
