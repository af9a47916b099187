//! Texts and JSON from outside: parsed, checked and described.
pub mod column;
pub mod email;
mod expected;
pub mod json;
pub mod parse;
pub mod schema;
mod sealed;
pub mod text;
mod wording;

pub use expected::Expected;
pub use sealed::Sealed;
