//! What the sample gives the rules: spreads within and between persons.

use super::super::study::Study;
use crate::moments::Moments;
use crate::nested::{
    Column, Components, Estimator, GeneralizabilityConfig, Groups, Repeated, WithinPerson, generalizability,
    occasions_in_persons,
};
use crate::reliability::{AlphaConfig, alpha};
use crate::sample::{Course, Occasion};
use crate::scoring::{As, Edition};
use crate::session::{
    Composite, Rule, Sample, Series, ThresholdScale, WithinAnova, rci_scale, within_person_anova,
    within_person_scores,
};
use crate::statistic::Reason;

/// The spread between persons that people take for a threshold.
#[derive(Debug, Clone, Copy, PartialEq, serde::Serialize)]
pub(in crate::report) struct Between {
    /// Persons with a complete first session.
    pub n: usize,
    /// Standard deviation of their scores.
    pub sd: Option<f64>,
    /// Alpha of their answers.
    pub alpha: Option<f64>,
    /// SD √(2 (1 − alpha)).
    pub difference: Option<f64>,
    /// Why there is none.
    pub reason: Option<Reason>,
}

/// More answers than this are not searched by restricted likelihood.
const MOST_FOR_LIKELIHOOD: usize = 20_000;

/// Whether a rule is counted in a spread of the crossed decomposition, which takes its time and is made for it alone.
pub(super) fn needs_crossed(rule: &Rule) -> bool {
    rule.threshold().is_some_and(|threshold| {
        let crossed = [ThresholdScale::ErrorWithinCrossed, ThresholdScale::FluctuationWithinCrossed];
        crossed.contains(&threshold.scale)
            || threshold.pair.is_some_and(|[_, sample]| crossed.contains(&sample))
    })
}

/// One edition of a scale on one form, over all its courses.
pub(super) struct Spreads<'a> {
    pub study: &'a Study,
    pub courses: &'a [Course],
    pub edition: &'a Edition,
    pub form: Option<usize>,
}

impl Spreads<'_> {
    /// Mean squares within persons, from items where there are several.
    pub fn within(&self, series: &[&Series]) -> WithinAnova {
        let from_scores = || within_person_scores(series.iter().map(|series| series.scores()));
        if self.edition.terms.len() < 2 {
            return from_scores();
        }
        let (rows, persons) = self.rows();
        let items = self.study.sample.items(self.edition, &rows);
        within_person_anova(&items, &persons, composite(self.edition)).unwrap_or_else(|_| from_scores())
    }

    /// The rows of all courses on the form, and the place of each one's course.
    fn rows(&self) -> (Vec<usize>, Vec<usize>) {
        let (mut rows, mut persons) = (Vec::new(), Vec::new());
        for (at, course) in self.courses.iter().enumerate().filter(|(_, course)| course.form == self.form) {
            rows.extend(course.visits.iter().map(|visit| visit.row));
            persons.resize(rows.len(), at);
        }
        (rows, persons)
    }

    /// Gives a sample the spreads of the crossed decomposition.
    pub fn crossed(&self, sample: &mut Sample) {
        let (error, swing) = match self.components() {
            Ok(within) => {
                let factor = composite(self.edition).factor(self.edition.terms.len()) / 1.96;
                (Ok(factor * within.error_within_crossed), Ok(factor * within.fluctuation_within_crossed))
            }
            Err(reason) => (Err(reason), Err(reason)),
        };
        sample.set(ThresholdScale::ErrorWithinCrossed, error);
        sample.set(ThresholdScale::FluctuationWithinCrossed, swing);
    }

    fn components(&self) -> Result<WithinPerson, Reason> {
        let data = self.answers()?;
        // Restricted likelihood over crossed factors takes its time; a large sample must be complete.
        let many = data.items.len() * data.person.of_row.len() > MOST_FOR_LIKELIHOOD;
        let estimator = if many { Estimator::Anova } else { Estimator::default() };
        let config =
            GeneralizabilityConfig { estimator, bootstrap: None, ..GeneralizabilityConfig::default() };
        Ok(generalizability(&data, &config).map_err(|error| error.reason)?.within)
    }

    /// Sessions nested in persons, items as replicates.
    pub fn nested(&self) -> Result<Components, Reason> {
        occasions_in_persons(&self.answers()?, &GeneralizabilityConfig::default())
            .map_err(|error| error.reason)
    }

    /// The answers of all courses, session after session.
    fn answers(&self) -> Result<Repeated, Reason> {
        if self.edition.terms.len() < 2 {
            return Err(Reason::NotApplicable);
        }
        let (rows, persons) = self.rows();
        let of_form = self.courses.iter().filter(|course| course.form == self.form);
        let sessions = of_form.flat_map(|course| &course.visits).map(|visit| visit.session);
        let items = self.study.sample.items(self.edition, &rows);
        let column = |j: usize| {
            Column::new(format!("item {}", j + 1), items.values().column(j).iter().copied().collect())
        };
        Ok(Repeated {
            person: Groups::new("person", persons),
            occasion: Groups::new("session", sessions),
            items: (0..items.k()).map(column).collect(),
        })
    }

    /// What the first sessions say about differences between persons.
    pub fn between(&self) -> Between {
        let (sample, edition, form) = (&self.study.sample, self.edition, self.form);
        let none = |n, reason| Between { n, sd: None, alpha: None, difference: None, reason: Some(reason) };
        let Ok(selection) = sample.select(&Occasion::First) else { return none(0, Reason::NotApplicable) };
        let rows: Vec<usize> = selection.rows.into_iter().filter(|row| sample.form(*row) == form).collect();
        if edition.terms.len() < 2 {
            return none(rows.len(), Reason::NotApplicable);
        }
        let moments = match Moments::listwise(&sample.items(edition, &rows)) {
            Ok(moments) => moments,
            Err(error) => return none(rows.len(), error.reason),
        };
        let k = edition.terms.len() as f64;
        let sd =
            composite(edition).factor(edition.terms.len()) * moments.covariance.sum().max(0.0).sqrt() / k;
        let alpha = match alpha(&moments, &AlphaConfig::default()) {
            Ok(alpha) => alpha.estimate.estimate,
            Err(error) => return Between { sd: Some(sd), ..none(moments.n, error.reason) },
        };
        let difference = alpha.ok_or(Reason::NotApplicable).and_then(|alpha| rci_scale(sd, alpha));
        Between { n: moments.n, sd: Some(sd), alpha, difference: difference.ok(), reason: difference.err() }
    }
}

/// How the items of an edition make its score.
fn composite(edition: &Edition) -> Composite {
    match (edition.kind, edition.range_as(As::Mean)) {
        (As::Sum, _) => Composite::Sum,
        (As::Pomp, Some([low, high])) => Composite::Percent { width: high - low },
        _ => Composite::Mean,
    }
}

/// The distance between neighbouring scores, where all items have one and the same step.
pub(super) fn step(edition: &Edition) -> Option<f64> {
    let steps = || edition.terms.iter().map(|term| term.spec.set.step);
    let first = steps().next().filter(|step| *step > 0.0)?;
    let k = edition.terms.len();
    steps().all(|step| step == first).then(|| composite(edition).factor(k) * first / k as f64)
}
