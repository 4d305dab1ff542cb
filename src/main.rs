//! The program `alliance`: arguments in, exit code out.

use std::process::ExitCode;

fn main() -> ExitCode {
    ExitCode::from(alliance_metrics::cli::run(std::env::args_os()))
}
