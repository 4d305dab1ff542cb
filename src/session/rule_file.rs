//! Rules as files: the format, and the presets that ship with the program.

use schemars::JsonSchema;
use serde::{Deserialize, Serialize};
use toml::Spanned;

use super::chart::{ChartConfig, LEAST_CHART};
use super::rule::{Before, Mode, Repair, Residual, Rule, Signal};
use super::series::Gap;
use super::threshold::{Points, Threshold, ThresholdScale};
use super::trend::Degree;
use crate::finding::{Code, Finding, Findings, Place};
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

/// A distance from the person's own trend.
#[derive(Debug, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
pub struct ResidualEntry {
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
        let mut check = Check { name, text, findings: Findings::new() };
        check.file(&file);
        if !check.findings.is_empty() {
            return Err(check.findings);
        }
        Ok(Preset { rules: file.rules(), about: file.rule.into_inner() })
    }
}

impl RuleFile {
    /// The rules of a file that was found sound.
    fn rules(&self) -> Vec<Rule> {
        let about = self.rule.get_ref();
        let signals = self.signals();
        let several = signals.len() > 1;
        let gap = self.fall.as_ref().map_or(Gap::default(), |fall| fall.get_ref().gap);
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
        if let Some(residual) = &self.residual {
            let ResidualEntry { degree, c, residual } = *residual.get_ref();
            return vec![(Signal::Residual { degree, c, residual }, c)];
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

/// What the schema cannot say.
struct Check<'a> {
    name: &'a str,
    text: &'a str,
    findings: Findings,
}

impl Check<'_> {
    fn refuse<T>(&mut self, code: Code, at: &Spanned<T>, path: &str, message: impl Into<String>) {
        let mut place = Place::span(self.name, self.text, at.span());
        place.column = Some(path.to_owned());
        self.findings.push(Finding::problem(code, place, message.into()));
    }

    fn file(&mut self, file: &RuleFile) {
        let plain = |c: char| c.is_ascii_lowercase() || c.is_ascii_digit() || c == '_';
        let id = &file.rule.get_ref().id;
        if id.is_empty() || !id.chars().all(plain) {
            self.refuse(
                Code::BadId,
                &file.rule,
                "rule.id",
                format!("`{id}` is not lower-case letters, digits and _"),
            );
        }
        let limits = [file.chart.is_some(), file.residual.is_some(), file.level.is_some()];
        let alone = limits[..2].iter().filter(|there| **there).count();
        let others = usize::from(limits[2] || file.fall.is_some());
        if alone + others != 1 {
            let message =
                "a rule has one of [fall], [chart], [residual] and [level], or [level] beside [fall]";
            self.refuse(Code::BadRule, &file.rule, "rule", message);
        }
        if let Some(fall) = &file.fall {
            self.fall(fall, file.level.is_some());
        }
        if let Some(chart) = &file.chart {
            self.chart(chart);
        }
        if let Some(c) = file.residual.as_ref().filter(|residual| !is_positive(residual.get_ref().c)) {
            self.refuse(Code::BadRule, c, "residual.c", "c is not above 0");
        }
        if let Some(level) = &file.level {
            self.range(level, "level.below", level.get_ref().below.on);
        }
        if let Some(start) = &file.start {
            let entry = start.get_ref();
            if (entry.from == StartFrom::Above) != entry.place.is_some() {
                self.refuse(
                    Code::BadRule,
                    start,
                    "start.place",
                    "`place` goes with from = \"above\", and with it alone",
                );
            }
            self.range(start, "start.place", entry.place.and_then(|place| place.on));
        }
        self.repair(&file.repair, file.fall.is_some(), limits.contains(&true));
    }

    fn fall(&mut self, fall: &Spanned<FallEntry>, with_level: bool) {
        let entry = fall.get_ref();
        if entry.c.is_empty() || !entry.c.iter().all(|c| is_positive(*c)) {
            self.refuse(Code::BadRule, fall, "fall.c", "c is a list of numbers above 0");
        }
        self.range(fall, "fall.on", entry.on);
        if entry.on.is_some() && entry.scale != ThresholdScale::Points {
            self.refuse(Code::BadRule, fall, "fall.on", "`on` goes with scale = \"points\"");
        }
        if let Some([person, sample]) = entry.pair
            && (entry.scale != ThresholdScale::GumzStrict || person.is_of_sample() || !sample.is_of_sample())
        {
            let message = "`pair` goes with \"gumz_strict\": a spread of the person, then one of the sample";
            self.refuse(Code::BadRule, fall, "fall.pair", message);
        }
        if with_level && (entry.mode != Mode::Single || entry.c.len() > 1) {
            let message = "beside [level], falls are single and have one c";
            self.refuse(Code::BadRule, fall, "fall", message);
        }
    }

    fn chart(&mut self, chart: &Spanned<ChartConfig>) {
        let config = chart.get_ref();
        if !is_positive(config.multiplier) {
            self.refuse(Code::BadRule, chart, "chart.multiplier", "the multiplier is not above 0");
        }
        if config.baseline.is_some_and(|sessions| sessions < LEAST_CHART) {
            let message = format!("limits need at least {LEAST_CHART} sessions");
            self.refuse(Code::BadRule, chart, "chart.baseline", message);
        }
    }

    fn repair(&mut self, repair: &Spanned<RepairEntry>, has_fall: bool, has_limit: bool) {
        let entry = repair.get_ref();
        let word = entry.rule;
        if entry.fraction.is_some_and(|share| !(share > 0.0 && share <= 1.0)) {
            self.refuse(Code::BadRule, repair, "repair.fraction", "a fraction lies above 0 and up to 1");
        }
        if entry.fraction.is_some() != (word == RepairWord::Fraction) {
            let message = "`fraction` goes with rule = \"fraction\", and with it alone";
            self.refuse(Code::BadRule, repair, "repair.fraction", message);
        }
        if entry.tolerance.is_some() && word != RepairWord::ReturnToStart {
            let message = "`tolerance` goes with rule = \"return_to_start\"";
            self.refuse(Code::BadRule, repair, "repair.tolerance", message);
        }
        self.range(repair, "repair.tolerance", entry.tolerance.and_then(|points| points.on));
        if entry.window == Some(0) {
            self.refuse(Code::BadRule, repair, "repair.window", "a window has at least one session");
        }
        if word == RepairWord::Rise && !has_fall {
            self.refuse(Code::BadRule, repair, "repair.rule", "`rise` needs the threshold of a [fall]");
        }
        if word == RepairWord::InsideLimits && !has_limit {
            let message = "`inside_limits` needs [chart], [residual] or [level]";
            self.refuse(Code::BadRule, repair, "repair.rule", message);
        }
    }

    fn range<T>(&mut self, at: &Spanned<T>, path: &str, on: Option<[f64; 2]>) {
        if on.is_some_and(|[low, high]| !(low < high && low.is_finite() && high.is_finite())) {
            self.refuse(Code::BadBounds, at, path, "the range ends before it begins");
        }
    }
}

fn is_positive(c: f64) -> bool {
    c.is_finite() && c > 0.0
}
