//! How bytes stand for characters: what a file is encoded in, and its text as UTF-8.
//!
//! A file without a byte-order mark is ASCII until its first other byte; the character there decides: UTF-8 if it is one
//! in UTF-8, else Windows-1252. That does not depend on how the file is cut into blocks. Whatever contradicts it later
//! is a finding: the file was put together from two.

use encoding_rs::{UTF_8, WINDOWS_1252};

use super::buffer::Buffer;
use super::record::lines;
use crate::error::Error;
use crate::finding::{Code, Excerpt, Finding, Findings, Place};

/// An encoding of text.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Encoding(&'static encoding_rs::Encoding);

impl Encoding {
    /// UTF-8, of which ASCII is a part.
    pub const UTF_8: Encoding = Encoding(UTF_8);
    /// What Windows writes in the west of Europe and in the Americas, unless it is told otherwise.
    pub const WINDOWS_1252: Encoding = Encoding(WINDOWS_1252);

    /// Finds an encoding by one of its names, such as `utf-8`, `latin1`, `windows-1252`, `utf-16le`, `macintosh`.
    ///
    /// # Errors
    /// A usage error if there is none of that name.
    pub fn parse(name: &str) -> Result<Encoding, Error> {
        encoding_rs::Encoding::for_label(name.as_bytes()).map(Encoding).ok_or_else(|| {
            let help = "for example utf-8, windows-1252, iso-8859-15, utf-16le, macintosh";
            Error::usage_help(format!("--encoding: there is no encoding `{name}`"), help)
        })
    }

    /// Its name.
    pub fn name(self) -> &'static str {
        if self == Encoding::WINDOWS_1252 { "Windows-1252" } else { self.0.name() }
    }

    /// The encoding that the first bytes of a file name by a byte-order mark, and how long the mark is.
    pub(super) fn by_mark(bytes: &[u8]) -> Option<(Encoding, usize)> {
        encoding_rs::Encoding::for_bom(bytes).map(|(encoding, len)| (Encoding(encoding), len))
    }

    /// Whether a file in it is read byte by byte, as it lies there.
    pub(crate) fn is_ascii_based(self) -> bool {
        self.is_utf8() || self.is_single_byte()
    }

    /// Whether a byte below 128 is always that character of ASCII, and every other byte a character of its own.
    pub(super) fn is_single_byte(self) -> bool {
        self.0.is_single_byte()
    }

    pub(super) fn is_utf8(self) -> bool {
        self == Encoding::UTF_8
    }

    pub(super) fn decoder(self) -> encoding_rs::Decoder {
        self.0.new_decoder_with_bom_removal()
    }

    /// Whether some bytes are UTF-8, and text that this encoding could hold as well. What is UTF-8 by chance (`É…` in
    /// Windows-1252) is hardly ever that.
    fn would_hold(self, bytes: &[u8]) -> bool {
        std::str::from_utf8(bytes).is_ok_and(|text| !self.0.encode(text).2)
    }

    /// The text of some bytes of a block; bytes that are no text are shown as such. Blocks of what is not based on ASCII are
    /// UTF-8 already.
    pub fn shown(self, bytes: &[u8]) -> std::borrow::Cow<'_, str> {
        let text = if self.is_single_byte() { self.text(bytes) } else { None };
        text.unwrap_or_else(|| String::from_utf8_lossy(bytes))
    }

    /// The text of some bytes; none if they are no text in this encoding.
    pub(super) fn text(self, bytes: &[u8]) -> Option<std::borrow::Cow<'_, str>> {
        let text = self.0.decode_without_bom_handling_and_without_replacement(bytes)?;
        // What Windows leaves undefined comes out as a control character that no keyboard writes.
        let undefined = self.is_single_byte() && text.contains(|c| ('\u{80}'..='\u{9f}').contains(&c));
        (!undefined).then_some(text)
    }
}

/// What is known of a file's encoding while it is read.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Known {
    /// Nothing but ASCII so far.
    OnlyAscii,
    /// The first character that is no ASCII says so.
    Found(Encoding),
    /// The user or a byte-order mark says so.
    Said(Encoding),
}

impl Known {
    /// What some more whole lines add to it.
    pub fn after(self, bytes: &[u8]) -> Known {
        let Known::OnlyAscii = self else { return self };
        let Some(first) = bytes.iter().position(|byte| !byte.is_ascii()) else { return self };
        let one = &bytes[first..bytes.len().min(first + 4)];
        let is_utf8 = match std::str::from_utf8(one) {
            Ok(_) => true,
            Err(error) => error.valid_up_to() > 0,
        };
        Known::Found(if is_utf8 { Encoding::UTF_8 } else { Encoding::WINDOWS_1252 })
    }

    /// The encoding; ASCII is UTF-8 too.
    pub fn encoding(self) -> Encoding {
        match self {
            Known::OnlyAscii => Encoding::UTF_8,
            Known::Found(encoding) | Known::Said(encoding) => encoding,
        }
    }
}

/// Turns a block of whole lines into UTF-8. What is no text in its encoding is a finding, line by line; so is a line of
/// UTF-8 in a file that was found to be something else.
pub(super) fn to_utf8(known: Known, bytes: &[u8], text: &mut Buffer, file: &str, findings: &mut Findings) {
    let encoding = known.encoding();
    text.clear();
    let mut start = 0;
    while start < bytes.len() {
        let end =
            bytes[start..].iter().position(|byte| *byte == b'\n').map_or(bytes.len(), |at| start + at + 1);
        let line = &bytes[start..end];
        if line.is_ascii() {
            text.push(line);
        } else {
            let decoded = encoding.text(line);
            let wrong = match &decoded {
                None => Some((Code::NotInEncoding, format!("bytes that are no text in {}", encoding.name()))),
                Some(_) if known == Known::Found(encoding) && encoding.would_hold(line) => {
                    let message = format!("UTF-8 text in a file that is {} before", encoding.name());
                    Some((Code::MixedEncodings, message))
                }
                Some(_) => None,
            };
            let decoded = decoded.unwrap_or_else(|| encoding.0.decode_without_bom_handling(line).0);
            if let Some((code, message)) = wrong {
                let place = place(file, 1 + lines(&bytes[..start]), &decoded);
                findings.push(Finding::problem(code, place, message).help(match code {
                    Code::MixedEncodings => MIXED,
                    _ => "say what the file is encoded in: --encoding utf-8, macintosh, …",
                }));
            }
            text.push(decoded.as_bytes());
        }
        start = end;
    }
}

/// What to do about a file that was put together from two.
pub(super) const MIXED: &str = "was the file put together from two? Save each as \"CSV UTF-8\" first; or say which encoding is right: --encoding";

/// A line, with its characters that are no ASCII underlined.
fn place(file: &str, number: u64, line: &str) -> Place {
    let line: String = line.trim_end_matches(['\n', '\r']).replace(['\r', '\0'], "\u{fffd}");
    let odd = |(at, c): (usize, char)| (!c.is_ascii()).then_some(at..at + c.len_utf8());
    let first = line.char_indices().find_map(odd).unwrap_or(0..0);
    let last = line.char_indices().rev().find_map(odd).unwrap_or(0..0);
    Place {
        line: Some(number),
        excerpt: Some(Excerpt { first_line: number, span: first.start..last.end, text: line }),
        ..Place::file(file)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_first_character_that_is_no_ascii_decides() {
        let after = |bytes: &[u8]| Known::OnlyAscii.after(bytes);
        assert_eq!(after(b"a,b\n"), Known::OnlyAscii);
        assert_eq!(after("é\n".as_bytes()), Known::Found(Encoding::UTF_8));
        assert_eq!(after(b"\xc3\xa9\n\xe9\n"), Known::Found(Encoding::UTF_8));
        assert_eq!(after(b"\xe9\n\xc3\xa9\n"), Known::Found(Encoding::WINDOWS_1252));
        assert_eq!(after(b"\xe9"), Known::Found(Encoding::WINDOWS_1252));
        assert_eq!(Known::Said(Encoding::UTF_8).after(b"\xe9\n"), Known::Said(Encoding::UTF_8));
    }

    #[test]
    fn lines_that_contradict_are_findings() {
        let (mut text, mut findings) = (Buffer::default(), Findings::new());
        let bytes = b"a\n1,Jos\xe9 \x80\n2,Jos\xc3\xa9\n3,\x81\n4,\xc9\x85\n";
        to_utf8(Known::Found(Encoding::WINDOWS_1252), bytes, &mut text, "a.csv", &mut findings);
        assert!(std::str::from_utf8(text.bytes()).unwrap().starts_with("a\n1,José €\n2,JosÃ©\n3,"));
        let found: Vec<_> = findings.kept().iter().map(|f| (f.code, f.place.line)).collect();
        assert_eq!(found, [(Code::MixedEncodings, Some(3)), (Code::NotInEncoding, Some(4))]);
        let mut findings = Findings::new();
        to_utf8(Known::Said(Encoding::WINDOWS_1252), &bytes[..18], &mut text, "a.csv", &mut findings);
        assert!(findings.is_empty());
    }

    #[test]
    fn encodings_have_names() {
        assert_eq!(Encoding::parse("Latin1").unwrap(), Encoding::WINDOWS_1252);
        assert_eq!(Encoding::parse("utf-16le").unwrap().name(), "UTF-16LE");
        assert!(Encoding::parse("klingon").is_err());
    }
}
