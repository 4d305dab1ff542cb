//! The keys of a row in 24 bytes.

use super::firsts::{SPOT_BITS, Spot};

/// The keys of a row, packed. A row is the visit of one informant to one unit (a dyad, mostly) at one session.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) struct Visit {
    /// A short name as it stands, or the digest of a long one.
    unit: u64,
    /// From the highest bit: session, who answered, gaps.
    when_who: u64,
    /// From the highest bit: spot, role, day.
    place: u64,
}

const SESSION_BITS: u32 = 24;
const GAP_BITS: u32 = 8;
const ROLE_BITS: u32 = 6;
const DAY_BITS: u32 = 64 - SPOT_BITS - ROLE_BITS;
/// Day 0, which is none; day 1 is 1900-01-02, as days are counted from 0000-03-01.
const BEFORE_DAYS: i64 = 693_901;

/// Sessions from here on are words, and from [`HASHED`] on words beyond what is kept.
pub(super) const WORDS: u32 = 1 << 22;
pub(super) const HASHED: u32 = 1 << 23;
/// Roles are numbered from 1; 0 is none.
pub(super) const MOST_ROLES: usize = (1 << ROLE_BITS) - 1;

impl Visit {
    /// A visit to a unit by somebody, at a session.
    pub fn new(unit: u64, who: u64, session: u32, gaps: u8) -> Visit {
        let who = u64::from(mix(who) as u32);
        let when_who = u64::from(session) << (64 - SESSION_BITS) | who << GAP_BITS | u64::from(gaps);
        Visit { unit, when_who, place: 0 }
    }

    /// The same visit, where it stands, with the number of its role and its day.
    pub fn at(self, spot: Spot, role: usize, day: u64) -> Visit {
        Visit { place: spot.bits() << (64 - SPOT_BITS) | (role as u64) << DAY_BITS | day, ..self }
    }

    /// Equal for rows with one key.
    pub fn key(&self) -> (u64, u64) {
        (self.unit, self.when_who >> GAP_BITS)
    }

    /// By key, then by place.
    pub fn order(&self) -> (u64, u64, u64) {
        (self.unit, self.when_who >> GAP_BITS, self.place)
    }

    /// The unit.
    pub fn unit(&self) -> u64 {
        self.unit
    }

    /// The session, as a code.
    pub fn session(&self) -> u32 {
        (self.when_who >> (64 - SESSION_BITS)) as u32
    }

    /// A number that stands for role and rater.
    pub fn who(&self) -> u32 {
        (self.when_who >> GAP_BITS) as u32
    }

    /// How many answers are missing.
    pub fn gaps(&self) -> u64 {
        self.when_who & ((1 << GAP_BITS) - 1)
    }

    /// Where the row stands.
    pub fn spot(&self) -> Spot {
        Spot::from_bits(self.place >> (64 - SPOT_BITS))
    }

    /// Number of the role's word from 1; 0 for none.
    pub fn role(&self) -> usize {
        (self.place >> DAY_BITS) as usize & MOST_ROLES
    }

    /// The date as a day number.
    pub fn day(&self) -> Option<u32> {
        Some((self.place & ((1 << DAY_BITS) - 1)) as u32).filter(|day| *day > 0)
    }
}

/// A whole number that may stand for itself as the code of a session.
pub(super) fn whole(text: &[u8]) -> Option<u32> {
    let digits = text.iter().position(|byte| *byte == b'.').map_or(text, |point| match &text[point + 1..] {
        decimals if decimals.iter().all(|byte| *byte == b'0') => &text[..point],
        _ => text,
    });
    if digits.is_empty() || digits.len() > 7 || !digits.iter().all(u8::is_ascii_digit) {
        return None;
    }
    let number = digits.iter().fold(0, |number, digit| 10 * number + u32::from(digit - b'0'));
    (number < WORDS).then_some(number)
}

/// A name of up to seven bytes as it stands, with its length; of a longer one the digest, marked by the highest bit.
pub(super) fn unit(name: &[u8]) -> u64 {
    if name.len() > 7 {
        return digest(name) | 1 << 63;
    }
    let mut bytes = [0; 8];
    bytes[0] = name.len() as u8;
    bytes[1..=name.len()].copy_from_slice(name);
    u64::from_be_bytes(bytes)
}

/// Whether a unit is the digest of a long name.
pub(super) fn is_long(unit: u64) -> bool {
    unit >> 63 == 1
}

/// The name of a unit that is short.
pub(super) fn short_name(unit: u64) -> String {
    let bytes = unit.to_be_bytes();
    String::from_utf8_lossy(&bytes[1..=usize::from(bytes[0]).min(7)]).into_owned()
}

/// A day number as visits hold it; 0 if it is beyond them.
pub(super) fn day_code(day: i64) -> u64 {
    let day = day - BEFORE_DAYS;
    if (1..1 << DAY_BITS).contains(&day) { day as u64 } else { 0 }
}

/// 64 bits of a text: FNV-1a, well mixed.
pub(super) fn digest(text: &[u8]) -> u64 {
    mix(text
        .iter()
        .fold(0xcbf2_9ce4_8422_2325, |hash, byte| (hash ^ u64::from(*byte)).wrapping_mul(0x0100_0000_01b3)))
}

/// The finaliser of MurmurHash3: every bit depends on every bit.
pub(super) fn mix(mut x: u64) -> u64 {
    x = (x ^ x >> 33).wrapping_mul(0xff51_afd7_ed55_8ccd);
    x = (x ^ x >> 33).wrapping_mul(0xc4ce_b9fe_1a85_ec53);
    x ^ x >> 33
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::responses::day_number;

    #[test]
    fn a_visit_gives_back_what_it_was_made_of() {
        let day = day_code(day_number("2025-03-04").unwrap());
        let visit = Visit::new(unit(b"D-07"), 9, 1234, 17).at(Spot::new(3, 21), 5, day);
        assert_eq!(
            (visit.session(), visit.gaps(), visit.role(), visit.spot()),
            (1234, 17, 5, Spot::new(3, 21))
        );
        assert_eq!(u64::from(visit.day().unwrap()) + 1, day_code(day_number("05.03.2025").unwrap()));
        assert_eq!(short_name(visit.unit()), "D-07");
        assert_eq!(std::mem::size_of::<Visit>(), 24);
    }

    #[test]
    fn names_and_sessions_are_told_apart() {
        assert!(is_long(unit(b"12345678")) && !is_long(unit(b"1234567")));
        assert!(unit(b"a") != unit(b"a\0") && unit(b"") != unit(b"\0"));
        assert_eq!(
            ["3", "03", "3.0", "4194303"].map(|text| whole(text.as_bytes())),
            [Some(3), Some(3), Some(3), Some(4_194_303)]
        );
        assert_eq!(["", ".", "-1", "3.5", "4194304", "x"].map(|text| whole(text.as_bytes())), [None; 6]);
        assert_eq!(day_code(day_number("1066-10-14").unwrap()), 0);
    }
}
