//! Messages of the library in the words of the command line.

use limpid::Features;

/// A message of the library as one of the command line: switches that it names as an embedder sets
/// them are named as flags.
pub fn in_flags(text: &str) -> String {
    let features = Features::NAMES.iter();
    let methods =
        features.map(|name| (*name, format!("`Config::wasm_{}`", name.replace('-', "_"))));
    let more = ("shared-memory", "`Config::shared_memory`".to_owned());
    methods
        .chain([more])
        .fold(text.to_owned(), |text, (name, method)| {
            text.replace(&method, &format!("`-W {name}=y`"))
        })
}

/// All that an error of the library says, as a message of the command line.
pub fn told(error: &limpid::Error) -> String {
    in_flags(&format!("{error:#}"))
}
