//! `alliance lint`: is a definition sound?

use std::path::Path;

use super::args::ReportArgs;
use super::console::{Console, FindingFormat};
use super::files::base_name;
use super::load;
use crate::error::Error;
use crate::instrument::library;
use crate::report::{self, Linted};
use crate::scoring;

#[derive(Debug, clap::Args)]
pub(super) struct Args {
    /// The definition: a path, or the id of a shipped one
    definition: String,
    #[command(flatten)]
    report: ReportArgs,
    /// Give all findings as data, instead of drawing the first 50
    #[arg(long, value_enum, value_name = "FORMAT")]
    findings: Option<FindingFormat>,
}

pub(super) fn run(args: &Args, console: &mut Console) -> Result<(), Error> {
    let format = args.report.format()?;
    console.want_findings(args.findings)?;
    let loaded = load::instrument(&args.definition)?;
    if library::definition(&args.definition).is_some() {
        let wrong = scoring::check_cases(&loaded.instrument);
        if wrong.problems() > 0 {
            return Err(Error::definition(wrong));
        }
    }
    if args.findings.is_some() {
        return console.show_findings(&crate::finding::Findings::new());
    }
    let file = base_name(Path::new(&args.definition));
    let linted = Linted { instrument: &loaded.instrument, file: &file, cases: loaded.cases.as_deref() };
    console.report(&report::lint(&linted), format, args.report.output.as_deref())
}
