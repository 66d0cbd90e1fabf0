//! The guest's stack at the time of an error.

pub(crate) mod symbols;

use crate::api::backtrace::symbols::Symbols;
use crate::api::error::Attachment;
use crate::api::module::Module;
#[cfg(feature = "anyhow")]
use alloc::boxed::Box;
use alloc::vec::Vec;
use core::fmt;

/// The guest's frames at the time of an error, innermost first. Errors of calls carry one; find it
/// with [`Error::downcast_ref`](crate::Error::downcast_ref).
#[derive(Clone, Debug)]
pub struct WasmBacktrace {
    frames: Vec<FrameInfo>,
}

/// One frame of a [`WasmBacktrace`]: a function of the guest and a position in it.
///
/// ```
/// use limpid::{Engine, Instance, Module, Store, WasmBacktrace};
/// # #[cfg(feature = "wat")] {
/// let engine = Engine::default();
/// let text = r#"(module (func $inner unreachable) (func $outer (export "f") (call $inner)))"#;
/// let module = Module::new(&engine, text)?;
/// let mut store = Store::new(&engine, ());
/// let instance = Instance::new(&mut store, &module, &[])?;
/// let f = instance.get_typed_func::<(), ()>(&mut store, "f")?;
/// let error = f.call(&mut store, ()).expect_err("it traps");
/// let backtrace = error.downcast_ref::<WasmBacktrace>().expect("traps have one");
/// let names: Vec<_> = backtrace.frames().iter().map(|frame| frame.func_name()).collect();
/// assert_eq!(names, [Some("inner"), Some("outer")]);
/// # }
/// # Ok::<(), limpid::Error>(())
/// ```
#[derive(Clone, Debug)]
pub struct FrameInfo {
    pub(crate) module: Module,
    pub(crate) func: u32,
    pub(crate) offset: Option<usize>,
    pub(crate) symbols: Symbols,
}

impl WasmBacktrace {
    pub(crate) fn new(frames: Vec<FrameInfo>) -> WasmBacktrace {
        WasmBacktrace { frames }
    }

    /// Returns the frames, innermost first.
    pub fn frames(&self) -> &[FrameInfo] {
        &self.frames
    }
}

impl FrameInfo {
    /// Returns the index of the function in its module.
    pub fn func_index(&self) -> u32 {
        self.func
    }

    /// Returns the module that the function belongs to.
    pub fn module(&self) -> &Module {
        &self.module
    }

    /// Returns the function's name, if the name section has one.
    pub fn func_name(&self) -> Option<&str> {
        self.module.syntax().names.funcs.get(self.func)
    }

    /// Returns the offset of the instruction in the module's binary, if it is known.
    pub fn module_offset(&self) -> Option<usize> {
        self.offset
    }

    /// Returns the offset of the instruction in the function's body, if it is known. The body
    /// begins with the declarations of locals, after the field that holds its size.
    pub fn func_offset(&self) -> Option<usize> {
        let module = self.module.syntax();
        let imported = module.imports.iter();
        let imported = imported.filter(|i| matches!(i.desc, crate::syntax::ImportDesc::Func(_)));
        let body = module
            .code
            .get((self.func as usize).checked_sub(imported.count())?)?;
        let from_size = self.offset?.checked_sub(body.offset as usize)?;
        let size = module.bytes.get(body.offset as usize..)?;
        from_size.checked_sub(1 + size.iter().take_while(|&&byte| byte >= 0x80).count())
    }
}

impl fmt::Display for WasmBacktrace {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        self.resolve();
        f.write_str("wasm backtrace:")?;
        for (place, frame) in self.frames.iter().enumerate() {
            write!(f, "\n  {place:>3}: ")?;
            if let Some(offset) = frame.offset {
                write!(f, "{offset:#6x} - ")?;
            }
            let module = frame.module.name().unwrap_or("<unknown>");
            match frame.func_name() {
                Some(name) => write!(f, "{module}!{name}")?,
                None => write!(f, "{module}!<wasm function {}>", frame.func)?,
            }
            for symbol in frame.symbols() {
                let name = symbol.name().unwrap_or("<unknown>");
                write!(f, "\n           at {name}")?;
                if let (Some(file), Some(line)) = (symbol.file(), symbol.line()) {
                    let column = symbol.column().unwrap_or(0);
                    write!(f, " ({file}:{line}:{column})")?;
                }
            }
        }
        Ok(())
    }
}

impl Attachment for WasmBacktrace {
    #[cfg(feature = "anyhow")]
    fn around(self: Box<Self>, error: anyhow::Error) -> anyhow::Error {
        error.context(*self)
    }
}
