//! Distribution functions, beside values of 40 digits.

use std::collections::BTreeMap;
use std::path::Path;

use alliance_metrics::numeric::BivariateNormal;
use alliance_metrics::numeric::distribution::*;

/// For each function what its values may be off by, relative to the value; and how far off they are at most, so that a
/// loosened function is noticed.
const RELATIVE: &[(&str, f64)] = &[
    ("ln_gamma", 1e-14),
    ("normal_density", 1e-14),
    ("normal_cdf", 1e-13), // at 37 standard deviations: half a rounding of x is 1e-13 of the tail
    ("normal_sf", 1e-13),
    ("normal_quantile", 1e-14),
    ("chi_square_cdf", 1e-12),
    ("chi_square_sf", 1e-12),
    ("chi_square_quantile", 1e-12),
    ("f_cdf", 1e-12),
    ("f_sf", 1e-12),
    ("f_quantile", 1e-11),
    ("beta_cdf", 1e-12),
    ("beta_quantile", 1e-11),
    ("t_cdf", 1e-12),
    ("t_sf", 1e-12),
    ("t_two_sided", 1e-12),
    ("t_quantile", 1e-11),
    ("noncentral_chi_square_cdf", 1e-12),
    ("noncentrality", 1e-11),
];
/// Chances are differences of others here, so their own size does not count.
const BIVARIATE: f64 = 1e-14;
/// Below the smallest normal number digits are lost whatever one does.
const SMALLEST: f64 = f64::MIN_POSITIVE;

fn ours(function: &str, a: f64, b: f64, c: f64) -> f64 {
    match function {
        "ln_gamma" => ln_gamma(a),
        "normal_density" => normal_density(a),
        "normal_cdf" => normal_cdf(a),
        "normal_sf" => normal_sf(a),
        "normal_quantile" => normal_quantile(a),
        "chi_square_cdf" => chi_square_cdf(a, b),
        "chi_square_sf" => chi_square_sf(a, b),
        "chi_square_quantile" => chi_square_quantile(a, b),
        "f_cdf" => f_cdf(a, b, c),
        "f_sf" => f_sf(a, b, c),
        "f_quantile" => f_quantile(a, b, c),
        "beta_cdf" => beta_cdf(a, b, c),
        "beta_quantile" => beta_quantile(a, b, c),
        "t_cdf" => t_cdf(a, b),
        "t_sf" => t_sf(a, b),
        "t_two_sided" => t_two_sided(a, b),
        "t_quantile" => t_quantile(a, b),
        "noncentral_chi_square_cdf" => noncentral_chi_square_cdf(a, b, c),
        "noncentrality" => noncentrality(a, b, c),
        "bivariate" => BivariateNormal::new(c).cdf(a, b),
        _ => panic!("no function {function}"),
    }
}

#[test]
fn distributions_are_exact_in_both_tails() {
    let path = Path::new(env!("CARGO_MANIFEST_DIR")).join("tests/reference/expected/distributions.csv");
    let mut reader = csv::Reader::from_path(path).unwrap();
    let mut worst: BTreeMap<String, (f64, String)> = BTreeMap::new();
    for record in reader.records() {
        let record = record.unwrap();
        let number = |at: usize| record[at].parse().unwrap_or(f64::NAN);
        let (found, theirs): (f64, f64) = (ours(&record[0], number(1), number(2), number(3)), number(4));
        let size = if &record[0] == "bivariate" { 1.0 } else { theirs.abs().max(SMALLEST) };
        let off = if found == theirs { 0.0 } else { (found - theirs).abs() / size };
        let off = if off.is_nan() { f64::INFINITY } else { off };
        let entry = worst.entry(record[0].to_owned()).or_insert((0.0, String::new()));
        if off > entry.0 {
            *entry = (off, format!("{record:?}: {found:e}"));
        }
    }
    assert_eq!(worst.len(), RELATIVE.len() + 1, "every function has values");
    let mut bad = Vec::new();
    for (function, (off, which)) in &worst {
        let tolerance = RELATIVE.iter().find(|(name, _)| name == function).map_or(BIVARIATE, |(_, x)| *x);
        super::log(function, *off, tolerance);
        if *off > tolerance {
            bad.push(format!("{function} off by {off:e} (tolerance {tolerance:e}) at {which}"));
        }
    }
    assert!(bad.is_empty(), "{}", bad.join("\n"));
}

#[test]
fn edges_of_the_bivariate_normal() {
    let infinity = f64::INFINITY;
    for rho in [-1.0, -0.95, 0.3, 1.0] {
        let normal = BivariateNormal::new(rho);
        assert_eq!(normal.cdf(-infinity, 1.0), 0.0);
        assert!((normal.cdf(infinity, 0.5) - normal_cdf(0.5)).abs() < 1e-16);
        assert!(normal.cdf(f64::NAN, 0.5).is_nan());
        let whole = normal.rectangle((-infinity, infinity), (-infinity, infinity));
        assert_eq!(whole, 1.0);
    }
    assert!((BivariateNormal::new(1.0).cdf(0.3, 1.0) - normal_cdf(0.3)).abs() < 1e-15);
    assert!((BivariateNormal::new(-1.0).cdf(0.3, 1.0) - (normal_cdf(0.3) - normal_cdf(-1.0))).abs() < 1e-15);
}
