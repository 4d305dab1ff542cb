//! The report of `reliability`.

use serde_json::{Value as Json, json};

use super::format::{Kind, count, plural};
use super::items::item_json;
use super::model::{Block, Column, Note, Report, Section, Table, Value};
use super::study::{Study, selection_notes, selection_settings};
use crate::moments::Missing;
use crate::reliability::{Coefficient, Found, ScaleReliability};
use crate::sample::Selection;

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
pub fn reliability(
    study: &Study,
    selection: &Selection,
    lines: &[ReliabilityLine],
    shown: &Shown,
    settings: Json,
) -> Report {
    let mut notes = selection_notes(selection);
    notes.extend(line_notes(lines, shown));
    let mut settings = settings;
    settings["selection"] = selection_settings(selection);
    let title = format!("Reliability of {}", study.instrument().unwrap_or("scores"));
    study.report("reliability", title, settings, results(lines), sections(lines, shown), notes)
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
        let title = "Who moves alpha most (to be looked at, not removed)".to_owned();
        sections.push(Section {
            id: "influential",
            title: Some(title),
            blocks: vec![Block::Table(influential(lines))],
        });
    }
    sections
}

/// One line a scale.
fn brief(lines: &[ReliabilityLine]) -> Table {
    let of: Vec<&ScaleLine> = lines.iter().map(|line| &line.of).collect();
    let level = lines.first().map_or(0.95, |line| line.found.config.level);
    let mut columns = ScaleLine::columns(&of, false);
    columns.extend([
        Column::new("n", "n"),
        Column::new("k", "k"),
        Column::new("mean", "M"),
        Column::new("sd", "SD"),
        Column::new("alpha", "α"),
        Column::new("alpha_limits", format!("{:.0} % CI", 100.0 * level)),
        Column::new("mean_r", "Mean r"),
        Column::new("floor", "Floor %"),
        Column::new("ceiling", "Ceiling %"),
        Column::new("reason", ""),
    ]);
    let mut table = Table::new("scales", columns);
    for line in lines {
        let found = &line.found;
        let of = |coefficient| found.coefficients[&coefficient].estimate;
        let alpha = of(Coefficient::Alpha);
        let mut row = line.of.cells();
        row.extend([
            Value::count(found.n as u64),
            Value::count(found.k as u64),
            Value::number(found.score.mean, Kind::Score),
            Value::number(found.score.sd, Kind::Score),
            Value::number(alpha.estimate, Kind::Bounded),
            limits(alpha.lower, alpha.upper, Kind::Bounded),
            Value::number(of(Coefficient::MeanR).estimate, Kind::Bounded),
            Value::number(found.score.floor, Kind::Percent),
            Value::number(found.score.ceiling, Kind::Percent),
            match (alpha.estimate, alpha.reason) {
                (None, Some(reason)) => Value::text(reason.words()),
                _ => Value::Empty,
            },
        ]);
        table.rows.push(row);
    }
    table
}

pub(super) fn limits(lower: Option<f64>, upper: Option<f64>, kind: Kind) -> Value {
    match (lower, upper) {
        (Some(lower), Some(upper)) => Value::Pair([lower, upper], kind),
        _ => Value::Empty,
    }
}

/// The kind of number a coefficient is.
fn kind(coefficient: Coefficient) -> Kind {
    match coefficient {
        Coefficient::StandardErrorOfMeasurement
        | Coefficient::MinimalDetectableChange
        | Coefficient::SignalToNoise => Kind::Score,
        _ => Kind::Bounded,
    }
}

/// All coefficients of a scale, a line each.
fn detail(line: &ReliabilityLine, wanted: &[Coefficient]) -> Table {
    let mut columns = ScaleLine::columns(&[&line.of], true);
    columns.extend([
        Column::hidden("coefficient"),
        Column::new("title", "Coefficient"),
        Column::new("estimate", "Estimate"),
        Column::hidden("lower"),
        Column::hidden("upper"),
        Column::new("limits", format!("{:.0} % CI", 100.0 * line.found.config.level)),
        Column::new("se", "SE"),
        Column::new("interval", "Limits by"),
        Column::new("method", "From"),
        Column::new("reason", "Why not"),
    ]);
    let mut table = Table::new("coefficients", columns);
    table.title = Some(format!("{}, n = {}, k = {}", line.of.words(), line.found.n, line.found.k));
    for coefficient in wanted {
        let found = &line.found.coefficients[coefficient];
        table.rows.push(detail_row(line, *coefficient, &found.estimate, found, coefficient.title()));
        for (method, estimate) in &found.intervals {
            let title = format!("Alpha by {}", method.replace('_', " "));
            table.rows.push(detail_row(line, *coefficient, estimate, found, &title));
        }
    }
    table
}

/// The persons without whom alpha would change most.
fn influential(lines: &[ReliabilityLine]) -> Table {
    let of: Vec<&ScaleLine> = lines.iter().map(|line| &line.of).collect();
    let mut columns = ScaleLine::columns(&of, false);
    columns.extend([
        Column::new("person", "Person"),
        Column::new("alpha_without", "α without"),
        Column::new("change", "Change"),
    ]);
    let mut table = Table::new("influential", columns);
    for line in lines {
        for (influence, person) in line.found.influential.iter().zip(&line.influential) {
            let mut row = line.of.cells();
            row.extend([
                Value::text(person),
                Value::Number(influence.alpha_without, Kind::Bounded),
                Value::Number(influence.change, Kind::Bounded),
            ]);
            table.rows.push(row);
        }
    }
    table
}

fn detail_row(
    line: &ReliabilityLine,
    coefficient: Coefficient,
    estimate: &crate::statistic::Estimate,
    found: &Found,
    title: &str,
) -> Vec<Value> {
    let kind = kind(coefficient);
    let text = |text: Option<&str>| text.map_or(Value::Empty, Value::text);
    let mut row = line.of.cells();
    row.extend([
        Value::text(coefficient.id()),
        Value::text(title),
        Value::number(estimate.estimate, kind),
        Value::number(estimate.lower, kind),
        Value::number(estimate.upper, kind),
        limits(estimate.lower, estimate.upper, kind),
        Value::number(estimate.se, Kind::Score),
        text(estimate.interval),
        Value::text(found.method),
        text(estimate.reason.map(|reason| reason.words())),
    ]);
    row
}

/// Above this share at the floor or ceiling, limits that suppose normal answers are too narrow (Terwee et al., 2007).
const CROWDED: f64 = 0.15;
/// Below this many persons the greatest lower bound is clearly biased upwards.
const FEW_FOR_GLB: usize = 1000;

/// What there is to say about the lines.
pub(super) fn line_notes(lines: &[ReliabilityLine], shown: &Shown) -> Vec<Note> {
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
        let persons = || plural(found.dropped as u64, "person", "persons");
        (found.dropped > 0).then(|| format!("{} left out", persons()))
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
    say("pairs", each(&pairs), " persons behind a covariance; limits take the smallest number");
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
        (alpha < 0.0).then(|| format!("{alpha:.2}"))
    };
    let after = ": alpha is negative, as the items covary negatively on the whole";
    say("negative_alpha", each(&negative), after);
    let crowded = |found: &ScaleReliability| {
        let most = found.score.floor.unwrap_or(0.0).max(found.score.ceiling.unwrap_or(0.0));
        let adf = found.coefficients.get(&Coefficient::Alpha)?.intervals.get("adf")?;
        let (lower, upper) = adf.lower.zip(adf.upper)?;
        let words = || format!("{:.0} %, distribution-free {lower:.2} to {upper:.2}", 100.0 * most);
        (most > CROWDED).then(words)
    };
    let after = ": so many stand at the lowest or highest score that Feldt's limits of alpha, which suppose normal answers, may be too narrow";
    say("floor_or_ceiling", each(&crowded), after);
    let few = |found: &ScaleReliability| {
        (found.reason.is_none() && found.n < found.k)
            .then(|| format!("{} persons, {} items", found.n, found.k))
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
    notes
}
