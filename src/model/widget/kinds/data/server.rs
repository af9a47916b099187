//! Tables whose query searches, sorts, filters and pages, and what a reader asks of them.
use super::super::{hidden, parts::RowOperator};
use crate::{
    Error, Result,
    json::number::canonical,
    model::{text::is_identifier, widget::Columns},
};
use schemars::JsonSchema;
use serde::{Deserialize, Serialize};
use serde_json::{Map, Value};
use std::collections::HashSet;
use uuid::Uuid;

/// The most characters of a search text, and of a filter's value.
const MAX_SEARCH: usize = 200;
const MAX_VALUE: usize = 1000;
/// The most filters of one request.
const MAX_FILTERS: usize = 20;

/// The parameters of the query that receive what readers search, sort and filter by.
#[derive(Debug, Serialize, Deserialize, JsonSchema)]
#[serde(rename_all = "camelCase", deny_unknown_fields)]
pub struct ServerTable {
    /// The parameter for the search text.
    #[serde(default)]
    #[schemars(title = "Search parameter", length(max = 64), extend("x-placeholder" = "search"))]
    pub search: Option<String>,
    /// The columns that the search looks into, which the search field names.
    #[serde(default)]
    #[schemars(title = "Searched columns", length(max = 200))]
    pub searched: Vec<String>,
    /// The parameter for the column to sort by.
    #[serde(default)]
    #[schemars(title = "Sort parameter", length(max = 64), extend("x-placeholder" = "sort"))]
    pub sort: Option<String>,
    /// The parameter for the direction: `asc` or `desc`.
    #[serde(default)]
    #[schemars(title = "Direction parameter", length(max = 64), extend("x-placeholder" = "direction"))]
    pub direction: Option<String>,
    /// The parameter for the number of rows. If absent, the datasource returns one page of the query's rows.
    #[serde(default)]
    #[schemars(title = "Limit parameter", length(max = 64), extend("x-placeholder" = "limit"))]
    pub limit: Option<String>,
    /// The parameter for the number of rows to skip.
    #[serde(default)]
    #[schemars(title = "Offset parameter", length(max = 64), extend("x-placeholder" = "offset"))]
    pub offset: Option<String>,
    /// The columns that readers can sort by.
    #[serde(default)]
    #[schemars(title = "Sortable columns", length(max = 200))]
    pub sortable: Vec<String>,
    /// The conditions that readers can set.
    #[serde(default)]
    #[schemars(length(max = 50))]
    pub filters: Vec<ServerFilter>,
    /// A query with the same parameters that returns the total number of rows, in its first row and column.
    #[serde(rename = "countQueryID", default, skip_serializing_if = "hidden")]
    #[schemars(title = "Query for the total", extend("default" = null, "x-widget" = "query"))]
    pub count_query_id: Option<Uuid>,
}

/// A condition that readers can set, and the parameter that receives its value.
#[derive(Debug, Serialize, Deserialize, JsonSchema)]
#[serde(rename_all = "camelCase", deny_unknown_fields)]
pub struct ServerFilter {
    #[schemars(title = "Column", extend("x-widget" = "column"))]
    pub field: String,
    pub operator: RowOperator,
    #[schemars(length(min = 1, max = 64))]
    pub parameter: String,
    /// The values to select from. Leave empty to allow any.
    #[serde(default)]
    #[schemars(length(max = 500))]
    pub options: Vec<String>,
}

/// Which rows of a table to load.
#[derive(Clone, Debug, Default, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields, default)]
pub struct TableRequest {
    /// Page number, from 0.
    pub page: u32,
    /// Only rows that contain this text.
    #[schemars(length(max = 200))]
    pub search: String,
    /// The column to sort by.
    #[schemars(length(max = 255))]
    pub sort: Option<String>,
    pub direction: Option<SortDirection>,
    #[schemars(length(max = 20))]
    pub filters: Vec<TableFilter>,
}

/// The order of sorted rows.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Deserialize, JsonSchema)]
#[serde(rename_all = "lowercase")]
pub enum SortDirection {
    Asc,
    Desc,
}

/// A condition that rows must meet.
#[derive(Clone, Debug, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
pub struct TableFilter {
    #[schemars(length(max = 255))]
    field: String,
    operator: RowOperator,
    /// A text, a number, or true or false.
    value: Value,
}

impl TableRequest {
    /// Returns whether the reader asks for nothing but a page.
    pub fn is_plain(&self) -> bool {
        self.search.trim().is_empty() && self.sort.is_none() && self.direction.is_none() && self.filters.is_empty()
    }
}

impl ServerTable {
    /// Checks the names of the parameters. `mapped` are those that already have a value.
    pub(super) fn check(&self, mapped: &Map<String, Value>) -> Result<()> {
        let at = |name: &str| format!("config.server.{name}");
        if self.limit.is_some() != self.offset.is_some() {
            return Err(Error::invalid(at("offset"), "set the parameters for the limit and the offset, or neither"));
        }
        if self.sort.is_some() == self.sortable.is_empty() {
            return Err(Error::invalid(
                at("sortable"),
                "set the parameter to sort by and list the columns, or neither",
            ));
        }
        if self.search.is_none() && !self.searched.is_empty() {
            return Err(Error::invalid(at("searched"), "requires a parameter for the search text: set `search`"));
        }
        let named = [
            ("search", &self.search),
            ("sort", &self.sort),
            ("direction", &self.direction),
            ("limit", &self.limit),
            ("offset", &self.offset),
        ];
        let named = named.into_iter().filter_map(|(field, name)| Some((at(field), name.as_ref()?)));
        let filters = self.filters.iter().enumerate();
        let filters = filters.map(|(i, filter)| (at(&format!("filters[{i}].parameter")), &filter.parameter));
        let mut seen = HashSet::new();
        for (path, name) in named.chain(filters) {
            if !is_identifier(name) {
                return Err(Error::invalid(path, "must be the name of a parameter, such as search"));
            }
            if mapped.contains_key(name) || !seen.insert(name) {
                return Err(Error::invalid(path, format!("the parameter `{name}` already has another value")));
            }
        }
        Ok(())
    }

    /// Returns the values of the parameters for a request. A visitor can only sort and filter by the columns that are
    /// `visible`.
    ///
    /// # Errors
    /// `Invalid`, naming the field of the request.
    pub fn parameters(&self, ask: &TableRequest, size: u32, visible: &Columns<'_>) -> Result<Map<String, Value>> {
        let mut values = Map::new();
        self.add_search(ask, &mut values)?;
        self.add_order(ask, visible, &mut values)?;
        if ask.filters.len() > MAX_FILTERS {
            return Err(Error::invalid("filters", format!("must have at most {MAX_FILTERS} items")));
        }
        for (i, filter) in ask.filters.iter().enumerate() {
            let (parameter, value) = self
                .filter(filter, visible)
                .map_err(|(field, why)| Error::invalid(format!("filters[{i}].{field}"), why))?;
            if values.insert(parameter.to_owned(), value).is_some() {
                return Err(Error::invalid(format!("filters[{i}]"), "is given twice"));
            }
        }
        if let (Some(limit), Some(offset)) = (&self.limit, &self.offset) {
            values.insert(limit.clone(), size.into());
            values.insert(offset.clone(), (u64::from(ask.page) * u64::from(size)).into());
        }
        Ok(values)
    }

    fn add_search(&self, ask: &TableRequest, values: &mut Map<String, Value>) -> Result<()> {
        let text = ask.search.trim();
        if text.chars().count() > MAX_SEARCH {
            return Err(Error::invalid("search", format!("must be at most {MAX_SEARCH} characters")));
        }
        match &self.search {
            _ if text.is_empty() => {}
            None => return Err(Error::invalid("search", "this table cannot be searched: leave it out")),
            Some(parameter) => drop(values.insert(parameter.clone(), text.into())),
        }
        Ok(())
    }

    fn add_order(&self, ask: &TableRequest, visible: &Columns<'_>, values: &mut Map<String, Value>) -> Result<()> {
        if let Some(column) = &ask.sort {
            let parameter = self.sort.as_ref().filter(|_| self.sortable.contains(column) && visible.contains(column));
            let parameter = parameter.ok_or_else(|| Error::invalid("sort", "is not a column to sort by"))?;
            values.insert(parameter.clone(), column.as_str().into());
        }
        if let Some(direction) = ask.direction {
            let refused = || Error::invalid("direction", "the order of this table is fixed: leave it out");
            let parameter = self.direction.as_ref().ok_or_else(refused)?;
            let word = if direction == SortDirection::Asc { "asc" } else { "desc" };
            values.insert(parameter.clone(), word.into());
        }
        Ok(())
    }

    /// Returns the parameter and the value of a condition, or the field that is wrong and why.
    fn filter(&self, ask: &TableFilter, visible: &Columns<'_>) -> Result<(&str, Value), (&'static str, String)> {
        let fits = |filter: &&ServerFilter| filter.field == ask.field && filter.operator == ask.operator;
        let found = self.filters.iter().find(fits).filter(|_| visible.contains(&ask.field));
        let filter = found.ok_or_else(|| ("field", "is not a column to filter by with this operator".to_owned()))?;
        let text = match &ask.value {
            Value::String(text) => text.clone(),
            Value::Number(_) | Value::Bool(_) => ask.value.to_string(),
            _ => return Err(("value", "must be a text, a number, or true or false".to_owned())),
        };
        if text.chars().count() > MAX_VALUE {
            return Err(("value", format!("must be at most {MAX_VALUE} characters")));
        }
        if filter.options.is_empty() || filter.options.contains(&text) {
            return Ok((&filter.parameter, ask.value.clone()));
        }
        let wanted = canonical(&text);
        let option = filter.options.iter().find(|option| canonical(option) == wanted);
        let option = option.ok_or_else(|| ("value", format!("must be one of {}", filter.options.join(", "))))?;
        let value = if ask.value.is_string() { option.as_str().into() } else { ask.value.clone() };
        Ok((&filter.parameter, value))
    }

    /// Returns where a request sets the parameters, by their names.
    pub fn places(&self, ask: &TableRequest) -> Vec<(String, String)> {
        let filter = |(i, asked): (usize, &TableFilter)| {
            let fits = |filter: &&ServerFilter| filter.field == asked.field && filter.operator == asked.operator;
            let found = self.filters.iter().find(fits)?;
            Some((found.parameter.clone(), format!("filters[{i}].value")))
        };
        let search = self.search.iter().map(|name| (name.clone(), "search".to_owned()));
        ask.filters.iter().enumerate().filter_map(filter).chain(search).collect()
    }
}

#[cfg(test)]
#[allow(clippy::unwrap_used)]
mod tests {
    use crate::model::{Resource, Widget};
    use serde_json::{Value, json};

    fn refusal(server: &Value) -> Option<String> {
        let config = json!({
            "queryID": uuid::Uuid::nil(), "parameters": {"region": "EU"}, "serverPaging": true, "server": server,
        });
        let widget: Widget = serde_json::from_value(json!({"type": "table", "config": config})).unwrap();
        widget.check().err().map(|error| error.to_string())
    }

    #[test]
    fn each_parameter_has_one_source() {
        assert_eq!(refusal(&json!({"search": "q", "limit": "n", "offset": "from"})), None);
        for (server, problem) in [
            (json!({"search": "a b"}), "config.server.search: must be the name of a parameter"),
            (json!({"search": "region"}), "config.server.search: the parameter `region` already has another value"),
            (
                json!({"search": "q", "filters": [{"field": "a", "operator": "equals", "parameter": "q"}]}),
                "config.server.filters[0].parameter: the parameter `q` already has another value",
            ),
            (json!({"searched": ["name"]}), "config.server.searched: requires a parameter"),
            (json!({"limit": "n"}), "config.server.offset: set the parameters"),
            (json!({"sort": "by"}), "config.server.sortable: set the parameter"),
            (json!({"sortable": ["name"]}), "config.server.sortable: set the parameter"),
        ] {
            let refused = refusal(&server).unwrap();
            assert!(refused.starts_with(problem), "{refused}");
        }
    }
}
