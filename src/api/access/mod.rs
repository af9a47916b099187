//! Who may call a handler, and for how long a response may last.
pub mod grants;
pub mod live;
pub mod permit;
