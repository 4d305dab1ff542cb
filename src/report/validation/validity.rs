//! How scores go with other columns that the study names.

use super::evidence::Evidence;
use super::{BlockOf, Found, Piece};
use crate::error::Error;
use crate::report::validity::validity;

pub(super) const BLOCK: BlockOf = BlockOf { id: "validity", title: "Validity", build };

fn build(evidence: &Evidence<'_>) -> Result<Found, Error> {
    let Some(asked) = &evidence.wanted.validity else {
        let why = "the study names no other column, under [validity] or with --with and --groups";
        return Ok(Found::Absent(why.to_owned()));
    };
    match validity(evidence.scales(), asked) {
        Ok(report) => Ok(Found::Here(Piece::of(report, "validity"))),
        Err(Error::Usage { message, .. }) => Ok(Found::Absent(message)),
        Err(error) => Err(error),
    }
}
