//! Within and between persons.

use super::evidence::Evidence;
use super::{BlockOf, Found, Piece};
use crate::error::Error;
use crate::nested::{Estimator, LEAST_PERSONS, Negative};
use crate::report::format::count;
use crate::report::model::Note;
use crate::report::nested::{NestedAsked, nested};
use crate::report::repeated::{OverTime, over_time};
use crate::report::sessions::Detail;
use crate::report::study::Study;

pub(super) const BLOCK: BlockOf = BlockOf { id: "multilevel", title: "Within and between persons", build };

/// Samples of persons behind the limits.
const REPLICATES: u64 = 200;
/// Unequal schedules have no closed form: with more answers than this, limits would hold a report up for minutes.
const MOST_FOR_LIMITS: usize = 1_000;
/// And with more answers than this, the components themselves would.
const MOST_ANSWERS: usize = 40_000;

fn build(evidence: &Evidence<'_>) -> Result<Found, Error> {
    if !evidence.is_repeated() {
        return Ok(Found::Absent("nobody has more than one occasion".to_owned()));
    }
    let study = &evidence.scales().study;
    let unequal = unequal_answers(study, &evidence.part.follow);
    if unequal > MOST_ANSWERS {
        return Ok(Found::Absent(format!(
            "sessions or answers differ from person to person, and with {} answers that takes minutes; `alliance nested` computes it apart (--bootstrap 0 --scale total is the quickest)",
            count(unequal as u64)
        )));
    }
    let limits = unequal <= MOST_FOR_LIMITS;
    let asked = NestedAsked {
        scales: evidence.part.follow.clone(),
        estimator: Estimator::AnovaIfComplete,
        negative: Negative::Zero,
        replicates: if limits { REPLICATES } else { 0 },
        seed: evidence.wanted.seed,
        threads: evidence.wanted.threads.into(),
        level: evidence.wanted.level,
        detail: Detail::Page,
    };
    match nested(study, &asked) {
        Ok(mut report) => {
            if !limits {
                let text = "within and between persons: sessions or answers differ from person to person, and limits would take minutes; `alliance nested` computes them";
                report.notes.push(Note::new("no_limits", text));
            }
            Ok(Found::Here(Piece::of(report, "nested")))
        }
        Err(Error::Usage { message, .. }) => Ok(Found::Absent(message)),
        Err(error) => Err(error),
    }
}

/// Answers to the scales on whose forms persons differ in their sessions or left answers out; so few persons that none is
/// drawn again cost nothing.
fn unequal_answers(study: &Study, scales: &[usize]) -> usize {
    let answers = |line: &OverTime| {
        if line.person.len() < LEAST_PERSONS {
            return 0;
        }
        let given = line.items(study).iter().flat_map(|item| &item.values).filter(|x| x.is_finite()).count();
        let mut sessions = line.session.clone();
        sessions.sort_by(f64::total_cmp);
        sessions.dedup();
        let items = study.sample.edition(line.scale, line.form).map_or(0, |edition| edition.terms.len());
        if given == line.person.len() * sessions.len() * items { 0 } else { given }
    };
    over_time(study, scales).iter().map(answers).sum()
}
