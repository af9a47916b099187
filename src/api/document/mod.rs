//! Post-processes the API document: rewrites JSON Schema 2020-12 into forms that client generators understand, and adds
//! what all operations have in common. `tests/it/document.rs` checks the rules.
mod about;
mod examples;
mod names;
pub mod openapi;
mod operations;
mod schemas;
mod typed;

use serde_json::Value;

/// Brings `document` into its published form. `base` is the path of the public URL: empty, or `/jet`.
pub fn finish(mut document: Value, base: &str) -> Value {
    typed::add(&mut document);
    schemas::simplify(&mut document);
    names::rename(&mut document);
    operations::complete(&mut document);
    examples::add(&mut document);
    about::add(&mut document, base);
    document
}
