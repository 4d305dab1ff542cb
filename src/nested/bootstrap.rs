//! Limits by resampling persons.

use serde::Serialize;

use crate::numeric::random::Stream;
use crate::statistic::{Estimate, Reason};

/// Resampling of persons with all their rows.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize)]
pub struct Bootstrap {
    /// Samples drawn.
    pub replicates: u64,
    /// Where the random numbers begin.
    pub seed: u64,
}

/// With fewer persons, resampled ones say little of persons who were not seen.
pub(super) const LEAST_PERSONS: usize = 15;
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
        point.with_interval("bootstrap_percentile", level, quantile(&own, tail), quantile(&own, 1.0 - tail))
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
    let one = |replicate: u64| {
        let mut stream = Stream::new(bootstrap.seed, replicate);
        let drawn: Vec<usize> = (0..persons).map(|_| stream.below(persons as u64) as usize).collect();
        statistic(&drawn)
    };
    let threads = std::thread::available_parallelism().map_or(1, usize::from) as u64;
    let share = bootstrap.replicates.div_ceil(threads).max(1);
    std::thread::scope(|scope| {
        let work: Vec<_> = (0..threads)
            .map(|thread| {
                let end = ((thread + 1) * share).min(bootstrap.replicates);
                scope.spawn(move || (thread * share..end).map(&one).collect::<Vec<Drawn>>())
            })
            .collect();
        work.into_iter().flat_map(|thread| thread.join().unwrap_or_default()).collect()
    })
}

/// R's type 7.
fn quantile(sorted: &[f64], p: f64) -> f64 {
    let at = (sorted.len() - 1) as f64 * p;
    let below = at as usize;
    let above = (below + 1).min(sorted.len() - 1);
    sorted[below] + (at - below as f64) * (sorted[above] - sorted[below])
}
