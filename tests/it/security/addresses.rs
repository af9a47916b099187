//! Reaching what a datasource or a value must not reach, and secrets that leave for another destination.
