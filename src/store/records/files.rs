//! The uploaded files in the workspace, with those in the trash.
use crate::{
    Result,
    model::{File, Scope},
    store::{
        Tx,
        database::column,
        sql::{SqlResult, sql},
    },
};
use serde::Deserialize;
use std::collections::{HashMap, HashSet};
use uuid::Uuid;

/// The kinds of rows of files.
const KINDS: &str = "kind in ('file', 'trash/file')";

/// The digest in a version of a file, which may be of an earlier form.
#[derive(Deserialize)]
struct Content {
    sha256: Option<String>,
}

/// An uploaded file, and what it contained before.
#[derive(Debug, Default)]
pub struct KnownFile {
    pub file: File,
    /// The digests of the content in its saved versions.
    pub versions: HashSet<String>,
}

impl Tx<'_> {
    /// Returns the metadata of every file of a tenant.
    pub fn files(&self, tenant: Uuid) -> Result<HashMap<Uuid, KnownFile>> {
        let mut query = self.db.prepare(sql!("select id, spec from objects where tenant_id = ?1 and ", KINDS))?;
        let mut rows = query.query([tenant])?;
        let mut files = HashMap::new();
        while let Some(row) = rows.next()? {
            let file = serde_json::from_str(row.text(1)?)?;
            files.insert(column::id(&row, 0)?, KnownFile { file, versions: HashSet::new() });
        }
        for (id, known) in &mut files {
            known.versions = self.contents_of(tenant, *id)?.into_iter().collect();
        }
        Ok(files)
    }

    /// Returns the digests of the content that the versions of a file had, newest first, each once.
    pub fn earlier_contents(&self, scope: &Scope, id: Uuid) -> Result<Vec<String>> {
        self.contents_of(scope.tenant, id)
    }

    fn contents_of(&self, tenant: Uuid, id: Uuid) -> Result<Vec<String>> {
        let mut query = self
            .db
            .prepare(sql!("select spec from versions where tenant_id = ?1 and object_id = ?2 order by version desc"))?;
        let mut rows = query.query((tenant, id))?;
        let (mut contents, mut seen) = (Vec::new(), HashSet::new());
        while let Some(row) = rows.next()? {
            let digest = serde_json::from_str::<Content>(row.text(0)?).ok().and_then(|content| content.sha256);
            contents.extend(digest.filter(|digest| seen.insert(digest.clone())));
        }
        Ok(contents)
    }

    /// Returns every tenant with uploaded files.
    pub fn tenants_with_files(&self) -> Result<HashSet<Uuid>> {
        let mut query = self.db.prepare(sql!("select distinct tenant_id from objects where ", KINDS))?;
        let rows = query.query_map((), |row| column::id(row, 0))?;
        Ok(rows.collect::<SqlResult<_>>()?)
    }

    /// Returns files whose row is deleted and whose content may still exist, as tenant and file.
    pub fn deleted_files(&self) -> Result<Vec<(Uuid, Uuid)>> {
        let mut query = self.db.prepare(sql!("select tenant_id, id from deleted_files"))?;
        let rows = query.query_map((), |row| Ok((column::id(row, 0)?, column::id(row, 1)?)))?;
        Ok(rows.collect::<SqlResult<_>>()?)
    }
}
