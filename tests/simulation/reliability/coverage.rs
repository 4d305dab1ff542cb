//! How often limits hold what they are limits of.

use std::collections::BTreeMap;

use alliance_metrics::moments::{ItemMatrix, Moments};
use alliance_metrics::numeric::random::Stream;
use alliance_metrics::reliability::{
    AlphaInterval, Coefficient, Found, ScaleConfig, ScoreOf, alpha_interval, correlation, disattenuated,
    distribution_free, item_fit, measurement, omega, reliability_of_moments,
};
use alliance_metrics::statistic::Estimate;

use super::population::{Population, Sample};

/// The level of all limits.
pub const LEVEL: f64 = 0.95;

/// A coefficient and how its limits are found.
pub type Interval = (&'static str, &'static str);

/// Finds limits in a sample; a seed for what is random about them.
pub type Limits = dyn Fn(&Population, &Sample, u64) -> Vec<(Interval, Estimate)>;

/// What became of the limits of a coefficient over many samples.
#[derive(Debug, Clone, Copy, Default)]
pub struct Counts {
    /// Samples.
    pub samples: usize,
    /// Samples with limits.
    pub limits: usize,
    /// Limits that hold the true value.
    pub hold: usize,
    /// Limits that lie above it.
    pub above: usize,
    /// Limits that lie below it.
    pub below: usize,
    /// Sum of their widths.
    pub width: f64,
}

impl Counts {
    fn add(&mut self, estimate: &Estimate, truth: f64) {
        self.samples += 1;
        let Some((lower, upper)) = estimate.lower.zip(estimate.upper) else { return };
        self.limits += 1;
        self.width += upper - lower;
        match (lower > truth, upper < truth) {
            (true, _) => self.above += 1,
            (_, true) => self.below += 1,
            _ => self.hold += 1,
        }
    }

    /// The share of limits that hold the true value.
    pub fn coverage(&self) -> f64 {
        self.hold as f64 / self.limits as f64
    }
}

/// Draws samples of n persons; sample i takes stream i of the seed.
pub fn coverage(
    population: &Population,
    n: usize,
    samples: usize,
    seed: u64,
    limits: &Limits,
) -> BTreeMap<Interval, Counts> {
    let truth = truth(population);
    let mut counts: BTreeMap<Interval, Counts> = BTreeMap::new();
    for sample in 0..samples as u64 {
        let drawn = population.draw(n, &mut Stream::new(seed, sample));
        for (interval, estimate) in limits(population, &drawn, sample) {
            counts.entry(interval).or_default().add(&estimate, truth[interval.0]);
        }
    }
    counts
}

/// How the coefficients of a sample are found.
pub fn config(population: &Population) -> ScaleConfig {
    ScaleConfig { groups: population.group_factors(), ..ScaleConfig::default() }
}

/// The coefficients of a population.
pub fn truth(population: &Population) -> BTreeMap<&'static str, f64> {
    let of = reliability_of_moments(&population.moments(), &ScoreOf::sum(), &config(population));
    let known =
        |(coefficient, found): (&Coefficient, &Found)| Some((coefficient.id(), found.estimate.estimate?));
    let mut truth: BTreeMap<&'static str, f64> = of.coefficients.iter().filter_map(known).collect();
    let all = population.covariance();
    let k = population.k();
    let block = |a: usize, b: usize| all.view((a * k, b * k), (k, k)).sum();
    let r = block(0, 1) / (block(0, 0) * block(1, 1)).sqrt();
    let rest: f64 = (1..k).map(|j| all[(0, j)]).sum();
    let of_rest = all.view((1, 1), (k - 1, k - 1)).sum();
    // Behind the points stand the normal variables of the population that is not cut.
    let behind =
        reliability_of_moments(&population.uncut().moments(), &ScoreOf::sum(), &ScaleConfig::default());
    let ordinal = behind.coefficients[&Coefficient::AlphaStandardized].estimate.estimate.unwrap();
    truth.extend([
        ("item_rest", rest / (all[(0, 0)] * of_rest).sqrt()),
        ("scale_r", r),
        // Both scales have the same items.
        ("disattenuated", r / truth["alpha"]),
        ("ordinal_alpha", ordinal),
    ]);
    truth
}

/// Limits that come from a formula.
pub fn by_formula(_: &Population, sample: &Sample, _: u64) -> Vec<(Interval, Estimate)> {
    let [a, b] = &sample.scales;
    let moments = [a, b].map(|scale| Moments::listwise(scale).unwrap());
    let first = &moments[0];
    let mut found: Vec<(Interval, Estimate)> = AlphaInterval::ALL
        .into_iter()
        .filter_map(|method| Some((("alpha", method.id()), alpha_interval(first, method, LEVEL).ok()?)))
        .collect();
    found.extend(distribution_free(a, LEVEL).ok().map(|alpha| (("alpha", "adf"), alpha)));
    if let Ok(omega) = omega(first, LEVEL) {
        found.push((("omega_total", "delta"), omega.omega_total));
        found.push((("omega_total_implied", "delta"), omega.omega_total_implied));
    }
    found.push((("item_rest", "fisher_z"), item_fit(a, first, LEVEL)[0].item_rest));
    let r = correlation(&sums(a), &sums(b), LEVEL).r;
    found.push((("scale_r", "fisher_z"), r));
    let feldt = |moments: &Moments| alpha_interval(moments, AlphaInterval::Feldt, LEVEL);
    if let (Ok(x), Ok(y)) = (feldt(first), feldt(&moments[1])) {
        found.push((("disattenuated", "fisher_z"), disattenuated(&r, &x, &y)));
        let errors = measurement(first.covariance.sum().sqrt(), &x);
        found.push((("standard_error_of_measurement", "feldt"), errors.standard_error));
        found.push((("minimal_detectable_change", "feldt"), errors.minimal_detectable_change));
    }
    found
}

fn sums(data: &ItemMatrix) -> Vec<f64> {
    data.values().row_iter().map(|row| row.sum()).collect()
}
