//! How fast agreement is, on one core: `cargo bench --bench agreement`.
//!
//! Ratings from −3 to 3 are simulated from a seed before the clock starts. Every coefficient is computed several times;
//! the fastest run counts. With the name of a folder (`-- FOLDER`) the ratings are written there as well, so that other
//! software can be given the same: `benches/peers/agreement.py` does.

use std::error::Error;
use std::fmt::Write as _;
use std::hint::black_box;
use std::io::{self, Write};
use std::path::PathBuf;
use std::time::Instant;

use alliance_metrics::agreement::{
    IccConfig, IccForm, KrippendorffConfig, MeanSquares, Metric, Ratings, icc, icc_reml, krippendorff,
};
use alliance_metrics::numeric::random::Stream;

const RATERS: usize = 5;

fn main() -> Result<(), Box<dyn Error>> {
    let folder = std::env::args().skip(1).find(|word| !word.starts_with('-')).map(PathBuf::from);
    let mut out = io::stdout().lock();
    writeln!(out, "{RATERS} raters, -3 to 3; one core, the fastest of the runs; the coefficient behind it")?;
    let (small, middle, large) = (ratings(1_000, 0.0), ratings(10_000, 0.0), ratings(100_000, 0.0));
    if let Some(folder) = &folder {
        std::fs::write(folder.join("small.csv"), csv(&small)?)?;
        std::fs::write(folder.join("middle.csv"), csv(&middle)?)?;
    }
    for (units, table, runs) in [("1 000", &small, 201), ("100 000", &large, 11)] {
        let what = format!("icc, six forms with limits, {units} units");
        report(&mut out, &what, runs, || {
            icc(&MeanSquares::of(table)?, &IccConfig::default())
                .form(IccForm::Agreement)
                .estimate
                .ok_or_else(|| "none".into())
        })?;
    }
    for metric in Metric::ALL {
        let what = format!("krippendorff {}, 10 000 units", metric.id());
        // Ratios need a natural zero.
        let moved;
        let table = if metric == Metric::Ratio {
            moved = from_zero(&middle);
            &moved
        } else {
            &middle
        };
        report(&mut out, &what, 51, || alpha(table, metric, 0))?;
    }
    report(&mut out, "krippendorff ordinal, 10 000 units, 2 000 draws", 3, || {
        alpha(&middle, Metric::Ordinal, 2_000)
    })?;
    for units in [1_000, 10_000] {
        let gaps = ratings(units, 0.1);
        report(&mut out, &format!("icc by REML, {units} units, a tenth missing"), 3, || {
            icc_reml(&gaps)?.form(IccForm::Agreement).estimate.ok_or_else(|| "none".into())
        })?;
    }
    Ok(())
}

fn alpha(ratings: &Ratings, metric: Metric, draws: usize) -> Result<f64, Box<dyn Error>> {
    let found = krippendorff(ratings, &KrippendorffConfig { metric, draws, ..Default::default() });
    found.value.estimate.ok_or_else(|| "none".into())
}

/// Ratings of units that differ as much as observers do, rounded and cut; some missing.
fn ratings(units: usize, missing: f64) -> Ratings {
    let mut chance = Stream::new(9, units as u64);
    let mut table = Ratings::empty(units, RATERS);
    for unit in 0..units {
        let level = 0.5 + chance.normal();
        for rater in 0..RATERS {
            let rating = (level + 0.2 * rater as f64 + chance.normal()).round().clamp(-3.0, 3.0);
            if chance.unit() >= missing {
                table.set(unit, rater, rating);
            }
        }
    }
    table
}

fn from_zero(ratings: &Ratings) -> Ratings {
    let row = |unit| (0..RATERS).map(|rater| ratings.get(unit, rater).map(|x| x + 3.0)).collect();
    Ratings::from_rows(&(0..ratings.units()).map(row).collect::<Vec<_>>())
}

fn csv(ratings: &Ratings) -> Result<String, Box<dyn Error>> {
    let mut text = "r1,r2,r3,r4,r5\n".to_owned();
    for unit in 0..ratings.units() {
        let cells: Vec<String> = ratings.of_unit(unit).map(|rating| rating.to_string()).collect();
        writeln!(text, "{}", cells.join(","))?;
    }
    Ok(text)
}

/// Runs a task some times and reports the fastest run, and what came out.
fn report(
    out: &mut impl Write,
    what: &str,
    runs: usize,
    mut task: impl FnMut() -> Result<f64, Box<dyn Error>>,
) -> Result<(), Box<dyn Error>> {
    let (mut best, mut value) = (f64::INFINITY, 0.0);
    for _ in 0..runs {
        let clock = Instant::now();
        value = black_box(task()?);
        best = best.min(clock.elapsed().as_secs_f64());
    }
    writeln!(out, "{what:<52} {:>10.4} ms  {value:.12}", best * 1e3)?;
    Ok(())
}
