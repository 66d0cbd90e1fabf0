//! Making a finding small: by its bytes, because whatever they are they give a program.

use std::time::{Duration, Instant};

/// Fewer bytes, many of them zero, whose program still shows what `shows` asks for, found within
/// a time.
/// The program never grows on the way.
pub fn shrink(data: &[u8], within: Duration, shows: impl Fn(&[u8]) -> bool) -> Vec<u8> {
    let end = Instant::now() + within;
    let mut best = data.to_vec();
    let mut size = super::from_bytes(&best).len();
    let mut better = |best: &mut Vec<u8>, tried: Vec<u8>| {
        let module = super::from_bytes(&tried);
        if Instant::now() > end || module.len() > size || !shows(&module) {
            return false;
        }
        size = module.len();
        *best = tried;
        true
    };
    loop {
        let before = best.clone();
        let mut length = best.len() / 2;
        while length > 0 {
            let mut at = best.len().saturating_sub(length);
            loop {
                let until = (at + length).min(best.len());
                let shorter = [&best[..at], &best[until..]].concat();
                if !better(&mut best, shorter) {
                    let mut zeroed = best.clone();
                    zeroed[at..until].fill(0);
                    if zeroed != best {
                        better(&mut best, zeroed);
                    }
                }
                if at == 0 {
                    break;
                }
                at = at.saturating_sub(length).min(best.len().saturating_sub(1));
            }
            length /= 2;
        }
        if best == before || Instant::now() > end {
            return best;
        }
    }
}
