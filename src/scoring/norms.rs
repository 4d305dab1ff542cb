//! Norms that the user brings: standard scores beside raw ones. None are shipped.

use serde::Serialize;

use super::plan::{Edition, Plan};
use super::rules::As;
use crate::brought::{BroughtLine, BroughtTable};
use crate::error::Error;
use crate::finding::{Code, Finding, Findings, near};
use crate::numeric::distribution::normal_cdf;
use crate::responses::Layout;

/// A table of norms, as the user wrote it.
#[derive(Debug, Clone)]
pub struct Norms {
    table: BroughtTable,
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

#[derive(Debug, Clone)]
enum Kind {
    /// Mean and standard deviation.
    Moments { mean: f64, sd: f64 },
    /// Raw score and T, by raw score.
    Table(Vec<(f64, f64)>),
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

/// Standard scores of one score.
#[derive(Debug, Clone, Copy, PartialEq)]
#[non_exhaustive]
pub struct Standard {
    /// Standard deviations above the norm's mean.
    pub z: f64,
    /// 50 + 10 z, or what the table says.
    pub t: f64,
    /// Percent of a normal distribution below it.
    pub percentile: f64,
}

/// Norms fitted to a plan.
#[derive(Debug, Clone)]
pub struct PlannedNorms {
    /// For each scale of the plan and each form.
    of: Vec<Vec<Option<Planned>>>,
    /// The norms in use, in the order of the plan.
    pub used: Vec<NormInUse>,
    /// Name of the file.
    pub name: String,
}

#[derive(Debug, Clone)]
struct Planned {
    /// From a score to the norm's metric: factor and shift.
    to_norm: (f64, f64),
    kind: Kind,
}

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

impl Norms {
    /// Reads a table of norms: the columns `scale` and `score` (mean, sum or pomp: the metric of the norm), then `mean`
    /// and `sd`, or `raw` and `t` with one line a raw score; `form`, `instrument`, `n` and `source` where there are any.
    ///
    /// # Errors
    /// Every line that cannot be used.
    pub fn parse(name: &str, bytes: &[u8]) -> Result<Norms, Findings> {
        let table = BroughtTable::read(name, bytes, Code::BadNorm, COLUMNS, 2)?;
        let mut findings = Findings::keeping_all();
        let mut norms: Vec<Norm> = Vec::new();
        for line in table.lines() {
            match norm(&line) {
                Ok(norm) => match norms.iter_mut().find(|other| other.same_subject(&norm)) {
                    None => norms.push(norm),
                    Some(other) => {
                        if let Err(message) = other.join(norm) {
                            findings.push(Finding::problem(Code::BadNorm, table.place(line.number), message));
                        }
                    }
                },
                Err((message, help)) => {
                    let finding = Finding::problem(Code::BadNorm, table.place(line.number), message);
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
                    findings.push(Finding::problem(Code::BadNorm, table.place(norm.line), message));
                }
            }
        }
        if norms.is_empty() && findings.problems() == 0 {
            findings.push(Finding::problem(Code::BadNorm, table.place(1), "the table holds no norm"));
        }
        if findings.problems() > 0 { Err(findings) } else { Ok(Norms { table, norms }) }
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
            name: self.table.name().to_owned(),
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
        let problem = |code, message: String| Finding::problem(code, self.table.place(norm.line), message);
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
fn norm(line: &BroughtLine<'_>) -> Result<Norm, (String, String)> {
    let bad = |message: String, help: &str| (message, help.to_owned());
    let number = |column: &str| {
        line.number(column)
            .map_err(|cell| bad(format!("`{cell}` in the column `{column}` is no number"), "write a number"))
    };
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

/// A range may be missed by rounding of printed means; anything beyond this is no rounding.
const ROUNDING: f64 = 1e-9;

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

/// Factor and shift that take a score from one metric to another; none where counts have no maximum.
fn conversion(edition: &Edition, from: As, to: As) -> Option<(f64, f64)> {
    if from == to {
        return Some((1.0, 0.0));
    }
    let k = edition.terms.len() as f64;
    // Of each metric: sum of the items = a · score + b.
    let sum_of = |metric: As| match metric {
        As::Mean => Some((k, 0.0)),
        As::Sum => Some((1.0, 0.0)),
        As::Pomp => edition.range_as(As::Sum).map(|[low, high]| ((high - low) / 100.0, low)),
    };
    let ((a, b), (c, d)) = (sum_of(from)?, sum_of(to)?);
    Some((a / c, (b - d) / c))
}

impl PlannedNorms {
    /// The standard scores of a score; none where its scale and form have no norm, or a table does not reach so far.
    ///
    /// z = (x − m) / s with the norm's mean m and standard deviation s; T = 50 + 10 z; the percentile is that of a
    /// normal distribution, 100 Φ(z). A table gives T, between two of its raw scores on the straight line between them,
    /// and z = (T − 50) / 10.
    pub fn standard(&self, scale: usize, form: Option<usize>, value: f64) -> Option<Standard> {
        let planned = self.of[scale].get(form?)?.as_ref()?;
        let (factor, shift) = planned.to_norm;
        let x = factor * value + shift;
        let (z, t) = match &planned.kind {
            Kind::Moments { mean, sd } => {
                let z = (x - mean) / sd;
                (z, 50.0 + 10.0 * z)
            }
            Kind::Table(entries) => {
                let t = between(entries, x)?;
                ((t - 50.0) / 10.0, t)
            }
        };
        Some(Standard { z, t, percentile: 100.0 * normal_cdf(z) })
    }
}

/// T at a raw score; none outside the table.
fn between(entries: &[(f64, f64)], x: f64) -> Option<f64> {
    let above = entries.iter().position(|(raw, _)| *raw >= x - ROUNDING)?;
    let (raw, t) = entries[above];
    if (raw - x).abs() <= ROUNDING {
        return Some(t);
    }
    let (below, t_below) = *entries.get(above.checked_sub(1)?)?;
    Some(t_below + (t - t_below) * (x - below) / (raw - below))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_table_is_read_between_its_lines_and_not_beyond() {
        let table = [(4.0, 30.0), (8.0, 40.0), (12.0, 60.0)];
        assert_eq!(between(&table, 8.0), Some(40.0));
        assert_eq!(between(&table, 9.0), Some(45.0));
        assert_eq!(between(&table, 3.9), None);
        assert_eq!(between(&table, 12.1), None);
    }
}
