//! Which scales of which rows the statistics on items take, and how these are scored.

use super::reliability::{ReliabilityLine, ScaleLine};
use super::study::Study;
use crate::error::Error;
use crate::reliability::{
    Allowed, BootstrapConfig, ScaleConfig, ScaleReliability, ScoreOf, bootstrap, scale_reliability,
};
use crate::responses::Key;
use crate::sample::{Occasion, Selection};
use crate::scoring::{As, Edition, PlannedScale, Term};

/// A study with the rows that count.
pub struct Scales {
    /// The study.
    pub study: Study,
    /// The rows.
    pub selection: Selection,
    /// Scale after scale, form after form, group after group.
    pub lines: Vec<ScaleRows>,
}

/// The rows of a group, for one scale.
pub struct ScaleRows {
    /// The scale, form and group, for output.
    pub of: ScaleLine,
    /// Index of the scale in the plan.
    pub scale: usize,
    /// The form.
    pub form: Option<usize>,
    /// The rows of the group.
    pub rows: Vec<usize>,
}

/// Groups of rows that are not independent of each other.
pub struct Clusters {
    /// What makes them, by the name of its column or key.
    pub by: String,
    /// The group of each row of the study.
    of: Vec<usize>,
}

impl Scales {
    /// Chooses the rows of a study, and lays them out scale by scale (by their places in the plan), form by form, group
    /// by group.
    ///
    /// # Errors
    /// A usage error where no row has the occasion, or for a column that was not read.
    pub fn new(study: Study, occasion: &Occasion, by: &[String], wanted: &[usize]) -> Result<Scales, Error> {
        let selection = study.sample.select(occasion)?;
        let groups = study.sample.groups(&selection.rows, by)?;
        let mut lines = Vec::new();
        for scale in wanted {
            for group in groups.iter().filter(|group| study.sample.edition(*scale, group.form).is_some()) {
                let of = ScaleLine {
                    scale: study.sample.plan.scales[*scale].id.clone(),
                    form: study.form_name(group.form),
                    role: group.role.clone(),
                    by: group.by.clone(),
                    rows: group.rows.len(),
                };
                lines.push(ScaleRows { of, scale: *scale, form: group.form, rows: group.rows.clone() });
            }
        }
        Ok(Scales { study, selection, lines })
    }

    /// Who a row is about, by the keys of the file.
    pub fn person(&self, row: usize) -> String {
        let sample = &self.study.sample;
        let keys = [Key::Dyad, Key::Person, Key::Family, Key::Role, Key::Session];
        let words =
            keys.into_iter().filter_map(|key| Some(format!("{} {}", key.id(), sample.key(key)?.get(row))));
        let words: Vec<String> = words.collect();
        if words.is_empty() { format!("row {}", row + 1) } else { words.join(", ") }
    }

    /// The groups of rows that are not independent of each other: those of a column named by `--cluster`, or, where all occasions
    /// are taken, those of one dyad (or person, or family).
    pub fn clusters(&self) -> Option<Clusters> {
        let sample = &self.study.sample;
        let of = |key: Key, by: &str| {
            let words = sample.key(key)?;
            Some(Clusters { by: by.to_owned(), of: (0..sample.rows()).map(|row| words.index(row)).collect() })
        };
        if let Some(column) = sample.layout.texts.iter().find(|text| text.clusters) {
            return of(Key::Cluster, &column.name);
        }
        let repeated = self.selection.takes_all();
        let key = [Key::Dyad, Key::Person, Key::Family].into_iter().find(|key| sample.key(*key).is_some())?;
        if repeated { of(key, key.id()) } else { None }
    }

    /// How many scales of the form are parts of this one.
    pub fn parts(&self, line: &ScaleRows) -> Option<usize> {
        self.study.parts(line.scale, line.form)
    }

    /// Whether all items of a line stand in a larger scale of its form too.
    pub fn is_part(&self, line: &ScaleRows) -> bool {
        let Some(own) = self.edition(line) else { return false };
        let holds = |planned: &PlannedScale| {
            planned.edition(line.form).is_some_and(|whole| {
                let inside = |term: &Term| whole.terms.iter().any(|other| other.slot == term.slot);
                whole.terms.len() > own.terms.len() && own.terms.iter().all(inside)
            })
        };
        self.study.sample.plan.scales.iter().any(holds)
    }

    /// The scale of a line, as its form has it.
    pub fn edition(&self, line: &ScaleRows) -> Option<&Edition> {
        self.study.sample.edition(line.scale, line.form)
    }
}

impl Study {
    /// How many scales of a form are parts of one.
    pub fn parts(&self, scale: usize, form: Option<usize>) -> Option<usize> {
        let own = self.sample.edition(scale, form)?;
        let within = |planned: &PlannedScale| {
            let part = planned.edition(form)?;
            let inside = part.terms.iter().all(|term| own.terms.iter().any(|other| other.slot == term.slot));
            (inside && part.terms.len() < own.terms.len()).then_some(())
        };
        let parts = self.sample.plan.scales.iter().filter_map(within).count();
        (parts > 0).then_some(parts)
    }
}

/// How the score of a scale follows from the sum of its items.
pub fn score_of(edition: &Edition) -> ScoreOf {
    let k = edition.terms.len();
    let mut possible = Some([0.0, 0.0]);
    for term in &edition.terms {
        let set = &term.spec.set;
        possible = possible.zip(set.max).map(|([low, high], max)| [low + set.min, high + max]);
    }
    let score = match (edition.kind, possible) {
        (As::Mean, _) => ScoreOf::mean(k),
        (As::Pomp, Some([low, high])) => {
            let factor = 100.0 / (high - low);
            ScoreOf { offset: -low * factor, factor, possible: None }
        }
        (As::Sum | As::Pomp, _) => ScoreOf::sum(),
    };
    score.within(possible)
}

/// The scored answers that each item of a scale allows.
pub fn allowed(edition: &Edition) -> Vec<Allowed> {
    edition.terms.iter().map(allowed_of).collect()
}

/// The scored answers that an item allows.
pub(super) fn allowed_of(term: &Term) -> Allowed {
    let set = &term.spec.set;
    let points = (0..term.spec.points).map(|point| set.min + set.step * point as f64).collect();
    Allowed { bounds: set.max.map(|max| [set.min, max]), points }
}

/// The reliability of every scale in every group. Omega hierarchical takes so many group factors, or as many as the scale
/// has parts.
pub fn reliability_lines(
    scales: &Scales,
    config: &ScaleConfig,
    group_factors: Option<usize>,
) -> Vec<ReliabilityLine> {
    let clusters = scales.clusters();
    let one = |line: &ScaleRows| {
        let edition = scales.edition(line)?;
        let data = scales.study.sample.items(edition, &line.rows);
        let config = ScaleConfig { groups: group_factors.or(scales.parts(line)), ..config.clone() };
        let (allowed, score) = (allowed(edition), score_of(edition));
        let found = match &clusters {
            None => scale_reliability(&data, &allowed, &score, &config),
            Some(clusters) => {
                let of: Vec<usize> = line.rows.iter().map(|row| clusters.of[*row]).collect();
                let draws = config.bootstrap.clone().unwrap_or_else(|| BootstrapConfig {
                    seed: config.halves.seed,
                    ..BootstrapConfig::default()
                });
                let alone = ScaleConfig { bootstrap: None, ..config.clone() };
                let limits = bootstrap(&data, &allowed, &score, &alone, &draws, Some(&of));
                let config = ScaleConfig { bootstrap: Some(draws), ..alone.clone() };
                ScaleReliability { config, ..scale_reliability(&data, &allowed, &score, &alone) }
                    .over_clusters(limits)
            }
        };
        let influential =
            found.influential.iter().map(|person| scales.person(line.rows[person.row])).collect();
        Some(ReliabilityLine { of: line.of.clone(), found, influential })
    };
    let lines = &scales.lines;
    // The largest come first, so that no thread is left with one of them at the end.
    let size = |at: &usize| lines[*at].rows.len() * scales.edition(&lines[*at]).map_or(0, |e| e.terms.len());
    let mut order: Vec<usize> = (0..lines.len()).collect();
    order.sort_by_key(|at| std::cmp::Reverse(size(at)));
    let found = config.threads.in_order(order.len(), || (), |at, ()| one(&lines[order[at]]));
    let mut found: Vec<_> = order.into_iter().zip(found).collect();
    found.sort_by_key(|(at, _)| *at);
    found.into_iter().filter_map(|(_, line)| line).collect()
}
