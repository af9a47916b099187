//! Scripts that never stop.
