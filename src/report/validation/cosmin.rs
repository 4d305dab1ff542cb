//! The COSMIN evidence table: each criterion that software can judge, its value, and how it is met.

use serde_json::{Value as Json, json};

use super::evidence::Evidence;
use super::references::{PRINSEN, Reference, TERWEE};
use super::{BlockOf, Found, Piece};
use crate::error::Error;
use crate::factor::OneFactor;
use crate::reliability::Coefficient;
use crate::report::format::{Decimal, printed};
use crate::report::model::{Column, Kind, Table, Value};
use crate::report::reliability::{ReliabilityLine, ScaleLine};

pub(super) const BLOCK: BlockOf =
    BlockOf { id: "cosmin", title: "Evidence for measurement properties (COSMIN)", build };

/// RMSEA below this speaks for structural validity (Prinsen et al., 2018).
const RMSEA: f64 = 0.06;
/// Alpha, and the ICC of two occasions, at least this.
const RELIABLE: f64 = 0.70;
/// Above this, items may be redundant (Terwee et al., 2007).
const REDUNDANT: f64 = 0.95;
/// At least this share of the hypotheses stated beforehand is met (Prinsen et al., 2018).
const MET: f64 = 0.75;
/// At most this share at the lowest, or at the highest, possible score (Terwee et al., 2007).
const CROWDED: f64 = 0.15;
/// Persons for a factor analysis: so many, and so many for each item (Terwee et al., 2007).
const PERSONS: (usize, usize) = (100, 7);

/// How a criterion is met.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Rating {
    Sufficient,
    Indeterminate,
    Insufficient,
}

impl Rating {
    fn mark(self) -> &'static str {
        match self {
            Rating::Sufficient => "+",
            Rating::Indeterminate => "?",
            Rating::Insufficient => "−",
        }
    }

    fn of(holds: Option<bool>) -> Rating {
        match holds {
            Some(true) => Rating::Sufficient,
            Some(false) => Rating::Insufficient,
            None => Rating::Indeterminate,
        }
    }
}

/// A criterion.
struct Criterion {
    /// Columns of its value and of its rating.
    ids: [&'static str; 2],
    /// And of both, for pages.
    shown: &'static str,
    head: &'static str,
    property: &'static str,
    rule: &'static str,
    kind: Kind,
    source: &'static Reference,
}

const CRITERIA: [Criterion; 8] = [
    Criterion {
        ids: ["rmsea", "structural_validity"],
        shown: "structural_validity_shown",
        head: "Structure",
        property: "Structural validity",
        rule: "one factor: RMSEA < .06 (or CFI or TLI > .95, or SRMR < .08, which are not here yet)",
        kind: Kind::Fine,
        source: &PRINSEN,
    },
    Criterion {
        ids: ["alpha", "internal_consistency"],
        shown: "internal_consistency_shown",
        head: "α",
        property: "Internal consistency",
        rule: "α ≥ .70 of a scale whose structural validity is shown",
        kind: Kind::Bounded,
        source: &PRINSEN,
    },
    Criterion {
        ids: ["alpha_between", "internal_consistency_2007"],
        shown: "internal_consistency_2007_shown",
        head: "α range",
        property: "Internal consistency",
        rule: "α from .70 to .95",
        kind: Kind::Bounded,
        source: &TERWEE,
    },
    Criterion {
        ids: ["icc", "reliability"],
        shown: "reliability_shown",
        head: "ICC",
        property: "Reliability",
        rule: "ICC (absolute agreement) of the first two occasions ≥ .70",
        kind: Kind::Bounded,
        source: &PRINSEN,
    },
    Criterion {
        ids: ["smallest_detectable_change", "measurement_error"],
        shown: "measurement_error_shown",
        head: "SDC",
        property: "Measurement error",
        rule: "smallest detectable change below the minimal important change; none is known, so nothing is rated",
        kind: Kind::Score,
        source: &PRINSEN,
    },
    Criterion {
        ids: ["hypotheses_met", "construct_validity"],
        shown: "construct_validity_shown",
        head: "Hypotheses %",
        property: "Construct validity",
        rule: "at least 75 % of the hypotheses that the study states beforehand are met, of those that its data decide",
        kind: Kind::Percent,
        source: &PRINSEN,
    },
    Criterion {
        ids: ["crowded", "floor_and_ceiling"],
        shown: "floor_and_ceiling_shown",
        head: "Floor, ceiling %",
        property: "Floor and ceiling",
        rule: "at most 15 % at the lowest, and at the highest, possible score; the larger is shown",
        kind: Kind::Percent,
        source: &TERWEE,
    },
    Criterion {
        ids: ["persons", "sample_size"],
        shown: "sample_size_shown",
        head: "n",
        property: "Sample for factor analysis",
        rule: "at least 100 persons, and 7 for each item",
        kind: Kind::Count,
        source: &TERWEE,
    },
];

/// What one scale has for each criterion: a value, and how it is met.
struct Judged<'a> {
    of: &'a ScaleLine,
    found: [(Option<f64>, Rating); 8],
}

fn build(evidence: &Evidence<'_>) -> Result<Found, Error> {
    let lines = evidence.reliability();
    if lines.is_empty() {
        return Ok(Found::Absent("no form of the data has a scale of items".to_owned()));
    }
    let judged = lines.iter().map(|line| judge(evidence, line)).collect::<Result<Vec<_>, _>>()?;
    let mut piece = Piece::default();
    piece.table(table(&judged));
    piece.table(criteria());
    piece.cited.extend([&PRINSEN, &TERWEE]);
    piece.results.push(("cosmin", json!({ "scales": judged.iter().map(Judged::json).collect::<Vec<_>>() })));
    Ok(Found::Here(piece))
}

fn rmsea(factor: &OneFactor) -> Option<f64> {
    let chi_square = factor.chi_square.filter(|_| factor.df > 0 && factor.admissible)?;
    Some(misfit(chi_square, factor.df as f64, factor.n as f64))
}

/// √(max(χ² − df, 0)/(df n)).
fn misfit(chi_square: f64, df: f64, n: f64) -> f64 {
    ((chi_square - df).max(0.0) / (df * n)).sqrt()
}

fn judge<'a>(evidence: &Evidence<'_>, line: &'a ReliabilityLine) -> Result<Judged<'a>, Error> {
    let found = &line.found;
    let rmsea = found.one_factor.as_ref().and_then(rmsea);
    // The criterion also accepts CFI, TLI or SRMR: a larger RMSEA alone does not refute.
    let one = rmsea.is_some_and(|rmsea| rmsea < RMSEA);
    let alpha = found.coefficients.get(&Coefficient::Alpha).and_then(|alpha| alpha.estimate.estimate);
    let (icc, sdc) = evidence.retest_of(&line.of)?;
    let size = PERSONS.0.max(PERSONS.1 * found.k);
    let crowded = found.score.floor.zip(found.score.ceiling).map(|(floor, ceiling)| floor.max(ceiling));
    let persons = Some(found.n as f64);
    let met = evidence.hypotheses_met(&line.of);
    let found = [
        (rmsea, Rating::of(one.then_some(true))),
        (alpha, Rating::of(alpha.filter(|_| one).map(|alpha| alpha >= RELIABLE))),
        (alpha, Rating::of(alpha.map(|alpha| (RELIABLE..=REDUNDANT).contains(&alpha)))),
        (icc, Rating::of(icc.map(|icc| icc >= RELIABLE))),
        (sdc, Rating::Indeterminate),
        (met, Rating::of(met.map(|share| share >= MET))),
        (crowded, Rating::of(crowded.map(|share| share <= CROWDED))),
        (persons, Rating::of(Some(found.n >= size))),
    ];
    Ok(Judged { of: &line.of, found })
}

impl Judged<'_> {
    fn json(&self) -> Json {
        let mut json = self.of.json();
        for (criterion, (value, rating)) in CRITERIA.iter().zip(self.found) {
            let [value_id, rating_id] = criterion.ids;
            json[value_id] = json!(value);
            json[rating_id] = json!(rating.mark());
        }
        json
    }
}

fn table(judged: &[Judged<'_>]) -> Table {
    let of: Vec<&ScaleLine> = judged.iter().map(|judged| judged.of).collect();
    let mut columns = ScaleLine::columns(&of, false);
    for criterion in &CRITERIA {
        let [value, rating] = criterion.ids;
        columns.extend([
            Column::hidden(value),
            Column::hidden(rating),
            Column::new(criterion.shown, criterion.head),
        ]);
    }
    let mut table = Table::new("cosmin", columns);
    for judged in judged {
        let mut row = judged.of.cells();
        for (criterion, (value, rating)) in CRITERIA.iter().zip(judged.found) {
            let both = match value {
                Some(value) => {
                    format!("{}\u{a0}{}", printed(value, criterion.kind, Decimal::Point), rating.mark())
                }
                None => rating.mark().to_owned(),
            };
            row.extend([Value::number(value, criterion.kind), Value::text(rating.mark()), Value::text(both)]);
        }
        table.rows.push(row);
    }
    table.notes.push("+ sufficient, ? indeterminate, − insufficient, by the value found and whatever its limits. Not judged by software: content validity and cross-cultural validity; hypotheses only where the study states some ([validity] hypotheses).".to_owned());
    table
}

fn criteria() -> Table {
    let columns = [("head", "Column"), ("property", "Property"), ("rule", "Criterion"), ("source", "Source")];
    let mut table = Table::new("cosmin_criteria", columns.map(|(id, head)| Column::new(id, head)).to_vec());
    let row = |of: &Criterion| [of.head, of.property, of.rule].map(Value::text).to_vec();
    for criterion in &CRITERIA {
        let mut row = row(criterion);
        row.push(Value::text(criterion.source.cited()));
        table.rows.push(row);
    }
    table.notes.push("RMSEA of one factor by maximum likelihood, √(max(χ² − df, 0)/(df n)); none where a uniqueness is negative or nothing is left to test.".to_owned());
    table
}

#[cfg(test)]
mod tests {
    use super::misfit;

    #[test]
    fn rmsea_is_that_of_lavaan_for_the_published_covariances() {
        // One and three factors of the WAI-SR, n = 40, as lavaan fits them.
        assert!((misfit(151.476, 54.0, 40.0) - 0.212).abs() < 5e-4);
        assert!((misfit(90.62172, 51.0, 40.0) - 0.13936).abs() < 5e-6);
        assert_eq!(misfit(1.2, 2.0, 100.0), 0.0);
    }
}
