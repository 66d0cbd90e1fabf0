//! The switches of language features, one by one and as a set.

use super::Config;
use core::fmt;
use core::ops::{BitOr, BitOrAssign};

/// A set of language features, for [`Config::wasm_features`].
///
/// ```
/// use limpid::{Config, WasmFeatures};
/// let mut config = Config::new();
/// config.wasm_features(WasmFeatures::SIMD | WasmFeatures::RELAXED_SIMD, false);
/// assert!(!config.features().simd && config.features().gc);
/// ```
#[derive(Clone, Copy, PartialEq, Eq, Hash, Default)]
pub struct WasmFeatures(u32);

macro_rules! switches {
    ($(#[doc = $doc:literal] $name:ident $feature:ident $set:ident $default:literal)*) => {
        /// The features in the order of their bits.
        #[allow(non_camel_case_types)]
        enum Bit {
            $($feature),*
        }

        impl Config {
            $(
                #[doc = concat!("Enables or disables", $doc, " ", $default, " by default.")]
                pub fn $name(&mut self, enable: bool) -> &mut Self {
                    self.features.$feature = enable;
                    self
                }
            )*

            /// Enables or disables each feature of a set. Features that are not in the set stay as
            /// they are; by default they are as in [`Features::default`](crate::Features).
            pub fn wasm_features(&mut self, flag: WasmFeatures, enable: bool) -> &mut Self {
                $(if flag.contains(WasmFeatures::$set) {
                    self.features.$feature = enable;
                })*
                self
            }

            /// The features that are on, as a set.
            pub(crate) fn feature_set(&self) -> WasmFeatures {
                let mut set = WasmFeatures::empty();
                $(if self.features.$feature {
                    set |= WasmFeatures::$set;
                })*
                set
            }

            /// The switches by their names, each with its documented default, for tests.
            #[cfg(test)]
            #[allow(clippy::type_complexity)]
            const SWITCHES: &'static [(
                &'static str,
                fn(&mut Config, bool) -> &mut Config,
                &'static str,
            )] = &[$((stringify!($name), Config::$name, $default)),*];
        }

        impl WasmFeatures {
            $(
                #[doc = concat!("The feature of", $doc)]
                pub const $set: WasmFeatures = WasmFeatures(1 << Bit::$feature as u32);
            )*

            /// Returns the set of all features.
            pub const fn all() -> WasmFeatures {
                WasmFeatures($(WasmFeatures::$set.0)|*)
            }
        }

        impl fmt::Debug for WasmFeatures {
            fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
                let mut set = f.debug_set();
                $(if self.contains(WasmFeatures::$set) {
                    set.entry(&format_args!(stringify!($set)));
                })*
                set.finish()
            }
        }
    };
}

switches! {
    /// imported and exported mutable globals.
    wasm_mutable_global mutable_global MUTABLE_GLOBAL "On"
    /// saturating conversions of floats to integers.
    wasm_saturating_float_to_int saturating_float_to_int SATURATING_FLOAT_TO_INT "On"
    /// sign extension operators.
    wasm_sign_extension sign_extension SIGN_EXTENSION "On"
    /// `funcref`, `externref` and table instructions.
    wasm_reference_types reference_types REFERENCE_TYPES "On"
    /// bulk memory and table operations.
    wasm_bulk_memory bulk_memory BULK_MEMORY "On"
    /// blocks and functions with several results.
    wasm_multi_value multi_value MULTI_VALUE "On"
    /// 128-bit vectors.
    wasm_simd simd SIMD "On"
    /// relaxed vector instructions, whose meaning is always the deterministic one.
    wasm_relaxed_simd relaxed_simd RELAXED_SIMD "On"
    /// `return_call` and its kin.
    wasm_tail_call tail_call TAIL_CALL "On"
    /// arithmetic in constant expressions.
    wasm_extended_const extended_const EXTENDED_CONST "On"
    /// typed function references.
    wasm_function_references function_references FUNCTION_REFERENCES "On"
    /// structs, arrays, `i31` and recursive types.
    wasm_gc gc GC "On"
    /// exceptions.
    wasm_exceptions exceptions EXCEPTIONS "On"
    /// several memories in a module.
    wasm_multi_memory multi_memory MULTI_MEMORY "On"
    /// 64-bit memories and tables.
    wasm_memory64 memory64 MEMORY64 "On"
    /// shared memories and atomics.
    wasm_threads threads THREADS "On"
    /// 128-bit add, subtract and multiply.
    wasm_wide_arithmetic wide_arithmetic WIDE_ARITHMETIC "On"
    /// memories whose page is one byte.
    wasm_custom_page_sizes custom_page_sizes CUSTOM_PAGE_SIZES "Off"
    /// import sections that name a module once.
    wasm_compact_imports compact_imports COMPACT_IMPORTS "Off"
}

impl WasmFeatures {
    /// Returns the set of no features.
    pub const fn empty() -> WasmFeatures {
        WasmFeatures(0)
    }

    /// Returns whether all features of `other` are in the set.
    pub const fn contains(&self, other: WasmFeatures) -> bool {
        self.0 & other.0 == other.0
    }

    /// Adds the features of `other`.
    pub fn insert(&mut self, other: WasmFeatures) {
        self.0 |= other.0;
    }

    /// Removes the features of `other`.
    pub fn remove(&mut self, other: WasmFeatures) {
        self.0 &= !other.0;
    }
}

impl BitOr for WasmFeatures {
    type Output = WasmFeatures;

    fn bitor(self, other: WasmFeatures) -> WasmFeatures {
        WasmFeatures(self.0 | other.0)
    }
}

impl BitOrAssign for WasmFeatures {
    fn bitor_assign(&mut self, other: WasmFeatures) {
        self.insert(other);
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::syntax::Features;

    #[test]
    fn every_feature_has_a_switch_of_its_name() {
        for name in Features::NAMES {
            let method = alloc::format!("wasm_{}", name.replace('-', "_"));
            let known = Config::SWITCHES.iter().find(|(known, ..)| *known == method);
            let (_, switch, _) = known.expect(&method);
            for on in [true, false] {
                let mut config = Config::new();
                switch(&mut config, on);
                assert_eq!(config.features().get(name), Some(on), "{method}");
            }
        }
    }

    #[test]
    fn documented_defaults_of_features_are_those_of_the_code() {
        for (method, _, documented) in Config::SWITCHES {
            let name = method["wasm_".len()..].replace('_', "-");
            let default = Config::new().features().get(&name).expect(&name);
            assert_eq!(*documented, if default { "On" } else { "Off" }, "{name}");
        }
    }

    #[test]
    fn sets_switch_each_feature_alone() {
        let mut config = Config::new();
        config.wasm_features(WasmFeatures::all(), true);
        assert_eq!(*config.features(), Features::ALL);
        assert_eq!(config.feature_set(), WasmFeatures::all());
        config.wasm_features(WasmFeatures::all(), false);
        assert_eq!(*config.features(), Features::MVP);
        config.wasm_features(WasmFeatures::SIMD | WasmFeatures::GC, true);
        let expected = Features {
            simd: true,
            gc: true,
            ..Features::MVP
        };
        assert_eq!(*config.features(), expected);
        assert_eq!(alloc::format!("{:?}", config.feature_set()), "{SIMD, GC}");
    }
}
