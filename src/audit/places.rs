//! Where a row stands: in which file, and on which line of it.

use super::firsts::Spot;
use super::words;
use crate::finding::Place;
use crate::responses::Layout;

/// What comes before a block.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub struct Start {
    /// Which of the files it is of.
    pub file: usize,
    /// Rows of this file before it.
    pub records: u64,
    /// Lines of this file before it, the header's included.
    pub lines: u64,
}

/// The places of rows, by the blocks they were read in.
#[derive(Clone, Copy)]
pub(super) struct Places<'a> {
    pub layouts: &'a [Layout],
    /// For each block of all files, one after the other.
    pub starts: &'a [Start],
}

impl Places<'_> {
    /// Whether there are several files, so that a line alone says nothing.
    pub fn several(&self) -> bool {
        self.layouts.len() > 1
    }

    /// The file as a whole, or all of them.
    pub fn whole(&self) -> Place {
        let names: Vec<&str> = self.layouts.iter().map(|layout| layout.file.as_str()).collect();
        Place::file(names.join(", "))
    }

    /// The place of a row.
    pub fn of(&self, spot: Spot) -> Place {
        let start = self.starts.get(spot.block()).copied().unwrap_or_default();
        Place { line: Some(start.lines + spot.line()), ..Place::file(&self.layouts[start.file].file) }
    }

    /// `line 4`, or `line 4 of b.csv`.
    pub fn line(&self, spot: Spot) -> String {
        format!("line {}", self.number(spot))
    }

    /// `lines 4 and 9`.
    pub fn both(&self, spots: [Spot; 2]) -> String {
        format!("lines {}", words::all(spots.map(|spot| self.number(spot))))
    }

    /// `lines 4, 9, and 12 more`: the first of `n` rows.
    pub fn lines(&self, spots: impl Iterator<Item = Spot>, n: u64) -> String {
        words::lines(spots.map(|spot| self.number(spot)), n)
    }

    fn number(&self, spot: Spot) -> String {
        let place = self.of(spot);
        let line = place.line.unwrap_or_default();
        if self.several() { format!("{line} of {}", place.file) } else { line.to_string() }
    }
}
