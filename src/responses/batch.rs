//! A batch of rows: item answers in columns, keys and other cells as spans of the bytes they were read from.

use super::cell::Cell;
use super::layout::Layout;
use super::missing::Missing;
use super::record::lines;

/// The code that means "no answer" in a column of points.
pub const MISSING: u8 = u8::MAX;
/// The form index that means "no form of this instrument".
pub(super) const NO_FORM: u8 = u8::MAX;

/// Rows of answers, persons in rows and items in columns.
///
/// Every answer lies in its item's response set or is missing with a reason. Items with points are columns of `u8`
/// codes (index of the point, [`MISSING`] for a gap); lines and counts are columns of numbers.
#[derive(Debug, Clone, Default)]
pub struct Responses {
    pub(super) rows: usize,
    /// Room for rows in each column.
    pub(super) stride: usize,
    pub(super) codes: Vec<u8>,
    pub(super) numbers: Vec<Option<f64>>,
    /// For each slot: its column among the codes or among the numbers.
    columns: Vec<Column>,
    /// Gaps that are not just blank: row, slot, reason.
    pub(super) gaps: Vec<(u32, u16, Missing)>,
    /// Row by row, a form index for each instrument of the pass.
    pub(super) forms: Vec<u8>,
    passes: usize,
    /// Row by row, one span for each text column.
    pub(super) spans: Vec<Span>,
    texts: usize,
    /// Where each row starts in `bytes`, and its number among the rows of the block.
    pub(super) starts: Vec<(u32, u32)>,
    /// How many rows and lines the block has, those left out included.
    pub(super) totals: (u64, u64),
    /// The block the rows were read from.
    pub(super) bytes: Vec<u8>,
    /// Text of quoted fields, unquoted.
    pub(super) arena: Vec<u8>,
}

#[derive(Debug, Clone, Copy)]
enum Column {
    Codes(usize),
    Numbers(usize),
}

/// A cell: bytes of the block, or of the arena if it was quoted.
#[derive(Debug, Clone, Copy, Default)]
pub(super) struct Span {
    pub start: u32,
    pub end: u32,
    pub in_arena: bool,
}

impl Responses {
    /// Makes room for the rows of a block of `bytes` that is now in `self.bytes`.
    pub(super) fn reset(&mut self, layout: &Layout) {
        if self.columns.len() != layout.slots.len() {
            let (mut codes, mut numbers) = (0, 0);
            let mut next = |slot: &super::layout::Slot| {
                let of = if slot.is_points() { &mut codes } else { &mut numbers };
                *of += 1;
                if slot.is_points() { Column::Codes(*of - 1) } else { Column::Numbers(*of - 1) }
            };
            self.columns = layout.slots.iter().map(&mut next).collect();
        }
        self.passes = layout.passes.len();
        self.texts = layout.texts.len();
        self.rows = 0;
        // A row has at least as many bytes as the file has columns; the last may lack its line end.
        self.stride = self.bytes.len() / layout.width.max(1) + 1;
        let points = self.columns.iter().filter(|column| matches!(column, Column::Codes(_))).count();
        self.codes.resize(points * self.stride, MISSING);
        self.numbers.resize((self.columns.len() - points) * self.stride, None);
        self.gaps.clear();
        self.forms.clear();
        self.spans.clear();
        self.starts.clear();
        self.arena.clear();
    }

    /// Where the codes of a slot begin.
    pub(super) fn code_offset(&self, slot: usize) -> usize {
        match self.columns[slot] {
            Column::Codes(at) => at * self.stride,
            Column::Numbers(_) => usize::MAX,
        }
    }

    /// Puts a cell into the row that is being read.
    pub(super) fn put(&mut self, slot: usize, cell: Cell) {
        let at = self.rows;
        match (self.columns[slot], cell) {
            (Column::Codes(column), Cell::Point(code)) => self.codes[column * self.stride + at] = code,
            (Column::Codes(column), _) => self.codes[column * self.stride + at] = MISSING,
            (Column::Numbers(column), Cell::Number(value)) => self.numbers[column * self.stride + at] = Some(value),
            (Column::Numbers(column), _) => self.numbers[column * self.stride + at] = None,
        }
        if let Cell::Gap(reason) = cell
            && reason != Missing::Blank
        {
            self.gaps.push((at as u32, slot as u16, reason));
        }
    }

    /// How many rows there are.
    pub fn rows(&self) -> usize {
        self.rows
    }

    /// The codes of an item with points, one for each row; none for lines and counts.
    pub fn codes(&self, slot: usize) -> Option<&[u8]> {
        match self.columns[slot] {
            Column::Codes(column) => Some(&self.codes[column * self.stride..][..self.rows]),
            Column::Numbers(_) => None,
        }
    }

    /// The numbers of a line or count, one for each row; none for items with points.
    pub fn numbers(&self, slot: usize) -> Option<&[Option<f64>]> {
        match self.columns[slot] {
            Column::Codes(_) => None,
            Column::Numbers(column) => Some(&self.numbers[column * self.stride..][..self.rows]),
        }
    }

    /// What a cell holds, with the reason if it is a gap.
    pub fn cell(&self, slot: usize, row: usize) -> Cell {
        let answer = match self.columns[slot] {
            Column::Codes(column) => match self.codes[column * self.stride + row] {
                MISSING => None,
                code => Some(Cell::Point(code)),
            },
            Column::Numbers(column) => self.numbers[column * self.stride + row].map(Cell::Number),
        };
        answer.unwrap_or_else(|| {
            let at = (row as u32, slot as u16);
            let reason = self.gaps.iter().find(|(row, slot, _)| (*row, *slot) == at).map(|(_, _, reason)| *reason);
            Cell::Gap(reason.unwrap_or(Missing::Blank))
        })
    }

    /// The form of a row for an instrument of the pass; none if its role has no form there.
    pub fn form(&self, pass: usize, row: usize) -> Option<usize> {
        match self.forms[row * self.passes + pass] {
            NO_FORM => None,
            form => Some(usize::from(form)),
        }
    }

    /// The trimmed text of a key, kept or filter column.
    pub fn text(&self, text: usize, row: usize) -> &[u8] {
        self.slice(self.spans[row * self.texts + text])
    }

    /// Whether the text was taken from the file as it stands, so that it needs no quotes where it needed none.
    pub(crate) fn is_plain(&self, text: usize, row: usize) -> bool {
        !self.spans[row * self.texts + text].in_arena
    }

    pub(super) fn slice(&self, span: Span) -> &[u8] {
        let from = if span.in_arena { &self.arena } else { &self.bytes };
        &from[span.start as usize..span.end as usize]
    }

    /// The bytes from the start of the record that a row was read from.
    pub fn record(&self, row: usize) -> &[u8] {
        &self.bytes[self.starts[row].0 as usize..]
    }

    /// The number of a row among the rows of its block and its line among the block's lines, both from 1.
    pub fn position(&self, row: usize) -> (u64, u64) {
        let (start, record) = self.starts[row];
        (u64::from(record), 1 + lines(&self.bytes[..start as usize]))
    }

    /// How many rows and lines the block has, those left out included.
    pub fn totals(&self) -> (u64, u64) {
        self.totals
    }
}
