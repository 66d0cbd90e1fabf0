//! The embedding API, with the names of the interface that embedders of WebAssembly know.
//!
//! Reading order, from the bottom up; no folder imports one that comes after it: `error`, `config`,
//! `engine`, `limits`, `types` (types as the embedder sees them), `module`, `backtrace`, `store`
//! (what a store is, and how calls run in it), `values` (how Rust values meet cells), `items` (what
//! instances are made of, as handles), `host` (how Rust closures become functions), `link`.

mod backtrace;
mod config;
mod engine;
mod error;
pub(crate) mod events;
mod host;
mod items;
mod limits;
mod link;
mod module;
mod store;
mod types;
mod values;

/// What `observe` needs of a store besides its interface.
#[cfg(feature = "observe")]
pub(crate) mod stepping {
    pub(crate) use super::items::stepping::{Call, Waiting, Went};
    pub(crate) use super::store::core::Core;
}

pub use self::backtrace::symbols::FrameSymbol;
#[cfg(feature = "dwarf")]
#[doc(hidden)] // To be found in `observe`.
pub use self::backtrace::symbols::{demangle, locate};
pub use self::backtrace::{FrameInfo, WasmBacktrace};
pub use self::config::{
    Collector, Config, Dispatch, Enabled, Inlining, InstanceAllocationStrategy, OptLevel,
    PoolingAllocationConfig, ProfilingStrategy, RegallocAlgorithm, Strategy, WasmBacktraceDetails,
    WasmFeatures,
};
pub use self::engine::{Engine, EngineWeak};
pub use self::error::{
    Context, Error, Fault, GcHeapOutOfMemory, Result, ThrownException, UncaughtException,
};
pub use self::host::IntoFunc;
pub use self::items::externs::{Export, Extern};
pub use self::items::global::Global;
pub use self::items::instance::Instance;
#[cfg(feature = "wasi")]
pub(crate) use self::items::memory::Lent;
pub use self::items::memory::{Memory, MemoryAccessError};
pub use self::items::resumable::{ResumableCall, Suspend, Suspended};
pub use self::items::shared::{SharedMemory, WaitResult};
pub use self::items::table::Table;
pub use self::items::tag::Tag;
pub use self::items::typed::TypedFunc;
pub use self::limits::{
    DEFAULT_INSTANCE_LIMIT, DEFAULT_MEMORY_LIMIT, DEFAULT_TABLE_LIMIT, ResourceLimiter,
    ResourceLimiterAsync, StoreLimits, StoreLimitsBuilder,
};
pub use self::link::unknown_import::UnknownImportError;
pub use self::link::{InstancePre, Linker};
pub use self::module::load::MissingFeatures;
pub use self::module::{FuncIndex, Module, ModuleExport, ModuleFunction, StaticModuleIndex};
pub use self::store::context::{AsContext, AsContextMut, StoreContext, StoreContextMut};
pub use self::store::hook::CallHook;
pub use self::store::host_fn::Caller;
pub use self::store::mismatch::IncompatibleImportError;
pub use self::store::roots::GcRef;
pub use self::store::snapshot::Snapshot;
pub use self::store::{Store, UpdateDeadline};
pub use self::types::composite::{ArrayType, FieldType, FuncType, StorageType, StructType};
pub use self::types::exn::ExnType;
pub use self::types::externs::{
    ExportType, ExternType, GlobalType, ImportType, MemoryType, MemoryTypeBuilder, TableType,
    TagType,
};
pub use self::types::{Finality, HeapType, Mutability, RefType, ValType};
pub use self::values::anyref::AnyRef;
pub use self::values::arrayref::{ArrayRef, ArrayRefPre};
pub use self::values::bottoms::{NoExtern, NoFunc, NoneRef};
pub use self::values::eqref::EqRef;
pub use self::values::exnref::{ExnRef, ExnRefPre};
pub use self::values::externref::ExternRef;
pub use self::values::func::Func;
pub use self::values::i31::I31;
pub use self::values::rooted::{ManuallyRooted, OwnedRooted, RootScope, Rooted};
pub use self::values::structref::{StructRef, StructRefPre};
pub use self::values::wasm_ty::{WasmParams, WasmResults, WasmRet, WasmTy, WasmTyList};
pub use self::values::{Ref, V128, Val};
#[doc(inline)]
pub use crate::exec::{MemoryFault, Translation};
#[doc(inline)]
pub use crate::syntax::Features;
#[doc(inline)]
pub use crate::trap::Trap;

#[doc(hidden)]
pub mod __macros {
    pub use alloc::format;
}
