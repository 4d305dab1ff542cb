//! One instrument of a pass over a file: how the form of a row is known, and how each item is read.

use std::sync::Arc;

use super::cell::CellSpec;
use super::layout::Options;
use super::missing::MissingCodes;
use crate::error::Error;
use crate::instrument::Instrument;

/// How the form of a row is known.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum FormRule {
    /// All rows are of this form.
    Fixed(usize),
    /// All forms are scored alike, and nothing says which it is.
    Unspecified,
    /// The role column says it.
    ByRole,
}

/// One instrument of a pass over a file.
#[derive(Debug, Clone)]
pub struct Pass {
    /// The instrument.
    pub instrument: Arc<Instrument>,
    /// Another response set than the forms' own.
    pub responses: Option<usize>,
    /// How the form of a row is known.
    pub form: FormRule,
    /// Only rows of this form count.
    pub only: Option<usize>,
    /// Its first slot; its items follow in order.
    pub first_slot: usize,
    /// Words of the role column that the user gave a form, folded.
    pub(super) roles: Vec<(String, usize)>,
}

/// An item of a pass and its column.
#[derive(Debug, Clone)]
pub struct Slot {
    /// Index of the pass.
    pub pass: usize,
    /// Index of the item in its instrument.
    pub item: usize,
    /// Index of its column in the file; in a wide file that of the first role and session which has it.
    pub column: usize,
    /// How its cells are read, for each form.
    pub specs: Vec<CellSpec>,
}

impl Slot {
    /// Whether its answers are points (the same for all forms).
    pub fn is_points(&self) -> bool {
        self.specs[0].points > 0
    }
}

/// What the user says for one instrument: an entry with its id, else one without.
fn said<'a>(entries: &'a [(Option<String>, String)], instrument: &Instrument) -> Option<&'a str> {
    let own = entries.iter().find(|(id, _)| id.as_ref() == Some(&instrument.id));
    own.or_else(|| entries.iter().find(|(id, _)| id.is_none())).map(|(_, word)| word.as_str())
}

/// Decides for one instrument how the form of a row is known.
pub(super) fn pass(
    instrument: &Arc<Instrument>,
    of: usize,
    has_role: bool,
    first_slot: usize,
    options: &Options,
) -> Result<Pass, Error> {
    let form_ids = || instrument.forms.iter().map(|form| form.id.as_str()).collect::<Vec<_>>().join(", ");
    let chosen = match said(&options.form, instrument) {
        None => None,
        Some(word) => match instrument.form(word) {
            Some(form) => Some(form),
            // Of several instruments, one may well lack the form; of one, it is a mistake.
            None if of > 1 && instrument.forms.len() == 1 => Some(0),
            None => {
                let message = format!("{} has no form `{word}`", instrument.id);
                return Err(Error::usage_help(message, format!("its forms are: {}", form_ids())));
            }
        },
    };
    let responses =
        said(&options.responses, instrument).map(|word| alternative(instrument, word)).transpose()?;
    let form = match (chosen, has_role) {
        (Some(form), _) => FormRule::Fixed(form),
        (None, true) => FormRule::ByRole,
        (None, false) if instrument.forms.len() == 1 => FormRule::Fixed(0),
        (None, false) if instrument.forms_share_one_key() => FormRule::Unspecified,
        (None, false) => {
            let message = format!(
                "the forms of {} are scored differently, and nothing says which one this is",
                instrument.id
            );
            let help = format!("give --form ({}), or a role column with --role", form_ids());
            return Err(Error::usage_help(message, help));
        }
    };
    let mut roles = Vec::new();
    for (word, form) in &options.roles {
        if let Some(form) = instrument.form(form) {
            roles.push((word.trim().to_lowercase(), form));
        }
    }
    let only = chosen.filter(|_| has_role);
    Ok(Pass { instrument: instrument.clone(), responses, form, only, first_slot, roles })
}

/// A response set chosen with `--responses`: every scale must say its range for it.
fn alternative(instrument: &Instrument, word: &str) -> Result<usize, Error> {
    let fits = |set: usize| {
        instrument.scales.iter().all(|scale| match &scale.range {
            crate::instrument::PossibleRange::BySet(ranges) => ranges.iter().any(|(of, _)| *of == set),
            crate::instrument::PossibleRange::Unbounded => true,
        })
    };
    let fitting: Vec<usize> = (0..instrument.responses.len()).filter(|set| fits(*set)).collect();
    match instrument.response_set(word) {
        Some(set) if fitting.contains(&set) => Ok(set),
        _ => {
            let ids: Vec<&str> = fitting.iter().map(|set| instrument.responses[*set].id.as_str()).collect();
            let message = format!("{} cannot be scored with the response set `{word}`", instrument.id);
            Err(Error::usage_help(message, format!("it can be with: {}", ids.join(", "))))
        }
    }
}

/// How the cells of an item are read.
pub(super) fn slot(
    pass: &Pass,
    at: usize,
    item: usize,
    column: usize,
    codes: &MissingCodes,
) -> Result<Slot, Error> {
    let instrument = &pass.instrument;
    let set = |form| &instrument.responses[instrument.answers_of(item, form, pass.responses)];
    let specs: Vec<CellSpec> = (0..instrument.forms.len()).map(|form| CellSpec::new(set(form))).collect();
    for spec in &specs {
        if let Some(code) = codes.legal_in(&spec.set) {
            let message = format!(
                "--missing-codes: {code} is an answer of {} ({}), so it cannot mean a missing one",
                instrument.id,
                spec.set.describe()
            );
            return Err(Error::usage(message));
        }
    }
    Ok(Slot { pass: at, item, column, specs })
}

/// Options that name an instrument or a form which is not there.
pub(super) fn unused_words(instruments: &[Arc<Instrument>], options: &Options) -> Result<(), Error> {
    let ids: Vec<&str> = instruments.iter().map(|instrument| instrument.id.as_str()).collect();
    let named = options.form.iter().chain(&options.responses).filter_map(|(id, _)| id.as_deref());
    let patterns = options.items.iter().filter_map(|pattern| pattern.instrument.as_deref());
    for id in named.chain(patterns) {
        if !ids.contains(&id) {
            return Err(Error::usage(format!(
                "`{id}` is not scored here; the instruments are: {}",
                ids.join(", ")
            )));
        }
    }
    let forms: Vec<&str> = instruments.iter().flat_map(|i| &i.forms).map(|form| form.id.as_str()).collect();
    for (word, form) in &options.roles {
        if !forms.contains(&form.as_str()) {
            let help = format!("forms are: {}", forms.join(", "));
            return Err(Error::usage_help(format!("--roles {word}={form}: there is no form `{form}`"), help));
        }
    }
    Ok(())
}
