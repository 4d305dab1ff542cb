//! What the commands on the items of scales share: which scales of which rows, and how they are scored.

use clap::{Args, ValueEnum};

use super::console::Console;
use super::study::{OccasionArgs, StudyArgs};
use crate::error::Error;
use crate::finding::near;
use crate::moments::Missing;
use crate::reliability::{Allowed, ScoreOf};
use crate::report::{ScaleLine, Study};
use crate::responses::Key;
use crate::sample::Selection;
use crate::scoring::{As, Edition, PlannedScale};

/// Which scales, in which groups, of which rows.
#[derive(Debug, Args)]
pub(super) struct ScalesArgs {
    #[command(flatten)]
    pub study: StudyArgs,
    #[command(flatten)]
    pub occasion: OccasionArgs,
    /// Groups side by side: one or more columns of the file
    #[arg(long, value_name = "COLUMN", value_delimiter = ',', help_heading = "Rows")]
    pub by: Vec<String>,
    /// Only these scales
    #[arg(long, value_name = "SCALE", value_delimiter = ',', help_heading = "Rows")]
    pub scale: Vec<String>,
    /// The confidence level of all limits
    #[arg(long, value_name = "LEVEL", default_value = "0.95", value_parser = parse_level)]
    pub level: f64,
    /// What happens to gaps: leave out persons with any, or use what is there
    #[arg(long, value_enum, value_name = "HOW", default_value = "listwise")]
    missing: MissingWord,
}

#[derive(Debug, Clone, Copy, PartialEq, Eq, ValueEnum)]
enum MissingWord {
    /// Persons with a gap in an item of the scale are left out
    Listwise,
    /// Each covariance from the persons who answered both items
    Pairwise,
    /// Maximum likelihood under normality
    Em,
}

/// `0.95`, `.9` or `95%`, between 0 and 1.
pub(super) fn parse_level(text: &str) -> Result<f64, String> {
    let level = match text.trim().strip_suffix('%') {
        Some(percent) => percent.trim().parse::<f64>().map(|level| level / 100.0),
        None => text.trim().parse::<f64>(),
    };
    level
        .ok()
        .filter(|level| (0.5..1.0).contains(level))
        .ok_or_else(|| "write a level such as 0.95".to_owned())
}

/// A study with the rows that count.
pub(super) struct Scales {
    pub study: Study,
    pub selection: Selection,
    pub lines: Vec<ScaleRows>,
}

/// The rows of a group, for one scale.
pub(super) struct ScaleRows {
    pub of: ScaleLine,
    /// Index of the scale in the plan.
    pub scale: usize,
    pub form: Option<usize>,
    pub rows: Vec<usize>,
}

impl ScalesArgs {
    /// The policy for gaps.
    pub fn missing(&self) -> Missing {
        match self.missing {
            MissingWord::Listwise => Missing::Listwise,
            MissingWord::Pairwise => Missing::Pairwise,
            MissingWord::Em => Missing::Em,
        }
    }

    /// Reads the study, chooses its rows, and lays them out scale by scale, form by form, group by group.
    pub fn load(&self, command: &str, console: &mut Console) -> Result<Scales, Error> {
        if self.study.gives_scores() {
            let message = format!("{command} works on the answers to items, not on scores");
            return Err(Error::usage_help(message, format!("alliance {command} wai_s answers.csv")));
        }
        let study = self.study.load(&self.by, console)?;
        let selection = study.sample.select(&self.occasion.occasion())?;
        let groups = study.sample.groups(&selection.rows, &self.by)?;
        let mut lines = Vec::new();
        for scale in self.wanted(&study)? {
            for group in &groups {
                if study.sample.edition(scale, group.form).is_none() {
                    continue;
                }
                let of = ScaleLine {
                    scale: study.sample.plan.scales[scale].id.clone(),
                    form: study.form_name(group.form),
                    role: group.role.clone(),
                    by: group.by.clone(),
                    rows: group.rows.len(),
                };
                lines.push(ScaleRows { of, scale, form: group.form, rows: group.rows.clone() });
            }
        }
        Ok(Scales { study, selection, lines })
    }

    /// The scales asked for, by their place in the plan.
    fn wanted(&self, study: &Study) -> Result<Vec<usize>, Error> {
        let scales = &study.sample.plan.scales;
        if self.scale.is_empty() {
            return Ok((0..scales.len()).collect());
        }
        let place = |id: &String| {
            scales.iter().position(|scale| scale.id == id.trim()).ok_or_else(|| {
                let ids = scales.iter().map(|scale| scale.id.as_str());
                let help = match near(id, ids.clone()).first() {
                    Some(id) => format!("did you mean `{id}`?"),
                    None => format!("scales are: {}", ids.collect::<Vec<_>>().join(", ")),
                };
                Error::usage_help(format!("--scale: there is no scale `{id}`"), help)
            })
        };
        self.scale.iter().map(place).collect()
    }
}

impl Scales {
    /// Who a row is about, by the keys of the file.
    pub fn person(&self, row: usize) -> String {
        let sample = &self.study.sample;
        let keys = [Key::Dyad, Key::Person, Key::Family, Key::Role, Key::Session];
        let words =
            keys.into_iter().filter_map(|key| Some(format!("{} {}", key.id(), sample.key(key)?.get(row))));
        let words: Vec<String> = words.collect();
        if words.is_empty() { format!("row {}", row + 1) } else { words.join(", ") }
    }

    /// How many scales of the form are parts of this one.
    pub fn parts(&self, line: &ScaleRows) -> Option<usize> {
        let own = self.edition(line)?;
        let within = |planned: &PlannedScale| {
            let part = planned.edition(line.form)?;
            let inside = part.terms.iter().all(|term| own.terms.iter().any(|other| other.slot == term.slot));
            (inside && part.terms.len() < own.terms.len()).then_some(())
        };
        let parts = self.study.sample.plan.scales.iter().filter_map(within).count();
        (parts > 0).then_some(parts)
    }

    /// The scale of a line, as its form has it.
    pub fn edition(&self, line: &ScaleRows) -> Option<&Edition> {
        self.study.sample.edition(line.scale, line.form)
    }
}

/// How the score of a scale follows from the sum of its items.
pub(super) fn score_of(edition: &Edition) -> ScoreOf {
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
pub(super) fn allowed(edition: &Edition) -> Vec<Allowed> {
    let of = |term: &crate::scoring::Term| {
        let set = &term.spec.set;
        let points = (0..term.spec.points).map(|point| set.min + set.step * point as f64).collect();
        Allowed { bounds: set.max.map(|max| [set.min, max]), points }
    };
    edition.terms.iter().map(of).collect()
}
