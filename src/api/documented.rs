//! The pieces of the API document that extractors and answers contribute.
use super::problem::ErrorBody;
use aide::transform::TransformOperation;
use aide::{
    generate::GenContext,
    openapi::{MediaType, Operation, Parameter, ReferenceOr, RequestBody, Response, SchemaObject, StatusCode},
    operation::{add_parameters, set_body},
};
use schemars::{JsonSchema, Schema};
use serde_json::{Value, json};

/// How the document calls bearer tokens.
pub const BEARER: &str = "bearer";

/// Whether an operation is cancelled when its caller goes away. Where it is not said, the method tells: what is read is.
pub const CANCELLED: &str = "x-cancelled-with-caller";

fn media<T: JsonSchema>(ctx: &mut GenContext) -> MediaType {
    let json_schema = ctx.schema.subschema_for::<T>();
    MediaType { schema: Some(SchemaObject { json_schema, example: None, external_docs: None }), ..MediaType::default() }
}

/// Answers with their statuses, as the document keeps them.
pub type Answers = Vec<(Option<StatusCode>, Response)>;

pub fn status(code: u16) -> Option<StatusCode> {
    Some(StatusCode::Code(code))
}

/// A JSON answer of shape `T`.
pub fn answer<T: JsonSchema>(ctx: &mut GenContext, description: &str) -> Response {
    let content = [("application/json".to_owned(), media::<T>(ctx))].into_iter().collect();
    Response { description: description.to_owned(), content, ..Response::default() }
}

/// An answer without a body.
pub fn empty_answer(description: &str) -> Response {
    Response { description: description.to_owned(), ..Response::default() }
}

/// An answer whose body is a file: text, or any bytes.
pub fn file_answer(media_type: &str, description: &str) -> Response {
    let schema = if media_type == "text/csv" || media_type == "application/x-ndjson" {
        schemars::json_schema!({"type": "string"})
    } else {
        schemars::json_schema!({"type": "string", "format": "binary"})
    };
    typed_answer(media_type, description, schema)
}

/// A stream of server-sent events whose data is JSON of shape `T`. Clients read it as text; `contentSchema` describes one event.
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

/// An answer with these headers, by their names on the wire and in `components`.
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

/// Answers with these statuses and the common error body.
pub fn errors(ctx: &mut GenContext, statuses: &[u16]) -> Answers {
    statuses.iter().map(|status| (self::status(*status), answer::<ErrorBody>(ctx, meaning(*status)))).collect()
}

/// The number of a status as the document keeps it; 0 for none.
pub fn status_of(code: &str) -> u16 {
    code.parse().unwrap_or_default()
}

/// What an answer with this status says, where the operation does not say it better.
pub fn meaning(status: u16) -> &'static str {
    match status {
        200 => "Done",
        400 => "The request or its tenant header is not valid",
        401 => "The token is missing, invalid or expired",
        403 => "The permission is lacking, or the tenant is not yours",
        404 => "There is no such object in this tenant",
        405 => "This path does not take this method",
        408 => "The body did not arrive in time",
        409 => "The name is taken, the object is in use, or its state does not allow it",
        412 => "The object has another version than `If-Match` says",
        413 => "The body is too large",
        415 => "The body is not JSON, or packed in a way that is not understood",
        416 => "The content has no such part",
        421 => "The server does not answer to this host name",
        422 => "The external system refused the request, or the file cannot be read as it is",
        429 => "Too many requests; `Retry-After` says when to come back",
        431 => "The headers are too large",
        502 => "The external system could not be reached, or broke off",
        503 => "Overloaded, stopping, or low on disk space",
        507 => "The tenant has used up a quota",
        504 => "A limit of time was passed",
        _ => "Failed",
    }
}

/// The JSON body of an operation.
pub fn body<T: JsonSchema>(ctx: &mut GenContext, operation: &mut Operation, required: bool) {
    let content = [("application/json".to_owned(), media::<T>(ctx))].into_iter().collect();
    set_body(ctx, operation, RequestBody { description: None, content, required, ..RequestBody::default() });
}

/// The form-encoded body of an operation.
pub fn form<T: JsonSchema>(ctx: &mut GenContext, operation: &mut Operation) {
    let content = [("application/x-www-form-urlencoded".to_owned(), media::<T>(ctx))].into_iter().collect();
    set_body(ctx, operation, RequestBody { description: None, content, required: true, ..RequestBody::default() });
}

/// A body of any bytes.
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
    if operation.parameters.iter().any(known) {
        return;
    }
    if let Ok(parameter) = serde_json::from_value::<Parameter>(value) {
        add_parameters(ctx, operation, [parameter]);
    }
}

/// An id in the path.
pub fn path_id(ctx: &mut GenContext, operation: &mut Operation, name: &str) {
    path_parameter(ctx, operation, name, &json!({"type": "string", "format": "uuid"}));
}

pub fn path_parameter(ctx: &mut GenContext, operation: &mut Operation, name: &str, schema: &Value) {
    parameter(ctx, operation, json!({"in": "path", "name": name, "required": true, "schema": schema}));
}

/// Optional fields of the query string, one per property of `T`.
pub fn query<T: JsonSchema>(ctx: &mut GenContext, operation: &mut Operation) {
    let schema = T::json_schema(&mut ctx.schema).to_value();
    for (name, property) in schema["properties"].as_object().into_iter().flatten() {
        let required = schema["required"].as_array().is_some_and(|required| required.iter().any(|known| known == name));
        let mut property = property.clone();
        // a query string has no null: what may be absent is left out
        if let Some(types) = property["type"].as_array() {
            property["type"] = types.iter().find(|of| *of != "null").cloned().unwrap_or_default();
        }
        let null = json!({"type": "null"});
        let choices = property["anyOf"].as_array().into_iter().flatten().filter(|choice| **choice != null);
        if let [only] = choices.cloned().collect::<Vec<_>>().as_mut_slice() {
            only["description"] = property["description"].take();
            property = only.take();
        }
        // on the parameter itself
        let about = property.as_object_mut().and_then(|property| property.shift_remove("description"));
        let value =
            json!({"in": "query", "name": name, "required": required, "description": about, "schema": property});
        parameter(ctx, operation, value);
    }
}

pub fn tenant_header(ctx: &mut GenContext, operation: &mut Operation) {
    let about = "The tenant of the path again. With an API key the server does not insist on it.";
    // a plain string: generators fail to put other types into headers
    let schema = json!({"type": "string"});
    let value =
        json!({"in": "header", "name": "x-tenant-id", "required": true, "description": about, "schema": schema});
    parameter(ctx, operation, value);
}

pub fn if_match(ctx: &mut GenContext, operation: &mut Operation) {
    let about = "The `ETag` that the change is based on; without it the last writer wins";
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

/// The operation needs a token.
pub fn security(operation: &mut Operation) {
    operation.security = vec![[(BEARER.to_owned(), Vec::new())].into_iter().collect()];
}

/// Takes the properties that only the server sets out of a schema.
pub fn without_read_only(schema: &mut Schema) {
    let object = schema.ensure_object();
    let Some(Value::Object(properties)) = object.get_mut("properties") else { return };
    properties.retain(|_, property| property.get("readOnly") != Some(&Value::Bool(true)));
}

/// Adds 409 to an operation whose types do not say it.
pub fn conflict(op: TransformOperation<'_>) -> TransformOperation<'_> {
    op.response_with::<409, axum::Json<ErrorBody>, _>(|response| response.description(meaning(409)))
}

/// Adds what an operation that asks an external system may answer.
pub fn external(op: TransformOperation<'_>) -> TransformOperation<'_> {
    let op = op.response_with::<422, axum::Json<ErrorBody>, _>(|response| response.description(meaning(422)));
    let op = op.response_with::<429, axum::Json<ErrorBody>, _>(|response| response.description(meaning(429)));
    let op = op.response_with::<502, axum::Json<ErrorBody>, _>(|response| response.description(meaning(502)));
    let op = op.response_with::<503, axum::Json<ErrorBody>, _>(|response| response.description(meaning(503)));
    let op = op.response_with::<507, axum::Json<ErrorBody>, _>(|response| response.description(meaning(507)));
    op.response_with::<504, axum::Json<ErrorBody>, _>(|response| response.description(meaning(504)))
}

/// The operation only tells its caller something, whatever its method: it is cancelled when the caller goes away.
pub fn asks(op: TransformOperation<'_>) -> TransformOperation<'_> {
    cancelled(op, true)
}

/// The operation changes something, whatever its method: it is carried out to its end.
pub fn acts(op: TransformOperation<'_>) -> TransformOperation<'_> {
    cancelled(op, false)
}

fn cancelled(mut op: TransformOperation<'_>, with_caller: bool) -> TransformOperation<'_> {
    op.inner_mut().extensions.insert(CANCELLED.to_owned(), with_caller.into());
    op
}
