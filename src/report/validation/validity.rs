//! How scores go with other columns that the study names.

use super::evidence::Evidence;
use super::{BlockOf, Found, Piece};
use crate::error::Error;

pub(super) const BLOCK: BlockOf = BlockOf { id: "validity", title: "Validity", build };

fn build(evidence: &Evidence<'_>) -> Result<Found, Error> {
    match evidence.validity() {
        Ok(None) => {
            let why = "the study names no other column, under [validity] or with --with and --groups";
            Ok(Found::Absent(why.to_owned()))
        }
        Ok(Some(report)) => Ok(Found::Here(Piece::of(report.clone(), "validity"))),
        Err(Error::Usage { message, .. }) => Ok(Found::Absent(message)),
        Err(error) => Err(error),
    }
}
