//! Nodes that fetch and transform data.
mod data_query;
mod http_request;
mod javascript;
mod set;

pub use data_query::QueryNode;
pub use http_request::HttpRequestNode;
pub use javascript::JavascriptNode;
pub use set::SetNode;
