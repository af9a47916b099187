//! Taking over, locking out or creating accounts.
