//! What stands under the tables of codes beside scores.

use super::super::format::{Kind, number};
use crate::session::{EventEffect, Uninformative};

/// What the columns of effects mean.
pub(super) const LOWER_BY: &str = "Lower by: how much lower sessions with the code are, in points. NAP: share of pairs of sessions of one dyad in which the coded one is lower (.50: no difference).";

/// Dyads that say nothing, codes that cannot reach .05, and what a single dyad may say.
pub(super) fn under(dyads: &[String], effects: &[EventEffect], codes: &[String]) -> Vec<String> {
    let mut notes = vec![format!("{LOWER_BY} Least p: the smallest p this code could reach.")];
    let silent: Vec<String> = dyads
        .iter()
        .enumerate()
        .filter(|(at, _)| effects.iter().all(|e| e.dyads[*at].reason == Some(Uninformative::TooFew)))
        .map(|(_, dyad)| dyad.clone())
        .collect();
    if !silent.is_empty() {
        notes.push(format!(
            "Fewer than three sessions with both a score and codes: dyad {}.",
            silent.join(", ")
        ));
    }
    let empty: Vec<String> = effects.iter().filter_map(|effect| nothing_from(dyads, effect, codes)).collect();
    if !empty.is_empty() {
        notes.push(format!("Always or never there, so that nothing can be told: {}.", empty.join("; ")));
    }
    let tests = |effect: &'_ EventEffect| effect.exchange.as_ref().or(effect.shift.as_ref())?.smallest_p;
    let blunt: Vec<&str> = effects
        .iter()
        .filter(|effect| tests(effect).is_some_and(|least| least > 0.05))
        .map(|effect| codes[effect.code].as_str())
        .collect();
    if !blunt.is_empty() {
        notes.push(format!("Could not reach .05 whatever the scores were: {}.", blunt.join(", ")));
    }
    if dyads.len() == 1 {
        notes = vec![LOWER_BY.to_owned()];
        let rank = |effect: &EventEffect| effect.dyads.first().and_then(|dyad| dyad.rank);
        let ranks: Vec<String> = effects
            .iter()
            .filter_map(|effect| {
                let (rank, of) = rank(effect)?;
                let by = number(effect.difference.estimate?, Kind::Score);
                let way = if effect.difference.estimate? < 0.0 { "higher by" } else { "lower by" };
                let by = by.trim_start_matches(['-', '−']).to_owned();
                Some(format!("{} {way} {by}: {rank} of {of}", codes[effect.code]))
            })
            .collect();
        let few = "One dyad: no verdict, whatever its sessions say. How many of all shifts of the codes along the sessions give a difference as large";
        match ranks.is_empty() {
            true => notes.push("One dyad, and no code is there in some of its sessions and not in others: nothing to compare.".to_owned()),
            false => notes.push(format!("{few}: {}.", ranks.join("; "))),
        }
    }
    notes
}

/// The dyads in which a code is always there, or never; none where that is so in all of them, which a note says.
fn nothing_from(dyads: &[String], effect: &EventEffect, codes: &[String]) -> Option<String> {
    let constant =
        |reason| matches!(reason, Some(Uninformative::AlwaysPresent | Uninformative::NeverPresent));
    let names: Vec<&str> = dyads
        .iter()
        .zip(&effect.dyads)
        .filter(|(_, own)| constant(own.reason))
        .map(|(dyad, _)| dyad.as_str())
        .collect();
    let code = &codes[effect.code];
    match names.len() {
        0 => None,
        n if n == dyads.len() => None,
        1 => Some(format!("{code} in dyad {}", names[0])),
        n if n > MOST_NAMED => Some(format!("{code} in {n} dyads")),
        _ => Some(format!("{code} in dyads {}", names.join(", "))),
    }
}

/// No more dyads than this are named.
const MOST_NAMED: usize = 12;
