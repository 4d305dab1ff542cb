//! Codes that observers gave to sessions: tensions, markers, ways of handling them.

use std::collections::{BTreeMap, BTreeSet};

/// What one observer coded in one session.
#[derive(Debug, Clone, PartialEq, Default)]
pub struct CodeRow {
    /// The dyad.
    pub dyad: String,
    /// The session.
    pub session: i64,
    /// The observer, where several coded.
    pub rater: Option<String>,
    /// For each code whether it was there; none where it was not judged.
    pub marks: Vec<Option<bool>>,
}

/// The coded sessions of a dyad. A session that nobody coded is not among them: not coded is not absent.
#[derive(Debug, Clone, PartialEq, Default)]
pub struct CodedSessions {
    /// Their numbers, in order.
    pub sessions: Vec<i64>,
    /// For each code and each of these sessions whether it was there; none where nobody judged it.
    pub present: Vec<Vec<Option<bool>>>,
}

impl CodedSessions {
    /// Whether a code was there in a session; none where nobody judged it.
    pub fn get(&self, code: usize, session: i64) -> Option<bool> {
        let at = self.sessions.binary_search(&session).ok()?;
        *self.present.get(code)?.get(at)?
    }

    /// The sessions in which a code was there.
    pub fn with(&self, code: usize) -> impl Iterator<Item = i64> + '_ {
        let present = self.present.get(code).map_or(&[][..], Vec::as_slice);
        self.sessions
            .iter()
            .zip(present)
            .filter(|(_, mark)| **mark == Some(true))
            .map(|(session, _)| *session)
    }
}

/// Coded sessions of every dyad, from the rows of all observers or of one.
///
/// A code is there when at least half of the observers who judged it marked it. Several rows of one observer and session (the
/// long form) count together.
///
/// ```
/// use alliance_metrics::session::{CodeRow, coded_sessions};
/// let row = |rater: &str, mark| CodeRow {
///     dyad: "4".into(), session: 6, rater: Some(rater.into()), marks: vec![Some(mark)],
/// };
/// let rows = [row("O1", true), row("O2", false)];
/// assert_eq!(coded_sessions(&rows, 1, None)["4"].get(0, 6), Some(true));
/// assert_eq!(coded_sessions(&rows, 1, Some("O2"))["4"].get(0, 6), Some(false));
/// ```
pub fn coded_sessions(
    rows: &[CodeRow],
    codes: usize,
    rater: Option<&str>,
) -> BTreeMap<String, CodedSessions> {
    type Marks = Vec<Option<bool>>;
    let mut by_dyad: BTreeMap<&str, BTreeMap<i64, BTreeMap<Option<&str>, Marks>>> = BTreeMap::new();
    for row in rows.iter().filter(|row| rater.is_none_or(|rater| row.rater.as_deref() == Some(rater))) {
        let sessions = by_dyad.entry(&row.dyad).or_default();
        let own = sessions.entry(row.session).or_default().entry(row.rater.as_deref());
        let marks = own.or_insert_with(|| vec![None; codes]);
        for (have, new) in marks.iter_mut().zip(&row.marks) {
            *have = match (*have, *new) {
                (Some(a), Some(b)) => Some(a || b),
                (a, b) => a.or(b),
            };
        }
    }
    let settle = |raters: &BTreeMap<Option<&str>, Marks>, code: usize| {
        let judged = raters.values().filter_map(|marks| marks[code]);
        let (yes, all) = judged.fold((0, 0), |(yes, all), mark| (yes + usize::from(mark), all + 1));
        (all > 0).then_some(2 * yes >= all && yes > 0)
    };
    let dyad = |(dyad, sessions): (&str, BTreeMap<i64, BTreeMap<Option<&str>, Marks>>)| {
        let present =
            (0..codes).map(|code| sessions.values().map(|raters| settle(raters, code)).collect()).collect();
        (dyad.to_owned(), CodedSessions { sessions: sessions.into_keys().collect(), present })
    };
    by_dyad.into_iter().map(dyad).collect()
}

/// The observers that occur, in order.
pub fn raters(rows: &[CodeRow]) -> BTreeSet<&str> {
    rows.iter().filter_map(|row| row.rater.as_deref()).collect()
}
