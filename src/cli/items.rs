//! `alliance items`: the item table of a paper.

use clap::ValueEnum;
use serde_json::json;

use super::args::ReportArgs;
use super::console::Console;
use super::scales::{ScaleRows, Scales, ScalesArgs, allowed};
use crate::error::Error;
use crate::factor::adequacy;
use crate::moments::{Divisor, ItemMatrix, Missing, Moments};
use crate::numeric::matrix::eigenvalues;
use crate::reliability::{
    AlphaInterval, Correlation, ItemStatistics, alpha_interval, correlation, disattenuated, item_elsewhere,
    item_statistics, mardia, unanswered,
};
use crate::render::Format;
use crate::report::{self, ItemLine, ItemsLine, ItemsPage, ScalePair, ShapeType};
use crate::scoring::Edition;
use crate::statistic::{Estimate, Reason, StatError};

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
    let of = |line: &ScaleRows| describe(&scales, line, args.scales.missing(), divisor, args.scales.level);
    let lines: Vec<ItemsLine> = scales.lines.iter().filter_map(of).collect();
    let pairs = scale_pairs(&scales, &lines, args.scales.level);
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
    let report = report::items(&scales.study, &scales.selection, &lines, &pairs, page, settings);
    console.report(&report, format, args.report.output.as_deref())
}

/// The items of a scale in a group.
fn describe(
    scales: &Scales,
    line: &ScaleRows,
    missing: Missing,
    divisor: Divisor,
    level: f64,
) -> Option<ItemsLine> {
    let edition = scales.edition(line)?;
    let data = scales.study.sample.items(edition, &line.rows);
    let moments = Moments::of(&data, missing);
    let why = |error: &StatError| error.reason;
    let correlations = moments.as_ref().ok().and_then(|moments| moments.pair_correlation().ok());
    let statistics: Vec<ItemStatistics> = match &moments {
        Ok(moments) => item_statistics(&data, &allowed(edition), moments, level),
        Err(error) => unanswered(&data, &allowed(edition), error.reason),
    };
    let others = other_scores(scales, line);
    let item = |(term, statistics): (&crate::scoring::Term, ItemStatistics)| {
        let elsewhere =
            item_elsewhere(&answers(&data, &statistics), &statistics.fit.item_rest, &others, level);
        ItemLine { reversed: term.reversed, statistics, elsewhere }
    };
    let alpha = moments.as_ref().map_err(why).and_then(|moments| {
        alpha_interval(moments, AlphaInterval::Feldt, level).map_err(|error| error.reason)
    });
    let adequacy =
        moments.as_ref().map_err(why).and_then(|moments| adequacy(moments).map_err(|error| error.reason));
    Some(ItemsLine {
        of: line.of.clone(),
        n: moments.as_ref().map_or(0, |moments| moments.n),
        items: edition.terms.iter().zip(statistics).map(item).collect(),
        alpha: alpha.into(),
        eigenvalues: correlations.as_ref().and_then(eigenvalues),
        correlations,
        adequacy,
        mardia: mardia(&data, divisor).map_err(|error| error.reason),
        reason: moments.as_ref().err().map(why),
    })
}

/// The answers to an item.
fn answers(data: &ItemMatrix, statistics: &ItemStatistics) -> Vec<f64> {
    let at = data.items.iter().position(|id| *id == statistics.fit.item);
    at.map_or_else(Vec::new, |j| data.item(j).to_vec())
}

/// The scores of the scales of the form that have no item of this one.
fn other_scores(scales: &Scales, line: &ScaleRows) -> Vec<(String, Vec<f64>)> {
    let plan = &scales.study.sample.plan;
    let other = |(scale, planned): (usize, &crate::scoring::PlannedScale)| {
        let (own, other) = (scales.edition(line)?, planned.edition(line.form)?);
        (shared_items(own, other) == 0).then(|| (planned.id.clone(), scores(scales, scale, &line.rows)))
    };
    plan.scales.iter().enumerate().filter_map(other).collect()
}

fn shared_items(a: &Edition, b: &Edition) -> usize {
    a.terms.iter().filter(|term| b.terms.iter().any(|other| other.slot == term.slot)).count()
}

fn scores(scales: &Scales, scale: usize, rows: &[usize]) -> Vec<f64> {
    rows.iter().map(|row| scales.study.sample.score(scale, *row).value.unwrap_or(f64::NAN)).collect()
}

/// How the scales of each form and group correlate.
fn scale_pairs(scales: &Scales, lines: &[ItemsLine], level: f64) -> Vec<ScalePair> {
    let mut pairs = Vec::new();
    let both = scales.lines.iter().zip(lines);
    for (at, (first, found)) in both.clone().enumerate() {
        let same_group = |(other, _): &(&ScaleRows, &ItemsLine)| {
            other.of.form == first.of.form && other.of.by == first.of.by
        };
        for (second, beside) in both.clone().skip(at + 1).filter(same_group) {
            let (Some(a), Some(b)) = (scales.edition(first), scales.edition(second)) else { continue };
            let shared = shared_items(a, b);
            let (x, y) =
                (scores(scales, first.scale, &first.rows), scores(scales, second.scale, &second.rows));
            let r: Correlation = correlation(&x, &y, level);
            // Errors of shared items correlate, and are no attenuation.
            let freed = match shared {
                0 => disattenuated(&r.r, &found.alpha, &beside.alpha),
                _ => Estimate::none(Reason::NotApplicable),
            };
            pairs.push(ScalePair {
                of: first.of.clone(),
                with: second.of.scale.clone(),
                shared_items: shared,
                found: r,
                disattenuated: freed,
            });
        }
    }
    pairs
}
