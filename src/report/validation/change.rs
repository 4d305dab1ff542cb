//! Change from the first session to the last.

use super::evidence::Evidence;
use super::{BlockOf, Found, Piece};
use crate::error::Error;
use crate::report::change::{ChangeAsked, change_of};

pub(super) const BLOCK: BlockOf = BlockOf { id: "change", title: "Change", build };

fn build(evidence: &Evidence<'_>) -> Result<Found, Error> {
    if !evidence.is_repeated() {
        return Ok(Found::Absent("nobody has more than one occasion".to_owned()));
    }
    let report = change_of(evidence.followed()?, &ChangeAsked::default())?;
    Ok(Found::Here(Piece::of(report, "change")))
}
