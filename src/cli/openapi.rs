//! `jet-admin openapi`: prints the API document.
use crate::{Error, Result, api};
use std::io::{Write, stdout};

pub(super) fn run() -> Result<()> {
    let document: serde_json::Value = serde_json::from_slice(&api::document())?;
    let text = serde_json::to_string_pretty(&document).map_err(Error::internal)?;
    Ok(writeln!(stdout(), "{text}")?)
}
