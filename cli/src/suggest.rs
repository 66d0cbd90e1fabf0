//! Which of some known words was meant.

/// The known word that differs least, if it differs little.
pub fn suggest<'w>(word: &str, known: impl IntoIterator<Item = &'w str>) -> Option<&'w str> {
    let near = known
        .into_iter()
        .map(|known| (distance(word, known), known));
    let (distance, nearest) = near.min_by_key(|(distance, _)| *distance)?;
    let short = word.chars().count().min(nearest.chars().count());
    (distance <= short.div_ceil(4)).then_some(nearest)
}

/// How many letters must be changed, put in, taken out, or swapped with their neighbour.
fn distance(a: &str, b: &str) -> usize {
    // A guest's names may be of any length; only what is short can be nearly the same.
    strsim::osa_distance(start(a), start(b))
}

/// The first 64 letters of a word.
fn start(word: &str) -> &str {
    let end = word
        .char_indices()
        .nth(64)
        .map_or(word.len(), |(end, _)| end);
    &word[..end]
}

#[cfg(test)]
mod tests {
    use super::suggest;

    fn check(word: &str, meant: Option<&str>) {
        let known = ["simd", "fuel", "timeout", "max-memory-size", "main"];
        assert_eq!(suggest(word, known), meant, "{word}");
    }

    #[test]
    fn near_words_are_found() {
        check("fule", Some("fuel"));
        check("siml", Some("simd"));
        check("max-memory", None);
        check("max-memory-sizes", Some("max-memory-size"));
        check("mian", Some("main"));
        check("xyz", None);
        check("", None);
    }
}
