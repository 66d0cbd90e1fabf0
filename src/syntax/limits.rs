//! Implementation limits (spec: appendix/implementation): sizes past which a module is refused
//! although the language has no such bound. All of them are checked before anything of that size
//! is allocated. The numbers are those on which engines have agreed (JS API, limits).

/// Bytes of a module: 1 GiB.
pub const MODULE_SIZE: u32 = 1 << 30;
/// Defined types, members of recursion groups counted one by one.
pub const TYPES: u32 = 1_000_000;
/// Members of one recursion group.
pub const REC_GROUP: u32 = 1_000_000;
/// Declared supertypes of one type (validation allows one).
pub const SUPERTYPES: u32 = 5;
/// Length of a chain of declared supertypes.
pub const SUBTYPING_DEPTH: u32 = 63;
/// Parameters of a function type.
pub const PARAMS: u32 = 1_000;
/// Results of a function type.
pub const RESULTS: u32 = 1_000;
/// Fields of a struct type.
pub const FIELDS: u32 = 10_000;
/// Functions, imported ones included.
pub const FUNCTIONS: u32 = 1_000_000;
/// Tables, imported ones included.
pub const TABLES: u32 = 100_000;
/// Memories, imported ones included.
pub const MEMORIES: u32 = 100;
/// Tags, imported ones included.
pub const TAGS: u32 = 1_000_000;
/// Globals, imported ones included.
pub const GLOBALS: u32 = 1_000_000;
/// Imports.
pub const IMPORTS: u32 = 1_000_000;
/// Exports.
pub const EXPORTS: u32 = 1_000_000;
/// Element segments.
pub const ELEMS: u32 = 100_000;
/// Elements of one segment.
pub const ELEM_ITEMS: u32 = 10_000_000;
/// Data segments.
pub const DATAS: u32 = 100_000;
/// Locals of a function, parameters apart.
pub const LOCALS: u32 = 50_000;
/// Bytes of a function body, its local declarations included. The only bound of the targets of a
/// `br_table`.
pub const FUNCTION_SIZE: u32 = 7_654_321;
/// Clauses of a `try_table`.
pub const CATCHES: u32 = 10_000;
/// Bytes of a name.
pub const STRING_SIZE: u32 = 100_000;
/// Entries kept of a name section; the rest is dropped, since names have no meaning.
pub const NAMES: u32 = 1_000_000;
