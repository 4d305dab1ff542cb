//! `alliance change`: reliable change, first to last and session to session.

use super::args::ReportArgs;
use super::console::Console;
use super::sessions::scales;
use super::study::StudyArgs;
use crate::error::Error;
use crate::render::Format;
use crate::report::{self, ChangeAsked, Detail};
use crate::session::Norm;

#[derive(Debug, clap::Args)]
pub(super) struct Args {
    #[command(flatten)]
    study: StudyArgs,
    /// The scales [default: total, or the first; all for all]
    #[arg(long, value_name = "SCALE", value_delimiter = ',', help_heading = "Change")]
    scale: Vec<String>,
    /// The reliability of scores [default: alpha of the first sessions]
    #[arg(long, value_name = "R", help_heading = "Change")]
    reliability: Option<f64>,
    /// The reliability of scores afterwards [default: alpha of the last sessions]
    #[arg(long, value_name = "R", help_heading = "Change")]
    reliability_post: Option<f64>,
    /// The standard deviation that belongs to the reliability [default: of the first sessions]
    #[arg(long, value_name = "SD", help_heading = "Change")]
    sd: Option<f64>,
    /// Mean and standard deviation of a clinical group, for a cut-off
    #[arg(long, value_name = "M,SD", help_heading = "Change")]
    clinical: Option<String>,
    /// Mean and standard deviation of a functional group, for a cut-off
    #[arg(long, value_name = "M,SD", help_heading = "Change")]
    functional: Option<String>,
    #[command(flatten)]
    report: ReportArgs,
}

pub(super) fn run(args: &Args, console: &mut Console) -> Result<(), Error> {
    let format = args.report.format()?;
    let asked = ChangeAsked {
        reliability: between("--reliability", args.reliability)?,
        reliability_post: between("--reliability-post", args.reliability_post)?,
        sd: args.sd.map(|sd| above("--sd", sd)).transpose()?,
        clinical: args.clinical.as_deref().map(|text| norm("--clinical", text)).transpose()?,
        functional: args.functional.as_deref().map(|text| norm("--functional", text)).transpose()?,
        detail: if matches!(format, Format::Json | Format::Csv) { Detail::Data } else { Detail::Page },
    };
    let study = args.study.load(&[], console)?;
    let scales = scales(&study, &args.scale)?;
    let report = report::change(&study, scales, &asked)?;
    console.report(&report, format, args.report.output.as_deref())
}

fn between(option: &str, r: Option<f64>) -> Result<Option<f64>, Error> {
    match r {
        Some(r) if !(r > 0.0 && r < 1.0) => Err(Error::usage(format!("{option} {r} is not between 0 and 1"))),
        r => Ok(r),
    }
}

fn above(option: &str, sd: f64) -> Result<f64, Error> {
    let sound = sd.is_finite() && sd > 0.0;
    if sound { Ok(sd) } else { Err(Error::usage(format!("{option} {sd} is not above 0"))) }
}

/// `M,SD`.
fn norm(option: &str, text: &str) -> Result<Norm, Error> {
    let number = |text: &str| text.trim().parse::<f64>().ok().filter(|x| x.is_finite());
    let parts = text.split_once(',').and_then(|(mean, sd)| Some((number(mean)?, number(sd)?)));
    let (mean, sd) = parts.ok_or_else(|| {
        Error::usage_help(format!("{option} `{text}` makes no sense"), "write M,SD, such as 4.2,0.9")
    })?;
    Ok(Norm { mean, sd: above(option, sd)? })
}
