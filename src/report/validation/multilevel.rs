//! Within and between persons.

use super::evidence::Evidence;
use super::{BlockOf, Found, Piece};
use crate::error::Error;
use crate::nested::{Estimator, Negative};
use crate::report::nested::{NestedAsked, nested};
use crate::report::sessions::Detail;

pub(super) const BLOCK: BlockOf = BlockOf { id: "multilevel", title: "Within and between persons", build };

/// Samples of persons behind the limits.
const REPLICATES: u64 = 200;

fn build(evidence: &Evidence<'_>) -> Result<Found, Error> {
    if !evidence.is_repeated() {
        return Ok(Found::Absent("nobody has more than one occasion".to_owned()));
    }
    let asked = NestedAsked {
        scales: evidence.part.follow.clone(),
        estimator: Estimator::AnovaIfComplete,
        negative: Negative::Zero,
        replicates: REPLICATES,
        seed: evidence.wanted.seed,
        level: evidence.wanted.level,
        detail: Detail::Page,
    };
    match nested(&evidence.scales().study, &asked) {
        Ok(report) => Ok(Found::Here(Piece::of(report, "nested"))),
        Err(Error::Usage { message, .. }) => Ok(Found::Absent(message)),
        Err(error) => Err(error),
    }
}
