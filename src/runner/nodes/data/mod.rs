//! Nodes that fetch and transform data.
mod data_query;
mod http_request;
mod javascript;
mod set;

pub use data_query::Query;
pub use http_request::HttpRequest;
pub use javascript::Javascript;
pub use set::Set;
