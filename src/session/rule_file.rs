//! Rules as files: the format, and the presets that ship with the program.

use schemars::JsonSchema;
use serde::{Deserialize, Serialize};
use toml::Spanned;

use super::chart::ChartConfig;
use super::cumulated::{CusumConfig, EwmaConfig};
use super::rule::{Before, Mode, Repair, Residual, Rule, Signal, TrendOf};
use super::rule_check::check;
use super::series::Gap;
use super::steps::PartitionConfig;
use super::threshold::{Points, Threshold, ThresholdScale};
use super::trend::Degree;
use crate::finding::Findings;
use crate::strict;

/// A rule for ruptures and repairs as a file, `alliance-rule/1`.
#[derive(Debug, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
pub struct RuleFile {
    /// The format of this file.
    pub schema: RuleFormat,
    /// What the rule is.
    #[schemars(with = "AboutRule")]
    pub rule: Spanned<AboutRule>,
    /// A fall as a signal.
    #[schemars(with = "Option<FallEntry>")]
    pub fall: Option<Spanned<FallEntry>>,
    /// A control chart whose lower limit signals.
    #[schemars(with = "Option<ChartConfig>")]
    pub chart: Option<Spanned<ChartConfig>>,
    /// A chart that remembers earlier sessions, whose lower limit signals.
    #[schemars(with = "Option<EwmaConfig>")]
    pub ewma: Option<Spanned<EwmaConfig>>,
    /// A sum of deviations downwards as a signal.
    #[schemars(with = "Option<CusumConfig>")]
    pub cusum: Option<Spanned<CusumConfig>>,
    /// A fall that lasts as a signal.
    #[schemars(with = "Option<SuddenEntry>")]
    pub sudden: Option<Spanned<SuddenEntry>>,
    /// A lower part of the course as a signal.
    #[schemars(with = "Option<PartitionConfig>")]
    pub parts: Option<Spanned<PartitionConfig>>,
    /// A distance from the person's own trend as a signal.
    #[schemars(with = "Option<ResidualEntry>")]
    pub residual: Option<Spanned<ResidualEntry>>,
    /// A fixed place on the scale, below which a score signals; with `fall`, either signals.
    #[schemars(with = "Option<LevelEntry>")]
    pub level: Option<Spanned<LevelEntry>>,
    /// Where a rupture may start; anywhere, if absent.
    #[schemars(with = "Option<StartEntry>")]
    pub start: Option<Spanned<StartEntry>>,
    /// What counts as a repair.
    #[schemars(with = "RepairEntry")]
    pub repair: Spanned<RepairEntry>,
}

/// The name of the format.
#[derive(Debug, Deserialize, JsonSchema)]
pub enum RuleFormat {
    /// The only version so far.
    #[serde(rename = "alliance-rule/1")]
    V1,
}

/// What a rule is.
#[derive(Debug, Clone, PartialEq, Deserialize, Serialize, JsonSchema)]
#[serde(deny_unknown_fields)]
pub struct AboutRule {
    /// Stable id: lower-case letters, digits and underscores.
    pub id: String,
    /// What it says, in a line.
    pub title: String,
    /// Where it comes from.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub source: Option<String>,
    /// Which of its parameters are those of the source.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub verified: Option<String>,
    /// Which were filled in here, because the source does not give them or was not read.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub reconstructed: Option<String>,
}

/// A fall.
#[derive(Debug, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
pub struct FallEntry {
    /// What the threshold is counted in.
    pub scale: ThresholdScale,
    /// The multiplier, or the points; with several, the rule is applied with each.
    pub c: Vec<f64>,
    /// For `points`, the range on which they are meant.
    pub on: Option<[f64; 2]>,
    /// For `gumz_strict`, a spread of the person and a spread of the sample.
    pub pair: Option<[ThresholdScale; 2]>,
    /// Which falls are looked at.
    #[serde(default)]
    pub mode: Mode,
    /// What a change across missed sessions counts for.
    #[serde(default)]
    pub gap: Gap,
}

/// A fall from one session to the next that lasts.
#[derive(Debug, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
pub struct SuddenEntry {
    /// What the threshold is counted in.
    pub scale: ThresholdScale,
    /// The multiplier, or the points.
    pub c: f64,
    /// For `points`, the range on which they are meant.
    pub on: Option<[f64; 2]>,
    /// The least share of the score before that the fall must be; any, if absent.
    pub share: Option<f64>,
    /// Sessions on each side whose means must differ by more than their spread.
    #[serde(default = "three")]
    pub sessions: usize,
    /// What a change across missed sessions counts for.
    #[serde(default)]
    pub gap: Gap,
}

fn three() -> usize {
    3
}

/// A distance from a trend.
#[derive(Debug, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
pub struct ResidualEntry {
    /// Whose trend: the person's own, or that of a mixed growth model of the sample, which is a line.
    #[serde(default)]
    pub of: TrendOf,
    /// The trend.
    pub degree: Degree,
    /// How far below it a session must lie.
    pub c: f64,
    /// In which unit.
    #[serde(default)]
    pub residual: Residual,
}

/// A fixed place on the scale.
#[derive(Debug, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
pub struct LevelEntry {
    /// A score below it signals.
    pub below: Points,
}

/// Where a rupture may start.
#[derive(Debug, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
pub struct StartEntry {
    /// Where.
    pub from: StartFrom,
    /// For `above`, the place.
    pub place: Option<Points>,
}

/// Where a rupture may start, as a word.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Deserialize, JsonSchema)]
#[serde(rename_all = "snake_case")]
pub enum StartFrom {
    /// From any score.
    Anywhere,
    /// From the person's mean or above.
    AboveMean,
    /// From a place on the scale or above.
    Above,
}

/// What counts as a repair.
#[derive(Debug, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
pub struct RepairEntry {
    /// The rule.
    pub rule: RepairWord,
    /// For `fraction`, the share of the fall that must be won back.
    pub fraction: Option<f64>,
    /// For `return_to_start`, how far below the start is near enough.
    pub tolerance: Option<Points>,
    /// Observed sessions within which the repair must come; at any time, if absent.
    pub window: Option<usize>,
}

/// A repair rule, as a word.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Deserialize, JsonSchema)]
#[serde(rename_all = "snake_case")]
pub enum RepairWord {
    /// Back at the start.
    ReturnToStart,
    /// A share of the fall won back.
    Fraction,
    /// As far above the trough as the threshold of the fall.
    Rise,
    /// No longer beyond the limit that signalled.
    InsideLimits,
    /// At or above the person's mean.
    ToMean,
}

/// The JSON Schema of rule files.
///
/// ```
/// let schema = alliance_metrics::session::rule_schema();
/// assert!(schema["properties"]["repair"].is_object());
/// ```
pub fn rule_schema() -> serde_json::Value {
    schemars::schema_for!(RuleFile).to_value()
}

/// A rule file, read: one rule, or one for each multiplier.
#[derive(Debug, Clone, PartialEq, Serialize)]
#[non_exhaustive]
pub struct Preset {
    /// What the rule is.
    pub about: AboutRule,
    /// The rules.
    pub rules: Vec<Rule>,
}

impl Preset {
    /// Reads a rule file.
    ///
    /// # Errors
    /// Everything that is wrong with it.
    ///
    /// ```
    /// use alliance_metrics::session::{Preset, preset_text};
    /// let preset = Preset::parse("mine.toml", preset_text("stiles2004_like").unwrap()).unwrap();
    /// assert_eq!(preset.rules[0].window, Some(5));
    /// ```
    pub fn parse(name: &str, text: &str) -> Result<Preset, Findings> {
        let file: RuleFile = strict::read(name, text)?;
        check(name, text, &file)?;
        Ok(Preset { rules: file.rules(), about: file.rule.into_inner() })
    }
}

impl RuleFile {
    /// The rules of a file that was found sound.
    fn rules(&self) -> Vec<Rule> {
        let about = self.rule.get_ref();
        let signals = self.signals();
        let several = signals.len() > 1;
        let gap = match (&self.fall, &self.sudden) {
            (Some(fall), _) => fall.get_ref().gap,
            (None, Some(sudden)) => sudden.get_ref().gap,
            (None, None) => Gap::default(),
        };
        let rule = |(signal, c): (Signal, f64)| Rule {
            id: if several { format!("{}:{c}", about.id) } else { about.id.clone() },
            signal,
            before: self.start.as_ref().map_or(Before::Anywhere, |start| start.get_ref().before()),
            repair: self.repair.get_ref().repair(),
            window: self.repair.get_ref().window,
            gap,
        };
        signals.into_iter().map(rule).collect()
    }

    fn signals(&self) -> Vec<(Signal, f64)> {
        if let Some(chart) = &self.chart {
            return vec![(Signal::Chart { chart: chart.get_ref().clone() }, 0.0)];
        }
        if let Some(ewma) = &self.ewma {
            return vec![(Signal::Ewma { ewma: ewma.get_ref().clone() }, 0.0)];
        }
        if let Some(cusum) = &self.cusum {
            return vec![(Signal::Cusum { cusum: cusum.get_ref().clone() }, 0.0)];
        }
        if let Some(parts) = &self.parts {
            return vec![(Signal::Parts { parts: parts.get_ref().clone() }, 0.0)];
        }
        if let Some(sudden) = self.sudden.as_ref().map(Spanned::get_ref) {
            let threshold = Threshold { on: sudden.on, ..Threshold::new(sudden.scale, sudden.c) };
            let signal = Signal::Sudden { threshold, share: sudden.share, sessions: sudden.sessions };
            return vec![(signal, sudden.c)];
        }
        if let Some(residual) = &self.residual {
            let ResidualEntry { of, degree, c, residual } = *residual.get_ref();
            return vec![(Signal::Residual { of, degree, c, residual }, c)];
        }
        let below = self.level.as_ref().map(|level| level.get_ref().below);
        let Some(fall) = self.fall.as_ref().map(Spanned::get_ref) else {
            return below.map(|below| (Signal::Level { below }, 0.0)).into_iter().collect();
        };
        let signal = |c: &f64| {
            let usual = Threshold::new(fall.scale, *c);
            let threshold = Threshold { on: fall.on, pair: fall.pair.or(usual.pair), ..usual };
            let signal = match below {
                Some(below) => Signal::LevelOrFall { below, threshold },
                None => Signal::Fall { threshold, mode: fall.mode },
            };
            (signal, *c)
        };
        fall.c.iter().map(signal).collect()
    }
}

impl StartEntry {
    fn before(&self) -> Before {
        match (self.from, self.place) {
            (StartFrom::Above, Some(place)) => Before::Above { place },
            (StartFrom::AboveMean, _) => Before::AboveMean,
            _ => Before::Anywhere,
        }
    }
}

impl RepairEntry {
    fn repair(&self) -> Repair {
        match self.rule {
            RepairWord::ReturnToStart => {
                Repair::ReturnToStart { tolerance: self.tolerance.unwrap_or(Points::of_score(0.0)) }
            }
            RepairWord::Fraction => Repair::Fraction { fraction: self.fraction.unwrap_or(0.5) },
            RepairWord::Rise => Repair::Rise,
            RepairWord::InsideLimits => Repair::InsideLimits,
            RepairWord::ToMean => Repair::ToMean,
        }
    }
}
