//! Queries: saved questions to datasources, with typed parameters.
use super::{
    Datasource, Link, Resource, ResourceKind,
    column::{QueryColumn, check_columns},
    parameter::{Parameter, check_parameters},
    permission::{Noun, Permission},
};
use crate::{Error, Result};
use schemars::JsonSchema;
use serde::{Deserialize, Serialize};
use serde_json::{Map, Value};
use std::sync::Arc;
use uuid::Uuid;

/// A saved, parametrised query.
#[derive(Clone, Debug, Serialize, Deserialize, JsonSchema)]
#[serde(rename_all = "camelCase", deny_unknown_fields)]
pub struct DataQuery {
    #[serde(rename = "datasourceID")]
    pub datasource_id: Uuid,
    /// The query itself. Matches the datasource type's `queryOptionsSchema`.
    #[serde(default)]
    pub options: Arc<Map<String, Value>>,
    #[serde(default)]
    #[schemars(length(max = 100))]
    pub parameters: Arc<[Parameter]>,
    /// How the columns of the results are shown.
    #[serde(default)]
    #[schemars(length(max = 200))]
    pub columns: Arc<[QueryColumn]>,
    /// JavaScript over `data`, `columns` and `params`. Its return value replaces `data`.
    #[serde(default)]
    #[schemars(length(max = 100_000))]
    pub transformer: Option<String>,
    /// How long a result is cached. 0 disables the cache.
    #[serde(default)]
    #[schemars(range(max = 86_400))]
    pub cache_seconds: u32,
    #[serde(default = "DataQuery::default_timeout_ms")]
    #[schemars(range(min = 1, max = 600_000))]
    pub timeout_ms: u32,
    #[serde(default = "DataQuery::default_max_rows")]
    #[schemars(range(min = 1, max = 100_000))]
    pub max_rows: u32,
    /// What the query does with data, if its options do not tell. `null` if they do: a statement's verb, a request's
    /// method. A query that certainly changes data cannot be declared as reading.
    #[serde(default)]
    pub effect: Option<DeclaredEffect>,
    /// Whether the query changes data. Such a query runs only when someone executes it, and in actions and workflows:
    /// never to show data. Read-only.
    #[serde(default)]
    #[schemars(extend("readOnly" = true))]
    pub changes_data: bool,
    /// Whether the editor runs the query when it opens.
    #[serde(default)]
    pub run_on_load: bool,
    /// The dashboard that the query belongs to: only this dashboard and its widgets may use it. `null` if the query is
    /// in the library, where every record may use it.
    #[serde(rename = "dashboardID", default)]
    pub dashboard_id: Option<Uuid>,
    /// Words to find it by.
    #[serde(default)]
    #[schemars(length(max = 20), inner(length(min = 1, max = 50)))]
    pub tags: Vec<String>,
}

/// What the author of a query says that it does.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
#[serde(rename_all = "camelCase")]
#[schemars(rename = "QueryEffect")]
pub enum DeclaredEffect {
    /// It only reads, such as a POST request that searches.
    Reads,
    /// It changes data, such as a statement that calls a function with side effects.
    Changes,
}

impl DataQuery {
    fn default_timeout_ms() -> u32 {
        30_000
    }
    fn default_max_rows() -> u32 {
        10_000
    }
}

impl Resource for DataQuery {
    const KIND: ResourceKind = ResourceKind {
        noun: Noun::DataQuery,
        plural: "data-queries",
        id: "queryID",
        schema: "DataQuery",
        label: "query",
        lends: Some(Permission::DataQueryExecute),
        is_restorable: true,
    };

    const READ_ONLY: &'static [&'static str] = &["changesData"];

    fn check(&self) -> Result<()> {
        check_parameters(&self.parameters, "parameters")?;
        check_columns(&self.columns)?;
        within("cacheSeconds", self.cache_seconds, 0, 86_400)?;
        within("timeoutMs", self.timeout_ms, 1, 600_000)?;
        within("maxRows", self.max_rows, 1, 100_000)?;
        match &self.transformer {
            Some(code) if code.len() > 100_000 => Err(Error::invalid("transformer", "must be at most 100 000 bytes")),
            _ => Ok(()),
        }
    }

    const ON_DASHBOARDS: bool = true;

    fn dashboard(&self) -> Option<Uuid> {
        self.dashboard_id
    }

    fn set_dashboard(&mut self, dashboard: Option<Uuid>) {
        self.dashboard_id = dashboard;
    }

    /// Returns all but the dashboard, which does not change what the query does, and what follows from the rest.
    fn tags(&self) -> &[String] {
        &self.tags
    }

    fn effect(&self) -> Result<Value> {
        Ok(serde_json::to_value(Self { dashboard_id: None, changes_data: false, tags: Vec::new(), ..self.clone() })?)
    }

    fn links(&self) -> Vec<Link> {
        let (path, kind) = ("datasourceID".to_owned(), &Datasource::KIND);
        vec![Link { path, kind, id: self.datasource_id, given: Value::Null }]
    }
}

fn within(field: &str, value: u32, low: u32, high: u32) -> Result<()> {
    if (low..=high).contains(&value) {
        return Ok(());
    }
    Err(Error::invalid(field, format!("must be from {low} to {high}")))
}
