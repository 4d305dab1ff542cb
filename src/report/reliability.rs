//! The report of `reliability`.

use std::collections::BTreeSet;

use serde_json::{Value as Json, json};

use super::dependence::row_notes;
use super::format::{Kind, count, number, plural};
use super::items::item_json;
use super::model::{Block, Column, Note, Report, Section, Table, Value};
use super::reliability_tables::{brief, detail, groups, influential, tenable};
use super::scales::Scales;
use super::study::selection_settings;
use crate::moments::Missing;
use crate::reliability::{Coefficient, FEWEST_CLUSTERS, ScaleReliability};
use crate::statistic::Reason;

/// The reliability of one scale in one group.
pub struct ReliabilityLine {
    /// The scale, form and group.
    pub of: ScaleLine,
    /// What was found.
    pub found: ScaleReliability,
    /// Who moves alpha most, by the keys of the file; as many as there are in `found`.
    pub influential: Vec<String>,
}

/// A scale, as answered by a group.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct ScaleLine {
    /// Id of the scale.
    pub scale: String,
    /// The form.
    pub form: Option<String>,
    /// The role, if the columns that split hold it.
    pub role: Option<String>,
    /// Column and word of every column that splits.
    pub by: Vec<(String, String)>,
    /// How many rows the group has.
    pub rows: usize,
}

impl ScaleLine {
    /// For machines.
    pub(super) fn json(&self) -> Json {
        let group: serde_json::Map<String, Json> =
            self.by.iter().map(|(column, word)| (column.clone(), json!(word))).collect();
        json!({
            "scale": self.scale,
            "form": self.form,
            "role": self.role,
            "group": if group.is_empty() { Json::Null } else { Json::Object(group) },
            "rows": self.rows,
        })
    }

    /// The words of the columns that split.
    pub(super) fn group(&self) -> String {
        self.by.iter().map(|(_, word)| word.as_str()).collect::<Vec<_>>().join(", ")
    }

    /// In words, for a heading or a note: `task (caregiver)`.
    pub(super) fn words(&self) -> String {
        let form = self.form.clone().filter(|_| self.role.is_none());
        let of: Vec<String> = form.into_iter().chain(self.by.iter().map(|(_, word)| word.clone())).collect();
        if of.is_empty() { self.scale.clone() } else { format!("{} ({})", self.scale, of.join(", ")) }
    }

    /// Its cells: scale, form, group.
    pub(super) fn cells(&self) -> Vec<Value> {
        let form = self.form.as_ref().map_or(Value::Empty, Value::text);
        let group = if self.by.is_empty() { Value::Empty } else { Value::text(self.group()) };
        vec![Value::text(&self.scale), form, group]
    }

    /// The columns of these cells; `hidden` where a heading says it.
    pub(super) fn columns(lines: &[&ScaleLine], hidden: bool) -> Vec<Column> {
        let by = lines.first().map_or(&[][..], |line| &line.by);
        let head = by.iter().map(|(column, _)| column.as_str()).collect::<Vec<_>>().join(", ");
        let mut columns =
            vec![Column::new("scale", "Scale"), Column::new("form", "Form"), Column::new("group", head)];
        columns.iter_mut().for_each(|column| column.shown = !hidden);
        columns
    }
}

/// Which coefficients a page shows. Data formats hold all.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Shown {
    /// One line a scale.
    Brief,
    /// All of them.
    All,
    /// These.
    These(Vec<Coefficient>),
}

/// Builds the report of `reliability`.
pub fn reliability(scales: &Scales, lines: &[ReliabilityLine], shown: &Shown, settings: Json) -> Report {
    let study = &scales.study;
    let mut notes = row_notes(scales);
    if let Some(clusters) = scales.clusters() {
        notes.push(cluster_note(&clusters.by, lines));
    }
    notes.extend(line_notes(lines, shown, Unit::of(scales)));
    let mut settings = settings;
    settings["selection"] = selection_settings(&scales.selection);
    settings["clusters"] = json!(scales.clusters().map(|clusters| clusters.by));
    let title = format!("Reliability of {}", study.instrument().unwrap_or("scores"));
    study.report("reliability", title, settings, results(lines), sections(lines, shown), notes)
}

/// Where limits come from when rows are not independent.
fn cluster_note(by: &str, lines: &[ReliabilityLine]) -> Note {
    let of = |line: &ReliabilityLine| -> Option<String> {
        let alpha = line.found.coefficients.get(&Coefficient::Alpha)?;
        let why = match &line.found.bootstrap {
            Some(found) => plural(found.clusters? as u64, "cluster", "clusters"),
            None => format!("no limits, {}", alpha.estimate.reason?.words()),
        };
        Some(why)
    };
    let said: Vec<String> = lines.iter().filter_map(of).collect();
    let said = match &said[..] {
        [first, rest @ ..] if rest.iter().all(|other| other == first) => first.clone(),
        _ => {
            let each = lines.iter().zip(&said).map(|(line, why)| format!("{}: {why}", line.of.words()));
            each.collect::<Vec<_>>().join("; ")
        }
    };
    let draws = lines.iter().find_map(|line| line.found.bootstrap.as_ref());
    let how =
        draws.map_or_else(String::new, |of| format!(", {} draws, seed {}", count(of.draws as u64), of.seed));
    let text = format!(
        "rows of one {by} are not independent: limits come from drawing whole clusters{how}, {FEWEST_CLUSTERS} clusters at \
         least ({said}); the test of equal loadings and the limits of item–rest correlations take no notice of it"
    );
    Note::new("clusters", text)
}

/// For machines: every coefficient of every scale.
pub(super) fn results(lines: &[ReliabilityLine]) -> Json {
    let scale = |line: &ReliabilityLine| {
        let mut scale = line.of.json();
        // What is found is an object; both have text keys.
        if let (Json::Object(scale), Ok(Json::Object(found))) =
            (&mut scale, serde_json::to_value(&line.found))
        {
            scale.extend(found);
        }
        scale["items"] = Json::Array(line.found.items.iter().map(item_json).collect());
        if let Some(Json::Array(persons)) = scale.get_mut("influential") {
            persons
                .iter_mut()
                .zip(&line.influential)
                .for_each(|(person, keys)| person["person"] = json!(keys));
        }
        scale
    };
    json!({ "scales": lines.iter().map(scale).collect::<Vec<_>>() })
}

/// The pages.
pub(super) fn sections(lines: &[ReliabilityLine], shown: &Shown) -> Vec<Section> {
    let mut sections = vec![Section { id: "scales", title: None, blocks: vec![Block::Table(brief(lines))] }];
    let wanted: Vec<Coefficient> = match shown {
        Shown::Brief => return sections,
        Shown::All => Coefficient::all().collect(),
        Shown::These(these) => these.clone(),
    };
    let blocks = lines.iter().map(|line| Block::Table(detail(line, &wanted))).collect();
    sections.push(Section { id: "coefficients", title: Some("Coefficients".to_owned()), blocks });
    if *shown == Shown::All {
        let mut add = |id, title: &str, table: Table| {
            if !table.rows.is_empty() {
                sections.push(Section {
                    id,
                    title: Some(title.to_owned()),
                    blocks: vec![Block::Table(table)],
                });
            }
        };
        add("equal_loadings", "Is alpha's assumption tenable?", tenable(lines));
        add("omega_groups", "Groups behind omega hierarchical", groups(lines));
        add("influential", "Who moves alpha most (to be looked at, not removed)", influential(lines));
    }
    sections
}

impl ReliabilityLine {
    /// A coefficient as pages show it; none where it rests on a solution that could be none, which data formats keep.
    pub(super) fn shown(&self, coefficient: Coefficient) -> Option<f64> {
        let found = &self.found.coefficients.get(&coefficient)?.estimate;
        found.estimate.filter(|_| !found.reason.is_some_and(is_no_solution))
    }
}

/// Whether the search for a factor found nothing that could be one.
fn is_no_solution(reason: Reason) -> bool {
    matches!(reason, Reason::Inadmissible | Reason::NotConverged)
}

/// Above this share at the floor or ceiling, limits that suppose normal answers are too narrow (Terwee et al., 2007).
const CROWDED: f64 = 0.15;
/// Below this many persons the greatest lower bound is clearly biased upwards.
const FEW_FOR_GLB: usize = 1000;

/// The best and the worst of something, and what a weak factor structure is blurred in: their bootstrap limits do not hold.
const ELSEWHERE: [Coefficient; 13] = [
    Coefficient::Glb,
    Coefficient::GlbFa,
    Coefficient::Lambda4,
    Coefficient::Lambda4Standardized,
    Coefficient::SplitHalfMin,
    Coefficient::SplitHalfMax,
    Coefficient::SplitHalfMinStandardized,
    Coefficient::SplitHalfMaxStandardized,
    Coefficient::MinR,
    Coefficient::MaxR,
    Coefficient::OmegaHierarchical,
    Coefficient::OmegaLimit,
    Coefficient::ExplainedCommonVariance,
];

/// What is counted: persons may have several rows each.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Unit {
    Persons,
    Rows,
}

impl Unit {
    pub(super) fn of(scales: &Scales) -> Unit {
        if scales.selection.takes_all() { Unit::Rows } else { Unit::Persons }
    }

    fn many(self) -> &'static str {
        match self {
            Unit::Persons => "persons",
            Unit::Rows => "rows",
        }
    }

    fn one(self) -> &'static str {
        match self {
            Unit::Persons => "person",
            Unit::Rows => "row",
        }
    }
}

/// What there is to say about the lines.
pub(super) fn line_notes(lines: &[ReliabilityLine], shown: &Shown, unit: Unit) -> Vec<Note> {
    let mut notes = Vec::new();
    let mut say = |code: &'static str, said: Vec<String>, after: &str| {
        if !said.is_empty() {
            notes.push(Note::new(code, format!("{}{after}", said.join("; "))));
        }
    };
    let each = |holds: &dyn Fn(&ScaleReliability) -> Option<String>| -> Vec<String> {
        lines
            .iter()
            .filter_map(|line| Some(format!("{}: {}", line.of.words(), holds(&line.found)?)))
            .collect()
    };
    let left_out = |found: &ScaleReliability| {
        let left_out = || plural(found.dropped as u64, unit.one(), unit.many());
        (found.dropped > 0).then(|| format!("{} left out", left_out()))
    };
    let after = match lines.first().map(|line| line.found.missing) {
        Some(Missing::Listwise) | None => {
            ", with a gap in an item of the scale (other ways: --missing pairwise, em)"
        }
        Some(Missing::Pairwise | Missing::Em) => ", without any answer",
    };
    say("left_out", each(&left_out), after);
    let pairs = |found: &ScaleReliability| {
        let (fewest, most) = found.pairs?;
        Some(format!("{} to {}", count(fewest as u64), count(most as u64)))
    };
    let after = format!(" {} behind a covariance; limits take the smallest number", unit.many());
    say("pairs", each(&pairs), &after);
    let contradicts = |found: &ScaleReliability| {
        let whole = found.missing == Missing::Pairwise && found.reason.is_none() && !found.positive_definite;
        whole.then(|| "not positive definite".to_owned())
    };
    let after = ": pairwise covariances contradict each other, and coefficients from them may mean nothing";
    say("not_positive_definite", each(&contradicts), after);
    let list = |items: &[String]| (!items.is_empty()).then(|| items.join(", "));
    let after =
        ": runs against the rest of its scale; was it to be reversed, or is it reversed already in the file?";
    say("wrong_way", each(&|found| list(&found.wrong_way)), after);
    let after = ": the same answer from everybody; kept, and lowers alpha";
    say("constant_item", each(&|found| list(&found.constant)), after);
    let negative = |found: &ScaleReliability| {
        let alpha = found.coefficients.get(&Coefficient::Alpha)?.estimate.estimate?;
        (alpha < 0.0).then(|| number(alpha, Kind::Bounded))
    };
    let after = ": alpha is negative, as the items covary negatively on the whole";
    say("negative_alpha", each(&negative), after);
    let crowded = |found: &ScaleReliability| {
        let most = found.score.floor.unwrap_or(0.0).max(found.score.ceiling.unwrap_or(0.0));
        let adf = found.coefficients.get(&Coefficient::Alpha)?.intervals.get("adf")?;
        let (lower, upper) = adf.lower.zip(adf.upper)?;
        let of = Value::Pair([lower, upper], Kind::Bounded).shown();
        let words = || format!("{:.0} %, distribution-free {of}", 100.0 * most);
        (most > CROWDED).then(words)
    };
    let after = ": so many stand at the lowest or highest score that Feldt's limits of alpha, which suppose normal answers, may be too narrow";
    say("floor_or_ceiling", each(&crowded), after);
    let left = |found: &ScaleReliability| {
        let omega = found.coefficients.get(&Coefficient::OmegaTotal)?.estimate;
        let reason = omega.reason.filter(|reason| is_no_solution(*reason))?;
        Some(match omega.estimate {
            Some(value) => format!("{} ({})", reason.words(), number(value, Kind::Bounded)),
            None => reason.words().to_owned(),
        })
    };
    let after = ": one factor does not fit these answers in any sensible way (a variance below nothing, or no end of the \
                 search), mostly for want of persons, so that omega stands in no table of scales";
    say("omega_left_out", each(&left), after);
    let beyond = |found: &ScaleReliability| {
        let omega = found.coefficients.get(&Coefficient::OmegaTotal)?.estimate;
        let upper = omega.upper.filter(|upper| *upper > 1.0)?;
        Some(number(upper, Kind::Bounded))
    };
    let after = ": the upper limit of omega lies beyond 1, as those of the delta method do with few persons or where omega \
                 is near 1 (others: --bootstrap)";
    say("limits_beyond_one", each(&beyond), after);
    let few = |found: &ScaleReliability| {
        (found.reason.is_none() && found.n < found.k)
            .then(|| format!("{} {}, {} items", found.n, unit.many(), found.k))
    };
    say("fewer_persons_than_items", each(&few), ": the covariance matrix has no inverse");
    let wants = |coefficient| match shown {
        Shown::Brief => false,
        Shown::All => true,
        Shown::These(these) => these.contains(&coefficient),
    };
    if wants(Coefficient::Glb) && lines.iter().any(|line| line.found.n < FEW_FOR_GLB) {
        let text = "the greatest lower bound is biased upwards under some thousand persons (Shapiro & ten Berge, 2000)";
        notes.push(Note::new("glb_bias", text));
    }
    let drawn = lines.iter().filter_map(|line| line.found.bootstrap.as_ref()).flat_map(|of| of.limits.keys());
    let drawn: BTreeSet<&Coefficient> = drawn.filter(|of| ELSEWHERE.contains(of)).collect();
    if !drawn.is_empty() {
        let titles: Vec<&str> = drawn.into_iter().map(|of| of.title()).collect();
        let text = format!(
            "{}: samples find them beside their value in the population, and limits by bootstrap hold it far less often than \
             their level says (docs/SIMULATIONS.md)",
            titles.join("; ")
        );
        notes.push(Note::new("bootstrap_of_extremes", text));
    }
    notes
}
