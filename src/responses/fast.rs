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
    /// Slots of the runs, one after the other, and where their codes begin in the batch that is being read.
    run_slots: Vec<usize>,
    targets: Vec<usize>,
}

/// What comes next in a row.
#[derive(Debug, Clone, Copy)]
enum Op {
    /// A column that is not used.
    Skip,
    /// A text.
    Text(usize),
    /// An item.
    Item(usize),
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
        self.targets.extend(self.run_slots.iter().map(|slot| batch.code_offset(*slot)));
    }

    /// Reads a row into the place behind the last row of the batch; none if anything is unusual.
    #[inline(never)]
    pub fn row(&self, bytes: &[u8], start: usize, batch: &mut Responses) -> Option<PlainRow> {
        let last = self.ops.len() - 1;
        let gaps = batch.gaps.len();
        let mut row = PlainRow { next: start, blanks: 0 };
        for op in 0..last {
            let end = self.field(bytes, self.ops[op], &mut row, batch)?;
            if bytes.get(end) != Some(&self.delimiter) {
                return None;
            }
            row.next = end + 1;
        }
        let end = self.field(bytes, self.ops[last], &mut row, batch)?;
        if bytes.get(end) == Some(&self.delimiter) {
            return None;
        }
        row.next = line_end(bytes, end);
        // A row without any answer may be wholly empty: the careful path looks.
        let gaps = (batch.gaps.len() - gaps) as u64;
        (row.blanks + gaps < self.layout.slots.len() as u64).then_some(row)
    }

    /// Reads a field, or the fields of a run; returns where the last of them ends.
    #[inline(always)]
    fn field(&self, bytes: &[u8], op: Op, row: &mut PlainRow, batch: &mut Responses) -> Option<usize> {
        let at = row.next;
        match op {
            Op::Run(run) => self.run(bytes, run, row, batch),
            Op::Skip => Some(self.text(bytes, at)?.1),
            Op::Text(text) => {
                let (span, end) = self.text(bytes, at)?;
                batch.put_text(text, span);
                Some(end)
            }
            Op::Item(slot) => {
                let (cell, end) = self.item(bytes, at, slot)?;
                batch.put(slot, cell);
                row.blanks += u64::from(cell == Cell::Gap(Missing::Blank));
                Some(end)
            }
        }
    }

    /// Any item that is an allowed answer or a gap.
    #[inline(never)]
    fn item(&self, bytes: &[u8], at: usize, slot: usize) -> Option<(Cell, usize)> {
        let (span, end) = self.text(bytes, at)?;
        let spec = &self.layout.slots[slot].specs[0];
        let cell = spec.read(&bytes[span.range()], &self.layout.missing, self.layout.dialect.decimal_comma);
        Some((cell.ok()?, end))
    }

    /// A run of one-digit items; returns where its last field ends.
    fn run(&self, bytes: &[u8], run: Run, row: &mut PlainRow, batch: &mut Responses) -> Option<usize> {
        let place = batch.rows();
        let targets = self.targets.get(run.first..run.first + run.len)?;
        let mut left = Left { targets, rest: bytes.get(row.next..)?, blanks: 0 };
        loop {
            left.take_groups(run, self.delimiter, &mut batch.codes[place..]);
            let at = bytes.len() - left.rest.len();
            let Some((target, others)) = left.targets.split_first() else {
                row.blanks += left.blanks;
                return Some(at - 1);
            };
            let end = if let Some(code) = digit(left.rest, run, self.delimiter) {
                batch.codes[target + place] = code;
                at + 1
            } else {
                let slot = self.run_slots[run.first + run.len - left.targets.len()];
                let (cell, end) = self.item(bytes, at, slot)?;
                batch.put(slot, cell);
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

    /// The field that begins here, without the white space around it, and where it ends; none if it holds a quote, a NUL
    /// or bytes that are not UTF-8.
    #[inline(always)]
    fn text(&self, bytes: &[u8], start: usize) -> Option<(Span, usize)> {
        let delimiters = BYTES * u64::from(self.delimiter);
        let mut at = start;
        while let Some(word) = eight(bytes, at) {
            // Bit 7 of a byte: it is no ASCII, or it is below LOOK_BELOW, or it is the delimiter. The lowest hit is
            // right; those above it may be echoes.
            let look = word | word.wrapping_sub(BYTES * LOOK_BELOW);
            let delimiter = (word ^ delimiters).wrapping_sub(BYTES);
            let hit = (look | delimiter) & BYTE_SIGNS;
            if hit == 0 {
                at += 8;
                continue;
            }
            at += hit.trailing_zeros() as usize / 8;
            if ends(bytes[at], self.delimiter) {
                return Some((Span::plain(start, at), at));
            }
            break;
        }
        self.odd_text(bytes, start, at)
    }

    /// The same, byte by byte.
    #[inline(never)]
    fn odd_text(&self, bytes: &[u8], start: usize, from: usize) -> Option<(Span, usize)> {
        let mut at = from;
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
    /// Takes one-digit and blank cells, four at a time, until something else comes or fewer than four are left.
    #[inline(never)] // a small loop that has the registers to itself
    fn take_groups(&mut self, run: Run, delimiter: u8, codes: &mut [u8]) {
        let (mut targets, mut rest) = (self.targets, self.rest);
        while let [a, b, c, d, more @ ..] = targets
            && let Some(word) = rest.first_chunk()
        {
            let mut word = u64::from_le_bytes(*word);
            if more.is_empty() {
                word = closed(word, run.lowest);
            }
            let cells = word.wrapping_sub(run.lowest);
            // What is written behind the good cells is written again by whoever looks at these.
            codes[*a] = cells as u8;
            codes[*b] = (cells >> 16) as u8;
            codes[*c] = (cells >> 32) as u8;
            codes[*d] = (cells >> 48) as u8;
            let outside = (cells | cells.wrapping_add(run.lift)) & WORD_SIGNS;
            if outside == 0 {
                (targets, rest) = (more, &rest[8..]);
                continue;
            }
            let good = outside.trailing_zeros() as usize / 16;
            (targets, rest) = (&targets[good..], &rest[2 * good..]);
            if rest[0] != delimiter || targets.len() == 1 {
                break;
            }
            codes[targets[0]] = MISSING;
            self.blanks += 1;
            (targets, rest) = (&targets[1..], &rest[1..]);
        }
        (self.targets, self.rest) = (targets, rest);
    }
}

/// The last cell of a row is followed by a line end: that will do for the delimiter of the lowest cell.
#[inline(always)]
fn closed(word: u64, lowest: u64) -> u64 {
    const LAST: u64 = 0xff << 56;
    let after = (word >> 56) as u8;
    if matches!(after, b'\n' | b'\r') { word & !LAST | lowest & LAST } else { word }
}

/// The code of a one-digit answer that is a whole field.
fn digit(rest: &[u8], run: Run, delimiter: u8) -> Option<u8> {
    let digit = rest.first()?.wrapping_sub(b'0');
    let alone = rest.get(1).is_none_or(|byte| ends(*byte, delimiter));
    (alone && run.min <= digit && digit <= run.max).then(|| digit - run.min)
}

/// Eight bytes as one word, the first lowest.
#[inline(always)]
fn eight(bytes: &[u8], at: usize) -> Option<u64> {
    bytes.get(at..at + 8)?.first_chunk().map(|word| u64::from_le_bytes(*word))
}

/// The plan of a row: neighbouring items with the same one-digit answers become one run.
fn ops(layout: &Layout) -> (Vec<Op>, Vec<usize>) {
    let mut ops: Vec<Op> = Vec::new();
    let mut run_slots = Vec::new();
    for of in &layout.uses {
        match *of {
            Use::Nothing => ops.push(Op::Skip),
            Use::Text(text) => ops.push(Op::Text(text)),
            Use::Item(slot) => match layout.slots[slot].specs[0].digits {
                None => ops.push(Op::Item(slot)),
                Some((min, max)) => {
                    match ops.last_mut() {
                        Some(Op::Run(run)) if (run.min, run.max) == (min, max) => run.len += 1,
                        _ => ops.push(Op::Run(Run::new(run_slots.len(), min, max, layout.dialect.delimiter))),
                    }
                    run_slots.push(slot);
                }
            },
        }
    }
    (ops, run_slots)
}

impl Run {
    fn new(first: usize, min: u8, max: u8, delimiter: u8) -> Run {
        let lowest = u16::from_le_bytes([b'0' + min, delimiter]);
        // A cell minus the lowest is the code, 0 to max − min, if it is an answer, and anything above otherwise.
        let lift = 0x7fff - u16::from(max - min);
        Run { first, len: 1, min, max, lowest: WORDS * u64::from(lowest), lift: WORDS * u64::from(lift) }
    }
}
