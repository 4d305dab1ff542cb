//! The report of `nested`: how well a scale tells persons apart, and how well it sees one person change.

use std::collections::BTreeSet;

use serde_json::json;

use super::format::plural;
use super::model::{Block, Note, Report, Section};
use super::nested_results::results;
use super::nested_tables as tables;
use super::nested_words::{in_words, own_notes};
use super::repeated::{OverTime, doubled_note, over_time};
use super::sessions::Detail;
use super::study::Study;
use crate::error::Error;
use crate::nested::{
    Bootstrap, Column, Estimator, Generalizability, GeneralizabilityConfig, GroupIcc, Groups, LevelAlphas,
    LevelConfig, MixedConfig, MixedModel, Negative, Random, RaterStudy, Repeated, Status, TARGETS,
    generalizability, group_icc, level_alphas, mixed, rater_study, replicates_for,
};
use crate::numeric::Threads;
use crate::responses::Key;
use crate::scoring::As;
use crate::statistic::{Reason, StatError};

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
    /// How many threads draw them.
    pub threads: Threads,
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
    /// Workers with more than one dyad.
    pub with_several: usize,
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
    // Threads draw samples of one line after the other; without samples, each takes a line.
    let threads = if asked.replicates == 0 { asked.threads } else { Threads::ONE };
    let lines = threads.in_order(rows.len(), || (), |at, ()| line(study, &rows[at], asked));
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

fn line(study: &Study, rows: &OverTime, asked: &NestedAsked) -> NestedLine {
    let NestedAsked { replicates, seed, threads, .. } = *asked;
    let bootstrap = (replicates > 0).then_some(Bootstrap { replicates, seed, threads });
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
        raters: raters(study, rows),
        factor,
        rows: rows.clone(),
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
    let mut pairs: Vec<BTreeSet<usize>> = vec![BTreeSet::new(); worker.len()];
    let rows = worker.of_row.iter().zip(&dyad.of_row).zip(&scores.values);
    for ((worker, dyad), _) in rows.filter(|(_, score)| score.is_finite()) {
        pairs[*worker].insert(*dyad);
    }
    let (own, pair) = (fit.variance("worker").unwrap_or(0.0), fit.variance(&dyad.name).unwrap_or(0.0));
    let session = fit.residual_variance();
    let groups =
        |name: &str| fit.groups.iter().find(|group| group.name == name).map_or(0, |group| group.groups);
    let noise = pair + session / mean_sessions;
    Ok(Workers {
        n: fit.n,
        workers: groups("worker"),
        dyads: groups(&dyad.name),
        with_several: pairs.iter().filter(|dyads| dyads.len() > 1).count(),
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
