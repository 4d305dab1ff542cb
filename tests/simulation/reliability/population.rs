//! Populations whose coefficients are known, and samples from them.

use alliance_metrics::moments::{ItemMatrix, Moments};
use alliance_metrics::numeric::BivariateNormal;
use alliance_metrics::numeric::distribution::normal_cdf;
use alliance_metrics::numeric::random::Stream;
use nalgebra::{DMatrix, DVector};

/// How the factors of the two scales correlate.
const FACTORS: f64 = 0.6;
/// How many items a group has.
const GROUP: usize = 3;
/// Persons that stand for a population: n and n − 1 are the same.
const EVERYBODY: usize = 1_000_000_000;

/// Two scales of k items, each with one factor; normal, or cut into points.
pub struct Population {
    pub id: &'static str,
    pub words: &'static str,
    loadings: Vec<f64>,
    /// What each item loads on the factor of its three neighbours, beside the one of the scale.
    group: f64,
    thresholds: Option<Vec<f64>>,
    /// Between clusters of persons: the share of the variance of factors and of what is left over.
    within_clusters: Option<Clusters>,
}

/// Persons come in clusters that are alike.
#[derive(Clone, Copy)]
pub struct Clusters {
    pub persons: usize,
    pub share: f64,
}

/// A sample: the answers to both scales, and the cluster of each person.
pub struct Sample {
    pub scales: [ItemMatrix; 2],
    pub clusters: Vec<usize>,
}

impl Population {
    /// Items that are exchangeable, and normal: what Feldt's limits suppose.
    pub fn equal() -> Population {
        Population::normal("normal_equal", "normal, six items that load .7", vec![0.7; 6])
    }

    /// Items that load differently, and are normal.
    pub fn unequal() -> Population {
        Population::normal(
            "normal",
            "normal, six items that load .4 to .9",
            vec![0.4, 0.5, 0.6, 0.7, 0.8, 0.9],
        )
    }

    /// The same, answered on five points, half of the persons at the highest.
    pub fn ceiling() -> Population {
        Population {
            id: "ceiling",
            words: "the same on five points, half of all answers at the highest",
            thresholds: Some(vec![-1.6, -1.1, -0.6, 0.0]),
            ..Population::unequal()
        }
    }

    /// Nine items in three groups of three.
    pub fn groups() -> Population {
        Population {
            group: 0.4,
            ..Population::normal(
                "normal_groups",
                "normal, nine items that load .6 on the scale and .4 on one of three groups",
                vec![0.6; 9],
            )
        }
    }

    /// The same, in clusters of persons.
    pub fn clustered(self, id: &'static str, words: &'static str, clusters: Clusters) -> Population {
        Population { id, words, within_clusters: Some(clusters), ..self }
    }

    /// The same before answers are cut into points.
    pub fn uncut(&self) -> Population {
        Population { thresholds: None, loadings: self.loadings.clone(), ..*self }
    }

    fn normal(id: &'static str, words: &'static str, loadings: Vec<f64>) -> Population {
        Population { id, words, loadings, group: 0.0, thresholds: None, within_clusters: None }
    }

    /// How many groups of items a scale has, where there are any.
    pub fn group_factors(&self) -> Option<usize> {
        (self.group > 0.0).then_some(self.k() / GROUP)
    }

    /// How many items a scale has.
    pub fn k(&self) -> usize {
        self.loadings.len()
    }

    /// The lowest and the highest answer and all between, where there are points.
    pub fn points(&self) -> Option<Vec<f64>> {
        self.thresholds.as_ref().map(|thresholds| (1..=thresholds.len() + 1).map(|c| c as f64).collect())
    }

    /// Draws n persons.
    pub fn draw(&self, n: usize, stream: &mut Stream) -> Sample {
        let k = self.k();
        let (size, share) =
            self.within_clusters.map_or((1, 0.0), |clusters| (clusters.persons, clusters.share));
        let (between, within) = (f64::sqrt(share), f64::sqrt(1.0 - share));
        let mut values = [DMatrix::zeros(n, k), DMatrix::zeros(n, k)];
        let mut clusters = Vec::with_capacity(n);
        // Of the two scales: their factors, what items have of their own, and the factors of groups.
        let mut common = vec![0.0; 2 + 4 * k];
        for i in 0..n {
            if i % size == 0 {
                common.iter_mut().for_each(|x| *x = stream.normal());
            }
            clusters.push(i / size);
            let mut next = |at: usize| {
                let own = stream.normal();
                if share > 0.0 { between * common[at] + within * own } else { own }
            };
            let first = next(0);
            let second = FACTORS * first + (1.0 - FACTORS * FACTORS).sqrt() * next(1);
            for (scale, factor) in [first, second].into_iter().enumerate() {
                let mut of_group = 0.0;
                for (j, loading) in self.loadings.iter().enumerate() {
                    if self.group > 0.0 && j % GROUP == 0 {
                        of_group = next(2 + (2 + scale) * k + j);
                    }
                    let own = (1.0 - loading * loading - self.group * self.group).sqrt();
                    let x = loading * factor + self.group * of_group + own * next(2 + scale * k + j);
                    values[scale][(i, j)] = self.answer(x);
                }
            }
        }
        let ids = |scale: &str| (1..=k).map(|j| format!("{scale}{j}")).collect();
        let [first, second] = values;
        Sample { scales: [ItemMatrix::new(ids("a"), first), ItemMatrix::new(ids("b"), second)], clusters }
    }

    fn answer(&self, x: f64) -> f64 {
        match &self.thresholds {
            None => x,
            Some(thresholds) => 1.0 + thresholds.iter().filter(|threshold| x > **threshold).count() as f64,
        }
    }

    /// The moments of the first scale in the population.
    pub fn moments(&self) -> Moments {
        let all = self.covariance();
        let k = self.k();
        let covariance = all.view((0, 0), (k, k)).into_owned();
        let ids = (1..=k).map(|j| format!("a{j}")).collect();
        Moments::given(ids, EVERYBODY, DVector::zeros(k), covariance).unwrap()
    }

    /// The covariances of the items of both scales in the population, 2k × 2k.
    pub fn covariance(&self) -> DMatrix<f64> {
        let k = self.k();
        DMatrix::from_fn(2 * k, 2 * k, |a, b| {
            let one_scale = (a < k) == (b < k);
            let factors = if one_scale { 1.0 } else { FACTORS };
            let group = if one_scale && a / GROUP == b / GROUP { self.group * self.group } else { 0.0 };
            let r = factors * self.loadings[a % k] * self.loadings[b % k] + group;
            self.of_answers(if a == b { 1.0 } else { r })
        })
    }

    /// The covariance of two answers whose normal variables correlate r.
    fn of_answers(&self, r: f64) -> f64 {
        let Some(thresholds) = &self.thresholds else { return r };
        let both = BivariateNormal::new(r);
        let pair = |(x, y): (f64, f64)| {
            let below = if r == 1.0 { normal_cdf(x.min(y)) } else { both.cdf(x, y) };
            below - normal_cdf(x) * normal_cdf(y)
        };
        thresholds.iter().flat_map(|x| thresholds.iter().map(move |y| (*x, *y))).map(pair).sum()
    }
}
