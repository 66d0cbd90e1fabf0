//! What can be imported and exported, as handles.

use crate::api::error::Result;
use crate::api::items::global::Global;
use crate::api::items::memory::Memory;
use crate::api::items::shared::SharedMemory;
use crate::api::items::table::Table;
use crate::api::items::tag::Tag;
use crate::api::store::context::AsContext;
use crate::api::store::core::Core;
use crate::api::types::externs::ExternType;
use crate::api::values::func::Func;
use crate::exec::instance::ExternAddr;

/// A function, global, table, memory or tag of a store: what can be imported and exported.
///
/// ```
/// use limpid::{Engine, Extern, Func, Store};
/// let mut store = Store::new(&Engine::default(), ());
/// let item = Extern::from(Func::wrap(&mut store, |x: i32| x));
/// assert_eq!(item.ty(&store).unwrap_func().params().len(), 1);
/// assert!(item.clone().into_memory().is_none());
/// let func = item.into_func().expect("it is a function");
/// assert!(func.typed::<i32, i32>(&store).is_ok());
/// ```
#[derive(Clone, Debug)]
#[allow(missing_docs)]
pub enum Extern {
    Func(Func),
    Global(Global),
    Table(Table),
    Memory(Memory),
    SharedMemory(SharedMemory),
    Tag(Tag),
}

macro_rules! forms {
    ($($form:ident $into:ident)*) => {
        impl Extern {$(
            /// Returns the handle, if it is one of this kind.
            pub fn $into(self) -> Option<$form> {
                match self {
                    Extern::$form(handle) => Some(handle),
                    _ => None, // One of six forms is asked for.
                }
            }
        )*}

        $(impl From<$form> for Extern {
            fn from(handle: $form) -> Extern {
                Extern::$form(handle)
            }
        })*

        impl<'instance> Export<'instance> {$(
            /// Returns the exported handle, if it is one of this kind.
            pub fn $into(self) -> Option<$form> {
                self.definition.$into()
            }
        )*}
    };
}

forms! {
    Func into_func
    Global into_global
    Table into_table
    Memory into_memory
    SharedMemory into_shared_memory
    Tag into_tag
}

impl Extern {
    /// Returns the type. The minimum of a memory or table is its current size.
    ///
    /// # Panics
    /// Panics when the handle belongs to another store.
    pub fn ty(&self, store: impl AsContext) -> ExternType {
        match self {
            Extern::Func(func) => func.ty(store).into(),
            Extern::Global(global) => global.ty(store).into(),
            Extern::Table(table) => table.ty(store).into(),
            Extern::Memory(memory) => memory.ty(store).into(),
            Extern::SharedMemory(memory) => memory.ty().into(),
            Extern::Tag(tag) => tag.ty(store).into(),
        }
    }

    /// The handle of an address.
    pub(crate) fn at(core: &Core, addr: ExternAddr) -> Extern {
        let store = core.identity.id();
        match addr {
            ExternAddr::Func(addr) => Extern::Func(Func { store, addr }),
            ExternAddr::Table(addr) => Extern::Table(Table { store, addr }),
            ExternAddr::Memory(addr) => match SharedMemory::at(core, addr) {
                Some(shared) => Extern::SharedMemory(shared),
                None => Extern::Memory(Memory { store, addr }),
            },
            ExternAddr::Global(addr) => Extern::Global(Global { store, addr }),
            ExternAddr::Tag(addr) => Extern::Tag(Tag { store, addr }),
        }
    }

    /// The address behind the handle.
    ///
    /// # Errors
    /// [`WrongStore`](crate::Fault::WrongStore), or
    /// [`WrongEngine`](crate::Fault::WrongEngine) for a shared memory.
    pub(crate) fn address(&self, core: &mut Core) -> Result<ExternAddr> {
        self.check(core)?;
        Ok(match self {
            Extern::Func(func) => ExternAddr::Func(func.addr),
            Extern::Global(global) => ExternAddr::Global(global.addr),
            Extern::Table(table) => ExternAddr::Table(table.addr),
            Extern::Memory(memory) => ExternAddr::Memory(memory.addr),
            Extern::SharedMemory(memory) => ExternAddr::Memory(memory.enter(core)),
            Extern::Tag(tag) => ExternAddr::Tag(tag.addr),
        })
    }

    /// Checks that the handle can be used in a store.
    ///
    /// # Errors
    /// [`WrongStore`](crate::Fault::WrongStore), or
    /// [`WrongEngine`](crate::Fault::WrongEngine) for a shared memory.
    pub(crate) fn check(&self, core: &Core) -> Result<()> {
        core.check(match self {
            Extern::Func(func) => func.store,
            Extern::Global(global) => global.store,
            Extern::Table(table) => table.store,
            Extern::Memory(memory) => memory.store,
            Extern::SharedMemory(memory) => return core.engine.check(memory.engine()),
            Extern::Tag(tag) => tag.store,
        })
    }
}

/// An export of an instance: a name and a handle.
///
/// ```
/// use limpid::{Engine, Instance, Module, Store};
/// # #[cfg(feature = "wat")] {
/// let engine = Engine::default();
/// let text = r#"(module (memory (export "m") 1) (func (export "f")))"#;
/// let module = Module::new(&engine, text)?;
/// let mut store = Store::new(&engine, ());
/// let instance = Instance::new(&mut store, &module, &[])?;
/// let names: Vec<_> = instance.exports(&mut store).map(|export| export.name()).collect();
/// assert_eq!(names, ["m", "f"]);
/// let memory = instance.exports(&mut store).find_map(|export| export.into_memory());
/// assert_eq!(memory.map(|memory| memory.size(&store)), Some(1));
/// # }
/// # Ok::<(), limpid::Error>(())
/// ```
#[derive(Clone, Debug)]
pub struct Export<'instance> {
    pub(crate) name: &'instance str,
    pub(crate) definition: Extern,
}

impl<'instance> Export<'instance> {
    /// Returns the name of the export.
    pub fn name(&self) -> &'instance str {
        self.name
    }

    /// Returns the type of the export. The minimum of a memory or table is its current size.
    ///
    /// # Panics
    /// Panics when the handle belongs to another store.
    pub fn ty(&self, store: impl AsContext) -> ExternType {
        self.definition.ty(store)
    }

    /// Returns the exported handle.
    pub fn into_extern(self) -> Extern {
        self.definition
    }
}
