//! What is wrong with a rule file beyond its schema.

use toml::Spanned;

use super::chart::{ChartConfig, LEAST_CHART};
use super::rule::Mode;
use super::rule_file::{FallEntry, RepairEntry, RepairWord, RuleFile, StartFrom, SuddenEntry};
use super::threshold::ThresholdScale;
use crate::finding::{Code, Finding, Findings, Place};

/// Everything that is wrong with a rule file.
pub(super) fn check(name: &str, text: &str, file: &RuleFile) -> Result<(), Findings> {
    let mut check = Check { name, text, findings: Findings::new() };
    check.file(file);
    if check.findings.is_empty() { Ok(()) } else { Err(check.findings) }
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
        let limits = [
            file.chart.is_some(),
            file.residual.is_some(),
            file.ewma.is_some(),
            file.cusum.is_some(),
            file.level.is_some(),
        ];
        let others =
            [file.sudden.is_some(), file.parts.is_some(), file.level.is_some() || file.fall.is_some()];
        if limits[..4].iter().chain(&others).filter(|there| **there).count() != 1 {
            let message = "a rule has one of [fall], [chart], [ewma], [cusum], [residual], [sudden], [parts] and [level], or [level] beside [fall]";
            self.refuse(Code::BadRule, &file.rule, "rule", message);
        }
        if let Some(fall) = &file.fall {
            self.fall(fall, file.level.is_some());
        }
        if let Some(chart) = &file.chart {
            self.chart(chart);
        }
        if let Some(sudden) = &file.sudden {
            self.sudden(sudden);
        }
        self.remembering(file);
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
        self.repair(&file.repair, file.fall.is_some() || file.sudden.is_some(), limits.contains(&true));
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

    fn sudden(&mut self, sudden: &Spanned<SuddenEntry>) {
        let entry = sudden.get_ref();
        if !is_positive(entry.c) {
            self.refuse(Code::BadRule, sudden, "sudden.c", "c is not above 0");
        }
        self.range(sudden, "sudden.on", entry.on);
        if entry.on.is_some() && entry.scale != ThresholdScale::Points {
            self.refuse(Code::BadRule, sudden, "sudden.on", "`on` goes with scale = \"points\"");
        }
        if entry.share.is_some_and(|share| !(share > 0.0 && share <= 1.0)) {
            self.refuse(Code::BadRule, sudden, "sudden.share", "a share lies above 0 and up to 1");
        }
        if entry.sessions < 2 {
            self.refuse(Code::BadRule, sudden, "sudden.sessions", "a mean and its spread need two sessions");
        }
    }

    /// Charts that remember, and partitions.
    fn remembering(&mut self, file: &RuleFile) {
        let baseline = format!("limits need at least {LEAST_CHART} sessions");
        let short = |baseline: Option<usize>| baseline.is_some_and(|sessions| sessions < LEAST_CHART);
        if let Some(ewma) = &file.ewma {
            let config = ewma.get_ref();
            if !(config.lambda > 0.0 && config.lambda <= 1.0) {
                self.refuse(Code::BadRule, ewma, "ewma.lambda", "lambda lies above 0 and up to 1");
            }
            if !is_positive(config.multiplier) {
                self.refuse(Code::BadRule, ewma, "ewma.multiplier", "the multiplier is not above 0");
            }
            if short(config.baseline) {
                self.refuse(Code::BadRule, ewma, "ewma.baseline", &*baseline);
            }
        }
        if let Some(cusum) = &file.cusum {
            let config = cusum.get_ref();
            if !(config.slack >= 0.0 && config.slack.is_finite()) {
                self.refuse(Code::BadRule, cusum, "cusum.slack", "the slack is below 0");
            }
            if !is_positive(config.decision) {
                self.refuse(Code::BadRule, cusum, "cusum.decision", "the decision is not above 0");
            }
            if short(config.baseline) {
                self.refuse(Code::BadRule, cusum, "cusum.baseline", &*baseline);
            }
        }
        if let Some(parts) = &file.parts {
            let config = parts.get_ref();
            if !(config.penalty >= 0.0 && config.penalty.is_finite()) {
                self.refuse(Code::BadRule, parts, "parts.penalty", "the penalty is below 0");
            }
            if config.shortest == 0 {
                self.refuse(Code::BadRule, parts, "parts.shortest", "a part has at least one session");
            }
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
            self.refuse(
                Code::BadRule,
                repair,
                "repair.rule",
                "`rise` needs the threshold of a [fall] or of [sudden]",
            );
        }
        if word == RepairWord::InsideLimits && !has_limit {
            let message = "`inside_limits` needs [chart], [ewma], [cusum], [residual] or [level]";
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
