//! The query string of a list: paging, search, order, and the part of the records to list.
use crate::{
    Error, Result,
    model::Resource,
    store::{ListPart, Page, Sort, SortKey},
};
use schemars::{JsonSchema, Schema, SchemaGenerator};
use serde::Deserialize;
use serde_json::Value;
use std::{borrow::Cow, marker::PhantomData};
use uuid::Uuid;

/// Paging, search and order of a list.
#[derive(Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
struct ListFields {
    /// Page size, from 1 to 200; 50 if absent.
    #[schemars(range(min = 1, max = 200))]
    limit: Option<u32>,
    /// The `nextCursor` of the previous page.
    cursor: Option<String>,
    /// Search text, matched against name and description without regard to case.
    #[schemars(length(max = 200))]
    q: Option<String>,
    /// Sort field: `name`, `createdAt` or `updatedAt`, with a leading `-` for descending order; `-updatedAt` if absent.
    #[schemars(extend("enum" = SORTS))]
    sort: Option<String>,
    /// The ID of a dashboard, to list what belongs to it, or `none` to list the library: what belongs to no dashboard.
    /// All if absent.
    #[serde(rename = "dashboardID")]
    dashboard_id: Option<String>,
}

/// The fields for records of the kind `R`.
#[derive(Deserialize)]
#[serde(transparent)]
pub struct ListQuery<R>(ListFields, #[serde(skip)] PhantomData<fn() -> R>);

impl<R: Resource> JsonSchema for ListQuery<R> {
    fn schema_name() -> Cow<'static, str> {
        format!("{}ListQuery", R::KIND.schema).into()
    }
    fn json_schema(generator: &mut SchemaGenerator) -> Schema {
        let mut schema = ListFields::json_schema(generator);
        if !R::ON_DASHBOARDS
            && let Some(Value::Object(properties)) = schema.ensure_object().get_mut("properties")
        {
            properties.shift_remove("dashboardID");
        }
        schema
    }
}

const SORTS: [&str; 6] = ["name", "-name", "createdAt", "-createdAt", "updatedAt", "-updatedAt"];

/// Checks a page size: 1 to 200, 50 if absent.
pub fn limit(asked: Option<u32>) -> Result<u32> {
    match asked.unwrap_or(50) {
        limit @ 1..=200 => Ok(limit),
        _ => Err(Error::invalid("limit", "must be from 1 to 200")),
    }
}

impl<R: Resource> ListQuery<R> {
    pub(super) fn page(self) -> Result<Page> {
        let fields = self.0;
        if fields.q.as_ref().is_some_and(|q| q.chars().count() > 200) {
            return Err(Error::invalid("q", "must be at most 200 characters"));
        }
        let sort = fields.sort.as_deref().unwrap_or("-updatedAt");
        let key = match sort.strip_prefix('-').unwrap_or(sort) {
            "name" => SortKey::Name,
            "createdAt" => SortKey::CreatedAt,
            "updatedAt" => SortKey::UpdatedAt,
            _ => {
                return Err(Error::invalid(
                    "sort",
                    "must be name, createdAt or updatedAt, with a leading - for descending order",
                ));
            }
        };
        let sort = Sort { key, descending: sort.starts_with('-') };
        let part = fields.dashboard_id.as_deref().map(part::<R>).transpose()?;
        Ok(Page { limit: limit(fields.limit)?, cursor: fields.cursor, q: fields.q, sort, part })
    }
}

fn part<R: Resource>(text: &str) -> Result<ListPart> {
    if !R::ON_DASHBOARDS {
        return Err(Error::invalid("dashboardID", format!("{} belong to no dashboard: leave it out", R::KIND.plural)));
    }
    match text {
        "none" => Ok(ListPart::Library),
        id => Uuid::parse_str(id)
            .map(ListPart::Dashboard)
            .map_err(|_| Error::invalid("dashboardID", "must be the ID of a dashboard, or `none` for the library")),
    }
}
