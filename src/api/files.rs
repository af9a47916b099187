//! Files beyond being described: their bytes, up and down.
use super::{
    App,
    answers::{Created, Shown},
    crud::{Crud, about},
    documented,
    export::{attachment, pieces},
    extract::{At, IfMatch, Query},
    permit::{Create, Permit, Read, Update},
    problem::Problem,
};
use crate::{
    Error, Result,
    connect::FilePreview,
    json::{self, Room},
    model::{File, Label, Scope, file},
    uploads::{About, Upload},
};
use aide::{
    OperationInput, OperationOutput,
    axum::{
        ApiRouter,
        routing::{get_with, post_with},
    },
    generate::GenContext,
    openapi::Operation,
};
use axum::{
    Json,
    body::{Body, BodyDataStream},
    extract::{FromRequest, Request, State},
    http::header::{CONTENT_DISPOSITION, CONTENT_LENGTH, CONTENT_SECURITY_POLICY, CONTENT_TYPE},
    response::{IntoResponse, Response},
};
use futures_util::StreamExt;
use schemars::JsonSchema;
use serde::Deserialize;
use serde_json::Value;
use std::time::Duration;
use uuid::Uuid;

/// How long an upload may stand still.
const STALLED: Duration = Duration::from_secs(30);

impl Crud for File {
    fn prepare(_: &App, _: &Scope, _: Uuid, spec: Self, old: Option<&Self>) -> Result<Self> {
        // only an upload changes what the content is
        Ok(old.cloned().unwrap_or(spec))
    }

    async fn gone(app: &App, scope: &Scope, id: Uuid, spec: &Self) -> Result<()> {
        app.uploads.remove(scope.tenant, id, spec.size).await
    }
}

/// What an uploaded file is called.
#[derive(Deserialize, JsonSchema)]
#[serde(rename_all = "camelCase", deny_unknown_fields)]
pub struct UploadQuery {
    /// What people call it; unique among the tenant's files.
    #[schemars(length(min = 1, max = 255))]
    name: String,
    #[serde(default)]
    #[schemars(length(max = 4000))]
    description: String,
    /// What a download is called; the name when absent.
    #[schemars(length(min = 1, max = 255))]
    file_name: Option<String>,
}

/// What the new content is called.
#[derive(Deserialize, JsonSchema)]
#[serde(rename_all = "camelCase", deny_unknown_fields)]
pub struct ReplaceQuery {
    /// What a download is called; as before when absent.
    #[schemars(length(min = 1, max = 255))]
    file_name: Option<String>,
}

/// How the content is to be read.
#[derive(Deserialize, JsonSchema)]
#[serde(rename_all = "camelCase", deny_unknown_fields)]
pub struct PreviewQuery {
    /// The options of a datasource of the type `file`, without `fileID`, as JSON.
    #[schemars(length(max = 65_536))]
    options: Option<String>,
}

pub fn routes() -> ApiRouter<App> {
    ApiRouter::new()
        .api_route("/files", post_with(create, |op| about::<File>(op, "create", "Upload")))
        .api_route(
            "/files/preview",
            post_with(preview, |op| about::<File>(op, "preview", "Preview what a datasource would read of")),
        )
        .api_route(
            "/files/{fileID}/content",
            get_with(download, |op| about::<File>(op, "download", "Download"))
                .put_with(replace, |op| about::<File>(op, "replace", "Replace the content of")),
        )
}

async fn create(
    Permit { scope, .. }: Permit<File, Create>,
    State(app): State<App>,
    Query(query): Query<UploadQuery>,
    content: Content,
) -> Result<Created<File>, Problem> {
    let label = Label::new(&query.name, &query.description)?;
    let file_name = match query.file_name {
        Some(name) => file::file_name(&name)?,
        None => file::file_name(&label.name.replace(['/', '\\'], "-"))?,
    };
    if app.store.get(|tx| tx.find_named::<File>(&scope, &label.name))?.is_some() {
        // said before the bytes are sent; the store has the last word
        return Err(Error::conflict(format!("there is already a file named \"{}\"", label.name)).into());
    }
    let about = content.about(file_name);
    let upload = content.receive(&app, &scope).await?;
    let record = app.uploads.create(&scope, label, about, upload).await?;
    Ok(Created::new(&app, &scope, &record)?)
}

/// Nothing of the content is kept.
async fn preview(
    Permit { scope, .. }: Permit<File, Create>,
    State(app): State<App>,
    Query(query): Query<PreviewQuery>,
    content: Content,
) -> Result<Json<FilePreview>, Problem> {
    let wrong = |what: &str| Error::invalid("options", what);
    let options = query.options.unwrap_or_else(|| "{}".to_owned());
    let options = json::parse(options.as_bytes(), &Room::of(1 << 20)).map_err(|refused| refused.told(wrong))?;
    let Value::Object(mut options) = options else { return Err(wrong("must be an object").into()) };
    if options.insert("fileID".to_owned(), Uuid::nil().to_string().into()).is_some() {
        return Err(Error::invalid("options.fileID", "must be left out: the content is in the body").into());
    }
    let mut upload = content.receive(&app, &scope).await?;
    let path = upload.arrived().await?;
    Ok(Json(app.executor.preview_file(&scope, Some(path), &options).await?))
}

async fn replace(
    Permit { scope, .. }: Permit<File, Update>,
    State(app): State<App>,
    at: At<File>,
    IfMatch(expected): IfMatch,
    Query(query): Query<ReplaceQuery>,
    content: Content,
) -> Result<Shown<File>, Problem> {
    let file_name = query.file_name.as_deref().map(file::file_name).transpose()?;
    let old = app.store.get(|tx| tx.find::<File>(&scope, at.id))?;
    let about = content.about(file_name.unwrap_or(old.spec.file_name));
    let upload = content.receive(&app, &scope).await?;
    let record = app.uploads.replace(&scope, at.id, expected, about, upload).await?;
    Ok(Shown::changed(&app, &scope, &record)?)
}

async fn download(permit: Permit<File, Read>, State(app): State<App>, at: At<File>) -> Result<Whole> {
    let (leash, scope) = (permit.leash(&app), permit.scope);
    let record = app.store.get(|tx| tx.find::<File>(&scope, at.id))?;
    let content = app.uploads.content(&scope, at.id).await?;
    let headers = [
        (CONTENT_TYPE, record.spec.media_type),
        (CONTENT_LENGTH, content.metadata()?.len().to_string()),
        (CONTENT_DISPOSITION, attachment(&record.spec.file_name)),
        // whatever it holds, it runs nothing in our name
        (CONTENT_SECURITY_POLICY, "default-src 'none'; sandbox".to_owned()),
    ];
    Ok(Whole((headers, pieces(leash, content)).into_response()))
}

/// A body of any bytes, read as it comes.
pub struct Content {
    media_type: Option<String>,
    announced: Option<u64>,
    body: BodyDataStream,
}

impl Content {
    fn about(&self, file_name: String) -> About {
        About { media_type: file::media_type(&file_name, self.media_type.as_deref()), file_name }
    }

    /// Writes it to the disk as it comes, no faster than that.
    async fn receive(mut self, app: &App, scope: &Scope) -> Result<Upload, Problem> {
        let largest = app.uploads.largest();
        let too_large = || Problem::payload_too_large(usize::try_from(largest).unwrap_or(usize::MAX));
        if self.announced.is_some_and(|length| length > largest) {
            return Err(too_large());
        }
        let mut upload = app.uploads.begin(scope.tenant).await?;
        loop {
            let next = tokio::time::timeout(STALLED, self.body.next()).await;
            let broken = || Error::invalid("", "the upload broke off: send it again");
            let Some(piece) = next.map_err(|_| broken())?.transpose().map_err(|_| broken())? else { break };
            if upload.size() + piece.len() as u64 > largest {
                return Err(too_large());
            }
            upload.write(&piece).await?;
        }
        if upload.size() == 0 {
            return Err(Error::invalid("", "the body is empty: send the file's content").into());
        }
        Ok(upload)
    }
}

impl FromRequest<App> for Content {
    type Rejection = Problem;

    async fn from_request(request: Request, _: &App) -> Result<Self, Problem> {
        let header = |name| request.headers().get(name).and_then(|value| value.to_str().ok());
        let media_type = header(CONTENT_TYPE).map(str::to_owned);
        let announced = header(CONTENT_LENGTH).and_then(|length| length.parse().ok());
        Ok(Self { media_type, announced, body: Body::into_data_stream(request.into_body()) })
    }
}

impl OperationInput for Content {
    fn operation_input(ctx: &mut GenContext, operation: &mut Operation) {
        documented::bytes(ctx, operation);
    }
    fn inferred_early_responses(ctx: &mut GenContext, _: &mut Operation) -> documented::Answers {
        documented::errors(ctx, &[400, 413, 503, 507])
    }
}

/// A file's content.
pub struct Whole(Response);

impl IntoResponse for Whole {
    fn into_response(self) -> Response {
        self.0
    }
}

impl OperationOutput for Whole {
    type Inner = ();
    fn inferred_responses(_: &mut GenContext, _: &mut Operation) -> documented::Answers {
        let mut answer = documented::file_answer("application/octet-stream", "The content, with its own media type");
        answer.content.extend(documented::file_answer("*/*", "").content);
        vec![(documented::status(200), answer)]
    }
}
