//! `alliance items`: the item table of a paper.

use clap::ValueEnum;
use serde_json::json;

use super::args::ReportArgs;
use super::console::Console;
use super::scales::ScalesArgs;
use crate::error::Error;
use crate::moments::Divisor;
use crate::render::Format;
use crate::report::{self, ItemsPage, ShapeType};

#[derive(Debug, clap::Args)]
pub(super) struct Args {
    #[command(flatten)]
    scales: ScalesArgs,
    /// Also show shares of the answers, further correlations, correlations between items, normality
    #[arg(long, help_heading = "Output")]
    all: bool,
    /// Which skew and kurtosis is shown: 1 of moments, 2 as SPSS, SAS and Excel, 3 as psych
    #[arg(long, value_enum, value_name = "TYPE", default_value = "2", help_heading = "Output")]
    shape: ShapeWord,
    /// What the covariances in Mardia's coefficients are divided by
    #[arg(long, value_enum, value_name = "DIVISOR", default_value = "n", help_heading = "Output")]
    mardia: DivisorWord,
    #[command(flatten)]
    report: ReportArgs,
}

#[derive(Debug, Clone, Copy, PartialEq, Eq, ValueEnum)]
enum ShapeWord {
    #[value(name = "1")]
    Type1,
    #[value(name = "2")]
    Type2,
    #[value(name = "3")]
    Type3,
}

#[derive(Debug, Clone, Copy, PartialEq, Eq, ValueEnum)]
enum DivisorWord {
    /// n, as in the paper
    N,
    /// n − 1, as psych
    #[value(name = "n-1")]
    NMinusOne,
}

pub(super) fn run(args: &Args, console: &mut Console) -> Result<(), Error> {
    let format = args.report.format()?;
    let scales = args.scales.load("items", console)?;
    let divisor = match args.mardia {
        DivisorWord::N => Divisor::N,
        DivisorWord::NMinusOne => Divisor::NMinusOne,
    };
    let lines = report::item_lines(&scales, args.scales.missing(), divisor, args.scales.level);
    let pairs = report::scale_pairs(&scales, &lines, args.scales.level);
    let page = ItemsPage {
        shape: match args.shape {
            ShapeWord::Type1 => ShapeType::Type1,
            ShapeWord::Type2 => ShapeType::Type2,
            ShapeWord::Type3 => ShapeType::Type3,
        },
        everything: args.all || format == Format::Csv,
        shaded: format == Format::Text && args.report.output.is_none(),
    };
    let settings = json!({
        "level": args.scales.level,
        "missing": args.scales.missing(),
        "by": args.scales.by,
        "mardia_divisor": divisor,
    });
    let report = report::items(&scales, &lines, &pairs, page, settings);
    console.report(&report, format, args.report.output.as_deref())
}
