//! Datasources: configured connections, with sealed secrets.
use super::{File, Link, Resource, ResourceKind, Sealed, permission::Noun};
use schemars::JsonSchema;
use serde::{Deserialize, Serialize};
use serde_json::{Map, Value};
use uuid::Uuid;

/// A connection to a database, an API or a file.
#[derive(Clone, Debug, Serialize, Deserialize, JsonSchema)]
#[serde(rename_all = "camelCase", deny_unknown_fields)]
pub struct Datasource {
    /// One of `GET /datasource-types`.
    pub r#type: String,
    /// Connection options that match the type's `optionsSchema`. Secret options are never returned. Send them again
    /// when you change an option that decides where they are sent.
    #[serde(default)]
    pub options: Map<String, Value>,
    #[serde(default)]
    #[schemars(length(max = 20), inner(length(min = 1, max = 50)))]
    pub tags: Vec<String>,
    /// Which secret options are set, as JSON pointers without the leading slash. Read-only.
    #[serde(default)]
    #[schemars(extend("readOnly" = true))]
    pub secrets: Vec<String>,
    /// The secret options, encrypted. Never leaves the server.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    #[schemars(skip)]
    pub sealed: Option<Sealed<Map<String, Value>>>,
}

impl Resource for Datasource {
    const KIND: ResourceKind = ResourceKind {
        noun: Noun::Datasource,
        plural: "datasources",
        id: "datasourceID",
        schema: "Datasource",
        label: "datasource",
        lends: None,
        is_restorable: true,
    };
    const READ_ONLY: &'static [&'static str] = &["secrets", "sealed"];

    fn tags(&self) -> &[String] {
        &self.tags
    }

    fn links(&self) -> Vec<Link> {
        let file = self.options.get("fileID").and_then(|id| Uuid::parse_str(id.as_str()?).ok());
        let link = |id| Link { path: "options.fileID".to_owned(), kind: &File::KIND, id, given: Value::Null };
        file.map(link).into_iter().collect()
    }
}
