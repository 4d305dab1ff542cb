//! Patterns for the names of item columns, such as `wai_{item}` or `{role}_wai{item}_s{session}`.

use crate::error::Error;
use crate::instrument::{Instrument, fold_name};

/// A pattern for item columns.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Pattern {
    /// The instrument it is for; all of the pass if none.
    pub instrument: Option<String>,
    /// The pattern as typed.
    pub text: String,
    pieces: Vec<Piece>,
}

/// A piece of a pattern.
#[derive(Debug, Clone, PartialEq, Eq)]
enum Piece {
    /// Letters that stand in every name.
    Literal(String),
    /// `{item}`, `{role}` or `{session}`.
    Place(Place),
}

/// What a part of a name stands for.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Place {
    Item,
    Role,
    Session,
}

/// One way in which a name fits a pattern: the parts of the name.
#[derive(Debug, Clone, PartialEq, Eq, Default)]
pub(super) struct Fit {
    pub item: String,
    pub role: Option<String>,
    pub session: Option<String>,
}

impl Pattern {
    /// Reads `PATTERN` or `INSTRUMENT=PATTERN`.
    ///
    /// # Errors
    /// A usage error if there is no `{item}` in it, a placeholder is unknown or stands there twice, or nothing but
    /// placeholders stands there, which any name would fit.
    ///
    /// ```
    /// use alliance_metrics::responses::Pattern;
    /// assert!(Pattern::parse("{role}_wai{item}_s{session}").unwrap().is_wide());
    /// assert!(!Pattern::parse("wai_s=q{item}").unwrap().is_wide());
    /// assert!(Pattern::parse("{role}{item}").is_err());
    /// ```
    pub fn parse(text: &str) -> Result<Pattern, Error> {
        let (instrument, pattern) = match text.split_once('=') {
            Some((id, pattern)) => (Some(id.trim().to_owned()), pattern),
            None => (None, text),
        };
        let refuse = |why: &str| {
            Err(Error::usage_help(
                format!("the pattern `{text}` {why}"),
                "for example --items 'wai_{item}', where {item} stands for the number or the id of an item; in a wide file --items '{role}_wai{item}_s{session}'",
            ))
        };
        let Some(pieces) = pieces(pattern) else {
            return refuse("may hold {item}, {role} and {session}, and no other braces");
        };
        let times = |place: Place| pieces.iter().filter(|piece| **piece == Piece::Place(place)).count();
        if times(Place::Item) != 1 {
            return refuse("needs {item} once");
        }
        if times(Place::Role) > 1 || times(Place::Session) > 1 {
            return refuse("names one thing twice");
        }
        if pieces.len() > 1 && pieces.iter().all(|piece| matches!(piece, Piece::Place(_))) {
            return refuse("fits every column: something must stand between its parts");
        }
        Ok(Pattern { instrument, text: pattern.to_owned(), pieces })
    }

    /// The item alone: columns are named by its number or its id.
    pub fn item() -> Pattern {
        Pattern { instrument: None, text: "{item}".to_owned(), pieces: vec![Piece::Place(Place::Item)] }
    }

    /// Whether it names roles or sessions, so that a row holds the answers of several.
    pub fn is_wide(&self) -> bool {
        self.has_role() || self.has_session()
    }

    pub(crate) fn has_role(&self) -> bool {
        self.pieces.contains(&Piece::Place(Place::Role))
    }

    pub(crate) fn has_session(&self) -> bool {
        self.pieces.contains(&Piece::Place(Place::Session))
    }

    /// The folded names that stand for an item, in a file that is not wide.
    pub(super) fn names(&self, item: usize, id: &str) -> [String; 2] {
        let with = |what: &str| fold_name(&self.text.replace("{item}", what));
        [with(&(item + 1).to_string()), with(id)]
    }

    /// Every way in which a name fits. Case does not count, and the signs between parts are one and the same.
    pub(super) fn fits(&self, name: &str) -> Vec<Fit> {
        let name: Vec<char> = name.trim().chars().collect();
        let mut fits = Vec::new();
        walk(&self.pieces, &name, Fit::default(), &mut fits);
        fits
    }
}

/// The item that a part of a name stands for: its number, zeros in front or not, or its id.
pub(super) fn item_of(instrument: &Instrument, part: &str) -> Option<usize> {
    if !part.is_empty() && part.bytes().all(|byte| byte.is_ascii_digit()) {
        let number: usize = part.parse().ok()?;
        return (1..=instrument.items.len()).contains(&number).then(|| number - 1);
    }
    instrument.items.iter().position(|item| fold_name(&item.id) == fold_name(part))
}

/// The pieces of a pattern; none if a brace in it makes no sense.
fn pieces(text: &str) -> Option<Vec<Piece>> {
    let mut pieces = Vec::new();
    let mut rest = text;
    while let Some(at) = rest.find(['{', '}']) {
        let (literal, placeholder) = rest.split_at(at);
        if !literal.is_empty() {
            pieces.push(Piece::Literal(literal.to_owned()));
        }
        let (place, len) = [("{item}", Place::Item), ("{role}", Place::Role), ("{session}", Place::Session)]
            .into_iter()
            .find_map(|(word, place)| placeholder.starts_with(word).then_some((place, word.len())))?;
        pieces.push(Piece::Place(place));
        rest = &placeholder[len..];
    }
    if !rest.is_empty() {
        pieces.push(Piece::Literal(rest.to_owned()));
    }
    Some(pieces)
}

/// Walks over the pieces and the name side by side; a placeholder takes any part that lets the rest fit.
fn walk(pieces: &[Piece], name: &[char], so_far: Fit, fits: &mut Vec<Fit>) {
    match pieces.split_first() {
        None if name.is_empty() => fits.push(so_far),
        None => {}
        Some((Piece::Literal(literal), pieces)) => {
            let len = literal.chars().count();
            if name.len() >= len && literal.chars().zip(name).all(|(a, b)| alike(a, *b)) {
                walk(pieces, &name[len..], so_far, fits);
            }
        }
        Some((Piece::Place(place), pieces)) => {
            for len in 1..=name.len() {
                let part: String = name[..len].iter().collect();
                let mut fit = so_far.clone();
                match place {
                    Place::Item => fit.item = part,
                    Place::Role => fit.role = Some(part),
                    Place::Session => fit.session = Some(part),
                }
                walk(pieces, &name[len..], fit, fits);
            }
        }
    }
}

/// Whether two characters are one and the same in a name.
fn alike(a: char, b: char) -> bool {
    let between = |c: char| matches!(c, '_' | '.' | '-') || c.is_whitespace();
    a == b || between(a) && between(b) || a.to_lowercase().eq(b.to_lowercase())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn names_fit_in_every_way_there_is() {
        let pattern = Pattern::parse("{role}_wai{item}_s{session}").unwrap();
        let fits = pattern.fits("Madre WAI07.S12");
        assert_eq!(fits.len(), 1);
        let (role, session) = (Some("Madre".to_owned()), Some("12".to_owned()));
        assert_eq!(fits[0], Fit { item: "07".into(), role, session });
        assert!(pattern.fits("madre_wai7").is_empty());
        assert!(pattern.fits("_wai7_s1").is_empty());
        assert_eq!(Pattern::parse("{item}_{session}").unwrap().fits("1_2_3").len(), 2);
        assert_eq!(Pattern::parse("s{session}q{item}").unwrap().fits("s01q12").len(), 1);
    }

    #[test]
    fn patterns_that_make_no_sense_are_refused() {
        for text in [
            "wai",
            "wai_{item}_{item}",
            "{role}_{role}{item}",
            "wai_{number}",
            "{item",
            "{item}}",
            "{session}{item}",
        ] {
            assert!(Pattern::parse(text).is_err(), "{text}");
        }
        assert_eq!(Pattern::parse("wai_s=q{item}").unwrap().instrument.as_deref(), Some("wai_s"));
    }
}
