//! Writing responses: large ones, fixed ones, errors, and how all of them are documented.
pub mod documented;
pub mod fixed;
pub mod held;
pub mod holds;
pub mod large;
pub mod problem;
