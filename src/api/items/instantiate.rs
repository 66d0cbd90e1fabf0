//! Instantiation from the embedder's side: limits first, then the machine's part, then the start
//! function.

use crate::api::error::Result;
use crate::api::events;
use crate::api::items::instance::Instance;
use crate::api::module::Module;
use crate::api::store::Inner;
use crate::api::store::core::Core;
use crate::api::store::entry::{Entry, Polled, enter};
use crate::api::store::growth::at_once;
use crate::api::values::func::Func;
use crate::exec::instance::ExternAddr;
use crate::runtime::{FuncAddr, InstAddr};

impl<T> Inner<T> {
    /// Instantiates a module and runs its start function.
    pub(crate) fn instantiate(
        &mut self,
        module: &Module,
        imports: &[ExternAddr],
    ) -> Result<Instance> {
        let (addr, start) = at_once(self.allocate(module, imports))?;
        if let Some(start) = start {
            enter(self, |inner| inner.run(start, Some(addr)))?;
        }
        Ok(Instance::at(&self.core, addr))
    }

    /// Instantiates a module, all but its start function, which is returned.
    pub(crate) fn instantiate_unstarted(
        &mut self,
        module: &Module,
        imports: &[ExternAddr],
    ) -> Result<(Instance, Option<Func>)> {
        let (addr, start) = at_once(self.allocate(module, imports))?;
        let instance = Instance::at(&self.core, addr);
        Ok((instance, start.map(|start| Func::at(&self.core, start))))
    }

    /// The same; the start function may wait.
    pub(crate) async fn instantiate_async(
        &mut self,
        module: &Module,
        imports: &[ExternAddr],
    ) -> Result<Instance>
    where
        T: Send,
    {
        let (addr, start) = self.allocate(module, imports).await?;
        if let Some(start) = start {
            let polled = Polled::default();
            let entry = Entry::begin_async(self, &polled)?;
            let run = entry.store.run_async(start, Some(addr));
            let done = polled.watch(run).await;
            entry.end(done)?;
        }
        Ok(Instance::at(&self.core, addr))
    }

    /// Everything but the start function, which is returned.
    async fn allocate(
        &mut self,
        module: &Module,
        imports: &[ExternAddr],
    ) -> Result<(InstAddr, Option<FuncAddr>)> {
        self.core.engine.check(module.engine())?;
        if !self.core.engine.config().shared_memory {
            let own = &module.syntax().memories;
            if own.iter().any(|(ty, _)| ty.shared) {
                return Err(crate::api::items::shared::switched_off());
            }
        }
        self.admit_module(module).await?;
        let allocated = self.core.allocate(module, imports)?;
        events::instantiated(module.syntax());
        Ok(allocated)
    }
}

impl Core {
    fn allocate(
        &mut self,
        module: &Module,
        imports: &[ExternAddr],
    ) -> Result<(InstAddr, Option<FuncAddr>)> {
        let addr = enter(self, |core| core.instantiate(module, imports))?;
        let start = module.syntax().start;
        let start = start.map(|start| self.instances.instance(addr).funcs[start.func.index()]);
        Ok((addr, start))
    }
}
