//! `alliance instruments`: what is on the shelf.

use super::args::ReportArgs;
use super::console::Console;
use crate::error::Error;
use crate::instrument::{Instrument, library};
use crate::report;

#[derive(Debug, clap::Args)]
pub(super) struct Args {
    #[command(flatten)]
    report: ReportArgs,
}

pub(super) fn run(args: &Args, console: &mut Console) -> Result<(), Error> {
    let format = args.report.format()?;
    let shelf: Result<Vec<Instrument>, _> = library::ids().filter_map(library::load).collect();
    let report = report::instruments(&shelf.map_err(Error::definition)?);
    console.report(&report, format, args.report.output.as_deref())
}
