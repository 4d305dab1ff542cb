//! Coefficients of one draw, no more of them than are wanted.

use nalgebra::DMatrix;

use super::super::alpha::alpha_of;
use super::super::coefficient::Coefficient;
use super::super::families::estimates;
use super::super::guttman::guttman;
use super::super::omega::omega_of;
use super::super::ordinal::{categories, ordinal_alpha};
use super::super::scale::ScaleConfig;
use super::super::score::ScoreOf;
use super::super::statistics::Allowed;
use crate::factor::OneFactorSolution;
use crate::moments::{ItemMatrix, Moments, PolychoricConfig};
use crate::numeric::Threads;

/// What is wanted of each draw.
pub(super) struct Wanted<'a> {
    pub of: &'a [Coefficient],
    pub allowed: &'a [Allowed],
    pub score: &'a ScoreOf,
    pub config: &'a ScaleConfig,
    /// The one-factor solution of the sample, from which the search in a draw starts.
    pub start: Option<OneFactorSolution>,
}

impl Wanted<'_> {
    /// The values of a draw, in the order of `of`; none where a coefficient cannot be had.
    pub fn values(&self, moments: &Moments, data: impl Fn() -> ItemMatrix) -> Vec<Option<f64>> {
        let mut known: Vec<(Coefficient, Option<f64>)> = Vec::new();
        for of in self.of {
            if known.iter().any(|(known, _)| known == of) {
                continue;
            }
            match self.quick(*of, moments, &data) {
                Some(values) => known.extend(values),
                None => known.extend(self.family(*of, moments)),
            }
        }
        let value =
            |of: &Coefficient| known.iter().find(|(known, _)| known == of).and_then(|(_, value)| *value);
        self.of.iter().map(|of| value(of).filter(|value| value.is_finite())).collect()
    }

    /// The coefficients that cost little, by themselves.
    fn quick(
        &self,
        of: Coefficient,
        moments: &Moments,
        data: &impl Fn() -> ItemMatrix,
    ) -> Option<Vec<(Coefficient, Option<f64>)>> {
        use Coefficient::*;
        let covariance = &moments.covariance;
        Some(match of {
            Alpha => vec![(Alpha, alpha_of(covariance).ok())],
            AlphaStandardized | MeanR => {
                let (k, r) = (covariance.nrows() as f64, mean_r(covariance));
                vec![(AlphaStandardized, r.map(|r| k * r / (1.0 + (k - 1.0) * r))), (MeanR, r)]
            }
            Lambda1 | Lambda2 | Lambda3 | Lambda5 | Lambda6 => {
                let found = guttman(moments).ok();
                let all = [Lambda1, Lambda2, Lambda3, Lambda5, Lambda6];
                let value = |at: usize| {
                    let found = found.as_ref()?;
                    let all = [found.lambda1, found.lambda2, found.lambda3, found.lambda5, found.lambda6];
                    all[at].estimate
                };
                all.iter().enumerate().map(|(at, of)| (*of, value(at))).collect()
            }
            OmegaTotal | OmegaTotalImplied => {
                let start = self.start.as_ref().map(|s| (s.loadings.as_slice(), s.uniquenesses.as_slice()));
                let found = omega_of(covariance, start).ok();
                let implied = |solution: &OneFactorSolution| {
                    let sum: f64 = solution.loadings.iter().sum();
                    Some(sum * sum / (sum * sum + solution.uniquenesses.iter().sum::<f64>()))
                        .filter(|x| *x <= 1.0)
                };
                vec![
                    (OmegaTotal, found.as_ref().and_then(|(omega, _)| omega.estimate)),
                    (OmegaTotalImplied, found.as_ref().and_then(|(_, solution)| implied(solution))),
                ]
            }
            StandardErrorOfMeasurement | MinimalDetectableChange => {
                let sd = self.score.factor * covariance.sum().max(0.0).sqrt();
                let alpha = alpha_of(covariance).ok().filter(|alpha| *alpha <= 1.0);
                let error = alpha.map(|alpha| sd * (1.0 - alpha).sqrt());
                let change = error.map(|error| 1.96 * std::f64::consts::SQRT_2 * error);
                vec![(StandardErrorOfMeasurement, error), (MinimalDetectableChange, change)]
            }
            OrdinalAlpha => {
                // Draws go side by side, so each of them goes alone.
                let config = PolychoricConfig {
                    missing: self.config.missing,
                    threads: Threads::ONE,
                    ..PolychoricConfig::default()
                };
                let alpha = categories(&data(), self.allowed)
                    .and_then(|categories| ordinal_alpha(&categories, &config).ok()?.estimate);
                vec![(OrdinalAlpha, alpha)]
            }
            _ => return None,
        })
    }

    fn family(&self, of: Coefficient, moments: &Moments) -> Vec<(Coefficient, Option<f64>)> {
        let score = self.score.summary(moments, None);
        match estimates(of.family(), moments, &score, self.config) {
            Ok(found) => found.into_iter().map(|(of, estimate)| (of, estimate.estimate)).collect(),
            Err(_) => vec![(of, None)],
        }
    }
}

/// The mean of the correlations between items; none where an item is constant.
fn mean_r(covariance: &DMatrix<f64>) -> Option<f64> {
    let k = covariance.nrows();
    let sd: Vec<f64> = covariance.diagonal().iter().map(|v| v.sqrt()).collect();
    if k < 2 || sd.iter().any(|sd| *sd <= 0.0 || sd.is_nan()) {
        return None;
    }
    let mut sum = 0.0;
    for a in 0..k {
        let row: f64 = (0..a).map(|b| covariance[(a, b)] / sd[b]).sum();
        sum += row / sd[a];
    }
    Some(sum / (k * (k - 1) / 2) as f64)
}
