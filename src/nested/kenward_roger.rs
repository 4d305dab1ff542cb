//! The small-sample errors and degrees of freedom of Kenward and Roger.
//!
//! V = Σ γ_i V_i is linear in the variances and covariances γ, with V_0 = I for the residuals and V_i = Z E_i Z′ for the
//! random effects. Everything that is needed follows from M = Z′V⁻¹Z, T = X′V⁻¹Z and X′V⁻¹X, which are small where groups
//! are independent of each other; what belongs to V_0 follows from the rest, as V⁻¹ = Σ γ_i V⁻¹V_iV⁻¹.

use nalgebra::{DMatrix, DVector};

use super::profile::{Profile, State};
use crate::statistic::Reason;

/// The parts of Kenward and Roger's method for one model.
pub(super) struct SmallSample {
    /// Φ, the covariance of the effects as estimated.
    plain: DMatrix<f64>,
    /// Φ allowing for the error of the variances.
    pub adjusted: DMatrix<f64>,
    /// P_i = X′V⁻¹V_iV⁻¹X.
    first: Vec<DMatrix<f64>>,
    /// The covariance of the variances, from their expected information.
    variances: DMatrix<f64>,
}

/// Independent groups with more random effects than this are refused: the method needs matrices of that size.
const MOST_EFFECTS: usize = 2500;

/// A variance or covariance of random effects: factor, row, column.
type Element = (usize, usize, usize);

/// Sums over independent groups.
struct Sums {
    /// tr(V⁻¹V_i), tr(V⁻¹V_iV⁻¹V_j), P_i and Q_ij = X′V⁻¹V_iV⁻¹V_jV⁻¹X; index 0 is filled in at the end.
    trace: Vec<f64>,
    traces: DMatrix<f64>,
    first: Vec<DMatrix<f64>>,
    second: Vec<Vec<DMatrix<f64>>>,
}

impl SmallSample {
    /// The method for a model at its estimate, in terms of the orthogonal predictors.
    pub fn new(profile: &Profile, state: &State) -> Result<SmallSample, Reason> {
        let p = profile.design.p();
        let sigma2 = state.rss / profile.df();
        let m = profile.free.len();
        let mut sums = Sums {
            trace: vec![0.0; m + 1],
            traces: DMatrix::zeros(m + 1, m + 1),
            first: vec![DMatrix::zeros(p, p); m + 1],
            second: vec![vec![DMatrix::zeros(p, p); m + 1]; m + 1],
        };
        for nodes in profile.fronts.independent() {
            let effects: usize = nodes.iter().map(|node| profile.fronts.place(*node).2).sum();
            if effects > MOST_EFFECTS {
                return Err(Reason::NotApplicable);
            }
            sums.add(profile, state, &nodes, sigma2);
        }
        let plain = sigma2 * DMatrix::from_vec(p, p, profile.fixed_inverse(state));
        let inverse = plain.clone().try_inverse().ok_or(Reason::Singular)?;
        sums.complete(profile, state, sigma2, &inverse);
        let information = DMatrix::from_fn(m + 1, m + 1, |i, j| {
            let own = (&plain * &sums.second[i][j]).trace();
            let both = (&plain * &sums.first[i] * &plain * &sums.first[j]).trace();
            0.5 * (sums.traces[(i, j)] - 2.0 * own + both)
        });
        let variances = informed_inverse(information).ok_or(Reason::NotIdentified)?;
        let mut excess = DMatrix::zeros(p, p);
        for i in 0..=m {
            for j in 0..=m {
                let part = &sums.second[i][j] - &sums.first[i] * &plain * &sums.first[j];
                excess += variances[(i, j)] * part;
            }
        }
        let adjusted = &plain + 2.0 * &plain * excess * &plain;
        let adjusted = 0.5 * (&adjusted + adjusted.transpose());
        if !adjusted.iter().all(|x| x.is_finite()) {
            return Err(Reason::NotIdentified);
        }
        Ok(SmallSample { plain, adjusted, first: sums.first, variances })
    }

    /// The degrees of freedom of an effect.
    pub fn df(&self, contrast: &DVector<f64>) -> Result<f64, Reason> {
        let along = &self.plain * contrast;
        let variance = contrast.dot(&along);
        let slopes: Vec<f64> = self.first.iter().map(|part| along.dot(&(part * &along)) / variance).collect();
        let slopes = DVector::from_vec(slopes);
        let df = 2.0 / slopes.dot(&(&self.variances * &slopes));
        if df.is_finite() && df > 0.0 { Ok(df) } else { Err(Reason::NotIdentified) }
    }
}

impl Sums {
    /// Adds what one independent group contributes.
    fn add(&mut self, profile: &Profile, state: &State, nodes: &[usize], sigma2: f64) {
        let (products, across) = profile.fronts.products(nodes);
        let size = products.nrows();
        let scale = |matrix: &DMatrix<f64>| profile.fronts.scale_rows(nodes, &state.lambda, matrix);
        let half = scale(&products); // Λ′Z′Z
        let omega = scale(&half.transpose()) + DMatrix::identity(size, size);
        let Some(cholesky) = omega.cholesky() else { return };
        let (Some(half), Some(edge)) = (
            cholesky.l_dirty().solve_lower_triangular(&half),
            cholesky.l_dirty().solve_lower_triangular(&scale(&across)),
        ) else {
            return;
        };
        let middle = (&products - half.tr_mul(&half)) / sigma2;
        let across = (&across - half.tr_mul(&edge)) / sigma2; // T′: effects × p
        let elements: Vec<Vec<(usize, usize)>> =
            profile.free.iter().map(|element| positions(profile, nodes, *element)).collect();
        for (i, own) in elements.iter().enumerate() {
            self.trace[i + 1] += own.iter().map(|(a, b)| middle[(*b, *a)]).sum::<f64>();
            for (a, b) in own {
                self.first[i + 1] += across.row(*a).transpose() * across.row(*b);
            }
            for (j, other) in elements.iter().enumerate() {
                let mut trace = 0.0;
                let mut turned = DMatrix::zeros(size, across.ncols()); // M E_j T′
                for (c, d) in other {
                    trace += own.iter().map(|(a, b)| middle[(*b, *c)] * middle[(*d, *a)]).sum::<f64>();
                    turned += middle.column(*c) * across.row(*d);
                }
                self.traces[(i + 1, j + 1)] += trace;
                for (a, b) in own {
                    self.second[i + 1][j + 1] += across.row(*a).transpose() * turned.row(*b);
                }
            }
        }
    }

    /// What belongs to the residuals, from what belongs to the random effects. `inverse` is X′V⁻¹X.
    fn complete(&mut self, profile: &Profile, state: &State, sigma2: f64, inverse: &DMatrix<f64>) {
        let m = profile.free.len();
        let gamma: Vec<f64> =
            profile.free.iter().map(|element| covariance(profile, state, *element)).collect();
        let weighted = |of: &dyn Fn(usize) -> f64| -> f64 { (0..m).map(|k| gamma[k] * of(k + 1)).sum() };
        for j in 1..=m {
            let own = (self.trace[j] - weighted(&|k| self.traces[(k, j)])) / sigma2;
            (self.traces[(0, j)], self.traces[(j, 0)]) = (own, own);
        }
        self.trace[0] = (profile.design.n as f64 - weighted(&|k| self.trace[k])) / sigma2;
        self.traces[(0, 0)] = (self.trace[0] - weighted(&|k| self.traces[(0, k)])) / sigma2;
        let sum = |start: &DMatrix<f64>, of: &dyn Fn(usize) -> DMatrix<f64>| -> DMatrix<f64> {
            let mut sum = start.clone();
            for (k, gamma) in gamma.iter().enumerate() {
                sum -= of(k + 1) * *gamma;
            }
            sum / sigma2
        };
        self.first[0] = sum(inverse, &|k| self.first[k].clone());
        for j in 1..=m {
            let own = sum(&self.first[j], &|k| self.second[k][j].clone());
            (self.second[j][0], self.second[0][j]) = (own.transpose(), own);
        }
        self.second[0][0] = sum(&self.first[0], &|k| self.second[k][0].clone());
    }
}

/// σ² (ΛΛ′) at an element.
fn covariance(profile: &Profile, state: &State, (factor, a, b): Element) -> f64 {
    let q = profile.design.factors[factor].q;
    let lambda = &state.lambda[factor];
    let product: f64 = (0..=a.min(b)).map(|k| lambda[a * q + k] * lambda[b * q + k]).sum();
    state.rss / profile.df() * product
}

/// Where E of an element is 1, among the effects of some nodes.
fn positions(profile: &Profile, nodes: &[usize], (factor, a, b): Element) -> Vec<(usize, usize)> {
    let mut found = Vec::new();
    let mut start = 0;
    for node in nodes {
        let (own, _, q) = profile.fronts.place(*node);
        if own == factor {
            found.push((start + a, start + b));
            if a != b {
                found.push((start + b, start + a));
            }
        }
        start += q;
    }
    found
}

/// Relative to the largest: an eigenvalue below carries no information.
const NO_INFORMATION: f64 = 1e-10;

/// The inverse of an information matrix, on the part that is informed. Rows are scaled first: variances of different
/// predictors have different units.
fn informed_inverse(information: DMatrix<f64>) -> Option<DMatrix<f64>> {
    let m = information.nrows();
    let scale: Vec<f64> = (0..m)
        .map(|i| information[(i, i)])
        .map(|own| if own > 0.0 { 1.0 / own.sqrt() } else { 0.0 })
        .collect();
    let scaled = DMatrix::from_fn(m, m, |i, j| {
        0.5 * (information[(i, j)] + information[(j, i)]) * scale[i] * scale[j]
    });
    if !scaled.iter().all(|x| x.is_finite()) {
        return None;
    }
    let eigen = scaled.symmetric_eigen();
    let most = eigen.eigenvalues.iter().fold(0.0, |most: f64, value| most.max(*value));
    let mut inverse = DMatrix::zeros(m, m);
    for (value, vector) in eigen.eigenvalues.iter().zip(eigen.eigenvectors.column_iter()) {
        if *value > NO_INFORMATION * most {
            inverse += vector * vector.transpose() / *value;
        }
    }
    Some(DMatrix::from_fn(m, m, |i, j| inverse[(i, j)] * scale[i] * scale[j]))
}
