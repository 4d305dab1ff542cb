//! What is found about the raters of one scale or item.

use super::RatersAsked;
use super::units::RatedLine;
use crate::agreement::Ratings;
use crate::agreement::{
    Chance, ChanceCorrected, Coded, Confusion, FinalScore, Icc, IccConfig, IccReml, Kappa, Kendall,
    Krippendorff, KrippendorffConfig, Light, MeanSquares, Metric, Null, RaterDrift, Weights, Within,
    WithinGroup, chance_corrected, final_score, finn, icc, icc_reml, kappa, kendall, krippendorff, light,
    rater_drift, within_group, within_points,
};
use crate::statistic::{Estimate, StatError};

/// The raters of one scale or item.
pub struct RatersFound {
    /// The six forms from the units that everybody rated.
    pub icc: Result<Icc, StatError>,
    /// The six forms from all ratings, where there are gaps.
    pub reml: Option<Result<IccReml, StatError>>,
    /// Every two raters.
    pub pairs: Vec<TwoRaters>,
    /// Fleiss, Conger, Gwet, Brennan–Prediger, by weights.
    pub many: Vec<ChanceCorrected>,
    /// Light's mean of kappas, by weights.
    pub light: Vec<Light>,
    /// Krippendorff's alpha at each level of measurement.
    pub krippendorff: Vec<Krippendorff>,
    /// Kendall's W.
    pub kendall: Kendall,
    /// Shares within a number of points.
    pub within: Vec<Within>,
    /// Finn's coefficient with a uniform null.
    pub finn: Option<Estimate>,
    /// Agreement within each unit, null by null.
    pub judged: Vec<(Null, Result<Vec<WithinGroup>, StatError>)>,
    /// The drift of each rater over time; empty without sessions and dates.
    pub drift: Vec<RaterDrift>,
    /// The final score of each unit by the rule for three judges.
    pub finals: Vec<FinalScore>,
    /// Raters who gave one and the same rating throughout.
    pub constant: Vec<usize>,
}

/// Two raters.
pub struct TwoRaters {
    /// Which.
    pub raters: [usize; 2],
    /// Units that both rated.
    pub n: usize,
    /// Shares within a number of points.
    pub within: Vec<Within>,
    /// The confusion table, with categories.
    pub confusion: Option<Confusion>,
    /// Kappas, by weights.
    pub kappas: Vec<Kappa>,
}

/// Everything about the raters of one scale or item.
///
/// # Errors
/// Own weights that do not fit the categories, or a rating outside them.
pub fn found(line: &RatedLine, asked: &RatersAsked) -> Result<RatersFound, StatError> {
    let ratings = &line.ratings;
    let squares = MeanSquares::of(ratings);
    let coded = line.categories.as_ref().map(|categories| Coded::new(ratings, categories)).transpose()?;
    let weights = asked.weights();
    let (mut many, mut means) = (Vec::new(), Vec::new());
    if let Some(coded) = &coded {
        for weights in &weights {
            for chance in [Chance::Fleiss, Chance::Conger, Chance::Gwet, Chance::BrennanPrediger] {
                many.push(chance_corrected(coded, chance, weights, asked.level)?);
            }
            means.push(light(coded, weights)?);
        }
    }
    let k = ratings.raters();
    let mut pairs = Vec::new();
    for first in 0..k {
        for second in first + 1..k {
            pairs.push(two(ratings, coded.as_ref(), [first, second], &weights, asked)?);
        }
    }
    let alpha = |metric: Metric| {
        let config = KrippendorffConfig { metric, draws: asked.draws, seed: asked.seed, level: asked.level };
        krippendorff(ratings, &config)
    };
    let rated = |unit: usize| ratings.of_unit(unit).collect::<Vec<_>>();
    Ok(RatersFound {
        icc: squares.map(|squares| icc(&squares, &IccConfig { level: asked.level })),
        reml: (ratings.gaps() > 0).then(|| icc_reml(ratings)),
        pairs,
        many,
        light: means,
        krippendorff: Metric::ALL.map(alpha).to_vec(),
        kendall: kendall(ratings),
        within: asked.within.iter().map(|points| within_points(ratings, *points)).collect(),
        finn: line
            .categories
            .as_ref()
            .map(|categories| finn(ratings, categories, &Null::Uniform))
            .transpose()?,
        judged: judged(line, asked),
        drift: line.times.as_ref().map_or_else(Vec::new, |times| {
            (0..k).map(|rater| rater_drift(ratings, times, rater, asked.level)).collect()
        }),
        finals: (0..ratings.units()).map(|unit| final_score(&rated(unit))).collect(),
        constant: (0..k).filter(|rater| is_constant(ratings, *rater)).collect(),
    })
}

fn is_constant(ratings: &Ratings, rater: usize) -> bool {
    let own: Vec<f64> = (0..ratings.units()).filter_map(|unit| ratings.get(unit, rater)).collect();
    own.len() > 1 && own.iter().all(|rating| *rating == own[0])
}

fn two(
    ratings: &Ratings,
    coded: Option<&Coded>,
    raters: [usize; 2],
    weights: &[Weights],
    asked: &RatersAsked,
) -> Result<TwoRaters, StatError> {
    let own = ratings.of_raters(&raters);
    let confusion = coded.map(|coded| Confusion::of(coded, raters[0], raters[1]));
    let kappas = match &confusion {
        Some(confusion) => {
            weights.iter().map(|weights| kappa(confusion, weights, asked.level)).collect::<Result<_, _>>()?
        }
        None => Vec::new(),
    };
    Ok(TwoRaters {
        raters,
        n: own.complete().units(),
        within: asked.within.iter().map(|points| within_points(&own, *points)).collect(),
        confusion,
        kappas,
    })
}

fn judged(line: &RatedLine, asked: &RatersAsked) -> Vec<(Null, Result<Vec<WithinGroup>, StatError>)> {
    let Some((units, categories)) = &line.judged else { return Vec::new() };
    let shared: Vec<&Ratings> = units.iter().filter(|judges| judges.units() > 1).collect();
    let of = |null: Null| {
        let found = shared.iter().map(|judges| within_group(judges, categories, &null)).collect();
        (null, found)
    };
    asked.nulls_for(categories).into_iter().map(of).collect()
}
