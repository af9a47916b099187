//! A tenant's variables: sealed where they are secret, opened for its workflows.
use crate::{
    Error, Result,
    connect::secrets::Scrubber,
    model::{Record, Scope, Variable},
    store::{Remembered, Sealer, Store},
};
use serde_json::{Map, Value};
use std::{collections::BTreeSet, sync::Arc};
use uuid::Uuid;

/// What all values of a tenant may weigh together: every run that uses one holds all of them.
const LARGEST: usize = 1 << 20;
/// Tenants whose variables are remembered, opened.
const REMEMBERED: u64 = 500;

/// Seals and opens.
pub struct Variables {
    store: Arc<Store>,
    sealer: Sealer,
    opened: Remembered<Uuid, Arc<Vars>>,
}

/// What expressions see as `vars`, and what of it must not be repeated.
#[derive(Debug)]
pub struct Vars {
    /// An object.
    pub values: Arc<Value>,
    pub secrets: Scrubber,
    /// Names of secret variables that cannot be opened with this server's key: what uses one cannot run.
    pub sealed: BTreeSet<String>,
}

impl Default for Vars {
    fn default() -> Self {
        Self { values: Arc::new(Map::new().into()), secrets: Scrubber::default(), sealed: BTreeSet::new() }
    }
}

impl Variables {
    pub fn new(store: Arc<Store>, sealer: Sealer) -> Self {
        Self { store, sealer, opened: Remembered::new(REMEMBERED) }
    }

    /// All of the scope's tenant, as they are now.
    ///
    /// # Errors
    /// When the store cannot be read.
    pub fn of(&self, scope: &Scope) -> Result<Arc<Vars>> {
        self.opened.get(&self.store, scope.tenant, || {
            let mut values = Map::new();
            let mut secrets = Vec::new();
            let mut sealed = BTreeSet::new();
            for Record { id, label, spec, .. } in self.store.get(|tx| tx.all::<Variable>(scope))? {
                let spec = match self.open(scope, id, &spec) {
                    Ok(spec) => spec,
                    Err(error) => {
                        tracing::warn!(tenant = %scope.tenant, variable = %id, %error, "a secret variable cannot be opened");
                        sealed.insert(label.name);
                        continue;
                    }
                };
                if spec.secret {
                    secrets.extend(spec.value.as_str().map(str::to_owned));
                }
                values.insert(label.name, spec.value);
            }
            let secrets = Scrubber::new(secrets.iter().map(String::as_str));
            Ok(Arc::new(Vars { values: Arc::new(values.into()), secrets, sealed }))
        })
    }

    /// The variable with its value.
    ///
    /// # Errors
    /// `Conflict` when it cannot be opened with this server's key.
    pub fn open(&self, scope: &Scope, id: Uuid, variable: &Variable) -> Result<Variable> {
        let Some(sealed) = &variable.sealed else { return Ok(variable.clone()) };
        let secret = self.sealer.open(sealed, &context(scope.tenant, id))?;
        let value = String::from_utf8(secret).map_err(Error::internal)?.into();
        Ok(Variable { value, sealed: None, ..variable.clone() })
    }

    /// The variable as it is stored. An unchanged secret keeps its old seal.
    ///
    /// # Errors
    /// `Invalid` when there is no room for it.
    pub fn sealed(&self, scope: &Scope, id: Uuid, variable: Variable, old: Option<&Variable>) -> Result<Variable> {
        self.make_room(scope, id, &variable)?;
        if !variable.secret {
            return Ok(variable);
        }
        let text = variable.value.as_str().unwrap_or_default();
        let kept = old.and_then(|old| old.sealed.clone());
        let kept = kept.filter(|sealed| {
            self.sealer.open(sealed, &context(scope.tenant, id)).is_ok_and(|secret| secret == text.as_bytes())
        });
        let sealed = match kept {
            Some(sealed) => sealed,
            None => self.sealer.seal(text.as_bytes(), &context(scope.tenant, id))?,
        };
        Ok(Variable { value: Value::Null, secret: true, sealed: Some(sealed) })
    }

    fn make_room(&self, scope: &Scope, id: Uuid, variable: &Variable) -> Result<()> {
        let size = |variable: &Variable| {
            variable.sealed.as_ref().map_or_else(|| variable.value.to_string().len(), String::len)
        };
        let all = self.store.get(|tx| tx.all::<Variable>(scope))?;
        let others: usize = all.iter().filter(|other| other.id != id).map(|other| size(&other.spec)).sum();
        if others + size(variable) > LARGEST {
            let why =
                format!("is too large: all variables together may have {LARGEST} bytes, the others have {others}");
            return Err(Error::invalid("value", why));
        }
        Ok(())
    }
}

/// What a sealed secret is bound to: it opens only for its own variable.
fn context(tenant: Uuid, id: Uuid) -> String {
    format!("{tenant}/variable/{id}")
}

/// Whether a variable opens with this key; one that is no secret does.
pub fn opens(sealer: &Sealer, tenant: Uuid, id: Uuid, variable: &Variable) -> bool {
    variable.sealed.as_ref().is_none_or(|sealed| sealer.open(sealed, &context(tenant, id)).is_ok())
}
