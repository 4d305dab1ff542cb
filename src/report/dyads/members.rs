//! Who makes pairs with whom: the roles of a study in their order, and the rows of every two of them.

use std::collections::HashMap;

use crate::dyad::{Attendance, Pair, Pairing, Unpaired, pair_roles};
use crate::error::Error;
use crate::finding::near;
use crate::report::study::Study;
use crate::responses::{FormRule, Key};
use crate::sample::Occasion;

/// The dyads and roles of a study, and the rows of each.
pub struct Members {
    /// The names of the dyads, in reading order.
    pub dyads: Vec<String>,
    /// The roles with their forms, in the order in which differences are taken.
    pub roles: Vec<(String, Option<usize>)>,
    /// The rows with at least one answer.
    rows: Vec<Attendance>,
    /// The rows without any: their role, and the row.
    empty: Vec<(usize, usize)>,
}

/// Two roles: the difference is first minus second.
pub struct RolePair {
    /// The roles.
    pub roles: [String; 2],
    /// Their forms.
    pub forms: [Option<usize>; 2],
    /// Pairs of all sessions, and the rows without one.
    pub pairing: Pairing,
    /// The pair of each dyad on the chosen occasion.
    pub chosen: Vec<Pair>,
}

impl RolePair {
    /// `caregiver − worker`.
    pub fn direction(&self) -> String {
        format!("{} − {}", self.roles[0], self.roles[1])
    }
}

impl Members {
    /// The members of the dyads of a study.
    ///
    /// # Errors
    /// A usage error where the file does not say whose a row is, of which dyad and role.
    pub fn of(study: &Study, scales: &[usize]) -> Result<Members, Error> {
        let sample = &study.sample;
        let lacking = |what: &str, option: &str| {
            let message = format!("pairs need a column of {what}, and {} has none", study.file_names());
            Error::usage_help(message, format!("name it with {option} COLUMN"))
        };
        if ![Key::Dyad, Key::Person, Key::Family].into_iter().any(|key| sample.key(key).is_some()) {
            return Err(lacking("dyads", "--dyad"));
        }
        if sample.key(Key::Role).is_none() {
            return Err(lacking("roles (who of the two answered)", "--role"));
        }
        let mut members =
            Members { dyads: Vec::new(), roles: Vec::new(), rows: Vec::new(), empty: Vec::new() };
        let courses = sample.courses();
        for course in &courses {
            let role = (course.role.clone().unwrap_or_default(), course.form);
            if !members.roles.contains(&role) {
                members.roles.push(role);
            }
        }
        members.roles.sort_by_key(|(role, form)| (form.is_none(), *form, place(study, role, *form)));
        let mut index: HashMap<&str, usize> = HashMap::new();
        for course in &courses {
            let next = members.dyads.len();
            let dyad = *index.entry(course.dyad.as_str()).or_insert(next);
            if dyad == next {
                members.dyads.push(course.dyad.clone());
            }
            let is = |(role, form): &(String, Option<usize>)| {
                course.role.as_ref() == Some(role) && *form == course.form
            };
            let role = members.roles.iter().position(is).unwrap_or_default();
            let doubled = course.doubled.iter().filter_map(|(first, second)| {
                let visit = course.visits.iter().find(|visit| visit.row == *first)?;
                Some((visit.session, *second))
            });
            let visits = course.visits.iter().map(|visit| (visit.session, visit.row));
            for (session, row) in visits.chain(doubled) {
                match scales.iter().any(|scale| sample.score(*scale, row).answered > 0) {
                    true => members.rows.push(Attendance { dyad, role, session, row }),
                    false => members.empty.push((role, row)),
                }
            }
        }
        Ok(members)
    }

    /// Every two roles, or the two asked for, in the order asked for.
    ///
    /// # Errors
    /// A usage error where there is one role only, for a role that is not there, or for a session that nobody shares.
    pub fn pairs(
        &self,
        study: &Study,
        wanted: Option<&[String; 2]>,
        occasion: &Occasion,
    ) -> Result<Vec<RolePair>, Error> {
        let wanted = match wanted {
            Some([a, b]) => vec![[self.role(a)?, self.role(b)?]],
            None => {
                let n = self.roles.len();
                (0..n).flat_map(|a| (a + 1..n).map(move |b| [a, b])).collect()
            }
        };
        if wanted.is_empty() {
            let word = self.roles.first().map_or("", |(role, _)| role);
            let message = format!("all rows are of the role `{word}`: there is nobody to pair them with");
            let help =
                "two members of a dyad need two words in the column of roles, such as caregiver and worker";
            return Err(Error::usage_help(message, help));
        }
        let pairs: Vec<RolePair> =
            wanted.into_iter().map(|[a, b]| self.pair(study, a, b, occasion)).collect();
        if pairs.iter().all(|pair| pair.chosen.is_empty()) {
            let (message, help) = match occasion {
                Occasion::Session(session) => (
                    format!("--occasion: no dyad has both roles at session `{session}`"),
                    "name a session that both answered, or first, or last",
                ),
                _ => (
                    "no dyad has two roles with answers at one session".to_owned(),
                    "is --dyad the column of pairs? Both members of a dyad need the same word in it, and the same session",
                ),
            };
            return Err(Error::usage_help(message, help));
        }
        Ok(pairs)
    }

    fn role(&self, word: &str) -> Result<usize, Error> {
        let word = word.trim().to_lowercase();
        self.roles.iter().position(|(role, _)| role.to_lowercase() == word).ok_or_else(|| {
            let words = || self.roles.iter().map(|(role, _)| role.as_str());
            let help = match near(&word, words()).first() {
                Some(word) => format!("did you mean `{word}`?"),
                None => format!("roles are: {}", words().collect::<Vec<_>>().join(", ")),
            };
            Error::usage_help(format!("--pair: nobody has the role `{word}`"), help)
        })
    }

    fn pair(&self, study: &Study, first: usize, second: usize, occasion: &Occasion) -> RolePair {
        let mut pairing = pair_roles(&self.rows, first, second);
        let empty = self.empty.iter().filter(|(role, _)| [first, second].contains(role));
        pairing.unpaired.extend(empty.map(|(_, row)| (*row, Unpaired::NoAnswer)));
        pairing.unpaired.sort_unstable();
        let chosen = match occasion {
            Occasion::Session(session) => {
                pairing.pairs.iter().filter(|pair| study.sample.is_at(pair.first, session)).copied().collect()
            }
            Occasion::Last => {
                pairing.by_dyad().into_iter().filter_map(|pairs| pairs.last().copied()).collect()
            }
            _ => pairing.first_of_each(),
        };
        let of = |role: usize| self.roles[role].clone();
        let ((a, form_a), (b, form_b)) = (of(first), of(second));
        RolePair { roles: [a, b], forms: [form_a, form_b], pairing, chosen }
    }
}

/// The place of a role among those of its form; without an instrument all have one form, and the alphabet decides.
fn place(study: &Study, role: &str, form: Option<usize>) -> (usize, String) {
    let pass = &study.sample.layout.passes[0];
    let listed = form.filter(|_| !study.is_of_scores() && pass.form == FormRule::ByRole).and_then(|form| {
        let lower = role.to_lowercase();
        pass.instrument.forms[form].roles.iter().position(|word| *word == lower)
    });
    (listed.unwrap_or(usize::MAX), role.to_owned())
}
