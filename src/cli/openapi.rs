//! `jet-admin openapi`: prints the API document.
use super::output::print;
use crate::{Error, Result, api};

pub(super) fn run() -> Result<()> {
    let document: serde_json::Value = serde_json::from_slice(&api::document())?;
    let text = serde_json::to_string_pretty(&document).map_err(Error::internal)?;
    print(&format!("{text}\n"));
    Ok(())
}
