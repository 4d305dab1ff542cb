//! Writes the example study into a folder: `cargo run --example child_protection [-- FOLDER]`.
//!
//! The study is simulated from a fixed seed; [`study`] tells its stories.

use std::error::Error;
use std::fs;
use std::path::PathBuf;

mod study;

fn main() -> Result<(), Box<dyn Error>> {
    let folder =
        std::env::args().nth(1).map_or_else(|| PathBuf::from("examples/child_protection"), PathBuf::from);
    for (name, text) in study::files(study::SEED) {
        fs::write(folder.join(name), text)?;
    }
    Ok(())
}
