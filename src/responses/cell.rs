//! One cell: from bytes to an allowed answer, a gap, or a fault.

use super::missing::{Missing, MissingCodes};
use crate::finding::Code;
use crate::instrument::{Kind, ResponseSet};

/// What a cell holds.
#[derive(Debug, Clone, Copy, PartialEq)]
pub enum Cell {
    /// The index of a point of a finite response set, from 0.
    Point(u8),
    /// A number: a mark on a line, or a count.
    Number(f64),
    /// No answer.
    Gap(Missing),
}

/// Why a cell is no answer.
#[derive(Debug, Clone, Copy, PartialEq)]
pub enum Fault {
    /// It is text.
    Text,
    /// It is a number with a decimal comma where the comma cannot be one.
    DecimalComma,
    /// It lies outside the bounds.
    OutOfRange(f64),
    /// It lies between two points.
    NotAPoint(f64),
    /// It is a word that no label stands for.
    UnknownLabel,
    /// It is a word that may be two answers.
    AmbiguousLabel,
}

impl Fault {
    /// The finding code of this fault.
    pub fn code(self) -> Code {
        match self {
            Fault::Text => Code::TextInItem,
            Fault::DecimalComma => Code::DecimalComma,
            Fault::OutOfRange(_) => Code::OutOfRange,
            Fault::NotAPoint(_) => Code::NotAPoint,
            Fault::UnknownLabel => Code::UnknownLabel,
            Fault::AmbiguousLabel => Code::AmbiguousLabel,
        }
    }
}

/// How the cells of one item on one form are read.
#[derive(Debug, Clone, PartialEq)]
pub struct CellSpec {
    /// The allowed answers.
    pub set: ResponseSet,
    /// How many points a finite set has; 0 for lines and counts.
    pub points: usize,
    /// Lowest and highest answer if every answer is one digit, one apart.
    pub digits: Option<(u8, u8)>,
}

impl CellSpec {
    /// The reading of a response set.
    pub fn new(set: &ResponseSet) -> CellSpec {
        let points = set.points().unwrap_or(0);
        let digit =
            |value: f64| (value.fract() == 0.0 && (0.0..=9.0).contains(&value)).then_some(value as u8);
        let digits = match set.max {
            Some(max) if points > 0 && set.step == 1.0 => digit(set.min).zip(digit(max)),
            _ => None,
        };
        CellSpec { set: set.clone(), points, digits }
    }

    /// Reads a trimmed cell.
    ///
    /// # Errors
    /// The fault, if it is neither an allowed answer nor a gap.
    pub fn read(&self, cell: &[u8], codes: &MissingCodes, decimal_comma: bool) -> Result<Cell, Fault> {
        if let (Some((min, max)), [digit @ b'0'..=b'9']) = (self.digits, cell) {
            let digit = digit - b'0';
            if (min..=max).contains(&digit) {
                return Ok(Cell::Point(digit - min));
            }
        }
        if let Some(missing) = codes.matches(cell) {
            return Ok(Cell::Gap(missing));
        }
        let Some(value) = number(cell, decimal_comma) else {
            let comma = !decimal_comma && number(cell, true).is_some();
            return Err(if comma { Fault::DecimalComma } else { Fault::Text });
        };
        let set = &self.set;
        if value < set.min || set.max.is_some_and(|max| value > max) {
            return Err(Fault::OutOfRange(value));
        }
        if !set.is_point(value) {
            return Err(Fault::NotAPoint(value));
        }
        Ok(self.answer(value))
    }

    /// An allowed answer.
    pub(super) fn answer(&self, value: f64) -> Cell {
        let set = &self.set;
        match set.kind {
            Kind::Ordinal => Cell::Point(((value - set.min) / set.step).round() as u8),
            Kind::Continuous => Cell::Number(value + 0.0), // no negative zero
            Kind::Count => Cell::Number(value.round() + 0.0),
        }
    }
}

/// A number as people write it: `5`, `5.0`, `+2`, a typographic minus, and `5,0` where a comma may be decimal.
pub(super) fn number(cell: &[u8], decimal_comma: bool) -> Option<f64> {
    let text = std::str::from_utf8(cell).ok()?;
    let (sign, digits) = match text.chars().next()? {
        '-' | '\u{2212}' | '\u{2013}' => (-1.0, &text[text.chars().next()?.len_utf8()..]),
        '+' => (1.0, &text[1..]),
        _ => (1.0, text),
    };
    // Only plain numbers: no "inf", no second sign.
    if !digits.starts_with(|c: char| c.is_ascii_digit() || c == '.' || c == ',') {
        return None;
    }
    let value = if decimal_comma && digits.contains(',') && !digits.contains('.') {
        digits.replacen(',', ".", 1).parse::<f64>().ok()?
    } else {
        digits.parse::<f64>().ok()?
    };
    value.is_finite().then_some(sign * value)
}

/// A cell without the white space around it (byte-order marks and no-break spaces count as such).
pub(super) fn trim(cell: &[u8]) -> &[u8] {
    let outer = |byte: Option<&u8>| byte.is_some_and(|b| *b <= b' ' || *b >= 0x80);
    if !outer(cell.first()) && !outer(cell.last()) {
        return cell;
    }
    match std::str::from_utf8(cell) {
        Ok(text) => text.trim_matches(|c: char| c.is_whitespace() || c == '\u{feff}').as_bytes(),
        Err(_) => cell.trim_ascii(),
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::instrument::library;

    fn spec(instrument: &str) -> CellSpec {
        let instrument = library::load(instrument).unwrap().unwrap();
        CellSpec::new(&instrument.responses[instrument.forms[0].responses])
    }

    fn read(spec: &CellSpec, cell: &str) -> Result<Cell, Fault> {
        spec.read(trim(cell.as_bytes()), &MissingCodes::default(), true)
    }

    #[test]
    fn points_are_read_however_they_are_written() {
        let seven = spec("wai_s");
        for cell in ["5", "5.0", "5,0", " 5 ", "+5", "05", "5.", "\u{a0}5"] {
            assert_eq!(read(&seven, cell), Ok(Cell::Point(4)), "{cell}");
        }
        assert_eq!(read(&seven, "8"), Err(Fault::OutOfRange(8.0)));
        assert_eq!(read(&seven, "0"), Err(Fault::OutOfRange(0.0)));
        assert_eq!(read(&seven, "3.5"), Err(Fault::NotAPoint(3.5)));
        for cell in ["often", "5a", "--5", "1e", "inf", "NaN", "5,0,0", "1,5.0"] {
            assert_eq!(read(&seven, cell), Err(Fault::Text), "{cell}");
        }
        assert_eq!(seven.read(b"5,0", &MissingCodes::default(), false), Err(Fault::DecimalComma));
    }

    #[test]
    fn zero_is_an_answer_where_the_set_says_so() {
        let softa = spec("softa_o");
        assert_eq!(read(&softa, "0"), Ok(Cell::Point(3)));
        assert_eq!(read(&softa, "-3"), Ok(Cell::Point(0)));
        assert_eq!(read(&softa, "\u{2212}2"), Ok(Cell::Point(1)));
        assert_eq!(read(&softa, "+3"), Ok(Cell::Point(6)));
        assert_eq!(read(&softa, "-4"), Err(Fault::OutOfRange(-4.0)));
    }

    #[test]
    fn lines_and_counts_are_numbers() {
        assert_eq!(read(&spec("srs"), "7.35"), Ok(Cell::Number(7.35)));
        assert_eq!(read(&spec("srs"), "10.1"), Err(Fault::OutOfRange(10.1)));
        assert_eq!(read(&spec("rupture_markers"), "12"), Ok(Cell::Number(12.0)));
        assert_eq!(read(&spec("rupture_markers"), "1.5"), Err(Fault::NotAPoint(1.5)));
    }
}
