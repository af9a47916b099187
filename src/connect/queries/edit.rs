//! Runs changes to rows of a table with turns and a timeout.
use super::{Queries, Target, scrub, within};
use crate::{
    Error, Result,
    connect::{
        CommitGate, EditCounts, EditRequest, Mode, QueryJob, QueryOutcome, ReferenceLookup, TableEdits, find, options,
    },
    model::{DataQuery, parse},
};
use serde_json::json;
use std::{sync::Arc, time::Duration};
use uuid::Uuid;

/// How long a commit may take after the timeout of its changes.
const COMMIT: Duration = Duration::from_secs(30);

impl Queries {
    /// Writes changes to rows of a table in one transaction, or rolls them back for a `preview`. Nothing is written if
    /// they take longer than `limit`.
    ///
    /// # Errors
    /// `RowConflicts` if rows have other values than expected, `Invalid` for values that the table does not accept.
    pub async fn edit(
        &self,
        tenant: Uuid,
        target: &Target,
        edits: Arc<TableEdits>,
        preview: bool,
        limit: Duration,
    ) -> Result<EditCounts> {
        let connector = find(&target.kind).ok_or_else(|| options::unknown(&target.kind))?;
        if !connector.about().capabilities.edits {
            let name = connector.about().name;
            return Err(Error::datasource(format!("{name} does not support editing rows: use a query")));
        }
        let gate = CommitGate::default();
        let request = EditRequest { edits, preview, gate: gate.clone(), hold: self.hold(tenant) };
        let mut work = Box::pin(async {
            let _turn = self.turn(tenant).await?;
            self.source(tenant, target).await?.edit(request).await
        });
        let done = match within(limit, "the change", &mut work).await {
            // the commit has begun: only its outcome tells what was written
            Err(Error::Timeout(_)) if !gate.close() => within(COMMIT, "the commit", &mut work).await,
            done => done,
        };
        if !preview {
            self.0.answers.renew(target.id);
        }
        done.map_err(|error| scrub(error, &target.kind, &target.options))
    }

    /// Finds rows of a table in the datasource of `query`, within the query's timeout. The result has the columns
    /// `value` and `label`; it is truncated if there are more.
    ///
    /// # Errors
    /// `Invalid` for a name with a placeholder in it; otherwise that of the statement.
    pub async fn look_up(
        &self,
        tenant: Uuid,
        target: &Arc<Target>,
        query: &DataQuery,
        lookup: &ReferenceLookup,
    ) -> Result<QueryOutcome> {
        let connector = find(&target.kind).ok_or_else(|| options::unknown(&target.kind))?;
        let dialect = connector.dialect().filter(|_| connector.about().capabilities.edits);
        let dialect = dialect.ok_or_else(|| {
            let name = connector.about().name;
            Error::datasource(format!("{name} does not support looking up the rows that a column refers to"))
        })?;
        let asked = lookup.query(dialect);
        let own = json!({
            "datasourceID": target.id,
            "options": {"sql": asked.sql},
            "parameters": asked.parameters,
            "timeoutMs": query.timeout_ms,
            "maxRows": asked.most,
        });
        let job = QueryJob {
            tenant,
            target: Arc::clone(target),
            query: Arc::new(parse::from_value(own, "references")?),
            saved: None,
            parameters: asked.values.into(),
            mode: Mode::Run,
            slice: None,
        };
        self.execute(job).await
    }
}
