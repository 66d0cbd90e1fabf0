//! The guest's stack as a store sees it now.

use crate::api::backtrace::{FrameInfo, WasmBacktrace};
use crate::api::store::context::AsContext;
use crate::api::store::core::Core;
use crate::exec::frames;
use crate::room;
use crate::runtime::InstAddr;
use crate::syntax::FuncIdx;
use crate::translate::{self, FuncMap};
use alloc::collections::BTreeMap;
use alloc::vec::Vec;

impl WasmBacktrace {
    /// Captures the frames that are active now: those below the host function that asks. There are
    /// none where the engine's settings switch backtraces off.
    pub fn capture(store: impl AsContext) -> WasmBacktrace {
        store.as_context().0.core.backtrace()
    }

    /// Captures all frames that are active now, whatever the engine's settings say.
    pub fn force_capture(store: impl AsContext) -> WasmBacktrace {
        let frames = store.as_context().0.core.frames(usize::MAX);
        WasmBacktrace::new(frames)
    }
}

impl Core {
    /// The guest's frames now, as many as the engine keeps.
    pub(crate) fn backtrace(&self) -> WasmBacktrace {
        let most = self.engine.config().backtrace_frames;
        let frames = self.frames(most);
        WasmBacktrace::new(frames)
    }

    /// The frames of all active runs, innermost first.
    pub(crate) fn frames(&self, most: usize) -> Vec<FrameInfo> {
        let runs = self.active.iter().rev();
        let all = runs.flat_map(|run| frames::frames(&self.instances, run));
        // Recursion gives many frames of few functions, which may be large.
        let mut maps: BTreeMap<(InstAddr, FuncIdx), FuncMap> = BTreeMap::new();
        let mut info = |frame: frames::Frame<'_>| {
            let module = self.modules[frame.inst.index()].clone();
            let program = module.program();
            let (func, op) = (
                frame.body.func,
                frame.pc.wrapping_sub(frame.body.code.start),
            );
            let map = maps.entry((frame.inst, func)).or_insert_with(|| {
                // The guest may have taken all memory; then nobody knows where it stands.
                let room = translate::room_of(program.validated(), func);
                match room::for_more::<u8>(room) {
                    Some(()) => translate::offsets(program.validated(), program.settings(), func),
                    None => FuncMap::default(),
                }
            });
            let offset = map.offset(op).map(|offset| offset as usize);
            FrameInfo {
                module,
                func: func.0,
                offset,
                symbols: Default::default(),
            }
        };
        all.take(most).map(&mut info).collect()
    }
}
