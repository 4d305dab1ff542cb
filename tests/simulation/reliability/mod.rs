//! Do limits of reliability hold their level? The quick form, seeded; the full one is a program of its own:
//! `cargo run --release --example coverage` writes docs/SIMULATIONS.md.

mod bootstrap;
mod coverage;
mod levels;
mod population;

use std::collections::BTreeMap;

use alliance_metrics::numeric::random::Stream;
use alliance_metrics::reliability::BootstrapConfig;

use bootstrap::{Units, by_bootstrap};
use coverage::{Counts, Interval, by_formula, truth};
use population::{Clusters, Population};

const SAMPLES: usize = 150;
const SEED: u64 = 7;

fn simulate(population: &Population, n: usize) -> BTreeMap<Interval, Counts> {
    let found = coverage::coverage(population, n, SAMPLES, SEED, &by_formula);
    assert!(found.values().all(|counts| counts.samples == SAMPLES && counts.limits > SAMPLES * 9 / 10));
    found
}

/// The standard error of a share of limits that hold, were it the level.
fn error(counts: &Counts) -> f64 {
    (coverage::LEVEL * (1.0 - coverage::LEVEL) / counts.limits as f64).sqrt()
}

/// Three standard errors of the share, and what limits that hold only in large samples may lack in these.
#[track_caller]
fn holds(found: &BTreeMap<Interval, Counts>, interval: Interval, lacking: f64) {
    let counts = found[&interval];
    let off = counts.coverage() - coverage::LEVEL;
    let least = -3.0 * error(&counts) - lacking;
    assert!(off >= least && off <= 3.0 * error(&counts), "{interval:?}: {:.3}", counts.coverage());
}

#[test]
fn limits_hold_for_normal_answers() {
    let found = simulate(&Population::equal(), 80);
    for method in ["feldt", "bonett", "bonett_corrected", "hakstian_whalen"] {
        holds(&found, ("alpha", method), 0.0);
    }
    // The spread of the score is taken as known.
    for error in ["standard_error_of_measurement", "minimal_detectable_change"] {
        assert!(found[&(error, "feldt")].coverage() > 0.75);
    }
    for interval in [
        ("alpha", "normal_theory"),
        ("alpha", "adf"),
        ("omega_total", "delta"),
        ("omega_total_implied", "delta"),
    ] {
        holds(&found, interval, 0.02);
    }
    holds(&found, ("scale_r", "fisher_z"), 0.0);
    holds(&found, ("item_rest", "fisher_z"), 0.02);
    holds(&found, ("disattenuated", "fisher_z"), 0.05);
    // Alpha is no correlation: these are too wide.
    assert!(found[&("alpha", "fisher_z")].coverage() > 0.95);
    assert!(found[&("alpha", "fisher_z")].width > 1.1 * found[&("alpha", "feldt")].width);
}

#[test]
fn limits_at_the_ceiling_are_what_the_notes_say() {
    let found = simulate(&Population::ceiling(), 120);
    holds(&found, ("alpha", "adf"), 0.03);
    holds(&found, ("scale_r", "fisher_z"), 0.03);
    holds(&found, ("omega_total", "delta"), 0.06);
    // Those that suppose normal answers are narrower than those that do not.
    assert!(found[&("alpha", "feldt")].width < found[&("alpha", "adf")].width);
    assert!(found[&("alpha", "feldt")].coverage() <= found[&("alpha", "adf")].coverage() + 0.02);
}

#[test]
fn limits_that_know_of_no_clusters_are_too_narrow() {
    let clusters = Clusters { persons: 10, share: 0.5 };
    let population = Population::unequal().clustered("clustered", "", clusters);
    let found = simulate(&population, 100);
    assert!(found[&("alpha", "feldt")].coverage() < 0.90);
    assert!(found[&("scale_r", "fisher_z")].coverage() < 0.90);
}

#[test]
fn tests_of_equal_alphas_hold_their_level() {
    for (test, rejected) in levels::rejections(&Population::equal(), 80, 400, SEED) {
        let share = rejected as f64 / 400.0;
        let error = (0.05 * 0.95 / 400.0_f64).sqrt();
        // A little liberal with few items, as their documentation says.
        assert!(share < 0.05 + 3.0 * error + 0.02, "{test}: {share}");
        assert!(share > 0.05 - 3.0 * error, "{test}: {share}");
    }
}

/// Few samples and draws: enough to see limits that are wrong, not those that are a little too narrow.
#[test]
fn bootstraps_hold_where_formulas_do_not() {
    const FEW: usize = 50;
    let ceiling = Population::ceiling();
    let found = coverage::coverage(
        &ceiling,
        60,
        FEW,
        SEED,
        &by_bootstrap(120, Units::Persons, &BootstrapConfig::USUAL),
    );
    assert!(found.len() > 9, "{:?}", found.keys());
    for (interval, counts) in &found {
        assert!(counts.limits > FEW * 9 / 10 && counts.coverage() >= 0.8, "{interval:?}: {counts:?}");
    }
    let clusters = Clusters { persons: 8, share: 0.5 };
    let population = Population::unequal().clustered("clustered", "in clusters of eight", clusters);
    let drawn = coverage::coverage(
        &population,
        160,
        FEW,
        SEED,
        &by_bootstrap(120, Units::Clusters, &BootstrapConfig::USUAL),
    );
    let formula = coverage::coverage(&population, 160, FEW, SEED, &by_formula);
    let percentile = &drawn[&("alpha", "bootstrap_percentile")];
    assert!(percentile.coverage() >= 0.8, "{}: {percentile:?}", population.words);
    assert!(percentile.width > 1.2 * formula[&("alpha", "feldt")].width);
}

/// The coefficients that limits are held against are those of very large samples.
#[test]
fn populations_are_what_their_samples_come_to() {
    for population in [Population::unequal(), Population::ceiling(), Population::groups()] {
        let truth = truth(&population);
        let large = population.draw(20_000, &mut Stream::new(SEED, 0));
        for ((coefficient, _), estimate) in by_formula(&population, &large, 0) {
            let value = estimate.estimate.unwrap();
            assert!((value - truth[coefficient]).abs() < 0.03, "{} {coefficient}: {value}", population.id);
        }
    }
}
