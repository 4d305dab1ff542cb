//! Which rows of two roles make pairs, and why the others do not.

use std::collections::{BTreeMap, BTreeSet};

use serde::Serialize;

/// A row: whose it is, and when.
#[derive(Debug, Clone, Copy, PartialEq, Serialize)]
pub struct Attendance {
    /// The dyad, as a number.
    pub dyad: usize,
    /// The role, as a number.
    pub role: usize,
    /// The session; a file without sessions has one.
    pub session: f64,
    /// The row of the file.
    pub row: usize,
}

/// Two rows of one dyad at one session.
#[derive(Debug, Clone, Copy, PartialEq, Serialize)]
pub struct Pair {
    /// The dyad.
    pub dyad: usize,
    /// The session.
    pub session: f64,
    /// The row of the first role.
    pub first: usize,
    /// The row of the second role.
    pub second: usize,
}

/// Why a row is in no pair.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize)]
#[serde(rename_all = "snake_case")]
pub enum Unpaired {
    /// The dyad has no row of the other role at all.
    NoPartner,
    /// The other role answered, but not at this session.
    OtherSessions,
    /// The role already has a row at this session; the first of the file counts.
    Doubled,
    /// The row holds no answer; whoever reads the file finds this out.
    NoAnswer,
}

impl Unpaired {
    /// In words, for a page.
    pub fn words(self) -> &'static str {
        match self {
            Unpaired::NoPartner => "the dyad has no answers of the other role",
            Unpaired::OtherSessions => "the other role answered other sessions only",
            Unpaired::Doubled => "a second row of this role at this session",
            Unpaired::NoAnswer => "the row holds no answer",
        }
    }
}

/// The pairs of two roles.
#[derive(Debug, Clone, PartialEq, Default, Serialize)]
#[non_exhaustive]
pub struct Pairing {
    /// Pairs, by dyad and session.
    pub pairs: Vec<Pair>,
    /// Rows of the two roles that are in no pair, with the reason, in the order of the rows.
    pub unpaired: Vec<(usize, Unpaired)>,
}

impl Pairing {
    /// How many dyads have a pair.
    pub fn dyads(&self) -> usize {
        self.pairs.iter().map(|pair| pair.dyad).collect::<BTreeSet<_>>().len()
    }

    /// The first session that both answered, dyad by dyad.
    pub fn first_of_each(&self) -> Vec<Pair> {
        let mut seen = BTreeSet::new();
        self.pairs.iter().copied().filter(|pair| seen.insert(pair.dyad)).collect()
    }

    /// The pairs of each dyad, over sessions.
    pub fn by_dyad(&self) -> Vec<&[Pair]> {
        self.pairs.chunk_by(|a, b| a.dyad == b.dyad).collect()
    }
}

/// A session with the rows of the two roles.
type Seats = (f64, [Option<usize>; 2]);

/// Pairs the rows of two roles by dyad and session.
///
/// Two rows make a pair if they are of one dyad, at one session, one of each role. The difference of a pair is first minus
/// second.
///
/// # When it means what
/// Rows that cannot be paired are told with their reason: a dyad in which both are called worker has two rows of one role
/// and no partner.
///
/// # Missing data
/// A session that only one of them answered pairs with nothing; it is never carried over.
///
/// # None
/// Nothing to pair gives no pairs.
///
/// # Agrees with
/// By definition.
///
/// # Source
/// Kenny, Kashy & Cook (2006), Dyadic Data Analysis, chapter 1.
///
/// ```
/// use alliance_metrics::dyad::{Attendance, Unpaired, pair_roles};
/// let row = |row, dyad, role, session| Attendance { dyad, role, session, row };
/// let rows = [row(0, 1, 0, 1.0), row(1, 1, 1, 1.0), row(2, 1, 0, 2.0), row(3, 2, 1, 1.0)];
/// let pairing = pair_roles(&rows, 0, 1);
/// assert_eq!((pairing.pairs[0].first, pairing.pairs[0].second), (0, 1));
/// assert_eq!(pairing.unpaired, [(2, Unpaired::OtherSessions), (3, Unpaired::NoPartner)]);
/// ```
pub fn pair_roles(rows: &[Attendance], first: usize, second: usize) -> Pairing {
    let mut pairing = Pairing::default();
    // Dyads in order, in them sessions in order, in them the two rows.
    let mut dyads: BTreeMap<usize, Vec<Seats>> = BTreeMap::new();
    let mut sorted: Vec<&Attendance> =
        rows.iter().filter(|row| row.role == first || row.role == second).collect();
    sorted.sort_by(|a, b| a.session.total_cmp(&b.session).then(a.row.cmp(&b.row)));
    for row in sorted {
        let sessions = dyads.entry(row.dyad).or_default();
        if sessions.last().is_none_or(|(session, _)| session.total_cmp(&row.session).is_ne()) {
            sessions.push((row.session, [None, None]));
        }
        let Some((_, seats)) = sessions.last_mut() else { continue };
        let seat = &mut seats[usize::from(row.role != first)];
        match seat {
            Some(_) => pairing.unpaired.push((row.row, Unpaired::Doubled)),
            None => *seat = Some(row.row),
        }
    }
    for (dyad, sessions) in dyads {
        let came = |role: usize| sessions.iter().any(|(_, seats)| seats[role].is_some());
        let why = if came(0) && came(1) { Unpaired::OtherSessions } else { Unpaired::NoPartner };
        for (session, seats) in sessions {
            match seats {
                [Some(first), Some(second)] => pairing.pairs.push(Pair { dyad, session, first, second }),
                [Some(alone), None] | [None, Some(alone)] => pairing.unpaired.push((alone, why)),
                [None, None] => {}
            }
        }
    }
    pairing.unpaired.sort_unstable();
    pairing
}
