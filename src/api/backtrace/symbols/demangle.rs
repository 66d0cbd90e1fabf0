//! Names of linkers as their sources have them: Rust's and C++'s.

use alloc::borrow::Cow;
use alloc::string::String;
use core::fmt::{self, Write};

/// Most bytes of a name: a short mangled one can stand for gigabytes.
const LONGEST: usize = 4096;

/// Nested parts of a mangled name that are followed; each takes some stack of the host.
const DEPTH: u32 = 64;

/// Returns a mangled name as its source has it. A name that is not mangled, or mangled in an
/// unknown way, is returned unchanged.
///
/// ```
/// # #[cfg(feature = "dwarf")] {
/// use limpid::observe::demangle;
/// assert_eq!(demangle("_ZN4core6option13expect_failed17h0123456789abcdefE"),
///     "core::option::expect_failed");
/// assert_eq!(demangle("_ZNSt6vectorIiE4pushEi"), "std::vector<int>::push(int)");
/// assert_eq!(demangle("main"), "main");
/// # }
/// ```
pub fn demangle(name: &str) -> Cow<'_, str> {
    if name.len() > LONGEST {
        return Cow::Borrowed(name);
    }
    let found = match rustc_demangle::try_demangle(name) {
        Ok(path) => bounded(|out| write!(out, "{path:#}")),
        Err(_) if name.starts_with("_Z") => cpp(name),
        Err(_) => None,
    };
    found.map_or(Cow::Borrowed(name), Cow::Owned)
}

fn cpp(name: &str) -> Option<String> {
    let parsing = cpp_demangle::ParseOptions::default().recursion_limit(DEPTH);
    let symbol = cpp_demangle::Symbol::new_with_options(name, &parsing).ok()?;
    let options = cpp_demangle::DemangleOptions::default().recursion_limit(DEPTH);
    bounded(|out| symbol.structured_demangle(out, &options))
}

/// What is written, unless it is too long or writing fails.
fn bounded(write: impl FnOnce(&mut Bounded) -> fmt::Result) -> Option<String> {
    let mut out = Bounded(String::new());
    write(&mut out).ok()?;
    Some(out.0)
}

struct Bounded(String);

impl Write for Bounded {
    fn write_str(&mut self, text: &str) -> fmt::Result {
        if self.0.len() + text.len() > LONGEST {
            return Err(fmt::Error);
        }
        self.0.push_str(text);
        Ok(())
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn check(name: &str, expected: &str) {
        assert_eq!(demangle(name), expected);
    }

    #[test]
    fn names() {
        check("_RNvCs1234_7mycrate3foo", "mycrate::foo");
        check("_ZN3foo3barEv", "foo::bar()");
        check("_Znwm", "operator new(unsigned long)");
        for plain in ["", "_", "_Z", "_ZN", "main", "_R", "Z3foov"] {
            check(plain, plain);
        }
    }

    #[test]
    fn a_name_that_stands_for_gigabytes_stays() {
        // Each parameter holds the one before it twice.
        let mut bomb = String::from("_Z1fSt4pairIiiE");
        for place in 0..20 {
            let digit = char::from_digit(place + 1, 36)
                .unwrap_or('1')
                .to_ascii_uppercase();
            bomb.push_str(&alloc::format!("S_IS{digit}_S{digit}_E"));
        }
        assert!(demangle(&bomb).len() <= LONGEST);
        let deep = alloc::format!("_Z1f{}i", "P".repeat(4000));
        check(&deep, &deep);
    }
}
