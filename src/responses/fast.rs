//! The fast path: plain rows, four one-digit answers at a time. It gives up on anything unusual.

use super::batch::{MISSING, Responses, Span};
use super::cell::{Cell, trim};
use super::layout::{Layout, Use};
use super::missing::Missing;
use super::record::line_end;

/// Reads plain rows.
pub(super) struct Fast<'l> {
    layout: &'l Layout,
    delimiter: u8,
    ops: Vec<Op>,
    /// Slots and folds of the runs, one after the other, and where their codes go in the batch that is being read.
    run_slots: Vec<(usize, usize)>,
    targets: Vec<usize>,
}

/// What comes next in a row.
#[derive(Debug, Clone, Copy)]
enum Op {
    /// A column that is not used.
    Skip,
    /// A text.
    Text(usize),
    /// An item, by slot and fold.
    Item(usize, usize),
    /// A run of items with the same one-digit answers.
    Run(Run),
}

/// A run of items with the same one-digit answers.
#[derive(Debug, Clone, Copy)]
struct Run {
    first: usize,
    len: usize,
    min: u8,
    max: u8,
    /// Four cells that hold the lowest answer, each followed by the delimiter.
    lowest: u64,
    /// What lifts a cell above the highest answer into bit 15.
    lift: u64,
}

/// A plain row that was read.
pub(super) struct PlainRow {
    /// Where the next one begins.
    pub next: usize,
    /// How many of its items are blank.
    pub blanks: u64,
}

/// A byte in each of eight, a word in each of four.
const BYTES: u64 = 0x0101_0101_0101_0101;
const WORDS: u64 = 0x0001_0001_0001_0001;
/// Bit 7 of each byte, bit 15 of each word.
const BYTE_SIGNS: u64 = 0x8080_8080_8080_8080;
const WORD_SIGNS: u64 = 0x8000_8000_8000_8000;
/// Bytes below this need a look: control characters, space, quote (and `!`, which is harmless).
const LOOK_BELOW: u64 = 0x23;

impl<'l> Fast<'l> {
    pub fn new(layout: &'l Layout) -> Fast<'l> {
        let (ops, run_slots) = ops(layout);
        Fast { layout, delimiter: layout.dialect.delimiter, ops, run_slots, targets: Vec::new() }
    }

    /// Takes aim at a batch whose room has been made.
    pub fn aim(&mut self, batch: &Responses) {
        self.targets.clear();
        self.targets.extend(self.run_slots.iter().map(|(slot, fold)| batch.code_offset(*slot) + fold));
    }

    /// Reads a row into the place behind the last row of the batch; none if anything is unusual.
    #[inline(never)]
    pub fn row(&self, bytes: &[u8], start: usize, batch: &mut Responses) -> Option<PlainRow> {
        let (last, others) = self.ops.split_last()?;
        let gaps = batch.gaps.len();
        let mut row = PlainRow { next: start, blanks: 0 };
        for op in others {
            if self.field(bytes, *op, &mut row, batch)? != self.delimiter {
                return None;
            }
            row.next += 1;
        }
        if self.field(bytes, *last, &mut row, batch)? == self.delimiter {
            return None;
        }
        row.next = line_end(bytes, row.next);
        // A row without any answer may be wholly empty: the careful path looks.
        let gaps = (batch.gaps.len() - gaps) as u64;
        (row.blanks + gaps < self.layout.item_columns).then_some(row)
    }

    /// Reads a field, or the fields of a run, and moves on to where the last of them ends; returns the byte there.
    #[inline(always)]
    fn field(&self, bytes: &[u8], op: Op, row: &mut PlainRow, batch: &mut Responses) -> Option<u8> {
        let start = row.next;
        match op {
            Op::Run(run) => {
                row.next = self.run(bytes, run, row, batch)?;
                Some(byte_at(bytes, row.next))
            }
            Op::Skip | Op::Text(_) => {
                let (span, end, byte) = match self.plain_text(bytes.get(start..)?) {
                    Some((len, byte)) => (Span::plain(start, start + len), start + len, byte),
                    None => {
                        let (span, end) = self.odd_text(bytes, start)?;
                        (span, end, byte_at(bytes, end))
                    }
                };
                if let Op::Text(text) = op {
                    batch.put_text(text, span);
                }
                row.next = end;
                Some(byte)
            }
            Op::Item(slot, fold) => {
                let (cell, end) = self.item(bytes, start, (slot, fold))?;
                batch.put_ahead(fold, slot, cell);
                row.blanks += u64::from(cell == Cell::Gap(Missing::Blank));
                row.next = end;
                Some(byte_at(bytes, end))
            }
        }
    }

    /// Any item that is an allowed answer or a gap.
    #[inline(never)]
    fn item(&self, bytes: &[u8], at: usize, (slot, fold): (usize, usize)) -> Option<(Cell, usize)> {
        let (span, end) = self.odd_text(bytes, at)?;
        let spec = self.layout.spec(slot, fold);
        let cell = spec.read(&bytes[span.range()], &self.layout.missing, self.layout.dialect.decimal_comma);
        Some((cell.ok()?, end))
    }

    /// A run of one-digit items; returns where its last field ends.
    fn run(&self, bytes: &[u8], run: Run, row: &mut PlainRow, batch: &mut Responses) -> Option<usize> {
        let place = batch.rows();
        let targets = self.targets.get(run.first..run.first + run.len)?;
        let mut left = Left { targets, rest: bytes.get(row.next..)?, blanks: 0 };
        loop {
            left.take_plain(run, self.delimiter, &mut batch.codes[place..]);
            let at = bytes.len() - left.rest.len();
            let Some((target, others)) = left.targets.split_first() else {
                row.blanks += left.blanks;
                return Some(at - 1);
            };
            let end = if let Some(code) = digit(left.rest, run, self.delimiter) {
                batch.codes[target + place] = code;
                at + 1
            } else {
                let (slot, fold) = self.run_slots[run.first + run.len - left.targets.len()];
                let (cell, end) = self.item(bytes, at, (slot, fold))?;
                batch.put_ahead(fold, slot, cell);
                left.blanks += u64::from(cell == Cell::Gap(Missing::Blank));
                end
            };
            if others.is_empty() {
                row.blanks += left.blanks;
                return Some(end);
            }
            if bytes.get(end) != Some(&self.delimiter) {
                return None;
            }
            (left.targets, left.rest) = (others, &bytes[end + 1..]);
        }
    }

    /// The length of a field that is plain ASCII without space, and the byte behind it; none if it is anything else.
    #[inline(always)]
    fn plain_text(&self, rest: &[u8]) -> Option<(usize, u8)> {
        let delimiters = BYTES * u64::from(self.delimiter);
        let mut len = 0;
        loop {
            let word = u64::from_le_bytes(*rest.get(len..)?.first_chunk()?);
            // Bit 7 of a byte: it is no ASCII, or it is below LOOK_BELOW, or it is the delimiter. The lowest hit is
            // right; those above it may be echoes.
            let look = word | word.wrapping_sub(BYTES * LOOK_BELOW);
            let delimiter = (word ^ delimiters).wrapping_sub(BYTES);
            let hit = ((look | delimiter) & BYTE_SIGNS).trailing_zeros() & !7;
            if hit < 64 {
                let byte = (word >> hit) as u8;
                return ends(byte, self.delimiter).then_some((len + hit as usize / 8, byte));
            }
            len += 8;
        }
    }

    /// Any field, without the white space around it, and where it ends; none if it holds a quote, a NUL or bytes that are
    /// not UTF-8.
    #[inline(never)]
    fn odd_text(&self, bytes: &[u8], start: usize) -> Option<(Span, usize)> {
        let mut at = start;
        while at < bytes.len() && !ends(bytes[at], self.delimiter) {
            if matches!(bytes[at], b'"' | 0) {
                return None;
            }
            at += 1;
        }
        let field = &bytes[start..at];
        std::str::from_utf8(field).ok()?;
        let cell = trim(field);
        let start = if cell.is_empty() { start } else { cell.as_ptr().addr() - bytes.as_ptr().addr() };
        Some((Span::plain(start, start + cell.len()), at))
    }
}

/// The byte at a place; a line end behind the last one.
#[inline(always)]
fn byte_at(bytes: &[u8], at: usize) -> u8 {
    bytes.get(at).copied().unwrap_or(b'\n')
}

/// Whether a byte ends a field.
#[inline(always)]
fn ends(byte: u8, delimiter: u8) -> bool {
    byte == delimiter || byte == b'\n' || byte == b'\r'
}

/// What is left of a run: where the codes go, what is to be read, and how many cells have been blank.
struct Left<'t, 'b> {
    targets: &'t [usize],
    rest: &'b [u8],
    blanks: u64,
}

impl Left<'_, '_> {
    /// Takes one-digit and blank cells, up to four at a time, until something else comes.
    #[inline(never)] // a small loop that has the registers to itself
    fn take_plain(&mut self, run: Run, delimiter: u8, codes: &mut [u8]) {
        let (mut targets, mut rest) = (self.targets, self.rest);
        while let Some(word) = rest.first_chunk() {
            let word = u64::from_le_bytes(*word);
            let outside = if let [a, b, c, d, more @ ..] = targets {
                let word = if more.is_empty() { closed(word, 4, run.lowest) } else { word };
                let cells = word.wrapping_sub(run.lowest);
                // What is written behind the good cells is written again by whoever looks at these.
                codes[*a] = cells as u8;
                codes[*b] = (cells >> 16) as u8;
                codes[*c] = (cells >> 32) as u8;
                codes[*d] = (cells >> 48) as u8;
                let outside = run.outside(cells);
                if outside == 0 {
                    (targets, rest) = (more, &rest[8..]);
                    continue;
                }
                outside
            } else {
                // The last cells of the run: whatever follows them is taken for good cells.
                let left = targets.len();
                if left == 0 {
                    break;
                }
                let cells = closed(word, left, run.lowest).wrapping_sub(run.lowest);
                let outside = run.outside(cells) | 1 << (16 * left);
                for (cell, target) in targets.iter().enumerate() {
                    codes[*target] = (cells >> (16 * cell)) as u8;
                }
                outside
            };
            let good = outside.trailing_zeros() as usize / 16;
            (targets, rest) = (&targets[good..], &rest[2 * good..]);
            if targets.len() < 2 || rest[0] != delimiter {
                break;
            }
            codes[targets[0]] = MISSING;
            self.blanks += 1;
            (targets, rest) = (&targets[1..], &rest[1..]);
        }
        (self.targets, self.rest) = (targets, rest);
    }
}

/// The first `n` cells of a word, good ones behind them. The last cell of a row is followed by a line end: that will do
/// for the delimiter.
#[inline(always)]
fn closed(word: u64, n: usize, lowest: u64) -> u64 {
    let (keep, last) = (u64::MAX >> (64 - 16 * n), 0xff << (16 * n - 8));
    let after = (word >> (16 * n - 8)) as u8;
    let keep = if matches!(after, b'\n' | b'\r') { keep & !last } else { keep };
    word & keep | lowest & !keep
}

/// The code of a one-digit answer that is a whole field.
fn digit(rest: &[u8], run: Run, delimiter: u8) -> Option<u8> {
    let digit = rest.first()?.wrapping_sub(b'0');
    let alone = rest.get(1).is_none_or(|byte| ends(*byte, delimiter));
    (alone && run.min <= digit && digit <= run.max).then(|| digit - run.min)
}

/// The plan of a row: neighbouring items with the same one-digit answers become one run.
fn ops(layout: &Layout) -> (Vec<Op>, Vec<(usize, usize)>) {
    let mut ops: Vec<Op> = Vec::new();
    let mut run_slots = Vec::new();
    for of in &layout.uses {
        match *of {
            Use::Nothing => ops.push(Op::Skip),
            Use::Text(text) => ops.push(Op::Text(text)),
            Use::Item { slot, fold } => match layout.spec(slot, fold).digits {
                None => ops.push(Op::Item(slot, fold)),
                Some((min, max)) => {
                    match ops.last_mut() {
                        Some(Op::Run(run)) if (run.min, run.max) == (min, max) => run.len += 1,
                        _ => ops.push(Op::Run(Run::new(run_slots.len(), min, max, layout.dialect.delimiter))),
                    }
                    run_slots.push((slot, fold));
                }
            },
        }
    }
    (ops, run_slots)
}

impl Run {
    /// Bit 15 of each cell that is no answer; the lowest is right.
    #[inline(always)]
    fn outside(self, cells: u64) -> u64 {
        (cells | cells.wrapping_add(self.lift)) & WORD_SIGNS
    }

    fn new(first: usize, min: u8, max: u8, delimiter: u8) -> Run {
        let lowest = u16::from_le_bytes([b'0' + min, delimiter]);
        // A cell minus the lowest is the code, 0 to max − min, if it is an answer, and anything above otherwise.
        let lift = 0x7fff - u16::from(max - min);
        Run { first, len: 1, min, max, lowest: WORDS * u64::from(lowest), lift: WORDS * u64::from(lift) }
    }
}
