//! Records in the audit log which queries were executed that change data.
use super::Executor;
use crate::{
    Result,
    connect::{Mode, QueryOutcome, Written},
    model::{DataQuery, Datasource, Resource, ResourceKind, Scope},
    store::{AuditedChange, Tx},
};
use serde_json::{Map, Value, json};
use uuid::Uuid;

/// The most characters that are kept of a value.
const LONGEST: usize = 200;
/// The most values that are kept.
const MOST: usize = 50;

/// What was executed.
#[derive(Clone, Copy)]
pub enum ExecutedStatement {
    /// A saved query.
    Saved(Uuid),
    /// An unsaved statement on a datasource.
    Unsaved(Uuid),
}

impl ExecutedStatement {
    /// Returns the record that the entry is about. A record that was deleted meanwhile has no name any more.
    pub fn object(self, tx: &Tx<'_>, scope: &Scope) -> (&'static ResourceKind, Uuid, String) {
        let (kind, id, found) = match self {
            Self::Saved(id) => (&DataQuery::KIND, id, tx.find_unread::<DataQuery>(scope, id)),
            Self::Unsaved(id) => (&Datasource::KIND, id, tx.find_unread::<Datasource>(scope, id)),
        };
        (kind, id, found.map(|found| found.name).unwrap_or_default())
    }
}

impl Executor {
    /// Adds an entry to the audit log for an execution that changed rows, also through a function, and for every
    /// execution of a query that changes data, unless it was rolled back. `place` tells where it was started.
    ///
    /// # Errors
    /// If the entry cannot be written.
    pub async fn record(
        &self,
        scope: &Scope,
        statement: ExecutedStatement,
        outcome: &QueryOutcome,
        mode: Mode,
        place: Option<Value>,
    ) -> Result<()> {
        let is_change =
            outcome.affected_rows.is_some() || outcome.changes_data || outcome.written == Written::Something;
        if mode != Mode::Run || !is_change {
            return Ok(());
        }
        let parameters = shortened(&outcome.parameters);
        let details = json!({"rows": outcome.affected_rows, "parameters": parameters, "from": place});
        let (kind, id, name) = self.store.get(|tx| Ok(statement.object(tx, scope)))?;
        let act = AuditedChange { verb: "change", kind: kind.name(), id, name: &name };
        self.store.record_act(scope, act, Some(details)).await
    }
}

/// Returns the values as short texts.
pub fn shortened(values: &Map<String, Value>) -> Value {
    let short = |value: &Value| {
        let text = value.as_str().map_or_else(|| value.to_string(), str::to_owned);
        let end = text.char_indices().nth(LONGEST).map(|(end, _)| end);
        end.map_or_else(|| value.clone(), |end| Value::String(format!("{}…", &text[..end])))
    };
    values.iter().take(MOST).map(|(name, value)| (name.clone(), short(value))).collect()
}
