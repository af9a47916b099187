//! The memory that a request holds until its response.
use crate::budget::Hold;
use std::sync::{Arc, Mutex, PoisonError};

/// The memory holds of a request, which last until its response.
#[derive(Clone, Default)]
pub struct Holds(Arc<Mutex<Vec<Arc<Hold>>>>);

impl Holds {
    pub fn add(&self, hold: Arc<Hold>) {
        self.0.lock().unwrap_or_else(PoisonError::into_inner).push(hold);
    }
}
