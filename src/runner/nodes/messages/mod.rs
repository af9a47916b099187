//! Nodes that notify people.
mod email;
mod notify;

pub use email::{EMAIL, Email};
pub use notify::Notify;
