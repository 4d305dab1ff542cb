//! `alliance value`: one number out of stored results, as prose writes it.

use std::path::PathBuf;

use super::console::Console;
use super::files::{base_name, read};
use crate::error::Error;
use crate::report;

#[derive(Debug, clap::Args)]
pub(super) struct Args {
    /// A file of results: what any command writes with -o results.json
    results: PathBuf,
    /// Which number: command.form.scale.statistic[.lower|.upper|.n]; a part may be left out where only one exists
    path: String,
}

pub(super) fn run(args: &Args, console: &mut Console) -> Result<(), Error> {
    let bytes = read(&args.results)?;
    let envelope = serde_json::from_slice(&bytes).map_err(|_| {
        let name = base_name(&args.results);
        let help = "results are written by any command with -o results.json";
        let message = if bytes.is_empty() {
            format!("{name} is empty")
        } else {
            format!("{name} holds no results: it is not JSON")
        };
        Error::usage_help(message, help)
    })?;
    let text = report::value(&envelope, &args.path)?;
    console.print(format!("{text}\n").as_bytes())
}
