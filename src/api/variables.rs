//! Variables beyond being stored: sealed secrets that no answer holds.
use super::{App, crud::Crud};
use crate::{
    Error, Result,
    model::{Scope, Variable},
};
use serde_json::{Map, Value};
use uuid::Uuid;

impl Crud for Variable {
    fn hydrate(app: &App, scope: &Scope, id: Uuid, spec: &Self) -> Result<Self> {
        // with another key the secret is lost, and may be entered again
        Ok(app.variables.open(scope, id, spec).unwrap_or_else(|_| Self { sealed: None, ..spec.clone() }))
    }

    fn prepare(app: &App, scope: &Scope, id: Uuid, spec: Self, old: Option<&Self>) -> Result<Self> {
        if old.is_some_and(|old| old.secret != spec.secret) {
            return Err(Error::invalid(
                "secret",
                "cannot be changed: old versions keep the value; make a new variable",
            ));
        }
        app.variables.sealed(scope, id, spec, old)
    }

    fn present(_: &App, _: &Scope, wire: &mut Map<String, Value>, _: bool) -> Result<()> {
        wire.shift_remove("sealed");
        Ok(())
    }
}
