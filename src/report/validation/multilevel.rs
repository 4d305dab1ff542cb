//! Within and between persons.

use super::evidence::Evidence;
use super::{BlockOf, Found, Piece};
use crate::error::Error;
use crate::nested::{Estimator, LEAST_PERSONS, Negative};
use crate::report::model::Note;
use crate::report::nested::{NestedAsked, nested};
use crate::report::repeated::{OverTime, over_time};
use crate::report::sessions::Detail;
use crate::report::study::Study;

pub(super) const BLOCK: BlockOf = BlockOf { id: "multilevel", title: "Within and between persons", build };

/// Samples of persons behind the limits.
const REPLICATES: u64 = 200;
/// Unequal schedules have no closed form. With more work than this, limits would hold a report up for minutes.
const MOST_WORK_FOR_LIMITS: f64 = 8e5;
/// And with more work than this, the components themselves would.
const MOST_WORK: f64 = 1e9;

fn build(evidence: &Evidence<'_>) -> Result<Found, Error> {
    if !evidence.is_repeated() {
        return Ok(Found::Absent("nobody has more than one occasion".to_owned()));
    }
    let study = &evidence.scales().study;
    let work = work(study, &evidence.part.follow);
    if work > MOST_WORK {
        return Ok(Found::Absent(
            "sessions or answers differ from person to person, and with so many sessions, items and persons that takes minutes; `alliance nested` computes it apart (--bootstrap 0 --scale total is the quickest)".to_owned(),
        ));
    }
    let limits = work <= MOST_WORK_FOR_LIMITS;
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

/// About how many products one step of the search for components takes, over all scales on whose forms persons differ in
/// their sessions or left answers out: each occasion of a person is eliminated from what all persons share, items on
/// occasions. So few persons that none is drawn again cost nothing.
fn work(study: &Study, scales: &[usize]) -> f64 {
    let of_line = |line: &OverTime| {
        if line.person.len() < LEAST_PERSONS {
            return 0.0;
        }
        let given = line.items(study).iter().flat_map(|item| &item.values).filter(|x| x.is_finite()).count();
        let mut sessions = line.session.clone();
        sessions.sort_by(f64::total_cmp);
        sessions.dedup();
        let items = study.sample.edition(line.scale, line.form).map_or(0, |edition| edition.terms.len());
        if given == line.person.len() * sessions.len() * items {
            return 0.0;
        }
        let [sessions, items, rows, persons] =
            [sessions.len(), items, line.rows.len(), line.person.len()].map(|count| count as f64);
        rows * (items * sessions + items + sessions).powi(2)
            + persons * items * (2.0 * sessions + 3.0).powi(2)
    };
    over_time(study, scales).iter().map(of_line).sum()
}
