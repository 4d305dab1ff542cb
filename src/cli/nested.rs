//! `alliance nested`: reliability within and between persons.

use clap::ValueEnum;

use super::args::ReportArgs;
use super::console::Console;
use super::scales::parse_level;
use super::sessions::scales;
use super::study::StudyArgs;
use crate::error::Error;
use crate::nested::{Estimator, Negative};
use crate::render::Format;
use crate::report::{self, Detail, NestedAsked};

#[derive(Debug, clap::Args)]
pub(super) struct Args {
    #[command(flatten)]
    study: StudyArgs,
    /// The scales [default: all]
    #[arg(long, value_name = "SCALE", value_delimiter = ',', help_heading = "Reliability")]
    scale: Vec<String>,
    /// How variance components are estimated
    #[arg(long, value_enum, value_name = "HOW", default_value = "auto", help_heading = "Reliability")]
    estimator: EstimatorWord,
    /// What becomes of a component that mean squares make negative: 0, or kept as it is
    #[arg(long, value_enum, value_name = "WHAT", default_value = "zero", help_heading = "Reliability")]
    negative: NegativeWord,
    /// Samples of persons drawn again, behind the limits; 0 for none
    #[arg(long, value_name = "N", default_value_t = 500, help_heading = "Reliability")]
    bootstrap: u64,
    /// The seed of these samples
    #[arg(long, value_name = "N", default_value_t = 1, help_heading = "Reliability")]
    seed: u64,
    /// The confidence level of all limits
    #[arg(long, value_name = "LEVEL", default_value = "0.95", value_parser = parse_level)]
    level: f64,
    #[command(flatten)]
    report: ReportArgs,
}

#[derive(Debug, Clone, Copy, PartialEq, Eq, ValueEnum)]
enum EstimatorWord {
    /// Mean squares where everybody answered everything, restricted likelihood otherwise
    Auto,
    /// Mean squares, refused where something is missing
    Anova,
    /// Restricted likelihood
    Reml,
}

#[derive(Debug, Clone, Copy, PartialEq, Eq, ValueEnum)]
enum NegativeWord {
    /// It counts as 0, and is noted
    Zero,
    /// It enters the coefficients as it is
    Raw,
}

pub(super) fn run(args: &Args, console: &mut Console) -> Result<(), Error> {
    let format = args.report.format()?;
    let study = args.study.load(&[], console)?;
    let all = ["all".to_owned()];
    let asked = NestedAsked {
        scales: scales(&study, if args.scale.is_empty() { &all } else { &args.scale })?,
        estimator: match args.estimator {
            EstimatorWord::Auto => Estimator::AnovaIfComplete,
            EstimatorWord::Anova => Estimator::Anova,
            EstimatorWord::Reml => Estimator::Reml,
        },
        negative: match args.negative {
            NegativeWord::Zero => Negative::Zero,
            NegativeWord::Raw => Negative::Raw,
        },
        replicates: args.bootstrap,
        seed: args.seed,
        threads: args.study.how.threads().into(),
        level: args.level,
        detail: if format == Format::Csv { Detail::Data } else { Detail::Page },
    };
    let report = report::nested(&study, &asked)?;
    console.report(&report, format, args.report.output.as_deref())
}
