//! How often tests of equal alphas reject what is true.

use alliance_metrics::moments::{ItemMatrix, Moments};
use alliance_metrics::numeric::random::Stream;
use alliance_metrics::reliability::{
    AlphaComparison, AlphaConfig, Compared, alpha, compare_dependent, compare_independent,
    compare_two_dependent, compare_two_independent, correlation,
};
use nalgebra::DMatrix;

use super::population::Population;

/// Rejections at .05 of each test, in so many samples of n and 2n persons.
pub fn rejections(
    population: &Population,
    n: usize,
    samples: usize,
    seed: u64,
) -> Vec<(&'static str, usize)> {
    let mut counts: Vec<(&'static str, usize)> = Vec::new();
    for sample in 0..samples as u64 {
        let mut stream = Stream::new(seed, sample);
        let [a, b] = population.draw(n, &mut stream).scales;
        let [other, _] = population.draw(2 * n, &mut stream).scales;
        let of = |data: &ItemMatrix| {
            let moments = Moments::listwise(data).unwrap();
            let found = alpha(&moments, &AlphaConfig::default()).unwrap();
            Compared { alpha: found.estimate.estimate.unwrap(), n: data.n(), k: data.k() }
        };
        let (first, second, third) = (of(&a), of(&b), of(&other));
        let sums =
            |data: &ItemMatrix| -> Vec<f64> { data.values().row_iter().map(|row| row.sum()).collect() };
        let r = correlation(&sums(&a), &sums(&b), 0.95).r.estimate.unwrap();
        let correlations = DMatrix::from_row_slice(2, 2, &[1.0, r, r, 1.0]);
        let tests = [
            compare_two_independent(&first, &third),
            compare_independent(&[first, third]),
            compare_two_dependent(&first, &second, r),
            compare_dependent(&[first, second], &correlations),
        ];
        for (at, test) in tests.into_iter().enumerate() {
            let AlphaComparison { test, p, .. } = test.unwrap();
            if counts.len() == at {
                counts.push((test, 0));
            }
            counts[at].1 += usize::from(p < 0.05);
        }
    }
    counts
}
