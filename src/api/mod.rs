//! The embedding API, with the names of the interface that embedders of WebAssembly know.
//!
//! Reading order: `error`, `config`, `engine`, `types*` (types as the embedder sees them),
//! `identity`, `inner` and `store` (what a store is), `context` (borrows of it), `values`,
//! `rooted`, `wasm_ty` and `host` (how Rust values and closures meet cells), `entry` and `drive`
//! (how calls begin, legs and host calls), `func`, `typed`, `caller`, `module`, `instance`,
//! `linker`, `memory`, `table`, `global`, `tag`, `externs`, then the garbage-collected references.

mod anyref;
mod arrayref;
mod backtrace;
mod caller;
mod config;
mod container;
mod context;
mod drive;
mod engine;
mod entry;
mod eqref;
mod error;
pub(crate) mod events;
mod exnref;
mod externref;
mod externs;
mod func;
mod gc;
mod global;
mod growth;
mod host;
mod host_async;
mod i31;
mod identity;
mod inner;
mod instance;
mod instantiate;
mod limits;
mod linker;
#[cfg(feature = "std")]
mod linker_command;
mod linker_module;
mod load;
mod machine;
mod memory;
mod mismatch;
mod module;
mod resumable;
mod rooted;
mod shared;
mod snapshot;
mod store;
mod structref;
mod symbols;
mod table;
mod tag;
mod trap_names;
mod typed;
mod types;
mod types_composite;
mod types_display;
mod types_extern;
mod uncaught;
mod unknown_import;
mod values;
mod wasm_ty;

pub use crate::exec::{MemoryFault, Translation};
pub use crate::syntax::Features;
pub use crate::trap::Trap;
pub use anyref::AnyRef;
pub use arrayref::{ArrayRef, ArrayRefPre};
pub use backtrace::{FrameInfo, WasmBacktrace};
pub use caller::Caller;
pub use config::{Config, Dispatch, WasmBacktraceDetails};
pub use context::{AsContext, AsContextMut, StoreContext, StoreContextMut};
pub use engine::{Engine, EngineWeak};
pub use eqref::EqRef;
pub use error::{Context, Error, Fault, Result};
pub use exnref::{ExnRef, ExnRefPre, ExnType};
pub use externref::ExternRef;
pub use externs::{Export, Extern};
pub use func::{Func, NoFunc};
pub use global::Global;
pub use host::IntoFunc;
pub use i31::I31;
pub use instance::Instance;
pub use limits::{ResourceLimiter, StoreLimits, StoreLimitsBuilder};
pub use linker::{InstancePre, Linker};
pub use load::MissingFeatures;
pub use memory::{Memory, MemoryAccessError};
pub use mismatch::IncompatibleImportError;
pub use module::{Module, ModuleExport};
pub use resumable::{ResumableCall, Suspend, Suspended};
pub use rooted::{GcRef, ManuallyRooted, OwnedRooted, RootScope, Rooted};
pub use shared::{SharedMemory, WaitResult};
pub use snapshot::Snapshot;
pub use store::{Store, ThrownException, UpdateDeadline};
pub use structref::{StructRef, StructRefPre};
pub use symbols::FrameSymbol;
#[cfg(feature = "dwarf")]
#[doc(hidden)] // To be found in `observe`.
pub use symbols::demangle;
pub use table::Table;
pub use tag::Tag;
pub use typed::TypedFunc;
pub use types::{Finality, HeapType, Mutability, RefType, ValType};
pub use types_composite::{ArrayType, FieldType, FuncType, StorageType, StructType};
pub use types_extern::{
    ExportType, ExternType, GlobalType, ImportType, MemoryType, MemoryTypeBuilder, TableType,
    TagType,
};
pub use uncaught::UncaughtException;
pub use unknown_import::UnknownImportError;
pub use values::{Ref, V128, Val};
pub use wasm_ty::{WasmParams, WasmResults, WasmRet, WasmTy, WasmTyList};

#[doc(hidden)]
pub mod __macros {
    pub use alloc::format;
}
