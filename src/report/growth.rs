//! The report of `growth`: mixed models of the course, side by side.

use std::collections::BTreeMap;

use serde_json::{Value as Json, json};

use super::format::{Kind, number, plural};
use super::growth_band::{Band, bands};
use super::growth_tables as tables;
use super::model::{Block, Note, Report, Section};
use super::repeated::{OverTime, doubled_note, over_time};
use super::said::Said;
use super::study::Study;
use crate::error::Error;
use crate::nested::{
    Column, Comparison, Criterion, DegreesOfFreedom, Mixed, MixedConfig, MixedModel, Occasions, PersonLine,
    Random, Residual, Status, compare, mixed, person_lines,
};
use crate::responses::Key;
use crate::statistic::{Reason, StatError};

/// How time is counted.
#[derive(Debug, Clone, Copy, PartialEq)]
pub enum TimeCoding {
    /// Session number less this one.
    Session(f64),
    /// Weeks since the dyad's first date.
    Weeks,
}

/// What is asked of the courses.
#[derive(Debug, Clone)]
pub struct GrowthAsked {
    /// Scales, by their place in the plan.
    pub scales: Vec<usize>,
    /// How time is counted.
    pub time: TimeCoding,
    /// Models are fitted even with under ten dyads.
    pub force: bool,
    /// Where the next session of each dyad would fall.
    pub band: bool,
    /// What is maximised for the models shown.
    pub criterion: Criterion,
    /// Degrees of freedom of fixed effects.
    pub df: DegreesOfFreedom,
    /// The confidence level.
    pub level: f64,
}

/// With fewer dyads, how they differ cannot be known.
pub(super) const LEAST_DYADS: usize = 10;
/// What simulated studies of six dyads came to: the row of six in the table of mixed models in docs/SIMULATIONS.md, which a
/// test holds against this.
pub(super) const SIX_SIMULATED: &str = "in simulated studies of six dyads with ten sessions each, a variance between dyads of .36 was estimated anywhere from .02 to 1.05 (middle 95 %), 45 % of fits lay at the boundary, and 95 % limits held the true level in 90 % of studies by the normal distribution and in 96 % by Kenward and Roger's";

/// With fewer dyads there is no band.
pub(super) const LEAST_FOR_BAND: usize = 30;

/// A named model, and what became of it.
pub(super) struct Named {
    pub id: &'static str,
    pub formula: String,
    pub found: Result<Mixed, StatError>,
}

/// What was found for one scale on one form.
pub(super) struct GrowthLine {
    pub rows: OverTime,
    pub lines: Vec<PersonLine>,
    /// Dyads with a score.
    pub dyads: usize,
    /// Empty with too few dyads, unless forced.
    pub models: Vec<Named>,
    pub comparisons: Vec<(&'static str, Result<Comparison, StatError>)>,
    pub bands: Option<Result<Vec<Band>, StatError>>,
}

/// Builds the report of `growth`, and computes what stands in it.
///
/// # Errors
/// A usage error where nobody has a second session, or where time should be counted by dates that the file has not.
pub fn growth(study: &Study, asked: &GrowthAsked) -> Result<Report, Error> {
    let rows = over_time(study, &asked.scales);
    if !rows.iter().any(|line| line.person.len() < line.rows.len()) {
        let help = match study.sample.key(Key::Session) {
            None => {
                "the file has no column of sessions that was recognised; name it with --session, and the dyads with --dyad"
            }
            Some(_) => "every dyad has one session: there is no course to model",
        };
        return Err(Error::usage_help("nobody has a second session", help));
    }
    if asked.time == TimeCoding::Weeks && rows.iter().any(|line| line.weeks.is_none()) {
        let help = "name the column with --date; dates are written 2025-03-04, every row needs one";
        return Err(Error::usage_help("--time date: some rows have no date that can be read", help));
    }
    let doubled = doubled_note(&rows);
    let lines: Vec<GrowthLine> = rows.into_iter().map(|rows| line(study, rows, asked)).collect();
    let mut notes: Vec<Note> = doubled.into_iter().collect();
    notes.extend(own_notes(&lines, asked));
    let settings = json!({
        "scales": asked.scales.iter().map(|scale| &study.sample.plan.scales[*scale].id).collect::<Vec<_>>(),
        "time": match asked.time {
            TimeCoding::Session(zero) => json!({ "unit": "session", "zero": zero }),
            TimeCoding::Weeks => json!({ "unit": "weeks", "zero": "first date of the dyad" }),
        },
        "force": asked.force,
        "band": asked.band.then_some(super::growth_band::LEVEL),
        "criterion": asked.criterion,
        "df": asked.df,
        "level": asked.level,
    });
    let title = format!(
        "Course of {} of {}, {}",
        plural(study.counts.used, "row", "rows"),
        study.file_names(),
        time_words(asked.time)
    );
    Ok(study.report("growth", title, settings, results(&lines, asked), sections(&lines, asked), notes))
}

/// The coding of time, as a formula says it.
fn time_words(time: TimeCoding) -> String {
    match time {
        TimeCoding::Session(zero) => format!("time = session − {zero}"),
        TimeCoding::Weeks => "time = weeks since the dyad's first date".to_owned(),
    }
}

fn line(study: &Study, rows: OverTime, asked: &GrowthAsked) -> GrowthLine {
    let score = rows.scores(study);
    let times = match asked.time {
        TimeCoding::Session(zero) => rows.session.iter().map(|session| session - zero).collect(),
        TimeCoding::Weeks => rows.weeks.clone().unwrap_or_default(),
    };
    let time = Column::new("time", times);
    let lines = person_lines(&score, &time, &rows.person);
    let dyads = lines.iter().filter(|line| line.n > 0).count();
    let models =
        if dyads >= LEAST_DYADS || asked.force { fit_all(&rows, &score, &time, asked) } else { Vec::new() };
    let comparisons =
        if models.is_empty() { Vec::new() } else { compare_all(&rows, &score, &time, &models, asked) };
    let bands = (asked.band && dyads >= LEAST_FOR_BAND)
        .then(|| bands(&score, &time, &rows.person, &rows.session, asked.time));
    GrowthLine { rows, lines, dyads, models, comparisons, bands }
}

/// The named models of a course, the default one third.
fn named(
    rows: &OverTime,
    score: &Column,
    time: &Column,
    coding: TimeCoding,
) -> Vec<(&'static str, MixedModel)> {
    let null = MixedModel::new(score.clone());
    let level = Random::intercept(rows.person.clone());
    let slope = level.clone().slope(time.clone());
    let line = null.clone().fixed(time.clone());
    let squared = Column::new("time²", time.values.iter().map(|t| t * t).collect());
    let on = Occasions { within: rows.person.clone(), at: time.clone() };
    let (serial, residual) = match coding {
        TimeCoding::Session(_) if rows.session.iter().all(|session| session.fract() == 0.0) => {
            ("ar1", Residual::Ar1(on))
        }
        _ => ("exponential", Residual::Exponential(on)),
    };
    let mut models = vec![
        ("level", null.random(level.clone())),
        ("same_slope", line.clone().random(level.clone())),
        ("linear", line.clone().random(slope.clone())),
        ("uncorrelated", line.clone().random(slope.clone().uncorrelated())),
        ("quadratic", line.clone().fixed(squared).random(slope.clone())),
        (serial, line.clone().random(level).residual(residual)),
    ];
    if let Some(worker) = rows.worker.as_ref().filter(|worker| worker.len() > 1) {
        models.push(("three_level", line.random(slope).random(Random::intercept(worker.clone()))));
    }
    models
}

fn fit_all(rows: &OverTime, score: &Column, time: &Column, asked: &GrowthAsked) -> Vec<Named> {
    let fit = |(id, model): (&'static str, MixedModel)| {
        // Kenward and Roger's degrees of freedom are for independent residuals and the restricted likelihood.
        let independent =
            matches!(model.residual, Residual::Independent) && asked.criterion == Criterion::Reml;
        let df = match asked.df {
            DegreesOfFreedom::KenwardRoger if !independent => DegreesOfFreedom::Satterthwaite,
            df => df,
        };
        let config =
            MixedConfig { criterion: asked.criterion, df, level: asked.level, ..MixedConfig::default() };
        Named { id, formula: model.formula(), found: mixed(&model, &config) }
    };
    named(rows, score, time, asked.time).into_iter().map(fit).collect()
}

/// Questions that comparisons of models answer: by restricted likelihood where fixed effects are the same, else by
/// likelihood.
fn compare_all(
    rows: &OverTime,
    score: &Column,
    time: &Column,
    models: &[Named],
    asked: &GrowthAsked,
) -> Vec<(&'static str, Result<Comparison, StatError>)> {
    let all = named(rows, score, time, asked.time);
    let serial =
        all.iter().map(|(id, _)| *id).find(|id| matches!(*id, "ar1" | "exponential")).unwrap_or("ar1");
    let fit = |id: &str, criterion| {
        if criterion == asked.criterion
            && let Some(known) = models.iter().find(|model| model.id == id)
        {
            return known.found.clone();
        }
        let config = MixedConfig { criterion, df: DegreesOfFreedom::Normal, ..MixedConfig::default() };
        let model = all.iter().find(|(known, _)| *known == id).map(|(_, model)| model);
        let absent = || StatError::new(Reason::NotApplicable, format!("no model {id}"));
        mixed(model.ok_or_else(absent)?, &config)
    };
    let mut questions = vec![
        ("do dyads differ in slope?", "same_slope", "linear", Criterion::Reml),
        ("is there a common slope?", "level", "same_slope", Criterion::Ml),
        ("does the course bend?", "linear", "quadratic", Criterion::Ml),
        ("do neighbouring sessions hang together?", "same_slope", serial, Criterion::Reml),
    ];
    if all.iter().any(|(id, _)| *id == "three_level") {
        questions.push(("do workers differ?", "linear", "three_level", Criterion::Reml));
    }
    let ask = |(question, small, large, criterion): (&'static str, &str, &str, Criterion)| {
        (question, fit(small, criterion).and_then(|small| compare(&small, &fit(large, criterion)?)))
    };
    questions.into_iter().map(ask).collect()
}

fn sections(lines: &[GrowthLine], asked: &GrowthAsked) -> Vec<Section> {
    let mut sections = Vec::new();
    let fitted = lines.iter().filter(|line| !line.models.is_empty());
    let words: Vec<String> =
        too_few(lines).into_iter().chain(fitted.map(|line| in_words(line, asked))).collect();
    sections.push(Section {
        id: "in_words",
        title: Some("In words".to_owned()),
        blocks: vec![Block::List(words)],
    });
    let mut add = |id, title: &str, table: super::model::Table| {
        if !table.rows.is_empty() {
            let blocks = vec![Block::Table(table)];
            sections.push(Section { id, title: Some(title.to_owned()), blocks });
        }
    };
    add("fixed", "Models side by side: what holds on average", tables::fixed(lines, asked.level));
    add("variances", "Models side by side: how dyads and sessions differ", tables::variances(lines));
    add("comparisons", "Which model is needed?", tables::comparisons(lines));
    if lines.iter().any(|line| line.models.is_empty()) {
        add("dyads", "Each dyad's own line", tables::dyads(lines));
    }
    add(
        "band",
        "Where the next session would fall: the sample's course, never a target",
        tables::band(lines),
    );
    sections
}

/// What cannot be known where no model is fitted, once for all scales of as many dyads.
fn too_few(lines: &[GrowthLine]) -> Vec<String> {
    let mut of_dyads: BTreeMap<usize, Vec<String>> = BTreeMap::new();
    for line in lines.iter().filter(|line| line.models.is_empty()) {
        of_dyads.entry(line.dyads).or_default().push(line.rows.of.words());
    }
    let words = |(n, of): (usize, Vec<String>)| {
        let dyads = plural(n as u64, "dyad", "dyads");
        format!(
            "{}, {dyads}: a model of how dyads differ needs ten at least. What cannot be known from {dyads}: how much dyads in general differ in level or slope, whether an average slope holds beyond these, and whether the course bends. Each dyad's own line stands below (--force fits the models all the same, and that is recorded). For scale: {SIX_SIMULATED}.",
            of.join(", ")
        )
    };
    of_dyads.into_iter().map(words).collect()
}

/// What the default model found.
fn in_words(line: &GrowthLine, asked: &GrowthAsked) -> String {
    let of = line.rows.of.words();
    let unit = if asked.time == TimeCoding::Weeks { "week" } else { "session" };
    let score = |value: f64| number(value, Kind::Score);
    let dyads = plural(line.dyads as u64, "dyad", "dyads");
    let Some(Ok(fit)) = line.models.iter().find(|model| model.id == "linear").map(|model| &model.found)
    else {
        return format!("{of}, {dyads}: the model with intercept and slope cannot be fitted; see the notes.");
    };
    if fit.status == Status::NotConverged {
        return format!(
            "{of}, {dyads}: the search for the model with intercept and slope did not end; do not report it."
        );
    }
    let mut text = format!("{of}, {dyads}: ");
    if let (Some(level), Some(slope)) = (fit.effect("(Intercept)"), fit.effect("time"))
        && let (Some(level), Some(estimate)) = (level.estimate, slope.estimate)
    {
        let verb = if estimate >= 0.0 { "rises" } else { "falls" };
        text += &format!(
            "at time 0 the average course stands at {} and {verb} by {} a {unit}",
            score(level),
            score(estimate.abs())
        );
        if let (Some(lower), Some(upper), Some(p)) = (slope.lower, slope.upper, slope.p) {
            let p = match number(p, Kind::P) {
                small if small.starts_with('<') => format!("p {small}"),
                p => format!("p = {p}"),
            };
            text += &format!(" ({:.0} % CI {} to {}, {p})", 100.0 * asked.level, score(lower), score(upper));
        }
        text += ". ";
        let sd = |term: &str| {
            let group = &line.rows.person.name;
            fit.variances.iter().find(|own| own.group == *group && own.term == term).map(|own| own.sd)
        };
        if let (Some(levels), Some(slopes)) = (sd("(Intercept)"), sd("time")) {
            text += &format!(
                "Dyads differ in level with a standard deviation of {}, in slope with {}: the middle 95 % of slopes lie from {} to {}; sessions scatter about a dyad's line with {}.",
                score(levels),
                score(slopes),
                score(estimate - 1.959964 * slopes),
                score(estimate + 1.959964 * slopes),
                score(fit.residual_variance().sqrt())
            );
        }
    }
    if fit.status == Status::Singular {
        text += " A variance is 0 or a correlation ±1: the data do not hold as many differences between dyads as the model asks for; prefer a simpler one.";
    }
    text
}

fn own_notes(lines: &[GrowthLine], asked: &GrowthAsked) -> Vec<Note> {
    let (mut notes, mut said) = (Vec::new(), Said::default());
    for line in lines {
        let of = line.rows.of.words();
        if !line.models.is_empty() && line.dyads < LEAST_DYADS {
            let text = format!(
                "{of}: {} of dyads are under ten, and the models were fitted because of --force: variances between dyads are hardly known; {SIX_SIMULATED} (--df kenward-roger)",
                line.dyads
            );
            notes.push(Note::new("forced", text));
        }
        for model in &line.models {
            let of = format!("{of}, {}", model.id);
            match &model.found {
                Err(error) => said.say("no_model", of, error.to_string()),
                Ok(fit) => {
                    for effect in fit.fixed.iter().filter(|own| own.reason == Some(Reason::Singular)) {
                        let text = format!(
                            "{} follows from the effects before it (too few different times), so it has no estimate; the others have theirs",
                            effect.term
                        );
                        said.say("collinear", &of, text);
                    }
                    match fit.status {
                        Status::Regular => {}
                        Status::Singular => {
                            said.say("singular", of, "at the boundary, a variance is 0 or a correlation ±1");
                        }
                        Status::NotConverged => {
                            said.say("not_converged", of, "the search did not end; do not report it");
                        }
                    }
                }
            }
        }
        if asked.band && line.dyads < LEAST_FOR_BAND {
            let text = format!("{of}: --band needs {LEAST_FOR_BAND} dyads, there are {}", line.dyads);
            notes.push(Note::new("no_band", text));
        }
        if let Some(Err(error)) = &line.bands {
            notes.push(Note::new("no_band", format!("{of}: {error}")));
        }
    }
    notes.extend(said.notes());
    notes
}

fn results(lines: &[GrowthLine], asked: &GrowthAsked) -> Json {
    let head =
        |line: &GrowthLine| json!({ "scale": line.rows.of.scale, "form": line.rows.of.form, "role": null });
    let with = |line: &GrowthLine, more: Json| {
        let mut own = head(line);
        if let (Json::Object(own), Json::Object(more)) = (&mut own, more) {
            own.extend(more);
        }
        own
    };
    let model = |line: &GrowthLine, model: &Named| {
        let time = time_words(asked.time);
        let mut own =
            with(line, json!({ "model": model.id, "formula": model.formula, "time": time, "reason": null }));
        match &model.found {
            Ok(fit) => {
                if let (Json::Object(own), Ok(Json::Object(fit))) = (&mut own, serde_json::to_value(fit)) {
                    own.extend(fit);
                }
                own["criterion"] = json!(fit.config.criterion);
            }
            Err(error) => own["reason"] = json!(error.reason),
        }
        own
    };
    json!({
        "models": lines.iter().flat_map(|line| line.models.iter().map(move |own| model(line, own))).collect::<Vec<_>>(),
        "comparisons": lines.iter().flat_map(|line| line.comparisons.iter().map(move |(question, found)| match found {
            Ok(found) => with(line, json!({ "question": question, "found": found, "reason": null })),
            Err(error) => with(line, json!({ "question": question, "found": null, "reason": error.reason })),
        })).collect::<Vec<_>>(),
        "dyads": lines.iter().flat_map(|line| line.lines.iter().map(move |own| with(line, json!(own)))).collect::<Vec<_>>(),
        "band": lines.iter().flat_map(|line| line.bands.iter().flatten().flatten().map(move |own| with(line, json!(own)))).collect::<Vec<_>>(),
    })
}
