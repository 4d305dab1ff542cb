//! Limits by resampling persons.

use serde::Serialize;

use crate::numeric::random::Stream;
use crate::numeric::{Threads, quantile};
use crate::statistic::{Estimate, Reason};

/// Resampling of persons with all their rows.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize)]
pub struct Bootstrap {
    /// Samples drawn.
    pub replicates: u64,
    /// Where the random numbers begin.
    pub seed: u64,
    /// How many threads work.
    #[serde(skip)]
    pub threads: Threads,
}

/// With fewer persons, resampled ones say little of persons who were not seen.
pub const LEAST_PERSONS: usize = 15;
/// Fewer samples than this share with a value give no limits.
const LEAST_SHARE: f64 = 0.9;

/// Estimates with percentile limits, sample by sample computed by `statistic` from the persons drawn.
pub(super) fn intervals(
    persons: usize,
    bootstrap: Option<Bootstrap>,
    level: f64,
    values: &[Result<f64, Reason>],
    statistic: impl Fn(&[usize]) -> Option<Vec<Result<f64, Reason>>> + Sync,
) -> Vec<Estimate> {
    let points = values.iter().map(|value| (*value).map_or_else(Estimate::none, Estimate::point));
    let Some(bootstrap) = bootstrap else { return points.collect() };
    if persons < LEAST_PERSONS {
        return points
            .map(|point| if point.reason.is_some() { point } else { point.because(Reason::TooFewClusters) })
            .collect();
    }
    let drawn = draws(persons, bootstrap, &statistic);
    let limits = points.enumerate().map(|(at, point)| {
        let mut own: Vec<f64> = drawn.iter().flatten().filter_map(|values| values[at].ok()).collect();
        if point.estimate.is_none() || (own.len() as f64) < LEAST_SHARE * bootstrap.replicates as f64 {
            return point.because(point.reason.unwrap_or(Reason::NotIdentified));
        }
        own.sort_by(f64::total_cmp);
        let tail = 0.5 - 0.5 * level;
        let at = |p: f64| quantile(&own, p).unwrap_or(f64::NAN);
        point.with_interval("bootstrap_percentile", level, at(tail), at(1.0 - tail))
    });
    limits.collect()
}

/// One sample's values, or none.
type Drawn = Option<Vec<Result<f64, Reason>>>;

/// Replicate i draws from stream i, so that the number of threads changes nothing.
fn draws(
    persons: usize,
    bootstrap: Bootstrap,
    statistic: &(impl Fn(&[usize]) -> Drawn + Sync),
) -> Vec<Drawn> {
    let one = |replicate: usize, drawn: &mut Vec<usize>| {
        let mut stream = Stream::new(bootstrap.seed, replicate as u64);
        drawn.clear();
        drawn.extend((0..persons).map(|_| stream.below(persons as u64) as usize));
        statistic(drawn)
    };
    bootstrap.threads.in_order(bootstrap.replicates as usize, Vec::new, one)
}
