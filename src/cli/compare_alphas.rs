//! `alliance compare-alphas`: do alphas differ?

use nalgebra::DMatrix;
use serde_json::json;

use super::args::ReportArgs;
use super::console::Console;
use super::scales::ScalesArgs;
use crate::error::Error;
use crate::reliability::Compared;
use crate::report::{self, GivenAlphas};

#[derive(Debug, clap::Args)]
pub(super) struct Args {
    #[command(flatten)]
    scales: ScalesArgs,
    /// Published alphas with their numbers of persons (and items, which three or more alphas need): .82:27,.89:27 or .78:51:5,…
    #[arg(
        long,
        value_name = "ALPHA:N[:K]",
        value_delimiter = ',',
        help_heading = "Published figures instead of answers"
    )]
    values: Vec<String>,
    /// The alphas are of the same persons, whose totals correlate so: r of the first two, then 1 and 3, 2 and 3, 1 and 4, …
    #[arg(
        long,
        value_name = "R",
        value_delimiter = ',',
        requires = "values",
        allow_hyphen_values = true,
        help_heading = "Published figures instead of answers"
    )]
    r: Vec<f64>,
    #[command(flatten)]
    report: ReportArgs,
}

pub(super) fn run(args: &Args, console: &mut Console) -> Result<(), Error> {
    let format = args.report.format()?;
    if !args.values.is_empty() {
        if args.scales.study.is_named() {
            return Err(Error::usage("--values stands in the place of an instrument and its answers"));
        }
        let given = given(&args.values, &args.r)?;
        return console.report(&report::compare_given_alphas(&given), format, args.report.output.as_deref());
    }
    if args.scales.by.is_empty() {
        let help =
            "name a column that splits: --by role; or give published figures: --values .82:27,.89:27 --r .74";
        return Err(Error::usage_help("there is nothing to compare with", help));
    }
    let scales = args.scales.load("compare-alphas", console)?;
    let settings =
        json!({ "level": args.scales.level, "missing": args.scales.missing(), "by": args.scales.by });
    let report = report::compare_alphas(&scales, args.scales.missing(), args.scales.level, settings);
    console.report(&report, format, args.report.output.as_deref())
}

/// `.82:27,.89:27` and the correlations of the totals.
fn given(values: &[String], r: &[f64]) -> Result<GivenAlphas, Error> {
    let alphas: Vec<(Compared, bool)> = values.iter().map(|text| alpha(text)).collect::<Result<_, _>>()?;
    let m = alphas.len();
    if m < 2 {
        let help = "write two or more: --values .82:27,.89:27";
        return Err(Error::usage_help("one alpha alone cannot be compared", help));
    }
    let dependent = !r.is_empty();
    if m > 2 && alphas.iter().any(|(_, has_k)| !has_k) {
        let help = "write ALPHA:N:K, such as .784:51:5";
        return Err(Error::usage_help(
            "three or more alphas are compared by their numbers of items too",
            help,
        ));
    }
    let alphas: Vec<Compared> = alphas.into_iter().map(|(alpha, _)| alpha).collect();
    if !dependent {
        return Ok(GivenAlphas { alphas, correlations: None });
    }
    let pairs: Vec<(usize, usize)> = (1..m).flat_map(|j| (0..j).map(move |i| (i, j))).collect();
    if r.len() != pairs.len() {
        let order: Vec<String> = pairs.iter().map(|(i, j)| format!("{} and {}", i + 1, j + 1)).collect();
        let message = format!("--r: {} correlations for {m} alphas, {} are needed", r.len(), pairs.len());
        return Err(Error::usage_help(message, format!("in this order: {}", order.join("; "))));
    }
    if let Some(r) = r.iter().find(|r| r.is_nan() || r.abs() >= 1.0) {
        return Err(Error::usage(format!("--r: {r} is no correlation between two totals that differ")));
    }
    if alphas.iter().any(|alpha| alpha.n != alphas[0].n) {
        let help = "alphas of different persons are compared without --r";
        return Err(Error::usage_help(
            "--r is for alphas of the same persons, but their numbers differ",
            help,
        ));
    }
    let mut correlations = DMatrix::identity(m, m);
    for ((i, j), r) in pairs.into_iter().zip(r) {
        (correlations[(i, j)], correlations[(j, i)]) = (*r, *r);
    }
    Ok(GivenAlphas { alphas, correlations: Some(correlations) })
}

/// `ALPHA:N` or `ALPHA:N:K`, and whether K was there.
fn alpha(text: &str) -> Result<(Compared, bool), Error> {
    let pieces: Vec<&str> = text.split(':').map(str::trim).collect();
    let refuse = || {
        let help = "write ALPHA:N or ALPHA:N:K, such as .82:27 or .82:27:12; alpha below 1, N and K from 2";
        Error::usage_help(format!("--values `{text}` makes no sense"), help)
    };
    let (alpha, n, k) = match pieces[..] {
        [alpha, n] => (alpha, n, None),
        [alpha, n, k] => (alpha, n, Some(k)),
        _ => return Err(refuse()),
    };
    let count = |text: &str| text.parse::<usize>().ok().filter(|n| *n >= 2);
    let value =
        alpha.replace('\u{2212}', "-").parse::<f64>().ok().filter(|alpha| alpha.is_finite() && *alpha < 1.0);
    let known = match k {
        Some(k) => count(k).map(|k| (k, true)),
        None => Some((2, false)),
    };
    match (value, count(n), known) {
        (Some(alpha), Some(n), Some((k, has_k))) => Ok((Compared { alpha, n, k }, has_k)),
        _ => Err(refuse()),
    }
}
