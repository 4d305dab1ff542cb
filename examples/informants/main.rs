//! Writes the example ratings into a folder: `cargo run --example informants [-- FOLDER]`.
//!
//! They are simulated from a fixed seed; [`ratings`] tells what is in them.

use std::error::Error;
use std::fs;
use std::path::PathBuf;

mod ratings;

fn main() -> Result<(), Box<dyn Error>> {
    let folder = std::env::args().nth(1).map_or_else(|| PathBuf::from("examples/informants"), PathBuf::from);
    for (name, text) in ratings::files(ratings::SEED) {
        fs::write(folder.join(name), text)?;
    }
    Ok(())
}
