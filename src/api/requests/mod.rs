//! Reading requests: extractors for paths, query strings, headers and bodies.
pub mod body;
pub mod cursor;
pub mod extract;
