//! The full simulation of limits: writes its tables into docs/SIMULATIONS.md.
//!
//! `cargo run --release --example coverage`, some ten minutes on one core. With a number it draws so many samples in the
//! place of 2 000 for formulas, a fifth of it for bootstraps.

#![allow(clippy::unwrap_used, clippy::expect_used, clippy::print_stderr)]

mod bootstrap;
mod coverage;
mod levels;
mod population;

use std::collections::BTreeMap;
use std::fmt::Write as _;
use std::fs;

use alliance_metrics::reliability::{BootstrapConfig, Coefficient};

use bootstrap::{Units, by_bootstrap};
use coverage::{Counts, Interval, coverage as simulate};
use population::{Clusters, Population};

/// Enough for coverage, few for limits that are reported.
const DRAWS: usize = 400;
const SIZES: [usize; 4] = [25, 50, 100, 400];
/// The sizes of samples that are drawn again.
const DRAWN: [usize; 3] = [25, 50, 200];
const SEED: u64 = 20_261_128;
const BEGIN: &str = "<!-- limits of reliability: written by cargo run --release --example coverage -->";
const END: &str = "<!-- end of limits of reliability -->";
const FILE: &str = "docs/SIMULATIONS.md";

fn main() {
    let samples: usize = std::env::args().nth(1).map_or(2000, |n| n.parse().expect("a number of samples"));
    let some = (samples / 5).max(1);
    let few = (samples / 10).max(1);
    let mut page = String::new();
    let _ = writeln!(page, "{}", introduction(samples, some, few));
    for population in [Population::equal(), Population::unequal(), Population::ceiling()] {
        eprintln!("{}", population.id);
        let found = SIZES.map(|n| simulate(&population, n, samples, SEED, &coverage::by_formula));
        table(&mut page, &format!("{}: by formula", population.words), &SIZES, &found);
    }
    for population in [Population::unequal(), Population::ceiling()] {
        eprintln!("{}, bootstrap", population.id);
        let limits = by_bootstrap(DRAWS, Units::Persons, &BootstrapConfig::USUAL);
        let found = DRAWN.map(|n| simulate(&population, n, some, SEED, &limits));
        table(&mut page, &format!("{}: by bootstrap", population.words), &DRAWN, &found);
    }
    for population in [Population::unequal(), Population::ceiling(), Population::groups()] {
        eprintln!("{}, the other coefficients", population.id);
        let others: Vec<Coefficient> =
            Coefficient::all().filter(|of| !BootstrapConfig::USUAL.contains(of)).collect();
        let limits = by_bootstrap(DRAWS / 2, Units::Persons, &others);
        let found = [50, 200].map(|n| simulate(&population, n, few, SEED, &limits));
        let title = format!("{}: what `--bootstrap-of` can be given beside", population.words);
        table(&mut page, &title, &[50, 200], &found);
    }
    for share in [0.0, 0.3] {
        let words = format!("in clusters of eight, {:.0} % of the variance between them", 100.0 * share);
        let clusters = Clusters { persons: 8, share };
        let population = Population::unequal().clustered("clustered", "", clusters);
        eprintln!("{words}");
        let sizes = [160, 480];
        let limits = by_bootstrap(DRAWS, Units::Clusters, &BootstrapConfig::USUAL);
        let by_clusters = sizes.map(|n| simulate(&population, n, some, SEED, &limits));
        table(&mut page, &format!("normal, {words}: by bootstrap over clusters"), &sizes, &by_clusters);
        let by_formula = sizes.map(|n| simulate(&population, n, samples, SEED, &coverage::by_formula));
        let title = format!("normal, {words}: by formulas that know of no clusters");
        table(&mut page, &title, &sizes, &by_formula);
    }
    levels_of_tests(&mut page, samples);
    write(&page);
}

fn levels_of_tests(page: &mut String, samples: usize) {
    let _ = writeln!(page, "### Tests that alphas are equal, where they are\n");
    let _ = writeln!(
        page,
        "Rejections at .05, in percent of {samples} samples; independent samples of n and 2n persons.\n"
    );
    let _ = writeln!(page, "| answers | test | {} |", SIZES.map(|n| format!("n = {n}")).join(" | "));
    let _ = writeln!(page, "|:---|:---|{}", "---:|".repeat(SIZES.len()));
    for population in [Population::equal(), Population::unequal(), Population::ceiling()] {
        let found = SIZES.map(|n| levels::rejections(&population, n, samples, SEED));
        for at in 0..found[0].len() {
            let cells =
                found.each_ref().map(|tests| format!("{:.1}", 100.0 * tests[at].1 as f64 / samples as f64));
            let _ = writeln!(page, "| {} | `{}` | {} |", population.id, found[0][at].0, cells.join(" | "));
        }
    }
}

fn introduction(samples: usize, some: usize, few: usize) -> String {
    let error = |samples: usize| 100.0 * (0.95 * 0.05 / samples as f64).sqrt();
    format!(
        "\
How often 95 % limits hold the value of the population they were drawn for, in percent, and in brackets how often they
lie wholly below or above it. {samples} samples for formulas (the standard error of a share near 95 % is {:.1} points),
{some} for bootstraps with {DRAWS} draws each ({:.1}), {few} with {} draws for the coefficients that are not drawn unless
asked for ({:.1}); seed {SEED}. Two scales of six items, each with one factor, unless said otherwise; the factors correlate
.6. The values of the populations are computed, not simulated.
",
        error(samples),
        error(some),
        DRAWS / 2,
        error(few),
    )
}

fn table(page: &mut String, title: &str, sizes: &[usize], found: &[BTreeMap<Interval, Counts>]) {
    let mut title = title.to_owned();
    title[..1].make_ascii_uppercase();
    let _ = writeln!(page, "### {title}\n");
    let heads: Vec<String> = sizes.iter().map(|n| format!("n = {n}")).collect();
    let _ = writeln!(page, "| coefficient | limits | {} |", heads.join(" | "));
    let _ = writeln!(page, "|:---|:---|{}", "---:|".repeat(sizes.len()));
    let all: std::collections::BTreeSet<&Interval> = found.iter().flat_map(BTreeMap::keys).collect();
    for interval in all {
        let cells: Vec<String> =
            found.iter().map(|counts| counts.get(interval).map_or_else(String::new, cell)).collect();
        let _ = writeln!(page, "| `{}` | `{}` | {} |", interval.0, interval.1, cells.join(" | "));
    }
    let _ = writeln!(page);
}

/// Coverage, with the shares that miss below and above, and how often there were no limits.
fn cell(counts: &Counts) -> String {
    let share = |n: usize| 100.0 * n as f64 / counts.limits.max(1) as f64;
    let none = match counts.samples - counts.limits {
        0 => String::new(),
        n => format!(", none {:.1}", 100.0 * n as f64 / counts.samples as f64),
    };
    format!("{:.1} ({:.1}, {:.1}{none})", 100.0 * counts.coverage(), share(counts.below), share(counts.above))
}

/// Puts the page between its markers.
fn write(page: &str) {
    let old = fs::read_to_string(FILE).expect("the page of simulations can be read");
    let (before, rest) = old.split_once(BEGIN).expect("the page has a place for these tables");
    let (_, after) = rest.split_once(END).expect("the place has an end");
    fs::write(FILE, format!("{before}{BEGIN}\n{page}{END}{after}")).expect("the page can be written");
}
