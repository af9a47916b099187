//! Receives an upload and writes it to disk: as plain bytes, with a content coding, or as the only file of a form.
use crate::{
    Error,
    api::{
        App,
        requests::body::unpacker,
        responses::{
            documented,
            problem::{ErrorCode, Problem},
        },
    },
    bodies::{BrokenCoding, FormEvent, FormParser, Media, MediaKind, PartHead, UnpackFailure, Unpacker},
    model::{Scope, file},
    uploads::{Upload, UploadMetadata},
};
use aide::{OperationInput, generate::GenContext, openapi::Operation};
use axum::{
    body::{Body, BodyDataStream},
    extract::{FromRequest, Request},
    http::{
        StatusCode,
        header::{CONTENT_LENGTH, CONTENT_RANGE, CONTENT_TYPE},
    },
};
use futures_util::StreamExt;
use std::{convert::Infallible, time::Duration};

/// How long an upload may pause.
const STALLED: Duration = Duration::from_secs(30);
/// How many encoded bytes are decoded before the result is written.
const SLICE: usize = 4 << 10;

/// A body of any bytes, read as a stream.
pub struct UploadBody {
    media_type: Option<String>,
    announced: Option<u64>,
    unpacker: Unpacker,
    form: Option<Form>,
    body: BodyDataStream,
}

/// A received upload, with the name and media type that the client sent.
pub struct ReceivedUpload {
    pub upload: Upload,
    /// The name of the file in a form.
    pub file_name: Option<String>,
    media_type: Option<String>,
}

impl ReceivedUpload {
    /// Returns the file's name and media type.
    ///
    /// # Errors
    /// `Invalid` at `fileName`.
    pub fn about(&self, file_name: &str) -> Result<UploadMetadata, Error> {
        let file_name = file::file_name(file_name)?;
        Ok(UploadMetadata { media_type: file::media_type(&file_name, self.media_type.as_deref()), file_name })
    }
}

/// A form with one part, which is the file.
struct Form {
    parts: FormParser,
    file: Option<PartHead>,
    is_in_file: bool,
}

impl Form {
    /// Extracts the file's bytes from the form's bytes.
    fn take(&mut self, bytes: &[u8]) -> Result<Vec<u8>, Error> {
        let Self { parts, file, is_in_file } = self;
        let mut out = Vec::new();
        let mut take = |event: FormEvent<'_>| {
            match event {
                FormEvent::Data(bytes) if *is_in_file => out.extend_from_slice(bytes),
                FormEvent::Data(_) => {}
                FormEvent::Head(head) if head.file_name.is_none() => {
                    let name: String = head.name.chars().take(64).collect();
                    return Err(format!(
                        "the form has the field `{name}`: send the file as its only part, and other values in the query"
                    ));
                }
                FormEvent::Head(_) if file.is_some() => {
                    return Err("the form has several files: send one at a time".to_owned());
                }
                FormEvent::Head(head) => {
                    *file = Some(head);
                    *is_in_file = true;
                }
            }
            Ok(())
        };
        parts.push(bytes, &mut take).map_err(|failed| match failed {
            UnpackFailure::Broken(BrokenCoding(why)) => Error::invalid("", format!("the body {why}")),
            UnpackFailure::Taker(why) => Error::invalid("", why),
        })?;
        Ok(out)
    }
}

impl UploadBody {
    /// Writes the body to disk as it arrives, with backpressure.
    pub async fn receive(mut self, app: &App, scope: &Scope) -> Result<ReceivedUpload, Problem> {
        let largest = app.uploads.largest();
        let is_plain = self.unpacker.is_idle() && self.form.is_none();
        if is_plain && self.announced.is_some_and(|length| length > largest) {
            return Err(too_large(largest));
        }
        let mut upload = app.uploads.begin(scope.tenant).await?;
        loop {
            let next = tokio::time::timeout(STALLED, self.body.next()).await;
            let broken = || Error::invalid("", "the upload was interrupted: send it again");
            let Some(piece) = next.map_err(|_| broken())?.transpose().map_err(|_| broken())? else { break };
            for slice in piece.chunks(if is_plain { piece.len().max(1) } else { SLICE }) {
                let mut out = Vec::new();
                let mut take = |bytes: &[u8]| {
                    out.extend_from_slice(bytes);
                    Ok::<_, Infallible>(())
                };
                self.unpacker.push(slice, &mut take).map_err(broken_packing)?;
                write(&mut upload, self.form.as_mut(), &out, largest).await?;
            }
        }
        let mut out = Vec::new();
        let mut take = |bytes: &[u8]| {
            out.extend_from_slice(bytes);
            Ok::<_, Infallible>(())
        };
        self.unpacker.finish(&mut take).map_err(broken_packing)?;
        write(&mut upload, self.form.as_mut(), &out, largest).await?;
        let (mut file_name, mut media_type) = (None, self.media_type);
        if let Some(Form { parts, file, .. }) = self.form {
            parts.finish().map_err(|BrokenCoding(why)| Error::invalid("", format!("the body {why}")))?;
            let file = file.ok_or_else(|| Error::invalid("", "the form has no file: send one with `file=@name`"))?;
            // some clients send the whole path
            let name = file.file_name.as_deref().and_then(|name| name.rsplit(['/', '\\']).next());
            file_name = name.filter(|name| !name.trim().is_empty()).map(str::to_owned);
            media_type = file.kind;
        }
        if upload.size() == 0 {
            return Err(Error::invalid("", "the body is empty: send the file's content").into());
        }
        Ok(ReceivedUpload { upload, file_name, media_type })
    }
}

async fn write(upload: &mut Upload, form: Option<&mut Form>, bytes: &[u8], largest: u64) -> Result<(), Problem> {
    let own;
    let bytes = match form {
        Some(form) => {
            own = form.take(bytes)?;
            own.as_slice()
        }
        None => bytes,
    };
    if upload.size() + bytes.len() as u64 > largest {
        return Err(too_large(largest));
    }
    Ok(upload.write(bytes).await?)
}

fn too_large(largest: u64) -> Problem {
    Problem::payload_too_large(usize::try_from(largest).unwrap_or(usize::MAX))
}

fn broken_packing(UnpackFailure::Broken(BrokenCoding(why)): UnpackFailure<Infallible>) -> Error {
    Error::invalid("", format!("the body {why}"))
}

impl FromRequest<App> for UploadBody {
    type Rejection = Problem;

    async fn from_request(request: Request, _: &App) -> Result<Self, Problem> {
        let headers = request.headers();
        let header = |name| headers.get(name).and_then(|value| value.to_str().ok());
        if headers.contains_key(CONTENT_RANGE) {
            return Err(Error::invalid(
                "",
                "partial uploads (Content-Range) are not supported: send the whole content",
            )
            .into());
        }
        let media = Media::of(headers);
        let form = if media.kind() == MediaKind::Multipart {
            let parts =
                FormParser::new(&media).map_err(|BrokenCoding(why)| Error::invalid("", format!("the body {why}")))?;
            Some(Form { parts, file: None, is_in_file: false })
        } else if media.essence().starts_with("multipart/") {
            let why =
                "this multipart type is not supported: send the content itself, or one file as multipart/form-data";
            return Err(Problem::new(StatusCode::UNSUPPORTED_MEDIA_TYPE, ErrorCode::UnsupportedMediaType, why));
        } else {
            None
        };
        let media_type = header(CONTENT_TYPE).map(str::to_owned);
        let announced = header(CONTENT_LENGTH).and_then(|length| length.parse().ok());
        let unpacker = unpacker(headers)?;
        Ok(Self { media_type, announced, unpacker, form, body: Body::into_data_stream(request.into_body()) })
    }
}

impl OperationInput for UploadBody {
    fn operation_input(ctx: &mut GenContext, operation: &mut Operation) {
        documented::bytes(ctx, operation);
    }
    fn inferred_early_responses(ctx: &mut GenContext, _: &mut Operation) -> documented::DocumentedResponses {
        documented::errors(ctx, &[400, 413, 415, 503, 507])
    }
}
