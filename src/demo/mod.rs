//! The sample tenant: people, a shop, and what can be built on it.
pub mod shop;
