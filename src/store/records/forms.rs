//! Keeps stored records in the form in which they would be written now, because lists show them as they are stored.
use crate::{
    Result,
    model::{DataQuery, Resource, every_kind},
    quota::UsageKind,
    store::{
        Store, Tx,
        database::column::{self, signed},
    },
};
use rusqlite::OptionalExtension;
use uuid::Uuid;

/// A digest of the source code of the model and the connectors. What is stored of a record can only change with it.
const MODEL: &str = env!("MODEL_DIGEST");

/// The most records that are looked at in a transaction, and the size of their texts after which it ends. Nobody else
/// writes while the server starts, so this only limits the transaction itself.
const AT_ONCE: usize = 1000;
const BYTES_AT_ONCE: usize = 4 << 20;

/// Returns whether a query of a datasource type changes data.
type ChangesData = fn(&str, &DataQuery) -> bool;

/// What a transaction has done.
struct RenewedPortion {
    changed: usize,
    /// The last row that it has looked at; `None` if there are no more.
    last: Option<i64>,
}

impl Store {
    /// Rewrites records that another version of the program may have stored in another form, such as without a field
    /// that was added since, or that it judged by other rules: `changes_data` marks queries. They get no new versions, because their content stays the same. If it is interrupted, the
    /// next call begins again.
    ///
    /// # Errors
    /// If the store cannot be read or written.
    pub async fn renew_forms(&self, changes_data: ChangesData) -> Result<()> {
        if self.get(|tx| tx.forms())?.is_some_and(|stored| stored == MODEL) {
            return Ok(());
        }
        let (mut changed, mut after) = (0, Some(i64::MIN));
        while let Some(row) = after {
            let portion = self.write(move |tx| tx.renew_portion(row, changes_data)).await?;
            changed += portion.changed;
            after = portion.last;
        }
        self.write(|tx| tx.set_forms()).await?;
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

    fn set_forms(&self) -> Result<()> {
        self.db.execute("update directory set forms = ?1", [MODEL])?;
        Ok(())
    }

    /// Rewrites some records after the row `after`.
    fn renew_portion(&self, after: i64, changes_data: ChangesData) -> Result<RenewedPortion> {
        let sql = "select rowid, tenant_id, kind, spec from objects where rowid > ?1 order by rowid limit 1";
        let mut find = self.db.prepare_cached(sql)?;
        let mut replace = self.db.prepare_cached("update objects set spec = ?2 where rowid = ?1")?;
        let (mut portion, mut bytes) = (RenewedPortion { changed: 0, last: Some(after) }, 0);
        for _ in 0..AT_ONCE {
            let found = find.query_row([portion.last], |row| {
                Ok((row.get::<_, i64>(0)?, column::id(row, 1)?, row.get::<_, String>(2)?, row.get::<_, String>(3)?))
            });
            let Some((row, tenant, kind, old)): Option<(i64, Uuid, String, String)> = found.optional()? else {
                portion.last = None;
                break;
            };
            portion.last = Some(row);
            // one that cannot be read stays as it is: showing it reports the error
            let new = if kind == DataQuery::KIND.name() {
                self.renewed_query(tenant, &old, changes_data)
            } else {
                renewed(&kind, &old)
            };
            if let Some(new) = new.filter(|new| *new != old) {
                replace.execute((row, &new))?;
                let grown = signed(new.len() as u64) - signed(old.len() as u64);
                self.count_usage(tenant, UsageKind::Records, grown, 0)?;
                portion.changed += 1;
            }
            bytes += old.len();
            if bytes > BYTES_AT_ONCE {
                break;
            }
        }
        Ok(portion)
    }

    /// Returns the text of a query in the current form, marked by the current rules.
    fn renewed_query(&self, tenant: Uuid, spec: &str, changes_data: ChangesData) -> Option<String> {
        let mut query: DataQuery = serde_json::from_str(spec).ok()?;
        let sql = "select json_extract(spec, '$.type') from objects where tenant_id = ?1 and id = ?2";
        let mut find = self.db.prepare_cached(sql).ok()?;
        let key = (tenant.to_string(), query.datasource_id.to_string());
        if let Ok(kind) = find.query_row(key, |row| row.get::<_, String>(0)) {
            query.changes_data = changes_data(&kind, &query);
        }
        serde_json::to_string(&query).ok()
    }
}

/// Returns the text of a record of this kind in the current form. `None` if it cannot be read, and for records in the
/// trash, which are converted when they are restored.
fn renewed(kind: &str, spec: &str) -> Option<String> {
    macro_rules! renew {
        ($($resource:ty),*) => {
            $(if kind == <$resource>::KIND.name() {
                return serde_json::to_string(&serde_json::from_str::<$resource>(spec).ok()?).ok();
            })*
        };
    }
    every_kind!(renew);
    None
}
