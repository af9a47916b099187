//! Records in the audit log what people change in datasources.
use crate::{
    Result,
    api::App,
    connect::{EditCounts, Mode, QueryOutcome},
    model::{
        DataQuery, Datasource, Resource, ResourceKind, Scope,
        widget::kinds::{GridChange, RowDeletion, RowInsertion, RowUpdate},
    },
    store::{AuditedChange, Tx},
};
use serde_json::{Map, Value, json};
use uuid::Uuid;

/// The most characters that are kept of a value.
const LONGEST: usize = 200;
/// The most values that are kept.
const MOST: usize = 50;
/// The most changed rows whose values are kept.
const ROWS: usize = 20;

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
        let (kind, id, found) = match self {
            Self::Saved(id) => (&DataQuery::KIND, id, tx.find_unread::<DataQuery>(scope, id)),
            Self::Unsaved(id) => (&Datasource::KIND, id, tx.find_unread::<Datasource>(scope, id)),
        };
        (kind, id, found.map(|found| found.name).unwrap_or_default())
    }
}

/// Adds an entry to the audit log if an execution in this mode has changed rows. `place` tells where on a dashboard it
/// was started.
///
/// # Errors
/// If the entry cannot be written.
pub async fn record(
    app: &App,
    scope: &Scope,
    statement: ExecutedStatement,
    outcome: &QueryOutcome,
    mode: Mode,
    place: Option<Value>,
) -> Result<()> {
    let Some(rows) = outcome.affected_rows.filter(|_| matches!(mode, Mode::Run)) else { return Ok(()) };
    let details = json!({"rows": rows, "parameters": shortened(&outcome.parameters), "from": place});
    let (kind, id, name) = app.store.get(|tx| Ok(statement.object(tx, scope)))?;
    let act = AuditedChange { verb: "change", kind: kind.name(), id, name: &name };
    app.store.record_act(scope, act, Some(details)).await
}

/// Rows of a table that were changed in an editable table.
pub struct EditedRows<'a> {
    pub datasource: Uuid,
    pub table: &'a str,
    pub counts: EditCounts,
    pub changes: &'a [GridChange],
    /// The dashboard and the widget.
    pub place: Value,
}

/// Adds an entry to the audit log for changed rows, with the values of the first ones.
///
/// # Errors
/// If the entry cannot be written.
pub async fn record_rows(app: &App, scope: &Scope, edited: &EditedRows<'_>) -> Result<()> {
    let EditCounts { updated, inserted, deleted } = edited.counts;
    let row = |change: &GridChange| match change {
        GridChange::Update(RowUpdate { key, before, after }) => {
            let old = before.iter().filter(|(name, _)| after.contains_key(*name));
            let old = old.map(|(name, value)| (name.clone(), value.clone())).collect();
            json!({"update": {"key": shortened(key), "before": shortened(&old), "after": shortened(after)}})
        }
        GridChange::Insert(RowInsertion { values }) => json!({"insert": {"values": shortened(values)}}),
        GridChange::Delete(RowDeletion { key, before }) => {
            json!({"delete": {"key": shortened(key), "before": shortened(before)}})
        }
    };
    let details = json!({
        "rows": updated + inserted + deleted, "updated": updated, "inserted": inserted, "deleted": deleted,
        "table": edited.table, "changes": edited.changes.iter().take(ROWS).map(row).collect::<Value>(),
        "from": edited.place,
    });
    let (scope, statement) = (scope.clone(), ExecutedStatement::Unsaved(edited.datasource));
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
