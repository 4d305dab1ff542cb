//! Limits by bootstrap.

use alliance_metrics::reliability::{Allowed, BootstrapConfig, Coefficient, ScoreOf, bootstrap};
use alliance_metrics::statistic::Estimate;

use super::coverage::{Interval, config};
use super::population::{Population, Sample};

/// Whether persons are drawn again, or the clusters that they come in.
#[derive(Clone, Copy)]
pub enum Units {
    Persons,
    Clusters,
}

/// Limits by bootstrap of some coefficients.
pub fn by_bootstrap(
    draws: usize,
    units: Units,
    of: &[Coefficient],
) -> impl Fn(&Population, &Sample, u64) -> Vec<(Interval, Estimate)> + use<> {
    let of = of.to_vec();
    move |population, sample, seed| {
        let clusters = match units {
            Units::Persons => None,
            Units::Clusters => Some(sample.clusters.as_slice()),
        };
        limits(population, sample, &BootstrapConfig { draws, seed, of: of.clone() }, clusters)
    }
}

fn limits(
    population: &Population,
    sample: &Sample,
    draws: &BootstrapConfig,
    clusters: Option<&[usize]>,
) -> Vec<(Interval, Estimate)> {
    let data = &sample.scales[0];
    let points = population.points().unwrap_or_default();
    let bounds = points.first().zip(points.last()).map(|(low, high)| [*low, *high]);
    let allowed = vec![Allowed { bounds, points }; data.k()];
    let Ok(found) = bootstrap(data, &allowed, &ScoreOf::sum(), &config(population), draws, clusters) else {
        return Vec::new();
    };
    let each = found.limits.into_iter().flat_map(|(coefficient, limits)| {
        let id = coefficient.id();
        let percentile = ((id, limits.percentile.interval.unwrap_or("none")), limits.percentile);
        let bca = limits.bca.map(|bca| ((id, bca.interval.unwrap_or("none")), bca));
        [Some(percentile), bca].into_iter().flatten()
    });
    each.filter(|((_, interval), _)| *interval != "none").collect()
}
