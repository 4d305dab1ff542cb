//! A file as blocks of whole records.

use std::io;

use memchr::memrchr;

use super::buffer::Buffer;
use super::dialect::Dialect;
use super::encoding::{Encoding, Known};
use super::header::Header;
use super::record::{self, Cut};
use super::source::{Broken, Digest, Source};
use crate::finding::{Code, Excerpt, Finding, Place};

/// How many bytes a block aims at: few calls to the system, and the batch made of it fits the second-level cache.
pub const BLOCK: usize = 256 * 1024;
/// No row of answers is longer; a quote that is never closed is.
pub(super) const LONGEST_RECORD: usize = 4 * 1024 * 1024;

/// Why a file cannot be read on.
#[derive(Debug)]
pub enum ReadError {
    /// The system says so.
    Io(io::Error),
    /// What stands in it says so.
    Finding(Box<Finding>),
}

impl From<Finding> for ReadError {
    fn from(finding: Finding) -> ReadError {
        ReadError::Finding(Box::new(finding))
    }
}

/// A file that has been opened: its header is known, its rows follow as blocks.
pub struct Table<'a> {
    /// How it is written.
    pub dialect: Dialect,
    /// Its header.
    pub header: Header,
    /// How many lines come before the first row.
    pub header_lines: u64,
    /// Its rows.
    pub blocks: Blocks<'a>,
}

/// Whole records, and where they stand in the file.
#[derive(Debug, Default)]
pub struct Block {
    /// The bytes.
    pub bytes: Buffer,
    /// Where they begin in the file.
    pub offset: u64,
    /// Whether there is a quote among them.
    pub quotes: bool,
    /// How they stand for characters.
    pub(super) text: BlockText,
}

/// How the bytes of a block stand for characters.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub(super) enum BlockText {
    /// They are UTF-8, as in the file.
    #[default]
    AsInFile,
    /// They are UTF-8, but were not in the file.
    Decoded,
    /// They are to be decoded.
    Encoded(Known),
}

/// Reads a file block by block, each ending at the end of a record, and digests it on the way.
pub struct Blocks<'a> {
    pub(super) source: Source<'a>,
    pub(super) digest: Digest,
    pub(super) file: String,
    pub(super) delimiter: u8,
    pub(super) known: Known,
    /// Whether the bytes are not those of the file.
    pub(super) decoded: bool,
    pub(super) carry: Vec<u8>,
    pub(super) offset: u64,
    pub(super) at_end: bool,
    pub(super) size: usize,
}

impl Blocks<'_> {
    /// Blocks of another size than [`BLOCK`]; results do not depend on it.
    pub fn with_block_size(mut self, size: usize) -> Self {
        self.size = size.max(1);
        self
    }

    /// BLAKE3 of all bytes of the file read so far, and how many.
    pub fn digest(&self) -> (String, u64) {
        self.digest.of_all()
    }

    /// The encoding of what has been read so far.
    pub fn encoding(&self) -> Encoding {
        self.known.encoding()
    }

    /// Fills `block` with the next whole records; `false` at the end of the file.
    ///
    /// # Errors
    /// The system's error, or a finding where no record ends (an open quote, a monstrous record).
    pub fn next_block(&mut self, block: &mut Block) -> Result<bool, ReadError> {
        block.bytes.clear();
        block.bytes.push(&self.carry);
        self.carry.clear();
        block.offset = self.offset;
        let mut target = self.size;
        loop {
            self.fill(&mut block.bytes, target)?;
            let bytes = block.bytes.bytes();
            if bytes.is_empty() {
                return Ok(false);
            }
            let ascii;
            (block.quotes, ascii) = look(bytes);
            let end = if self.at_end {
                self.last_end(block)?
            } else if let Some(end) = last_record_end(block, self.delimiter) {
                end
            } else if bytes.len() > LONGEST_RECORD {
                return Err(self.endless(bytes));
            } else {
                target = bytes.len() * 2;
                continue;
            };
            self.carry.extend_from_slice(&block.bytes.bytes()[end..]);
            block.bytes.truncate(end);
            self.offset += end as u64;
            block.text = if ascii { self.ascii() } else { self.text_of(block.bytes.bytes()) };
            return Ok(true);
        }
    }

    /// All records that are left, at once.
    ///
    /// # Errors
    /// As [`Blocks::next_block`].
    pub(super) fn rest(mut self, block: &mut Block) -> Result<(bool, Self), ReadError> {
        let mut all = Buffer::default();
        all.push(&std::mem::take(&mut self.carry));
        while !self.at_end {
            let target = all.bytes().len() * 2 + BLOCK;
            self.fill(&mut all, target)?;
        }
        self.carry = all.bytes().to_vec();
        Ok((self.next_block(block)?, self))
    }

    fn ascii(&self) -> BlockText {
        if self.decoded { BlockText::Decoded } else { BlockText::AsInFile }
    }

    /// Learns from some whole records which encoding this is.
    fn text_of(&mut self, records: &[u8]) -> BlockText {
        self.known = self.known.after(records);
        if self.known.encoding().is_single_byte() { BlockText::Encoded(self.known) } else { self.ascii() }
    }

    /// Reads until `bytes` holds `target` of them or the file ends.
    pub(super) fn fill(&mut self, bytes: &mut Buffer, target: usize) -> Result<(), ReadError> {
        if bytes.bytes().len() < target && !self.at_end {
            let filled = bytes.fill(&mut self.source, target);
            self.at_end = filled.map_err(|error| self.broken(bytes.bytes(), error))?;
        }
        Ok(())
    }

    /// What makes the file unreadable, with the line at which it does. Lines are counted from the start of `bytes`.
    fn broken(&self, bytes: &[u8], error: io::Error) -> ReadError {
        let Some(broken) = Broken::of(&error) else { return ReadError::Io(error) };
        let place = Place { line: Some(1 + record::lines(bytes)), ..Place::file(&self.file) };
        let (code, help) = match broken {
            Broken::CutOff => (Code::GzipCutOff, "was it copied or downloaded as a whole? Fetch it again"),
            Broken::Damaged => {
                (Code::GzipDamaged, "`gzip -t` says more; fetch it again, or unpack what is left of it")
            }
            Broken::NotText(_) => {
                (Code::NotInEncoding, "say what the file is encoded in: --encoding utf-8, windows-1252, …")
            }
        };
        Finding::problem(code, place, broken.to_string()).help(help).into()
    }

    /// Where the records of the rest of the file end. The last needs no line end but must not end inside quotes.
    fn last_end(&self, block: &Block) -> Result<usize, ReadError> {
        let bytes = block.bytes.bytes();
        if block.quotes
            && let Cut { open_quote: Some(_), end } = record::cut(bytes, self.delimiter)
        {
            return if end == 0 { Err(self.endless(bytes)) } else { Ok(end) };
        }
        Ok(bytes.len())
    }

    /// What to say of a record that does not end.
    pub(super) fn endless(&self, bytes: &[u8]) -> ReadError {
        let cut = record::cut(bytes, self.delimiter);
        let (start, span) = match cut.open_quote {
            Some(quote) => (bytes[..quote].iter().rposition(|b| *b == b'\n').map_or(0, |at| at + 1), quote),
            None => (0, 0),
        };
        let line = String::from_utf8_lossy(&bytes[start..bytes.len().min(start + 400)]);
        let first = line.lines().next().unwrap_or_default().to_owned();
        let from = String::from_utf8_lossy(&bytes[start..span]).len().min(first.len());
        let to = (from + 1).min(first.len());
        // Lines are counted from the start of these bytes; whoever has counted the lines before them adds those.
        let line = 1 + bytes[..start].iter().filter(|b| **b == b'\n').count() as u64;
        let place = Place {
            file: self.file.clone(),
            line: Some(line),
            bytes: Some(self.offset + span as u64..self.offset + span as u64 + 1),
            excerpt: Some(Excerpt { text: first, first_line: line, span: from..to }),
            ..Place::default()
        };
        let finding = match cut.open_quote {
            Some(_) => Finding::problem(Code::UnclosedQuote, place, "a quote opens here and is never closed")
                .help("close it, or double it if it is part of the text (\"\")"),
            None => Finding::problem(
                Code::RecordTooLong,
                Place { excerpt: None, ..place },
                format!("a record of more than {} MiB", LONGEST_RECORD / 1024 / 1024),
            )
            .help("is this a text table with one row a line?"),
        };
        finding.into()
    }
}

/// Where the last whole record of some bytes ends, if one does.
fn last_record_end(block: &Block, delimiter: u8) -> Option<usize> {
    let bytes = block.bytes.bytes();
    if block.quotes {
        let end = record::cut(bytes, delimiter).end;
        return (end > 0).then_some(end);
    }
    if let Some(at) = memrchr(b'\n', bytes) {
        return Some(at + 1);
    }
    // Lone carriage returns; the last byte may be half of a pair.
    memrchr(b'\r', &bytes[..bytes.len() - 1]).map(|at| at + 1)
}

/// Whether there are quotes among some bytes, and whether all of them are ASCII.
fn look(bytes: &[u8]) -> (bool, bool) {
    // Sixteen at a time and without a way out: the compiler makes it as fast as a search for one byte.
    let (mut quotes, mut high) = (0u8, 0u8);
    for byte in bytes {
        quotes |= u8::from(*byte == b'"');
        high |= byte;
    }
    (quotes != 0, high < 0x80)
}
