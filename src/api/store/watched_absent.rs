//! Stores of a build without observation.

use crate::api::error::Result;
use crate::api::store::core::Core;
use crate::exec::Stop;
use crate::exec::run::HostCall;

impl Core {
    /// Returns whether the store has a watch.
    #[inline(always)]
    pub(crate) fn is_watched(&self) -> bool {
        false
    }

    /// Without a watch, a run is resumed by itself.
    #[inline(always)]
    pub(crate) fn resume_watched(&mut self) -> Option<Stop> {
        None
    }

    /// Does nothing.
    pub(crate) fn host_returned(&mut self, _: HostCall, _: &Result<()>) {}

    /// Does nothing.
    pub(crate) fn host_wrote(&mut self) {}

    /// The limiter has decided about growth.
    pub(crate) fn grown(&mut self, answer: Option<u64>) {
        self.state.growth.answer = Some(answer);
    }
}
