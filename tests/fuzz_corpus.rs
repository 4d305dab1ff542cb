//! What fuzzing has found worth keeping, run again.

use std::fs;
use std::path::Path;

#[path = "../fuzz/checks.rs"]
mod checks;

/// Runs a check over its part of the corpus.
fn replay(name: &str, check: fn(&[u8])) {
    let folder = Path::new(env!("CARGO_MANIFEST_DIR")).join("fuzz/corpus").join(name);
    let mut files: Vec<_> = fs::read_dir(folder).unwrap().map(|entry| entry.unwrap().path()).collect();
    files.sort();
    assert!(!files.is_empty(), "the corpus of {name} is empty");
    for file in files {
        check(&fs::read(file).unwrap());
    }
}

#[test]
fn the_reader_agrees_with_itself() {
    replay("reader", checks::reader);
}

#[test]
fn wide_files_unfold_as_their_names_say() {
    replay("unfolder", checks::unfolder);
}

#[test]
fn definitions_are_read_or_refused() {
    replay("definition", checks::definition);
}
