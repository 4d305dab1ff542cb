//! The growth model of all courses of a group: what a session is expected at, and how each person's slope differs.

use crate::nested::{
    Column, DegreesOfFreedom, Groups, Mixed, MixedConfig, MixedModel, Random, Status, mixed,
};
use crate::report::growth::LEAST_DYADS;
use crate::session::{Better, ChangeIndex, Rule, SampleCourse, Series, Signal, TrendOf, model_change};
use crate::statistic::Reason;

/// Whether a rule holds sessions against the growth model, which is fitted for it alone.
pub(super) fn needs_model(rule: &Rule) -> bool {
    matches!(rule.signal, Signal::Residual { of: TrendOf::Sample, .. })
}

/// The model with level and slope, time as session number − 1; the groups are the places of the series.
fn fit(series: &[&Series]) -> Result<Mixed, Reason> {
    let with_score = series.iter().filter(|series| series.n() > 0).count();
    if with_score < LEAST_DYADS {
        return Err(Reason::TooFewClusters);
    }
    let each = || {
        series.iter().enumerate().flat_map(|(at, series)| {
            series
                .numbers()
                .iter()
                .zip(series.scores())
                .map(move |(number, score)| (at, *number as f64 - 1.0, *score))
        })
    };
    let time = Column::new("time", each().map(|(_, time, _)| time).collect());
    let score = Column::new("score", each().map(|(_, _, score)| score).collect());
    let person = Groups::new("person", each().map(|(at, ..)| at));
    let model = MixedModel::new(score).fixed(time.clone()).random(Random::intercept(person).slope(time));
    let config = MixedConfig { df: DegreesOfFreedom::Normal, ..MixedConfig::default() };
    match mixed(&model, &config) {
        Ok(fit) if fit.status == Status::NotConverged => Err(Reason::NotConverged),
        Ok(fit) => Ok(fit),
        Err(error) => Err(error.reason),
    }
}

/// What the model expects of the sessions of anybody.
pub(super) fn sample_course(series: &[&Series]) -> Result<SampleCourse, Reason> {
    let fit = fit(series)?;
    let fixed = |term: &str| fit.effect(term).and_then(|effect| effect.estimate).ok_or(Reason::Singular);
    let variance =
        |term: &str| fit.variances.iter().find(|own| own.term == term).map_or(0.0, |own| own.variance);
    let residual_variance = fit.residual_variance();
    if residual_variance <= 0.0 {
        return Err(Reason::NoVariability);
    }
    Ok(SampleCourse {
        line: [fixed("(Intercept)")?, fixed("time")?],
        variances: [variance("(Intercept)"), variance("time")],
        covariance: fit.correlations.first().map_or(0.0, |pair| pair.covariance),
        residual_variance,
    })
}

/// How the slope of each person differs from the sample's, in the order of the series; none for a series without a score.
pub(in crate::report) fn slope_changes(series: &[&Series]) -> Result<Vec<Option<ChangeIndex>>, Reason> {
    let fit = fit(series)?;
    let mut found = vec![None; series.len()];
    if let Some(effects) = fit.random.first() {
        for (label, (own, se)) in
            effects.labels.iter().zip(effects.effects.iter().zip(&effects.conditional_se))
        {
            if let (Ok(at), [_, slope], [_, se]) = (label.parse::<usize>(), &own[..], &se[..]) {
                found[at] = Some(model_change(*slope, *se, Better::Higher));
            }
        }
    }
    Ok(found)
}
