//! Converts stored datasources to the current format in place, without new versions or audit log entries.
use crate::{
    Result,
    model::{Datasource, Resource},
    store::{Store, Tx, database::column},
};
use rusqlite::Row;
use uuid::Uuid;

/// Matches rows that may need it: sealed in an older format, or with lists that may contain credentials.
const MAY_NEED_IT: &str = "((spec like '%\"sealed\":\"%' and spec not like '%\"sealed\":\"' || ?1 || '%')
    or spec like '%\"headers\":[{%' or spec like '%\"queryParams\":[{%')";

impl Store {
    /// Replaces each datasource, and each of its versions, for which `renew` returns a new one. `seal` is the prefix of
    /// seals in the current format. The old data is overwritten on disk.
    ///
    /// # Errors
    /// The errors of `renew`. Nothing is changed then.
    pub async fn rewrite_datasources(
        &self,
        seal: &'static str,
        renew: impl Fn(Uuid, Uuid, Datasource) -> Result<Option<Datasource>> + Send + 'static,
    ) -> Result<()> {
        let changed = self.write(move |tx| tx.rewrite_datasources(seal, &renew)).await?;
        if changed > 0 {
            tracing::info!(changed, "sealed the secrets of stored datasources in the current format");
            self.workspace.checkpoint();
        }
        Ok(())
    }
}

impl Tx<'_> {
    fn rewrite_datasources(
        &self,
        seal: &str,
        renew: &dyn Fn(Uuid, Uuid, Datasource) -> Result<Option<Datasource>>,
    ) -> Result<usize> {
        // the old data may contain secrets
        self.db.pragma_update(None, "secure_delete", true)?;
        let mut changed = 0;
        let own = format!("kind = '{}'", Datasource::KIND.name());
        let of_one = format!("object_id in (select id from objects where {own})");
        for (table, id, of_kind) in [("objects", "id", own), ("versions", "object_id", of_one)] {
            let rows = format!("select tenant_id, {id}, version from {table} where {of_kind} and {MAY_NEED_IT}");
            let key = |row: &Row<'_>| Ok((row.get(0)?, row.get(1)?, row.get(2)?));
            let rows: Vec<(String, String, i64)> =
                self.db.prepare(&rows)?.query_map([seal], key)?.collect::<rusqlite::Result<_>>()?;
            let one = format!("tenant_id = ?1 and {id} = ?2 and version = ?3");
            let mut find = self.db.prepare(&format!("select tenant_id, {id}, spec from {table} where {one}"))?;
            let mut replace = self.db.prepare(&format!("update {table} set spec = ?4 where {one}"))?;
            for (tenant_id, object_id, version) in rows {
                let key = (&tenant_id, &object_id, version);
                let (tenant, object, spec): (_, _, String) =
                    find.query_row(key, |found| Ok((column::id(found, 0)?, column::id(found, 1)?, found.get(2)?)))?;
                // an old version may have a different shape: it can no longer be shown
                let Ok(datasource) = serde_json::from_str(&spec) else { continue };
                if let Some(renewed) = renew(tenant, object, datasource)? {
                    replace.execute((&tenant_id, &object_id, version, serde_json::to_string(&renewed)?))?;
                    changed += 1;
                }
            }
        }
        self.db.pragma_update(None, "secure_delete", false)?;
        Ok(changed)
    }
}
