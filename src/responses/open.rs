//! The first bytes of a file: whether it is a table at all, how it is written, and its header.

use std::io::{self, Read};

use super::blocks::{BLOCK, Blocks, LONGEST_RECORD, ReadError, Table};
use super::buffer::Buffer;
use super::dialect::{Decimal, Dialect, Said, likely_delimiter, sep_line};
use super::encoding::{Encoding, Known};
use super::header::Header;
use super::record;
use super::source::{Digest, Source, gunzip, transcode};
use crate::finding::{Code, Finding, Place};

/// Opens a file: finds out how it is written, except for what the user says, and reads its header.
///
/// # Errors
/// The system's error, or a finding if the file is empty, is no text table, or its header cannot be read.
pub fn open<'a>(file: &str, source: impl Read + Send + 'a, said: &Said) -> Result<Table<'a>, ReadError> {
    let digest = Digest::default();
    let mut blocks = Blocks {
        source: Box::new(digest.tap(source)),
        digest,
        file: file.to_owned(),
        delimiter: b',',
        known: Known::OnlyAscii,
        decoded: false,
        carry: Vec::new(),
        offset: 0,
        at_end: false,
        size: BLOCK,
    };
    let mut first = Buffer::default();
    blocks.fill(&mut first, BLOCK)?;
    let gzip = first.bytes().starts_with(&[0x1f, 0x8b]);
    if gzip {
        blocks.through(&mut first, |packed| gunzip(packed))?;
    }
    not_a_table(file, first.bytes())?;
    let mark = Encoding::by_mark(first.bytes());
    let named = said.encoding.or(mark.map(|(encoding, _)| encoding));
    if let Some(encoding) = named {
        blocks.known = Known::Said(encoding);
        if !encoding.is_utf8() && !encoding.is_single_byte() {
            blocks.through(&mut first, |source| transcode(source, encoding))?;
        }
    }
    let bytes = first.bytes();
    // A mark that was decoded is gone.
    let skip = mark.filter(|_| bytes.starts_with(b"\xef\xbb\xbf")).map_or(0, |(_, len)| len);
    let mut start = skip + blank(&bytes[skip..]);
    let sep = sep_line(&bytes[start..]);
    if let Some((_, len)) = sep {
        start += len;
    }
    start += blank(&bytes[start..]);
    if blocks.at_end && bytes[start..].iter().all(u8::is_ascii_whitespace) {
        let finding = Finding::problem(Code::EmptyFile, Place::file(file), "the file is empty");
        let help =
            "a table has a header with the names of its columns, and a row for each person and session";
        return Err(finding.help(help).into());
    }
    let likely = || sep.map_or_else(|| likely_delimiter(&bytes[start..]), |(delimiter, _)| delimiter);
    blocks.delimiter = said.delimiter.unwrap_or_else(likely);
    let end = blocks.header_end(&mut first, start)?;
    let before = record::lines(&first.bytes()[..start]);
    let bytes = first.bytes();
    blocks.known = blocks.known.after(&bytes[start..end]);
    let header = Header::read(file, &bytes[start..end], 1 + before, blocks.delimiter, blocks.known)?;
    blocks.carry = bytes[end..].to_vec();
    blocks.offset = end as u64;
    let dialect = Dialect {
        delimiter: blocks.delimiter,
        decimal_comma: said.decimal.map_or(blocks.delimiter != b',', |decimal| decimal == Decimal::Comma),
        encoding: blocks.known.encoding(),
        byte_order_mark: mark.is_some(),
        gzip,
        sep_line: sep.is_some(),
        said: *said,
    };
    Ok(Table { dialect, header, header_lines: record::lines(&bytes[..end]), blocks })
}

/// How many line ends some bytes begin with.
fn blank(bytes: &[u8]) -> usize {
    bytes.iter().take_while(|b| matches!(b, b'\n' | b'\r')).count()
}

impl<'a> Blocks<'a> {
    /// Reads on through something that changes the bytes, from the start of the file.
    fn through(
        &mut self,
        first: &mut Buffer,
        change: impl FnOnce(Source<'a>) -> Source<'a>,
    ) -> Result<(), ReadError> {
        let source = std::mem::replace(&mut self.source, Box::new(io::empty()));
        let again = io::Cursor::new(first.bytes().to_vec()).chain(source);
        self.source = change(Box::new(again));
        (self.at_end, self.decoded) = (false, true);
        first.clear();
        self.fill(first, BLOCK)
    }

    /// Where the header ends that begins at `start`; reads on if it does not end in the bytes at hand.
    fn header_end(&mut self, first: &mut Buffer, start: usize) -> Result<usize, ReadError> {
        loop {
            let bytes = first.bytes();
            if let Some(end) = record::first_end(&bytes[start..], self.delimiter, self.at_end) {
                return Ok(start + end);
            }
            if self.at_end || bytes.len() > LONGEST_RECORD {
                return Err(self.endless(&bytes[start..]));
            }
            let target = bytes.len() * 2;
            self.fill(first, target)?;
        }
    }
}

/// Files that are something else altogether.
fn not_a_table(file: &str, bytes: &[u8]) -> Result<(), ReadError> {
    let found = |what: &str, help: &str| -> Result<(), ReadError> {
        let message = format!("this is {what}, not a text table");
        Err(Finding::problem(Code::NotATable, Place::file(file), message).help(help).into())
    };
    let save = "in Excel or LibreOffice: save as \"CSV UTF-8\"";
    match bytes {
        [b'P', b'K', 3, 4, ..] => found("a workbook (.xlsx, .ods) or another zip archive", save),
        [0xd0, 0xcf, 0x11, 0xe0, ..] => found("an old Excel workbook (.xls)", save),
        [b'$', b'F', b'L', b'2' | b'3', ..] => {
            found("an SPSS data file (.sav)", "in SPSS: save as CSV, values not labels")
        }
        [0x1f, 0x8b, ..] => found("packed twice", "unpack it once: gunzip"),
        [0xff, 0xfe, 0, 0, ..] | [0, 0, 0xfe, 0xff, ..] => found("UTF-32 text", "save it as UTF-8"),
        [b'%', b'P', b'D', b'F', ..] => found("a PDF", "the answers are needed as a table"),
        _ => Ok(()),
    }
}
