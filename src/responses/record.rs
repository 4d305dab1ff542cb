//! One record: where it ends, and what its fields are. The rules for quotes are those of the `csv` crate.

use std::ops::Range;

use csv_core::ReadRecordResult;
use memchr::memchr_iter;

/// What a walk over some bytes found.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) struct Cut {
    /// Where the last whole record ends.
    pub end: usize,
    /// The quote that is open at the end.
    pub open_quote: Option<usize>,
}

/// The states of a walk over records.
#[derive(Clone, Copy, PartialEq, Eq)]
enum State {
    FieldStart,
    Unquoted,
    Quoted,
    QuoteInQuoted,
}

/// Walks over bytes that begin at the start of a record.
pub(super) fn cut(bytes: &[u8], delimiter: u8) -> Cut {
    let mut state = State::FieldStart;
    let mut cut = Cut { end: 0, open_quote: None };
    let mut opened = 0;
    for (at, byte) in bytes.iter().enumerate() {
        state = match (state, *byte) {
            (State::FieldStart, b'"') => {
                opened = at;
                State::Quoted
            }
            (State::Quoted, b'"') => State::QuoteInQuoted,
            (State::Quoted, _) | (State::QuoteInQuoted, b'"') => State::Quoted,
            (_, b'\n') => {
                cut.end = at + 1;
                State::FieldStart
            }
            // The second half of a pair may follow; without it the record has ended all the same.
            (_, b'\r') => {
                if at + 1 < bytes.len() && bytes[at + 1] != b'\n' {
                    cut.end = at + 1;
                }
                State::FieldStart
            }
            (_, byte) if byte == delimiter => State::FieldStart,
            _ => State::Unquoted,
        };
    }
    if state == State::Quoted {
        cut.open_quote = Some(opened);
    }
    cut
}

/// Where the first record of some bytes ends, its line end included; none if it does not end in them.
pub(super) fn first_end(bytes: &[u8], delimiter: u8, at_end: bool) -> Option<usize> {
    let mut state = State::FieldStart;
    for (at, byte) in bytes.iter().enumerate() {
        state = match (state, *byte) {
            (State::FieldStart, b'"') => State::Quoted,
            (State::Quoted, b'"') => State::QuoteInQuoted,
            (State::Quoted, _) | (State::QuoteInQuoted, b'"') => State::Quoted,
            (_, b'\n') => return Some(at + 1),
            (_, b'\r') => return Some(at + 1 + usize::from(bytes.get(at + 1) == Some(&b'\n'))),
            (_, byte) if byte == delimiter => State::FieldStart,
            _ => State::Unquoted,
        };
    }
    (at_end && state != State::Quoted).then_some(bytes.len())
}

/// The fields of the first record of some bytes, unquoted, each with the bytes it stands in (quotes included).
pub fn fields(bytes: &[u8], delimiter: u8) -> Vec<(Vec<u8>, Range<usize>)> {
    let mut reader = csv_core::ReaderBuilder::new().delimiter(delimiter).build();
    let mut fields = Fields::default();
    let end = fields.split_quoted(&mut reader, bytes, 0);
    let spans = raw_spans(&bytes[..end], delimiter);
    fields.iter().map(<[u8]>::to_vec).zip(spans).collect()
}

/// The bytes in which each field of a record stands, quotes included.
pub(super) fn raw_spans(record: &[u8], delimiter: u8) -> Vec<Range<usize>> {
    let end = record.len() - record.iter().rev().take_while(|b| matches!(b, b'\n' | b'\r')).count();
    let mut spans = Vec::new();
    let mut start = 0;
    let mut state = State::FieldStart;
    for (at, byte) in record[..end].iter().enumerate() {
        state = match (state, *byte) {
            (State::FieldStart, b'"') => State::Quoted,
            (State::Quoted, b'"') => State::QuoteInQuoted,
            (State::Quoted, _) | (State::QuoteInQuoted, b'"') => State::Quoted,
            (_, byte) if byte == delimiter => {
                spans.push(start..at);
                start = at + 1;
                State::FieldStart
            }
            _ => State::Unquoted,
        };
    }
    spans.push(start..end);
    spans
}

/// The fields of one record.
#[derive(Debug, Default)]
pub(super) struct Fields {
    /// Text of the fields, one after the other, where they had to be unquoted.
    text: Vec<u8>,
    /// Where each field ends in `text`.
    ends: Vec<usize>,
    /// How many fields there are.
    len: usize,
    /// Where each field lies in the block, where nothing had to be unquoted.
    plain: Vec<Range<usize>>,
    is_plain: bool,
}

impl Fields {
    /// Splits a record without quotes that begins at `start`; returns where the next one begins.
    pub fn split_plain(&mut self, bytes: &[u8], start: usize, delimiter: u8) -> usize {
        self.is_plain = true;
        self.plain.clear();
        let mut from = start;
        let mut at = start;
        loop {
            match bytes.get(at) {
                Some(byte) if *byte == delimiter => {
                    self.plain.push(from..at);
                    from = at + 1;
                }
                Some(b'\n' | b'\r') | None => {
                    self.plain.push(from..at);
                    self.len = self.plain.len();
                    return line_end(bytes, at);
                }
                Some(_) => {}
            }
            at += 1;
        }
    }

    /// Splits any record by the state machine; returns where the next one begins.
    pub fn split_quoted(&mut self, reader: &mut csv_core::Reader, bytes: &[u8], start: usize) -> usize {
        self.is_plain = false;
        reader.reset();
        let (mut read, mut written, mut ends) = (start, 0, 0);
        loop {
            let (result, nin, nout, nend) =
                reader.read_record(&bytes[read..], &mut self.text[written..], &mut self.ends[ends..]);
            read += nin;
            written += nout;
            ends += nend;
            match result {
                ReadRecordResult::OutputFull => self.text.resize((self.text.len() * 2).max(1024), 0),
                ReadRecordResult::OutputEndsFull => self.ends.resize((self.ends.len() * 2).max(64), 0),
                // The block ends without a line end: an empty input tells the machine so.
                ReadRecordResult::InputEmpty => {}
                ReadRecordResult::Record | ReadRecordResult::End => break,
            }
        }
        self.len = ends;
        if read > start && bytes[read - 1] == b'\r' && bytes.get(read) == Some(&b'\n') {
            read += 1;
        }
        read
    }

    pub fn len(&self) -> usize {
        self.len
    }

    /// The fields as they stand, without trimming.
    pub fn iter(&self) -> impl Iterator<Item = &[u8]> {
        debug_assert!(!self.is_plain);
        (0..self.len).map(|at| self.unquoted(at))
    }

    /// A field; `bytes` is the block that was split.
    pub fn get<'a>(&'a self, at: usize, bytes: &'a [u8]) -> &'a [u8] {
        if self.is_plain { &bytes[self.plain[at].clone()] } else { self.unquoted(at) }
    }

    /// Where a field lies in the block, if nothing had to be unquoted.
    pub fn span(&self, at: usize) -> Option<Range<usize>> {
        self.is_plain.then(|| self.plain[at].clone())
    }

    fn unquoted(&self, at: usize) -> &[u8] {
        let start = if at == 0 { 0 } else { self.ends[at - 1] };
        &self.text[start..self.ends[at]]
    }
}

/// Where the next record begins if this one's fields end at `at`.
pub(super) fn line_end(bytes: &[u8], at: usize) -> usize {
    match (bytes.get(at), bytes.get(at + 1)) {
        (Some(b'\r'), Some(b'\n')) => at + 2,
        (Some(_), _) => at + 1,
        (None, _) => at,
    }
}

/// How many lines end in some bytes: line feeds, and carriage returns that stand alone.
pub(super) fn lines(bytes: &[u8]) -> u64 {
    let feeds = memchr_iter(b'\n', bytes).count() as u64;
    let alone = |at: &usize| bytes.get(at + 1) != Some(&b'\n');
    feeds + memchr_iter(b'\r', bytes).filter(alone).count() as u64
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn records_are_cut_as_csv_cuts_them() {
        let bytes = b"a,\"x\ny\"\r\nb,c\"d\n\"open";
        assert_eq!(cut(bytes, b','), Cut { end: 15, open_quote: Some(15) });
        assert_eq!(cut(b"a,b\n\"c\"\n", b','), Cut { end: 8, open_quote: None });
        assert_eq!(first_end(bytes, b',', false), Some(9));
        assert_eq!(first_end(b"a;b", b';', true), Some(3));
        assert_eq!(first_end(b"a;\"b", b';', true), None);
    }

    #[test]
    fn fields_know_where_they_stand() {
        let got = fields(b"a, \"b\" ,\"c\"\"d\"\n", b',');
        let texts: Vec<&[u8]> = got.iter().map(|(text, _)| text.as_slice()).collect();
        assert_eq!(texts, [b"a".as_slice(), b" \"b\" ", b"c\"d"]);
        assert_eq!(got[2].1, 8..14);
    }
}
