//! `alliance dyads`: how two informants agree.

use super::args::ReportArgs;
use super::console::Console;
use super::scales::parse_level;
use super::sessions::scales;
use super::study::StudyArgs;
use crate::dyad::Varies;
use crate::error::Error;
use crate::render::Format;
use crate::report::{self, Detail, DyadsAsked};
use crate::sample::Occasion;

#[derive(Debug, clap::Args)]
pub(super) struct Args {
    #[command(flatten)]
    study: StudyArgs,
    /// Two roles, in the order in which the difference is taken [default: every two roles]
    #[arg(long, value_name = "A,B", help_heading = "Pairs")]
    pair: Option<String>,
    /// The scales; those that are named have pictures and lists of dyads too [default: all]
    #[arg(long, value_name = "SCALE", value_delimiter = ',', help_heading = "Pairs")]
    scale: Vec<String>,
    /// Which occasion of each dyad: first or last that both answered, or a session
    #[arg(long, value_name = "WHICH", default_value = "first", help_heading = "Pairs")]
    occasion: String,
    /// A column with an outcome: what it owes to the score of each (actor, partner, response surface)
    #[arg(long, value_name = "COLUMN", help_heading = "Models")]
    outcome: Option<String>,
    /// The point both scores are centred on in a response surface [default: the mean of all]
    #[arg(
        long,
        value_name = "SCORE",
        requires = "outcome",
        allow_hyphen_values = true,
        help_heading = "Models"
    )]
    center: Option<f64>,
    /// What may differ between dyads in truth and bias
    #[arg(long, value_enum, value_name = "WHAT", default_value = "bias", help_heading = "Models")]
    truth_varies: VariesWord,
    /// Fit models with fewer dyads than they should have; it is recorded
    #[arg(long, help_heading = "Models")]
    force: bool,
    /// Bootstrap draws of dyads for the limits of k = partner / actor; 0 for none
    #[arg(long, value_name = "N", default_value_t = 2000, help_heading = "Models")]
    draws: u32,
    /// The seed of the bootstrap
    #[arg(long, value_name = "N", default_value_t = 1, help_heading = "Models")]
    seed: u64,
    /// The confidence level of all limits
    #[arg(long, value_name = "LEVEL", default_value = "0.95", value_parser = parse_level)]
    level: f64,
    #[command(flatten)]
    report: ReportArgs,
}

#[derive(Debug, Clone, Copy, PartialEq, Eq, clap::ValueEnum)]
enum VariesWord {
    /// The bias
    Bias,
    /// The bias and the truth force
    Both,
}

pub(super) fn run(args: &Args, console: &mut Console) -> Result<(), Error> {
    let format = args.report.format()?;
    let pair = args.pair.as_deref().map(pair).transpose()?;
    let occasion = Occasion::parse(&args.occasion);
    if occasion == Occasion::All {
        let help =
            "what goes on over all sessions is in the report anyway; --occasion first, last, or a session";
        return Err(Error::usage_help("--occasion all: sessions of one dyad are no dyads", help));
    }
    if args.center.is_some_and(|center| !center.is_finite()) {
        return Err(Error::usage("--center is not a number"));
    }
    let also: Vec<String> = args.outcome.iter().cloned().collect();
    let study = args.study.load_any_range(&also, console)?;
    let all = ["all".to_owned()];
    let asked = DyadsAsked {
        scales: scales(&study, if args.scale.is_empty() { &all } else { &args.scale })?,
        large: match scales(&study, &args.scale)? {
            // Of scores that somebody else computed, all are asked for; one is enough for a page.
            all if args.scale.is_empty() => vec![total(&study).unwrap_or(all[0])],
            named => named,
        },
        pair,
        occasion,
        outcome: args.outcome.clone(),
        center: args.center,
        varies: match args.truth_varies {
            VariesWord::Bias => Varies::Bias,
            VariesWord::Both => Varies::BiasAndTruth,
        },
        force: args.force,
        level: args.level,
        draws: args.draws as usize,
        seed: args.seed,
        detail: if matches!(format, Format::Json | Format::Csv) { Detail::Data } else { Detail::Page },
    };
    let report = report::dyads(&study, &asked)?;
    console.report(&report, format, args.report.output.as_deref())
}

fn total(study: &report::Study) -> Option<usize> {
    study.sample.plan.scales.iter().position(|scale| scale.id == "total")
}

/// `A,B`.
pub(super) fn pair(text: &str) -> Result<[String; 2], Error> {
    let parts: Vec<&str> = text.split(',').map(str::trim).filter(|word| !word.is_empty()).collect();
    match parts[..] {
        [a, b] if a != b => Ok([a.to_owned(), b.to_owned()]),
        _ => {
            let message = format!("--pair `{text}` makes no sense");
            Err(Error::usage_help(message, "write two roles, such as caregiver,worker"))
        }
    }
}
