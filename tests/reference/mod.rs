//! Reference values of other software, read from files.

mod agreement;
mod complete;
mod dyad;
mod items;
mod omega;
mod quality;
mod reliability;
mod retest;
pub mod session;
mod validity;

use std::fs;
use std::path::{Path, PathBuf};

use serde_json::Value;

mod factor;
mod moments;
mod numeric;
mod polychoric;

/// The positive items of `sai_repeated.csv`, in the order of the file.
pub const CALM_ITEMS: [&str; 10] = [
    "calm",
    "secure",
    "at.ease",
    "rested",
    "comfortable",
    "confident",
    "relaxed",
    "content",
    "joyful",
    "pleasant",
];

fn folder() -> PathBuf {
    Path::new(env!("CARGO_MANIFEST_DIR")).join("tests/reference")
}

/// What other software says: a file of `expected/`.
pub fn expected(name: &str) -> Value {
    let text = fs::read_to_string(folder().join("expected").join(name)).unwrap();
    serde_json::from_str(&text).unwrap()
}

/// Columns of a file of `data/`, persons in rows; a cell that is no number is NaN.
pub fn columns(name: &str, columns: &[&str]) -> Vec<Vec<f64>> {
    let mut reader = csv::Reader::from_path(folder().join("data").join(name)).unwrap();
    let header = reader.headers().unwrap().clone();
    let at: Vec<usize> = columns
        .iter()
        .map(|column| header.iter().position(|name| name == *column).unwrap_or_else(|| panic!("no {column}")))
        .collect();
    reader
        .records()
        .map(|record| {
            let record = record.unwrap();
            at.iter().map(|at| record[*at].parse().unwrap_or(f64::NAN)).collect()
        })
        .collect()
}

/// For `tools/parity.py`: which test compared what, and how far apart it was.
pub fn log(what: &str, off: f64, tolerance: f64) {
    use std::io::Write;
    let Some(path) = std::env::var_os("PARITY_LOG") else { return };
    let thread = std::thread::current();
    let what = what.replace(['\t', '\n'], " ");
    let line = format!("{}\t{what}\t{off:e}\t{tolerance:e}\n", thread.name().unwrap_or("?"));
    fs::OpenOptions::new().create(true).append(true).open(path).unwrap().write_all(line.as_bytes()).unwrap();
}

thread_local! {
    /// The expected numbers that were compared on this thread.
    static COMPARED: std::cell::RefCell<std::collections::BTreeSet<u64>> = Default::default();
}

/// Relative to the size of the expected number, but never stricter than `tolerance` itself near zero.
#[track_caller]
pub fn close(what: &str, ours: f64, theirs: f64, tolerance: f64) {
    let off = (ours - theirs).abs() / theirs.abs().max(1.0);
    log(what, off, tolerance);
    COMPARED.with_borrow_mut(|compared| compared.insert(theirs.to_bits()));
    assert!(off <= tolerance, "{what}: {ours} is not {theirs} (off by {off:e}, tolerance {tolerance:e})");
}

mod listed;
mod nested;
mod sample_course;
mod within;

#[test]
fn the_data_are_those_that_the_reference_was_computed_from() {
    let items = ["A1", "A2", "A3", "A4", "A5"];
    let theirs = expected("reliability_bfi.json");
    let rows = columns("bfi.csv", &items);
    for (j, item) in items.iter().enumerate() {
        let answers: Vec<f64> = rows.iter().map(|row| row[j]).filter(|x| !x.is_nan()).collect();
        let mean = answers.iter().sum::<f64>() / answers.len() as f64;
        let mean = if *item == "A1" { 7.0 - mean } else { mean };
        close(item, mean, theirs["agree"]["pairwise"]["item"]["mean"][j].as_f64().unwrap(), 1e-11);
    }
}
