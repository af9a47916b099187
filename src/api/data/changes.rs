//! Records in the audit log which rows people change in editable tables.
use crate::{
    Result,
    api::App,
    connect::EditCounts,
    execute::{ExecutedStatement, shortened},
    model::{
        Scope,
        widget::kinds::{GridChange, RowDeletion, RowInsertion, RowUpdate},
    },
    store::{AuditedChange, Tx},
};
use serde_json::{Value, json};
use uuid::Uuid;

/// The most changed rows whose values are kept.
const ROWS: usize = 20;

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
