//! Instruments by id or by path.

use std::path::Path;
use std::sync::Arc;

use super::files::{base_name, read};
use crate::error::Error;
use crate::finding::near;
use crate::instrument::{Instrument, library};
use crate::{scoring, strict, study};

/// A definition that was loaded, with the name of the file of its cases if they stand apart.
pub(super) struct Loaded {
    pub instrument: Instrument,
    pub cases: Option<String>,
}

/// Loads the instruments of a comma-separated list of ids and paths.
pub(super) fn instruments(list: &str) -> Result<Vec<Arc<Instrument>>, Error> {
    let words: Vec<&str> =
        if Path::new(list).is_file() { vec![list] } else { list.split(',').map(str::trim).collect() };
    let mut instruments: Vec<Arc<Instrument>> = Vec::new();
    for word in words {
        let instrument = instrument(word)?.instrument;
        if instruments.iter().any(|other| other.id == instrument.id) {
            return Err(Error::usage(format!("`{}` is named twice", instrument.id)));
        }
        instruments.push(Arc::new(instrument));
    }
    Ok(instruments)
}

/// Loads one instrument by id or by path. A definition of the user's own is linted and its cases recomputed.
pub(super) fn instrument(word: &str) -> Result<Loaded, Error> {
    if let Some(shipped) = library::load(word) {
        return Ok(Loaded { instrument: shipped.map_err(Error::definition)?, cases: None });
    }
    let path = Path::new(word);
    let is_path =
        path.exists() || path.extension().is_some_and(|ext| ext == "toml") || word.contains(['/', '\\']);
    if !is_path {
        let help = match near(word, library::ids()).first() {
            Some(id) => format!("did you mean `{id}`?"),
            None => "`alliance instruments` lists the shelf; a definition of your own is named by its path"
                .to_owned(),
        };
        return Err(Error::usage_help(format!("there is no instrument `{word}`"), help));
    }
    let bytes = read(path)?;
    let text = strict::text(word, &bytes).map_err(Error::definition)?;
    if text.contains(study::FORMAT) {
        let help = "`alliance report` takes a study file alone; other commands take an instrument and files of answers";
        return Err(Error::usage_help(format!("`{word}` is a study file, not an instrument"), help));
    }
    let beside = path.with_extension("cases.toml");
    let cases = if beside.is_file() { Some((beside.display().to_string(), read(&beside)?)) } else { None };
    let cases_text = match &cases {
        Some((name, bytes)) => Some((name.as_str(), strict::text(name, bytes).map_err(Error::definition)?)),
        None => None,
    };
    let instrument = Instrument::parse(word, text, cases_text).map_err(Error::definition)?;
    let wrong = scoring::check_cases(&instrument);
    if wrong.problems() > 0 {
        return Err(Error::definition(wrong));
    }
    Ok(Loaded { instrument, cases: cases.map(|(name, _)| base_name(Path::new(&name))) })
}
