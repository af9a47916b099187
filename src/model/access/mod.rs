//! Who may do what: permissions, roles, access to dashboards, and the scope of a request.
pub mod dashboards;
pub mod permission;
pub mod scope;
