//! One pass over the finished API document: valid JSON Schema 2020-12 becomes what the generators of clients understand, and
//! what every operation has in common is said in one place. `tests/it/document.rs` holds the rules.
mod about;
mod examples;
mod names;
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
