//! The definitions that ship with the program.

use super::definition::Instrument;
use crate::finding::Findings;

/// One shipped definition: id, definition, worked cases.
struct Shipped {
    id: &'static str,
    definition: &'static str,
    cases: &'static str,
}

macro_rules! shipped {
    ($($id:literal),* $(,)?) => {
        &[$(Shipped {
            id: $id,
            definition: include_str!(concat!("../../instruments/", $id, ".toml")),
            cases: include_str!(concat!("../../instruments/", $id, ".cases.toml")),
        }),*]
    };
}

const SHELF: &[Shipped] = shipped![
    "wai",
    "wai_s",
    "wai_sr",
    "wai_srt",
    "wav_12r",
    "tasc_r",
    "tascp",
    "softa_s",
    "softa_o",
    "haq_ii",
    "arm_5",
    "srs",
    "csrs",
    "rupture_markers",
    "tensions",
];

/// The ids of the shipped instruments, in the order of the shelf.
pub fn ids() -> impl Iterator<Item = &'static str> {
    SHELF.iter().map(|shipped| shipped.id)
}

/// Loads a shipped instrument; none has this id if `None`.
///
/// # Errors
/// What is wrong with the definition; a test holds that nothing is.
///
/// ```
/// let instrument = alliance_metrics::instrument::library::load("wai_sr").unwrap().unwrap();
/// assert_eq!(instrument.scale_ids(), ["task", "bond", "goal", "total"]);
/// ```
pub fn load(id: &str) -> Option<Result<Instrument, Findings>> {
    let shipped = SHELF.iter().find(|shipped| shipped.id == id)?;
    let (definition, cases) = (format!("{id}.toml"), format!("{id}.cases.toml"));
    Some(Instrument::parse_checked(&definition, shipped.definition, (&cases, shipped.cases)))
}

/// The text of a shipped definition.
pub fn definition(id: &str) -> Option<&'static str> {
    SHELF.iter().find(|shipped| shipped.id == id).map(|shipped| shipped.definition)
}

/// A shipped definition and its worked cases as one file, to start a definition of one's own from.
pub fn with_cases(id: &str) -> Option<String> {
    let shipped = SHELF.iter().find(|shipped| shipped.id == id)?;
    let first = shipped.cases.find("[[case]]")?;
    Some(format!("{}\n{}", shipped.definition, &shipped.cases[first..]))
}
