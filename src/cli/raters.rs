//! `alliance raters`: how far observers agree.

use std::path::PathBuf;

use nalgebra::DMatrix;

use super::args::ReportArgs;
use super::console::Console;
use super::dyads::pair;
use super::files::{read, refuse_early};
use super::scales::parse_level;
use super::sessions::scales;
use super::study::{StudyArgs, parse_range};
use crate::agreement::{NAMED_NULLS, Weights};
use crate::error::Error;
use crate::finding::near;
use crate::instrument::PossibleScores;
use crate::render::Format;
use crate::report::{self, Detail, Raters, RatersAsked, Study};

#[derive(Debug, clap::Args)]
pub(super) struct Args {
    #[command(flatten)]
    study: StudyArgs,
    /// Columns that say what was rated [default: the keys of the file, rater apart]
    #[arg(long, value_name = "COLUMN", value_delimiter = ',', help_heading = "Raters")]
    unit: Vec<String>,
    /// In a file of scores: a column for each rater, in place of --rater and --score
    #[arg(
        long,
        value_name = "COLUMN",
        value_delimiter = ',',
        requires = "scores",
        conflicts_with = "score",
        help_heading = "Raters"
    )]
    raters: Vec<String>,
    /// The categories: LO..HI, a list such as 0,1,2, or observed: those that occur
    #[arg(long, value_name = "LO..HI", allow_hyphen_values = true, help_heading = "Raters")]
    categories: Option<String>,
    /// Only these scales
    #[arg(long, value_name = "SCALE", value_delimiter = ',', help_heading = "Raters")]
    scale: Vec<String>,
    /// Item by item, not scale by scale (--items is for names of columns)
    #[arg(long, help_heading = "Raters")]
    by_item: bool,
    /// Points within which two ratings count as close
    #[arg(
        long,
        value_name = "POINTS",
        value_delimiter = ',',
        default_value = "1",
        help_heading = "Agreement"
    )]
    within: Vec<f64>,
    /// A table of weights of your own, beside the usual: CSV, a line for each category from low to high
    #[arg(long, value_name = "FILE", help_heading = "Agreement")]
    weights: Option<PathBuf>,
    /// Null distributions of rwg beside the uniform one, by name, where the number of categories has them
    #[arg(
        long,
        value_name = "NAME",
        value_delimiter = ',',
        default_value = "slight_skew",
        help_heading = "Agreement"
    )]
    null: Vec<String>,
    /// The shares of a null distribution of your own, a number for each category
    #[arg(long, value_name = "SHARE", value_delimiter = ',', help_heading = "Agreement")]
    null_shares: Vec<f64>,
    /// The two raters whose confusion table is shown [default: the first two]
    #[arg(long, value_name = "A,B", help_heading = "Agreement")]
    confusion: Option<String>,
    /// Bootstrap draws of units for the limits of Krippendorff's alpha; 0 for none
    #[arg(long, value_name = "N", default_value_t = 2000, help_heading = "Agreement")]
    draws: u32,
    /// The seed of the bootstrap
    #[arg(long, value_name = "N", default_value_t = 1, help_heading = "Agreement")]
    seed: u64,
    /// The confidence level of all limits
    #[arg(long, value_name = "LEVEL", default_value = "0.95", value_parser = parse_level)]
    level: f64,
    /// Write the final score of three judges for each unit: a file that other commands read with --scores
    #[arg(long = "final", value_name = "FILE")]
    finals: Option<PathBuf>,
    #[command(flatten)]
    report: ReportArgs,
}

pub(super) fn run(args: &Args, console: &mut Console) -> Result<(), Error> {
    let format = args.report.format()?;
    let detail = if matches!(format, Format::Json | Format::Csv) { Detail::Data } else { Detail::Page };
    let asked = asked(args, detail)?;
    let possible = possible(args)?;
    let mut also = args.unit.clone();
    let wide = !args.raters.is_empty();
    let study = if wide {
        also.retain(|name| !args.raters.contains(name));
        args.study.load_columns(&args.raters, possible.unwrap_or(PossibleScores::Any), &also, console)?
    } else if args.study.gives_scores() {
        args.study.load_scores(possible, &also, console)?
    } else {
        if args.categories.as_deref().is_some_and(|word| word.trim() != "observed") {
            let help = "the instrument says them; leave --categories out";
            return Err(Error::usage_help("--categories is for files of scores", help));
        }
        args.study.load(&also, console)?
    };
    let raters = if wide {
        Raters::wide(&study, &args.unit, &asked)?
    } else {
        Raters::long(&study, &wanted(&study, &args.scale)?, &args.unit, &asked)?
    };
    let found = report::all_raters_found(&raters, &asked)?;
    let report = report::raters(&study, &raters, &found, &asked)?;
    if let Some(path) = &args.finals {
        let outputs: Vec<&PathBuf> = args.finals.iter().chain(&args.report.output).collect();
        refuse_early(&outputs, &args.study.inputs())?;
        console.write(path, report::finals_csv(&raters, &found).as_bytes())?;
    }
    console.report(&report, format, args.report.output.as_deref())
}

fn wanted(study: &Study, names: &[String]) -> Result<Vec<usize>, Error> {
    let all = ["all".to_owned()];
    scales(study, if names.is_empty() { &all } else { names })
}

fn asked(args: &Args, detail: Detail) -> Result<RatersAsked, Error> {
    for name in args.null.iter().filter(|name| *name != "uniform") {
        if !NAMED_NULLS.iter().any(|null| null.id == name) {
            let mut names: Vec<&str> = NAMED_NULLS.iter().map(|null| null.id).collect();
            names.dedup();
            names.truncate(4);
            let help = match near(name, names.iter().copied()).first() {
                Some(word) => format!("did you mean `{word}`?"),
                None => format!("names are: uniform, {}", names.join(", ")),
            };
            return Err(Error::usage_help(format!("--null: there is no null distribution `{name}`"), help));
        }
    }
    if let Some(points) = args.within.iter().find(|points| !(points.is_finite() && **points >= 0.0)) {
        return Err(Error::usage(format!("--within {points} is not a number from 0 on")));
    }
    let mut within = vec![0.0];
    within.extend(args.within.iter().copied().filter(|points| *points > 0.0));
    Ok(RatersAsked {
        items: args.by_item,
        observed: args.categories.as_deref().is_some_and(|word| word.trim() == "observed"),
        within,
        own: args.weights.as_deref().map(own_weights).transpose()?,
        nulls: args.null.clone(),
        shares: (!args.null_shares.is_empty()).then(|| args.null_shares.clone()),
        confusion: args.confusion.as_deref().map(pair).transpose()?,
        level: args.level,
        draws: args.draws as usize,
        seed: args.seed,
        detail,
    })
}

/// What --categories says.
fn possible(args: &Args) -> Result<Option<PossibleScores>, Error> {
    let Some(text) = args.categories.as_deref().map(str::trim).filter(|text| *text != "observed") else {
        return Ok(None);
    };
    let wrong = || {
        let help = "write LO..HI, such as -3..3, a list one step apart, such as 0,1,2, or observed";
        Error::usage_help(format!("--categories `{text}` makes no sense"), help)
    };
    let points = |low: f64, high: f64, step: f64| {
        let n = (high - low) / step;
        let sound = step > 0.0 && (1.0..=250.0).contains(&n) && (n - n.round()).abs() < 1e-9;
        sound.then_some(PossibleScores::Points { low, high, step }).ok_or_else(wrong)
    };
    if text.contains("..") {
        let [low, high] = parse_range("--categories", text)?;
        return points(low, high, 1.0).map(Some);
    }
    let number = |word: &str| word.trim().replace('−', "-").parse::<f64>().ok().filter(|x| x.is_finite());
    let mut values: Vec<f64> = text.split(',').map(number).collect::<Option<_>>().ok_or_else(wrong)?;
    values.sort_by(f64::total_cmp);
    let [first, second, ..] = values[..] else { return Err(wrong()) };
    let step = second - first;
    let even = values.windows(2).all(|pair| (pair[1] - pair[0] - step).abs() < 1e-9);
    let last = values.last().copied().unwrap_or(second);
    if even { points(first, last, step).map(Some) } else { Err(wrong()) }
}

fn own_weights(path: &std::path::Path) -> Result<Weights, Error> {
    let text = String::from_utf8_lossy(&read(path)?).into_owned();
    let wrong = |line: usize, what: &str| {
        let message = format!("--weights {}, line {line}: {what}", path.display());
        Error::usage_help(
            message,
            "a line for each category from low to high, numbers from 0 to 1 with commas between",
        )
    };
    let mut rows: Vec<Vec<f64>> = Vec::new();
    for (at, line) in text.lines().enumerate().filter(|(_, line)| !line.trim().is_empty()) {
        let number = |cell: &str| cell.trim().parse::<f64>().ok().filter(|x| x.is_finite());
        let row: Option<Vec<f64>> = line.split([',', ';', '\t']).map(number).collect();
        rows.push(row.ok_or_else(|| wrong(at + 1, "a cell is not a number"))?);
    }
    let q = rows.len();
    if let Some(at) = rows.iter().position(|row| row.len() != q) {
        return Err(wrong(at + 1, &format!("{} numbers, and {q} lines", rows[at].len())));
    }
    Ok(Weights::Own(DMatrix::from_fn(q, q, |a, b| rows[a][b])))
}
