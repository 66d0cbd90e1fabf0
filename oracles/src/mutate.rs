//! Deterministic damage to binaries.
