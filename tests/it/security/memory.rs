//! Exhausting memory with bodies, answers and files.
