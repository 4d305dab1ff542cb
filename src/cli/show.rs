//! `alliance show`: an instrument's key.

use super::args::ReportArgs;
use super::console::Console;
use super::load;
use crate::error::Error;
use crate::report;

#[derive(Debug, clap::Args)]
pub(super) struct Args {
    /// The instrument: an id, or the path of a definition
    instrument: String,
    #[command(flatten)]
    report: ReportArgs,
}

pub(super) fn run(args: &Args, console: &mut Console) -> Result<(), Error> {
    let format = args.report.format()?;
    let loaded = load::instrument(&args.instrument)?;
    console.report(&report::show(&loaded.instrument), format, args.report.output.as_deref())
}
