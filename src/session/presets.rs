//! The rules that ship with the program, and rules by name.

use super::rule::Rule;
use super::rule_file::Preset;
use super::threshold::ThresholdScale;
use crate::finding::near;

macro_rules! shipped {
    ($($id:literal),* $(,)?) => {
        &[$(($id, include_str!(concat!("../../rules/", $id, ".toml")))),*]
    };
}

const SHELF: &[(&str, &str)] = shipped![
    "stiles2004_like",
    "strauss2006_like",
    "stevens2007_like",
    "gumz2012_like",
    "mclaughlin2014_like",
    "larsson2018_like",
    "control_chart",
    "ewma",
    "cusum",
    "residual",
    "coutinho2014_like",
    "sudden_loss",
    "optimal_partition",
    "openfit_srs_like",
    "srs",
];

/// The ids of the shipped rules.
pub fn preset_ids() -> impl Iterator<Item = &'static str> {
    SHELF.iter().map(|(id, _)| *id)
}

/// The text of a shipped rule, to copy and change.
pub fn preset_text(id: &str) -> Option<&'static str> {
    SHELF.iter().find(|(known, _)| *known == id).map(|(_, text)| *text)
}

/// A name that is no rule.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
#[error("{message}")]
pub struct RuleNameError {
    message: String,
}

/// The rules a name stands for: a preset, or SCALE:C. A scale with a usual multiplier may stand alone.
///
/// # Errors
/// A name that is neither, with the nearest one that is.
///
/// ```
/// use alliance_metrics::session::named_rules;
/// assert_eq!(named_rules("sd_raw:1.5").unwrap()[0].id, "sd_raw:1.5");
/// assert_eq!(named_rules("gumz2012_like").unwrap().len(), 2);
/// assert!(named_rules("sd_row:1").unwrap_err().to_string().contains("sd_raw"));
/// ```
pub fn named_rules(name: &str) -> Result<Vec<Rule>, RuleNameError> {
    let refuse = |message: String| Err(RuleNameError { message });
    if let Some(text) = preset_text(name) {
        return match Preset::parse(name, text) {
            Ok(preset) => Ok(preset.rules),
            Err(_) => refuse(format!("the rule `{name}` that ships with the program cannot be read")),
        };
    }
    let (scale, c) = name.split_once(':').map_or((name, None), |(scale, c)| (scale, Some(c)));
    let Some(known) = ThresholdScale::ALL.into_iter().find(|known| known.id() == scale) else {
        let names = preset_ids().chain(ThresholdScale::ALL.map(ThresholdScale::id));
        let help = near(scale, names).first().map(|word| format!(", did you mean `{word}`?"));
        let help = help.unwrap_or_else(|| {
            format!(": rules are {}, or SCALE:C", preset_ids().collect::<Vec<_>>().join(", "))
        });
        return refuse(format!("`{name}` is no rule{help}"));
    };
    let number = match c {
        Some(c) => c.parse::<f64>().ok().filter(|c| c.is_finite() && *c > 0.0),
        None => known.usual_c(),
    };
    match (number, c) {
        (Some(number), _) => {
            let rule = Rule::fall(known, number);
            Ok(vec![Rule { id: c.map_or(rule.id.clone(), |_| name.to_owned()), ..rule }])
        }
        (None, Some(c)) => refuse(format!("`{c}` in `{name}` is not a number above 0")),
        (None, None) => refuse(format!("`{name}` needs a multiplier, as in `{name}:1`")),
    }
}
