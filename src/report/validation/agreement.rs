//! Agreement between informants.

use super::evidence::Evidence;
use super::{BlockOf, Found, Piece};
use crate::dyad::Varies;
use crate::error::Error;
use crate::report::dyads::{DyadsAsked, dyads};
use crate::report::sessions::Detail;
use crate::sample::Occasion;

pub(super) const BLOCK: BlockOf = BlockOf { id: "agreement", title: "Agreement between informants", build };

/// Bootstrap draws of dyads.
const DRAWS: usize = 2000;

fn build(evidence: &Evidence<'_>) -> Result<Found, Error> {
    let (study, wanted) = (&evidence.scales().study, evidence.wanted);
    let occasion = match &wanted.occasion {
        // Sessions of one dyad are no dyads.
        Occasion::All => Occasion::First,
        occasion => occasion.clone(),
    };
    let asked = DyadsAsked {
        scales: (0..study.sample.plan.scales.len()).collect(),
        large: evidence.part.follow.clone(),
        pair: None,
        occasion,
        outcome: None,
        center: None,
        varies: Varies::Bias,
        force: false,
        level: wanted.level,
        draws: DRAWS,
        seed: wanted.seed,
        detail: Detail::Data,
    };
    match dyads(study, &asked) {
        Ok(report) => Ok(Found::Here(Piece::of(report, "dyads"))),
        Err(Error::Usage { message, .. }) => Ok(Found::Absent(message)),
        Err(error) => Err(error),
    }
}
