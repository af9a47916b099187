//! Keeps stored records in the form in which they would be written now, because lists show them as they are stored.
use crate::{
    Result,
    model::{DataQuery, Resource, every_kind},
    quota::UsageKind,
    store::{
        Store, Tx,
        database::column::{self, signed},
        sql::{OptionalExtension, sql},
    },
};
use serde::Deserialize;
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
    /// The tenant and ID of the last record that it has looked at; `None` if there are no more.
    last: Option<(String, String)>,
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
        let (mut changed, mut after) = (0, Some(Default::default()));
        while let Some(record) = after {
            let portion = self.write(move |tx| tx.renew_portion(record, changes_data)).await?;
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
        Ok(self.db.prepare(sql!("select forms from directory"))?.query_row((), |row| row.get(0))?)
    }

    fn set_forms(&self) -> Result<()> {
        self.db.prepare(sql!("update directory set forms = ?1"))?.execute([MODEL])?;
        Ok(())
    }

    /// Rewrites some records after the one with this tenant and ID.
    fn renew_portion(&self, after: (String, String), changes_data: ChangesData) -> Result<RenewedPortion> {
        let mut find = self.db.prepare(sql!(
            "select tenant_id, id, kind, spec from objects where (tenant_id, id) > (?1, ?2) order by tenant_id, id limit 1"
        ))?;
        let mut replace = self.db.prepare(sql!("update objects set spec = ?3 where tenant_id = ?1 and id = ?2"))?;
        let (mut changed, mut last, mut bytes) = (0, after, 0);
        for _ in 0..AT_ONCE {
            let found = find.query_row((&last.0, &last.1), |row| {
                Ok((column::id(row, 0)?, (row.get(0)?, row.get(1)?), row.get::<String>(2)?, row.get::<String>(3)?))
            });
            let Some((tenant, key, kind, old)) = found.optional()? else {
                return Ok(RenewedPortion { changed, last: None });
            };
            last = key;
            // one that cannot be read stays as it is: showing it reports the error
            let new = if kind == DataQuery::KIND.name() {
                self.renewed_query(tenant, &old, changes_data)
            } else {
                renewed(&kind, &old)
            };
            if let Some(new) = new.filter(|new| *new != old) {
                replace.execute((&last.0, &last.1, &new))?;
                let grown = signed(new.len() as u64) - signed(old.len() as u64);
                self.count_usage(tenant, UsageKind::Records, grown, 0)?;
                changed += 1;
            }
            bytes += old.len();
            if bytes > BYTES_AT_ONCE {
                break;
            }
        }
        Ok(RenewedPortion { changed, last: Some(last) })
    }

    /// Returns the text of a query in the current form, marked by the current rules.
    fn renewed_query(&self, tenant: Uuid, spec: &str, changes_data: ChangesData) -> Option<String> {
        let mut query: DataQuery = serde_json::from_str(spec).ok()?;
        let mut find = self.db.prepare(sql!("select spec from objects where tenant_id = ?1 and id = ?2")).ok()?;
        let spec = find.query_row((tenant, query.datasource_id), |row| row.get::<String>(0));
        if let Some(target) = spec.ok().and_then(|spec| serde_json::from_str::<Typed>(&spec).ok()) {
            query.changes_data = changes_data(&target.r#type, &query);
        }
        serde_json::to_string(&query).ok()
    }
}

/// The type of a datasource, which may be of an earlier form.
#[derive(Deserialize)]
struct Typed {
    r#type: String,
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
