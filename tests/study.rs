//! The examples: what ships is what their programs write.

#[path = "../examples/child_protection/study.rs"]
mod example;
#[path = "../examples/informants/ratings.rs"]
mod ratings;

use std::path::Path;

#[test]
fn the_files_are_those_the_program_writes() {
    let folder = Path::new(env!("CARGO_MANIFEST_DIR")).join("examples/child_protection");
    for (name, text) in example::files(example::SEED) {
        let shipped = std::fs::read_to_string(folder.join(name)).unwrap();
        assert!(shipped == text, "{name} is not what `cargo run --example child_protection` writes");
    }
    let folder = Path::new(env!("CARGO_MANIFEST_DIR")).join("examples/informants");
    for (name, text) in ratings::files(ratings::SEED) {
        let shipped = std::fs::read_to_string(folder.join(name)).unwrap();
        assert!(shipped == text, "{name} is not what `cargo run --example informants` writes");
    }
    assert!(example::files(example::SEED + 1)[0].1 != example::files(example::SEED)[0].1);
}
