//! Paired measurement: both sides run in turns, so that whatever disturbs the machine disturbs
//! both.

use std::time::Instant;

/// Times of one side, in milliseconds.
#[derive(Clone, Copy, PartialEq, Debug)]
pub struct Times {
    /// The middle one.
    pub median: f64,
    /// The smallest.
    pub min: f64,
}

/// Times of both sides.
#[derive(Clone, Copy, PartialEq, Debug)]
pub struct Pair {
    /// The first side, ours.
    pub ours: Times,
    /// The second side, the peer.
    pub theirs: Times,
}

impl Pair {
    /// How many times as fast we are; below 1 we lose.
    pub fn ratio(&self) -> f64 {
        self.theirs.median / self.ours.median
    }
}

/// Runs both sides in turns, `rounds` times after one that does not count.
pub fn pair(rounds: usize, mut ours: impl FnMut(), mut theirs: impl FnMut()) -> Pair {
    let (mut a, mut b) = (Vec::new(), Vec::new());
    ours();
    theirs();
    for _ in 0..rounds {
        a.push(time(&mut ours));
        b.push(time(&mut theirs));
    }
    Pair {
        ours: times(a),
        theirs: times(b),
    }
}

fn time(run: &mut impl FnMut()) -> f64 {
    let start = Instant::now();
    run();
    start.elapsed().as_secs_f64() * 1e3
}

fn times(mut all: Vec<f64>) -> Times {
    all.sort_by(f64::total_cmp);
    Times {
        median: all[all.len() / 2],
        min: all[0],
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn middle_and_smallest() {
        assert_eq!(
            times(vec![3.0, 1.0, 2.0]),
            Times {
                median: 2.0,
                min: 1.0
            }
        );
    }
}
