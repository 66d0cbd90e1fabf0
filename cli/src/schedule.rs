//! How the threads of a guest take turns, in the verbs that look at each instruction.

use clap::Args;
use limpid::observe::machine::Schedule;

/// The flags.
#[derive(Args, Clone, Copy, Debug)]
pub struct ScheduleFlags {
    /// With -S threads: let another order of threads begin here (default 0)
    #[arg(long, value_name = "SEED", help_heading = "Threads")]
    schedule_seed: Option<u64>,
    /// With -S threads: the instructions after which another thread has its turn (default 1000)
    #[arg(long, value_name = "N", help_heading = "Threads")]
    quantum: Option<u64>,
}

impl From<ScheduleFlags> for Schedule {
    fn from(flags: ScheduleFlags) -> Schedule {
        let default = Schedule::default();
        Schedule {
            seed: flags.schedule_seed.unwrap_or(default.seed),
            quantum: flags.quantum.unwrap_or(default.quantum),
        }
    }
}
