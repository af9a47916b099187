//! Who may do what: permissions, roles, and the scope of a request.
pub mod permission;
pub mod scope;
