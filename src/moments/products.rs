//! Sums of products of columns that do not depend on the order of the persons.

use nalgebra::DMatrix;

use crate::numeric::{ExactSum, dot};

/// A column around a centre. A gap counts as distance 0 and is not present.
///
/// Whole answers get a whole centre: their distances, products and sums are exact in `f64`, so no order of the persons
/// can matter. Other answers are summed without loss by [`ExactSum`].
pub(super) struct Centred {
    pub centre: f64,
    pub distance: Vec<f64>,
    /// 1 where there is an answer, 0 at a gap; empty where there is no gap.
    present: Vec<f64>,
    /// How many answers there are.
    pub n: usize,
    /// The largest distance if all are whole, otherwise infinite.
    reach: f64,
}

impl Centred {
    /// NaN is a gap; other values that are not finite, or too large to be squared, give `None`.
    pub fn new(values: &[f64]) -> Option<Centred> {
        let answers = || values.iter().copied().filter(|x| !x.is_nan());
        let (mut n, mut far, mut whole, mut sum) = (0, 0.0_f64, true, 0.0);
        for x in answers() {
            n += 1;
            far = far.max(x.abs());
            whole &= x == x.trunc();
            sum += x;
        }
        if far > LARGEST {
            return None;
        }
        whole &= far < LARGEST_WHOLE;
        // Small whole numbers have an exact sum in any order, at a fraction of the cost.
        let small = whole && far * (n as f64) < LARGEST_WHOLE;
        let mean = if small { sum } else { order_free(answers()) } / n.max(1) as f64;
        let centre = if whole { mean.round() } else { mean };
        let distance: Vec<f64> = values.iter().map(|x| if x.is_nan() { 0.0 } else { x - centre }).collect();
        let there = |x: &f64| if x.is_nan() { 0.0 } else { 1.0 };
        let present = if n < values.len() { values.iter().map(there).collect() } else { Vec::new() };
        let reach = if whole { distance.iter().fold(0.0_f64, |a, x| a.max(x.abs())) } else { f64::INFINITY };
        Some(Centred { centre, distance, present, n, reach })
    }

    /// The sum of the distances over the persons for whom `other` is present too.
    pub fn sum_beside(&self, other: &Centred) -> f64 {
        Centred::sum_over(&self.distance, other, self.reach)
    }

    /// The sum of terms over the persons for whom `other` is present.
    fn sum_over(terms: &[f64], other: &Centred, reach: f64) -> f64 {
        match other.present.is_empty() {
            false => sum_of_products(terms, &other.present, reach),
            true if reach * (terms.len() as f64) < LARGEST_WHOLE => terms.iter().sum(),
            true => order_free(terms.iter().copied()),
        }
    }

    /// How many persons have both.
    pub fn n_beside(&self, other: &Centred) -> usize {
        match (self.present.is_empty(), other.present.is_empty()) {
            (true, _) => other.n,
            (_, true) => self.n,
            (false, false) => dot(&self.present, &other.present) as usize,
        }
    }

    /// The sum of products of distances over the persons who have both.
    pub fn products(&self, other: &Centred) -> f64 {
        sum_of_products(&self.distance, &other.distance, self.reach * other.reach)
    }

    /// The mean of the answers.
    pub fn mean(&self) -> f64 {
        self.centre + self.sum_beside(self) / self.n as f64
    }

    /// The sum of squared distances from the mean over the persons for whom `other` is present too.
    pub fn squares_beside(&self, other: &Centred) -> f64 {
        let reach = self.reach * self.reach;
        let squares: Vec<f64> = self.distance.iter().map(|d| d * d).collect();
        let sum = self.sum_beside(other);
        Centred::sum_over(&squares, other, reach) - sum * sum / self.n_beside(other).max(1) as f64
    }

    /// The sum of products of distances from the pair's own means, and how many persons have both.
    pub fn scatter(&self, other: &Centred) -> (f64, usize) {
        let n = self.n_beside(other);
        let sums = self.sum_beside(other) * other.sum_beside(self);
        let scatter = self.products(other) - sums / n.max(1) as f64;
        (scatter, n)
    }
}

/// The sums of products of distances of all columns with each other, k × k, where no column has a gap.
pub(super) fn all_products(columns: &[Centred]) -> DMatrix<f64> {
    let (n, k) = (columns.first().map_or(0, |column| column.distance.len()), columns.len());
    let exact = |a: usize, b: usize| columns[a].reach * columns[b].reach * (n as f64) < LARGEST_WHOLE;
    let mut sums = symmetric(k, |a, b| if exact(a, b) { 0.0 } else { columns[a].products(&columns[b]) });
    // So few persons at a time that the answers of them all stay where the processor has them at hand.
    for start in (0..n).step_by(BLOCK) {
        let block = |j: usize| &columns[j].distance[start..n.min(start + BLOCK)];
        for a in 0..k {
            for b in (0..=a).filter(|b| exact(a, *b)) {
                sums[(a, b)] += dot(block(a), block(b));
            }
        }
    }
    symmetric(k, |a, b| sums[(a, b)])
}

const BLOCK: usize = 256;

/// Squares of answers beyond this, and sums of them, may overflow.
const LARGEST: f64 = 1e140;
/// Whole numbers from here on have whole neighbours that are no floats.
const LARGEST_WHOLE: f64 = 4_503_599_627_370_496.0;

fn order_free(terms: impl Iterator<Item = f64>) -> f64 {
    let mut sum = ExactSum::default();
    terms.for_each(|term| sum.add(term));
    sum.value()
}

/// `reach` bounds every product if all are whole.
fn sum_of_products(a: &[f64], b: &[f64], reach: f64) -> f64 {
    if reach * (a.len() as f64) < LARGEST_WHOLE {
        return dot(a, b);
    }
    order_free(a.iter().zip(b).map(|(x, y)| x * y))
}

/// A symmetric matrix from its lower triangle.
pub(super) fn symmetric(k: usize, lower: impl Fn(usize, usize) -> f64) -> DMatrix<f64> {
    let mut matrix = DMatrix::zeros(k, k);
    for a in 0..k {
        for b in 0..=a {
            matrix[(a, b)] = lower(a, b);
            matrix[(b, a)] = matrix[(a, b)];
        }
    }
    matrix
}
