//! Keeps stored records in the form in which they would be written now, because lists show them as they are stored.
use crate::{
    Result,
    model::{Resource, every_kind},
    quota::UsageKind,
    store::{
        Store, Tx,
        database::column::{self, signed},
    },
};
use schemars::schema_for;
use sha2::{Digest, Sha256};

impl Store {
    /// Rewrites records that an earlier version stored in another form, such as without a field that was added since.
    /// They get no new versions, because their content stays the same.
    pub async fn renew_forms(&self) -> Result<()> {
        let forms = forms()?;
        if self.get(|tx| tx.forms())?.is_some_and(|stored| stored == forms) {
            return Ok(());
        }
        let changed = self.write(move |tx| {
            macro_rules! renew {
                ($($kind:ty),*) => { [$(tx.renew::<$kind>()?),*] };
            }
            let changed: usize = every_kind!(renew).into_iter().sum();
            tx.db.execute("update directory set forms = ?1", [forms])?;
            Ok(changed)
        });
        let changed = changed.await?;
        if changed > 0 {
            tracing::info!(changed, "rewrote stored records in the current form");
        }
        Ok(())
    }
}

impl Tx<'_> {
    fn forms(&self) -> Result<Option<String>> {
        Ok(self.db.query_row("select forms from directory", (), |row| row.get(0))?)
    }

    fn renew<R: Resource>(&self) -> Result<usize> {
        let rows = self
            .db
            .prepare("select rowid from objects where kind = ?1")?
            .query_map([R::KIND.name()], |row| row.get(0))?
            .collect::<rusqlite::Result<Vec<i64>>>()?;
        let mut find = self.db.prepare("select tenant_id, spec from objects where rowid = ?1")?;
        let mut replace = self.db.prepare("update objects set spec = ?2 where rowid = ?1")?;
        let mut changed = 0;
        for row in rows {
            let (tenant, old) =
                find.query_row([row], |found| Ok((column::id(found, 0)?, found.get::<_, String>(1)?)))?;
            // one that cannot be read stays as it is: showing it reports the error
            let Ok(spec) = serde_json::from_str::<R>(&old) else { continue };
            let new = serde_json::to_string(&spec)?;
            if new != old {
                replace.execute((row, &new))?;
                let grown = signed(new.len() as u64) - signed(old.len() as u64);
                self.count_usage(tenant, UsageKind::Records, grown, 0)?;
                changed += 1;
            }
        }
        Ok(changed)
    }
}

/// Returns a digest of the forms of all kinds.
fn forms() -> Result<String> {
    macro_rules! schemas {
        ($($kind:ty),*) => { [$(serde_json::to_vec(&schema_for!($kind))?),*] };
    }
    Ok(hex::encode(Sha256::digest(every_kind!(schemas).concat())))
}
