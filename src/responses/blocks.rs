//! A file as blocks of whole records, and what its first bytes say about it.

use std::io::{self, Read};
use std::ops::Range;

use memchr::{memchr, memrchr};

use super::buffer::Buffer;
use super::record::{self, Cut};
use crate::finding::{Code, Excerpt, Finding, Place};
use crate::instrument::fold_name;

/// How many bytes a block aims at: few calls to the system, and the batch made of it fits the second-level cache.
pub const BLOCK: usize = 256 * 1024;
/// No row of answers is longer; a quote that is never closed is.
const LONGEST_RECORD: usize = 4 * 1024 * 1024;

/// How a file is written.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Dialect {
    /// What stands between two fields.
    pub delimiter: u8,
    /// Whether `5,0` may be a number: wherever the comma does not stand between fields.
    pub decimal_comma: bool,
    /// Whether the file begins with a byte-order mark.
    pub byte_order_mark: bool,
}

impl Dialect {
    /// The delimiter in words.
    pub fn delimiter_name(&self) -> &'static str {
        match self.delimiter {
            b';' => "semicolon",
            b'\t' => "tab",
            _ => "comma",
        }
    }
}

/// The first record of a file.
#[derive(Debug, Clone, Default)]
pub struct Header {
    /// The names, trimmed.
    pub names: Vec<String>,
    /// The names as they are compared.
    pub folded: Vec<String>,
    file: String,
    text: String,
    spans: Vec<Range<usize>>,
}

impl Header {
    /// A header from names, for tables that do not come from a file.
    pub fn from_names(file: &str, names: &[&str]) -> Header {
        let mut header = Header { file: file.to_owned(), ..Header::default() };
        for name in names {
            let start = header.text.len();
            header.text.push_str(name);
            header.spans.push(start..header.text.len());
            header.text.push(',');
            header.names.push((*name).to_owned());
            header.folded.push(fold_name(name));
        }
        header
    }

    /// The place of a column's name, or of the whole header.
    pub fn place(&self, column: Option<usize>) -> Place {
        let span = column.map_or(0..self.text.len(), |column| self.spans[column].clone());
        Place {
            file: self.file.clone(),
            line: Some(1),
            column: column.map(|column| self.names[column].clone()),
            excerpt: Some(Excerpt { text: self.text.clone(), first_line: 1, span }),
            ..Place::default()
        }
    }
}

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
pub struct Table<R> {
    /// How it is written.
    pub dialect: Dialect,
    /// Its header.
    pub header: Header,
    /// How many lines come before the first row.
    pub header_lines: u64,
    /// Its rows.
    pub blocks: Blocks<R>,
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
}

/// Reads a file block by block, each ending at the end of a record, and digests it on the way.
pub struct Blocks<R> {
    source: R,
    file: String,
    delimiter: u8,
    carry: Vec<u8>,
    offset: u64,
    at_end: bool,
    hasher: blake3::Hasher,
    size: usize,
}

impl<R: Read> Blocks<R> {
    /// Blocks of another size than [`BLOCK`]; results do not depend on it.
    pub fn with_block_size(mut self, size: usize) -> Self {
        self.size = size.max(1);
        self
    }

    /// BLAKE3 of all bytes read so far, and how many.
    pub fn digest(&self) -> (String, u64) {
        (self.hasher.finalize().to_hex().to_string(), self.hasher.count())
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
            block.quotes = memchr(b'"', bytes).is_some();
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
            return Ok(true);
        }
    }

    fn fill(&mut self, bytes: &mut Buffer, target: usize) -> Result<(), ReadError> {
        let before = bytes.bytes().len();
        if before < target && !self.at_end {
            self.at_end = bytes.fill(&mut self.source, target).map_err(ReadError::Io)?;
            self.hasher.update(&bytes.bytes()[before..]);
        }
        Ok(())
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

    fn endless(&self, bytes: &[u8]) -> ReadError {
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

/// Opens a file: finds out how it is written and reads its header.
///
/// # Errors
/// The system's error, or a finding if the file is empty, is no text table, or its header cannot be read.
pub fn open<R: Read>(file: &str, source: R) -> Result<Table<R>, ReadError> {
    let mut blocks = Blocks {
        source,
        file: file.to_owned(),
        delimiter: b',',
        carry: Vec::new(),
        offset: 0,
        at_end: false,
        hasher: blake3::Hasher::new(),
        size: BLOCK,
    };
    let mut first = Buffer::default();
    blocks.fill(&mut first, BLOCK)?;
    let bytes = first.bytes();
    not_a_table(file, bytes)?;
    let byte_order_mark = bytes.starts_with(b"\xef\xbb\xbf");
    let skip = if byte_order_mark { 3 } else { 0 };
    let blank = bytes[skip..].iter().take_while(|b| matches!(b, b'\n' | b'\r')).count();
    let start = skip + blank;
    if bytes[start..].iter().all(u8::is_ascii_whitespace) && blocks.at_end {
        let finding = Finding::problem(Code::EmptyFile, Place::file(file), "the file is empty");
        let help =
            "a table has a header with the names of its columns, and a row for each person and session";
        return Err(finding.help(help).into());
    }
    let delimiter = delimiter(&bytes[start..]);
    blocks.delimiter = delimiter;
    let Some(end) = record::first_end(&bytes[start..], delimiter, blocks.at_end) else {
        return Err(blocks.endless(&bytes[start..]));
    };
    let consumed = start + end;
    let header = header(file, &bytes[start..consumed], delimiter)?;
    blocks.carry = bytes[consumed..].to_vec();
    blocks.offset = consumed as u64;
    let dialect = Dialect { delimiter, decimal_comma: delimiter != b',', byte_order_mark };
    Ok(Table { dialect, header, header_lines: record::lines(&bytes[..consumed]), blocks })
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
        [0x1f, 0x8b, ..] => found("a gzip archive", "unpack it first"),
        [0xff, 0xfe, ..] | [0xfe, 0xff, ..] => found("UTF-16 text", "save it as UTF-8"),
        [b'%', b'P', b'D', b'F', ..] => found("a PDF", "the answers are needed as a table"),
        _ => Ok(()),
    }
}

/// The delimiter that the header holds most of, outside quotes.
fn delimiter(bytes: &[u8]) -> u8 {
    let mut counts = [(0usize, b','), (0, b';'), (0, b'\t')];
    let mut quoted = false;
    for byte in bytes {
        match byte {
            b'"' => quoted = !quoted,
            b'\n' | b'\r' if !quoted => break,
            _ if !quoted => {
                for (count, delimiter) in &mut counts {
                    *count += usize::from(byte == delimiter);
                }
            }
            _ => {}
        }
    }
    // The first of equals wins: a comma where nothing speaks for anything.
    counts.iter().rev().max_by_key(|(count, _)| *count).map_or(b',', |(_, delimiter)| *delimiter)
}

fn header(file: &str, bytes: &[u8], delimiter: u8) -> Result<Header, ReadError> {
    let text = match std::str::from_utf8(bytes) {
        Ok(text) => text.trim_end_matches(['\n', '\r']).to_owned(),
        Err(_) => {
            let place = Place { line: Some(1), ..Place::file(file) };
            let finding = Finding::problem(Code::NotUtf8, place, "the header is not UTF-8 text");
            return Err(finding.help("save the file as \"CSV UTF-8\"").into());
        }
    };
    if memchr(0, bytes).is_some() {
        let place = Place { line: Some(1), ..Place::file(file) };
        let finding = Finding::problem(Code::NulByte, place, "the header holds a NUL byte");
        return Err(finding.help("is this a text table? If it is UTF-16, save it as UTF-8").into());
    }
    let mut header = Header { file: file.to_owned(), ..Header::default() };
    for (name, span) in record::fields(text.as_bytes(), delimiter) {
        let name = String::from_utf8_lossy(&name).trim().to_owned();
        header.folded.push(fold_name(&name));
        header.names.push(name);
        header.spans.push(span);
    }
    header.text = text;
    Ok(header)
}
