//! The content of uploaded files in storage that servers share: which objects there are, and what they are for. An object
//! is listed before it is stored, and until it is deleted. These statements run on PostgreSQL only.
use super::{
    Tx,
    database::column,
    sql::{Connection, OptionalExtension, Row, Sql, SqlParams, SqlResult},
};
use crate::{Result, clock::Time};
use std::collections::HashSet;
use uuid::Uuid;

const COLUMNS: &str = "tenant_id, file_id, object, sha256, bytes";

/// An object with the content of a file.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct StoredContent {
    pub tenant: Uuid,
    pub file: Uuid,
    /// Distinguishes it from all other objects, even with the same content.
    pub object: Uuid,
    pub sha256: String,
    pub bytes: u64,
}

impl StoredContent {
    /// Returns the name of the object. Its first part is the tenant: no name leads to the content of another one.
    pub fn key(&self) -> String {
        format!("{}/{}.{}", self.tenant, self.sha256, self.object)
    }
}

impl Tx<'_> {
    fn list_contents(&self, sql: &str, params: impl SqlParams) -> Result<Vec<StoredContent>> {
        let mut query = self.db.prepare(Sql::composed(sql))?;
        Ok(query.query_map(params, read)?.collect::<SqlResult<_>>()?)
    }

    fn change_contents(&self, sql: &str, params: impl SqlParams) -> Result<usize> {
        Ok(self.db.prepare(Sql::composed(sql))?.execute(params)?)
    }

    /// Returns the ID of the installation: all servers with this database, and what belongs to them.
    pub fn installation(&self) -> Result<String> {
        Ok(self.directory()?.instance)
    }

    /// Returns the address of the storage that the servers with this database share; `None` before the first one has
    /// used it.
    pub fn storage_address(&self) -> Result<Option<String>> {
        let exists = "select 1 where to_regclass('storage') is not null";
        if !self.db.prepare(Sql::composed(exists))?.exists(())? {
            return Ok(None);
        }
        let mut query = self.db.prepare(Sql::composed("select address from storage limit 1"))?;
        Ok(query.query_row((), |row| row.get(0)).optional()?)
    }

    /// Notes the address of the shared storage, unless another one is known. Returns the known one.
    pub fn note_storage(&self, address: &str) -> Result<String> {
        if let Some(known) = self.storage_address()? {
            return Ok(known);
        }
        self.change_contents("create table if not exists storage (address text not null)", ())?;
        self.change_contents("insert into storage (address) values (?1)", [address])?;
        Ok(address.to_owned())
    }

    /// Returns how many bytes a tenant's files have in shared storage, with what is being stored.
    pub fn content_bytes(&self, tenant: Uuid) -> Result<u64> {
        let sql =
            "select cast(coalesce(sum(bytes), 0) as bigint) from contents where tenant_id = ?1 and state <> 'removed'";
        Ok(self.db.prepare(Sql::composed(sql))?.query_row([tenant], |row| row.get(0))?)
    }

    /// Lists an object that is about to be stored. Unless it is kept until then, it is deleted at `remove_after`.
    pub fn announce_content(&self, content: &StoredContent, now: Time, remove_after: Time) -> Result<()> {
        let StoredContent { tenant, file, object, sha256, bytes } = content;
        let sql = "insert into contents (object, tenant_id, file_id, sha256, bytes, added_at, state, remove_after)
             values (?1, ?2, ?3, ?4, ?5, ?6, 'arriving', ?7)";
        self.change_contents(sql, (*object, *tenant, *file, &**sha256, *bytes, now.0, remove_after.0))?;
        Ok(())
    }

    /// Keeps an object that was stored as the content of its file. If the file already had this content, the older object
    /// is kept. Returns false if it took so long that the object is being deleted.
    pub fn keep_content(&self, content: &StoredContent, now: Time) -> Result<bool> {
        let StoredContent { tenant, file, object, sha256, .. } = content;
        if self.find_content(*tenant, *file, sha256)?.is_some() {
            self.discard_content(*object, now)?;
            return Ok(self.show_content(*tenant, *file, sha256)? > 0);
        }
        let sql = "update contents set state = 'current', remove_after = null where object = ?1 and state = 'arriving'";
        if self.change_contents(sql, [*object])? == 0 {
            return Ok(false);
        }
        self.show_content(*tenant, *file, sha256)?;
        Ok(true)
    }

    /// Makes content that a file has or had its present one. Returns the number of objects that are kept for the file.
    fn show_content(&self, tenant: Uuid, file: Uuid, sha256: &str) -> Result<usize> {
        let sql = "update contents set state = case when sha256 = ?3 then 'current' else 'earlier' end
             where tenant_id = ?1 and file_id = ?2 and state in ('current', 'earlier')";
        self.change_contents(sql, (tenant, file, sha256))
    }

    /// Makes content that a file had before its present one again. Returns false if it is not kept any more.
    pub fn return_to_content(&self, tenant: Uuid, file: Uuid, sha256: &str) -> Result<bool> {
        Ok(self.find_content(tenant, file, sha256)?.is_some() && self.show_content(tenant, file, sha256)? > 0)
    }

    /// Returns the object with content that a file has or had.
    pub fn find_content(&self, tenant: Uuid, file: Uuid, sha256: &str) -> Result<Option<StoredContent>> {
        let sql = format!(
            "select {COLUMNS} from contents where tenant_id = ?1 and file_id = ?2 and sha256 = ?3
               and state in ('current', 'earlier')"
        );
        Ok(self.db.prepare(Sql::composed(&sql))?.query_row((tenant, file, sha256), read).optional()?)
    }

    /// Returns the object with the present content of a file.
    pub fn present_content(&self, tenant: Uuid, file: Uuid) -> Result<Option<StoredContent>> {
        let sql = format!(
            "select {COLUMNS} from contents where tenant_id = ?1 and file_id = ?2 and state = 'current' limit 1"
        );
        Ok(self.db.prepare(Sql::composed(&sql))?.query_row((tenant, file), read).optional()?)
    }

    /// Returns the earlier content of all files of a tenant, oldest first.
    pub fn earlier_content(&self, tenant: Uuid) -> Result<Vec<StoredContent>> {
        let sql = format!(
            "select {COLUMNS} from contents where tenant_id = ?1 and state = 'earlier' order by added_at, object"
        );
        self.list_contents(&sql, [tenant])
    }

    /// Deletes an object at `at` that was announced and is not kept.
    pub fn withdraw_content(&self, object: Uuid, at: Time) -> Result<()> {
        let sql = "update contents set state = 'removed', remove_after = ?2 where object = ?1 and state = 'arriving'";
        self.change_contents(sql, (object, at.0))?;
        Ok(())
    }

    /// Lists content that was copied to the storage.
    pub fn list_content(&self, content: &StoredContent, now: Time, is_present: bool) -> Result<()> {
        self.announce_content(content, now, now)?;
        let state = if is_present { "current" } else { "earlier" };
        let sql = "update contents set state = ?2, remove_after = null where object = ?1";
        self.change_contents(sql, (content.object, state))?;
        Ok(())
    }

    /// Deletes an object at `at`, because nothing needs it any more.
    pub fn discard_content(&self, object: Uuid, at: Time) -> Result<()> {
        let sql = "update contents set state = 'removed', remove_after = ?2 where object = ?1";
        self.change_contents(sql, (object, at.0))?;
        Ok(())
    }

    /// Deletes the content of files at `at`.
    pub fn discard_files(&self, files: &[(Uuid, Uuid)], at: Time) -> Result<()> {
        let sql = "update contents set state = 'removed', remove_after = ?3
             where tenant_id = ?1 and file_id = ?2 and state in ('current', 'earlier')";
        self.db.prepare(Sql::composed(sql))?.send_all(files.iter().map(|(tenant, file)| (*tenant, *file, at.0)))?;
        Ok(())
    }

    /// Deletes all content of a tenant at `at`.
    pub fn discard_tenant(&self, tenant: Uuid, at: Time) -> Result<()> {
        let sql = "update contents set state = 'removed', remove_after = ?2
             where tenant_id = ?1 and state in ('current', 'earlier')";
        self.change_contents(sql, (tenant, at.0))?;
        Ok(())
    }

    /// Returns some objects that are to be deleted. Until `again`, no other server gets them.
    pub fn take_discarded(&self, now: Time, again: Time, most: u32) -> Result<Vec<StoredContent>> {
        let sql = format!(
            "update contents set state = 'removed', remove_after = ?2 where object in
               (select object from contents where remove_after <= ?1 order by remove_after limit {most})
             returning {COLUMNS}"
        );
        self.list_contents(&sql, (now.0, again.0))
    }

    /// Returns whether there are objects to be deleted.
    pub fn has_discarded(&self, now: Time) -> Result<bool> {
        let sql = "select 1 from contents where remove_after <= ?1 limit 1";
        Ok(self.db.prepare(Sql::composed(sql))?.exists([now.0])?)
    }

    /// Removes a deleted object from the list.
    pub fn forget_content(&self, object: Uuid) -> Result<()> {
        self.change_contents("delete from contents where object = ?1", [object])?;
        Ok(())
    }

    /// Returns every object that a file needs.
    pub fn all_contents(&self) -> Result<Vec<(StoredContent, bool)>> {
        let sql = format!(
            "select {COLUMNS}, state = 'current' from contents where state in ('current', 'earlier') order by object"
        );
        let mut query = self.db.prepare(Sql::composed(&sql))?;
        Ok(query.query_map((), |row| Ok((read(row)?, row.get(5)?)))?.collect::<SqlResult<_>>()?)
    }

    /// Returns how many objects files need.
    pub fn count_contents(&self) -> Result<u64> {
        Ok(count_contents(self.db)?)
    }

    /// Returns the tenants with files whose content is not in shared storage, and how many such files there are.
    pub fn files_elsewhere(&self) -> Result<(HashSet<Uuid>, u64)> {
        let sql = "select tenant_id, count(*) from objects o where kind in ('file', 'trash/file') and not exists
               (select 1 from contents c where c.tenant_id = o.tenant_id and c.file_id = o.id and c.state = 'current')
             group by tenant_id";
        let mut query = self.db.prepare(Sql::composed(sql))?;
        let found = query.query_map((), |row| Ok((column::id(row, 0)?, row.get::<u64>(1)?)))?;
        let found = found.collect::<SqlResult<Vec<_>>>()?;
        Ok((found.iter().map(|(tenant, _)| *tenant).collect(), found.iter().map(|(_, count)| count).sum()))
    }
}

/// Returns how many objects files need.
pub(super) fn count_contents(db: Connection<'_>) -> SqlResult<u64> {
    let sql = "select count(*) from contents where state in ('current', 'earlier')";
    db.prepare(Sql::composed(sql))?.query_row((), |row| row.get(0))
}

fn read(row: &Row<'_>) -> SqlResult<StoredContent> {
    Ok(StoredContent {
        tenant: column::id(row, 0)?,
        file: column::id(row, 1)?,
        object: column::id(row, 2)?,
        sha256: row.get(3)?,
        bytes: row.get(4)?,
    })
}
