//! The report of `reliability` on a published matrix.

use serde_json::{Value as Json, json};

use super::model::{Note, Report};
use super::reliability::{ReliabilityLine, ScaleLine, Shown, Unit, line_notes, results, sections};
use super::scales::score_of;
use super::study::Study;
use crate::moments::Moments;
use crate::reliability::{Coefficient, ScaleConfig, ScoreSummary, reliability_of_moments};
use crate::scoring::{MatrixKind, Term};
use crate::statistic::{Estimate, Reason};

/// A published matrix, read against an instrument.
pub struct MatrixStudy {
    /// A study without rows: instrument, key, and the file.
    pub study: Study,
    /// The form.
    pub form: usize,
    /// Means and covariances of the columns, as given.
    pub moments: Moments,
    /// What the file holds.
    pub kind: MatrixKind,
    /// How many persons stand behind it.
    pub n: usize,
    /// Whether means are known.
    pub has_means: bool,
    /// Whether standard deviations are known.
    pub has_spread: bool,
}

/// The reliability of every scale that the matrix holds.
pub fn matrix_lines(
    of: &MatrixStudy,
    wanted: &[usize],
    config: &ScaleConfig,
    group_factors: Option<usize>,
) -> Vec<ReliabilityLine> {
    let sample = &of.study.sample;
    let one = |scale: &usize| {
        let edition = sample.edition(*scale, Some(of.form))?;
        let columns: Vec<usize> =
            edition.terms.iter().map(|term| sample.layout.slots[term.slot].column).collect();
        let line = |term: &Term| {
            let zero = term.scored(0.0);
            (zero, term.scored(1.0) - zero)
        };
        let lines: Vec<(f64, f64)> = edition.terms.iter().map(line).collect();
        let mut moments = of.moments.select(&columns).rescored(&lines);
        moments.items = edition.terms.iter().map(|term| sample.item_id(term)).collect();
        let parts = of.study.parts(*scale, Some(of.form));
        let config = ScaleConfig { groups: group_factors.or(parts), ..config.clone() };
        let mut found = reliability_of_moments(&moments, &score_of(edition), &config);
        if !of.has_means {
            found.score = ScoreSummary { mean: None, ..found.score };
            found.items.iter_mut().for_each(|item| item.mean = None);
        }
        if !of.has_spread {
            found.score = ScoreSummary { sd: None, ..found.score };
            for error in [Coefficient::StandardErrorOfMeasurement, Coefficient::MinimalDetectableChange] {
                let none = Estimate::none(Reason::NotApplicable);
                found.coefficients.entry(error).and_modify(|found| found.estimate = none);
            }
            found.items.iter_mut().for_each(|item| item.sd = None);
        }
        let line = ScaleLine {
            scale: sample.plan.scales[*scale].id.clone(),
            form: of.study.form_name(Some(of.form)),
            role: None,
            by: Vec::new(),
            rows: of.n,
        };
        Some(ReliabilityLine { of: line, found, influential: Vec::new() })
    };
    wanted.iter().filter_map(one).collect()
}

/// Builds the report.
pub fn reliability_of_matrix(
    of: &MatrixStudy,
    lines: &[ReliabilityLine],
    shown: &Shown,
    settings: Json,
) -> Report {
    let text = format!(
        "from the published {} of {} persons: what needs the answers of each person (floor and ceiling, the distribution-free \
         interval, ordinal alpha, a bootstrap) is not there",
        of.kind.words(),
        of.n
    );
    let mut notes = vec![Note::new("published_matrix", text)];
    if !of.moments.is_positive_definite() {
        let text = "the matrix is not positive definite: rounded too far, or from pairs of persons; coefficients from it may mean nothing";
        notes.push(Note::new("not_positive_definite", text));
    }
    notes.extend(line_notes(lines, shown, Unit::Persons));
    let mut settings = settings;
    settings["matrix"] = json!({ "holds": of.kind, "n": of.n });
    let title = format!("Reliability of {}", of.study.instrument().unwrap_or("scores"));
    let mut results = results(lines);
    if let Some(Json::Array(scales)) = results.get_mut("scales") {
        // What became of gaps, whoever published the matrix knows.
        scales.iter_mut().for_each(|scale| scale["missing"] = Json::Null);
    }
    of.study.report("reliability", title, settings, results, sections(lines, shown), notes)
}
