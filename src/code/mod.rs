//! Register code as data: operations, bodies, layout. Knows nothing of how it runs.
//!
//! Reading order: `layout`, `op`, `body`.

pub mod layout;
