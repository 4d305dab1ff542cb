//! Fixed effects with their errors, and the degrees of freedom behind them.

use nalgebra::{DMatrix, DVector};
use serde::Serialize;

use super::fitted::FixedEffect;
use super::kenward_roger::SmallSample;
use super::mixed::MixedConfig;
use super::model::Contrast;
use super::profile::{Criterion, Profile, SerialKind, State};
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
    /// Those of Kenward and Roger (1997), whose standard errors allow for the error of the variances too, as pbkrtest has
    /// them; for the restricted likelihood and independent residuals.
    KenwardRoger,
    /// None: z, which is far too liberal with few groups.
    Normal,
}

/// What is said of the fixed effects.
pub(super) struct Inference {
    pub fixed: Vec<FixedEffect>,
    pub contrasts: Vec<FixedEffect>,
    /// Covariances of the effects that could be estimated.
    pub covariance: DMatrix<f64>,
}

/// The fixed effects and sums of them.
pub(super) fn inference(
    profile: &mut Profile,
    found: &Found,
    state: &State,
    asked: &[Contrast],
    config: &MixedConfig,
) -> Inference {
    let design = profile.design;
    let p = design.p();
    let sigma2 = state.rss / profile.df();
    let back = back(profile);
    let sums: Vec<Option<DVector<f64>>> = asked.iter().map(|contrast| weights(profile, contrast)).collect();
    let mut rows: Vec<DVector<f64>> = (0..p).map(|k| back.row(k).transpose()).collect();
    rows.extend(sums.iter().flatten().map(|weights| back.transpose() * weights));
    let (orthogonal, _) = profile.fronts.solve(&state.factored);
    let orthogonal = DVector::from_fn(p, |j, _| orthogonal[j] + design.origin[j]);
    let mut covariance = sigma2 * DMatrix::from_vec(p, p, profile.fixed_inverse(state));
    let df: Vec<Result<f64, Reason>> = match config.df {
        DegreesOfFreedom::Normal => vec![Ok(f64::INFINITY); rows.len()],
        DegreesOfFreedom::Satterthwaite => satterthwaite(profile, &found.at, state, &rows),
        DegreesOfFreedom::KenwardRoger => match small_sample(profile, state) {
            Err(reason) => vec![Err(reason); rows.len()],
            Ok(method) => {
                covariance = method.adjusted.clone();
                rows.iter().map(|row| method.df(row)).collect()
            }
        },
    };
    let effect = |name: &str, at: usize| {
        let row = &rows[at];
        let variance = row.dot(&(&covariance * row));
        FixedEffect::new(name, row.dot(&orthogonal), variance.sqrt(), df[at], config)
    };
    let fixed = design.terms.iter().map(|(name, at)| match at {
        None => FixedEffect::collinear(name, config),
        Some(k) => effect(name, *k),
    });
    let mut next = p;
    let contrasts = asked.iter().zip(&sums).map(|(contrast, weights)| {
        if weights.is_none() {
            return FixedEffect::collinear(&contrast.name, config);
        }
        next += 1;
        effect(&contrast.name, next - 1)
    });
    Inference {
        fixed: fixed.collect(),
        contrasts: contrasts.collect(),
        covariance: &back * &covariance * back.transpose(),
    }
}

fn small_sample(profile: &Profile, state: &State) -> Result<SmallSample, Reason> {
    if profile.serial != SerialKind::None || profile.criterion != Criterion::Reml {
        return Err(Reason::NotApplicable);
    }
    SmallSample::new(profile, state)
}

/// The weights of the effects that could be estimated; none if one that could not has a weight.
fn weights(profile: &Profile, contrast: &Contrast) -> Option<DVector<f64>> {
    let mut weights = DVector::zeros(profile.design.p());
    for (term, weight) in &contrast.weights {
        let (_, at) = profile.design.terms.iter().find(|(name, _)| name == term)?;
        weights[(*at)?] += *weight;
    }
    Some(weights)
}

/// R⁻¹: what turns effects of the orthogonal predictors into those of the predictors themselves.
fn back(profile: &Profile) -> DMatrix<f64> {
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

/// Satterthwaite's degrees of freedom of each sum of effects: 2 v² / g′Ag, with v the variance of the effect, g its
/// derivatives by (θ, σ), and A twice the inverse of the second derivatives of the deviance by the same.
fn satterthwaite(
    profile: &mut Profile,
    at: &[f64],
    state: &State,
    rows: &[DVector<f64>],
) -> Vec<Result<f64, Reason>> {
    let p = profile.design.p();
    match curvature(profile, at, state) {
        None => vec![Err(Reason::NotIdentified); rows.len()],
        Some((covariance, derivatives)) => {
            let inverse = DMatrix::from_vec(p, p, profile.fixed_inverse(state));
            let sigma2 = state.rss / profile.df();
            let one = |row: &DVector<f64>| {
                let quadratic = |matrix: &DMatrix<f64>| row.dot(&(matrix * row));
                let variance = sigma2 * quadratic(&inverse);
                let mut g: Vec<f64> = derivatives.iter().map(|matrix| sigma2 * quadratic(matrix)).collect();
                g.push(2.0 * variance / sigma2.sqrt());
                let g = DVector::from_vec(g);
                let df = 2.0 * variance * variance / g.dot(&(&covariance * &g));
                if df.is_finite() && df > 0.0 { Ok(df) } else { Err(Reason::NotIdentified) }
            };
            rows.iter().map(one).collect()
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
