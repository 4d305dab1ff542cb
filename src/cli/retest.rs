//! `alliance retest`: how alike two occasions are, and what change is more than error.

use super::args::ReportArgs;
use super::console::Console;
use super::scales::parse_level;
use super::sessions::scales;
use super::study::StudyArgs;
use crate::error::Error;
use crate::report::{self, Occasions};

#[derive(Debug, clap::Args)]
pub(super) struct Args {
    #[command(flatten)]
    study: StudyArgs,
    /// The two sessions to compare [default: the first two of everybody]
    #[arg(long, value_name = "A,B", help_heading = "Occasions")]
    occasions: Option<String>,
    /// The scales [default: all]
    #[arg(long, value_name = "SCALE", value_delimiter = ',', help_heading = "Occasions")]
    scale: Vec<String>,
    /// The confidence level of all limits
    #[arg(long, value_name = "LEVEL", default_value = "0.95", value_parser = parse_level)]
    level: f64,
    #[command(flatten)]
    report: ReportArgs,
}

pub(super) fn run(args: &Args, console: &mut Console) -> Result<(), Error> {
    let format = args.report.format()?;
    let occasions = args.occasions.as_deref().map_or(Ok(Occasions::FirstTwo), occasions)?;
    let study = args.study.load(&[], console)?;
    let all = ["all".to_owned()];
    let scales = scales(&study, if args.scale.is_empty() { &all } else { &args.scale })?;
    let report = report::retest(&study, &scales, &occasions, args.level)?;
    console.report(&report, format, args.report.output.as_deref())
}

fn occasions(text: &str) -> Result<Occasions, Error> {
    let parts: Vec<&str> = text.split(',').map(str::trim).filter(|word| !word.is_empty()).collect();
    match parts[..] {
        [a, b] if a != b => Ok(Occasions::Sessions(a.to_owned(), b.to_owned())),
        _ => {
            let message = format!("--occasions `{text}` makes no sense");
            Err(Error::usage_help(message, "write two sessions, such as 1,2"))
        }
    }
}
