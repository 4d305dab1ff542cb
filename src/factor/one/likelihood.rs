//! The likelihood of one factor, in the shape that a single column of loadings allows.
//!
//! With Σ = λλ′ + Ψ, D = Ψ⁻¹, d = Dλ and c = 1/(1 + λ′Dλ), the inverse is Σ⁻¹ = D − c dd′. So the discrepancy, its gradient
//! and a scoring step cost one product of the matrix with a vector, and no factorisation.

use libm::log;
use nalgebra::DMatrix;

/// Loadings and uniquenesses, k of each.
#[derive(Debug, Clone)]
pub(super) struct Point {
    pub loadings: Vec<f64>,
    pub uniquenesses: Vec<f64>,
}

/// The discrepancy at a point, and what its derivatives need.
#[derive(Debug, Clone)]
pub(super) struct Likelihood {
    /// ln|Σ| + tr(SΣ⁻¹).
    pub value: f64,
    /// Derivatives by the loadings.
    pub by_loading: Vec<f64>,
    /// Derivatives by the uniquenesses.
    pub by_uniqueness: Vec<f64>,
    /// The diagonal of D.
    inverse: Vec<f64>,
    d: Vec<f64>,
    /// λ′Dλ.
    s: f64,
    c: f64,
}

impl Likelihood {
    /// `None` where Σ is not positive definite. One uniqueness may be negative if the rest outweighs it.
    pub fn at(matrix: &DMatrix<f64>, point: &Point) -> Option<Likelihood> {
        let Point { loadings, uniquenesses } = point;
        let k = loadings.len();
        let inverse: Vec<f64> = uniquenesses.iter().map(|u| 1.0 / u).collect();
        let d: Vec<f64> = inverse.iter().zip(loadings).map(|(i, l)| i * l).collect();
        let s: f64 = d.iter().zip(loadings).map(|(d, l)| d * l).sum();
        let negative = uniquenesses.iter().filter(|u| **u < 0.0).count();
        let definite = (negative == 0 || negative == 1) && (negative == 1) == (1.0 + s < 0.0);
        if !definite || !s.is_finite() {
            return None;
        }
        let c = 1.0 / (1.0 + s);
        let mut v = vec![0.0; k];
        for (column, d) in matrix.as_slice().chunks_exact(k).zip(&d) {
            v.iter_mut().zip(column).for_each(|(v, x)| *v += x * d);
        }
        let q: f64 = d.iter().zip(&v).map(|(d, v)| d * v).sum();
        let (mut by_loading, mut by_uniqueness) = (Vec::with_capacity(k), Vec::with_capacity(k));
        let mut value = log((1.0 + s).abs()) - c * q;
        for j in 0..k {
            let (i, d, v, own) = (inverse[j], d[j], v[j], matrix[(j, j)]);
            value += log(uniquenesses[j].abs()) + i * own;
            by_loading.push(2.0 * c * (d - i * v + c * q * d));
            by_uniqueness.push(i - c * d * d - i * i * own + 2.0 * c * i * d * v - c * c * q * d * d);
        }
        let finite = value.is_finite() && by_loading.iter().chain(&by_uniqueness).all(|x| x.is_finite());
        finite.then_some(Likelihood { value, by_loading, by_uniqueness, inverse, d, s, c })
    }

    /// The largest absolute derivative.
    pub fn gradient_norm(&self) -> f64 {
        self.by_loading.iter().chain(&self.by_uniqueness).fold(0.0, |most, x| most.max(x.abs()))
    }

    /// The expected second derivatives of the discrepancy, 2k × 2k, loadings first: element by element
    /// tr(Σ⁻¹ ∂Σ Σ⁻¹ ∂Σ).
    pub fn information(&self) -> DMatrix<f64> {
        let (k, c) = (self.d.len(), self.c);
        let inverse = |a: usize, b: usize| {
            let own = if a == b { self.inverse[a] } else { 0.0 };
            own - c * self.d[a] * self.d[b]
        };
        DMatrix::from_fn(2 * k, 2 * k, |row, column| match (row < k, column < k) {
            (true, true) => 2.0 * (inverse(row, column) * c * self.s + c * c * self.d[row] * self.d[column]),
            (true, false) => 2.0 * inverse(row, column - k) * c * self.d[column - k],
            (false, true) => 2.0 * inverse(column, row - k) * c * self.d[row - k],
            (false, false) => {
                let x = inverse(row - k, column - k);
                x * x
            }
        })
    }

    /// The scoring step: minus the gradient over the information, which is blocks of 2 × 2, one an item, and two
    /// outer products (Woodbury's identity). `None` where a block has no inverse.
    pub fn step(&self) -> Option<Point> {
        let (k, c, s) = (self.d.len(), self.c, self.s);
        // For each item the solution for the gradient, for (d, 0) and for (0, d²).
        let mut solved = Vec::with_capacity(k);
        for j in 0..k {
            let (i, d) = (self.inverse[j], self.d[j]);
            let (p, q, r) = (2.0 * c * s * i, 2.0 * c * i * d, i * i - 2.0 * c * i * d * d);
            let determinant = p * r - q * q;
            if determinant.abs() <= f64::EPSILON * (p * r).abs().max(q * q) {
                return None;
            }
            let solve = |x: f64, y: f64| [(r * x - q * y) / determinant, (p * y - q * x) / determinant];
            solved.push([
                solve(-self.by_loading[j], -self.by_uniqueness[j]),
                solve(d, 0.0),
                solve(0.0, d * d),
            ]);
        }
        // Sums over items of d · first and d² · second of a solution.
        let inner = |of: usize| {
            let terms = solved.iter().zip(&self.d).map(|(x, d)| [d * x[of][0], d * d * x[of][1]]);
            terms.fold([0.0, 0.0], |sum, x| [sum[0] + x[0], sum[1] + x[1]])
        };
        let (g, first, second) = (inner(0), inner(1), inner(2));
        let outer = [[2.0 * c * c * (1.0 - s), -2.0 * c * c], [-2.0 * c * c, c * c]];
        let times = |row: [f64; 2], x: [f64; 2]| row[0] * x[0] + row[1] * x[1];
        let [a, b] = [
            [1.0 + times(outer[0], first), times(outer[0], second)],
            [times(outer[1], first), 1.0 + times(outer[1], second)],
        ];
        let [x, y] = [times(outer[0], g), times(outer[1], g)];
        let determinant = a[0] * b[1] - a[1] * b[0];
        let w = [(b[1] * x - a[1] * y) / determinant, (a[0] * y - b[0] * x) / determinant];
        let along = |at: usize| {
            solved.iter().map(|of| of[0][at] - w[0] * of[1][at] - w[1] * of[2][at]).collect::<Vec<f64>>()
        };
        let step = Point { loadings: along(0), uniquenesses: along(1) };
        // A step that does not lead down would come of rounding alone.
        Some(step).filter(|step| self.slope(step) < 0.0)
    }

    /// How fast the discrepancy changes along a step.
    pub fn slope(&self, step: &Point) -> f64 {
        let along = |step: &[f64], by: &[f64]| step.iter().zip(by).map(|(p, g)| p * g).sum::<f64>();
        along(&step.loadings, &self.by_loading) + along(&step.uniquenesses, &self.by_uniqueness)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn point() -> (DMatrix<f64>, Point) {
        let loadings = vec![0.8, -0.5, 0.6, 0.9];
        let uniquenesses = vec![0.5, 0.7, 0.4, 0.3];
        let matrix =
            DMatrix::from_fn(4, 4, |a, b| if a == b { 1.0 } else { 0.3 / (1.0 + a.abs_diff(b) as f64) });
        (matrix, Point { loadings, uniquenesses })
    }

    #[test]
    fn derivatives_are_those_of_the_value() {
        let (matrix, point) = point();
        let here = Likelihood::at(&matrix, &point).unwrap();
        let moved = |j: usize, by: f64| {
            let mut point = point.clone();
            if j < 4 {
                point.loadings[j] += by
            } else {
                point.uniquenesses[j - 4] += by
            }
            Likelihood::at(&matrix, &point).unwrap().value
        };
        for j in 0..8 {
            let slope = (moved(j, 1e-6) - moved(j, -1e-6)) / 2e-6;
            let ours = if j < 4 { here.by_loading[j] } else { here.by_uniqueness[j - 4] };
            assert!((slope - ours).abs() < 1e-8, "{j}: {slope} {ours}");
        }
    }

    #[test]
    fn the_step_solves_the_scoring_equations() {
        let (matrix, point) = point();
        let here = Likelihood::at(&matrix, &point).unwrap();
        let step = here.step().unwrap();
        let p = nalgebra::DVector::from_iterator(8, step.loadings.into_iter().chain(step.uniquenesses));
        let left = here.information() * p;
        for (j, x) in here.by_loading.iter().chain(&here.by_uniqueness).enumerate() {
            assert!((left[j] + x).abs() < 1e-10, "{j}: {} {x}", left[j]);
        }
    }

    #[test]
    fn the_value_is_that_of_the_dense_formula() {
        let (matrix, mut point) = point();
        for last in [0.3, -0.2] {
            point.uniquenesses[3] = last;
            let implied = DMatrix::from_fn(4, 4, |a, b| {
                let own = if a == b { point.uniquenesses[a] } else { 0.0 };
                own + point.loadings[a] * point.loadings[b]
            });
            let dense = libm::log(implied.determinant()) + (&matrix * implied.try_inverse().unwrap()).trace();
            assert!((Likelihood::at(&matrix, &point).unwrap().value - dense).abs() < 1e-12);
        }
        point.uniquenesses[3] = -2.0;
        assert!(Likelihood::at(&matrix, &point).is_none());
    }
}
