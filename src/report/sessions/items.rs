//! Items behind a fall, from the answers of the study.

use super::follow::{Followed, Group, Member};
use crate::session::{FallenItem, fallen_items};

/// How many items are named.
const MOST: usize = 3;

/// The items that fell most between two sessions of a course, by index; none where there are no items.
pub(in crate::report) fn fallen(
    followed: &Followed<'_>,
    group: &Group,
    member: &Member,
    (from, to): (usize, usize),
) -> Vec<FallenItem> {
    let sample = &followed.study.sample;
    let Some(edition) = sample.edition(group.scale, group.form).filter(|edition| edition.terms.len() > 1)
    else {
        return Vec::new();
    };
    let ids: Vec<String> = edition.terms.iter().map(|term| sample.item_id(term)).collect();
    let answers = |at: usize| -> Vec<f64> {
        let row = member.rows[at];
        let scored =
            |term: &crate::scoring::Term| sample.answer(term, row).map_or(f64::NAN, |x| term.scored(x));
        edition.terms.iter().map(scored).collect()
    };
    fallen_items(&ids, &answers(from), &answers(to), MOST)
}

/// The last two sessions with a score, and the items that fell most between them.
pub(in crate::report) fn last_fall(
    followed: &Followed<'_>,
    group: &Group,
    member: &Member,
) -> Option<(i64, i64, Vec<FallenItem>)> {
    let n = member.series.n();
    let (before, after) = (n.checked_sub(2)?, n - 1);
    let numbers = member.series.numbers();
    Some((numbers[before], numbers[after], fallen(followed, group, member, (before, after))))
}
