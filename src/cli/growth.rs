//! `alliance growth`: mixed models of the course.

use clap::ValueEnum;

use super::args::ReportArgs;
use super::console::Console;
use super::scales::parse_level;
use super::sessions::scales;
use super::study::StudyArgs;
use crate::error::Error;
use crate::nested::{Criterion, DegreesOfFreedom};
use crate::report::{self, GrowthAsked, TimeCoding};

#[derive(Debug, clap::Args)]
pub(super) struct Args {
    #[command(flatten)]
    study: StudyArgs,
    /// The scales [default: total, or the first; all for all]
    #[arg(long, value_name = "SCALE", value_delimiter = ',', help_heading = "Course")]
    scale: Vec<String>,
    /// What time is: sessions, or weeks since the dyad's first date
    #[arg(long, value_enum, value_name = "UNIT", default_value = "session", help_heading = "Course")]
    time: TimeWord,
    /// The session that counts as time 0
    #[arg(
        long,
        value_name = "N",
        default_value_t = 1.0,
        allow_hyphen_values = true,
        help_heading = "Course"
    )]
    time_zero: f64,
    /// Fit the models even with under ten dyads; recorded in the output
    #[arg(long, help_heading = "Course")]
    force: bool,
    /// Where the next session of each dyad would fall (80 %), with 30 or more dyads
    #[arg(long, help_heading = "Course")]
    band: bool,
    /// Maximise the likelihood, not the restricted one
    #[arg(long, help_heading = "Course")]
    ml: bool,
    /// Degrees of freedom of average effects
    #[arg(long, value_enum, value_name = "METHOD", default_value = "satterthwaite", help_heading = "Course")]
    df: DfWord,
    /// The confidence level of all limits
    #[arg(long, value_name = "LEVEL", default_value = "0.95", value_parser = parse_level)]
    level: f64,
    #[command(flatten)]
    report: ReportArgs,
}

#[derive(Debug, Clone, Copy, PartialEq, Eq, ValueEnum)]
enum TimeWord {
    /// Session number less --time-zero
    Session,
    /// Weeks since the dyad's first date
    Date,
}

#[derive(Debug, Clone, Copy, PartialEq, Eq, ValueEnum)]
enum DfWord {
    /// As lmerTest
    Satterthwaite,
    /// As pbkrtest; models with serial residuals keep Satterthwaite's
    KenwardRoger,
    /// None: z, far too liberal with few dyads
    Normal,
}

pub(super) fn run(args: &Args, console: &mut Console) -> Result<(), Error> {
    let format = args.report.format()?;
    if !args.time_zero.is_finite() {
        return Err(Error::usage("--time-zero is not a number"));
    }
    if args.time == TimeWord::Date && args.time_zero != 1.0 {
        return Err(Error::usage(
            "--time date counts from the dyad's first date: --time-zero is for sessions",
        ));
    }
    let study = args.study.load(&[], console)?;
    let asked = GrowthAsked {
        scales: scales(&study, &args.scale)?,
        time: match args.time {
            TimeWord::Session => TimeCoding::Session(args.time_zero),
            TimeWord::Date => TimeCoding::Weeks,
        },
        force: args.force,
        band: args.band,
        criterion: if args.ml { Criterion::Ml } else { Criterion::Reml },
        df: match args.df {
            DfWord::Satterthwaite => DegreesOfFreedom::Satterthwaite,
            DfWord::KenwardRoger => DegreesOfFreedom::KenwardRoger,
            DfWord::Normal => DegreesOfFreedom::Normal,
        },
        level: args.level,
    };
    let report = report::growth(&study, &asked)?;
    console.report(&report, format, args.report.output.as_deref())
}
