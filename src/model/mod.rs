//! The domain types and their validation rules, without I/O.
mod access;
pub mod dashboard;
pub mod data_query;
pub mod datasource;
pub mod file;
pub mod resource;
pub mod share;
pub mod tenant;
mod values;
pub mod variable;
pub mod widget;
pub mod workflow;

pub use access::{permission, role, scope};
pub use dashboard::Dashboard;
pub use data_query::DataQuery;
pub use datasource::Datasource;
pub use file::File;
pub use json::Json;
pub use permission::Grants;
pub use resource::{Kind, Label, Link, Record, Resource, Unread};
pub use role::Role;
pub use scope::{Actor, ActorKind, RequestInfo, Scope};
pub use tenant::Tenant;
pub use values::{Expected, email, json, parse, schema, text};
pub use variable::Variable;
pub use widget::Widget;
pub use workflow::{Workflow, run, schedule, trigger};

/// Calls the macro `$then` with the type of every kind of resource. This is the only list of them.
macro_rules! every_kind {
    ($then:ident) => {
        $then!(
            $crate::model::Datasource,
            $crate::model::DataQuery,
            $crate::model::Widget,
            $crate::model::Dashboard,
            $crate::model::Workflow,
            $crate::model::File,
            $crate::model::Variable,
            $crate::model::Role
        )
    };
}
pub(crate) use every_kind;

/// Returns the display name of a kind, given its name in the store.
pub fn label_of(kind: &str) -> &str {
    macro_rules! kinds {
        ($($resource:ty),*) => { [$(<$resource>::KIND),*] };
    }
    every_kind!(kinds).iter().find(|known| known.name == kind).map_or(kind, |known| known.label)
}

#[cfg(test)]
mod tests;
