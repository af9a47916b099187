//! A query to an HTTP service: one request, and how to read the pages of its response.
use crate::connect::http::content::{BodyType, HttpVerb};
use schemars::JsonSchema;
use serde::Deserialize;
use serde_json::Value;

#[derive(Clone, Debug, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
pub(in crate::connect) struct NamedValue {
    #[schemars(title = "Name", length(min = 1, max = 200))]
    pub name: String,
    #[schemars(title = "Value", length(max = 8000))]
    #[serde(default)]
    pub value: String,
}

/// One request
#[derive(Clone, Debug, Default, Deserialize, JsonSchema)]
#[serde(rename_all = "camelCase", deny_unknown_fields)]
#[schemars(rename = "Call")]
pub(in crate::connect) struct RestCall {
    #[schemars(title = "Method", extend("default" = "GET"))]
    #[serde(default)]
    pub method: HttpVerb,
    /// Added to the base URL. `{{ params.name }}` becomes part of one segment, encoded.
    #[schemars(title = "Path", length(max = 2000))]
    #[serde(default)]
    pub path: String,
    #[schemars(title = "Headers", length(max = 50))]
    #[serde(default)]
    pub headers: Vec<NamedValue>,
    /// A list adds the parameter once for each item; null leaves it out.
    #[schemars(title = "Query parameters", length(max = 50))]
    #[serde(default)]
    pub query_params: Vec<NamedValue>,
    /// JSON for a JSON body, an object for a form, a string for text. In a multipart body a field is a value, or a file
    /// as `{filename, contentType, base64}` or `{filename, contentType, text}`. Templates keep their values' types.
    #[schemars(title = "Body")]
    #[serde(default)]
    pub body: Value,
    #[schemars(title = "Body type", extend("default" = "json"))]
    #[serde(default)]
    pub body_type: BodyType,
    /// The path to the data in the response, such as `data.items`. If there are several pages, it applies to each.
    #[schemars(title = "Response path", length(max = 500))]
    pub response_path: Option<String>,
    /// How to request the pages after the first. Without it, only one request is sent. At most 100 pages are read.
    #[schemars(title = "Pagination")]
    pub pagination: Option<Pagination>,
}

#[derive(Clone, Debug, PartialEq, Deserialize, JsonSchema)]
#[serde(tag = "type", rename_all = "camelCase", rename_all_fields = "camelCase", deny_unknown_fields)]
pub(in crate::connect) enum Pagination {
    /// The response contains the URL of the next page: in its `Link` header, or in its body
    Link {
        /// The path to the URL of the next page in the response. If empty, the `Link` header is used.
        #[schemars(title = "Next URL path", length(max = 500))]
        url_path: Option<String>,
    },
    /// The response contains a cursor for the next page
    Cursor {
        /// The path to the cursor, such as `meta.nextCursor`. The last page has none.
        #[schemars(title = "Cursor path", length(min = 1, max = 500))]
        cursor_path: String,
        /// Whether the cursor is in the response, or in the last item of the page.
        #[schemars(title = "Cursor source", extend("default" = "answer"))]
        #[serde(default)]
        cursor_of: CursorSource,
        /// The path to a value that is `false` on the last page.
        #[schemars(title = "Has-more path", length(max = 500))]
        more_path: Option<String>,
        #[schemars(title = "Cursor parameter", length(min = 1, max = 200))]
        cursor_param: String,
        #[schemars(title = "Sent in", extend("default" = "query"))]
        #[serde(default, rename = "in")]
        place: ParameterLocation,
    },
    /// The number of items to skip
    Offset {
        #[schemars(title = "Offset parameter", length(min = 1, max = 200), extend("default" = "offset"))]
        #[serde(default = "offset")]
        offset_param: String,
        #[schemars(title = "Limit parameter", length(max = 200), extend("default" = "limit"))]
        #[serde(default = "limit")]
        limit_param: String,
        #[schemars(title = "Page size", range(min = 1, max = 10_000), extend("default" = 100))]
        #[serde(default = "page_size")]
        page_size: u32,
        #[schemars(title = "Sent in", extend("default" = "query"))]
        #[serde(default, rename = "in")]
        place: ParameterLocation,
    },
    /// The page number
    Page {
        #[schemars(title = "Page parameter", length(min = 1, max = 200), extend("default" = "page"))]
        #[serde(default = "page")]
        page_param: String,
        #[schemars(title = "First page", extend("default" = 1))]
        #[serde(default = "first_page")]
        first_page: u32,
        /// If empty, it is not sent.
        #[schemars(title = "Page size parameter", length(max = 200))]
        size_param: Option<String>,
        #[schemars(title = "Page size", range(min = 1, max = 10_000), extend("default" = 100))]
        #[serde(default = "page_size")]
        page_size: u32,
        #[schemars(title = "Sent in", extend("default" = "query"))]
        #[serde(default, rename = "in")]
        place: ParameterLocation,
    },
}

#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Deserialize, JsonSchema)]
#[serde(rename_all = "camelCase")]
pub(in crate::connect) enum CursorSource {
    #[default]
    Answer,
    LastItem,
}

#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Deserialize, JsonSchema)]
#[serde(rename_all = "lowercase")]
pub(in crate::connect) enum ParameterLocation {
    #[default]
    Query,
    Body,
}

fn offset() -> String {
    "offset".to_owned()
}

fn limit() -> String {
    "limit".to_owned()
}

fn page() -> String {
    "page".to_owned()
}

fn first_page() -> u32 {
    1
}

fn page_size() -> u32 {
    100
}
