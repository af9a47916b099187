//! Rows and single values.
mod json;
mod key_value;
mod list;
mod number;
mod table;
mod timeline;

pub use json::Json;
pub use key_value::KeyValue;
pub use list::List;
pub use number::Number;
pub use table::Table;
pub use timeline::Timeline;
