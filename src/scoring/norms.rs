//! Norms that the user brings: standard scores beside raw ones. None are shipped.

use serde::Serialize;

use super::plan::{Edition, Plan};
use super::rules::As;
use super::standard::{Kind, Planned, PlannedNorms, ROUNDING, conversion};
use crate::error::Error;
use crate::finding::{Code, Finding, Findings, near};
use crate::responses::{Layout, Sheet};

/// A table of norms, as the user wrote it.
#[derive(Debug, Clone)]
pub struct Norms {
    sheet: Sheet,
    norms: Vec<Norm>,
}

/// A norm for one scale, on one form or on all.
#[derive(Debug, Clone)]
struct Norm {
    line: u64,
    instrument: Option<String>,
    scale: String,
    form: Option<String>,
    score: As,
    kind: Kind,
    n: Option<u64>,
    source: Option<String>,
}

/// A norm as it is used: which scale and form it serves, and what it became in the metric of the score.
#[derive(Debug, Clone, PartialEq, Serialize)]
#[non_exhaustive]
pub struct NormInUse {
    /// Id of the instrument.
    pub instrument: String,
    /// Id of the scale.
    pub scale: String,
    /// Id of the form.
    pub form: String,
    /// The metric of the norm.
    pub score: As,
    /// The metric of the scores.
    pub scored_as: As,
    /// The norm's mean, in its own metric.
    pub mean: Option<f64>,
    /// Its standard deviation.
    pub sd: Option<f64>,
    /// The mean in the metric of the scores.
    pub mean_as_scored: Option<f64>,
    /// The standard deviation in the metric of the scores.
    pub sd_as_scored: Option<f64>,
    /// How many lines a table from raw scores to T has.
    pub table_lines: Option<usize>,
    /// How many people the norm rests on.
    pub n: Option<u64>,
    /// Where it comes from.
    pub source: Option<String>,
    /// Its line in the table.
    pub line: u64,
}

/// The columns of a table of norms, each with the names it may have.
const COLUMNS: &[&[&str]] = &[
    &["scale"],
    &["score", "metric"],
    &["form", "informant"],
    &["instrument"],
    &["mean", "m"],
    &["sd"],
    &["raw"],
    &["t"],
    &["n"],
    &["source"],
];

/// A line of the table.
struct Line<'a> {
    sheet: &'a Sheet,
    number: u64,
    cells: &'a [String],
}

impl<'a> Line<'a> {
    /// The cell of a column; nothing if it is empty or not there.
    fn cell(&self, column: &str) -> Option<&'a str> {
        let names = COLUMNS.iter().find(|names| names[0] == column)?;
        let cell = self.cells.get(self.sheet.column(names)?)?;
        Some(cell.as_str()).filter(|cell| !cell.is_empty())
    }

    /// The number in a column; nothing if the cell is empty, what is wrong if it is no number.
    fn number(&self, column: &str) -> Result<Option<f64>, (String, String)> {
        let Some(cell) = self.cell(column) else { return Ok(None) };
        let text = cell.replace('\u{2212}', "-").replace(',', ".");
        let number = text.parse::<f64>().ok().filter(|x| x.is_finite());
        let wrong =
            || (format!("`{cell}` in the column `{column}` is no number"), "write a number".to_owned());
        number.map(Some).ok_or_else(wrong)
    }
}

impl Norms {
    /// Reads a table of norms: the columns `scale` and `score` (mean, sum or pomp: the metric of the norm), then `mean`
    /// and `sd`, or `raw` and `t` with one line a raw score; `form`, `instrument`, `n` and `source` where there are any.
    ///
    /// # Errors
    /// Every line that cannot be used.
    pub fn parse(name: &str, bytes: &[u8]) -> Result<Norms, Findings> {
        let sheet = Sheet::read(name, bytes)?;
        let mut findings = Findings::keeping_all();
        for names in COLUMNS[..2].iter().filter(|names| sheet.column(names).is_none()) {
            let message = format!("a table of norms has a column `{}`", names[0]);
            let finding = Finding::problem(Code::BadNorm, sheet.place(1), message);
            findings.push(finding.help(format!("found: {}", sheet.columns.join(", "))));
        }
        if findings.problems() > 0 {
            return Err(findings);
        }
        let mut norms: Vec<Norm> = Vec::new();
        for (number, cells) in &sheet.rows {
            let line = Line { sheet: &sheet, number: *number, cells };
            match norm(&line) {
                Ok(norm) => match norms.iter_mut().find(|other| other.same_subject(&norm)) {
                    None => norms.push(norm),
                    Some(other) => {
                        if let Err(message) = other.join(norm) {
                            findings.push(Finding::problem(Code::BadNorm, sheet.place(line.number), message));
                        }
                    }
                },
                Err((message, help)) => {
                    let finding = Finding::problem(Code::BadNorm, sheet.place(line.number), message);
                    findings.push(finding.help(help));
                }
            }
        }
        for norm in &mut norms {
            if let Kind::Table(entries) = &mut norm.kind {
                entries.sort_by(|a, b| a.0.total_cmp(&b.0));
                let rising = entries.windows(2).all(|pair| pair[0].0 < pair[1].0 && pair[0].1 <= pair[1].1);
                if entries.len() < 2 || !rising {
                    let message = format!(
                        "the raw-to-T table of `{}` needs two or more raw scores, each once, with T rising",
                        norm.scale
                    );
                    findings.push(Finding::problem(Code::BadNorm, sheet.place(norm.line), message));
                }
            }
        }
        if norms.is_empty() && findings.problems() == 0 {
            findings.push(Finding::problem(Code::BadNorm, sheet.place(1), "the table holds no norm"));
        }
        if findings.problems() > 0 { Err(findings) } else { Ok(Norms { sheet, norms }) }
    }

    /// Fits the norms to the scales of a plan.
    ///
    /// # Errors
    /// A definition error for a scale or form that is not there, a metric the scale cannot have, or a mean outside the
    /// scale's range.
    pub fn plan(&self, layout: &Layout, plan: &Plan) -> Result<PlannedNorms, Error> {
        let forms = |scale: &super::plan::PlannedScale| vec![None; scale.forms];
        let mut planned = PlannedNorms {
            of: plan.scales.iter().map(forms).collect(),
            used: Vec::new(),
            name: self.sheet.name.clone(),
        };
        let mut findings = Findings::keeping_all();
        for norm in &self.norms {
            if let Err(finding) = self.fit(norm, layout, plan, &mut planned) {
                findings.push(*finding);
            }
        }
        planned.used.sort_by_key(|used| {
            let scale = plan.scales.iter().position(|scale| scale.id == used.scale);
            (used.instrument.clone(), scale, used.form.clone())
        });
        if findings.problems() > 0 { Err(Error::definition(findings)) } else { Ok(planned) }
    }

    fn fit(
        &self,
        norm: &Norm,
        layout: &Layout,
        plan: &Plan,
        planned: &mut PlannedNorms,
    ) -> Result<(), Box<Finding>> {
        let problem = |code, message: String| Finding::problem(code, self.sheet.place(norm.line), message);
        let id = |at: usize| layout.passes[at].instrument.id.as_str();
        let mut served = 0;
        let mut known_form = norm.form.is_none();
        let mut known_scale = false;
        for (at, scale) in plan.scales.iter().enumerate() {
            let here = norm.instrument.as_deref().is_none_or(|instrument| instrument == id(scale.pass));
            if scale.id != norm.scale || !here {
                continue;
            }
            known_scale = true;
            let instrument = &layout.passes[scale.pass].instrument;
            for (index, form) in instrument.forms.iter().enumerate() {
                if norm.form.as_deref().is_some_and(|wanted| wanted != form.id) {
                    continue;
                }
                known_form = true;
                let Some(edition) = scale.edition(Some(index)) else { continue };
                let fitted =
                    norm.fitted(edition).map_err(|(code, message)| Box::new(problem(code, message)))?;
                served += 1;
                // A norm for one form stands before one for all.
                if norm.form.is_none() && planned.of[at][index].is_some() {
                    continue;
                }
                planned.used.retain(|used| {
                    used.instrument != instrument.id || used.scale != scale.id || used.form != form.id
                });
                planned.used.push(norm.in_use(&instrument.id, &form.id, edition, &fitted));
                planned.of[at][index] = Some(fitted);
            }
        }
        let scales: Vec<&str> = plan.scales.iter().map(|scale| scale.id.as_str()).collect();
        if !known_scale {
            let close = near(&norm.scale, scales.iter().copied())
                .first()
                .map(|near| format!("did you mean `{near}`?"));
            let help = close.unwrap_or_else(|| format!("scales are: {}", scales.join(", ")));
            return Err(Box::new(
                problem(Code::UnknownName, format!("there is no scale `{}`", norm.scale)).help(help),
            ));
        }
        if !known_form || served == 0 {
            let form = norm.form.as_deref().unwrap_or("any");
            let forms: Vec<&str> = layout
                .passes
                .iter()
                .flat_map(|pass| pass.instrument.forms.iter().map(|form| form.id.as_str()))
                .collect();
            let message = format!("the scale `{}` has no form `{form}`", norm.scale);
            return Err(Box::new(
                problem(Code::UnknownName, message).help(format!("forms are: {}", forms.join(", "))),
            ));
        }
        Ok(())
    }
}

/// A line as a norm; what is wrong with it and what to do otherwise.
fn norm(line: &Line<'_>) -> Result<Norm, (String, String)> {
    let bad = |message: String, help: &str| (message, help.to_owned());
    let number = |column: &str| line.number(column);
    let scale = line
        .cell("scale")
        .ok_or_else(|| bad("a norm without a scale".to_owned(), "write the id of a scale"))?;
    let score = match line.cell("score").map(str::to_lowercase).as_deref() {
        Some("mean") => As::Mean,
        Some("sum") => As::Sum,
        Some("pomp") => As::Pomp,
        other => {
            let message = format!("the metric of a norm is mean, sum or pomp, not `{}`", other.unwrap_or(""));
            return Err(bad(
                message,
                "a mean of 21.6 means nothing unless it is known what was averaged or summed",
            ));
        }
    };
    let kind = match (number("mean")?, number("sd")?, number("raw")?, number("t")?) {
        (Some(mean), Some(sd), None, None) if sd > 0.0 => Kind::Moments { mean, sd },
        (Some(_), Some(sd), None, None) => {
            return Err(bad(
                format!("a standard deviation of {sd}"),
                "a norm needs a standard deviation above 0",
            ));
        }
        (None, None, Some(raw), Some(t)) => Kind::Table(vec![(raw, t)]),
        _ => {
            let message = "a norm holds a mean and an sd, or a raw score and its T".to_owned();
            return Err(bad(message, "fill in `mean` and `sd`, or `raw` and `t`"));
        }
    };
    let n = match number("n")? {
        None => None,
        Some(n) if n >= 1.0 && n.fract() == 0.0 && n < 1e12 => Some(n as u64),
        Some(n) => return Err(bad(format!("n is {n}"), "n is how many people the norm rests on")),
    };
    Ok(Norm {
        line: line.number,
        instrument: line.cell("instrument").map(str::to_owned),
        scale: scale.to_owned(),
        form: line.cell("form").map(str::to_owned),
        score,
        kind,
        n,
        source: line.cell("source").map(str::to_owned),
    })
}

impl Norm {
    fn same_subject(&self, other: &Norm) -> bool {
        (&self.instrument, &self.scale, &self.form) == (&other.instrument, &other.scale, &other.form)
    }

    /// Takes in another line on the same scale and form.
    fn join(&mut self, other: Norm) -> Result<(), String> {
        match (&mut self.kind, other.kind) {
            (Kind::Table(mine), Kind::Table(theirs)) if self.score == other.score => {
                mine.extend(theirs);
                Ok(())
            }
            _ => Err(format!("there are two norms for the scale `{}` on one form", self.scale)),
        }
    }

    /// The norm for an edition, with the way from a score to the norm's metric.
    fn fitted(&self, edition: &Edition) -> Result<Planned, (Code, String)> {
        let to_norm = conversion(edition, edition.kind, self.score).ok_or_else(|| {
            let message =
                format!("the scale `{}` sums counts, which have no percent of the maximum", self.scale);
            (Code::BadNorm, message)
        })?;
        let values: Vec<f64> = match &self.kind {
            Kind::Moments { mean, .. } => vec![*mean],
            Kind::Table(entries) => entries.iter().map(|(raw, _)| *raw).collect(),
        };
        if let Some([low, high]) = edition.range_as(self.score)
            && let Some(outside) = values.iter().find(|v| **v < low - ROUNDING || **v > high + ROUNDING)
        {
            let what = if matches!(self.kind, Kind::Moments { .. }) { "mean" } else { "raw score" };
            let message = format!(
                "a {what} of {outside} lies outside what `{}` can be as a {}: {low} to {high}",
                self.scale,
                self.score.id()
            );
            return Err((Code::NormOutOfRange, message));
        }
        Ok(Planned { to_norm, kind: self.kind.clone() })
    }

    fn in_use(&self, instrument: &str, form: &str, edition: &Edition, fitted: &Planned) -> NormInUse {
        let (factor, shift) = fitted.to_norm;
        let moments = match self.kind {
            Kind::Moments { mean, sd } => Some((mean, sd)),
            Kind::Table(_) => None,
        };
        NormInUse {
            instrument: instrument.to_owned(),
            scale: self.scale.clone(),
            form: form.to_owned(),
            score: self.score,
            scored_as: edition.kind,
            mean: moments.map(|(mean, _)| mean),
            sd: moments.map(|(_, sd)| sd),
            mean_as_scored: moments.map(|(mean, _)| (mean - shift) / factor),
            sd_as_scored: moments.map(|(_, sd)| sd / factor),
            table_lines: match &self.kind {
                Kind::Table(entries) => Some(entries.len()),
                Kind::Moments { .. } => None,
            },
            n: self.n,
            source: self.source.clone(),
            line: self.line,
        }
    }
}
