//! What the workspace knows of the files that people uploaded.
use super::Tx;
use crate::{
    Result,
    model::{File, Resource},
};
use std::collections::HashMap;
use uuid::Uuid;

impl Tx<'_> {
    /// Every file of a tenant, described.
    pub fn files(&self, tenant: Uuid) -> Result<HashMap<Uuid, File>> {
        let mut query = self.db.prepare_cached("select id, spec from objects where tenant_id = ?1 and kind = ?2")?;
        let mut rows = query.query((tenant.to_string(), File::KIND.name))?;
        let mut files = HashMap::new();
        while let Some(row) = rows.next()? {
            files.insert(
                super::column::id(row, 0)?,
                serde_json::from_str(row.get_ref(1)?.as_str().unwrap_or_default())?,
            );
        }
        Ok(files)
    }
}
