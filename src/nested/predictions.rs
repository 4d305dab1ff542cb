//! Best linear unbiased predictions of the effects of each group.

use serde::Serialize;

use super::profile::{Profile, State};

/// The predicted effects of the groups of a factor.
#[derive(Debug, Clone, PartialEq, Serialize)]
pub struct GroupEffects {
    /// The factor.
    pub group: String,
    /// The effects of a group: `(Intercept)`, then slopes.
    pub terms: Vec<String>,
    /// The names of the groups.
    pub labels: Vec<String>,
    /// The predicted effects of each group, in the order of `terms`.
    pub effects: Vec<Vec<f64>>,
    /// Their standard errors given the fixed effects: the root of the variance of the effect given the data.
    pub conditional_se: Vec<Vec<f64>>,
    /// Their standard errors of prediction, which allow for the error of the fixed effects too.
    pub prediction_se: Vec<Vec<f64>>,
}

/// b = Λu with errors from the inverse of the equations.
pub(super) fn group_effects(profile: &Profile, state: &State, sigma2: f64) -> Vec<GroupEffects> {
    let (design, fronts) = (profile.design, &profile.fronts);
    let (_, u) = fronts.solve(&state.factored);
    let b = fronts.scale(&state.lambda, &u);
    let known = vec![0.0; design.p() * design.p()];
    let conditional = errors(profile, state, sigma2, &known);
    let prediction = errors(profile, state, sigma2, &profile.fixed_inverse(state));
    let pick = |values: &[f64], f: usize, scaled: &dyn Fn(f64, f64) -> f64| -> Vec<Vec<f64>> {
        let effects = &design.names[f].effects;
        let level = |level: usize| -> Vec<f64> {
            let start = fronts.effect(f, level);
            effects.iter().enumerate().map(|(j, effect)| scaled(values[start + j], effect.scale)).collect()
        };
        (0..design.factors[f].levels).map(level).collect()
    };
    let groups = design.names.iter().enumerate().map(|(f, factor)| GroupEffects {
        group: factor.name.clone(),
        terms: factor.effects.iter().map(|effect| effect.name.clone()).collect(),
        labels: factor.labels.clone(),
        effects: pick(&b, f, &|value, scale| value / scale),
        conditional_se: pick(&conditional, f, &|value, scale| value.sqrt() / scale),
        prediction_se: pick(&prediction, f, &|value, scale| value.sqrt() / scale),
    });
    groups.collect()
}

/// The diagonal of σ² Λ Ω⁻¹ Λ′.
fn errors(profile: &Profile, state: &State, sigma2: f64, corner: &[f64]) -> Vec<f64> {
    let mut variances = vec![0.0; profile.fronts.effects()];
    profile.fronts.each_inverse(&state.factored, corner, |node, inverse, width| {
        let (factor, start, q) = profile.fronts.place(node);
        let lambda = &state.lambda[factor];
        for i in 0..q {
            let mut sum = 0.0;
            for a in 0..=i {
                for b in 0..=i {
                    sum += lambda[i * q + a] * inverse[a * width + b] * lambda[i * q + b];
                }
            }
            variances[start + i] = sigma2 * sum.max(0.0);
        }
    });
    variances
}
