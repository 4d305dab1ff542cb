//! The first record of a file: the names of its columns.

use std::ops::Range;

use memchr::memchr;

use super::blocks::ReadError;
use super::encoding::{Encoding, Known, MIXED};
use super::{fault, record};
use crate::finding::{Code, Excerpt, Finding, Place};
use crate::instrument::fold_name;

/// The first record of a file.
#[derive(Debug, Clone, Default)]
pub struct Header {
    /// The names, trimmed.
    pub names: Vec<String>,
    /// The names as they are compared.
    pub folded: Vec<String>,
    file: String,
    line: u64,
    text: String,
    spans: Vec<Range<usize>>,
}

/// The part of a long header around a spot, and the spot in it.
fn around(text: &str, span: Range<usize>) -> (String, Range<usize>) {
    /// So much of a long header is shown on either side.
    const AROUND: usize = 200;
    let boundary = |mut at: usize| {
        while !text.is_char_boundary(at) {
            at -= 1;
        }
        at
    };
    let from = boundary(span.start.saturating_sub(AROUND));
    let to = boundary(text.len().min(span.start + 2 * AROUND));
    let end = span.end.min(to);
    (text[from..to].to_owned(), span.start - from..end - from)
}

impl Header {
    /// A header from names, for tables that do not come from a file.
    pub fn from_names(file: &str, names: &[&str]) -> Header {
        let mut header = Header { file: file.to_owned(), line: 1, ..Header::default() };
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
        let (text, span) = around(&self.text, span);
        Place {
            file: self.file.clone(),
            line: Some(self.line),
            column: column.map(|column| self.names[column].clone()),
            excerpt: Some(Excerpt { text, first_line: self.line, span }),
            ..Place::default()
        }
    }

    /// The first names, for a message.
    pub(super) fn listed(&self) -> String {
        let names = || self.names.iter().map(String::as_str).filter(|name| !name.is_empty());
        let more = if names().count() > 12 { ", …" } else { "" };
        names().take(12).collect::<Vec<_>>().join(", ") + more
    }

    /// Reads a header that begins at a line.
    pub(super) fn read(
        file: &str,
        bytes: &[u8],
        line: u64,
        delimiter: u8,
        known: Known,
    ) -> Result<Header, ReadError> {
        let place = || Place { line: Some(line), ..Place::file(file) };
        let encoding = known.encoding();
        // What is neither UTF-8 nor of single bytes has been decoded on the way.
        let text = if encoding.is_single_byte() { encoding } else { Encoding::UTF_8 }.text(bytes);
        let Some(text) = text else {
            return Err(match known {
                Known::Said(encoding) if encoding.is_utf8() => {
                    let finding = Finding::problem(Code::NotUtf8, place(), "the header is not UTF-8 text");
                    finding.help("what is it encoded in? Say so: --encoding windows-1252")
                }
                Known::Found(encoding) if encoding.is_utf8() => {
                    let message = "the header is UTF-8 in one place and not in another";
                    Finding::problem(Code::MixedEncodings, place(), message).help(MIXED)
                }
                _ => {
                    let message = format!("the header holds bytes that are no text in {}", encoding.name());
                    let finding = Finding::problem(Code::NotInEncoding, place(), message);
                    finding.help("say what the file is encoded in: --encoding macintosh, …")
                }
            }
            .into());
        };
        if memchr(0, bytes).is_some() {
            let finding = Finding::problem(Code::NulByte, place(), "the header holds a NUL byte");
            return Err(finding.help(fault::NUL).into());
        }
        let text = text.trim_end_matches(['\n', '\r']).to_owned();
        let mut header = Header { file: file.to_owned(), line, ..Header::default() };
        for (name, span) in record::fields(text.as_bytes(), delimiter) {
            let name = String::from_utf8_lossy(&name).trim().to_owned();
            header.folded.push(fold_name(&name));
            header.names.push(name);
            header.spans.push(span);
        }
        header.text = text;
        Ok(header)
    }
}
