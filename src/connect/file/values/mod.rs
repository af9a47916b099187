//! The values of cells: recognized, converted, and the types of columns that follow from them.
pub(super) mod cell;
pub(super) mod column;
pub(super) mod held;
pub(super) mod moment;
pub(super) mod number;
