//! A batch of rows: item answers in columns, keys and other cells as spans of the bytes they were read from.

use super::buffer::Buffer;
use super::cell::Cell;
use super::layout::Layout;
use super::missing::Missing;
use super::record::lines;

/// The code that means "no answer" in a column of points.
pub const MISSING: u8 = u8::MAX;
/// The form index that means "no form of this instrument".
pub(crate) const NO_FORM: u8 = u8::MAX;

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
    /// For each instrument of the pass a column of form indices; room for all rows.
    forms: Vec<u8>,
    passes: usize,
    any_without_form: bool,
    /// Row by row, one span for each text column; room for all rows.
    spans: Vec<Span>,
    texts: usize,
    /// Where each row starts in `bytes`, and its number among the rows of the block; room for all rows.
    starts: Vec<(u32, u32)>,
    /// How many rows and lines the block has, those left out included.
    pub(super) totals: (u64, u64),
    /// The block the rows were read from.
    pub(super) bytes: Buffer,
    /// Text of quoted fields, unquoted; before it the words of the folds.
    arena: Vec<u8>,
    /// Where the words of each fold lie.
    word_spans: Vec<Span>,
    /// Which of several files it is from, and what stands between its fields.
    source: usize,
    delimiter: u8,
    /// In a wide file, which fold each row is; room for all rows.
    fold_of: Vec<u16>,
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
    /// In the highest bit: whether it lies in the arena.
    end: u32,
}

const IN_ARENA: u32 = 1 << 31;

impl Span {
    /// Bytes of the block.
    pub fn plain(start: usize, end: usize) -> Span {
        Span { start: start as u32, end: end as u32 }
    }

    /// Bytes of the arena.
    fn in_arena(start: usize, end: usize) -> Span {
        Span { start: start as u32, end: end as u32 | IN_ARENA }
    }

    fn is_plain(self) -> bool {
        self.end & IN_ARENA == 0
    }

    /// Its bytes, of the block or of the arena.
    pub fn range(self) -> std::ops::Range<usize> {
        self.start as usize..(self.end & !IN_ARENA) as usize
    }
}

impl Responses {
    /// Makes room for the rows of a block of `bytes` that is now in `self.bytes`.
    pub(super) fn reset(&mut self, layout: &Layout) {
        if self.columns.len() != layout.slots.len() {
            let (mut codes, mut numbers) = (0, 0);
            let mut next = |slot: &super::pass::Slot| {
                let of = if slot.is_points() { &mut codes } else { &mut numbers };
                *of += 1;
                if slot.is_points() { Column::Codes(*of - 1) } else { Column::Numbers(*of - 1) }
            };
            self.columns = layout.slots.iter().map(&mut next).collect();
        }
        (self.source, self.delimiter) = (layout.source, layout.dialect.delimiter);
        self.passes = layout.passes.len();
        self.texts = layout.texts.len();
        self.rows = 0;
        // A record has at least as many bytes as the file has columns; the last may lack its line end.
        self.stride = (self.bytes.bytes().len() / layout.width.max(1) + 1) * layout.folds.len();
        let points = self.columns.iter().filter(|column| matches!(column, Column::Codes(_))).count();
        self.codes.resize(points * self.stride, MISSING);
        self.numbers.resize((self.columns.len() - points) * self.stride, None);
        self.gaps.clear();
        self.forms.resize(self.passes * self.stride, NO_FORM);
        self.any_without_form = false;
        self.spans.resize(self.texts * self.stride, Span::default());
        self.starts.resize(self.stride, (0, 0));
        self.arena.clear();
        self.word_spans.clear();
        for word in layout.folds.iter().flat_map(|fold| &fold.words) {
            let start = self.arena.len();
            self.arena.extend_from_slice(word.as_bytes());
            self.word_spans.push(Span::in_arena(start, self.arena.len()));
        }
        let wide = layout.folds.len() > 1;
        self.fold_of.resize(if wide { self.stride } else { 0 }, 0);
    }

    /// The span of a word of a fold.
    pub(super) fn word_span(&self, at: usize) -> Span {
        self.word_spans[at]
    }

    /// Gives every row the words of the only fold.
    pub(super) fn put_words(&mut self, texts: &[usize]) {
        for (at, text) in texts.iter().enumerate() {
            for row in 0..self.rows {
                self.spans[row * self.texts + text] = self.word_spans[at];
            }
        }
    }

    /// Notes which fold the row is that is being read.
    pub(super) fn note_fold(&mut self, fold: usize) {
        if let Some(of) = self.fold_of.get_mut(self.rows) {
            *of = fold as u16;
        }
    }

    /// Which of the rows that a record unfolds into a row is: an index into [`Layout::folds`].
    pub fn fold(&self, row: usize) -> usize {
        self.fold_of.get(row).map_or(0, |fold| usize::from(*fold))
    }

    /// Copies the answers of one row into another; tells how many of them are missing.
    pub(super) fn copy_row(&mut self, from: usize, to: usize) -> usize {
        let mut missing = 0;
        for at in (0..self.codes.len()).step_by(self.stride.max(1)) {
            let code = self.codes[at + from];
            missing += usize::from(code == MISSING);
            self.codes[at + to] = code;
        }
        for at in (0..self.numbers.len()).step_by(self.stride.max(1)) {
            let number = self.numbers[at + from];
            missing += usize::from(number.is_none());
            self.numbers[at + to] = number;
        }
        missing
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
        self.put_ahead(0, slot, cell);
    }

    /// Puts a cell into a row behind the one that is being read.
    pub(super) fn put_ahead(&mut self, ahead: usize, slot: usize, cell: Cell) {
        let at = self.rows + ahead;
        match (self.columns[slot], cell) {
            (Column::Codes(column), Cell::Point(code)) => self.codes[column * self.stride + at] = code,
            (Column::Codes(column), _) => self.codes[column * self.stride + at] = MISSING,
            (Column::Numbers(column), Cell::Number(value)) => {
                self.numbers[column * self.stride + at] = Some(value)
            }
            (Column::Numbers(column), _) => self.numbers[column * self.stride + at] = None,
        }
        if let Cell::Gap(reason) = cell
            && reason != Missing::Blank
        {
            self.gaps.push((at as u32, slot as u16, reason));
        }
    }

    /// Puts a text into the row that is being read.
    pub(super) fn put_text(&mut self, text: usize, span: Span) {
        self.spans[self.rows * self.texts + text] = span;
    }

    /// Puts a text that had to be unquoted into the row that is being read.
    pub(super) fn put_unquoted(&mut self, text: usize, bytes: &[u8]) {
        let start = self.arena.len();
        self.arena.extend_from_slice(bytes);
        self.put_text(text, Span::in_arena(start, self.arena.len()));
    }

    /// The texts of the row that is being read, as spans.
    pub(super) fn open_texts(&self) -> &[Span] {
        &self.spans[self.rows * self.texts..][..self.texts]
    }

    /// Ends the row that is being read.
    pub(super) fn end_row(&mut self, start: usize, record: u64, forms: &[u8]) {
        for (pass, form) in forms.iter().enumerate() {
            self.forms[pass * self.stride + self.rows] = *form;
        }
        self.starts[self.rows] = (start as u32, record as u32);
        self.rows += 1;
    }

    /// Says that a row's role has no form in some instrument.
    pub(super) fn without_form(&mut self) {
        self.any_without_form = true;
    }

    /// Which of several files the rows are from: [`Layout::source`].
    pub fn source(&self) -> usize {
        self.source
    }

    /// What stands between the fields of the file.
    pub(crate) fn delimiter(&self) -> u8 {
        self.delimiter
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
            let reason =
                self.gaps.iter().find(|(row, slot, _)| (*row, *slot) == at).map(|(_, _, reason)| *reason);
            Cell::Gap(reason.unwrap_or(Missing::Blank))
        })
    }

    /// The form of a row for an instrument of the pass; none if its role has no form there.
    pub fn form(&self, pass: usize, row: usize) -> Option<usize> {
        match self.forms[pass * self.stride + row] {
            NO_FORM => None,
            form => Some(usize::from(form)),
        }
    }

    /// The trimmed text of a key, kept or filter column.
    pub fn text(&self, text: usize, row: usize) -> &[u8] {
        self.slice(self.spans[row * self.texts + text])
    }

    /// The bytes of the first `n` text columns at once, delimiters between them included, where they stand in the file
    /// side by side, in this order and without quotes or space around them; with those that follow, for a wide copy.
    pub(crate) fn side_by_side(&self, n: usize, row: usize) -> Option<(&[u8], usize)> {
        let spans = &self.spans[row * self.texts..][..n];
        let (first, rest) = spans.split_first()?;
        let mut end = first.end;
        for span in rest {
            if span.start != end + 1 {
                return None;
            }
            end = span.end;
        }
        // The mark of the arena makes an end that no start follows, so only the last needs a look.
        (end & IN_ARENA == 0)
            .then(|| (&self.bytes.bytes()[first.start as usize..], (end - first.start) as usize))
    }

    /// The forms of the rows for an instrument of the pass, [`NO_FORM`] where the role has none.
    pub(crate) fn form_codes(&self, pass: usize) -> impl Iterator<Item = u8> {
        self.forms[pass * self.stride..][..self.rows].iter().copied()
    }

    /// Whether the role of any row has no form in any instrument of the pass.
    pub(crate) fn any_without_form(&self) -> bool {
        self.any_without_form
    }

    fn slice(&self, span: Span) -> &[u8] {
        let from = if span.is_plain() { self.bytes.bytes() } else { &self.arena };
        &from[span.range()]
    }

    /// The bytes from the start of the record that a row was read from.
    pub fn record(&self, row: usize) -> &[u8] {
        &self.bytes.bytes()[self.starts[row].0 as usize..]
    }

    /// The number of a row among the rows of its block, from 1.
    pub fn number(&self, row: usize) -> u64 {
        u64::from(self.starts[row].1)
    }

    /// The number of a row among the rows of its block and its line among the block's lines, both from 1.
    pub fn position(&self, row: usize) -> (u64, u64) {
        let (start, record) = self.starts[row];
        (u64::from(record), 1 + lines(&self.bytes.bytes()[..start as usize]))
    }

    /// The lines of all rows among the block's lines, from 1; in one go.
    pub fn lines(&self) -> impl Iterator<Item = u64> {
        // Mostly a row is a line; what is not is counted.
        let plain = self.totals.0 == self.totals.1;
        let (mut line, mut at) = (1, 0);
        self.starts[..self.rows].iter().map(move |(start, record)| {
            if plain {
                return u64::from(*record);
            }
            line += lines(&self.bytes.bytes()[at..*start as usize]);
            at = *start as usize;
            line
        })
    }

    /// The gaps that are not just blank: row, slot, reason; in the order of the rows.
    pub fn gaps(&self) -> impl Iterator<Item = (usize, usize, Missing)> {
        self.gaps.iter().map(|(row, slot, reason)| (*row as usize, usize::from(*slot), *reason))
    }

    /// How many rows and lines the block has, those left out included.
    pub fn totals(&self) -> (u64, u64) {
        self.totals
    }
}
