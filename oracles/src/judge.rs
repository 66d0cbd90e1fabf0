//! Verdicts of wasmparser, and ours in the same shape.

use limpid::binary::{self, Malformed};
use limpid::syntax::Features;

/// Decodes a module and all its bodies, without validating.
pub fn decode(bytes: &[u8], features: &Features) -> Result<limpid::syntax::Module, Malformed> {
    let module = binary::decode(bytes, features)?;
    for body in &module.code {
        binary::check_body(&module, body, features)?;
    }
    Ok(module)
}
