//! Extra rules of variables: secrets are sealed and never included in responses.
use crate::{
    Error, Result,
    api::{App, records::crud::Crud},
    model::{Scope, Variable},
};
use serde_json::{Map, Value};
use uuid::Uuid;

impl Crud for Variable {
    const STORED_WITHOUT: Option<&'static [&'static str]> = Some(&["sealed"]);

    fn hydrate(app: &App, scope: &Scope, id: Uuid, spec: &Self) -> Result<Self> {
        // if the server's key has changed, the secret is lost and can be entered again
        Ok(app.variables.open(scope, id, spec).unwrap_or_else(|_| Self { sealed: None, ..spec.clone() }))
    }

    fn prepare(app: &App, scope: &Scope, id: Uuid, spec: Self, old: Option<&Self>) -> Result<Self> {
        if old.is_some_and(|old| old.secret != spec.secret) {
            return Err(Error::invalid(
                "secret",
                "cannot be changed, because old versions keep the value: create a new variable",
            ));
        }
        app.variables.sealed(scope, id, spec, old)
    }

    fn present(_: &App, _: &Scope, wire: &mut Map<String, Value>, _: bool) -> Result<()> {
        wire.shift_remove("sealed");
        Ok(())
    }
}
