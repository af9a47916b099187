//! Doing through one right what another right protects.
