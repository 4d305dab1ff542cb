//! How a table is written: what stands between fields, in numbers, and in front of the header.

use super::encoding::Encoding;
use super::record::line_end;
use crate::error::Error;

/// What stands before the decimals of a number.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Decimal {
    /// `5.5` only.
    Point,
    /// `5,5` too, quoted where commas stand between fields.
    Comma,
}

/// What the user says about how a file is written; the rest is found out.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub struct Said {
    /// What stands between two fields.
    pub delimiter: Option<u8>,
    /// What the file is encoded in.
    pub encoding: Option<Encoding>,
    /// What stands before decimals.
    pub decimal: Option<Decimal>,
}

/// How a file is written.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Dialect {
    /// What stands between two fields.
    pub delimiter: u8,
    /// Whether `5,0` may be a number: wherever the comma does not stand between fields, unless the user says otherwise.
    pub decimal_comma: bool,
    /// What the file is encoded in, as far as it has been read.
    pub encoding: Encoding,
    /// Whether the file begins with a byte-order mark.
    pub byte_order_mark: bool,
    /// Whether the file is packed with gzip.
    pub gzip: bool,
    /// Whether a first line `sep=;` says what stands between fields.
    pub sep_line: bool,
    /// What the user said about it.
    pub said: Said,
}

impl Dialect {
    /// The delimiter in words.
    pub fn delimiter_name(&self) -> String {
        match self.delimiter {
            b',' => "comma".to_owned(),
            b';' => "semicolon".to_owned(),
            b'\t' => "tab".to_owned(),
            b'|' => "bar".to_owned(),
            other => format!("`{}`", char::from(other)),
        }
    }
}

/// Reads a delimiter: a character, or its name.
///
/// # Errors
/// A usage error if it cannot stand between fields.
pub fn parse_delimiter(text: &str) -> Result<u8, Error> {
    match text {
        "comma" => Ok(b','),
        "semicolon" => Ok(b';'),
        "tab" | "\\t" => Ok(b'\t'),
        "bar" | "pipe" => Ok(b'|'),
        _ => match text.as_bytes() {
            [byte] if may_delimit(*byte) => Ok(*byte),
            _ => {
                let help = "write one character, or comma, semicolon, tab, bar";
                Err(Error::usage_help(format!("--delimiter: `{text}` cannot stand between fields"), help))
            }
        },
    }
}

/// Quotes have their own meaning, and the others occur in numbers and names.
fn may_delimit(byte: u8) -> bool {
    byte == b'\t' || byte.is_ascii_punctuation() && !b"\"'.+-_".contains(&byte)
}

/// The delimiter that a first line like `sep=;` names, and where the next line begins. Excel writes and obeys it.
pub(super) fn sep_line(bytes: &[u8]) -> Option<(u8, usize)> {
    let end = bytes.iter().take(64).position(|byte| matches!(byte, b'\n' | b'\r'))?;
    let line: Vec<u8> = bytes[..end].iter().copied().filter(|byte| *byte != b'"').collect();
    let (word, rest) = line.split_at_checked(4)?;
    let (delimiter, more) = rest.split_first()?;
    // Saved once more as a table, the line has the delimiters of its empty fields.
    let alone = more.iter().all(|byte| byte == delimiter || *byte == b' ');
    let named = word.eq_ignore_ascii_case(b"sep=") && may_delimit(*delimiter) && alone;
    named.then(|| (*delimiter, line_end(bytes, end)))
}

/// The delimiter that the header holds most of, outside quotes.
pub(super) fn likely_delimiter(bytes: &[u8]) -> u8 {
    let mut counts = [(0usize, b','), (0, b';'), (0, b'\t'), (0, b'|')];
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

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_first_line_may_name_the_delimiter() {
        assert_eq!(sep_line(b"sep=;\r\nid;a\r\n"), Some((b';', 7)));
        assert_eq!(sep_line(b"\"SEP=|\"\nid"), Some((b'|', 8)));
        assert_eq!(sep_line(b"sep=;;;;\nid"), Some((b';', 9)));
        assert_eq!(sep_line(b"sep=\t\rid"), Some((b'\t', 6)));
        for other in [&b"sep=a\nid"[..], b"sep=\nid", b"sep;=\nid", b"sep=;id\n1", b"sep=;", b"id\n"] {
            assert_eq!(sep_line(other), None, "{other:?}");
        }
    }

    #[test]
    fn delimiters_have_names() {
        assert_eq!((parse_delimiter("tab").unwrap(), parse_delimiter("^").unwrap()), (b'\t', b'^'));
        for no in ["", "a", "\"", "-", "::", "ñ"] {
            assert!(parse_delimiter(no).is_err(), "{no}");
        }
    }
}
