//! Records in the audit log what people change in datasources.
use crate::{
    Result,
    api::App,
    connect::{Mode, QueryOutcome},
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
    fn object(self, tx: &Tx<'_>, scope: &Scope) -> (&'static ResourceKind, Uuid, String) {
        let (kind, id, name) = match self {
            Self::Saved(id) => (&DataQuery::KIND, id, tx.find::<DataQuery>(scope, id).map(|found| found.label.name)),
            Self::Unsaved(id) => {
                (&Datasource::KIND, id, tx.find::<Datasource>(scope, id).map(|found| found.label.name))
            }
        };
        (kind, id, name.unwrap_or_default())
    }
}

/// Adds an entry to the audit log if an execution has changed rows. `place` tells where on a dashboard it was started.
///
/// # Errors
/// If the entry cannot be written.
pub async fn record(
    app: &App,
    scope: &Scope,
    statement: ExecutedStatement,
    outcome: (&QueryOutcome, Mode),
    values: &Map<String, Value>,
    place: Option<Value>,
) -> Result<()> {
    let (outcome, mode) = outcome;
    let Some(rows) = outcome.affected_rows.filter(|_| matches!(mode, Mode::Run)) else { return Ok(()) };
    let details = json!({"rows": rows, "parameters": shortened(values), "from": place});
    let scope = scope.clone();
    let write = move |tx: &Tx<'_>| {
        let (kind, id, name) = statement.object(tx, &scope);
        let act = AuditedChange { verb: "change", kind: kind.name(), id, name: &name };
        tx.record_detailed_act(&scope, &act, Some(&details))
    };
    app.store.write(write).await
}

/// Returns the values as short texts.
fn shortened(values: &Map<String, Value>) -> Value {
    let short = |value: &Value| {
        let text = value.as_str().map_or_else(|| value.to_string(), str::to_owned);
        let end = text.char_indices().nth(LONGEST).map(|(end, _)| end);
        end.map_or_else(|| value.clone(), |end| Value::String(format!("{}…", &text[..end])))
    };
    values.iter().take(MOST).map(|(name, value)| (name.clone(), short(value))).collect()
}
