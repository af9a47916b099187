//! jet-admin: an internal-tools server in one binary. The layers, lowest first; each may use those above it in this list.
pub mod clock;
pub mod connect;
pub mod data_dir;
pub mod error;
pub mod model;
pub mod script;

pub use error::{Error, Result};
