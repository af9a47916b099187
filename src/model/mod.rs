//! What the house is made of: types and their rules, with no I/O.
pub mod dashboard;
pub mod data_query;
pub mod datasource;
pub mod file;
pub mod json;
pub mod parse;
pub mod permission;
pub mod resource;
pub mod role;
pub mod run;
pub mod schedule;
pub mod schema;
pub mod scope;
pub mod share;
pub mod tenant;
pub mod trigger;
pub mod variable;
pub mod widget;
pub mod workflow;

pub use dashboard::Dashboard;
pub use data_query::DataQuery;
pub use datasource::Datasource;
pub use file::File;
pub use json::Json;
pub use permission::Grants;
pub use resource::{Kind, Label, Link, Record, Resource};
pub use role::Role;
pub use scope::{Actor, ActorKind, RequestInfo, Scope};
pub use tenant::Tenant;
pub use variable::Variable;
pub use widget::Widget;
pub use workflow::Workflow;

/// What people call a kind, by its name in the store.
pub fn label_of(kind: &str) -> &str {
    let known = [
        Datasource::KIND,
        DataQuery::KIND,
        Widget::KIND,
        Dashboard::KIND,
        Workflow::KIND,
        File::KIND,
        Variable::KIND,
        Role::KIND,
    ];
    known.iter().find(|known| known.name == kind).map_or(kind, |known| known.label)
}
