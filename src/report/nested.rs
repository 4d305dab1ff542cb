//! The report of `nested`: how well a scale tells persons apart, and how well it sees one person change.

use serde_json::{Value as Json, json};

use super::format::{Kind, number, plural};
use super::model::{Block, Note, Report, Section};
use super::nested_tables as tables;
use super::repeated::{OverTime, doubled_note, over_time};
use super::sessions::Detail;
use super::study::Study;
use crate::error::Error;
use crate::nested::{
    Bootstrap, Column, Components, Estimator, Generalizability, GeneralizabilityConfig, GroupIcc, Groups,
    LevelAlphas, LevelConfig, MixedConfig, MixedModel, Negative, Random, RaterStudy, Repeated, Status,
    TARGETS, generalizability, group_icc, level_alphas, mixed, rater_study, replicates_for,
};
use crate::responses::Key;
use crate::scoring::As;
use crate::statistic::{Estimate, Reason, StatError};

/// What is asked of repeated scores.
#[derive(Debug, Clone)]
pub struct NestedAsked {
    /// Scales, by their place in the plan.
    pub scales: Vec<usize>,
    /// How components are estimated.
    pub estimator: Estimator,
    /// What becomes of negative ones.
    pub negative: Negative,
    /// Samples of persons behind the limits; 0 for none.
    pub replicates: u64,
    /// The seed of these samples.
    pub seed: u64,
    /// The confidence level.
    pub level: f64,
    /// Whether the report is for reading or for a program.
    pub detail: Detail,
}

/// What was found for one scale on one form.
pub(super) struct NestedLine {
    pub rows: OverTime,
    pub generalizability: Result<Generalizability, StatError>,
    pub alphas: Result<LevelAlphas, StatError>,
    /// By dyad, and by worker where there are workers.
    pub icc: Vec<(String, Result<GroupIcc, StatError>)>,
    pub workers: Option<Result<Workers, StatError>>,
    pub raters: Option<Result<RaterStudy, StatError>>,
    /// Points of the score for one point of the mean of the items.
    pub factor: f64,
}

/// Variance of sessions in dyads in workers.
#[derive(Debug, Clone, serde::Serialize)]
pub(super) struct Workers {
    pub n: usize,
    pub workers: usize,
    pub dyads: usize,
    /// Sessions of a dyad: the harmonic mean.
    pub mean_sessions: f64,
    pub worker: f64,
    pub dyad: f64,
    pub session: f64,
    pub status: Status,
    /// Dyads of a worker that bring the worker's mean to .70, .80, .90.
    pub needed: Vec<(f64, Result<u64, Reason>)>,
}

/// Builds the report of `nested`, and computes what stands in it.
///
/// # Errors
/// A usage error where nobody has a second session.
pub fn nested(study: &Study, asked: &NestedAsked) -> Result<Report, Error> {
    let rows = over_time(study, &asked.scales);
    if !rows.iter().any(|line| line.person.len() < line.rows.len()) {
        let help = match study.sample.key(Key::Session) {
            None => {
                "the file has no column of sessions that was recognised; name it with --session, and the dyads with --dyad"
            }
            Some(_) => "every dyad has one session; reliability between persons alone: alliance reliability",
        };
        return Err(Error::usage_help("nobody has a second session: nothing varies within a person", help));
    }
    let doubled = doubled_note(&rows);
    let lines: Vec<NestedLine> = rows.into_iter().map(|rows| line(study, rows, asked)).collect();
    let mut notes: Vec<Note> = doubled.into_iter().collect();
    notes.extend(own_notes(&lines, asked));
    let settings = json!({
        "scales": asked.scales.iter().map(|scale| &study.sample.plan.scales[*scale].id).collect::<Vec<_>>(),
        "estimator": asked.estimator,
        "negative": asked.negative,
        "bootstrap": { "replicates": asked.replicates, "seed": asked.seed, "resampled": "persons" },
        "level": asked.level,
    });
    let title = format!(
        "Within and between persons, {} of {}",
        plural(study.counts.used, "row", "rows"),
        study.file_names()
    );
    Ok(study.report("nested", title, settings, results(&lines), sections(&lines, asked), notes))
}

fn line(study: &Study, rows: OverTime, asked: &NestedAsked) -> NestedLine {
    let bootstrap =
        (asked.replicates > 0).then_some(Bootstrap { replicates: asked.replicates, seed: asked.seed });
    let (items, scores) = (rows.items(study), rows.scores(study));
    let data = Repeated {
        person: rows.person.clone(),
        occasion: Groups::new("session", rows.session.iter()),
        items: items.clone(),
    };
    let config = GeneralizabilityConfig {
        estimator: asked.estimator,
        negative: asked.negative,
        bootstrap,
        level: asked.level,
    };
    let levels = LevelConfig { bootstrap, level: asked.level, ..LevelConfig::default() };
    let of_scores = || StatError::new(Reason::NotApplicable, "scores without answers to items");
    let by = |groups: &Groups| (groups.name.clone(), group_icc(&scores, groups, asked.level));
    let factor = study.sample.edition(rows.scale, rows.form).map_or(1.0, |edition| {
        let k = edition.terms.len() as f64;
        match (edition.kind, edition.range_as(As::Mean)) {
            (As::Sum, _) => k,
            (As::Pomp, Some([low, high])) => 100.0 / (high - low),
            _ => 1.0,
        }
    });
    NestedLine {
        generalizability: if study.is_of_scores() {
            Err(of_scores())
        } else {
            generalizability(&data, &config)
        },
        alphas: if study.is_of_scores() {
            Err(of_scores())
        } else {
            level_alphas(&items, &rows.person, &levels)
        },
        icc: [Some(&rows.person), rows.worker.as_ref()].into_iter().flatten().map(by).collect(),
        workers: rows.worker.as_ref().map(|worker| workers(&scores, &rows.person, worker)),
        raters: raters(study, &rows),
        factor,
        rows,
    }
}

/// Sessions in dyads in workers, by restricted likelihood.
fn workers(scores: &Column, dyad: &Groups, worker: &Groups) -> Result<Workers, StatError> {
    let model = MixedModel::new(scores.clone())
        .random(Random::intercept(dyad.clone()))
        .random(Random::intercept(worker.clone()));
    let fit = mixed(&model, &MixedConfig::default())?;
    let mut sizes = vec![0.0; dyad.len()];
    for (group, _) in dyad.of_row.iter().zip(&scores.values).filter(|(_, score)| score.is_finite()) {
        sizes[*group] += 1.0;
    }
    sizes.retain(|size| *size > 0.0);
    let mean_sessions = sizes.len() as f64 / sizes.iter().map(|size| 1.0 / size).sum::<f64>();
    let (own, pair) = (fit.variance("worker").unwrap_or(0.0), fit.variance(&dyad.name).unwrap_or(0.0));
    let session = fit.residual_variance();
    let groups =
        |name: &str| fit.groups.iter().find(|group| group.name == name).map_or(0, |group| group.groups);
    let noise = pair + session / mean_sessions;
    Ok(Workers {
        n: fit.n,
        workers: groups("worker"),
        dyads: groups(&dyad.name),
        mean_sessions,
        worker: own,
        dyad: pair,
        session,
        status: fit.status,
        needed: TARGETS.map(|target| (target, replicates_for(own, noise, target))).to_vec(),
    })
}

/// Several raters of one session, where the file names them.
fn raters(study: &Study, rows: &OverTime) -> Option<Result<RaterStudy, StatError>> {
    let sample = &study.sample;
    let rater = sample.key(Key::Rater).filter(|words| words.distinct().len() > 1)?;
    let own: Vec<usize> = (0..sample.rows()).filter(|row| sample.form(*row) == rows.form).collect();
    let keys = [Key::Dyad, Key::Person, Key::Role, Key::Session].map(|key| sample.key(key));
    let unit =
        |row: &usize| keys.iter().flatten().map(|words| words.get(*row)).collect::<Vec<_>>().join("\u{1f}");
    let units = Groups::new("session", own.iter().map(unit));
    let raters = Groups::new("rater", own.iter().map(|row| rater.get(*row)));
    let score = |row: &usize| sample.value(rows.scale, *row).unwrap_or(f64::NAN);
    Some(rater_study(&Column::new("score", own.iter().map(score).collect()), &units, &raters))
}

fn sections(lines: &[NestedLine], asked: &NestedAsked) -> Vec<Section> {
    if asked.detail == Detail::Data {
        let blocks = vec![
            Block::Table(tables::reliability_rows(lines)),
            Block::Table(tables::component_rows(lines)),
            Block::Table(tables::d_study_rows(lines)),
            Block::Table(tables::icc(lines)),
        ];
        return vec![Section { id: "nested", title: None, blocks }];
    }
    let section = |id, title: &str, table: super::model::Table| {
        (!table.rows.is_empty()).then(|| Section {
            id,
            title: Some(title.to_owned()),
            blocks: vec![Block::Table(table)],
        })
    };
    let words: Vec<String> = lines.iter().filter_map(in_words).collect();
    let glance = (!words.is_empty()).then(|| Section {
        id: "in_words",
        title: Some("In words".to_owned()),
        blocks: vec![Block::List(words)],
    });
    [
        glance,
        section("alphas", "Alpha at each level", tables::alphas(lines)),
        section(
            "generalizability",
            "Telling persons apart, and seeing one change",
            tables::generalizability(lines),
        ),
        section("d_study", "How many are needed for .70, .80, .90", tables::d_study(lines)),
        section("components", "Where the variance of answers lies", tables::components(lines)),
        section("thresholds", "What a change within a person must exceed", tables::thresholds(lines)),
        section("icc", "How alike the sessions of a dyad are", tables::icc(lines)),
        section("workers", "Sessions in dyads in workers", tables::workers(lines)),
    ]
    .into_iter()
    .flatten()
    .collect()
}

/// What a reader should take home, scale by scale.
fn in_words(line: &NestedLine) -> Option<String> {
    let found = line.generalizability.as_ref().ok()?;
    let bounded = |value: f64| number(value, Kind::Bounded);
    let mut text = format!(
        "{}, {}, {} sessions each:",
        line.rows.of.words(),
        plural(found.persons as u64, "person", "persons"),
        number(found.mean_occasions, Kind::Score)
    );
    if let Ok(alphas) = &line.alphas
        && let (Some(pooled), Some(within)) = (alphas.pooled.estimate, alphas.within.estimate)
    {
        text += &format!(" alpha over all rows is {}, within a person {}.", bounded(pooled), bounded(within));
        if pooled - within >= 0.10 {
            text += " The first is mostly about differences between persons; the second says how well the sessions of one person are told apart.";
        }
    }
    let coefficient = |id: &str| found.coefficients.iter().find(|own| own.id == id)?.value.estimate;
    if let (Some(one), Some(mean)) = (coefficient("r1r"), coefficient("rkr")) {
        text += &format!(
            " One session tells persons apart with {}, the mean of all with {}.",
            bounded(one),
            bounded(mean)
        );
    }
    if let Some(rc) = coefficient("rc") {
        text += &format!(" Change within a person is seen with {}.", bounded(rc));
    }
    let sessions = found.d_study.iter().find(|row| row.coefficient == "rkr" && row.target == 0.80);
    if let Some(sessions) = sessions.and_then(|row| row.needed) {
        let words = if sessions == 1 {
            "One session reaches".to_owned()
        } else {
            format!("{sessions} sessions reach")
        };
        text += &format!(" {words} .80.");
    }
    Some(text)
}

fn own_notes(lines: &[NestedLine], asked: &NestedAsked) -> Vec<Note> {
    let mut notes = Vec::new();
    let fewest = lines.iter().filter_map(|line| Some(line.generalizability.as_ref().ok()?.persons)).min();
    if let Some(persons) = fewest.filter(|persons| *persons < 15) {
        let text = format!(
            "with {}, resampling them gives no honest limits (15 are needed), so none are shown: take every coefficient here as a description of these persons",
            plural(persons as u64, "person", "persons")
        );
        notes.push(Note::new("few_persons", text));
    } else if asked.replicates > 0 {
        let text = format!(
            "limits: percentiles of {} samples of persons drawn again, seed {}",
            asked.replicates, asked.seed
        );
        notes.push(Note::new("limits", text));
    }
    for line in lines {
        let of = line.rows.of.words();
        match &line.generalizability {
            Err(error) => notes.push(Note::new("no_generalizability", format!("{of}: {error}"))),
            Ok(found) => {
                for (components, design) in [(&found.crossed, "crossed"), (&found.nested, "nested")] {
                    notes.extend(component_note(&of, components, design));
                }
            }
        }
        if let Err(error) = &line.alphas
            && line.generalizability.is_ok()
        {
            notes.push(Note::new("no_level_alphas", format!("{of}: {error}")));
        }
        for (group, found) in &line.icc {
            if let Err(error) = found {
                notes.push(Note::new("no_icc", format!("{of}, by {group}: {error}")));
            }
        }
        match &line.workers {
            Some(Err(error)) => {
                let text = format!("{of}: sessions in dyads in workers cannot be told apart: {error}");
                notes.push(Note::new("no_workers", text));
            }
            Some(Ok(found)) if found.workers < 10 => {
                let text = format!(
                    "{of}: what lies between workers rests on {}: take it lightly under 10",
                    plural(found.workers as u64, "worker", "workers")
                );
                notes.push(Note::new("few_workers", text));
            }
            _ => {}
        }
        if let Some(Err(error)) = &line.raters {
            notes.push(Note::new("no_rater_study", format!("{of}, raters: {error}")));
        }
    }
    notes
}

fn component_note(of: &str, components: &Components, design: &str) -> Option<Note> {
    let negative: Vec<String> = components
        .components
        .iter()
        .filter_map(|own| Some(format!("{} ({:.4})", own.source.replace('_', " "), own.negative?)))
        .collect();
    if !negative.is_empty() {
        let text = format!(
            "{of}, {design}: mean squares make a component negative: {}; it counts as 0 unless --negative raw",
            negative.join(", ")
        );
        return Some(Note::new("negative_component", text));
    }
    match components.status {
        Status::Regular => None,
        Status::Singular => {
            Some(Note::new("singular", format!("{of}, {design}: a component lies at its boundary, 0")))
        }
        Status::NotConverged => Some(Note::new(
            "not_converged",
            format!("{of}, {design}: the search for the components did not end; do not report them"),
        )),
    }
}

/// An estimate by name, with what it is about.
pub(super) struct Row<'a> {
    pub line: &'a NestedLine,
    pub id: &'static str,
    /// `between`, `within`, `both`.
    pub about: &'static str,
    pub design: &'static str,
    pub value: Estimate,
}

/// Every coefficient of every scale, one after the other.
pub(super) fn rows(lines: &[NestedLine]) -> Vec<Row<'_>> {
    let mut rows = Vec::new();
    for line in lines {
        if let Ok(alphas) = &line.alphas {
            let list = [
                ("alpha_pooled", "pooled", alphas.pooled),
                ("alpha_within", "within", alphas.within),
                ("alpha_between", "between", alphas.between),
                ("alpha_between_latent", "between", alphas.between_latent),
                ("alpha_single_session", "both", alphas.overall),
            ];
            let row = |(id, about, value)| Row { line, id, about, design: "two_level", value };
            rows.extend(list.map(row));
        }
        if let Ok(found) = &line.generalizability {
            rows.extend(found.coefficients.iter().map(|own| {
                let about = if own.id.starts_with("rc") { "within" } else { "between" };
                let design = if matches!(own.id, "rkrn" | "rcn") { "nested" } else { "crossed" };
                Row { line, id: own.id, about, design, value: own.value }
            }));
        }
        for (group, found) in &line.icc {
            if let Ok(found) = found {
                let ids = if group == "worker" { ["icc1_worker", "icc2_worker"] } else { ["icc1", "icc2"] };
                let values = ids.into_iter().zip([found.icc1, found.icc2]);
                rows.extend(values.map(|(id, value)| Row {
                    line,
                    id,
                    about: "between",
                    design: "one_way",
                    value,
                }));
            }
        }
        if let Some(Ok(found)) = &line.raters {
            let list = [("raters_agreement", found.agreement), ("raters_consistency", found.consistency)];
            rows.extend(list.map(|(id, value)| Row { line, id, about: "raters", design: "crossed", value }));
        }
    }
    rows
}

/// A line of a D study.
pub(super) struct NeededRow<'a> {
    pub line: &'a NestedLine,
    pub coefficient: &'static str,
    pub facet: &'static str,
    pub target: f64,
    pub needed: Option<u64>,
    pub reason: Option<Reason>,
}

/// Every line of every D study: sessions, items, raters, dyads of a worker.
pub(super) fn needed(lines: &[NestedLine]) -> Vec<NeededRow<'_>> {
    let mut rows = Vec::new();
    for line in lines {
        let own = line.generalizability.iter().flat_map(|found| &found.d_study);
        let raters = line.raters.iter().flatten().flat_map(|found| &found.d_study);
        rows.extend(own.chain(raters).map(|own| NeededRow {
            line,
            coefficient: own.coefficient,
            facet: own.facet,
            target: own.target,
            needed: own.needed,
            reason: own.reason,
        }));
        let dyads = line.workers.iter().flatten().flat_map(|found| &found.needed);
        rows.extend(dyads.map(|(target, found)| NeededRow {
            line,
            coefficient: "worker_mean",
            facet: "dyads",
            target: *target,
            needed: found.ok(),
            reason: found.err(),
        }));
    }
    rows
}

fn results(lines: &[NestedLine]) -> Json {
    let head =
        |line: &NestedLine| json!({ "scale": line.rows.of.scale, "form": line.rows.of.form, "role": null });
    let with = |line: &NestedLine, more: Json| {
        let mut own = head(line);
        if let (Json::Object(own), Json::Object(more)) = (&mut own, more) {
            own.extend(more);
        }
        own
    };
    let reliability: Vec<Json> = rows(lines)
        .iter()
        .map(|row| {
            let found = row.line.generalizability.as_ref().ok();
            with(
                row.line,
                json!({
                    "coefficient": row.id, "about": row.about, "design": row.design,
                    "persons": found.map_or(row.line.rows.person.len(), |found| found.persons),
                    "estimate": row.value.estimate, "lower": row.value.lower, "upper": row.value.upper,
                    "level": row.value.level, "interval": row.value.interval, "reason": row.value.reason,
                }),
            )
        })
        .collect();
    let d_study: Vec<Json> = needed(lines)
        .iter()
        .map(|row| {
            with(
                row.line,
                json!({
                    "coefficient": row.coefficient, "facet": row.facet, "target": row.target,
                    "needed": row.needed, "reason": row.reason,
                }),
            )
        })
        .collect();
    let each = |one: &dyn Fn(&NestedLine) -> Json| -> Vec<Json> {
        lines.iter().map(|line| with(line, one(line))).collect()
    };
    json!({
        "reliability": reliability,
        "d_study": d_study,
        "generalizability": each(&|line| match &line.generalizability {
            Ok(found) => json!({ "found": found, "reason": null }),
            Err(error) => json!({ "found": null, "reason": error.reason }),
        }),
        "level_alphas": each(&|line| match &line.alphas {
            Ok(found) => json!({ "found": found, "reason": null }),
            Err(error) => json!({ "found": null, "reason": error.reason }),
        }),
        "icc": lines.iter().flat_map(|line| line.icc.iter().map(|(group, found)| match found {
            Ok(found) => with(line, json!({ "group": group, "found": found, "reason": null })),
            Err(error) => with(line, json!({ "group": group, "found": null, "reason": error.reason })),
        })).collect::<Vec<_>>(),
        "workers": each(&|line| match &line.workers {
            Some(Ok(found)) => json!({
                "workers": found.workers, "dyads": found.dyads, "n": found.n, "mean_sessions": found.mean_sessions,
                "variance_worker": found.worker, "variance_dyad": found.dyad, "variance_session": found.session,
                "status": found.status, "reason": null,
            }),
            Some(Err(error)) => json!({ "reason": error.reason }),
            None => json!({ "reason": Reason::NotApplicable }),
        }),
        "thresholds": each(&|line| match &line.generalizability {
            Ok(found) => json!({
                "standard_error_within": line.factor * found.within.standard_error,
                "error_within_crossed": line.factor * found.within.error_within_crossed,
                "fluctuation_within_crossed": line.factor * found.within.fluctuation_within_crossed,
            }),
            Err(error) => json!({ "reason": error.reason }),
        }),
    })
}
