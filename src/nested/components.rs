//! Variance components of persons, occasions and items.

use serde::Serialize;

use super::fitted::Status;
use super::mixed::{Care, variances};
use super::model::{Column, Groups, MixedModel, Random};
use super::repeated::Cells;
use crate::statistic::{Reason, StatError};

/// How components are estimated.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default, Serialize)]
#[serde(rename_all = "snake_case")]
pub enum Estimator {
    /// By mean squares if everybody has answered everything, by restricted likelihood otherwise.
    #[default]
    AnovaIfComplete,
    /// By mean squares; refused where something is missing.
    Anova,
    /// By restricted likelihood.
    Reml,
}

/// What becomes of a component that mean squares make negative.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default, Serialize)]
#[serde(rename_all = "snake_case")]
pub enum Negative {
    /// It is 0, and flagged.
    #[default]
    Zero,
    /// It stays negative, and enters the coefficients (as in psych).
    Raw,
}

/// A variance component.
#[derive(Debug, Clone, Copy, PartialEq, Serialize)]
pub struct Component {
    /// What varies: `person`, `person_occasion`, ….
    pub source: &'static str,
    /// Its variance, as it enters the coefficients.
    pub variance: f64,
    /// What the mean squares said, where that is negative.
    pub negative: Option<f64>,
    /// Its mean square, where there is one.
    pub mean_square: Option<f64>,
}

/// Variance components of one design.
#[derive(Debug, Clone, PartialEq, Serialize)]
#[non_exhaustive]
pub struct Components {
    /// `anova` or `reml`.
    pub estimator: &'static str,
    /// The components; the last is the residual.
    pub components: Vec<Component>,
    /// How far they can be trusted: singular where one lies at its boundary.
    pub status: Status,
}

impl Components {
    /// The variance of a source; 0 where there is no such source.
    pub fn variance(&self, source: &str) -> f64 {
        self.components.iter().find(|own| own.source == source).map_or(0.0, |own| own.variance)
    }
}

/// Sources of the crossed design, in order.
const CROSSED: [&str; 7] =
    ["person", "occasion", "item", "person_occasion", "person_item", "occasion_item", "residual"];
/// Sources of the nested design, in order.
const NESTED: [&str; 3] = ["person", "occasion_in_person", "residual"];

/// Persons × occasions × items, everything random, no triple interaction.
pub(super) fn crossed(
    cells: &Cells,
    estimator: Estimator,
    negative: Negative,
    care: Care,
) -> Result<Components, StatError> {
    enough(cells)?;
    if by_mean_squares(cells, estimator)? {
        let ms = mean_squares(cells);
        let [n, k, m] = [cells.persons, cells.occasions, cells.items].map(|count| count as f64);
        let [p, t, i, pt, pi, ti, e] = ms;
        let raw = [
            (p - pt - pi + e) / (k * m),
            (t - pt - ti + e) / (n * m),
            (i - pi - ti + e) / (n * k),
            (pt - e) / m,
            (pi - e) / k,
            (ti - e) / n,
            e,
        ];
        return Ok(by_anova(&CROSSED, &raw, &ms, negative));
    }
    let mut model = MixedModel::new(outcome(cells));
    for (source, key) in CROSSED.iter().zip(KEYS) {
        let groups = cells.answers.iter().map(|cell| {
            let (a, b) = key(cell);
            format!("{a}:{b}")
        });
        model = model.random(Random::intercept(Groups::new(*source, groups)));
    }
    by_reml(&CROSSED, &model, care)
}

type Key = fn(&(usize, usize, usize, f64)) -> (usize, usize);
/// The groups of each source of the crossed design.
const KEYS: [Key; 6] = [
    |(p, _, _, _)| (*p, 0),
    |(_, t, _, _)| (*t, 0),
    |(_, _, i, _)| (*i, 0),
    |(p, t, _, _)| (*p, *t),
    |(p, _, i, _)| (*p, *i),
    |(_, t, i, _)| (*t, *i),
];

/// Occasions in persons, items as replicates.
pub(super) fn nested(
    cells: &Cells,
    estimator: Estimator,
    negative: Negative,
    care: Care,
) -> Result<Components, StatError> {
    enough(cells)?;
    if by_mean_squares(cells, estimator)? {
        let [p, t, i, pt, pi, ti, e] = mean_squares(cells);
        let [n, k, m] = [cells.persons, cells.occasions, cells.items].map(|count| count as f64);
        // Sums of squares of the crossed design, pooled.
        let occasions = ((k - 1.0) * t + (n - 1.0) * (k - 1.0) * pt) / (n * (k - 1.0));
        let items = (m - 1.0) * i + (n - 1.0) * (m - 1.0) * pi + (k - 1.0) * (m - 1.0) * ti;
        let residual = (items + (n - 1.0) * (k - 1.0) * (m - 1.0) * e) / (n * k * (m - 1.0));
        let raw = [(p - occasions) / (k * m), (occasions - residual) / m, residual];
        return Ok(by_anova(&NESTED, &raw, &[p, occasions, residual], negative));
    }
    let person = cells.answers.iter().map(|(person, _, _, _)| *person);
    let visit = cells.answers.iter().map(|(person, occasion, _, _)| format!("{person}:{occasion}"));
    let model = MixedModel::new(outcome(cells))
        .random(Random::intercept(Groups::new(NESTED[0], person)))
        .random(Random::intercept(Groups::new(NESTED[1], visit)));
    by_reml(&NESTED, &model, care)
}

fn outcome(cells: &Cells) -> Column {
    Column::new("answer", cells.answers.iter().map(|(_, _, _, answer)| *answer).collect())
}

fn enough(cells: &Cells) -> Result<(), StatError> {
    let counts = [(cells.persons, "persons"), (cells.occasions, "occasions"), (cells.items, "items")];
    match counts.iter().find(|(count, _)| *count < 2) {
        Some((count, what)) => Err(StatError::new(Reason::TooFew, format!("{count} {what}: two are needed"))),
        None => Ok(()),
    }
}

fn by_mean_squares(cells: &Cells, estimator: Estimator) -> Result<bool, StatError> {
    let complete = cells.is_complete();
    if estimator == Estimator::Anova && !complete {
        let all = cells.persons * cells.occasions * cells.items;
        let message = format!("{} of {all} answers: mean squares need them all", cells.answers.len());
        return Err(StatError::new(Reason::NotApplicable, message));
    }
    Ok(complete && estimator != Estimator::Reml)
}

/// Mean squares of persons, occasions, items, their pairs, and the rest.
fn mean_squares(cells: &Cells) -> [f64; 7] {
    let [n, k, m] = [cells.persons, cells.occasions, cells.items];
    let mean = cells.answers.iter().map(|cell| cell.3).sum::<f64>() / (n * k * m) as f64;
    // Squares of sums of deviations, over the number of cells behind a sum.
    let about = |groups: usize, each: usize, key: &dyn Fn(usize, usize, usize) -> usize| -> f64 {
        let mut sums = vec![0.0; groups];
        for (p, t, i, answer) in &cells.answers {
            sums[key(*p, *t, *i)] += answer - mean;
        }
        sums.iter().map(|sum| sum * sum).sum::<f64>() / each as f64
    };
    let p = about(n, k * m, &|p, _, _| p);
    let t = about(k, n * m, &|_, t, _| t);
    let i = about(m, n * k, &|_, _, i| i);
    let pt = about(n * k, m, &|p, t, _| p * k + t) - p - t;
    let pi = about(n * m, k, &|p, _, i| p * m + i) - p - i;
    let ti = about(k * m, n, &|_, t, i| t * m + i) - t - i;
    let all = cells.answers.iter().map(|cell| (cell.3 - mean) * (cell.3 - mean)).sum::<f64>();
    let [a, b, c] = [n - 1, k - 1, m - 1].map(|df| df as f64);
    let rest = (all - p - t - i - pt - pi - ti).max(0.0);
    [p / a, t / b, i / c, pt / (a * b), pi / (a * c), ti / (b * c), rest / (a * b * c)]
}

fn by_anova(sources: &[&'static str], raw: &[f64], ms: &[f64], negative: Negative) -> Components {
    let components: Vec<Component> = sources
        .iter()
        .zip(raw.iter().zip(ms))
        .map(|(source, (raw, mean_square))| Component {
            source,
            variance: if negative == Negative::Zero { raw.max(0.0) } else { *raw },
            negative: Some(*raw).filter(|raw| *raw < 0.0),
            mean_square: Some(*mean_square),
        })
        .collect();
    let singular = components.iter().any(|component| component.negative.is_some());
    let status = if singular { Status::Singular } else { Status::Regular };
    Components { estimator: "anova", components, status }
}

fn by_reml(sources: &[&'static str], model: &MixedModel, care: Care) -> Result<Components, StatError> {
    let fit = variances(model, care)?;
    let component = |source: &&'static str| Component {
        source,
        variance: fit.variance(source),
        negative: None,
        mean_square: None,
    };
    let components = sources.iter().map(component).collect();
    Ok(Components { estimator: "reml", components, status: fit.status })
}
