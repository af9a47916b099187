//! The domain types and their validation rules, without I/O.
mod access;
pub mod dashboard;
pub mod data_query;
pub mod datasource;
pub mod file;
pub mod parameter;
pub mod relink;
pub mod resource;
pub mod role;
pub mod schedule;
pub mod share;
pub mod tenant;
pub mod trigger;
mod values;
pub mod variable;
pub mod widget;
pub mod workflow;

pub use access::{
    dashboards::{AccessLevel, DashboardAccess},
    permission, scope,
};
pub use dashboard::Dashboard;
pub use data_query::DataQuery;
pub use datasource::Datasource;
pub use file::File;
pub use json::Json;
pub use parameter::Parameter;
pub use permission::{Grants, Permission};
pub use resource::{Label, Link, Record, Resource, ResourceKind, Unread};
pub use role::Role;
pub use scope::{Actor, ActorKind, RequestInfo, Scope, Standing};
pub use tenant::Tenant;
pub use values::{Expected, Sealed, column, email, json, parse, schema, text};
pub use variable::Variable;
pub use widget::Widget;
pub use workflow::{Workflow, run};

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

macro_rules! kinds {
    ($($resource:ty),*) => { &[$(&<$resource>::KIND),*] };
}

/// Every kind of resource.
pub const KINDS: &[&ResourceKind] = every_kind!(kinds);

/// Returns the kind with this name in the store.
pub fn kind_named(name: &str) -> Option<&'static ResourceKind> {
    KINDS.iter().copied().find(|kind| kind.name() == name)
}

/// Returns the kinds that members build with: all but roles.
pub fn asset_kinds() -> impl Iterator<Item = &'static ResourceKind> {
    KINDS.iter().copied().filter(|kind| kind.noun != Role::KIND.noun)
}

#[cfg(test)]
mod tests;
