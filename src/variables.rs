//! A tenant's variables: secret ones are sealed for storage and decrypted for workflows.
use crate::{
    Error, Result,
    connect::secrets::Scrubber,
    model::{Record, Scope, Variable},
    store::{Remembered, Sealer, Store},
};
use serde_json::{Map, Value};
use std::{collections::BTreeSet, sync::Arc};
use uuid::Uuid;

/// The maximum size of a tenant's variables together, in bytes: a run that uses one holds all of them in memory.
const LARGEST: usize = 1 << 20;
/// How many tenants' decrypted variables are cached.
const REMEMBERED: u64 = 500;

/// Seals and decrypts variables.
pub struct Variables {
    store: Arc<Store>,
    sealer: Sealer,
    opened: Remembered<Uuid, Arc<Vars>>,
}

/// What expressions see as `vars`, and which of its values are secret.
#[derive(Debug)]
pub struct Vars {
    /// An object with the values by name.
    pub values: Arc<Value>,
    pub secrets: Scrubber,
    /// Names of secret variables that cannot be decrypted with this server's key. An expression that uses one fails.
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

    /// Returns the current variables of the scope's tenant.
    ///
    /// # Errors
    /// If the store cannot be read.
    pub fn of(&self, scope: &Scope) -> Result<Arc<Vars>> {
        self.opened.get(&self.store, scope.tenant, || {
            let mut values = Map::new();
            let mut secrets = Vec::new();
            let mut sealed = BTreeSet::new();
            for Record { id, label, spec, .. } in self.store.get(|tx| tx.all::<Variable>(scope))? {
                let spec = match self.open(scope, id, &spec) {
                    Ok(spec) => spec,
                    Err(error) => {
                        tracing::warn!(tenant = %scope.tenant, variable = %id, %error, "could not decrypt a secret variable");
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

    /// Returns the variable with its value decrypted.
    ///
    /// # Errors
    /// `Conflict` if it cannot be decrypted with this server's key.
    pub fn open(&self, scope: &Scope, id: Uuid, variable: &Variable) -> Result<Variable> {
        let Some(sealed) = &variable.sealed else { return Ok(variable.clone()) };
        let value = self.sealer.open_value(sealed, &context(scope.tenant, id))?.into();
        Ok(Variable { value, sealed: None, ..variable.clone() })
    }

    /// Returns the variable in its stored form. An unchanged secret keeps its old seal.
    ///
    /// # Errors
    /// `Invalid` if the tenant's variables would be too large together.
    pub fn sealed(&self, scope: &Scope, id: Uuid, variable: Variable, old: Option<&Variable>) -> Result<Variable> {
        self.make_room(scope, id, &variable)?;
        if !variable.secret {
            return Ok(variable);
        }
        let secret = variable.value.as_str().unwrap_or_default().to_owned();
        let kept = old.and_then(|old| old.sealed.as_ref());
        let sealed = self.sealer.seal_value(&secret, &context(scope.tenant, id), kept)?;
        Ok(Variable { value: Value::Null, secret: true, sealed: Some(sealed) })
    }

    fn make_room(&self, scope: &Scope, id: Uuid, variable: &Variable) -> Result<()> {
        let size = |variable: &Variable| {
            variable.sealed.as_ref().map_or_else(|| variable.value.to_string().len(), |sealed| sealed.text().len())
        };
        let all = self.store.get(|tx| tx.all::<Variable>(scope))?;
        let others: usize = all.iter().filter(|other| other.id != id).map(|other| size(&other.spec)).sum();
        if others + size(variable) > LARGEST {
            let why = format!(
                "is too large: a tenant's variables may have {LARGEST} bytes together, the others have {others}"
            );
            return Err(Error::invalid("value", why));
        }
        Ok(())
    }
}

/// Returns the context that a seal is bound to, so that it can be decrypted only for its own variable.
fn context(tenant: Uuid, id: Uuid) -> String {
    format!("{tenant}/variable/{id}")
}

/// Returns whether a variable can be decrypted with this key; true for one that is not secret.
pub fn opens(sealer: &Sealer, tenant: Uuid, id: Uuid, variable: &Variable) -> bool {
    variable.sealed.as_ref().is_none_or(|sealed| sealer.open_value(sealed, &context(tenant, id)).is_ok())
}
