//! Proposals as run-time values: which parts of the language a module may use.

macro_rules! features {
    ($(#[doc = $doc:literal] $name:ident $text:literal $default:literal)*) => {
        /// The language features that are switched on. `Default` is WebAssembly 3.0 plus threads
        /// and wide-arithmetic.
        #[derive(Clone, Copy, PartialEq, Eq, Debug)]
        pub struct Features { $(#[doc = $doc] pub $name: bool),* }

        impl Default for Features {
            fn default() -> Self {
                Features { $($name: $default),* }
            }
        }

        impl Features {
            /// Every feature off: WebAssembly 1.0.
            pub const MVP: Features = Features { $($name: false),* };
            /// Every feature on.
            pub const ALL: Features = Features { $($name: true),* };
            /// The names used on the command line.
            pub const NAMES: &'static [&'static str] = &[$($text),*];

            /// Describes the feature of that name in a few words; `None` when there is none.
            pub fn describe(name: &str) -> Option<&'static str> {
                match name {
                    $($text => Some($doc.trim().trim_end_matches('.')),)*
                    _ => None,
                }
            }

            /// Switches the feature of that name; `false` when there is none.
            pub fn set(&mut self, name: &str, on: bool) -> bool {
                match name {
                    $($text => self.$name = on,)*
                    _ => return false,
                }
                true
            }

            /// Returns whether the feature of that name is on; `None` when there is none.
            pub fn get(&self, name: &str) -> Option<bool> {
                match name {
                    $($text => Some(self.$name),)*
                    _ => None,
                }
            }
        }
    };
}

features! {
    /// Imported and exported mutable globals.
    mutable_global "mutable-global" true
    /// Saturating float-to-int conversions.
    saturating_float_to_int "saturating-float-to-int" true
    /// Sign extension operators.
    sign_extension "sign-extension" true
    /// Blocks and functions with several results.
    multi_value "multi-value" true
    /// Bulk memory and table operations, passive segments.
    bulk_memory "bulk-memory" true
    /// `funcref`, `externref` and table instructions.
    reference_types "reference-types" true
    /// 128-bit vectors.
    simd "simd" true
    /// Relaxed vector instructions, always with their deterministic meaning.
    relaxed_simd "relaxed-simd" true
    /// `return_call` and its kin.
    tail_call "tail-call" true
    /// Arithmetic in constant expressions.
    extended_const "extended-const" true
    /// Typed function references.
    function_references "function-references" true
    /// Structs, arrays, `i31` and recursive types.
    gc "gc" true
    /// Exceptions with `exnref`.
    exceptions "exceptions" true
    /// Several memories in a module.
    multi_memory "multi-memory" true
    /// 64-bit memories and tables.
    memory64 "memory64" true
    /// Shared memories and atomics.
    threads "threads" true
    /// 128-bit add, subtract and multiply.
    wide_arithmetic "wide-arithmetic" true
    /// Memories whose page is one byte.
    custom_page_sizes "custom-page-sizes" false
    /// Import sections that name a module once.
    compact_imports "compact-imports" false
}
