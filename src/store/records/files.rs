//! The uploaded files in the workspace.
use crate::{
    Result,
    model::{File, Resource},
    store::{
        Tx,
        database::column,
        sql::{SqlResult, sql},
    },
};
use std::collections::{HashMap, HashSet};
use uuid::Uuid;

impl Tx<'_> {
    /// Returns the metadata of every file of a tenant.
    pub fn files(&self, tenant: Uuid) -> Result<HashMap<Uuid, File>> {
        let mut query = self.db.prepare(sql!("select id, spec from objects where tenant_id = ?1 and kind = ?2"))?;
        let mut rows = query.query((tenant, File::KIND.name()))?;
        let mut files = HashMap::new();
        while let Some(row) = rows.next()? {
            files.insert(column::id(&row, 0)?, serde_json::from_str(row.text(1)?)?);
        }
        Ok(files)
    }

    /// Returns every tenant with uploaded files.
    pub fn tenants_with_files(&self) -> Result<HashSet<Uuid>> {
        let mut query = self.db.prepare(sql!("select distinct tenant_id from objects where kind = ?1"))?;
        let rows = query.query_map([File::KIND.name()], |row| column::id(row, 0))?;
        Ok(rows.collect::<SqlResult<_>>()?)
    }

    /// Returns files whose row is deleted and whose content may still exist, as tenant and file.
    pub fn deleted_files(&self) -> Result<Vec<(Uuid, Uuid)>> {
        let mut query = self.db.prepare(sql!("select tenant_id, id from deleted_files"))?;
        let rows = query.query_map((), |row| Ok((column::id(row, 0)?, column::id(row, 1)?)))?;
        Ok(rows.collect::<SqlResult<_>>()?)
    }
}
