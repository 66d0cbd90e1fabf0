//! The heap: allocation, collection, reuse.
