//! Names, dates and texts made unrecognisable, so that whoever reads a case learns nothing about a family.

use std::collections::HashMap;

use crate::responses::{Key, day_number};

/// 2000-01-01, as a day number: the first date of every case.
const FIRST_DAY: i64 = 730_425;

/// What stands in the place of keys. Equal cells become equal ones, and different cells different ones.
#[derive(Debug, Default)]
pub(super) struct Codes {
    codes: HashMap<(Key, Vec<u8>), String>,
    used: HashMap<Key, usize>,
    first_day: Option<i64>,
}

impl Codes {
    /// Takes note of a date, so that the first of all can be found.
    pub fn note(&mut self, key: Key, cell: &[u8]) {
        if let (Key::Date | Key::Session, Some(day)) = (key, date(cell)) {
            self.first_day = Some(self.first_day.map_or(day, |first| first.min(day)));
        }
    }

    /// What stands in the place of a cell of a key column. Sessions that are numbers stay, dates keep their distances.
    pub fn of(&mut self, key: Key, cell: &[u8]) -> Vec<u8> {
        let cell = cell.trim_ascii();
        if cell.is_empty() {
            return Vec::new();
        }
        match key {
            Key::Date | Key::Session if date(cell).is_some() => {
                let day = date(cell).unwrap_or(0) - self.first_day.unwrap_or(0);
                return iso(FIRST_DAY + day).into_bytes();
            }
            Key::Date => return mask(cell),
            Key::Session if number(cell) => return cell.to_vec(),
            _ => {}
        }
        let next = self.used.entry(key).or_default();
        let code = self.codes.entry((key, cell.to_vec())).or_insert_with(|| {
            *next += 1;
            let letter = key.id().chars().next().unwrap_or('x').to_ascii_uppercase();
            format!("{letter}{next}")
        });
        code.clone().into_bytes()
    }
}

fn date(cell: &[u8]) -> Option<i64> {
    day_number(std::str::from_utf8(cell).ok()?)
}

/// Whether a cell is a plain number, which names nobody.
pub(super) fn number(cell: &[u8]) -> bool {
    let text = std::str::from_utf8(cell).unwrap_or("x").trim();
    text.replacen(',', ".", 1).parse::<f64>().is_ok_and(f64::is_finite)
}

/// A day number as a date, year first.
fn iso(day: i64) -> String {
    // From day number to date, with years that begin in March (the reverse of `day_number`).
    let mut year = (10_000 * day + 14_780) / 3_652_425;
    let of_year = |year: i64| 365 * year + year.div_euclid(4) - year.div_euclid(100) + year.div_euclid(400);
    if day < of_year(year) {
        year -= 1;
    }
    let rest = day - of_year(year);
    let month = (100 * rest + 52) / 3060;
    let of_month = rest - (month * 306 + 5) / 10 + 1;
    format!("{:04}-{:02}-{of_month:02}", year + i64::from(month >= 10), (month + 2) % 12 + 1)
}

/// A text without its letters, and without its digits where there are more than a short number has. What is no letter
/// and no digit stays, so that what is wrong with a cell stays wrong.
pub(super) fn mask(cell: &[u8]) -> Vec<u8> {
    let digits = cell.iter().filter(|byte| byte.is_ascii_digit()).count();
    let one = |byte: &u8| match byte {
        b'\n' | b'\r' => b' ',
        byte if byte.is_ascii_alphabetic() => b'x',
        byte if byte.is_ascii_digit() && digits > 3 => b'9',
        byte => *byte,
    };
    let mut masked = Vec::new();
    for chunk in cell.utf8_chunks() {
        for character in chunk.valid().chars() {
            match u8::try_from(character).ok().filter(u8::is_ascii) {
                Some(byte) => masked.push(one(&byte)),
                None if character.is_alphabetic() => masked.push(b'x'),
                None => masked.extend_from_slice(character.encode_utf8(&mut [0; 4]).as_bytes()),
            }
        }
        masked.extend(chunk.invalid().iter().map(|_| 0xe9));
    }
    masked
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn dates_keep_their_distances() {
        assert_eq!(day_number("2000-01-01"), Some(FIRST_DAY));
        for day in (693_901..800_000).step_by(13).chain(FIRST_DAY - 400..FIRST_DAY + 400) {
            assert_eq!(day_number(&iso(day)), Some(day), "{}", iso(day));
        }
        let mut codes = Codes::default();
        let cells: [&[u8]; 3] = [b"15.03.2024", b"2024-03-01", b"soon"];
        cells.iter().for_each(|cell| codes.note(Key::Date, cell));
        let dates = cells.map(|cell| String::from_utf8(codes.of(Key::Date, cell)).unwrap());
        assert_eq!(dates, ["2000-01-15", "2000-01-01", "xxxx"]);
    }

    #[test]
    fn equal_names_become_equal_codes() {
        let mut codes = Codes::default();
        let mut of = |key, cell: &str| String::from_utf8(codes.of(key, cell.as_bytes())).unwrap();
        let dyads = ["Pérez", "Soto", " Pérez", ""].map(|cell| of(Key::Dyad, cell));
        assert_eq!(dyads, ["D1", "D2", "D1", ""]);
        assert_eq!((of(Key::Worker, "Soto"), of(Key::Session, "03")), ("W1".into(), "03".into()));
        assert_eq!(of(Key::Session, "intake at home"), "S1");
    }

    #[test]
    fn letters_go_and_signs_stay() {
        assert_eq!(mask("¿Sí, 5,5?".as_bytes()), "¿xx, 5,5?".as_bytes());
        assert_eq!(mask(b"+56 9 1234 call\nme"), b"+99 9 9999 xxxx xx");
        assert_eq!(mask(b"Jos\xe9"), b"xxx\xe9");
    }
}
