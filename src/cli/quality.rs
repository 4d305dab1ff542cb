//! `alliance quality`: how answers were given.

use serde_json::json;

use super::args::ReportArgs;
use super::console::Console;
use super::scales::ScalesArgs;
use crate::error::Error;
use crate::quality::QualityConfig;
use crate::render::Format;
use crate::report::{self, QualityPage, quality_forms};

#[derive(Debug, clap::Args)]
pub(super) struct Args {
    #[command(flatten)]
    scales: ScalesArgs,
    /// Show all persons with all indices, and how the indices are distributed
    #[arg(long, help_heading = "Output")]
    all: bool,
    /// Mark runs of one answer and repeated sequences from this share of the items of the form on
    #[arg(long, value_name = "SHARE", default_value = "0.5", value_parser = parse_share, help_heading = "Marks")]
    long: f64,
    /// Mark persons whose distance from the others only one minus this share of persons would pass
    #[arg(long, value_name = "LEVEL", default_value = "0.999", value_parser = parse_share, help_heading = "Marks")]
    distance_level: f64,
    /// Items whose answers correlate above this are synonyms, below minus this antonyms
    #[arg(long, value_name = "R", default_value = "0.6", value_parser = parse_share, help_heading = "Marks")]
    synonyms: f64,
    #[command(flatten)]
    report: ReportArgs,
}

/// A share above 0 and below 1, `0.5` or `50%`.
fn parse_share(text: &str) -> Result<f64, String> {
    let number = |text: &str| text.trim().parse::<f64>().ok();
    let share = match text.trim().strip_suffix('%') {
        Some(percent) => number(percent).map(|share| share / 100.0),
        None => number(text),
    };
    share.filter(|share| *share > 0.0 && *share < 1.0).ok_or_else(|| "write a share such as 0.5".to_owned())
}

pub(super) fn run(args: &Args, console: &mut Console) -> Result<(), Error> {
    let format = args.report.format()?;
    let scales = args.scales.load("quality", console)?;
    let config = QualityConfig {
        missing: args.scales.missing(),
        long: args.long,
        distance_level: args.distance_level,
        synonyms: args.synonyms,
    };
    let forms = quality_forms(&scales, &config);
    let page = QualityPage { everything: args.all || format == Format::Csv };
    let settings = json!({ "quality": config, "by": args.scales.by });
    let report = report::quality(&scales.study, &scales.selection, &forms, page, settings);
    console.report(&report, format, args.report.output.as_deref())
}
