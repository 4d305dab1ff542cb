//! `alliance validity`: does a score go with what it should go with?

use std::collections::BTreeMap;
use std::path::PathBuf;

use clap::ValueEnum;

use super::args::ReportArgs;
use super::console::Console;
use super::files::{base_name, read};
use super::scales::parse_level;
use super::sessions::scales;
use super::study::{OccasionArgs, StudyArgs};
use crate::error::Error;
use crate::report::{self, Scales, ValidityAsked};
use crate::responses::Key;
use crate::strict;
use crate::validity::{ClusterErrors, read_hypotheses};

#[derive(Debug, clap::Args)]
pub(super) struct Args {
    #[command(flatten)]
    study: StudyArgs,
    #[command(flatten)]
    occasion: OccasionArgs,
    /// Columns of numbers that scores should go with
    #[arg(long, value_name = "COLUMN", value_delimiter = ',', help_heading = "Validity")]
    with: Vec<String>,
    /// The reliability of such a column, known from elsewhere: COLUMN=R
    #[arg(long, value_name = "COLUMN=R", value_delimiter = ',', help_heading = "Validity")]
    reliability: Vec<String>,
    /// Columns of groups that should differ
    #[arg(long, value_name = "COLUMN", value_delimiter = ',', help_heading = "Validity")]
    groups: Vec<String>,
    /// Standard errors robust to clusters
    #[arg(long, value_enum, value_name = "HOW", default_value = "cr2", help_heading = "Validity")]
    errors: ErrorsWord,
    /// Hypotheses stated beforehand, as a file
    #[arg(long, value_name = "FILE", help_heading = "Validity")]
    hypotheses: Option<PathBuf>,
    /// The scales [default: all]
    #[arg(long, value_name = "SCALE", value_delimiter = ',', help_heading = "Validity")]
    scale: Vec<String>,
    /// The confidence level of all limits
    #[arg(long, value_name = "LEVEL", default_value = "0.95", value_parser = parse_level)]
    level: f64,
    #[command(flatten)]
    report: ReportArgs,
}

#[derive(Debug, Clone, Copy, PartialEq, Eq, ValueEnum)]
enum ErrorsWord {
    /// Plain
    Cr0,
    /// Times √(G / (G − 1))
    Cr1,
    /// As Stata
    Cr1s,
    /// Adjusted for leverage, with Satterthwaite degrees of freedom
    Cr2,
}

pub(super) fn run(args: &Args, console: &mut Console) -> Result<(), Error> {
    let format = args.report.format()?;
    if args.with.is_empty() && args.groups.is_empty() {
        let help = "--with outcome,satisfaction for columns of numbers, --groups condition for groups";
        return Err(Error::usage_help("nothing to hold the scores against", help));
    }
    let mut reliabilities = BTreeMap::new();
    for text in &args.reliability {
        let parts =
            text.split_once('=').and_then(|(name, r)| Some((name.trim(), r.trim().parse::<f64>().ok()?)));
        match parts {
            Some((name, r)) if r > 0.0 && r <= 1.0 && args.with.iter().any(|own| own == name) => {
                reliabilities.insert(name.to_owned(), r);
            }
            _ => {
                let message = format!("--reliability `{text}` makes no sense");
                return Err(Error::usage_help(
                    message,
                    "write COLUMN=R with a column of --with and R between 0 and 1",
                ));
            }
        }
    }
    let hypotheses = match &args.hypotheses {
        None => Vec::new(),
        Some(path) => {
            let (bytes, name) = (read(path)?, base_name(path));
            let text = strict::text(&name, &bytes).map_err(Error::definition)?;
            read_hypotheses(&name, text).map_err(Error::definition)?
        }
    };
    let study = args.study.load(&[&args.with[..], &args.groups[..]].concat(), console)?;
    let all = ["all".to_owned()];
    let wanted = scales(&study, if args.scale.is_empty() { &all } else { &args.scale })?;
    let cluster = study.sample.key(Key::Cluster).map(|_| Key::Cluster.id().to_owned());
    let asked = ValidityAsked {
        with: args.with.clone(),
        reliabilities,
        groups: args.groups.clone(),
        cluster,
        errors: match args.errors {
            ErrorsWord::Cr0 => ClusterErrors::Cr0,
            ErrorsWord::Cr1 => ClusterErrors::Cr1,
            ErrorsWord::Cr1s => ClusterErrors::Cr1s,
            ErrorsWord::Cr2 => ClusterErrors::Cr2,
        },
        hypotheses,
        level: args.level,
    };
    let scales = Scales::new(study, &args.occasion.occasion(), &[], &wanted)?;
    let report = report::validity(&scales, &asked)?;
    console.report(&report, format, args.report.output.as_deref())
}
