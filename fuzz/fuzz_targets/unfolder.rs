#![no_main]

#[path = "../../tests/common/mod.rs"]
#[allow(dead_code)]
mod common;

#[path = "../checks.rs"]
#[allow(dead_code)]
mod checks;

libfuzzer_sys::fuzz_target!(|data: &[u8]| checks::unfolder(data));
