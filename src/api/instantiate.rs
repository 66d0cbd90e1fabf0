//! Instantiation from the embedder's side: limits first, then the machine's part, then the start
//! function.

use super::drive::Entered;
use super::error::{Fault, Result};
use super::events;
use super::inner::StoreCore;
use super::instance::Instance;
use super::module::Module;
use super::store::Inner;
use crate::exec::instance::ExternAddr;
use crate::runtime::{FuncAddr, InstAddr};

impl<T> Inner<T> {
    /// Instantiates a module and runs its start function.
    pub(crate) fn instantiate(
        &mut self,
        module: &Module,
        imports: &[ExternAddr],
    ) -> Result<Instance> {
        let (addr, start) = self.allocate(module, imports)?;
        if let Some(start) = start {
            self.core.push_run()?;
            let done = self.run(start);
            self.core.pop_run();
            done?;
        }
        Ok(Instance::at(&self.core, addr))
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
        let (addr, start) = self.allocate(module, imports)?;
        if let Some(start) = start {
            self.core.push_run()?;
            Entered::new(self).inner.run_async(start).await?;
        }
        Ok(Instance::at(&self.core, addr))
    }

    /// Everything but the start function, which is returned.
    fn allocate(
        &mut self,
        module: &Module,
        imports: &[ExternAddr],
    ) -> Result<(InstAddr, Option<FuncAddr>)> {
        if !self.core.engine.same(module.engine()) {
            return Err(Fault::WrongStore.into());
        }
        self.admit_module(module)?;
        let allocated = self.core.allocate(module, imports)?;
        events::instantiated(module);
        Ok(allocated)
    }
}

impl StoreCore {
    fn allocate(
        &mut self,
        module: &Module,
        imports: &[ExternAddr],
    ) -> Result<(InstAddr, Option<FuncAddr>)> {
        self.push_run()?;
        let allocated = self.instantiate(module, imports);
        self.pop_run();
        let addr = allocated?;
        let start = module.syntax().start;
        let start = start.map(|start| self.fixed.instance(addr).funcs[start.func.index()]);
        Ok((addr, start))
    }
}
