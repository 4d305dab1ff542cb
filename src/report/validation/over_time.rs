//! Over time: two occasions of one person, what a fall means, ruptures and repairs, codes beside scores.

use super::evidence::Evidence;
use super::{BlockOf, Found, Piece};
use crate::error::Error;
use crate::report::sessions::{Asked, Detail, sessions_of};

pub(super) const BLOCK: BlockOf = BlockOf { id: "over_time", title: "Over time", build };

fn build(evidence: &Evidence<'_>) -> Result<Found, Error> {
    if !evidence.is_repeated() {
        return Ok(Found::Absent("nobody has more than one occasion".to_owned()));
    }
    let mut piece = Piece::default();
    if let Some(retest) = evidence.retest()? {
        piece.heading("Test and retest: first two sessions");
        piece.add(retest.clone(), "retest");
    }
    let followed = evidence.followed()?;
    let asked = Asked {
        following: followed.following,
        coded: evidence.part.coded.as_ref(),
        primary: evidence.wanted.primary.as_ref(),
        show: &[],
        detail: Detail::Study,
    };
    piece.add(sessions_of(followed, &asked)?, "sessions");
    Ok(Found::Here(piece))
}
