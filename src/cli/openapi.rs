//! `jet-admin openapi`: prints the API document.
use super::say;
use crate::{Error, Result, api};

pub(super) fn run() -> Result<()> {
    let document: serde_json::Value = serde_json::from_slice(&api::document())?;
    say(&serde_json::to_string_pretty(&document).map_err(Error::internal)?);
    Ok(())
}
