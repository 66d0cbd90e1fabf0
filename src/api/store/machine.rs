//! Where the embedding API meets the machine: the calls it makes into `exec`, in one place.

use crate::api::error::{Error, Result};
use crate::api::module::Module;
use crate::api::store::core::Core;
use crate::exec::driver::Parts;
use crate::exec::instance::ExternAddr;
use crate::exec::instantiate::{InstantiateError, Instantiation};
use crate::exec::roots::collect;
use crate::exec::{Instances, Run, driver};
use crate::runtime::{InstAddr, Reference, State, reference};
use crate::syntax::{FuncIdx, HeapType, RefType, TypeId};
use alloc::sync::Arc;
use alloc::vec::Vec;

impl Core {
    /// Returns what a resumption of the innermost run works on.
    #[inline]
    pub(crate) fn parts(&mut self) -> Parts<'_> {
        let Some(run) = self.active.last_mut() else {
            unreachable!("only an active run is resumed");
        };
        Parts {
            state: &mut self.state,
            control: &mut self.control,
            run,
        }
    }

    /// Puts the innermost run at the start of a function, whose arguments stand from cell 0.
    ///
    /// # Errors
    /// [`Trap::OutOfMemory`](crate::Trap::OutOfMemory) where the host has no room to translate the
    /// function.
    pub(crate) fn enter(&mut self, inst: InstAddr, func: FuncIdx) -> Result<()> {
        let Some(run) = self.active.last_mut() else {
            unreachable!("a function is entered while a run is active");
        };
        Ok(driver::enter(&self.instances, run, inst, func)?)
    }

    /// Unwinds the innermost run, which waits for a host function, with an exception. `false`
    /// when nobody catches it.
    pub(crate) fn throw(&mut self, exception: Reference) -> bool {
        let mode = self.mode;
        let instances = self.instances.clone();
        driver::throw(&instances, self.parts(), mode, exception)
    }

    /// The ids of a module's canonical types in this store, found once for each module.
    fn type_ids(&mut self, module: &Module) -> Arc<[TypeId]> {
        // The store's instances keep the program, so its address is not used again while it is
        // known here; one that was never instantiated is kept by the list itself.
        let key = Arc::as_ptr(module.program()) as usize;
        if let Some((_, ids)) = self.known_types.get(&key) {
            return ids.clone();
        }
        let ids: Arc<[TypeId]> = self
            .state
            .types
            .absorb(&module.program().context().space)
            .into();
        self.known_types.insert(key, (module.clone(), ids.clone()));
        ids
    }

    /// Instantiates a module, all but its start function, with the innermost run.
    pub(crate) fn instantiate(
        &mut self,
        module: &Module,
        imports: &[ExternAddr],
    ) -> Result<InstAddr> {
        let types = self.type_ids(module);
        let Some((run, outer)) = self.active.split_last_mut() else {
            unreachable!("instantiation has a run");
        };
        let suspended = &self.suspended;
        let mut dead = Vec::new();
        let mut collect = |instances: &Instances, state: &mut State, run: &Run| {
            dead.extend(collect(
                instances,
                state,
                outer.iter().chain(suspended.iter()).chain([run]),
            ));
        };
        let done = Instantiation {
            instances: &self.instances,
            state: &mut self.state,
            run,
            mode: self.mode,
            watch: self.watch.as_mut(),
            depth: outer.len(),
            collect: &mut collect,
        }
        .instantiate(module.program(), &types, imports);
        self.drop_hosts(dead);
        if self.modules.len() < self.instances.list.count() {
            self.modules.push(module.clone());
        }
        done.map_err(|error| match error {
            InstantiateError::Unlinkable(unlinkable) => self.unlinkable(*unlinkable),
            InstantiateError::OutOfMemory(error) => Error::new(error),
            InstantiateError::Trap(trap) => Error::new(trap),
            InstantiateError::Segment(fault) => Error::new(fault.trap).context(fault),
            InstantiateError::ImportCount { .. } => Error::new(error),
        })
    }

    /// Returns whether a reference, of the hierarchy of a type, is of that type.
    pub(crate) fn has_type(&self, value: Reference, ty: RefType) -> bool {
        let State {
            types, funcs, heap, ..
        } = &self.state;
        reference::matches(types, funcs, heap, value, ty)
    }

    /// The type of what a reference under a top type, not null, refers to.
    pub(crate) fn heap_type(&self, value: Reference, top: HeapType) -> HeapType {
        reference::heap_type(&self.state.funcs, &self.state.heap, value, top)
    }
}
