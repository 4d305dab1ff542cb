//! `--where`: which rows count at all.

use super::cell::number;
use crate::error::Error;

/// Rows must hold one of these values in this column.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Filter {
    /// The column, as typed.
    pub column: String,
    /// The values, any of which will do.
    pub values: Vec<String>,
}

impl Filter {
    /// Whether a trimmed cell passes: equal as text whatever the case, or as a number.
    pub fn passes(&self, cell: &[u8]) -> bool {
        self.values.iter().any(|value| {
            cell == value.as_bytes()
                || match (number(cell, false), number(value.as_bytes(), false)) {
                    (Some(a), Some(b)) => a == b,
                    (None, None) => {
                        let cell = String::from_utf8_lossy(cell);
                        cell.eq_ignore_ascii_case(value) || cell.to_lowercase() == value.to_lowercase()
                    }
                    _ => false,
                }
        })
    }
}

/// Reads `COLUMN=VALUE[,VALUE…][,COLUMN=VALUE…]`: a piece that holds `=` starts a new column; what stands in double
/// quotes is taken as it is.
///
/// # Errors
/// A usage error if there is no column, or a quote stays open.
///
/// ```
/// use alliance_metrics::responses::parse_filters;
/// let filters = parse_filters("dyad=4,5,role=\"a,b\"").unwrap();
/// assert_eq!(filters[0].values, ["4", "5"]);
/// assert_eq!((filters[1].column.as_str(), filters[1].values[0].as_str()), ("role", "a,b"));
/// ```
pub fn parse_filters(text: &str) -> Result<Vec<Filter>, Error> {
    let help = "write --where COLUMN=VALUE, with commas between values or between columns";
    let mut filters: Vec<Filter> = Vec::new();
    for piece in pieces(text)? {
        match (piece.column, filters.last_mut()) {
            (Some(column), _) => {
                if column.is_empty() {
                    return Err(Error::usage_help(format!("--where `{text}` names no column"), help));
                }
                filters.push(Filter { column, values: vec![piece.value] });
            }
            (None, Some(last)) => last.values.push(piece.value),
            (None, None) => {
                return Err(Error::usage_help(format!("--where `{text}` has no `=`"), help));
            }
        }
    }
    Ok(filters)
}

struct Piece {
    column: Option<String>,
    value: String,
}

fn pieces(text: &str) -> Result<Vec<Piece>, Error> {
    let mut pieces = Vec::new();
    let mut piece = Piece { column: None, value: String::new() };
    let mut quoted = false;
    for c in text.chars() {
        match c {
            '"' => quoted = !quoted,
            ',' if !quoted => {
                pieces.push(std::mem::replace(&mut piece, Piece { column: None, value: String::new() }));
            }
            '=' if !quoted && piece.column.is_none() => {
                piece.column = Some(std::mem::take(&mut piece.value).trim().to_owned());
            }
            _ => piece.value.push(c),
        }
    }
    if quoted {
        return Err(Error::usage(format!("--where `{text}` leaves a quote open")));
    }
    pieces.push(piece);
    for piece in &mut pieces {
        piece.value = piece.value.trim().to_owned();
    }
    Ok(pieces)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn numbers_compare_as_numbers_and_words_whatever_their_case() {
        let filter = &parse_filters("session=3,Última").unwrap()[0];
        for cell in ["3", "03", "3.0", "última"] {
            assert!(filter.passes(cell.as_bytes()), "{cell}");
        }
        for cell in ["", "33", "ultima"] {
            assert!(!filter.passes(cell.as_bytes()), "{cell}");
        }
    }

    #[test]
    fn what_makes_no_sense_is_refused() {
        for text in ["dyad", "=4", "dyad=\"4", ""] {
            assert!(parse_filters(text).is_err(), "{text}");
        }
    }
}
