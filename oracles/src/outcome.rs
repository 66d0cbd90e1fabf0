//! What can be seen of a module that was run, and how two of them are compared.

/// All that can be seen of a run.
#[derive(Clone, PartialEq, Eq, Debug)]
pub enum Outcome {
    /// The module was not accepted.
    Refused,
    /// It imports what there is no way to give.
    Unlinked,
    /// Instantiation ended so.
    Unborn(Ending),
    /// It ran.
    Ran(Seen),
}

/// What an instance showed.
#[derive(Clone, PartialEq, Eq, Debug, Default)]
pub struct Seen {
    /// Calls of its exports, in order.
    pub calls: Vec<Called>,
    /// Name, bytes and hash of each exported memory afterwards.
    pub memories: Vec<(String, u64, u64)>,
    /// Name and value of each exported global afterwards.
    pub globals: Vec<(String, String)>,
    /// Name, size and which elements are not null of each exported table afterwards.
    pub tables: Vec<(String, u64, String)>,
    /// What host functions were given.
    pub host: Vec<String>,
}

/// A call.
#[derive(Clone, PartialEq, Eq, Debug)]
pub struct Called {
    /// The export.
    pub name: String,
    /// How it ended.
    pub ending: Ending,
}

/// How a call ended.
#[derive(Clone, PartialEq, Eq, Debug)]
pub enum Ending {
    /// With results.
    Returned(Vec<String>),
    /// With a trap of that class.
    Trapped(&'static str),
    /// With an exception that carried these values.
    Threw(Vec<String>),
    /// Where engines may differ: a limit of the implementation was met. Nothing after it can be
    /// compared.
    Limit,
    /// Otherwise.
    Failed(String),
}

impl Outcome {
    /// Whether two engines agree. After the first call at which either met a limit they may
    /// differ, and are not compared.
    pub fn agrees(&self, other: &Outcome) -> bool {
        if self.unborn_by_limit() || other.unborn_by_limit() {
            return true;
        }
        let (Outcome::Ran(ours), Outcome::Ran(theirs)) = (self, other) else {
            return self == other;
        };
        let limit = |seen: &Seen| {
            let mut calls = seen.calls.iter();
            calls.position(|call| call.ending == Ending::Limit)
        };
        let end = [limit(ours), limit(theirs)].into_iter().flatten().min();
        match end {
            None => ours == theirs,
            Some(end) => ours.calls.get(..end) == theirs.calls.get(..end),
        }
    }

    fn unborn_by_limit(&self) -> bool {
        // What an instance may take is limited too, and said in an engine's own words.
        matches!(self, Outcome::Unborn(Ending::Limit | Ending::Failed(_)))
    }

    /// Whether guest code was executed: some call returned, threw or trapped.
    pub fn executed(&self) -> bool {
        let ran = |ending: &Ending| match ending {
            Ending::Returned(_) | Ending::Trapped(_) | Ending::Threw(_) => true,
            Ending::Limit | Ending::Failed(_) => false,
        };
        matches!(self, Outcome::Ran(seen) if seen.calls.iter().any(|call| ran(&call.ending)))
    }

    /// Whether some call returned.
    pub fn returned(&self) -> bool {
        let returned = |call: &Called| matches!(call.ending, Ending::Returned(_));
        matches!(self, Outcome::Ran(seen) if seen.calls.iter().any(returned))
    }
}

/// FNV-1a over words: memories are large and mostly zero.
pub fn hash(bytes: &[u8]) -> u64 {
    let step = |hash: u64, word: u64| (hash ^ word).wrapping_mul(0x0000_0100_0000_01b3);
    let (chunks, rest) = bytes.as_chunks::<8>();
    let hash = chunks.iter().fold(0xcbf2_9ce4_8422_2325, |hash, chunk| {
        step(hash, u64::from_le_bytes(*chunk))
    });
    rest.iter()
        .fold(hash, |hash, &byte| step(hash, u64::from(byte)))
}

/// What was seen of many programs.
#[derive(Clone, Default, Debug)]
pub struct Tally {
    /// Programs.
    pub programs: u64,
    /// Those that were not accepted, or not instantiated.
    pub refused: u64,
    /// Those all of whose calls returned or threw.
    pub to_the_end: u64,
    /// Calls.
    pub calls: u64,
    /// Those that returned.
    pub returned: u64,
}

impl Tally {
    /// Counts a program.
    pub fn add(&mut self, outcome: &Outcome) {
        self.programs += 1;
        let Outcome::Ran(seen) = outcome else {
            self.refused += 1;
            return;
        };
        let returned = |call: &&Called| matches!(call.ending, Ending::Returned(_));
        let ended = |call: &Called| matches!(call.ending, Ending::Returned(_) | Ending::Threw(_));
        self.to_the_end += u64::from(seen.calls.iter().all(ended));
        self.calls += seen.calls.len() as u64;
        self.returned += seen.calls.iter().filter(returned).count() as u64;
    }

    /// How many of a hundred programs had only calls that returned or threw.
    pub fn ended(&self) -> f64 {
        100.0 * self.to_the_end as f64 / self.programs.max(1) as f64
    }
}

impl std::fmt::Display for Tally {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        write!(
            f,
            "{} programs, {} refused, {:.1} % executed to the end, {:.1} % of {} calls returned",
            self.programs,
            self.refused,
            self.ended(),
            100.0 * self.returned as f64 / self.calls.max(1) as f64,
            self.calls
        )
    }
}
