#![no_main]

#[path = "../../tests/common/mod.rs"]
#[allow(dead_code, reason = "each target takes a part of it")]
mod common;

#[path = "../checks.rs"]
#[allow(dead_code, reason = "each target takes a part of it")]
mod checks;

libfuzzer_sys::fuzz_target!(|data: &[u8]| checks::definition(data));
