//! Widgets that set dashboard variables.
mod date_input;
mod date_range;
mod number_input;
mod select_input;
mod text_input;

pub use date_input::DateInput;
pub use date_range::DateRange;
pub use number_input::NumberInput;
pub use select_input::SelectInput;
pub use text_input::TextInput;
