//! Files: the metadata of uploads. The content is on disk.
use super::{
    Resource, ResourceKind,
    permission::{Noun, Permission},
};
use crate::{Error, Result};
use schemars::JsonSchema;
use serde::{Deserialize, Serialize};
use uuid::Uuid;

/// An uploaded file.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
#[serde(rename_all = "camelCase", deny_unknown_fields)]
pub struct File {
    /// In bytes. Read-only.
    #[serde(default)]
    #[schemars(extend("readOnly" = true))]
    pub size: u64,
    /// Such as `text/csv`. Read-only.
    #[serde(default)]
    #[schemars(extend("readOnly" = true))]
    pub media_type: String,
    /// The SHA-256 digest of the content, as hexadecimal digits. Read-only.
    #[serde(default)]
    #[schemars(extend("readOnly" = true))]
    pub sha256: String,
    /// The file name of a download. Read-only.
    #[serde(default)]
    #[schemars(extend("readOnly" = true))]
    pub file_name: String,
}

impl Resource for File {
    // a file datasource returns the file's content, so linking to a file lends `file:read`
    const KIND: ResourceKind = ResourceKind {
        noun: Noun::File,
        plural: "files",
        id: "fileID",
        schema: "StoredFile",
        label: "file",
        lends: Some(Permission::FileRead),
        is_restorable: true,
    };
    const READ_ONLY: &'static [&'static str] = &["size", "mediaType", "sha256", "fileName"];
}

/// Returns the name under which earlier content of a file is kept, next to its present content.
pub fn kept_name(id: Uuid, sha256: &str) -> String {
    format!("{id}@{sha256}")
}

/// Returns the file and the digest of content that is kept under this name; `None` for other names.
pub fn parse_kept_name(name: &str) -> Option<(Uuid, &str)> {
    let (id, sha256) = name.split_once('@')?;
    let id = Uuid::try_parse(id).ok().filter(|parsed| parsed.to_string() == id)?;
    let is_digest = sha256.len() == 64 && sha256.bytes().all(|byte| matches!(byte, b'0'..=b'9' | b'a'..=b'f'));
    is_digest.then_some((id, sha256))
}

/// Media types by file name extension: clients often send another one.
const ENDINGS: [(&str, &str); 7] = [
    ("csv", "text/csv"),
    ("tsv", "text/tab-separated-values"),
    ("json", "application/json"),
    ("jsonl", "application/x-ndjson"),
    ("ndjson", "application/x-ndjson"),
    ("txt", "text/plain"),
    ("xlsx", "application/vnd.openxmlformats-officedocument.spreadsheetml.sheet"),
];

/// Returns the media type of a file: by the extension of its name, else the valid type in `declared`, else
/// `application/octet-stream`.
pub fn media_type(file_name: &str, declared: Option<&str>) -> String {
    let ending = file_name.rsplit_once('.').map(|(_, ending)| ending.to_ascii_lowercase()).unwrap_or_default();
    if let Some((_, known)) = ENDINGS.iter().find(|(known, _)| *known == ending) {
        return (*known).to_owned();
    }
    let essence = declared.unwrap_or_default().split(';').next().unwrap_or_default().trim().to_ascii_lowercase();
    let token = |part: &str| {
        let fits = |c: char| c.is_ascii_alphanumeric() || "!#$&^_.+-".contains(c);
        !part.is_empty() && part.len() <= 100 && part.chars().all(fits)
    };
    let fits = essence.split_once('/').is_some_and(|(kind, of)| token(kind) && token(of));
    if fits { essence } else { "application/octet-stream".to_owned() }
}

/// Trims and checks the file name of a download.
///
/// # Errors
/// `Invalid` at `fileName`: 1 to 255 characters, none of them a slash, a backslash or a control character.
pub fn file_name(name: &str) -> Result<String> {
    let name = name.trim();
    let problem = if name.is_empty() || name.chars().count() > 255 {
        "must be 1 to 255 characters"
    } else if name.contains(['/', '\\']) || name.chars().any(char::is_control) {
        "must not contain slashes, backslashes or control characters"
    } else {
        return Ok(name.to_owned());
    };
    Err(Error::invalid("fileName", problem))
}

#[cfg(test)]
mod tests {
    use super::media_type;

    #[test]
    fn a_known_extension_overrides_the_type_that_was_sent() {
        let form = Some("application/x-www-form-urlencoded");
        assert_eq!(media_type("Targets.CSV", form), "text/csv");
        assert_eq!(media_type("photo.png", Some("image/png; q=1")), "image/png");
        for odd in [None, Some(""), Some("image"), Some("image/"), Some("a b/c"), Some("text/html\r\nx: y")] {
            assert_eq!(media_type("photo", odd), "application/octet-stream", "{odd:?}");
        }
    }
}
