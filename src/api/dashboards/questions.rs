//! The query behind an item of a dashboard, and which of its rows to load.
use super::parameters::{at_variables, resolve, set_by};
use crate::{
    Error, Result,
    api::{App, data::data_queries::QueryResult},
    connect::{GivenParameters, QueryOutcome, Slice},
    execute::ExecutionOptions,
    model::{
        ActorKind, Scope, Widget,
        widget::{Columns, WidgetSource, kinds::TableRequest},
    },
};
use serde_json::{Map, Value};
use std::collections::BTreeMap;
use uuid::Uuid;

/// A query with its parameters, and the page of its rows.
pub struct ItemQuery {
    query: Uuid,
    parameters: GivenParameters,
    slice: Option<Slice>,
    /// The offset and size of the page, if the query reads it itself.
    page: Option<(u64, u32)>,
    /// The query that counts all rows, and its parameters.
    count: Option<(Uuid, GivenParameters)>,
    /// Where the request sets the parameters.
    places: BTreeMap<String, String>,
}

impl ItemQuery {
    /// Returns the query of a widget; `None` for a widget without data.
    ///
    /// # Errors
    /// `Invalid` for a request that the widget does not allow.
    pub async fn of(
        app: &App,
        scope: &Scope,
        widget: &Widget,
        variables: &Map<String, Value>,
        ask: Option<TableRequest>,
    ) -> Result<Option<Self>> {
        let Some(source) = widget.source()? else { return Ok(None) };
        let mut places = set_by(source.parameters);
        if let Some((server, ask)) = source.server.zip(ask.as_ref()) {
            places.extend(server.places(ask));
        }
        let parameters = resolve(app, scope, source.parameters, variables, "config.parameters").await?;
        // visitors must not learn about other columns from the order of the rows
        let visible = match scope.actor.kind {
            ActorKind::Share => widget.visible().unwrap_or_default().columns,
            _ => Columns::All,
        };
        Ok(Some(Self { places, ..Self::paged(source, parameters, ask, &visible)? }))
    }

    fn paged(
        source: WidgetSource<'_>,
        mut parameters: GivenParameters,
        ask: Option<TableRequest>,
        visible: &Columns<'_>,
    ) -> Result<Self> {
        let (query, places) = (source.query_id, BTreeMap::new());
        let Some(size) = source.page_size else {
            return match ask {
                Some(_) => Err(Error::invalid("page", "this widget is not paged: omit the page")),
                None => Ok(Self { query, parameters, slice: None, page: None, count: None, places }),
            };
        };
        let ask = ask.unwrap_or_default();
        let offset = u64::from(ask.page) * u64::from(size);
        let slice = Some(Slice { offset, limit: size });
        let Some(server) = source.server else {
            if !ask.is_plain() {
                return Err(Error::invalid("search", "this table is not searched or sorted by the server"));
            }
            return Ok(Self { query, parameters, slice, page: None, count: None, places });
        };
        let values = server.parameters(&ask, size, visible)?;
        let is_paged = server.limit.is_some();
        let count = server.count_query_id.map(|count| {
            let page = [&server.sort, &server.direction, &server.limit, &server.offset];
            let is_page = |name: &String| page.into_iter().flatten().any(|one| one == name);
            let counted = values.iter().filter(|(name, _)| !is_page(name));
            let counted = counted.map(|(name, value)| (name.clone(), value.clone()));
            let mut asked = parameters.clone();
            asked.values.extend(counted);
            (count, asked)
        });
        parameters.values.extend(values);
        let page = is_paged.then_some((offset, size));
        Ok(Self { query, parameters, slice: slice.filter(|_| !is_paged), page, count, places })
    }

    /// Returns a text that is the same for queries with the same result.
    pub fn identity(&self) -> Result<String> {
        Ok(serde_json::to_string(&(self.query, &self.parameters, self.slice, self.page, &self.count))?)
    }

    /// Runs the query. The total is missing if counting fails.
    pub async fn run(self, app: &App, scope: &Scope) -> Result<QueryResult> {
        let places = self.places;
        let wrong = |error| at_variables(error, &places);
        let ask = ExecutionOptions { slice: self.slice, ..ExecutionOptions::to_show(self.parameters) };
        let Some((query, parameters)) = self.count else {
            let outcome = app.executor.saved(scope, self.query, ask).await;
            return Ok(result(outcome.map_err(wrong)?, self.page, None));
        };
        let counted = ExecutionOptions::to_show(parameters);
        let counted = async { app.executor.saved(scope, query, counted).await.ok().and_then(|found| total(&found)) };
        let (outcome, total) = tokio::join!(app.executor.saved(scope, self.query, ask), counted);
        Ok(result(outcome.map_err(wrong)?, self.page, total))
    }
}

/// Returns the result of a page with the total. If the query reads the page itself, more rows may follow a full one.
fn result(mut outcome: QueryOutcome, page: Option<(u64, u32)>, total: Option<u64>) -> QueryResult {
    if let Some((offset, size)) = page {
        let end = offset + outcome.row_count as u64;
        outcome.truncated = total.map_or(outcome.row_count >= size as usize, |total| end < total);
    }
    QueryResult::from(outcome).with_total(total)
}

/// Returns the first value of the first row, which counts all rows.
fn total(outcome: &QueryOutcome) -> Option<u64> {
    let (_, value) = outcome.data.get(0)?.as_object()?.iter().next()?;
    value.as_u64().or_else(|| value.as_str()?.parse().ok())
}
