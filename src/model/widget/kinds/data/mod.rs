//! Rows and single values.
mod grid;
mod grid_change;
mod grid_column;
mod grid_reference;
mod json;
mod key_value;
mod list;
mod number;
mod server;
mod table;
mod timeline;

pub use grid::Grid;
pub use grid_change::{GridChange, RowDeletion, RowInsertion, RowUpdate};
use grid_column::{Editing, GridWidgetColumn};
pub use grid_reference::GridReference;
pub use json::Json;
pub use key_value::KeyValue;
pub use list::List;
pub use number::Number;
pub use server::{ServerTable, TableRequest};
pub use table::Table;
pub use timeline::Timeline;
