//! Fixed effects with their errors, and the degrees of freedom behind them.

use nalgebra::DMatrix;
use serde::Serialize;

use super::mixed::{FixedEffect, MixedConfig};
use super::profile::{Profile, SerialKind, State};
use super::search::Found;
use crate::statistic::Reason;

/// Where the degrees of freedom of a fixed effect come from.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default, Serialize)]
#[serde(rename_all = "snake_case")]
pub enum DegreesOfFreedom {
    /// Those of the chi-square that has the mean and variance of the squared standard error (Satterthwaite 1946; Fai and
    /// Cornelius 1996), as lmerTest has them.
    #[default]
    Satterthwaite,
    /// None: z, which is far too liberal with few groups.
    Normal,
}

/// The fixed effects, and the covariances of those that could be estimated.
pub(super) fn fixed_effects(
    profile: &mut Profile,
    found: &Found,
    state: &State,
    config: &MixedConfig,
) -> (Vec<FixedEffect>, Vec<Vec<f64>>) {
    let design = profile.design;
    let p = design.p();
    let sigma2 = state.rss / profile.df();
    let contrasts = contrasts(profile);
    let (orthogonal, _) = profile.fronts.solve(&state.factored);
    let covariance = sigma2 * DMatrix::from_vec(p, p, profile.fixed_inverse(state));
    let estimates: Vec<f64> = (0..p)
        .map(|k| (0..p).map(|j| contrasts[(k, j)] * (orthogonal[j] + design.origin[j])).sum())
        .collect();
    let covariance = &contrasts * covariance * contrasts.transpose();
    let df = match config.df {
        DegreesOfFreedom::Normal => vec![Ok(f64::INFINITY); p],
        DegreesOfFreedom::Satterthwaite => satterthwaite(profile, &found.at, state, &contrasts),
    };
    let effect = |(name, at): &(String, Option<usize>)| match at {
        None => FixedEffect::collinear(name, config),
        Some(k) => FixedEffect::new(name, estimates[*k], covariance[(*k, *k)].sqrt(), df[*k], config),
    };
    let rows = (0..p).map(|i| (0..p).map(|j| covariance[(i, j)]).collect()).collect();
    (design.terms.iter().map(effect).collect(), rows)
}

/// R⁻¹: what turns effects of the orthogonal predictors into those of the predictors themselves.
fn contrasts(profile: &Profile) -> DMatrix<f64> {
    let p = profile.design.p();
    let inverse = profile.design.r.solve_upper_triangular(&DMatrix::identity(p, p));
    inverse.unwrap_or_else(|| DMatrix::from_element(p, p, f64::NAN))
}

/// What the second derivatives are differences of.
struct Slopes {
    determinant: Vec<f64>,
    squares: Vec<f64>,
    /// (R′R)⁻¹ of the orthogonal predictors.
    inverse: DMatrix<f64>,
}

/// Small enough for a fourth-order difference, large enough for its rounding.
const STEP: f64 = 2e-3;

/// Satterthwaite's degrees of freedom of each row of `contrasts`: 2 v² / g′Ag, with v the variance of the effect, g its
/// derivatives by (θ, σ), and A twice the inverse of the second derivatives of the deviance by the same.
fn satterthwaite(
    profile: &mut Profile,
    at: &[f64],
    state: &State,
    contrasts: &DMatrix<f64>,
) -> Vec<Result<f64, Reason>> {
    let p = profile.design.p();
    match curvature(profile, at, state) {
        None => vec![Err(Reason::NotIdentified); p],
        Some((covariance, derivatives)) => {
            let inverse = DMatrix::from_vec(p, p, profile.fixed_inverse(state));
            let sigma2 = state.rss / profile.df();
            let quadratic = |k: usize, matrix: &DMatrix<f64>| -> f64 {
                (contrasts.row(k) * matrix * contrasts.row(k).transpose())[(0, 0)]
            };
            let one = |k: usize| {
                let variance = sigma2 * quadratic(k, &inverse);
                let mut g: Vec<f64> =
                    derivatives.iter().map(|matrix| sigma2 * quadratic(k, matrix)).collect();
                g.push(2.0 * variance / sigma2.sqrt());
                let g = nalgebra::DVector::from_vec(g);
                let df = 2.0 * variance * variance / (g.transpose() * &covariance * &g)[(0, 0)];
                if df.is_finite() && df > 0.0 { Ok(df) } else { Err(Reason::NotIdentified) }
            };
            (0..p).map(one).collect()
        }
    }
}

/// The covariance of (θ, σ), and the derivatives of (R′R)⁻¹ by θ.
fn curvature(profile: &mut Profile, at: &[f64], state: &State) -> Option<(DMatrix<f64>, Vec<DMatrix<f64>>)> {
    let m = at.len();
    let sigma2 = state.rss / profile.df();
    let sigma = sigma2.sqrt();
    let here = slopes(profile, at)?;
    let mut hessian = DMatrix::zeros(m + 1, m + 1);
    let mut derivatives = Vec::with_capacity(m);
    for k in 0..m {
        let step = STEP * at[k].abs().max(0.1);
        let mut moved = |steps: f64| {
            let mut moved = at.to_vec();
            moved[k] += steps * step;
            slopes(profile, &moved)
        };
        let points = [moved(-2.0)?, moved(-1.0)?, moved(1.0)?, moved(2.0)?];
        let difference = |value: &dyn Fn(&Slopes) -> f64| {
            (value(&points[0]) - 8.0 * value(&points[1]) + 8.0 * value(&points[2]) - value(&points[3]))
                / (12.0 * step)
        };
        for l in 0..m {
            hessian[(k, l)] = difference(&|slopes| slopes.determinant[l] + slopes.squares[l] / sigma2);
        }
        let p = profile.design.p();
        derivatives.push(DMatrix::from_fn(p, p, |i, j| difference(&|slopes| slopes.inverse[(i, j)])));
        hessian[(k, m)] = -2.0 * here.squares[k] / (sigma2 * sigma);
        hessian[(m, k)] = hessian[(k, m)];
    }
    hessian[(m, m)] = 6.0 * state.rss / (sigma2 * sigma2) - 2.0 * profile.df() / sigma2;
    let hessian = 0.5 * (&hessian + hessian.transpose());
    if !hessian.iter().all(|x| x.is_finite()) {
        return None;
    }
    Some((2.0 * positive_inverse(hessian), derivatives))
}

/// Eigenvalues below this carry no information about the parameters (as in lmerTest).
const NO_INFORMATION: f64 = 1e-8;

/// The inverse of the part of a symmetric matrix that has positive eigenvalues.
fn positive_inverse(matrix: DMatrix<f64>) -> DMatrix<f64> {
    let m = matrix.nrows();
    let eigen = matrix.symmetric_eigen();
    let mut inverse = DMatrix::zeros(m, m);
    for (value, vector) in eigen.eigenvalues.iter().zip(eigen.eigenvectors.column_iter()) {
        if *value > NO_INFORMATION {
            inverse += vector * vector.transpose() / *value;
        }
    }
    inverse
}

fn slopes(profile: &mut Profile, at: &[f64]) -> Option<Slopes> {
    let state = profile.state(at)?;
    let p = profile.design.p();
    let inverse = DMatrix::from_vec(p, p, profile.fixed_inverse(&state));
    let (mut determinant, mut squares) = profile.slopes(&state);
    if profile.serial != SerialKind::None {
        let mut moved = |steps: f64| {
            let mut moved = at.to_vec();
            if let Some(last) = moved.last_mut() {
                *last += steps * STEP;
            }
            profile.state(&moved).map(|state| (state.log_determinant, state.rss))
        };
        let (far_below, below, above, far_above) = (moved(-2.0)?, moved(-1.0)?, moved(1.0)?, moved(2.0)?);
        let difference = |a: f64, b: f64, c: f64, d: f64| (a - 8.0 * b + 8.0 * c - d) / (12.0 * STEP);
        determinant.push(difference(far_below.0, below.0, above.0, far_above.0));
        squares.push(difference(far_below.1, below.1, above.1, far_above.1));
    }
    Some(Slopes { determinant, squares, inverse })
}
