//! Nodes that notify people.
mod email;
mod notify;

pub use email::{EMAIL, EmailNode};
pub use notify::NotifyNode;
