//! Converts stored datasources to the current format in place, without new versions or audit log entries.
use crate::{
    Result,
    model::Datasource,
    store::{
        Store, Tx,
        database::column,
        sql::{Row, Sql, SqlResult, sql},
    },
};
use uuid::Uuid;

/// Matches rows that may need it: sealed in an older format, or with lists that may contain credentials.
const MAY_NEED_IT: &str = "((spec like '%\"sealed\":\"%' and spec not like '%\"sealed\":\"' || ?1 || '%')
    or spec like '%\"headers\":[{%' or spec like '%\"queryParams\":[{%')";

/// Finds the keys of the rows that may need it, finds one of them, and replaces it.
const OBJECTS: [Sql<'_>; 3] = [
    sql!("select tenant_id, id, version from objects where kind = 'datasource' and ", MAY_NEED_IT),
    sql!("select tenant_id, id, spec from objects where tenant_id = ?1 and id = ?2 and version = ?3"),
    sql!("update objects set spec = ?4 where tenant_id = ?1 and id = ?2 and version = ?3"),
];
const VERSIONS: [Sql<'_>; 3] = [
    sql!(
        "select tenant_id, object_id, version from versions
         where object_id in (select id from objects where kind = 'datasource') and ",
        MAY_NEED_IT
    ),
    sql!("select tenant_id, object_id, spec from versions where tenant_id = ?1 and object_id = ?2 and version = ?3"),
    sql!("update versions set spec = ?4 where tenant_id = ?1 and object_id = ?2 and version = ?3"),
];

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
            self.workspace.empty_log();
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
        self.db.overwrite_deleted(true)?;
        let mut changed = 0;
        for [keys, find, replace] in [OBJECTS, VERSIONS] {
            let key = |row: &Row<'_>| Ok((row.get(0)?, row.get(1)?, row.get(2)?));
            let rows: Vec<(String, String, i64)> =
                self.db.prepare(keys)?.query_map([seal], key)?.collect::<SqlResult<_>>()?;
            let (mut find, mut replace) = (self.db.prepare(find)?, self.db.prepare(replace)?);
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
        self.db.overwrite_deleted(false)?;
        Ok(changed)
    }
}
