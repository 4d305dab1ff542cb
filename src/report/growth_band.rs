//! Where the next session of each dyad would fall, from a model of the other dyads.

use serde::Serialize;

use super::growth::TimeCoding;
use crate::nested::{
    Column, DegreesOfFreedom, Forecast, Groups, MixedConfig, MixedModel, Occasion, Random, forecast, mixed,
};
use crate::statistic::StatError;

/// The share of next sessions that a band holds, if the model does.
pub(super) const LEVEL: f64 = 0.80;

/// A dyad's next session.
#[derive(Debug, Clone, Serialize)]
pub(super) struct Band {
    pub dyad: String,
    /// The time of the next session, as the model counts it.
    pub time: f64,
    /// Its number, where time is counted in sessions.
    pub session: Option<f64>,
    #[serde(flatten)]
    pub found: Forecast,
}

/// The band of every dyad with a score: the model with intercept and slope, fitted without the dyad.
pub(super) fn bands(
    score: &Column,
    time: &Column,
    dyads: &Groups,
    session: &[f64],
    coding: TimeCoding,
) -> Result<Vec<Band>, StatError> {
    let mut found = Vec::new();
    for (dyad, label) in dyads.labels.iter().enumerate() {
        let own = |row: &usize| dyads.of_row[*row] == dyad;
        let known: Vec<usize> =
            (0..score.values.len()).filter(own).filter(|row| score.values[*row].is_finite()).collect();
        let Some(last) = known.last() else { continue };
        let others: Vec<usize> = (0..score.values.len()).filter(|row| !own(row)).collect();
        let pick = |column: &Column| {
            Column::new(column.name.clone(), others.iter().map(|row| column.values[*row]).collect())
        };
        let groups =
            Groups::new(dyads.name.clone(), others.iter().map(|row| &dyads.labels[dyads.of_row[*row]]));
        let time_of_others = pick(time);
        let model = MixedModel::new(pick(score))
            .fixed(time_of_others.clone())
            .random(Random::intercept(groups).slope(time_of_others));
        let config = MixedConfig { df: DegreesOfFreedom::Normal, ..MixedConfig::default() };
        let fit = mixed(&model, &config)?;
        let at = |time: f64| Occasion { fixed: vec![time], slopes: vec![time] };
        let step = match coding {
            TimeCoding::Session(_) => 1.0,
            // A dyad meets again after its usual time; a first meeting says nothing of it, so a week.
            TimeCoding::Weeks => match known.len() {
                1 => 1.0,
                n => (time.values[*last] - time.values[known[0]]) / (n - 1) as f64,
            },
        };
        let next = time.values[*last] + step;
        let occasions: Vec<Occasion> = known.iter().map(|row| at(time.values[*row])).collect();
        let outcome: Vec<f64> = known.iter().map(|row| score.values[*row]).collect();
        found.push(Band {
            dyad: label.clone(),
            time: next,
            session: matches!(coding, TimeCoding::Session(_)).then(|| session[*last] + step),
            found: forecast(&fit, &occasions, &outcome, &at(next), LEVEL)?,
        });
    }
    Ok(found)
}
