//! The examples run, and what they assert holds.
#![cfg(feature = "wat")]

macro_rules! examples {
    ($($name:ident $path:literal)*) => {$(
        #[path = $path]
        #[allow(dead_code)]
        mod $name;

        #[test]
        fn $name() {
            $name::main().expect("the example runs");
        }
    )*};
}

examples! {
    hello "../examples/hello.rs"
    host_functions "../examples/host_functions.rs"
    limits "../examples/limits.rs"
    async_host "../examples/async_host.rs"
    linking "../examples/linking.rs"
    gc_structs "../examples/gc_structs.rs"
    threads "../examples/threads.rs"
    resumable "../examples/resumable.rs"
}
