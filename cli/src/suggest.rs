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
    let a: Vec<char> = a.chars().take(64).collect();
    let b: Vec<char> = b.chars().take(64).collect();
    let mut before: Vec<usize> = Vec::new();
    let mut last: Vec<usize> = (0..=b.len()).collect();
    for (i, &x) in a.iter().enumerate() {
        let mut row = vec![i + 1];
        for (j, &y) in b.iter().enumerate() {
            let changed = last[j] + usize::from(x != y);
            let mut cost = changed.min(last[j + 1] + 1).min(row[j] + 1);
            if i > 0 && j > 0 && x == b[j - 1] && a[i - 1] == y {
                cost = cost.min(before[j - 1] + 1);
            }
            row.push(cost);
        }
        before = std::mem::replace(&mut last, row);
    }
    last[b.len()]
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
