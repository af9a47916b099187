//! Extra endpoints of files: upload, download and preview of their content.
use super::{
    content::UploadBody,
    ranges::{RequestedRange, wanted},
};
use crate::{
    Error, Result,
    api::{
        App,
        access::permit::{Create, Permit, Read, Update},
        exports::{attachment, pieces},
        records::{
            answers::{CreatedResponse, RecordResponse},
            crud::{Crud, about},
        },
        requests::extract::{At, IfMatch, Query, RequestHead, VersionNumber},
        responses::{
            documented,
            problem::{ErrorCode, Problem},
        },
    },
    connect::FilePreview,
    json::{self, Room},
    model::{File, Label, Scope, file},
};
use aide::{
    OperationOutput,
    axum::{
        ApiRouter,
        routing::{get_with, post_with},
    },
    generate::GenContext,
    openapi::Operation,
};
use axum::{
    Json,
    extract::State,
    http::{
        HeaderValue, StatusCode,
        header::{
            ACCEPT_RANGES, CACHE_CONTROL, CONTENT_DISPOSITION, CONTENT_LENGTH, CONTENT_RANGE, CONTENT_SECURITY_POLICY,
            CONTENT_TYPE, ETAG,
        },
    },
    response::{AppendHeaders, IntoResponse, Response},
};
use schemars::JsonSchema;
use serde::Deserialize;
use serde_json::Value;
use std::io::{Read as _, Seek, SeekFrom};
use uuid::Uuid;

impl Crud for File {
    const STORED_WITHOUT: Option<&'static [&'static str]> = Some(&[]);

    fn prepare(_: &App, _: &Scope, _: Uuid, spec: Self, old: Option<&Self>) -> Result<Self> {
        // a patch cannot change the fields that describe the content; only an upload can
        Ok(old.cloned().unwrap_or(spec))
    }
}

/// Name and description of an uploaded file.
#[derive(Deserialize, JsonSchema)]
#[serde(rename_all = "camelCase", deny_unknown_fields)]
pub struct UploadQuery {
    /// The name of the file, unique among the tenant's files.
    #[schemars(length(min = 1, max = 255))]
    name: String,
    #[serde(default)]
    #[schemars(length(max = 4000))]
    description: String,
    /// The file name for downloads; the name if absent.
    #[schemars(length(min = 1, max = 255))]
    file_name: Option<String>,
}

/// Options for replacing the content.
#[derive(Deserialize, JsonSchema)]
#[serde(rename_all = "camelCase", deny_unknown_fields)]
pub struct ReplaceQuery {
    /// The file name for downloads; unchanged if absent.
    #[schemars(length(min = 1, max = 255))]
    file_name: Option<String>,
}

/// Options of a preview.
#[derive(Deserialize, JsonSchema)]
#[serde(rename_all = "camelCase", deny_unknown_fields)]
pub struct PreviewQuery {
    /// The options of a datasource of type `file` as JSON, without `fileID`.
    #[schemars(length(max = 4096))]
    options: Option<String>,
}

pub fn routes() -> ApiRouter<App> {
    ApiRouter::new()
        .api_route("/files", post_with(create, |op| about::<File>(op, "create", "Upload")))
        .api_route(
            "/files/preview",
            post_with(preview, |op| about::<File>(op, "preview", "Preview the data of").with(documented::asks)),
        )
        .api_route(
            "/files/{fileID}/content",
            get_with(download, |op| about::<File>(op, "download", "Download"))
                .put_with(replace, |op| about::<File>(op, "replace", "Replace the content of")),
        )
        .api_route(
            "/files/{fileID}/versions/{version}/restore",
            post_with(restore, |op| {
                about::<File>(op, "restore", "Restore the content and the name of a version of")
                    .with(documented::conflict)
            }),
        )
}

async fn create(
    Permit { scope, .. }: Permit<File, Create>,
    State(app): State<App>,
    Query(query): Query<UploadQuery>,
    content: UploadBody,
) -> Result<CreatedResponse<File>, Problem> {
    let label = Label::new(&query.name, &query.description)?;
    let own_name = query.file_name.as_deref().map(file::file_name).transpose()?;
    let usual_name = file::file_name(&label.name.replace(['/', '\\'], "-"))?;
    if app.store.get(|tx| tx.find_named::<File>(&scope, &label.name))?.is_some() {
        // fail before the content is sent; the store checks again
        return Err(Error::conflict(format!("there is already a file named \"{}\"", label.name)).into());
    }
    let arrived = content.receive(&app, &scope).await?;
    let about = arrived.about(&own_name.or_else(|| arrived.file_name.clone()).unwrap_or(usual_name))?;
    let record = app.uploads.create(&scope, label, about, arrived.upload).await?;
    Ok(CreatedResponse::new(&app, &scope, &record)?)
}

/// Previews the content without storing it.
async fn preview(
    Permit { scope, .. }: Permit<File, Create>,
    State(app): State<App>,
    Query(query): Query<PreviewQuery>,
    content: UploadBody,
) -> Result<Json<FilePreview>, Problem> {
    let wrong = |what: &str| Error::invalid("options", what);
    let options = query.options.unwrap_or_else(|| "{}".to_owned());
    if options.chars().count() > 4096 {
        return Err(wrong("is longer than 4096 characters: upload the file and preview a datasource instead").into());
    }
    let options = json::parse(options.as_bytes(), &Room::of(1 << 20)).map_err(|refused| refused.into_error(wrong))?;
    let Value::Object(mut options) = options else { return Err(wrong("must be an object").into()) };
    if options.insert("fileID".to_owned(), Uuid::nil().to_string().into()).is_some() {
        return Err(Error::invalid("options.fileID", "must be omitted: the content is in the body").into());
    }
    let mut arrived = content.receive(&app, &scope).await?;
    let path = arrived.upload.arrived().await?;
    Ok(Json(app.executor.preview_file(&scope, Some(path), &options).await?))
}

async fn replace(
    Permit { scope, .. }: Permit<File, Update>,
    State(app): State<App>,
    at: At<File>,
    IfMatch(expected): IfMatch,
    Query(query): Query<ReplaceQuery>,
    content: UploadBody,
) -> Result<RecordResponse<File>, Problem> {
    let file_name = query.file_name.as_deref().map(file::file_name).transpose()?;
    let old = app.store.get(|tx| tx.find::<File>(&scope, at.id))?;
    let arrived = content.receive(&app, &scope).await?;
    let about = arrived.about(&file_name.unwrap_or(old.spec.file_name))?;
    let record = app.uploads.replace(&scope, at.id, expected, about, arrived.upload).await?;
    Ok(RecordResponse::changed(&app, &scope, &record)?)
}

/// The content of the newest versions is kept; how many depends on the tenant's quota.
async fn restore(
    Permit { scope, .. }: Permit<File, Update>,
    State(app): State<App>,
    at: At<File>,
    IfMatch(expected): IfMatch,
    VersionNumber(version): VersionNumber,
) -> Result<RecordResponse<File>, Problem> {
    let record = app.uploads.restore(&scope, at.id, expected, version).await?;
    Ok(RecordResponse::changed(&app, &scope, &record)?)
}

async fn download(
    permit: Permit<File, Read>,
    State(app): State<App>,
    at: At<File>,
    RequestHead(method, asked): RequestHead,
) -> Result<FileContent, Problem> {
    let (leash, scope) = (permit.leash(&app), permit.scope);
    let record = app.store.get(|tx| tx.find::<File>(&scope, at.id))?;
    let mut content = app.uploads.content(&scope, at.id, &record.spec).await?;
    let length = content.metadata().map_err(Error::from)?.len();
    let tag = format!("\"{}\"", record.spec.sha256);
    let common = [
        (ETAG, tag.clone()),
        (ACCEPT_RANGES, "bytes".to_owned()),
        (CACHE_CONTROL, "private, no-cache".to_owned()),
        // scripts in the content must not run with this server's origin
        (CONTENT_SECURITY_POLICY, "default-src 'none'; sandbox".to_owned()),
    ];
    let shown = [(CONTENT_TYPE, record.spec.media_type), (CONTENT_DISPOSITION, attachment(&record.spec.file_name))];
    let (first, last, status) = match wanted(&method, &asked, length, &tag) {
        RequestedRange::Nothing => {
            return Ok(FileContent((StatusCode::NOT_MODIFIED, AppendHeaders(common)).into_response()));
        }
        RequestedRange::Beyond => {
            let why = format!("the content has {length} bytes: request a range within them");
            let problem = Problem::new(StatusCode::RANGE_NOT_SATISFIABLE, ErrorCode::RangeNotSatisfiable, why);
            let range = [(CONTENT_RANGE, format!("bytes */{length}"))];
            return Ok(FileContent((AppendHeaders(range), problem).into_response()));
        }
        RequestedRange::Whole => (0, length.saturating_sub(1), StatusCode::OK),
        RequestedRange::Part(first, last) => (first, last, StatusCode::PARTIAL_CONTENT),
    };
    let sent = if length == 0 { 0 } else { last - first + 1 };
    content.seek(SeekFrom::Start(first)).map_err(Error::from)?;
    let mut response = (status, AppendHeaders(common), AppendHeaders(shown)).into_response();
    let headers = response.headers_mut();
    headers.insert(CONTENT_LENGTH, sent.into());
    if status == StatusCode::PARTIAL_CONTENT {
        let range = HeaderValue::try_from(format!("bytes {first}-{last}/{length}")).map_err(Error::internal)?;
        headers.insert(CONTENT_RANGE, range);
    }
    *response.body_mut() = pieces(leash, content.take(sent));
    Ok(FileContent(response))
}

/// A file's content.
pub struct FileContent(Response);

impl IntoResponse for FileContent {
    fn into_response(self) -> Response {
        self.0
    }
}

impl OperationOutput for FileContent {
    type Inner = ();
    fn inferred_responses(ctx: &mut GenContext, _: &mut Operation) -> documented::DocumentedResponses {
        let answer = |about| {
            let mut answer = documented::file_answer("application/octet-stream", about);
            answer.content.extend(documented::file_answer("*/*", "").content);
            documented::with_headers(answer, &[("ETag", "ETag")])
        };
        let mut answers = vec![
            (documented::status(200), answer("The content, with its own media type")),
            (documented::status(206), answer("The requested range")),
            (documented::status(304), documented::empty_answer("`If-None-Match` names the current content")),
        ];
        answers.extend(documented::errors(ctx, &[416]));
        answers
    }
}
