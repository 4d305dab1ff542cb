//! How reliably a scale tells persons apart, and how reliably it sees a person change.

use libm::ceil;
use serde::Serialize;

use super::bootstrap::{Bootstrap, intervals};
use super::components::{self, Components, Estimator, Negative};
use super::mixed::Care;
use super::repeated::{Cells, Repeated};
use crate::statistic::{Estimate, Reason, StatError};

/// How the reliability of repeated measures is found.
#[derive(Debug, Clone, Copy, PartialEq, Serialize)]
pub struct GeneralizabilityConfig {
    /// How components are estimated: mean squares where everything was answered, restricted likelihood otherwise.
    pub estimator: Estimator,
    /// What becomes of negative components: 0, flagged.
    pub negative: Negative,
    /// Limits by resampling persons, if they are wanted.
    pub bootstrap: Option<Bootstrap>,
    /// The confidence level of the limits: .95.
    pub level: f64,
}

impl Default for GeneralizabilityConfig {
    fn default() -> GeneralizabilityConfig {
        GeneralizabilityConfig {
            estimator: Estimator::AnovaIfComplete,
            negative: Negative::Zero,
            bootstrap: None,
            level: 0.95,
        }
    }
}

/// A coefficient by name.
#[derive(Debug, Clone, Copy, PartialEq, Serialize)]
pub struct Coefficient {
    /// `r1f`, `rkf`, `r1r`, `rkr`, `rc`, `rkrn` or `rcn`.
    pub id: &'static str,
    /// Its estimate.
    pub value: Estimate,
}

/// What a change within a person must exceed, for mean scores.
#[derive(Debug, Clone, Copy, PartialEq, Serialize)]
pub struct WithinPerson {
    /// The standard error of measurement of a mean score within persons: √(s_e / m).
    pub standard_error: f64,
    /// 1.96 √(2 s_e / m): a larger change is no error of measurement.
    pub error_within_crossed: f64,
    /// 1.96 √(2 (s_pt + s_e / m)): a larger change is no usual swing from session to session.
    pub fluctuation_within_crossed: f64,
}

/// How many sessions or items bring a coefficient to a target.
#[derive(Debug, Clone, Copy, PartialEq, Serialize)]
pub struct Needed {
    /// The coefficient.
    pub coefficient: &'static str,
    /// What is multiplied: `sessions`, `items` or `raters`.
    pub facet: &'static str,
    /// The reliability to be reached.
    pub target: f64,
    /// The least number that reaches it.
    pub needed: Option<u64>,
    /// Why no number does.
    pub reason: Option<Reason>,
}

/// Reliability between and within persons, crossed and nested.
#[derive(Debug, Clone, PartialEq, Serialize)]
#[non_exhaustive]
pub struct Generalizability {
    /// Persons.
    pub persons: usize,
    /// Different occasions.
    pub occasions: usize,
    /// Occasions of a person: the harmonic mean.
    pub mean_occasions: f64,
    /// Items.
    pub items: usize,
    /// Answers used.
    pub answers: usize,
    /// Rows without any answer.
    pub dropped: usize,
    /// Components of persons × occasions × items: the third session of one person is that of another.
    pub crossed: Components,
    /// Components of occasions in persons: schedules differ.
    pub nested: Components,
    /// The coefficients.
    pub coefficients: Vec<Coefficient>,
    /// What a change must exceed.
    pub within: WithinPerson,
    /// How many sessions and items reach .70, .80, .90.
    pub d_study: Vec<Needed>,
    /// The configuration.
    pub config: GeneralizabilityConfig,
}

/// Targets of the table of a D study.
pub const TARGETS: [f64; 3] = [0.70, 0.80, 0.90];

/// The coefficients in their order.
const IDS: [&str; 7] = ["r1f", "rkf", "r1r", "rkr", "rc", "rkrn", "rcn"];

/// Reliability of a scale over repeated sessions: Cranford and others' coefficients, crossed and nested.
///
/// With s the variance components of persons p, occasions t, items i and their pairs, m items, k occasions, and s_e the
/// residual: between persons
/// R1F = (s_p + s_pi/m) / (s_p + s_pi/m + s_e/m) for one fixed occasion,
/// RKF = … / (… + s_e/(km)) for the mean of k fixed ones,
/// R1R = (s_p + s_pi/m) / (s_p + s_pi/m + s_t + s_pt + s_e/m) for one random occasion,
/// RKR = … / (… + s_t/k + s_pt/k + s_e/(km)) for the mean of k random ones; within persons, for change,
/// RC = s_pt / (s_pt + s_e/m). With occasions nested in persons (schedules differ, items are replicates):
/// RKRN = s_p / (s_p + s_t(p)/k + s_e/(km)) and RCN = s_t(p) / (s_t(p) + s_e/m). k is the harmonic mean of the persons'
/// numbers of occasions. Turned round, they give the number of sessions or items that reaches a target.
///
/// # When
/// An alpha over persons says nothing of whether a scale sees change within one: RC does. Crossed where the same session
/// number means the same for everybody, nested where it does not.
///
/// # Missing data
/// Rows without any answer are left out and counted; where any other answer is missing, restricted likelihood uses what
/// is there.
///
/// # Errors
/// [`Reason::TooFew`] with under two persons, occasions or items; [`Reason::NotApplicable`] where a person has two rows
/// of one occasion, or mean squares are asked for with a gap; [`Reason::NoVariability`] where all answers are the same.
/// A coefficient is `None` with [`Reason::NoVariability`] where signal and noise are both 0, and its limits with
/// [`Reason::TooFewClusters`] with under 15 persons.
///
/// # Agrees with
/// psych 2.5.3 (`mlr`) with [`Negative::Raw`], which psych has; its REML components to the tolerance of lme4.
///
/// # Source
/// Cranford, J. A., Shrout, P. E., Iida, M., Rafaeli, E., Yip, T., & Bolger, N. (2006). A procedure for evaluating
/// sensitivity to within-person change. *Personality and Social Psychology Bulletin, 32*, 917–929. Shrout, P. E., & Lane,
/// S. P. (2012). Psychometrics. In *Handbook of research methods for studying daily life*. Guilford.
///
/// ```
/// use alliance_metrics::nested::{generalizability, Column, GeneralizabilityConfig, Groups, Repeated};
/// // Two persons, two sessions, two items: person 1 rises by two on both items, person 2 by one on the first.
/// let data = Repeated {
///     person: Groups::new("person", [1, 1, 2, 2]),
///     occasion: Groups::new("session", [1, 2, 1, 2]),
///     items: vec![Column::new("a", vec![3.0, 5.0, 2.0, 3.0]), Column::new("b", vec![3.0, 5.0, 2.0, 2.0])],
/// };
/// let found = generalizability(&data, &GeneralizabilityConfig::default()).unwrap();
/// // s_pt = (1.125 - 0.125) / 2 and s_e = 0.125.
/// let rc = found.coefficients.iter().find(|coefficient| coefficient.id == "rc").unwrap();
/// assert!((rc.value.estimate.unwrap() - 0.5 / (0.5 + 0.125 / 2.0)).abs() < 1e-12);
/// ```
pub fn generalizability(
    data: &Repeated,
    config: &GeneralizabilityConfig,
) -> Result<Generalizability, StatError> {
    let cells = data.cells()?;
    let (crossed, nested) = both(&cells, config, Care::Full)?;
    let values = coefficients(&cells, &crossed, &nested);
    let estimates = intervals(cells.persons, config.bootstrap, config.level, &values, |persons| {
        let cells = cells.resampled(persons);
        let (crossed, nested) = both(&cells, config, Care::InSamples).ok()?;
        Some(coefficients(&cells, &crossed, &nested))
    });
    let coefficients = IDS.iter().zip(estimates).map(|(id, value)| Coefficient { id, value }).collect();
    Ok(Generalizability {
        persons: cells.persons,
        occasions: cells.occasions,
        mean_occasions: cells.mean_occasions(),
        items: cells.items,
        answers: cells.answers.len(),
        dropped: cells.dropped,
        coefficients,
        within: within(&crossed, cells.items as f64),
        d_study: d_study(&crossed, &nested, cells.items as f64),
        crossed,
        nested,
        config: *config,
    })
}

/// Variance components of occasions in persons alone, items as replicates: much sooner had than both designs.
///
/// answer = mean + person + occasion in person + residual, with variances s_p, s_t(p) and s_e: the reliability of a
/// person's mean over k occasions and m items is s_p / (s_p + s_t(p)/k + s_e/(km)).
///
/// # When
/// Only the question how many sessions a person's mean needs is asked, and schedules differ.
///
/// # Missing data
/// As for [`generalizability`].
///
/// # Errors
/// As for [`generalizability`].
///
/// # Agrees with
/// [`Generalizability::nested`], and so with lme4 1.1-31.
///
/// # Source
/// As for [`generalizability`].
///
/// ```
/// use alliance_metrics::nested::{occasions_in_persons, Column, GeneralizabilityConfig, Groups, Repeated};
/// let data = Repeated {
///     person: Groups::new("person", [1, 1, 2, 2]),
///     occasion: Groups::new("session", [1, 2, 1, 2]),
///     items: vec![Column::new("a", vec![3.0, 5.0, 2.0, 3.0]), Column::new("b", vec![3.0, 5.0, 2.0, 2.0])],
/// };
/// let found = occasions_in_persons(&data, &GeneralizabilityConfig::default()).unwrap();
/// // Mean squares of persons, sessions in persons and answers: 6.125, 2.125 and 0.125, with two sessions and two items.
/// assert!((found.variance("person") - (6.125 - 2.125) / 4.0).abs() < 1e-12);
/// assert!((found.variance("occasion_in_person") - (2.125 - 0.125) / 2.0).abs() < 1e-12);
/// ```
pub fn occasions_in_persons(
    data: &Repeated,
    config: &GeneralizabilityConfig,
) -> Result<Components, StatError> {
    components::nested(&data.cells()?, config.estimator, config.negative, Care::Full)
}

fn both(
    cells: &Cells,
    config: &GeneralizabilityConfig,
    care: Care,
) -> Result<(Components, Components), StatError> {
    Ok((
        components::crossed(cells, config.estimator, config.negative, care)?,
        components::nested(cells, config.estimator, config.negative, care)?,
    ))
}

fn coefficients(cells: &Cells, crossed: &Components, nested: &Components) -> Vec<Result<f64, Reason>> {
    let (k, m) = (cells.mean_occasions(), cells.items as f64);
    let s = |source| crossed.variance(source);
    let person = s("person") + s("person_item") / m;
    let error = s("residual") / m;
    let occasion = s("occasion") + s("person_occasion");
    let (level, swing) = (nested.variance("person"), nested.variance("occasion_in_person"));
    let replicate = nested.variance("residual") / m;
    vec![
        share(person, error),
        share(person, error / k),
        share(person, occasion + error),
        share(person, (occasion + error) / k),
        share(s("person_occasion"), error),
        share(level, (swing + replicate) / k),
        share(swing, replicate),
    ]
}

/// Signal by signal and noise.
fn share(signal: f64, noise: f64) -> Result<f64, Reason> {
    match signal + noise {
        all if all > 0.0 => Ok(signal / all),
        all if all < 0.0 => Err(Reason::Inadmissible),
        _ => Err(Reason::NoVariability),
    }
}

fn within(crossed: &Components, m: f64) -> WithinPerson {
    let error = crossed.variance("residual") / m;
    let swing = crossed.variance("person_occasion").max(0.0) + error;
    WithinPerson {
        standard_error: error.sqrt(),
        error_within_crossed: 1.96 * (2.0 * error).sqrt(),
        fluctuation_within_crossed: 1.96 * (2.0 * swing).sqrt(),
    }
}

/// The least number of replicates at which signal / (signal + noise / number) reaches a target.
///
/// ```
/// use alliance_metrics::nested::replicates_for;
/// // Spearman and Brown: two sessions of reliability .50 each have .67, three have .75.
/// assert_eq!(replicates_for(1.0, 1.0, 0.70), Ok(3));
/// assert!(replicates_for(0.0, 1.0, 0.70).is_err());
/// ```
pub fn replicates_for(signal: f64, noise: f64, target: f64) -> Result<u64, Reason> {
    if !(signal > 0.0 && noise.is_finite() && target > 0.0 && target < 1.0) {
        return Err(Reason::Boundary);
    }
    let exact = noise.max(0.0) / signal * target / (1.0 - target);
    // What rounding puts a hair above a whole number is that number.
    Ok(ceil(exact * (1.0 - 1e-12)).max(1.0) as u64)
}

fn d_study(crossed: &Components, nested: &Components, m: f64) -> Vec<Needed> {
    let s = |source| crossed.variance(source);
    let person = s("person") + s("person_item") / m;
    let error = s("residual") / m;
    let rows = [
        ("rkf", "sessions", person, error),
        ("rkr", "sessions", person, s("occasion") + s("person_occasion") + error),
        (
            "rkrn",
            "sessions",
            nested.variance("person"),
            nested.variance("occasion_in_person") + nested.variance("residual") / m,
        ),
        ("rc", "items", s("person_occasion"), s("residual")),
        ("rcn", "items", nested.variance("occasion_in_person"), nested.variance("residual")),
    ];
    let row = |(coefficient, facet, signal, noise): &(&'static str, &'static str, f64, f64)| {
        TARGETS.map(|target| Needed::new(coefficient, facet, *signal, *noise, target))
    };
    rows.iter().flat_map(row).collect()
}

impl Needed {
    /// The least number of a facet that reaches a target.
    pub(super) fn new(
        coefficient: &'static str,
        facet: &'static str,
        signal: f64,
        noise: f64,
        target: f64,
    ) -> Needed {
        let found = replicates_for(signal, noise, target);
        Needed { coefficient, facet, target, needed: found.ok(), reason: found.err() }
    }
}
