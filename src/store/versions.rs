//! The states that an object was saved in.
use super::{Tx, column};
use crate::{
    Error, Result,
    clock::Time,
    model::{Resource, Scope},
};
use rusqlite::OptionalExtension;
use schemars::JsonSchema;
use serde::Serialize;
use uuid::Uuid;

/// One saved state, without its content.
#[derive(Clone, Debug, Serialize, JsonSchema)]
#[schemars(rename = "Version")]
pub struct VersionEntry {
    pub version: u64,
    pub at: Time,
    /// Who saved it.
    pub by: String,
    pub name: String,
}

impl Tx<'_> {
    /// The kept versions, newest first; the object must be there.
    pub fn versions<R: Resource>(&self, scope: &Scope, id: Uuid) -> Result<Vec<VersionEntry>> {
        self.find::<R>(scope, id)?;
        let mut query = self.db.prepare_cached(
            "select version, at, by, name from versions where tenant_id = ?1 and object_id = ?2 order by version desc",
        )?;
        let rows = query.query_map((scope.tenant.to_string(), id.to_string()), |row| {
            Ok(VersionEntry { version: row.get(0)?, at: column::time(row, 1)?, by: row.get(2)?, name: row.get(3)? })
        })?;
        Ok(rows.collect::<rusqlite::Result<_>>()?)
    }

    /// One version whole: what it was called and its spec.
    pub fn version<R: Resource>(&self, scope: &Scope, id: Uuid, version: u64) -> Result<(VersionEntry, String, R)> {
        self.find::<R>(scope, id)?;
        let row = self
            .db
            .prepare_cached("select version, at, by, name, description, spec from versions where tenant_id = ?1 and object_id = ?2 and version = ?3")?
            .query_row((scope.tenant.to_string(), id.to_string(), version), |row| {
                let entry = VersionEntry {
                    version: row.get(0)?,
                    at: column::time(row, 1)?,
                    by: row.get(2)?,
                    name: row.get(3)?,
                };
                Ok((entry, row.get::<_, String>(4)?, row.get::<_, String>(5)?))
            })
            .optional()?;
        let (entry, description, spec) = row.ok_or(Error::NotFound("version"))?;
        Ok((entry, description, serde_json::from_str(&spec)?))
    }
}
