//! Small embeddings, each in one file of `programs/`, compiled once with each engine: nothing but
//! the crates behind the names `engine` and `wasi` differs.

macro_rules! programs {
    ($($name:ident)*) => {
        /// The programs with Limpid.
        pub mod with_limpid {
            $(
                #[doc = concat!("`programs/", stringify!($name), ".rs`")]
                #[allow(missing_docs)]
                pub mod $name {
                    use limpid as engine;
                    #[allow(unused_imports)]
                    use limpid::wasi;
                    include!(concat!(
                        env!("CARGO_MANIFEST_DIR"), "/programs/", stringify!($name), ".rs"
                    ));
                }
            )*
        }

        /// The programs with Wasmtime.
        #[cfg(feature = "wasmtime")]
        pub mod with_wasmtime {
            $(
                #[doc = concat!("`programs/", stringify!($name), ".rs`")]
                #[allow(missing_docs)]
                pub mod $name {
                    use wasmtime as engine;
                    #[allow(unused_imports)]
                    use wasmtime_wasi as wasi;
                    include!(concat!(
                        env!("CARGO_MANIFEST_DIR"), "/programs/", stringify!($name), ".rs"
                    ));
                }
            )*
        }

        #[cfg(test)]
        mod tests {
            $(
                #[test]
                fn $name() {
                    crate::with_limpid::$name::run().expect("runs with Limpid");
                    #[cfg(feature = "wasmtime")]
                    crate::with_wasmtime::$name::run().expect("runs with Wasmtime");
                }
            )*
        }
    };
}

programs! {
    add
    aliases
    anyhow
    anyref
    arrays
    async_calls
    async_limiter
    backtrace
    call_hook
    command
    concrete_exceptions
    contexts
    default_values
    epochs
    errors
    exceptions
    externref
    fuel
    full_heap
    func_types
    functions
    globals
    host_memory
    host_new
    host_wrap
    instance_pre
    limiter
    linker
    linker_instance
    memories
    module_functions
    multi_value
    null_references
    predicates
    reflection
    root_scopes
    settings
    shared_memory
    structs
    tables
    traps
    vectors
    wasi_async
}
