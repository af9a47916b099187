//! Whether queries change data, as far as their options tell.
use super::find;
use crate::model::{DataQuery, data_query::DeclaredEffect};
use serde_json::{Map, Value};

/// What a query does with data.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub enum QueryEffect {
    /// It reads, unless its author says otherwise: a function that it calls may have side effects.
    Reads,
    /// It may change data: it counts as such unless its author says otherwise.
    MayChange,
    /// It changes data, whatever its author says.
    Changes,
}

impl QueryEffect {
    /// Returns whether the query counts as one that changes data, given what its author says.
    pub fn changes_data(self, declared: Option<DeclaredEffect>) -> bool {
        match declared {
            _ if self == Self::Changes => true,
            Some(declared) => declared == DeclaredEffect::Changes,
            None => self == Self::MayChange,
        }
    }
}

/// Returns what a query of a datasource type does, from its options. A query of an unknown type cannot run: it counts
/// as one that may change data.
pub fn effect(kind: &str, options: &Map<String, Value>) -> QueryEffect {
    find(kind).map_or(QueryEffect::MayChange, |connector| connector.effect(options))
}

/// Returns whether a query of a datasource type counts as one that changes data.
pub fn changes_data(kind: &str, query: &DataQuery) -> bool {
    effect(kind, &query.options).changes_data(query.effect)
}
